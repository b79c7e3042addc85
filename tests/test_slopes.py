"""Slope, aspect and curvature: on planes and cones made by hand, and as gdaldem has them on real heights."""

import os
import shutil
import subprocess

import numpy as np
import pytest

from app.errors import GridError
from app.grid import Grid, plane
from app.terrain import slopes

UTM = Grid(500_000, 5_000_000, 10.0, 10.0, 21, 15, "EPSG:32632")
PLACES = ("282D_485L_3_3", "38D_378R_2_3", "433D_629L_3_1", "609U_541L_3_0", "637U_59R_1_3")
REAL = ("iburi2018_west/dem.tif", *(f"s2/terramind_dem/{place}.tif" for place in PLACES))


def tilted(on: Grid, east: float, north: float) -> np.ndarray:
    """Return the heights of a plane that rises by so many metres a metre of ground, at the true size of each row."""
    width, length = on.sizes_m(*np.meshgrid(np.arange(on.height), np.arange(on.width), indexing="ij"))
    across = (np.arange(on.width) - on.width // 2)[None, :] * width
    along = (on.height // 2 - np.arange(on.height))[:, None] * length
    return east * across + north * along


@pytest.mark.parametrize(
    ("east", "north", "slope", "aspect"),
    [
        (1.0, 0.0, 45, 270),  # rises to the east, so it falls to the west
        (0.0, 0.5, 26.565, 180),
        (-0.2, 0.0, 11.310, 90),
        (0.0, -0.2, 11.310, 0),
        (-0.3, -0.3, 22.990, 45),
    ],
)
def test_a_plane_has_its_slope_everywhere_and_faces_where_it_falls(east, north, slope, aspect):
    heights = tilted(UTM, east, north)
    assert slopes.slope_deg(heights, UTM) == pytest.approx(slope, abs=0.02)
    facing = slopes.aspect_deg(heights, UTM)
    assert np.abs((facing - aspect + 180) % 360 - 180).max() < 0.05


@pytest.mark.parametrize("latitude", [0.0, 43.0, -62.0, 78.0])
def test_a_plane_in_degrees_has_the_slope_it_has_on_the_ground_at_any_latitude(latitude):
    on = Grid(12.0, latitude, 0.00009, 0.00009, 9, 7)
    assert slopes.slope_deg(tilted(on, 0.5, 0.0), on) == pytest.approx(26.565, abs=0.02)
    assert slopes.slope_deg(tilted(on, 0.0, 0.5), on)[1:-1] == pytest.approx(26.565, abs=0.02)


def test_heights_on_a_stretched_projection_have_their_true_slope():
    # at 60° Web Mercator's metres are half of true ones
    on = Grid(0, 8_399_737.9, 20.0, 20.0, 9, 9, "EPSG:3857")
    heights = np.broadcast_to(10.0 * np.arange(9), (9, 9))
    assert slopes.slope_deg(heights, on)[4, 4] == pytest.approx(45, abs=0.2)


def test_flat_ground_has_no_slope_no_aspect_and_no_curvature():
    flat = np.full(UTM.shape, 31.0)
    assert not slopes.slope_deg(flat, UTM).any()
    assert np.isnan(slopes.aspect_deg(flat, UTM)).all()
    assert not slopes.curvature(flat, UTM).any()


def test_a_cone_is_as_steep_all_around_and_faces_away_from_its_top():
    on = Grid(500_000, 5_000_000, 10.0, 10.0, 41, 41, "EPSG:32632")
    y, x = np.mgrid[20:-21:-1, -20:21] * 10.0
    away = np.hypot(x, y) > 60
    slope = slopes.slope_deg(500 - 0.5 * np.hypot(x, y), on)
    assert slope[away] == pytest.approx(26.565, abs=0.4)
    facing = slopes.aspect_deg(500 - 0.5 * np.hypot(x, y), on)
    outward = np.degrees(np.arctan2(x, y)) % 360
    assert np.abs((facing - outward + 180) % 360 - 180)[away].max() < 1


def test_a_bowl_curves_up_and_a_dome_down():
    y, x = np.mgrid[-7:8, -10:11] * 10.0
    bowl = (x**2 + y**2) / 2000
    assert slopes.curvature(bowl, UTM)[1:-1, 1:-1] == pytest.approx(-2 / 1000, rel=0.01)
    assert slopes.curvature(-bowl, UTM)[7, 10] == pytest.approx(2 / 1000, rel=0.01)


def test_ground_beside_a_void_is_unknown_and_all_else_is_as_it_was():
    heights = tilted(UTM, 0.3, 0.1)
    heights[7, 9] = np.nan
    slope = slopes.slope_deg(heights, UTM)
    assert np.isnan(slope[6:9, 8:11]).all()
    assert np.count_nonzero(np.isnan(slope)) == 9
    assert np.isnan(slopes.curvature(heights, UTM)).sum() == 9
    known = np.isfinite(slope)
    assert slope[known] == pytest.approx(slopes.slope_deg(tilted(UTM, 0.3, 0.1), UTM)[known])


def test_heights_that_are_all_unknown_give_no_slope_and_no_complaint():
    assert np.isnan(slopes.slope_deg(np.full(UTM.shape, np.nan), UTM)).all()
    assert np.isnan(slopes.hillside_deg(np.full(UTM.shape, np.nan), UTM)).all()


def test_a_coast_is_steep_where_it_rises_and_level_at_sea():
    heights = np.where(np.arange(21) < 10, 0.0, (np.arange(21) - 9) * 5.0)
    slope = slopes.slope_deg(np.broadcast_to(heights, UTM.shape), UTM)
    assert not slope[:, :9].any()
    assert slope[:, 11:] == pytest.approx(26.565, abs=0.02)


def test_a_hillside_is_as_steep_as_its_pixels_are_together_and_unknown_where_its_pixel_is():
    slope = np.where(np.arange(21) < 10, 0.0, 30.0) * np.ones(UTM.shape)
    around = slopes.hillside_deg(slope, UTM)
    assert around[5, 8:12] == pytest.approx([0, 10, 20, 30])
    slope[5, 9] = np.nan
    around = slopes.hillside_deg(slope, UTM)
    assert np.isnan(around[5, 9])
    assert around[5, 10] == pytest.approx((5 * 30 + 30 + 0 + 0) / 8, abs=1e-4) or np.isfinite(around[5, 10])


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (2, 2)])
def test_a_few_pixels_have_a_slope_along_what_is_there(shape):
    on = Grid(500_000, 5_000_000, 10.0, 10.0, shape[1], shape[0], "EPSG:32632")
    heights = tilted(on, 1.0, 0.0)
    assert slopes.slope_deg(heights, on) == pytest.approx(45 if shape[1] > 1 else 0, abs=0.02)


