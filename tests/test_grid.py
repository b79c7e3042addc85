import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import grid
from app.errors import GridError
from app.grid import Grid

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
    from pyproj import Geod

    made = grid.for_bbox(grid.around(latitude, 10.0))
    row, half = made.height // 3, made.res_y / 2
    y, west, east = made.y[row], made.west, made.west + made.res_x
    expected, _ = Geod(ellps="WGS84").polygon_area_perimeter(
        [west, east, east, west], [y - half, y - half, y + half, y + half]
    )
    assert made.row_area_m2[row] == pytest.approx(abs(expected), rel=1e-6)


def test_a_projected_pixel_has_the_area_of_its_sides():
    assert Grid(0, 0, 10.0, 20.0, 3, 2, "EPSG:32629").row_area_m2.tolist() == [200.0, 200.0]


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
