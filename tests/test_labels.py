"""A folder of labels on the Review page: label and detection lie over the pictures, and a key is a verdict on it."""

import pytest
from streamlit.testing.v1 import AppTest

from app.inventory import builtin
from app.scoring import known
from app.ui import choices, keys, viewer, widgets
from tests import glad_folder
from tests import test_review_page as page
from tests.test_pages import ENTRY, assert_sound, visit, words

file = page.file
EVENTS = ("171", "172")


@pytest.fixture
def here(monkeypatch):
    """A browser on this machine."""
    monkeypatch.setattr(widgets, "at_this_machine", lambda: True)


@pytest.fixture
def app(here, tmp_path) -> AppTest:
    glad_folder.write(tmp_path / "labels", builtin(), EVENTS, 0.00036)
    chosen = {choices.JUDGE: "labels", keys.FOLDER: str(tmp_path / "labels")}
    app = visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **chosen)
    app.text_input(key=keys.REVIEWER).input("A. Expert").run()
    return app


def press(app: AppTest, label: str) -> None:
    (button,) = (one for one in app.button if one.label == label)
    button.click().run()


def test_a_label_is_judged_with_what_is_wrong_and_the_next_one_is_there(app):
    assert_sound(app)
    assert "0 of 2 labels judged" in page.progress(app) and "**Event 171**" in words(app)
    (wrong,) = (one for one in app.get("button_group") if one.label == "What is wrong? (optional)")
    wrong.set_value(["shifted", "incomplete"])
    page.note_box(app).input("by two pixels")
    press(app, "Bad label")
    assert_sound(app)
    (one,) = page.stored()
    assert (one.kind, one.verdict, one.event, one.source) == ("mask", "bad-label", "171", "folder")
    assert one.note == "shifted; incomplete; by two pixels" and one.simulated
    assert one.subject.startswith("171.tif ") and one.method.startswith("band-difference:B04:0.05")
    assert (one.inventory, one.latitude) == ("The built-in list", builtin().event("171").latitude)
    assert "1 of 2 labels judged" in page.progress(app) and "**Event 172**" in words(app)
    assert page.note_box(app).value == ""


def test_the_label_and_the_detection_are_switched_on(app, monkeypatch):
    drawn = []
    monkeypatch.setattr(viewer, "show", lambda panes, grid, layers, **more: drawn.extend(layers))
    app.run()
    assert {one.title: one.on for one in drawn} == {"Label": True, "Detected": True, "Not known in the label": False}


def test_the_last_verdict_is_taken_back_and_its_label_is_there_again(app):
    press(app, "Confirmed")
    press(app, "Rejected")
    assert "All labels are judged" in words(app)
    press(app, "Undo")
    assert "1 of 2 labels judged" in page.progress(app) and "**Event 172**" in words(app)


def test_a_label_that_is_skipped_comes_back(app):
    press(app, "Skip")
    assert "**Event 172**" in words(app)
    press(app, "Confirmed")
    assert "**Event 171**" in words(app)


def test_a_verdict_on_a_label_makes_its_event_doubtful_on_metrics(app):
    press(app, "Bad label")
    assert "bad label" in known.doubtful(builtin(), page.stored())["171"]


def test_without_a_folder_or_with_one_that_is_none_there_is_a_sentence(here, tmp_path):
    app = visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **{choices.JUDGE: "labels"})
    assert not app.exception and "Give the path of a folder" in words(app)
    app.text_input(key=keys.FOLDER).input(str(tmp_path)).run()
    assert not app.exception and "GLaD4CD" in app.error[0].value


def test_nobody_elsewhere_reads_folders(tmp_path):
    chosen = {choices.JUDGE: "labels", keys.FOLDER: str(tmp_path)}
    app = visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **chosen)
    assert not app.exception and app.error
