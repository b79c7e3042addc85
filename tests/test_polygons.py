"""Objects from masks: areas, outlines that close, small ones removed."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import Geod
from shapely.geometry import shape

from app.detection import polygons
from app.errors import GridError, InputError
from app.grid import UNPLACED, Grid
from tests.handmade import grid

UTM = Grid(500_000.0, 5_000_000.0, 10.0, 10.0, 6, 6, "EPSG:32632")
PIXEL_M2 = 100 / 0.9996**2  # on the ground: the map is smaller at the middle of a zone
masks = arrays(bool, (6, 6), elements=st.booleans())


def square(height=6, width=6, rows=slice(2, 4), columns=slice(1, 3)):
    mask = np.zeros((height, width), bool)
    mask[rows, columns] = True
    return mask


def test_area_on_a_projected_grid_is_that_of_the_ground_and_not_of_the_map():
    assert polygons.area_m2(square(), UTM) == pytest.approx(4 * PIXEL_M2, rel=1e-6)


@pytest.mark.parametrize(
    ("crs", "west", "south", "side"),
    [
        ("EPSG:3857", 1_113_194.9, 8_399_737.9, 20.0),  # Web Mercator at 60 degrees north
        ("EPSG:2263", 980_000.0, 190_000.0, 32.808333),  # feet
        ("EPSG:2154", 700_000.0, 6_600_000.0, 10.0),  # Lambert, conformal
        ("EPSG:3413", -500_000.0, -900_000.0, 10.0),  # polar
        ("EPSG:4269", -75.0, 45.0, 0.0001),  # degrees of another datum
        ("EPSG:4807", 2.0, 52.0, 0.0001),  # grads from Paris
        ("EPSG:4087", 1_000_000.0, 6_000_000.0, 10.0),  # equal degrees, called metres
    ],
)
def test_outlines_and_areas_are_those_of_the_ellipsoid_on_every_kind_of_crs(crs, west, south, side):
    on = Grid(west, south, side, side, 6, 6, crs)
    (feature,) = polygons.polygons(square(), np.ones((6, 6), np.float32), on)
    drawn, _ = Geod(ellps="WGS84").geometry_area_perimeter(shape(feature["geometry"]))
    assert feature["properties"]["area_m2"] == pytest.approx(abs(drawn), rel=1e-5)
    assert polygons.area_m2(square(), on) == pytest.approx(abs(drawn), rel=1e-5)
    assert polygons.clean(square(), on, abs(drawn) * 0.99).any()
    assert not polygons.clean(square(), on, abs(drawn) * 1.01).any()


def test_pixels_on_a_mere_plane_have_no_area_and_no_outline_on_the_ground():
    on = Grid(0, 0, 1, 1, 6, 6, UNPLACED)
    assert math.isnan(polygons.area_m2(square(), on)) and polygons.clean(square(), on).any()
    with pytest.raises(InputError, match="no known place"):
        polygons.clean(square(), on, 100)
    with pytest.raises(GridError, match="no known place"):
        polygons.polygons(square(), np.ones((6, 6), np.float32), on)


def test_area_in_degrees_shrinks_with_the_cosine_of_the_latitude():
    equator = Grid(0.0, 0.0, 0.0001, 0.0001, 6, 6)
    north = replace(equator, south=60.0)
    ratio = polygons.area_m2(square(), north) / polygons.area_m2(square(), equator)
    assert ratio == pytest.approx(0.5, rel=0.02)


def test_a_polygon_carries_area_scores_and_pixels():
    score = np.zeros((6, 6), np.float32)
    score[2:4, 1:3] = [[0.1, 0.2], [0.3, 0.4]]
    (feature,) = polygons.polygons(square(), score, UTM)
    assert feature["properties"] == pytest.approx(
        {"area_m2": 4 * PIXEL_M2, "mean_score": 0.25, "max_score": 0.4, "pixels": 4}, rel=1e-6
    )


def test_a_polygon_lies_where_its_pixels_do():
    on = grid(6, 6)
    (feature,) = polygons.polygons(square(), np.ones((6, 6), np.float32), on)
    west, south, east, north = shape(feature["geometry"]).bounds
    assert (west, east) == pytest.approx((10.0001, 10.0003))
    assert (south, north) == pytest.approx((1.0002, 1.0004))


def test_a_projected_grid_gives_degrees():
    (feature,) = polygons.polygons(square(), np.ones((6, 6), np.float32), UTM)
    west, south, *_ = shape(feature["geometry"]).bounds
    assert (west, south) == pytest.approx((9.0, 45.15), abs=0.01)
    assert shape(feature["geometry"]).is_valid


def test_every_ring_of_a_projected_grid_keeps_its_own_points():
    mask = np.ones((6, 6), bool)
    mask[1:3, 1:3], mask[4, :4] = False, False
    corner = np.zeros((6, 6), bool)
    corner[5, 5] = True
    features = polygons.polygons(mask & ~corner, np.ones((6, 6), np.float32), UTM)
    areas = [shape(feature["geometry"]).area for feature in features]
    pixels = [feature["properties"]["pixels"] for feature in features]
    assert sum(areas) / sum(pixels) == pytest.approx(areas[0] / pixels[0], rel=1e-3)
    assert sum(pixels) == (mask & ~corner).sum() and all(shape(feature["geometry"]).is_valid for feature in features)


@given(masks)
def test_outlines_are_valid_and_cover_exactly_the_mask(mask):
    on = grid(6, 6)
    features = polygons.polygons(mask, np.ones((6, 6), np.float32), on)
    outlines = [shape(feature["geometry"]) for feature in features]
    assert all(outline.is_valid for outline in outlines)
    for part in (part for outline in outlines for part in getattr(outline, "geoms", [outline])):
        assert part.exterior.is_ccw and not any(hole.is_ccw for hole in part.interiors), "as RFC 7946 wants"
    assert sum(outline.area for outline in outlines) == pytest.approx(mask.sum() * 0.0001**2)
    assert sum(feature["properties"]["area_m2"] for feature in features) == pytest.approx(polygons.area_m2(mask, on))
    assert sum(feature["properties"]["pixels"] for feature in features) == mask.sum()


def test_pixels_that_meet_at_a_corner_are_one_object():
    mask = np.eye(6, dtype=bool)
    (feature,) = polygons.polygons(mask, np.ones((6, 6), np.float32), UTM)
    assert feature["properties"]["pixels"] == 6 and len(feature["geometry"]["coordinates"]) == 6


def test_the_largest_comes_first_and_an_empty_mask_gives_none():
    mask = square() | square(rows=slice(5, 6), columns=slice(5, 6))
    features = polygons.polygons(mask, np.ones((6, 6), np.float32), UTM)
    assert [feature["properties"]["pixels"] for feature in features] == [4, 1]
    assert polygons.polygons(np.zeros((6, 6), bool), np.ones((6, 6), np.float32), UTM) == []


def test_objects_under_the_smallest_area_go_and_one_just_as_large_stays():
    mask = square() | square(rows=slice(5, 6), columns=slice(5, 6))
    assert polygons.clean(mask, UTM, 4 * PIXEL_M2 * 0.9999999).tolist() == square().tolist()
    assert not polygons.clean(mask, UTM, 401).any()
    assert polygons.clean(mask, UTM).tolist() == mask.tolist()


def test_opening_takes_away_what_is_narrow():
    mask = square(9, 9, slice(3, 6), slice(3, 6))
    line = square(9, 9, slice(0, 1), slice(0, 9))
    on = Grid(500_000.0, 5_000_000.0, 10.0, 10.0, 9, 9, "EPSG:32632")
    opened = polygons.clean(mask | line, on, opening_px=1)
    assert not opened[0].any() and opened[4, 3:6].all() and opened[3:6, 4].all()


@given(masks, st.floats(0, 2000), st.integers(0, 2))
def test_cleaning_never_adds_and_cleaning_twice_changes_nothing(mask, smallest, radius):
    once = polygons.clean(mask, UTM, smallest, radius)
    assert not (once & ~mask).any()
    assert (polygons.clean(once, UTM, smallest) == once).all()


def test_wrong_sizes_and_negative_limits_are_refused():
    with pytest.raises(GridError, match="patch's grid"):
        polygons.area_m2(np.zeros((2, 2), bool), UTM)
    with pytest.raises(InputError, match="negative"):
        polygons.clean(square(), UTM, -1)