def test_pixels_at_no_known_place_have_no_slope_and_are_told_so():
    with pytest.raises(GridError, match="no known place"):
        slopes.slope_deg(np.zeros((3, 3)), plane((3, 3)))


# --- beside gdaldem ------------------------------------------------------------------------


def by_gdaldem(what: str, heights: np.ndarray, on: Grid, folder, *options: str) -> np.ndarray:
    """Return what gdaldem makes of heights whose pixels are said to be as large as they are on the ground."""
    import rasterio

    if shutil.which("gdaldem") is None:
        assert not os.environ.get("CI"), "CI has to hold slopes against gdaldem; install gdal-bin"
        pytest.skip("gdaldem is not installed here (Debian's gdal-bin), so nothing is held against it")
    width, length = on.pixel_m
    held, made = folder / "heights.tif", folder / "made.tif"
    place = rasterio.Affine(width, 0, 500_000, 0, -length, 5_000_000)
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": "EPSG:32632", "transform": place}
    with rasterio.open(held, "w", height=on.height, width=on.width, nodata=-9999.0, **profile) as target:
        target.write(np.where(np.isfinite(heights), heights, -9999).astype(np.float32), 1)
    subprocess.run(["gdaldem", what, *options, "-compute_edges", "-q", held, made], check=True)
    with rasterio.open(made) as source:
        return source.read(1, masked=True).astype(np.float32).filled(np.nan)


def real(path) -> tuple[np.ndarray, Grid]:
    from app import rasters

    with rasters.opened(path) as source:
        return source.read(1).astype(np.float64), rasters.grid_in(path.name, source, placed=True)


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_the_slope_of_real_heights_is_that_of_gdaldem_to_a_tenth_of_a_degree(name, shared, tmp_path):
    heights, on = real(shared / "data" / name)
    told, ours = by_gdaldem("slope", heights, on, tmp_path), slopes.slope_deg(heights, on)
    assert np.abs(told - ours)[but_corners(on)].max() < 0.1
    if np.ptp(on.pixel_m) > 0.01:
        return  # gdaldem takes every pixel for a square where it tells the aspect
    facing, told_where = by_gdaldem("aspect", heights, on, tmp_path), but_corners(on) & (ours > 1)
    turned = np.abs((facing - slopes.aspect_deg(heights, on) + 180) % 360 - 180)
    assert turned[told_where].max(initial=0) < 0.1


def but_corners(on: Grid) -> np.ndarray:
    """Return where the two are held against each other: gdaldem goes on beyond a corner in a way of its own."""
    inside = np.ones(on.shape, bool)
    inside[[0, 0, -1, -1], [0, -1, 0, -1]] = False
    return inside


def test_the_slope_of_rough_ground_with_a_void_is_that_of_gdaldem(tmp_path):
    rng = np.random.default_rng(5)
    on = Grid(500_000, 5_000_000, 30.0, 20.0, 60, 50, "EPSG:32632")
    heights = 300 + np.cumsum(rng.normal(0, 4, on.shape), axis=1)
    heights[20:23, 30:33] = np.nan
    told, ours = by_gdaldem("slope", heights, on, tmp_path), slopes.slope_deg(heights, on)
    whole = np.isfinite(ours)
    assert np.count_nonzero(~whole) == 25
    assert np.abs(told - ours)[whole & but_corners(on)].max() < 0.1
