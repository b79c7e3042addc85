"""The Review page: nothing is chosen beforehand, and a verdict is kept on what is shown, or not at all."""

import json
import sqlite3
from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from app import config, review
from app.errors import ReviewError
from app.inventory import Event, Inventory, builtin
from app.review import verdicts
from app.ui import choices, keys
from app.ui.review import reviewing
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


def fill(app: AppTest, verdict: str | None = None, name: str = "", note: str = "") -> AppTest:
    if verdict:
        app.radio[0].set_value(verdict)
    if name:
        app.text_input(key=keys.REVIEWER).input(name)
    if note:
        note_box(app).input(note)
    return app


def keep(app: AppTest) -> AppTest:
    (button,) = (one for one in app.button if one.label == "Keep this verdict")
    return button.click().run()


def note_box(app: AppTest):
    (box,) = (one for one in app.text_input if one.label == "Why (optional)")
    return box


def kept(app: AppTest) -> bool:
    return any(one.value.startswith(KEPT) for one in app.success)


def test_nothing_is_chosen_beforehand_and_enter_keeps_nothing(app):
    assert_sound(app)
    assert app.radio[0].value is None and note_box(app).value == ""
    (form,) = forms(app.main)
    assert form.proto.form.enter_to_submit is False


def forms(block) -> list:
    below = [one for child in getattr(block, "children", {}).values() for one in forms(child)]
    return [block, *below] if block.type == "form" else below


def test_a_verdict_is_kept_with_place_dates_and_the_inventory_shown(app):
    assert "Kept as: event **171** of **The built-in list** · " in words(app)
    keep(fill(app, "other-change", "A. Expert", "a new road"))
    assert_sound(app)
    assert kept(app) and "1 verdict on this event, 1 in all" in words(app)
    event, (one,) = builtin().event("171"), stored()
    assert (one.verdict, one.reviewer, one.note, one.simulated) == ("other-change", "A. Expert", "a new road", True)
    assert (one.latitude, one.longitude, one.event_date) == (event.latitude, event.longitude, str(event.date))
    assert (one.t1, one.t2, one.source) == ("2022-09-17", "2023-02-24", "demo")
    assert (one.inventory, one.inventory_id) == ("The built-in list", builtin().identity)


def test_after_keeping_and_on_another_event_answer_and_note_are_empty_and_the_name_stays(app):
    keep(fill(app, "confirmed", "A. Expert", "clear track"))
    assert kept(app)
    for _ in range(2):
        assert app.radio[0].value is None and note_box(app).value == ""
        assert app.text_input(key=keys.REVIEWER).value == "A. Expert"
        app.run()
        assert not kept(app)  # said once
    fill(app, "confirmed", note="again")
    app.button(key="step.Next").click().run()
    assert app.session_state[choices.EVENT] != "171"
    assert app.radio[0].value is None and note_box(app).value == ""
    assert app.text_input(key=keys.REVIEWER).value == "A. Expert"
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("filled", "asked"),
    [
        ({"name": "A. Expert", "note": "typed"}, ["Choose what you see."]),
        ({"verdict": "uncertain", "note": "typed"}, ["Give your name or initials"]),
        ({"verdict": "uncertain", "name": "   ", "note": "typed"}, ["Give your name or initials"]),
        ({}, ["Choose what you see.", "Give your name or initials"]),
    ],
)
def test_keep_without_an_answer_or_a_name_says_what_is_missing_and_loses_nothing(app, filled, asked):
    keep(fill(app, **filled))
    assert not app.exception and not kept(app) and stored() == ()
    (error,) = app.error
    assert all(sentence in error.value for sentence in asked)
    assert app.radio[0].value == filled.get("verdict") and note_box(app).value == filled.get("note", "")
    keep(fill(app, "confirmed", "Bo"))
    assert kept(app) and [(one.verdict, one.note) for one in stored()] == [("confirmed", filled.get("note", ""))]


def other(name: str, **changes) -> Inventory:
    """The built-in list under another name, event 171 changed."""
    events = tuple(replace(one, **changes) if one.id == "171" else one for one in builtin().events)
    return replace(builtin(), name=name, events=events)


