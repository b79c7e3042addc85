"""The Review page: nothing is chosen beforehand, and a verdict is kept on what is shown, or not at all."""

import json
import re
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import config, review
from app.errors import ReviewError
from app.inventory import Event, Inventory, builtin
from app.review import corrected, verdicts
from app.ui import choices, keys
from app.ui.review import reviewing
from tests.full_disk import files_up_to
from tests.many_reviewers import verdict
from tests.test_pages import ENTRY, assert_sound, visit, words

KEPT = "Kept: "


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """A review database of the test's own."""
    path = tmp_path / "review.sqlite"
    monkeypatch.setenv("SCARP_DATABASE", f"sqlite:///{path}")
    config.settings.cache_clear()
    yield path
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def app() -> AppTest:
    return visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **{choices.EVENT: "171"})


def stored() -> tuple[review.Verdict, ...]:
    return reviewing.reviews().all()


def fill(app: AppTest, name: str = "", note: str = "") -> AppTest:
    if name:
        app.text_input(key=keys.REVIEWER).input(name)
    if note:
        note_box(app).input(note)
    return app


def press(app: AppTest, label: str) -> AppTest:
    (button,) = (one for one in app.button if one.label == label)
    return button.click().run()


def note_box(app: AppTest):
    (box,) = (one for one in app.text_input if one.label == "Why (optional)")
    return box


def sureness(app: AppTest):
    (one,) = (one for one in app.get("button_group") if one.label == "How sure? (optional)")
    return one


def kept(app: AppTest) -> bool:
    return any(one.value.startswith(KEPT) for one in app.success)


def shown(app: AppTest) -> str:
    return app.session_state[choices.EVENT]


def test_nothing_is_chosen_beforehand_and_every_verdict_has_a_key_of_its_own(app):
    assert_sound(app)
    assert note_box(app).value == "" and not sureness(app).value
    told = {one.label: one.proto.shortcut for one in app.button if one.proto.shortcut}
    assert {told[title] for title in review.VERDICTS.values()} == set("12345678")
    assert len(set(told.values())) == len(told)  # with those of the frame
    app.run()
    assert stored() == ()


def test_a_press_keeps_a_verdict_with_all_that_was_on_the_screen_and_the_next_event_is_there(app):
    assert "Kept as: event **171** of **The built-in list** · " in words(app)
    assert "0 of 10 events judged, 10 left" in progress(app)
    sureness(app).set_value("high")
    press(fill(app, "A. Expert", "a new road"), "Other change")
    assert_sound(app)
    assert kept(app) and shown(app) != "171"
    assert "1 of 10 events judged, 9 left" in progress(app) and "0 verdicts on this event, 1 entry in all" in words(app)
    event, (one,) = builtin().event("171"), stored()
    assert (one.verdict, one.reviewer, one.note, one.simulated) == ("other-change", "A. Expert", "a new road", True)
    assert (one.latitude, one.longitude, one.event_date) == (event.latitude, event.longitude, str(event.date))
    assert (one.t1, one.t2, one.source) == ("2022-09-17", "2023-02-24", "demo")
    assert (one.inventory, one.inventory_id) == ("The built-in list", builtin().identity)
    assert (one.kind, one.confidence, one.composition) == ("event", "high", "true-colour")
    assert one.stretch and one.link.startswith("?event=171") and one.seconds > 0


def test_what_was_judged_can_be_taken_away_before_an_event_is_chosen():
    app = visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **{choices.TELL: "files"})
    assert_sound(app)
    assert "No event is chosen yet" in words(app) and "no verdict to take away yet" in words(app)
    reviewing.reviews().add(verdict(verdict="confirmed"))
    app.run()
    assert_sound(app)
    assert {"List (CSV)", "CSV", "GeoPackage"} <= {one.proto.label for one in app.get("download_button")}
    app.button(key="first.event").click().run()
    assert_sound(app)
    assert app.session_state[choices.EVENT] == builtin().events[0].id and "No event is chosen" not in words(app)


def progress(app: AppTest) -> str:
    (bar,) = app.get("progress")
    return bar.proto.text


def test_the_queue_runs_through_all_events_and_says_when_it_is_through(app, monkeypatch):
    monkeypatch.setattr(verdicts, "_DOUBLE", timedelta(hours=1))  # however long this machine takes for a page
    fill(app, "A. Expert")
    met = []
    for _ in range(10):
        met.append(shown(app))
        press(app, "Confirmed")
        assert_sound(app)
    assert sorted(met) == sorted(one.id for one in builtin().events)
    assert (
        shown(app) == met[-1] and "all are judged" in words(app) and "10 of 10 events judged, 0 left" in progress(app)
    )
    assert note_box(app).value == ""
    press(app, "Confirmed")  # the second half of a double click: the last event is shown still
    assert_sound(app)
    assert len(stored()) == 10 and kept(app)
    press(app, "Rejected")
    assert len(stored()) == 11


