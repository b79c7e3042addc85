"""The published data sets: found in folders and zips, read as what they are, placed on the grid."""

import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray as xr
from rasterio.transform import from_bounds

from app import config, grid, patches
from app.errors import BandMissingError, SourceError
from app.patches import PatchSpec
from app.sources import open_source

pytestmark = pytest.mark.filterwarnings(
    "ignore::rasterio.errors.NotGeoreferencedWarning", "ignore::PendingDeprecationWarning"
)

CENTRE = (35.864314, -121.430499)
BOX = grid.around(*CENTRE)
BANDS = ("B02", "B03", "B04", "B08")


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "published"
    folder.mkdir()
    _point_to(folder, monkeypatch)
    yield folder
    monkeypatch.undo()
    config.settings.cache_clear()


def _point_to(path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SCARP_PUBLISHED", str(path))
    config.settings.cache_clear()


def spec(event: str = "2", **changes) -> PatchSpec:
    fields = {"bands": BANDS, "event_date": date(2017, 5, 20), **changes}
    return PatchSpec("published", event, BOX, date(2017, 5, 17), date(2017, 5, 27), **fields)


def write_tif(path: Path, values: np.ndarray, crs: str | None = None, box=None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = values.shape
    place = {"crs": crs, "transform": from_bounds(*box, width, height)} if crs else {}
    with rasterio.open(
        path, "w", driver="GTiff", count=count, height=height, width=width, dtype=values.dtype, **place
    ) as out:
        out.write(values)


def glad4cd(root: Path, event: str, size: tuple[int, int], kind: str, part: str = "VALIDATION", **place) -> np.ndarray:
    """Write one event of GLaD4CD v1 and return its red reflectance before."""
    random = np.random.default_rng(int(event))
    red = random.uniform(0.02, 0.3, size)
    for letter, rise in (("A", 0.0), ("B", 0.1)):
        channels = np.stack([red + 0.01 * number + rise for number in range(4)] + [np.zeros(size)])
        channels[4, : size[0] // 8, : size[1] // 8] = 1  # a cloud in the north-west corner
        stored = channels.astype("float32") if kind == "reflectance" else (channels * 10_000).astype("uint16")
        if kind != "reflectance":
            stored[4] = channels[4]
        write_tif(root / part / letter / f"{event}.tif", stored, **place)
    if part == "VALIDATION":
        label = np.zeros((1, *size), "uint8")
        label[0, size[0] // 2 :, :] = 1
        write_tif(root / part / "LABEL" / f"{event}.tif", label, **place)
    return red + 0.02


@pytest.mark.parametrize("kind", ["reflectance", "numbers"])
@pytest.mark.parametrize("size", [(222, 222), (205, 190), (512, 512)])
def test_a_pair_opens_on_the_common_grid_in_reflectance_with_its_truth(place, kind, size):
    red = glad4cd(place / "LANDSLIDE_DATASET", "2", size, kind)
    patch = open_source("published").open(spec())
    np.testing.assert_allclose(patch["x"], spec().grid.x, rtol=0, atol=1e-9)
    np.testing.assert_allclose(patch["y"], spec().grid.y, rtol=0, atol=1e-9)
    first, second = patch["B04"].values
    assert np.nanmax(np.abs(second - first - 0.1)) < 2e-4
    assert np.isclose(first[111, 111], red, atol=1e-4).any()
    assert ("reflectance" if kind == "reflectance" else "digital numbers") in patch.attrs["reading"]
    assert patch["CLM"].values[0, 0, 0] == 1
    truth = patch["truth"].values
    assert truth[:100].max() == 0
    assert truth[120:].min() == 1
    assert "inventory" in patch.attrs["dates"]
    assert "assumed" in patch.attrs["position"]
    assert not patches.is_simulated(patch)
    assert patches.checked(patch, "x") is patch


def test_files_on_the_very_grid_asked_for_keep_every_pixel(place):
    on = spec().grid
    red = glad4cd(place, "2", on.shape, "reflectance", crs="EPSG:4326", box=on.bbox)
    patch = open_source("published").open(spec())
    np.testing.assert_allclose(patch["B04"].values[0], red, atol=1e-6)
    assert patch.attrs["position"] == "as the files say"


def test_files_in_another_projection_land_where_they_belong(place):
    from rasterio.warp import transform_bounds

    box = transform_bounds("EPSG:4326", "EPSG:32610", *BOX)
    glad4cd(place, "2", (300, 300), "reflectance", crs="EPSG:32610", box=box)
    patch = open_source("published").open(spec())
    assert np.isfinite(patch["B04"].values).mean() > 0.99
    assert patch["truth"].values[:90].max() == 0


def test_what_lies_outside_of_the_files_is_nodata(place):
    west, south, east, north = BOX
    box = (west, south, (west + east) / 2, north)
    glad4cd(place, "2", (222, 111), "reflectance", crs="EPSG:4326", box=box)
    patch = open_source("published").open(spec())
    assert np.isfinite(patch["B04"].values[:, :, :111]).all()
    assert np.isnan(patch["B04"].values[:, :, 111:]).all()
    assert (patch["CLM"].values[:, :, 111:] == 255).all()
    assert (patch["truth"].values[:, 111:] == 255).all()


def test_training_pairs_have_no_truth(place):
    glad4cd(place, "7", (222, 222), "reflectance", "TRAINING")
    assert "truth" not in open_source("published").open(spec("7"))


def test_a_zip_is_read_where_it_lies(place, monkeypatch, tmp_path):
    red = glad4cd(tmp_path / "LANDSLIDE_DATASET", "2", (222, 222), "numbers")
    packed = place / "LANDSLIDE_DATASET.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted((tmp_path / "LANDSLIDE_DATASET").rglob("*.tif")):
            out.write(path, path.relative_to(tmp_path))
    for where in (place, packed):  # the folder that holds it, or the zip itself
        _point_to(where, monkeypatch)
        patch = open_source("published").open(spec())
        assert np.isclose(patch["B04"].values[0, 111, 111], red, atol=1e-4).any()
        assert patch["truth"].values[200, 100] == 1


def test_a_member_s_path_cannot_leave_the_folder_it_is_unpacked_to(place, tmp_path):
    glad4cd(tmp_path / "x", "2", (50, 50), "numbers")
    with zipfile.ZipFile(place / "evil.zip", "w") as out:
        for path in (tmp_path / "x").rglob("*.tif"):
            out.write(path, f"../../../escaped/{path.parent.name}/{path.name}")
    open_source("published").open(spec())
    assert not (tmp_path / "escaped").exists()


def test_a_broken_zip_says_how_to_get_a_whole_one(place):
    (place / "LANDSLIDE_DATASET.zip").write_bytes(b"PK half a download")
    with pytest.raises(SourceError, match="python -m app fetch glad4cd"):
        open_source("published").open(spec())
    assert open_source("published").describe().bands == BANDS  # a list of sources stays readable


def test_without_the_files_it_is_said_how_to_get_them(place):
    with pytest.raises(SourceError, match=r"fetch glad4cd.*SCARP_PUBLISHED"):
        open_source("published").open(spec())


def test_an_event_that_is_not_there_lists_those_that_are(place):
    glad4cd(place, "41", (20, 20), "numbers")
    glad4cd(place, "7", (20, 20), "numbers", "TRAINING")
    with pytest.raises(SourceError, match=r"no pair of event 2; they hold 7, 41\."):
        open_source("published").open(spec())


def test_a_band_the_files_lack_is_named(place):
    glad4cd(place, "2", (20, 20), "numbers")
    with pytest.raises(BandMissingError, match="B02, B03, B04, B08 but not B12"):
        open_source("published").open(spec(bands=("B04", "B12")))


def write_cube(path: Path, values: float, day: str, scale: float = 1.0) -> None:
    """Write a NetCDF as the thesis did: one time, lat descending, B bands and CLM."""
    on = spec().grid
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (1, *on.shape)
    bands = {name: (("time", "lat", "lon"), np.full(shape, values * scale, "float32")) for name in ("B04", "B12")}
    bands["CLM"] = (("time", "lat", "lon"), np.zeros(shape, "float32"))
    bands["CLM"][1][0, :5] = 1
    coords = {"time": np.array([day], "datetime64[ns]"), "lat": on.y, "lon": on.x}
    xr.Dataset(bands, coords=coords).to_netcdf(path, engine="netcdf4")


@pytest.mark.parametrize("scale", [1.0, 10_000.0])
def test_the_thesis_s_own_folders_open_with_the_date_asked_for(place, scale):
    write_cube(place / "NetCDF" / "pre1_2.nc", 0.11, "2017-04-20T12:00", scale)
    write_cube(place / "NetCDF" / "pre2_2.nc", 0.12, "2017-05-17T12:00", scale)
    write_cube(place / "NetCDF" / "post_2.nc", 0.30, "2017-05-27T12:00", scale)
    write_tif(place / "GT" / "GT_TIF" / "GT_2.tif", np.ones((1, 222, 222), "uint8"))
    wanted = spec(bands=("B04", "B12"))
    patch = open_source("published").open(wanted)
    np.testing.assert_allclose(patch["B04"].values[:, 111, 111], [0.12, 0.30], atol=1e-5)
    assert patches.dates(patch) == ("2017-05-17", "2017-05-27")
    assert (patch["CLM"].values[0, :5] == 1).all()
    assert (patch["truth"].values == 1).all()
    earlier = PatchSpec("published", "2", BOX, date(2017, 4, 20), date(2017, 5, 27), bands=("B04", "B12"))
    np.testing.assert_allclose(open_source("published").open(earlier)["B04"].values[0], 0.11, atol=1e-5)


def test_what_the_files_hold_is_what_the_source_offers(place):
    glad4cd(place, "2", (20, 20), "numbers")
    info = open_source("published").describe()
    assert info.bands == BANDS
    assert not info.cacheable


def test_the_thesis_s_files_of_different_units_are_read_each_by_its_own(place):
    write_cube(place / "NetCDF" / "pre2_2.nc", 0.12, "2017-05-17T12:00", 10_000.0)
    write_cube(place / "NetCDF" / "post_2.nc", 0.30, "2017-05-27T12:00")
    patch = open_source("published").open(spec(bands=("B04", "B12")))
    np.testing.assert_allclose(patch["B04"].values[:, 111, 111], [0.12, 0.30], atol=1e-5)
    assert "T1: floats far above 1" in patch.attrs["reading"] and "T2: values read as refl" in patch.attrs["reading"]


def test_a_packed_file_of_the_thesis_is_read_by_its_scale_and_a_stale_one_is_not(place):
    for name, day in (("pre2_2", "2017-05-17T12:00"), ("post_2", "2017-05-27T12:00")):
        write_cube(place / "NetCDF" / f"{name}.nc", 0.30, day)
    packed = {"dtype": "uint16", "scale_factor": 1e-4, "_FillValue": 0}
    with xr.open_dataset(place / "NetCDF" / "pre2_2.nc") as held:
        cube = held.load()
    cube.to_netcdf(place / "NetCDF" / "pre2_2.nc", encoding={"B04": packed, "B12": packed})
    with xr.open_dataset(place / "NetCDF" / "post_2.nc") as held:
        cube = held.load()
    for name in ("B04", "B12"):
        cube[name].attrs["scale_factor"] = 1e-4
    cube.to_netcdf(place / "NetCDF" / "post_2.nc")
    patch = open_source("published").open(spec(bands=("B04", "B12")))
    np.testing.assert_allclose(patch["B04"].values[:, 111, 111], [0.30, 0.30], atol=1e-4)
    assert "not believed" in patch.attrs["warnings"]


def locked(packed: Path) -> None:
    """Mark every member of a zip as one that needs a password."""
    data = bytearray(packed.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(signature, at + 4)
    packed.write_bytes(bytes(data))


def test_a_zip_with_a_password_is_refused_in_a_sentence_and_spoils_no_other_event(place, tmp_path):
    glad4cd(place, "2", (30, 30), "v1")
    glad4cd(tmp_path / "other", "36", (30, 30), "v1")
    with zipfile.ZipFile(place / "other.zip", "w") as out:
        for path in sorted((tmp_path / "other").rglob("*.tif")):
            out.write(path, path.relative_to(tmp_path / "other"))
    locked(place / "other.zip")
    assert open_source("published").open(spec()).sizes["time"] == 2
    with pytest.raises(SourceError, match=r"cannot be unpacked.*password"):
        open_source("published").open(spec("36"))


def test_a_broken_zip_spoils_no_event_beside_it_and_is_named_where_one_is_missing(place):
    glad4cd(place, "2", (30, 30), "v1")
    (place / "half.zip").write_bytes(b"PK half a download")
    (place / "gone.zip").symlink_to(place / "nowhere.zip")
    assert open_source("published").open(spec()).sizes["time"] == 2
    with pytest.raises(SourceError, match=r"hold no pair of event 36; they hold 2\. .*half\.zip could not be read"):
        open_source("published").open(spec("36"))