@pytest.mark.parametrize(
    "changes",
    [
        {keys.INVENTORY: other("another.csv")},
        {keys.INVENTORY: other("another.csv", latitude=10.0)},
        {choices.EVENT: "164"},
        {choices.T1: date(2022, 9, 1)},
        {choices.SOURCE: "sample"},
    ],
    ids=["inventory", "place", "event", "dates", "source"],
)
def test_a_press_under_something_else_than_is_shown_now_keeps_nothing(app, changes):
    fill(app, "confirmed", "A. Expert", "clear track")
    for name, value in changes.items():  # as by another press that came first, or a server that forgot
        app.session_state[name] = value
    keep(app)
    assert not app.exception and not kept(app) and stored() == ()


@pytest.mark.parametrize(
    "changes", [{keys.INVENTORY: other("another.csv")}, {choices.T1: date(2022, 9, 1)}], ids=["inventory", "dates"]
)
def test_a_press_under_another_name_or_pair_of_the_same_event_is_told_and_loses_nothing_typed(app, changes):
    fill(app, "confirmed", "A. Expert", "clear track")
    for name, value in changes.items():
        app.session_state[name] = value
    keep(app)
    assert any("Nothing was kept" in one.value for one in app.warning)
    assert (app.radio[0].value, note_box(app).value) == ("confirmed", "clear track")
    app.run()
    assert not any("Nothing was kept" in one.value for one in app.warning)
    keep(app)
    assert kept(app) and [one.note for one in stored()] == ["clear track"]


def test_an_event_from_a_links_place_is_shown_and_kept_with_its_place_and_as_of_no_inventory_here():
    app = AppTest.from_file(ENTRY, default_timeout=60)
    link = {
        choices.EVENT: "x7", choices.PLACE: "46.5,11.3,2021-07-01", choices.T1: "2021-06-01", choices.T2: "2021-08-01",
    }  # fmt: skip
    app.query_params.update(link)
    visit(app.run(), "review")
    assert "event **x7** of **The link**, whose inventory is not here · 46.50000, 11.30000 · 2021-07-01" in words(app)
    keep(fill(app, "uncertain", "A. Expert"))
    (one,) = stored()
    assert (one.inventory, one.event, one.event_date) == ("The link", "x7", "2021-07-01")
    assert (one.latitude, one.longitude) == (46.5, 11.3)
    held = Inventory("mine.csv", (Event("x7", 0, date(2021, 7, 1), 46.5, 11.3),), (), {}, ())
    visit(app, "review", **{keys.INVENTORY: held})
    assert "1 verdict on this event" in words(app)


def test_the_samples_verdicts_are_under_the_sample_and_its_place(app):
    visit(app, "review", **{choices.SOURCE: "sample"})
    assert_sound(app)
    keep(fill(app, "other-change", "A. Expert"))
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

    fill(app, "confirmed", "A. Expert", "clear track")
    with monkeypatch.context() as full:
        full.setattr(review.Reviews, "add", fails)
        keep(app)
        assert not app.exception and not kept(app)
        assert any("disk is full" in error.value for error in app.error)
    assert (app.radio[0].value, note_box(app).value) == ("confirmed", "clear track")
    keep(app)
    assert kept(app) and len(stored()) == 1


def test_a_rerun_of_the_page_reads_no_verdict_of_another_event(app, monkeypatch):
    for n in range(30):
        reviewing.reviews().add(verdict(event=str(n)))
    read = []
    monkeypatch.setattr(verdicts, "_verdict", lambda row: read.append(row))
    monkeypatch.setattr(review.Reviews, "all", lambda self: pytest.fail("every verdict was read"))
    app.run()
    assert_sound(app)
    assert read == [] and "0 verdicts on this event, 30 in all" in words(app)


def test_the_form_sends_no_more_than_it_shows(app):
    """What is kept stands in the form, so that nobody has to trust what they cannot see."""
    keep(fill(app, "confirmed", "A. Expert"))
    (one,) = stored()
    text = words(app)
    for value in (one.event, one.inventory, one.event_date, one.t1, one.t2, one.source, f"{one.latitude:.5f}"):
        assert value in text, json.dumps(value)
