"""A folder of labels on the Review page: label and detection lie over the pictures, and a key is a verdict on it."""

from datetime import timedelta

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.detection.network import registry
from app.inventory import builtin
from app.review import corrected, verdicts
from app.scoring import known
from app.scoring.evaluate import Case, Compared
from app.ui import choices, keys, viewer, widgets
from app.ui.review import labelled
from tests import glad_folder
from tests import test_review_page as page
from tests.handmade import tiff
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
    assert "Here both dates of one event will lie" in words(app) and "A (before), B (after) and LABEL" in words(app)
    app.text_input(key=keys.FOLDER).input(str(tmp_path)).run()
    assert not app.exception and "GLaD4CD" in app.error[0].value


def test_nobody_elsewhere_reads_folders(tmp_path):
    chosen = {choices.JUDGE: "labels", keys.FOLDER: str(tmp_path)}
    app = visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **chosen)
    assert not app.exception and app.error


def test_an_outline_painted_on_a_label_goes_along_with_the_verdict(app, monkeypatch):
    from app.ui import editor

    drawn = []
    monkeypatch.setattr(editor, "show", lambda *args, **more: drawn.append((args, more)))
    app.session_state[keys.OUTLINING] = True
    app.run()
    assert_sound(app)
    (_, grid, starts, scores), more = drawn[-1]
    assert starts[0].title == "The label" and starts[0].mask.any() and scores
    painted = np.zeros(grid.shape, bool)
    painted[2:5, 3:9] = True
    app.session_state[keys.OUTLINES] = {more["key"]: editor.Sent(1, editor.packed(painted))}
    app.run()
    press(app, "Bad label")
    (one,) = page.stored()
    mask, on = corrected.mask_of(one.geometry)
    assert (mask == painted).all() and on.same_as(grid) and one.kind == "mask"
    (correction,) = corrected.corrections(page.stored()).values()
    assert correction.mask.sum() == painted.sum()


@pytest.fixture
def two_folders(here, tmp_path) -> AppTest:
    for name, values in (("theirs", [[1, 1], [0, 0]]), ("truth", [[1, 0], [1, 0]])):
        for event in EVENTS:
            tiff(tmp_path / name / f"{event}.tif", values, dtype="uint8")
    chosen = {choices.JUDGE: "labels", choices.LABELLED: "masks", keys.MASKS: str(tmp_path / "theirs"),
              keys.TRUTHS: str(tmp_path / "truth"), keys.REVIEWER: "A. Expert"}  # fmt: skip
    return visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **chosen)


def test_two_folders_of_masks_lie_side_by_side_and_the_truth_is_judged(two_folders, monkeypatch):
    app = two_folders
    assert_sound(app)
    assert "0 of 2 labels judged" in page.progress(app) and "theirs detects 2, of them 1 in the label" in words(app)
    drawn = []
    monkeypatch.setattr(viewer, "show", lambda panes, grid, layers, **more: drawn.append((panes, layers)))
    app.run()
    (panes, layers), *_ = drawn
    assert [one.label for one in panes] == ["Prediction", "Truth"]
    assert {one.title: int(one.mask.sum()) for one in layers} == {"Both": 1, "Prediction alone": 1, "Truth alone": 1}
    press(app, "Bad label")
    (one,) = page.stored()
    assert (one.kind, one.event, one.method, one.subject[:8]) == ("mask", "171", "masks:theirs", "171.tif ")
    assert "1 of 2 labels judged" in page.progress(app)


def test_a_link_names_folders_without_their_path_and_only_this_browser_finds_them(app, tmp_path):
    token = app.session_state[choices.FOLDERS]
    assert token and str(tmp_path) not in str(app.query_params)
    again = AppTest.from_file(ENTRY, default_timeout=60)
    again.session_state[keys.WORKSPACE] = app.session_state[keys.WORKSPACE]
    again = visit(again.run(), "review", **{choices.JUDGE: "labels", choices.FOLDERS: token, keys.FOLDER: ""})
    assert "labels judged" in page.progress(again) and again.session_state[keys.FOLDER] == str(tmp_path / "labels")
    other = AppTest.from_file(ENTRY, default_timeout=60).run()
    other = visit(other, "review", **{choices.JUDGE: "labels", choices.FOLDERS: "0" * 12, keys.FOLDER: ""})
    assert not other.exception and "names folders that this browser does not know" in words(other)


def test_a_double_click_on_the_last_label_keeps_one_verdict(two_folders, monkeypatch):
    monkeypatch.setattr(verdicts, "_DOUBLE", timedelta(hours=1))  # however long this machine takes for a page
    for _ in EVENTS:
        press(two_folders, "Bad label")
    press(two_folders, "Bad label")
    assert_sound(two_folders)
    assert len(page.stored()) == 2 and "All labels are judged" in words(two_folders)


def test_a_label_lies_beside_the_readers_own_network_and_not_anothers_of_that_name(tmp_path):
    class Held:
        notes = ()

        def compare(self, method, device, progress):
            ran.append(method)
            nothing = np.zeros((2, 2), bool)
            return Compared(nothing, nothing, ~nothing, None, None, ran=method)

    ran = []
    found = labelled.Labels("labels", str(tmp_path), {"2": Case("2", Held)}, {"2": "2.tif"})
    for reader in ("one", "other"):
        registry.belong_to(tmp_path / reader)
        (tmp_path / reader).mkdir()
        (tmp_path / reader / "mine.onnx").write_bytes(reader.encode())
        for _ in range(2):
            labelled.opened(found, "2", "onnx:mine")
    registry.belong_to(None)
    assert len(ran) == 2
