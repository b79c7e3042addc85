"""A batch begun in a process of its own and followed by its folder, and what the Inventory page shows of it."""

import time
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import config
from app.batch import catalogue, following, lease, plan, running, started
from app.batch.outputs import Outputs
from app.batch.running import Here
from app.detection import methods
from app.detection.network import registry
from app.errors import BatchError
from app.inventory import builtin
from app.inventory.browse import Listing
from app.ui import choices, keys
from app.ui.inventory import batch_results, batches
from app.ui.map import marks_of
from tests.conftest import ROOT
from tests.test_pages import assert_sound, visit, words
from tests.tiny_networks import difference, put

METHOD = "band-difference:B04:0.05"


def few(count: int):
    return replace(builtin(), events=builtin().events[:count])


def ended(place: Outputs, seconds: float = 240.0) -> following.Standing:
    """Wait until a batch is over and return how it stands."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if place.get(running.SUMMARY) and not lease.running(place):
            return following.look(place)
        time.sleep(0.2)
    raise AssertionError(following.look(place).log)


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Path:
    """The folder of a batch of two events that is over."""
    folder = tmp_path_factory.mktemp("done") / "batch"
    asked = plan.planned("demo", [METHOD])
    running.run(list(plan.tasks(builtin().events[:2], asked)), asked, Outputs(str(folder)), Here(), name="list")
    return folder


def test_a_batch_runs_in_a_process_of_its_own_and_is_followed_by_its_folder(tmp_path):
    started.start(few(2), "demo", [METHOD], tmp_path / "out")
    standing = ended(Outputs(str(tmp_path / "out")))
    assert dict(standing.counts) == {"done": 2} and standing.share == 1.0
    assert {row.event for row in standing.rows} == {"0", "1"}
    assert standing.about["source"] == "demo" and not standing.running


def test_tables_let_go_of_by_anothers_look_meanwhile_are_read_again(done, monkeypatch):
    class Forgotten(OrderedDict):
        def __contains__(self, key):
            known = super().__contains__(key)
            self.pop(key, None)  # as the look of another reader does, once there are too many
            return known

    monkeypatch.setattr(following, "_read", Forgotten())
    for _ in range(2):
        assert len(following.look(Outputs(str(done))).rows) == 2


def test_a_network_of_the_readers_own_goes_along_with_the_batch(tmp_path):
    (tmp_path / "mine").mkdir()
    put(tmp_path / "mine", difference(), "red-rise")
    registry.belong_to(tmp_path / "mine")
    try:
        started.start(few(1), "demo", ["onnx:red-rise:0.3"], tmp_path / "out")
    finally:
        registry.belong_to(None)
    (row,) = ended(Outputs(str(tmp_path / "out"))).rows
    (one,) = row.methods
    assert one.method == f"onnx:{tmp_path / 'out' / started.NETWORKS / 'red-rise.onnx'}:0.3" and not one.fallback
    assert one.ran == one.method and one.threshold == 0.3 and one.stem.startswith("onnx_red-rise_0_3-")
    assert following.mask(Outputs(str(tmp_path / "out")), row, one) is not None


def test_of_a_network_named_by_its_path_a_table_shows_the_name_alone():
    shorter = {
        "onnx:/far/away/mine.onnx:0.3": "onnx:mine:0.3",
        "onnx:C:\\nets\\mine.onnx": "onnx:mine", "onnx:bit": "onnx:bit",
        METHOD: METHOD,
    }  # fmt: skip
    assert {name: methods.parse(name).short for name in shorter} == shorter


def test_a_batch_that_is_asked_to_stop_ends_and_is_gone_on_with(tmp_path):
    place = Outputs(str(tmp_path / "out"))
    started.start(few(10), "demo", [METHOD], tmp_path / "out")
    while not lease.running(place):
        time.sleep(0.1)
    lease.ask_to_stop(place)
    standing = ended(place)
    assert standing.summary["stopped"] and sum(standing.counts.values()) < 10
    assert running.about(place)["events"] == 10


def test_two_are_not_begun_in_one_folder(tmp_path):
    place = Outputs(str(tmp_path / "out"))
    with lease.taken(place, dict), pytest.raises(BatchError, match="is running in"):
        started.start(few(1), "demo", [METHOD], tmp_path / "out")


def test_a_folder_without_a_batch_says_so(tmp_path):
    with pytest.raises(BatchError, match="holds no batch"):
        following.look(Outputs(str(tmp_path)))


def test_of_a_batch_that_died_no_earlier_summary_is_told(tmp_path):
    place = Outputs(str(tmp_path))
    place.put(running.ABOUT, b'{"events": 2, "begun": "2026-11-30T08:00:00+00:00"}')
    place.put(running.SUMMARY, b'{"stopped": true, "ended": "2026-11-30T08:00:00+00:00"}')
    assert following.look(place).summary["stopped"]
    place.put(running.SUMMARY, b'{"stopped": true, "ended": "2026-11-30T07:59:59+00:00"}')
    assert following.look(place).summary == {}


def test_what_is_stored_of_an_event_is_shown(done):
    place = Outputs(str(done))
    row = following.look(place).rows[0]
    assert following.thumbnail(place, row)[:2] == b"\xff\xd8"
    picture = following.mask(place, row, row.methods[0])
    red = (picture == (214, 69, 38)).all(axis=2).sum()
    assert red == row.methods[0].changed


def test_the_folder_becomes_a_collection_whose_items_name_the_files_of_their_events(done):
    import pystac

    count = catalogue.write(Outputs(str(done)))
    made = pystac.Collection.from_file(str(done / "collection.json"))
    made.validate()
    items = list(made.get_items())
    assert len(items) == count == len(list((done / "events").iterdir()))
    for item in items:
        item.validate()
        held = Path(item.get_self_href()).parent
        assert {one.href.removeprefix("./") for one in item.assets.values()} == {
            path.name for path in held.iterdir()
        } - {"item.json", "result.json"}
        assert item.bbox and item.properties["scarp:simulated"] == "true"


def test_a_mask_that_is_damaged_is_said(done, tmp_path):
    place = Outputs(str(tmp_path))
    row = following.look(Outputs(str(done))).rows[0]
    place.put(f"events/{row.folder}/mask_{row.methods[0].stem}.tif", b"II*\0 and no more")
    with pytest.raises(BatchError, match="cannot be read"):
        following.mask(place, row, row.methods[0])


@pytest.mark.parametrize(
    ("summary", "log", "said"),
    [
        ({"stopped": True}, "Stopped with 3 events left; call it again to go on.", "It was stopped."),
        ({}, "begun\nIt is out of memory.", "Nobody works on it any more. It is out of memory."),
        ({}, "", "Nobody works on it any more."),
    ],
)
def test_why_a_batch_ended_early_is_said_once(summary, log, said):
    assert batches._why(following.Standing({}, {}, (), summary, log)) == said


def test_reasons_are_told_in_full_the_commonest_first(done):
    (row, *_) = following.look(Outputs(str(done))).rows
    reasons = [*"abcdef", "b", "", "g"]
    assert batch_results._reasons([replace(row, reason=one) for one in reasons]) == [
        "2 events: b", "1 event: a", "1 event: c", "1 event: d", "1 event: e",
        "2 events for other reasons, in the table.",
    ]  # fmt: skip


# --- on the page ----------------------------------------------------------------------------


@pytest.fixture
def app() -> AppTest:
    return visit(AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run(), "inventory")


def test_the_page_follows_a_batch_by_its_folder_and_leads_to_the_event(app, done):
    app.text_input(key="batch.path").input(str(done)).run()
    assert_sound(app)
    assert "SIMULATED scenes are among the events" in words(app)
    assert any("pooled F1" in one.value for one in app.caption)
    app.session_state[choices.FIND] = "nothing of it"  # an event that is filtered out can be opened too
    app.session_state[keys.BATCH_EVENT] = "1"
    app.run()
    assert "Event 1" in words(app) and any("objects" in one.value for one in app.caption)
    app.session_state[keys.FOUND_PART] = "ran"  # what is said of the mask stands there
    app.button(key="batch.open").click().run()
    (stored,) = app.session_state[choices.METHODS]
    assert app.session_state[choices.EVENT] == "1" and stored == "file:batch band-difference_B04_0_05"
    assert_sound(app)
    said = words(app).replace("\\", "")
    assert f"written by Scarp {config.version()}: {METHOD} at the threshold 0.05, T1 2017-02-03" in said
    (row,) = (row for row in following.look(Outputs(str(done))).rows if row.event == "1")
    assert f"{row.methods[0].changed:,} pixels" in said and "Decided by whoever made it" in said


def test_the_inventory_reads_a_followed_batch_once_and_tells_its_events_apart(app, done, monkeypatch):
    looked, look = [], following.look
    monkeypatch.setattr(following, "look", lambda place: looked.append(place) or look(place))
    app.text_input(key="batch.path").input(str(done)).run()
    assert_sound(app)
    assert len(looked) == 1
    (table,) = (one.value for one in app.dataframe if "warnings" in one.value and "latitude" in one.value)
    assert list(table["batch"][:3]) == ["done", "done", ""]
    listing = Listing(builtin())
    assert marks_of(listing, {"0": "done", "1": "failed", "2": "confirmed"}) == {
        "done": [0], "failed": [1], "usable": [2],
    }  # fmt: skip


def test_the_page_begins_a_batch_for_the_events_shown(app, tmp_path, monkeypatch):
    app.session_state[choices.FIND] = "2022"
    app.run()
    (folder,) = [one for one in app.text_input if one.label == "Folder"]
    folder.input(str(tmp_path / "out")).run()
    app.multiselect(key="batch.methods").set_value([METHOD]).run()
    app.button(key="batch.start").click().run()
    assert_sound(app)
    standing = ended(Outputs(str(tmp_path / "out")))
    assert standing.counts["done"] == standing.total == len(app.session_state[keys.SHOWN][2])


@pytest.mark.parametrize("path", ["/nowhere/at/all", "\0", "~nobody-here/x"])
def test_a_folder_that_is_none_is_said_and_the_page_stays(app, path):
    app.text_input(key="batch.path").input(path).run()
    assert not app.exception and app.error
    assert app.get("plotly_chart")


def test_who_is_not_at_this_machine_begins_and_follows_nothing(monkeypatch):
    monkeypatch.setenv("SCARP_PATHS", "off")
    config.settings.cache_clear()
    try:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
        app.session_state[keys.BATCH] = "/etc"
        visit(app, "inventory")
        assert_sound(app)
        assert "Batches are begun and followed on the machine Scarp runs on" in words(app)
        assert not [one for one in app.button if one.key == "batch.start"]
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()
