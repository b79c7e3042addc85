import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from app import grid, patches
from app.errors import GridError
from app.grid import Grid
from app.rasters import UNPLACED

EVENT_2 = grid.around(35.864314, -121.430499)


def test_the_default_patch_is_222_pixels_a_side_and_keeps_its_south_west_corner():
    made = grid.for_bbox(EVENT_2)
    assert made.shape == (222, 222)
    assert made.bbox[:2] == EVENT_2[:2]
    assert made.bbox[2] == pytest.approx(EVENT_2[0] + 222 * 0.00009, abs=1e-12)


def test_the_thesis_grid_is_2048_pixels_a_side_and_grows_east_and_north():
    made = grid.for_bbox(EVENT_2, grid.THESIS_RESOLUTION_DEG)
    assert made.shape == (2048, 2048)
    assert made.bbox[:2] == EVENT_2[:2]
    assert made.bbox[2] - made.bbox[0] == pytest.approx(0.02048, abs=1e-12)


def test_coordinates_are_pixel_centres_from_north_to_south_and_west_to_east():
    made = Grid(10.0, 50.0, 1.0, 1.0, 2, 3)
    assert made.x.tolist() == [10.5, 11.5]
    assert made.y.tolist() == [52.5, 51.5, 50.5]


@pytest.mark.parametrize("latitude", [-60.0, -12.3, 0.0, 35.86, 65.0])
def test_the_area_of_a_pixel_is_its_area_on_the_ellipsoid(latitude):
    made = grid.for_bbox(grid.around(latitude, 10.0))
    row, half = made.height // 3, made.res_y / 2
    y, west, east = made.y[row], made.west, made.west + made.res_x
    expected, _ = Geod(ellps="WGS84").polygon_area_perimeter(
        [west, east, east, west], [y - half, y - half, y + half, y + half]
    )
    assert made.areas_m2()[row, 0] == pytest.approx(abs(expected), rel=1e-6)


@pytest.mark.parametrize(
    ("crs", "west", "south", "side"),
    [
        ("EPSG:3857", 1_113_194.9, 8_399_737.9, 20.0),  # Web Mercator at 60 degrees north
        ("EPSG:2263", 980_000.0, 190_000.0, 32.8),  # feet
        ("EPSG:2154", 700_000.0, 6_600_000.0, 10.0),  # Lambert
        ("EPSG:32633", 166_000.0, 5_000_000.0, 10.0),  # at the edge of a UTM zone
        ("EPSG:3413", -1500.0, -1000.0, 10.0),  # with the pole in it
        ("EPSG:4087", 1_000_000.0, 6_000_000.0, 10.0),  # equal degrees, called metres
        ("EPSG:4807", 2.0, 52.0, 0.0001),  # grads from Paris
        ("EPSG:4269", -75.0, 45.0, 0.0001),  # degrees of another datum
        ("EPSG:4326", 179.99, 45.0, 0.0001),  # across the date line
    ],
)
def test_pixels_have_their_size_on_the_ellipsoid_on_every_kind_of_crs(crs, west, south, side):
    made, earth = Grid(west, south, side, side, 300, 200, crs), Geod(ellps="WGS84")
    for row, column in ((0, 0), (100, 150), (37, 211), (199, 299)):
        left, top = west + column * side, made.bbox[3] - row * side
        longitude, latitude = made.degrees(*np.array([[left, top], [left, top - side], [left + side, top - side],
                                                      [left + side, top]]).T)  # fmt: skip
        area, _ = earth.polygon_area_perimeter(longitude, latitude)
        assert made.areas_m2()[row, column] == pytest.approx(abs(area), rel=2e-6)
        across, along = made.sizes_m(np.array([row]), np.array([column]))
        assert across == pytest.approx(earth.line_length(longitude[1:3], latitude[1:3]), rel=2e-4)
        assert along == pytest.approx(earth.line_length(longitude[:2], latitude[:2]), rel=2e-4)


def test_the_area_of_a_mask_is_the_sum_of_its_pixels_in_blocks_of_rows():
    made = Grid(1_113_194.9, 8_399_737.9, 20.0, 20.0, 300, 700, "EPSG:3857")
    mask = np.random.default_rng(0).random(made.shape) < 0.3
    assert made.area_m2(mask) == pytest.approx(made.areas_m2()[mask].sum(), rel=1e-12)
    assert sum(made.areas_m2(rows).sum() for rows in made.blocks()) == pytest.approx(made.areas_m2().sum())


def test_the_size_of_the_middle_pixel_in_degrees_agrees_with_that_of_any_crs():
    made = grid.for_bbox(grid.around(65.0, 10.0))
    across, along = made.sizes_m(np.array([made.height // 2]), np.array([made.width // 2]))
    assert made.pixel_m == pytest.approx((across[0], along[0]), rel=1e-6)


def test_a_plane_of_pixels_has_no_size_on_the_ground():
    made = Grid(0, 0, 1, 1, 3, 2, UNPLACED)
    assert not made.placed and np.isnan(made.areas_m2()).all() and np.isnan(made.pixel_m).all()
    assert math.isnan(made.area_m2(np.ones((2, 3), bool))) and made.proportions == (1, 1)
    with pytest.raises(GridError, match="no known place"):
        made.degrees(0.5, 0.5)


@pytest.mark.parametrize("box", [(1, 1, 1, 2), (2, 1, 1, 2), (1, 2, 2, 1)])
def test_an_empty_or_reversed_box_is_refused(box):
    with pytest.raises(GridError, match="west, south, east, north"):
        grid.for_bbox(box)


def test_a_box_too_large_to_open_is_refused_with_advice():
    with pytest.raises(GridError, match="coarser resolution"):
        grid.for_bbox((0, 0, 2, 2))


def test_a_box_that_leaves_the_globe_is_refused():
    with pytest.raises(GridError, match="leaves the globe"):
        grid.around(89.995, 0)


@given(st.floats(-60, 60), st.floats(-170, 170), st.floats(0.002, 0.05), st.sampled_from([0.00009, 0.00018, 0.0001]))
def test_spacing_is_even_and_the_box_is_never_further_off_than_the_rounding(latitude, longitude, buffer, resolution):
    box = grid.around(latitude, longitude, buffer)
    made = grid.for_bbox(box, resolution)
    assert np.allclose(np.diff(made.x), resolution) and np.allclose(np.diff(made.y), -resolution)
    grown = made.bbox[2] - box[2]
    assert -resolution <= grown <= grid.TILE_PX * resolution


@pytest.mark.parametrize(
    ("crs", "unit", "said"),
    [
        ("EPSG:4326", "degree", "degrees_east"), ("EPSG:4269", "degree", "degrees_east"), ("EPSG:32633", "metre", "m"),
        ("EPSG:2263", "US survey foot", "US_survey_foot"), ("EPSG:4807", "grad", "grad"), (UNPLACED, "pixel", "pixel"),
    ],
)  # fmt: skip
def test_coordinates_are_written_in_the_unit_of_their_reference_system(crs, unit, said):
    on = Grid(10.0, 10.0, 1.0, 1.0, 2, 2, crs)
    pair = {"B04": np.zeros((2, 2, 2))}
    patch = patches.build(on, ["2020-01-01", "2021-01-01"], pair, np.zeros((2, 2, 2)), {"simulated": False})
    assert on.unit == unit and patch["x"].attrs["units"] == said