def test_an_event_that_is_skipped_comes_back_at_the_end(app):
    fill(app, "A. Expert")
    press(app, "Skip")
    assert shown(app) != "171" and stored() == ()
    for _ in range(9):
        assert shown(app) != "171"
        press(app, "Rejected")
    assert shown(app) == "171"


def test_what_was_judged_before_a_reload_is_passed_over_and_can_be_taken_back(app):
    press(fill(app, "A. Expert"), "Cloud")
    second = shown(app)
    again = visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **{choices.EVENT: "171"})
    press(fill(again, "A. Expert"), "Skip")
    assert shown(again) == second
    press(again, "Undo")
    assert_sound(again)
    assert shown(again) == "171" and "Taken back: Cloud, event **171**." in words(again)
    assert "0 of 10 events judged" in progress(again) and len(stored()) == 2
    assert list(review.standing(stored())) == []
    assert "0 verdicts on this event and 1 taken back, 2 entries in all" in words(again)
    press(again, "Undo")
    assert any("no verdict of yours" in one.value for one in again.warning) and len(stored()) == 2


def test_a_random_order_is_in_the_link_and_the_same_for_a_seed(app):
    fill(app, "A. Expert")
    followed = []
    for seed in (5, 5, 6):
        visit(app, "review", **{choices.EVENT: "171", choices.QUEUE: "random", choices.SEED: seed, keys.SKIPPED: []})
        assert app.query_params["seed"] in (str(seed), [str(seed)])
        followed.append([shown(press(app, "Skip")) for _ in range(4)])
    assert followed[0] == followed[1] != followed[2]


@pytest.mark.parametrize("name", ["", "   "])
def test_a_press_without_a_name_says_what_is_missing_and_loses_nothing(app, name):
    press(fill(app, name, "typed"), "Uncertain")
    assert not app.exception and not kept(app) and stored() == () and shown(app) == "171"
    (error,) = app.error
    assert "Give your name or initials" in error.value and note_box(app).value == "typed"
    press(fill(app, "Bo"), "Confirmed")
    assert kept(app) and [(one.verdict, one.note) for one in stored()] == [("confirmed", "typed")]


def other(name: str, **changes) -> Inventory:
    """The built-in list under another name, event 171 changed."""
    events = tuple(replace(one, **changes) if one.id == "171" else one for one in builtin().events)
    return replace(builtin(), name=name, events=events)


@pytest.mark.parametrize(
    "changes",
    [
        {keys.INVENTORY: other("another.csv")},
        {keys.INVENTORY: other("another.csv", latitude=10.0)},
        {choices.EVENT: "2"},
        {choices.T1: date(2022, 9, 1)},
        {choices.SOURCE: "sample"},
    ],
    ids=["inventory", "place", "event", "dates", "source"],
)
def test_a_press_under_something_else_than_is_shown_now_keeps_nothing(app, changes):
    fill(app, "A. Expert", "clear track").run()
    for name, value in changes.items():  # as by another press that came first, or a server that forgot
        app.session_state[name] = value
    press(app, "Confirmed")
    assert not app.exception and not kept(app) and stored() == ()
    assert any("Nothing was kept" in one.value for one in app.warning)


@pytest.mark.parametrize("cut_off", [False, True])
def test_a_key_pressed_between_two_events_is_told_and_what_was_kept_before_it_still_stands_there(app, cut_off):
    press(fill(app, "A. Expert"), "Confirmed")
    assert kept(app) and not app.warning
    app.session_state[choices.EVENT] = "2"  # the next one is there for the server, and not yet on the screen
    if cut_off:  # the run that says what was kept
        app.session_state[reviewing._SAID] = app.session_state[reviewing._TOLD]
    press(app, "Rejected")
    assert kept(app) and [one.verdict for one in stored()] == ["confirmed"]
    assert any("Nothing was kept" in one.value and "Rejected" in one.value for one in app.warning)
    app.session_state[choices.EVENT] = "3"
    press(app, "Skip")
    assert shown(app) == "3" and any("Nothing was kept" in one.value and "Skip" in one.value for one in app.warning)


