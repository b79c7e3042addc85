"""Files of the events shown on Inventory: made one after the other, bounded, stopped, and in one zip."""

import csv
import io
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

from app.inventory import builtin
from app.sources import spec_for
from app.ui import choices, keys
from app.ui.inventory import exporting
from app.ui.inventory.exporting import Taking
from tests.test_pages import ENTRY, assert_sound, visit, words

PLAIN = {choices.METHODS: ["band-difference:B04:0.05"], choices.BANDS: ["B02", "B03", "B04"], choices.BUFFER: 0.002}


@pytest.fixture
def app() -> AppTest:
    return visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "inventory", **PLAIN, **{choices.FIND: "Tukey"})


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def test_the_events_shown_come_as_folders_with_a_list_and_a_collection(app):
    assert r"as Patches is set, and what band-difference\:B04\:0.05 finds" in words(app)
    press(app, "taken.make")
    assert_sound(app)
    taking = app.session_state[keys.TAKING]
    assert not taking.left and not taking.failed
    with zipfile.ZipFile(io.BytesIO(exporting._zipped(taking))) as archive:
        names, page = archive.namelist(), archive.read("SIMULATED_report.html").decode()
        rows = list(csv.DictReader(io.StringIO(archive.read("events.csv").decode("utf-8-sig"))))
    assert {"collection.json", "SIMULATED_event171/SIMULATED_event171.json"} <= set(names)
    assert [row["event"] for row in rows] == ["169", "170", "171"]
    assert page.count('<section class="event"') == 3 and "Event 170" in page


def test_what_is_marked_is_opened_as_detect_is_set(app):
    app.session_state[choices.OPENING] = 2
    press(app.run(), "taken.make")
    taking = app.session_state[keys.TAKING]
    assert not taking.failed
    for one in taking.told:
        assert ("Opened by", "2 pixels") in one.found[0].facts


def test_a_stop_keeps_what_is_done_and_leaves_the_rest_to_be_gone_on_with(app):
    press(app, "taken.make")
    whole = app.session_state[keys.TAKING]
    event = builtin().event("171")
    taking = Taking(whole.asked, [(event, None)], 2, running=False)
    taking.done.append(whole.done[0])
    taking.told.append(whole.told[0])
    app.session_state[keys.TAKING] = taking
    app.run()
    assert "Stopped: 1 of 2 events are left." in words(app)
    assert app.button(key="taken.go_on").label == "Go on"
    assert [one.proto.label for one in app.get("download_button") if "(zip)" in one.proto.label] == [
        "Take 1 event (zip)"
    ]


def test_a_pair_that_would_have_to_be_fetched_is_told_where_only_the_cache_is_asked(app):
    event = builtin().event("171")
    taking = Taking((True, (), (), 0.0, 0.0, 0), [], 1)
    exporting._one(taking, event, spec_for(event, "stac"))
    app.session_state[keys.TAKING] = taking
    app.run()
    assert "event 171: Its pair is not in the cache" in words(app) and "choices changed" in words(app)
    with zipfile.ZipFile(io.BytesIO(exporting._zipped(taking))) as archive:
        assert b"171,failed,Its pair is not in the cache" in archive.read("events.csv")


def test_no_more_is_made_at_once_than_a_session_may_hold(app):
    app.session_state[choices.BUFFER] = 0.1
    app.run()
    assert "more than 300 MB at once" in words(app) and app.button(key="taken.make").disabled
    app.session_state[choices.RESOLUTION] = 0.00001
    app.run()
    assert "Left out, 3 events" in words(app) and "at most 10240 a side" in words(app)
    assert app.button(key="taken.make").disabled


def test_a_source_with_a_place_of_its_own_leads_to_detect(app):
    app.session_state[choices.SOURCE] = "sample"
    app.run()
    assert "has a place of its own" in words(app) and not [one for one in app.button if one.key == "taken.make"]
