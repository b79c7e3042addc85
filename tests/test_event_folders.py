"""Folders of many events come with a list of all, those that have none too, and a collection over the others."""

import csv
import io
from datetime import date

import pystac

from app.detection.marking import marked
from app.export import event_folder, event_folders
from app.inventory import Event
from tests.small import patch

METHOD = "band-difference:B04:0.1"


def test_the_list_says_of_each_event_what_came_of_it_and_pystac_walks_the_folders(tmp_path):
    brighter = patch(size=4, simulated=True, B04=(0.1, 0.4)).assign_attrs(event_id="7")
    event = Event("7", 0, date(2023, 1, 1), 37.5, 36.5)
    view = event_folder.View(verdict="confirmed")
    one = event_folders.write(brighter, [marked(brighter, METHOD)], tmp_path, "SIMULATED_event7", view, event)
    event_folders.finish(tmp_path, "scarp", [one], [event_folders.NotTaken("8", "=cmd()")])
    done, failed = csv.DictReader(io.StringIO((tmp_path / event_folders.LIST).read_text("utf-8-sig")))
    assert (done["event"], done["outcome"], done["folder"]) == ("7", "done", "SIMULATED_event7")
    assert (done["latitude"], done["longitude"], done["simulated"], done["verdict"]) == (
        "37.5", "36.5", "true", "confirmed",
    )  # fmt: skip
    assert float(done[f"{METHOD} m²"]) > 1000  # all 16 pixels of some 10 by 8 m
    assert (failed["event"], failed["outcome"], failed["reason"], failed["folder"]) == ("8", "failed", "'=cmd()", "")
    (item,) = pystac.Collection.from_file(str(tmp_path / "collection.json")).get_items()
    assert item.id == "SIMULATED_event7"