def test_the_second_half_of_a_double_click_is_told_softly(app):
    press(fill(app, "A. Expert"), "Confirmed")
    app.session_state[choices.EVENT] = "2"
    press(app, "Confirmed")
    assert len(stored()) == 1 and not app.warning and "pressed once more before this was shown" in words(app)


@pytest.mark.parametrize(
    "changes", [{keys.INVENTORY: other("another.csv")}, {choices.T1: date(2022, 9, 1)}], ids=["inventory", "dates"]
)
def test_a_press_under_another_name_or_pair_of_the_same_event_is_told_and_loses_nothing_typed(app, changes):
    fill(app, "A. Expert", "clear track")
    for name, value in changes.items():
        app.session_state[name] = value
    press(app, "Confirmed")
    assert any("Nothing was kept" in one.value for one in app.warning)
    assert note_box(app).value == "clear track"
    app.run()
    assert not any("Nothing was kept" in one.value for one in app.warning)
    press(app, "Confirmed")
    assert kept(app) and [one.note for one in stored()] == ["clear track"]


def test_an_event_from_a_links_place_is_shown_and_kept_with_its_place_and_as_of_no_inventory_here():
    app = AppTest.from_file(ENTRY, default_timeout=60)
    link = {
        choices.EVENT: "x7", choices.PLACE: "46.5,11.3,2021-07-01", choices.T1: "2021-06-01", choices.T2: "2021-08-01",
    }  # fmt: skip
    app.query_params.update(link)
    visit(app.run(), "review")
    assert "event **x7** of **The link**, whose inventory is not here · 46.50000, 11.30000 · 2021-07-01" in words(app)
    press(fill(app, "A. Expert"), "Uncertain")
    (one,) = stored()
    assert (one.inventory, one.event, one.event_date) == ("The link", "x7", "2021-07-01")
    assert (one.latitude, one.longitude) == (46.5, 11.3)
    held = Inventory("mine.csv", (Event("x7", 0, date(2021, 7, 1), 46.5, 11.3),), (), {}, ())
    visit(app, "review", **{keys.INVENTORY: held})
    assert "1 verdict on this event" in words(app)


def test_the_samples_verdicts_are_under_the_sample_and_its_place(app):
    visit(app, "review", **{choices.SOURCE: "sample"})
    assert_sound(app)
    press(fill(app, "A. Expert"), "Other change")
    assert kept(app) and "1 verdict on this event" in words(app)
    (one,) = stored()
    assert one.event == "sample" and one.inventory != "The built-in list" and one.simulated is False
    assert 40 < one.latitude < 50 and 20 < one.longitude < 30  # Romania


def test_an_odd_row_is_marked_and_the_others_are_shown_too(app, file):
    event = builtin().event("171")
    place = {"latitude": event.latitude, "longitude": event.longitude}
    for name in ("Ada", "Bo"):
        reviewing.reviews().add(verdict(reviewer=name, **place))
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE verdicts SET verdict = 'maybe', made_at = 'yesterday' WHERE reviewer = 'Ada'")
    app.run()
    assert_sound(app)
    shown = app.dataframe[0].value
    assert list(shown["reviewer"]) == ["Bo", "Ada"]
    assert list(shown["verdict"]) == ["A landslide between the dates", "maybe"]
    assert "no verdict that Scarp knows" in shown["odd"].iloc[1]


def test_a_database_that_cannot_be_written_is_a_sentence_and_loses_nothing_typed(app, monkeypatch):
    def fails(self, made):
        raise ReviewError("The review database cannot be used (database or disk is full); the verdict was not stored.")

    fill(app, "A. Expert", "clear track")
    with monkeypatch.context() as full:
        full.setattr(review.Reviews, "add", fails)
        press(app, "Confirmed")
        assert not app.exception and not kept(app)
        assert any("disk is full" in error.value for error in app.error)
    assert note_box(app).value == "clear track" and shown(app) == "171"
    press(app, "Confirmed")
    assert kept(app) and len(stored()) == 1


@contextmanager
def locked(file):
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield "is locked"
        other.execute("COMMIT")


@contextmanager
def damaged(file):
    whole = file.read_bytes()
    file.write_bytes(b"no database at all" * 1000)
    verdicts._engine(config.settings().database_url).dispose()
    yield "not a database"
    file.write_bytes(whole)
    verdicts._engine(config.settings().database_url).dispose()


@contextmanager
def full(file):
    with files_up_to(file.stat().st_size):
        yield "is full|disk I/O"


