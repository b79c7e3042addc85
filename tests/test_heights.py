"""Heights on a patch: from files of every kind onto its grid, and what is said of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio

from app import patches
from app.bands import HEIGHT
from app.errors import GridError, HeightsMissingError, InputError, PatchFileError
from app.grid import Grid, plane
from app.terrain import heights, slopes
from tests import small

ON = Grid(36.0, 37.0, 0.0001, 0.0001, 20, 16)


def put(folder: Path, values, on: Grid, *, crs: str = "", units: str = "", tags=None, **profile) -> Path:
    """Write heights as a GeoTIFF on a grid."""
    path = folder / "dem.tif"
    values = np.asarray(values)
    place = rasterio.Affine(*on.transform)
    made = {"driver": "GTiff", "count": 1, "height": on.height, "width": on.width, "dtype": values.dtype, **profile}
    with rasterio.open(path, "w", crs=crs or on.crs, transform=place, **made) as target:
        target.write(values, 1)
        target.update_tags(**(tags or {}))
        if units:
            target.set_band_unit(1, units)
    return path


def ramp(on: Grid, metres: float = 2.0) -> np.ndarray:
    """Return heights that rise by so much a pixel towards the east."""
    return np.broadcast_to(100 + metres * np.arange(on.width, dtype=np.float32), on.shape)


def test_heights_on_the_patch_s_own_pixels_stay_as_they_are(tmp_path):
    found = heights.from_file(put(tmp_path, ramp(ON), ON), ON)
    assert found.values.dtype == np.float32
    assert found.values == pytest.approx(ramp(ON))
    assert (found.source, found.datum, found.notes) == ("file dem.tif", heights.UNSTATED, ())


def test_coarser_heights_are_read_between_their_pixels(tmp_path):
    coarse = Grid(ON.west - 0.0009, ON.south - 0.0009, 0.0003, 0.0003, 14, 14)
    found = heights.from_file(put(tmp_path, ramp(coarse, 3.0), coarse), ON).values
    assert np.diff(found, axis=1) == pytest.approx(1.0, abs=0.01)


def test_heights_of_another_reference_system_lie_where_they_belong(tmp_path):
    held = Grid(500_000 - 3000, 4_094_000, 10.0, 10.0, 800, 600, "EPSG:32636")  # 33° E is its middle
    on = Grid(32.99, 37.0, 0.0001, 0.0001, 40, 30)
    x, _ = np.meshgrid(held.x, held.y)
    found = heights.from_file(put(tmp_path, (x - 490_000).astype(np.float32) / 10, held), on).values
    assert np.isfinite(found).all()
    width, _ = on.pixel_m
    assert np.diff(found, axis=1) == pytest.approx(width / 10, rel=0.01)


@pytest.mark.parametrize(("start", "west"), [(178.0, -179.995), (-182.0, 179.99), (0.0, -75.0)])
def test_heights_that_count_longitudes_another_way_reach_over_the_antimeridian(tmp_path, start, west):
    width = 400 if start else 3600
    held = Grid(start, -17.0, 4.0 / width if start else 0.1, 0.01, width, 100)
    on = Grid(west, -16.5, 0.0001, 0.0001, 12, 10)
    found = heights.from_file(put(tmp_path, ramp(held, 1.0), held), on).values
    column = (west + 6 * 0.0001 - start) % 360 / held.res_x - 0.5
    assert found[5, 6] == pytest.approx(100 + column, abs=0.05)


@pytest.mark.parametrize("void", [-9999.0, -32768.0, -3.4028235e38, 1e20])
def test_a_void_nobody_declared_is_unknown_and_counted(tmp_path, void):
    values = ramp(ON).copy()
    values[3, 4] = void
    found = heights.from_file(put(tmp_path, values, ON), ON)
    assert np.isnan(found.values[3, 4])
    assert np.count_nonzero(np.isnan(found.values)) == 1
    assert "1 numbers of dem.tif are no height on earth" in found.notes[0]
    assert "have no height" in found.notes[1]


def test_a_declared_void_is_left_out_of_its_neighbours(tmp_path):
    values = ramp(ON).copy()
    values[3, 4] = 0
    found = heights.from_file(put(tmp_path, values, ON, nodata=0), replace(ON, west=ON.west + ON.res_x / 2, width=18))
    assert np.nanmin(found.values) > 99


def test_the_sea_at_a_coast_is_level_ground(tmp_path):
    values = np.where(np.arange(20) < 10, 0, (np.arange(20) - 9) * 5).astype(np.int16)
    found = heights.from_file(put(tmp_path, np.broadcast_to(values, ON.shape), ON), ON).values
    slope = slopes.slope_deg(found, ON)
    assert not slope[:, :8].any()
    assert (slope[:, 11:] > 20).all()


def test_feet_become_metres_and_it_is_said(tmp_path):
    found = heights.from_file(put(tmp_path, ramp(ON), ON, units="feet"), ON)
    assert found.values == pytest.approx(ramp(ON) * 0.3048)
    assert "another unit" in found.notes[0]


def test_the_vertical_datum_is_the_one_the_file_states(tmp_path):
    assert heights.from_file(put(tmp_path, ramp(ON), ON, crs="EPSG:4326+5773"), ON).datum == "EGM96 height"
    assert heights.from_file(put(tmp_path, ramp(ON), ON, tags={"VERTICAL_DATUM": "EGM2008"}), ON).datum == "EGM2008"


def test_a_simulated_file_of_heights_makes_the_patch_a_simulated_one(tmp_path):
    found = heights.from_file(put(tmp_path, ramp(ON), ON, tags={"simulated": "true"}), ON)
    assert found.simulated
    patch = small.patch()
    assert not patches.is_simulated(patch)
    on = patches.grid_of(patch)
    assert patches.is_simulated(heights.onto(patch, replace(found, values=np.zeros(on.shape))))


def test_a_file_of_another_place_or_of_no_heights_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(HeightsMissingError, match="no height where the patch lies"):
        heights.from_file(put(tmp_path, ramp(ON), ON), replace(ON, west=10.0))
    with pytest.raises(HeightsMissingError, match="no heights in metres"):
        heights.from_file(put(tmp_path, np.full(ON.shape, -9999.0), ON), ON)
    with pytest.raises(GridError, match="no known place"):
        heights.from_file(put(tmp_path, ramp(ON), ON), plane((4, 4)))
    (tmp_path / "dem.tif").write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="cannot be read as a GeoTIFF"):
        heights.from_file(tmp_path / "dem.tif", ON)
    with pytest.raises(InputError, match="address"):
        heights.from_file("https://example.org/dem.tif", ON)


def test_heights_too_coarse_for_hillsides_are_told(tmp_path):
    coarse = Grid(35.9, 36.9, 0.01, 0.01, 30, 30)
    assert "hillsides are steeper" in heights.from_file(put(tmp_path, ramp(coarse), coarse), ON).notes[0]


def test_a_patch_without_heights_is_told_how_to_get_them():
    with pytest.raises(HeightsMissingError, match=r"--dem FILE\.tif"):
        heights.of(small.patch())
    assert heights.about(small.patch()) == ""


@pytest.mark.parametrize("name", ["pair.nc", "pair.zarr"])
def test_a_patch_keeps_its_heights_and_what_they_count_from(tmp_path, name):
    patch = small.patch()
    found = heights.Heights(np.arange(16, dtype=np.float32).reshape(4, 4), "file a.tif", "EGM2008", notes=("Said.",))
    patches.write(heights.onto(patch, found), tmp_path / name)
    back = patches.read(tmp_path / name)
    assert heights.of(back) == pytest.approx(found.values)
    assert heights.about(back) == "file a.tif; vertical datum: EGM2008" and heights.source(back) == "file a.tif"
    assert back[HEIGHT].attrs["comment"] == "Said."
    assert back[HEIGHT].attrs["units"] == "m"


def test_a_patch_whose_heights_are_no_plain_numbers_on_its_grid_is_refused(tmp_path):
    patch = small.patch().assign({HEIGHT: (("time", "y", "x"), np.zeros((2, 4, 4)))})
    with pytest.raises(PatchFileError, match="DEM has to hold numbers over y, x"):
        patches.checked(patch, "it")


@pytest.mark.shared
@pytest.mark.parametrize("place", ["282D_485L_3_3", "38D_378R_2_3", "433D_629L_3_1", "609U_541L_3_0", "637U_59R_1_3"])
def test_real_heights_lie_on_the_real_scene_they_belong_to(place, shared):
    from app import rasters

    with rasters.opened(shared / "data" / "s2" / "terramind" / f"{place}.tif") as source:
        on = rasters.grid_in(place, source, placed=True)
    found = heights.from_file(shared / "data" / "s2" / "terramind_dem" / f"{place}.tif", on)
    assert np.isfinite(found.values).all()
    slope = slopes.slope_deg(found.values, on)
    assert np.isfinite(slope).all()
    assert slope.max() < 60
