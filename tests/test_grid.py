import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from app import grid, patches
from app.errors import GridError
from app.grid import UNPLACED, Grid

EVENT_2 = grid.around(35.864314, -121.430499)
shapes = st.tuples(st.integers(1, 40), st.integers(1, 40))
grids = st.builds(
    lambda west, south, shape, place: Grid(west * place[1], south * place[1], *place[1:3], *shape, place[0]),
    st.integers(1000, 40_000), st.integers(1000, 40_000), shapes,
    st.sampled_from([("EPSG:4326", 0.0009, 0.0005), ("EPSG:32633", 10.0, 20.0), (UNPLACED, 1.0, 1.0)]),
)  # fmt: skip


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


@pytest.mark.parametrize(
    ("latitude", "longitude", "edge", "away"),
    [(-17.5, 179.995, "across the 180th meridian", 0.0051), (-17.5, -179.999, "across the 180th meridian", 0.0091),
     (89.997, 10, "over a pole", 0.0071)],
)  # fmt: skip
def test_what_is_advised_for_an_event_at_the_edge_of_the_globe_works(latitude, longitude, edge, away):
    def opened(*place: float) -> None:
        grid.require_one_side(grid.around(*place), "Sentinel Hub")

    with pytest.raises(GridError, match=edge) as refused:
        opened(latitude, longitude)
    said = str(refused.value)
    advised = re.search(r"at most ([\d.]+) degrees", said)
    assert bool(advised) == (min(90 - abs(latitude), 180 - abs(longitude)) >= grid.BUFFERS_DEG[0])
    if advised:
        opened(latitude, longitude, float(advised[1]))
    assert f"{away - 0.0001:.4f} degrees away" in said
    opened(*(math.copysign(abs(one) - away, one) for one in (latitude, longitude)))


@pytest.mark.parametrize(("longitude", "columns"), [(179.999, [122, 100]), (-179.999, [100, 122]), (179.98, [222])])
def test_a_grid_across_the_180th_meridian_has_two_sides_that_together_are_its_pixels(longitude, columns):
    on = grid.for_bbox(grid.around(-17.5, longitude))
    sides = grid.halves(on)
    assert [one.width for one in sides] == columns
    x = np.concatenate([one.x for one in sides])
    np.testing.assert_allclose((x - on.x + 180) % 360, 180, atol=1e-9)
    assert all(one.x.min() >= -180 and one.x.max() <= 180 for one in sides)
    edges = [edge for west, _, east, _ in grid.boxes(on.bbox) for edge in (west, east)]
    meridian = [180.0, -180.0] if len(sides) > 1 else []
    assert edges == pytest.approx([sides[0].west, *meridian, sides[-1].bbox[2]])


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


def numbered(on: Grid) -> np.ndarray:
    """A number of its own for each pixel, (y, x)."""
    return np.arange(on.height * on.width).reshape(on.shape)


@given(grids)
def test_a_grid_read_at_its_own_pixels_is_what_it_was_and_is_the_same_as_itself(on):
    assert (on.sampled(numbered(on), on, -1) == numbered(on)).all()
    assert on.same_as(Grid.spanning(on.bbox, on.shape, on.crs)) and on.same_as(on.finer(1))
    if min(on.shape) > 1:
        assert on.same_as(Grid.of_centres(on.x, on.y, on.crs))


@given(grids, st.integers(1, 5))
def test_a_finer_grid_repeats_each_pixel_and_a_coarser_one_of_it_gives_them_back(on, times):
    fine = on.finer(times)
    drawn = on.sampled(numbered(on), fine, -1)
    assert (drawn == numbered(on).repeat(times, 0).repeat(times, 1)).all()
    assert (fine.sampled(drawn, on, -1) == numbered(on)).all()
    back = fine.coarser(max(on.shape))
    assert back.same_as(on) and max(fine.coarser(7).shape) <= 7
    assert fine.coarser(7).bbox == pytest.approx(on.bbox)


@given(grids, st.integers(-50, 50), st.integers(-50, 50))
def test_of_another_grid_only_what_lies_on_this_one_is_read(on, right, down):
    moved = Grid(on.west + right * on.res_x, on.south - down * on.res_y, *(on.res_x, on.res_y), *on.shape[::-1], on.crs)
    rows, columns = np.mgrid[: on.height, : on.width]
    rows, columns = rows + down, columns + right
    inside = (rows >= 0) & (rows < on.height) & (columns >= 0) & (columns < on.width)
    found = on.sampled(numbered(on), moved, -1)
    assert (found[inside] == (rows * on.width + columns)[inside]).all() and (found[~inside] == -1).all()
    assert on.same_as(moved) == moved.same_as(on) == ((right, down) == (0, 0))