@contextmanager
def read_only(file):
    engine = verdicts._engine(config.settings().database_url)

    def only_read(connection, _record, _proxy):
        connection.execute("PRAGMA query_only = 1")

    verdicts.happening.listen(engine, "checkout", only_read)
    yield "readonly database"
    verdicts.happening.remove(engine, "checkout", only_read)
    engine.dispose()


@pytest.mark.parametrize("breaks", [locked, damaged, full, read_only], ids=lambda one: one.__name__)
def test_a_database_that_breaks_is_a_sentence_and_keeps_the_work_on_the_page(app, file, monkeypatch, breaks):
    monkeypatch.setattr(verdicts, "_WAIT_S", 0.2)
    verdicts._engine.cache_clear()
    reviewing.database._reviews.clear()
    note = "n" * 1900  # more than a page of the file has room for
    reviewing.reviews().add(verdict(reviewer="Bo"))
    sureness(fill(app, "A. Expert", note)).set_value("low")
    with breaks(file) as said:
        for _ in range(6 if breaks is full else 1):
            press(app, "Confirmed")
            if app.error:
                break
            sureness(fill(app, note=note)).set_value("low")
        here = shown(app)
        assert not app.exception and re.search(said, " ".join(one.value for one in app.error))
        assert note_box(app).value == note and sureness(app).value == "low" and shown(app) == here
    before = len(stored())
    press(app, "Confirmed")
    assert kept(app) and len(stored()) == before + 1 and (stored()[0].event, stored()[0].note) == (here, note)


def test_a_damaged_database_is_told_when_it_is_opened_and_the_inventory_goes_on(app, file):
    for _ in range(40):
        reviewing.reviews().add(verdict(note="x" * 500))
    held = bytearray(file.read_bytes())
    held[4096 * 2 : 4096 * 4] = b"\xff" * 8192
    file.write_bytes(held)
    verdicts._engine.cache_clear()
    reviewing.database._reviews.clear()
    app.run()
    assert not app.exception and any("is damaged" in one.value for one in app.error)
    assert any("review backup" in one.value for one in app.error)
    assert_sound(visit(app, "inventory"))


def test_a_rerun_of_the_page_reads_no_verdict_of_another_event(app, monkeypatch):
    for n in range(30):
        reviewing.reviews().add(verdict(event=str(n)))
    read = []
    monkeypatch.setattr(verdicts, "_verdict", lambda row: read.append(row))
    monkeypatch.setattr(review.Reviews, "all", lambda self: pytest.fail("every verdict was read"))
    app.run()
    assert_sound(app)
    assert read == [] and "0 verdicts on this event, 30 entries in all" in words(app)


def test_what_is_kept_stands_on_the_page(app):
    """So that nobody has to trust what they cannot see."""
    text = words(app)
    press(fill(app, "A. Expert"), "Confirmed")
    (one,) = stored()
    for value in (one.event, one.inventory, one.event_date, one.t1, one.t2, one.source, f"{one.latitude:.5f}"):
        assert value in text, json.dumps(value)


def painted(app: AppTest) -> None:
    """Put an outline of 3 x 3 pixels under the editor of the patch shown, as a browser does."""
    from app import patches
    from app.ui import cached, editor
    from app.ui.editor import Sent

    spec = spec_shown(app)
    grid = patches.grid_of(cached.patch_quietly(spec))
    mask = np.zeros(grid.shape, bool)
    mask[10:13, 20:23] = True
    app.session_state[keys.OUTLINES] = {spec.key: Sent(1, editor.packed(mask))}


def spec_shown(app: AppTest):
    from app.sources import spec_for

    event = builtin().event(app.session_state[choices.EVENT])
    bands = tuple(app.session_state[choices.BANDS])
    return spec_for(event, "demo", t1=event.t1, t2=event.t2, bands=bands)


def test_a_corrected_outline_goes_along_with_the_next_verdict_and_with_no_other(app):
    painted(app)
    app.run()
    assert "Your corrected outline goes along" in words(app)
    press(fill(app, "A. Expert"), "Bad label")
    press(app, "Confirmed")
    second, first = stored()
    mask, grid = corrected.mask_of(first.geometry)
    assert mask.sum() == 9 and mask[10:13, 20:23].all() and grid.shape == mask.shape
    assert second.geometry == "" and second.event != first.event


def test_the_editor_is_drawn_with_what_can_be_taken_over(app):
    (one,) = (toggle for toggle in app.toggle if toggle.label == "Correct an outline")
    one.set_value(True).run()
    assert_sound(app)
    assert not any("Swipe" in block for block in words(app).splitlines())
