"""The Detect page's methods: a session that was dropped takes the usual ones, and a lacking network is said."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.detection import methods, run
from app.ui import choices, keys
from app.ui.detect.found import named as as_named
from tests import small
from tests.conftest import ROOT

CHOICES = {choices.EVENT: "171", choices.METHODS: ["band-difference:B04:0.05", "index-drop:NDVI:0.2"]}


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    for name, value in CHOICES.items():
        app.session_state[name] = value
    return app.switch_page("pages/detect.py").run()


def without_anything() -> None:
    """A page whose callbacks run in a session that holds nothing."""
    import streamlit as st

    from app.ui import method_list, widgets
    from app.ui.metrics import matrix

    def keep_part() -> None:
        widgets.keep_part({"side": "Side by side"}, "held.found_part", "found.part")

    of_methods = method_list._changed, method_list._kind_changed, method_list._open, method_list._remove
    for callback in (*of_methods, matrix._clicked, matrix._chosen, keep_part):
        st.session_state.clear()
        callback()
        st.write(callback.__name__, str(method_list.opened()))


def test_a_callback_needs_nothing_that_a_session_may_lack():
    page = AppTest.from_function(without_anything, default_timeout=60).run()
    assert not page.exception
    assert [one.value.split()[-1] for one in page.markdown] == ["onnx:bit"] * 3 + ["onnx:cdrl"] + ["onnx:bit"] * 3


def test_a_network_the_reader_lacks_is_said_and_the_band_difference_runs(page):
    page.session_state[choices.METHODS] = ["onnx:theirs"]
    page.run()
    said = " ".join(str(one.value) for one in page.warning)
    assert not page.exception and "There is no network called theirs" in said and "bring it yourself" in said


def brought(page: AppTest, name: str, size: tuple[int, int]) -> None:
    """Let the reader of a page have a collection of one mask of event 171, all of it detected."""
    from app import workspace
    from app.detection.elsewhere import collections, saving

    folder = workspace.find(page.session_state[keys.WORKSPACE]).folder / "detections"
    out = io.BytesIO()
    Image.fromarray(np.full(size, 255, np.uint8)).save(out, "PNG")
    collections.belong_to(folder)
    saving.save(folder, name, [("171.png", out.getvalue())])
    collections.belong_to(None)


def test_what_others_detected_is_a_method_whose_mask_is_decided(page):
    brought(page, "theirs", (30, 30))
    page.session_state[choices.METHODS] = ["file:theirs", "band-difference:B04:0.05"]
    page.session_state[keys.FOUND_PART] = "ran"
    page.run()
    assert not page.exception and not page.error
    said = " ".join(str(one.value) for one in (*page.caption, *page.markdown))
    assert "there is no threshold to move" in said and "it does not say where it lies" in said
    assert "read from a file" in said and "SHA-256 of the files" in said
    assert not [one for one in page.slider if "Threshold" in one.label]


def test_detections_that_are_not_there_are_said_and_the_other_methods_still_show(page):
    page.session_state[choices.METHODS] = ["file:gone", "band-difference:B04:0.05"]
    page.run()
    said = " ".join(str(one.value) for one in page.warning)
    assert not page.exception and "There are no detections called gone. Bring them on the Detect page" in said
    assert [one for one in page.metric if one.label == "Changed area"]


def test_where_the_truth_is_known_the_threshold_is_told_against_it_and_its_dot_moves(page):
    def told() -> dict[str, str]:
        return {one.label: one.value for one in page.metric}

    before = told()
    assert {"Precision", "Recall", "F1"} <= set(before) and "(reflectance)" in page.slider(key="method.threshold").label
    page.slider(key="method.threshold").set_value(0.2).run()
    after = told()
    assert not page.exception and float(after["Recall"]) < float(before["Recall"])
    dots = [chart for chart in page.get("plotly_chart") if '"recall"' in str(chart.proto.spec)]
    assert len(dots) == 1


def test_the_curve_and_pictures_of_one_detection_are_worked_out_once_for_all_who_look(page, monkeypatch):
    from app.ui.detect import once

    made = []
    encode = once.render.encode
    monkeypatch.setattr(once.render, "encode", lambda *given: made.append(given) or encode(*given))
    monkeypatch.setattr(once.curves, "count_of_method", lambda *given: pytest.fail("this curve was there"))
    other = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    for name, value in CHOICES.items():
        other.session_state[name] = value
    other.switch_page("pages/detect.py").run()
    assert not other.exception and not made
    other.slider(key="method.threshold").set_value(0.083).run()  # which no other test moves to
    assert not other.exception and len(made) == 2  # one mask has changed, and where both agree


def test_what_is_taken_away_is_named_by_the_threshold_it_was_held_to():
    pair = small.patch(B04=(0.1, 0.4))
    held, moved = run.detect(pair, "band-difference:B04:0.05"), methods.parse("band-difference:B04:0.2")
    named = as_named(moved, held)
    assert (named.method, named.ran) == ("band-difference:B04:0.2",) * 2
    instead = as_named(methods.parse("onnx:gone"), replace(held, method="onnx:gone"))
    assert (instead.method, instead.ran) == ("onnx:gone", "band-difference:B04:0.05")


def test_a_network_is_asked_again_with_the_image_mirrored_and_review_begins_where_it_is_least_steady(page):
    page.session_state[choices.METHODS] = ["onnx:pair-rgb-int8"]
    page.run()
    assert not page.exception and not any("any of the four marks" in one.value for one in page.caption)
    page.button(key=keys.MIRROR).click().run()
    (said,) = (one.value for one in page.caption if "any of the four marks" in one.value)
    assert not page.exception and "all mark" in said
    page.session_state[choices.QUEUE] = "mirrored"
    page.switch_page("pages/review.py").run()
    assert not page.exception and any("image mirrored" in one.value for one in page.caption)


def test_only_the_open_part_of_what_was_found_is_drawn(page):
    def drawn() -> dict[str, bool]:
        files = [one.proto.label for one in page.get("download_button")]
        said = " ".join(str(one.value) for one in (*page.caption, *page.markdown))
        return {
            "side": "Precision, recall and F1 against the known truth" in said,
            "polygons": "polygons of " in said,
            "files": "Mask (GeoTIFF)" in files and "Everything (zip)" in files,
            "ran": "The same from the command line" in said,
        }

    for part in ("side", "polygons", "files", "ran"):
        page.session_state[keys.FOUND_PART] = part
        page.run()
        assert not page.exception and [name for name, there in drawn().items() if there] == [part]


def test_what_was_detected_is_outlined_on_the_map_of_another_page(page, monkeypatch):
    from app.ui import placing

    drawn, outlines = {}, placing.Outlines

    def told(title: str, colour: str, features: tuple) -> placing.Outlines:
        drawn[title] = features
        return outlines(title, colour, features)

    monkeypatch.setattr(placing, "Outlines", told)
    page.switch_page("pages/inventory.py").run()
    assert not page.exception and drawn["Detected"][0]["properties"]["area_m2"] > 0


def test_the_curve_beside_the_threshold_is_of_the_truth_at_hand_and_not_of_another_readers():
    from app.ui.detect import once

    found = run.detect(small.patch(("B04",), B04=(0.1, 0.3)), "band-difference:B04:0.05")
    here, nowhere, every = (np.full(found.score.shape, slid) for slid in (True, False, True))
    first = once.curve("a key", "all slid", found.method, found, here, every)
    other = once.curve("a key", "none did", found.method, found, nowhere, every)
    assert first.tp[0] == other.fp[0] == found.score.size
    assert other.tp[0] == 0


def test_the_command_that_marks_the_same_has_the_smallest_area_and_slope(page):
    page.session_state[choices.MIN_AREA] = 3000.0
    page.session_state[choices.OPENING] = 1
    page.session_state[keys.FOUND_PART] = "ran"
    page.run()
    assert not page.exception
    [shown] = [one.value for one in page.get("code") if "app detect PATCH.nc" in one.value]
    assert " --min-area 3000 " in shown and "--min-slope" not in shown
    assert any("but for the opening by 1 pixels" in one.value for one in page.caption)


def test_a_list_that_does_not_hold_all_objects_says_so_with_heights_too():
    def page(number: int):
        from app.ui.detect import listing

        said = dict.fromkeys(("area_m2", "mean_score", "max_score", "pixels"), 1.0)
        listing.draw([{"properties": said}] * number, "Heights of a file")

    for number, told in ((201, True), (200, False)):
        (caption,) = AppTest.from_function(page, kwargs={"number": number}).run().caption
        assert caption.value.startswith(f"{number} of {number} objects")
        assert ("of which the largest 200 are listed" in caption.value) == told