def test_two_grids_are_the_same_to_a_hundredth_of_a_pixel():
    on = Grid(500_000.0, 0.0, 10.0, 20.0, 4, 3, "EPSG:32633")
    for change, same in (
        ({"west": 500_000.09}, True), ({"west": 500_000.11}, False), ({"south": 0.19}, True), ({"south": 0.21}, False),
        ({"width": 5}, False), ({"crs": "EPSG:32632"}, False), ({"res_x": 10.02}, True), ({"res_x": 10.03}, False),
    ):  # fmt: skip
        assert on.same_as(replace(on, **change)) is same, change


@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:2263", "EPSG:4807", "EPSG:3413"])
def test_a_grid_is_read_across_reference_systems_at_the_nearest_pixel_on_the_ground(crs):
    west, south, side = {"EPSG:4807": (2.0, 52.0, 0.01), "EPSG:2263": (980_000.0, 190_000.0, 300.0)}.get(
        crs, (400_000.0, 600_000.0, 100.0)
    )
    held = Grid(west, south, side, side, 30, 20, crs)
    on = Grid.spanning(held.bbox_deg, (60, 90))
    rows, columns, inside = held.pixels_of(on)
    there = held.ground_xyz(rows, columns)
    here = on.ground_xyz(*np.mgrid[: on.height, : on.width])
    off = np.linalg.norm(there - here, axis=-1)[inside]
    assert inside.mean() > 0.1 and off.max() <= 0.51 * math.hypot(*held.pixel_m)


def test_the_box_in_degrees_holds_every_corner():
    on = Grid(400_000.0, 5_000_000.0, 10.0, 10.0, 300, 200, "EPSG:32633")
    west, south, east, north = on.bbox_deg
    for x, y in ((0, 0), (0, 2000), (3000, 0), (3000, 2000)):
        longitude, latitude = on.degrees(on.west + x, on.south + y)
        assert west <= longitude <= east and south <= latitude <= north
    assert grid.for_bbox(EVENT_2).bbox_deg == grid.for_bbox(EVENT_2).bbox


def test_only_a_grid_in_degrees_has_pixels_and_a_corner_in_degrees():
    assert grid.for_bbox(EVENT_2).pixel_deg == (grid.RESOLUTION_DEG,) * 2
    assert grid.for_bbox(EVENT_2).corner_deg == EVENT_2[:2]
    for crs in ("EPSG:32633", "EPSG:4269", UNPLACED):
        assert Grid(0, 0, 1, 1, 3, 2, crs).pixel_deg is Grid(0, 0, 1, 1, 3, 2, crs).corner_deg is None


def test_a_plane_of_pixels_is_read_by_no_other_grid_and_has_no_box_in_degrees():
    held, plane = grid.for_bbox(EVENT_2), grid.plane((3, 2))
    assert plane.shape == (3, 2) and not plane.placed
    for ask in (lambda: held.pixels_of(plane), lambda: plane.pixels_of(held), lambda: plane.bbox_deg):
        with pytest.raises(GridError, match="no known place"):
            ask()


def test_a_single_row_or_column_is_of_square_pixels_and_a_single_pixel_as_large_as_is_said():
    one, two = np.array([10.0]), np.array([5.0, 3.0])
    assert Grid.of_centres(one, two) == Grid(9.0, 2.0, 2.0, 2.0, 1, 2)
    assert Grid.of_centres(two[::-1], one) == Grid(2.0, 9.0, 2.0, 2.0, 2, 1)
    assert Grid.of_centres(one, one, alone=4.0) == Grid(8.0, 8.0, 4.0, 4.0, 1, 1)
    with pytest.raises(GridError, match="two or more"):
        Grid.of_centres(one, one)


@given(st.floats(-60, 60), st.floats(-170, 170))
def test_the_thesis_box_is_what_the_usual_one_becomes_at_its_resolution(latitude, longitude):
    made = grid.for_bbox(grid.around(latitude, longitude), grid.THESIS_RESOLUTION_DEG)
    assert made.bbox == pytest.approx(grid.thesis_bbox(latitude, longitude), abs=1e-9)
    assert made.shape == (grid.THESIS_SIDE_PX, grid.THESIS_SIDE_PX)


@given(st.integers(1, 300), st.integers(1, 300))
def test_the_nearest_pixel_of_a_row_is_the_one_that_holds_the_middle(held, wanted):
    found = grid.nearest(held, wanted)
    middles = (np.arange(wanted) + 0.5) / wanted
    assert (found / held <= middles).all() and (middles <= (found + 1) / held).all()
