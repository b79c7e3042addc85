"""The patch in its place on the map: its box, its labels, and pictures no larger than a map can show."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.grid import Grid
from app.patches import build, grid_of
from app.pictures import render
from app.ui import choices, placing
from app.ui.viewer import Pane
from tests import small
from tests.test_map import begun, sent


@pytest.fixture
def app(monkeypatch) -> AppTest:
    return begun(monkeypatch)


def test_the_map_of_a_patch_gets_both_dates_at_the_patches_own_box(app):
    app.session_state[choices.EVENT] = "171"
    app.switch_page("pages/patches.py").run()
    assert not app.exception and not app.error
    patch = sent(app)["patch"]
    assert [picture["label"] for picture in patch["pictures"]] == [
        "T1 · 2022-09-17 · demo · SIMULATED",
        "T2 · 2023-02-24 · demo · SIMULATED",
    ]
    assert patch["bbox"] == pytest.approx([36.58091, 36.99437, 36.60089, 37.01435], abs=1e-5)
    assert sent(app)["extent"] == patch["bbox"]  # the map opens on it
    image = Image.open(io.BytesIO(base64.b64decode(patch["pictures"][1]["src"].split(",")[1])))
    assert image.size == (222, 222) and image.info["Comment"] == "SIMULATED"


def test_another_composition_is_another_picture_in_the_same_place(app):
    app.session_state[choices.EVENT] = "171"
    app.switch_page("pages/patches.py").run()
    before = sent(app)
    app.session_state[choices.COMPOSITION] = "short-wave"
    app.run()
    assert sent(app)["patch"]["key"] != before["patch"]["key"] and sent(app)["view"] == before["view"]
    assert sent(app)["patch"]["pictures"][0]["src"] != before["patch"]["pictures"][0]["src"]


def test_the_box_of_a_patch_in_degrees_is_its_outer_edges():
    assert grid_of(small.patch()).bbox_deg == pytest.approx(small.GRID.bbox)


def test_a_projected_patch_lies_where_its_corners_are():
    utm = Grid(500_000.0, 4_649_776.0, 10.0, 10.0, 10, 10, "EPSG:32633")  # 15 degrees east, 42 north, is its corner
    shape = (2, 10, 10)
    patch = build(utm, [small.T1, small.T2], {"B04": np.zeros(shape)}, np.zeros(shape), {"simulated": False})
    west, south, east, north = grid_of(patch).bbox_deg
    assert (west, south) == pytest.approx((15.0, 42.0), abs=1e-4)
    assert east - west == pytest.approx(0.0012, abs=1e-4) and north - south == pytest.approx(0.0009, abs=1e-4)


@pytest.mark.parametrize(("height", "width"), [(1500, 600), (2000, 800)])  # a PNG, a JPEG
def test_a_large_picture_is_made_as_small_as_a_map_needs_and_keeps_its_word(height, width):
    data, media = render.encode(np.full((height, width, 3), 90, np.uint8), simulated=True)
    made = placing._small(f"large {height}", Pane(data, media, "T1"), small.GRID)
    image = Image.open(io.BytesIO(made.data))
    assert image.size == (410, 1024) and image.info["Comment"] == "SIMULATED" and made.label == "T1"
    assert tuple(np.asarray(image)[500, 200]) == (90, 90, 90)


def test_a_picture_of_a_projected_patch_is_turned_into_degrees_and_clear_beyond_itself():
    east = Grid(700_000.0, 4_649_776.0, 10.0, 10.0, 200, 200, "EPSG:32633")  # 1.6 degrees off the grid's north
    shown = np.full((200, 200, 3), 90, np.uint8)
    shown[:100] = 200  # the northern half
    made = placing._small("turned", Pane(*render.encode(shown, simulated=True), "T1"), east)
    image = Image.open(io.BytesIO(made.data))
    pixels = np.asarray(image)
    assert image.info["Comment"] == "SIMULATED" and pixels.shape == (200, 200, 4)
    assert pixels[0, 0, 3] == 0 or pixels[0, -1, 3] == 0, "the corners of the box are not the patch's"
    assert tuple(pixels[20, 100]) == (200, 200, 200, 255) and tuple(pixels[180, 100]) == (90, 90, 90, 255)
    edge = [int(np.argmax(pixels[:, column, 0] == 90)) for column in (20, 180)]
    assert abs(edge[1] - edge[0]) in range(3, 9), "what lies level on the patch does not in degrees"


def test_the_hillshade_of_a_patch_with_heights_lies_under_its_dates(app):
    app.session_state[choices.EVENT] = "171"
    app.switch_page("pages/patches.py").run()
    assert "shade" not in sent(app)["patch"]
    app.session_state[choices.HEIGHTS] = "on"
    app.run()
    assert not app.exception
    patch = sent(app)["patch"]
    assert "Hillshade" in patch["shade"]["label"] and "SIMULATED" in patch["shade"]["label"]
    assert "datum" not in patch["shade"]["label"]
    assert patch["shade"]["src"] not in [picture["src"] for picture in patch["pictures"]]
