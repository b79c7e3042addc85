"""Walking through detected polygons on the Review page: one key each, then the next polygon, then the next event."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from app.errors import ReviewError
from app.review import corrected, pieces, verdicts
from app.ui import choices, keys
from tests import test_review_page as page
from tests.test_pages import ENTRY, assert_sound, visit, words

file = page.file
METHOD = "band-difference:B04:0.05"


@pytest.fixture
def app() -> AppTest:
    chosen = {choices.EVENT: "171", choices.JUDGE: "polygons", choices.LEAST: 3000.0}
    return visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **chosen)


def press(app: AppTest, label: str) -> None:
    (button,) = (one for one in app.button if one.label == label)
    button.click().run()


def told(app: AppTest) -> tuple[int, int]:
    """Return how many polygons are judged here, and how many there are."""
    done, _, number, *_ = page.progress(app).split()
    return int(done), int(number)


def name(app: AppTest) -> None:
    app.text_input(key=keys.REVIEWER).input("A. Expert").run()


def test_a_polygon_is_kept_with_its_method_and_the_next_one_is_there(app):
    assert_sound(app)
    name(app)
    _, number = told(app)
    assert number > 1
    assert re.search(r"mean score 0\.\d{3} reflectance", words(app))
    press(app, "Keep")
    assert_sound(app)
    (one,) = page.stored()
    assert (one.kind, one.verdict, one.event) == ("polygon", "confirmed", "171")
    assert one.method.startswith(METHOD) and one.threshold == 0.05 and one.subject and one.simulated
    mask, grid = corrected.mask_of(one.geometry)
    assert mask.any() and grid.area_m2(mask) >= 3000 and corrected.spec_of(one.geometry).event_id == "171"
    assert told(app) == (1, number) and "Kept: " in words(app)
    press(app, "Drop")
    assert [each.verdict for each in page.stored()] == ["rejected", "confirmed"]
    assert len({each.subject for each in page.stored()}) == 2


def test_after_the_last_polygon_the_next_event_is_there_and_undo_leads_back(app):
    name(app)
    _, number = told(app)
    for _ in range(number):
        assert app.session_state[choices.EVENT] == "171"
        press(app, "Drop")
    assert_sound(app)
    assert app.session_state[choices.EVENT] != "171" and len(page.stored()) == number
    last = page.stored()[0].subject
    press(app, "Undo")
    assert app.session_state[choices.EVENT] == "171" and told(app) == (number - 1, number)
    press(app, "Keep")
    assert page.stored()[0].subject == last and page.stored()[0].verdict == "confirmed"


def test_a_key_pressed_on_a_polygon_that_is_gone_is_told_and_judges_no_other(app):
    name(app)
    app.session_state[choices.EVENT] = "2"  # the next event is there for the server, and not yet on the screen
    press(app, "Keep")
    assert_sound(app)
    assert page.stored() == () and any("Nothing was kept" in one.value and "Keep" in one.value for one in app.warning)
    press(app, "Undo")
    assert any("no verdict of yours on a polygon" in one.value for one in app.warning)


def test_the_second_half_of_a_double_click_on_undo_takes_back_no_more(app):
    name(app)
    press(app, "Keep")
    press(app, "Keep")
    (undo,) = (one for one in app.button if one.label == "Undo")
    press(app, "Undo")
    assert [one.verdict for one in page.stored()] == ["undone", "confirmed", "confirmed"]
    assert undo.key not in {one.key for one in app.button}


def test_a_database_that_breaks_is_one_sentence_and_the_polygon_stays(app, monkeypatch):
    name(app)

    def fail(*_):
        raise ReviewError("The review database cannot be used (disk I/O error).")

    with monkeypatch.context() as broken:
        broken.setattr(verdicts.Reviews, "add_pressed", fail)
        press(app, "Keep")
        assert not app.exception
        assert sum("disk I/O" in one.value for one in app.error) == 1 and not app.warning
    press(app, "Keep")
    assert len(page.stored()) == 1


def test_more_polygons_than_are_gone_through_are_told(app, monkeypatch):
    assert "largest are gone through" not in words(app)
    monkeypatch.setattr(pieces, "MOST", 2)
    app.session_state[choices.LEAST] = 2000.0
    assert "2 largest are gone through" in words(app.run())


def test_without_a_name_nothing_is_kept(app):
    press(app, "Keep")
    assert page.stored() == () and "Give your name" in words(app)


def test_a_skipped_polygon_comes_back_at_the_end_and_counts_as_not_judged(app):
    name(app)
    _, number = told(app)
    press(app, "Skip")
    for _ in range(number - 1):
        press(app, "Drop")
    assert app.session_state[choices.EVENT] == "171" and told(app) == (number - 1, number)


def test_where_nothing_is_detected_the_page_says_so_and_leads_on(app):
    app.number_input(key=choices.LEAST).set_value(choices.MOST_AREA_M2).run()
    assert_sound(app)
    assert "finds no polygon of this size here" in words(app)
    press(app, "Next event")
    assert app.session_state[choices.EVENT] != "171"


def test_a_method_that_there_is_not_is_a_sentence():
    chosen = {choices.EVENT: "171", choices.JUDGE: "polygons", choices.WALKED: "nonsense:B04"}
    app = visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **chosen)
    assert not app.exception and app.error


def test_verdicts_on_polygons_judge_no_event(app):
    name(app)
    press(app, "Keep")
    app.session_state[choices.JUDGE] = "events"
    app.run()
    assert "0 of 10 events judged" in page.progress(app)


def test_what_was_kept_can_be_taken_over_in_the_editor(app, monkeypatch):
    from app.ui import editor

    drawn = []
    monkeypatch.setattr(editor, "show", lambda panes, grid, starts, scores, **more: drawn.extend(starts))
    name(app)
    press(app, "Keep")
    (kept,) = page.stored()
    app.session_state[choices.JUDGE], app.session_state[keys.OUTLINING] = "events", True
    app.run()
    assert_sound(app)
    (start,) = (one for one in drawn if one.title.startswith("Kept polygons of band-difference"))
    assert (start.mask == corrected.mask_of(kept.geometry)[0]).all()


@pytest.fixture
def truth_walk() -> AppTest:
    chosen = {choices.EVENT: "171", choices.JUDGE: "truth", keys.REVIEWER: "A. Expert"}
    return visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **chosen)


def test_an_outline_of_the_truth_is_judged_by_one_key_and_the_next_one_is_there(truth_walk):
    app = truth_walk
    assert_sound(app)
    _, number = told(app)
    assert number > 2
    for label in ("Shifted", "Wrong", "Keep"):
        press(app, label)
    assert_sound(app)
    kept, wrong, shifted = page.stored()
    assert {one.kind for one in (kept, wrong, shifted)} == {"truth"} and not shifted.method
    assert (shifted.verdict, shifted.note, wrong.verdict, kept.verdict) == (
        "bad-label", "shifted", "rejected", "confirmed",
    )  # fmt: skip
    assert told(app)[0] == 3
    press(app, "Undo")
    assert told(app)[0] == 2
    press(app, "Correct the label")
    assert_sound(app)
    assert app.session_state[choices.JUDGE] == "events" and app.toggle(key=keys.OUTLINING).value


def test_where_no_truth_is_known_the_walk_says_so_and_leads_on(truth_walk):
    truth_walk.session_state[choices.SOURCE] = "sample"
    truth_walk.run()
    assert not truth_walk.exception and "is not known here" in words(truth_walk)
