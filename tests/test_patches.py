import errno
import os
from datetime import date

import numpy as np
import pytest
import xarray as xr

from app import config, grid, patches
from app.errors import BandMissingError, DateOrderError, GridError, PatchFileError
from app.patches import PatchSpec
from tests.full_disk import files_up_to
from tests.small import T1, T2, patch

BOX = grid.around(37.0, 36.0)


def spec(**changes) -> PatchSpec:
    return PatchSpec(**{"source": "demo", "event_id": "1", "bbox": BOX, "t1": T1, "t2": T2, **changes})


def test_equal_specs_share_a_key_and_any_difference_gives_another():
    assert spec().key == spec().key
    others = [
        spec(source="stac"), spec(event_id="2"), spec(t2=date(2023, 3, 1)), spec(bands=("B04",)),
        spec(resolution_deg=0.00018), spec(event_date=date(2023, 1, 1)), spec(options=(("catalogue", "cdse"),)),
        spec(event_date=date(2023, 1, 1), event_end=date(2023, 1, 3)),
    ]  # fmt: skip
    assert len({spec().key, *(one.key for one in others)}) == len(others) + 1


def test_a_patch_kept_before_events_had_spans_is_found_by_the_same_key():
    assert spec(event_date=date(2023, 1, 1)).key == "0dafc8e486513ad7e7b4"


def test_a_patch_of_an_event_of_several_days_says_the_last_of_them():
    one = spec(bands=("B04",), event_date=date(2023, 2, 6), event_end=date(2023, 2, 9))
    zeros = np.zeros((2, *one.grid.shape))
    assert patches.assemble(one, {"B04": zeros}, zeros, {"simulated": True}).attrs["event_end"] == "2023-02-09"


def test_dates_in_the_wrong_order_are_refused_before_anything_is_fetched():
    with pytest.raises(DateOrderError, match="swap them"):
        spec(t1=T2, t2=T1)
    with pytest.raises(DateOrderError, match="choose another day for one of them"):
        spec(t1=T1, t2=T1)


def test_a_band_sentinel_2_lacks_is_refused():
    with pytest.raises(BandMissingError, match="B10"):
        spec(bands=("B04", "B10"))


def test_a_reversed_box_is_refused():
    with pytest.raises(GridError):
        spec(bbox=(1, 1, 0, 2))


def test_a_source_that_leaves_a_band_out_is_found_out():
    one = spec(bands=("B04", "B08"))
    with pytest.raises(BandMissingError, match="B08"):
        patches.assemble(
            one, {"B04": np.zeros((2, *one.grid.shape))}, np.zeros((2, *one.grid.shape)), {"simulated": True}
        )


def test_assembled_patches_carry_what_a_reader_needs_to_know():
    one = spec(bands=("B04",), event_date=date(2023, 2, 6))
    zeros = np.zeros((2, *one.grid.shape))
    made = patches.assemble(one, {"B04": zeros}, zeros, {"simulated": True, "t1_scenes": ["a", "b"]})
    assert made["B04"].dims == ("time", "y", "x") and made["B04"].dtype == np.float32
    assert made["CLM"].dtype == np.uint8
    assert patches.dates(made) == ("2022-09-17", "2023-02-24")
    assert made.attrs["event_date"] == "2023-02-06" and made.attrs["t1_scenes"] == "a, b"
    assert patches.is_simulated(made) and made.attrs["crs"] == "EPSG:4326"
    assert patches.grid_of(made).bbox == pytest.approx(one.grid.bbox, abs=1e-9)


def test_neither_cloud_nor_nodata_of_either_date_is_clear():
    clm = (np.array([[0, 1], [255, 0]]), np.array([[0, 0], [0, 1]]))
    assert patches.clear_mask(patch(size=2, CLM=clm)).tolist() == [[True, False], [False, False]]


def test_the_shares_of_clear_pixels_are_told_apart_by_date():
    clm = (np.array([[0, 1], [255, 0]]), np.zeros((2, 2)))
    assert patches.clear_shares(patch(size=2, CLM=clm)) == (0.5, 1.0)


@pytest.mark.parametrize("name", ["pair.nc", "pair.zarr"])
def test_a_patch_comes_back_from_disk_as_it_was(tmp_path, name):
    before = patch(B04=(0.05, np.arange(16).reshape(4, 4) / 100), simulated=True, truth=np.eye(4))
    before["B04"].values[0, 0, 0] = np.nan
    before["B02"].values[0, 0, 0] = 0.0
    patches.write(before, tmp_path / name)
    after = patches.read(tmp_path / name)
    for variable in before.variables:
        np.testing.assert_array_equal(before[variable].values, after[variable].values)
        assert after[variable].dtype == before[variable].dtype
    assert after["B02"].values[0, 0, 0] == 0.0  # a measured zero is not nodata
    assert {name: after.attrs[name] for name in before.attrs} == before.attrs
    assert after.attrs["software"] == config.software() and "software" not in before.attrs
    assert list(tmp_path.iterdir()) == [tmp_path / name]


def test_gdal_finds_position_and_crs_in_the_netcdf(tmp_path):
    import rasterio

    one = patch()
    patches.write(one, tmp_path / "pair.nc")
    with rasterio.open(f"netcdf:{tmp_path / 'pair.nc'}:B04") as opened:
        assert opened.crs.to_epsg() == 4326
        assert opened.bounds == pytest.approx(patches.grid_of(one).bbox, abs=1e-9)
        assert opened.count == 2


def test_a_second_writing_replaces_the_first(tmp_path):
    for name in ("pair.nc", "pair.zarr"):
        patches.write(patch(B04=(0.1, 0.2)), tmp_path / name)
        patches.write(patch(B04=(0.1, 0.3)), tmp_path / name)
        assert float(patches.read(tmp_path / name)["B04"].values[1, 0, 0]) == pytest.approx(0.3)


def test_another_ending_is_refused_with_the_two_that_work(tmp_path):
    with pytest.raises(PatchFileError, match=r"\.nc \(NetCDF\) or \.zarr"):
        patches.write(patch(), tmp_path / "pair.tif")


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PatchFileError, match="choose another place"):
        patches.write(patch(), tmp_path / "file" / "pair.nc")


@pytest.mark.parametrize("name", ["pair.nc", "pair.zarr"])
def test_a_folder_that_holds_something_else_is_never_taken_away(tmp_path, name):
    kept = tmp_path / name / "notes.txt"
    kept.parent.mkdir()
    kept.write_text("years of work")
    with pytest.raises(PatchFileError, match="not replaced"):
        patches.write(patch(), tmp_path / name)
    assert kept.read_text() == "years of work"


@pytest.mark.parametrize("name", ["pair.nc", "pair.zarr"])
def test_a_full_disk_is_a_sentence_and_leaves_nothing_behind(tmp_path, name):
    noise = np.random.default_rng(0).random((256, 256), np.float32)
    with files_up_to(50_000), pytest.raises(PatchFileError, match=os.strerror(errno.EFBIG)):  # in the system's words
        patches.write(patch(size=256, B04=(noise, noise)), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (lambda one: one.assign(B04=one["B04"].isel(time=0)), "B04 has to hold numbers over time, y, x"),
        (lambda one: one.transpose("y", "x", "time"), "has to hold numbers over time, y, x"),
        (lambda one: one.assign(B04=one["B04"].astype(str)), "B04 has to hold numbers"),
        (lambda one: one.assign_coords(time=[1, 2]), "have to be dates"),
        (lambda one: one.isel(y=slice(None, None, -1)), "not north up"),
        (lambda one: one.assign_attrs(crs="EPSG:nonsense"), "no coordinate reference system"),
        (lambda one: one.assign_attrs(simulated="perhaps"), "whether it is simulated"),
        (lambda one: one.isel(time=[1, 0]), "wrong order"),
    ],
)
def test_a_file_that_only_looks_like_a_patch_is_refused_with_what_is_wrong(changed, sentence):
    assert patches.checked(patch(), "pair.nc") is not None
    with pytest.raises(PatchFileError, match=sentence):
        patches.checked(changed(patch()), "pair.nc")


def test_what_is_not_a_patch_is_refused(tmp_path):
    with pytest.raises(PatchFileError, match="There is no"):
        patches.read(tmp_path / "missing.nc")
    (tmp_path / "text.nc").write_text("not a NetCDF")
    with pytest.raises(PatchFileError, match="cannot be read"):
        patches.read(tmp_path / "text.nc")
    xr.Dataset({"temperature": ("x", [1.0])}).to_netcdf(tmp_path / "other.nc")
    with pytest.raises(PatchFileError, match="not a Scarp patch"):
        patches.read(tmp_path / "other.nc")


@pytest.mark.parametrize("ending", ["nc", "zarr"])
def test_warnings_are_kept_with_the_pixels_each_once(tmp_path, ending):
    one = patch()
    one.attrs = patches.with_warnings(one.attrs, ["All bands are brighter at T2.", "Two\nlines."])
    one.attrs = patches.with_warnings(one.attrs, ["All bands are brighter at T2."])
    patches.write(one, tmp_path / f"p.{ending}")
    back = patches.read(tmp_path / f"p.{ending}")
    assert patches.warnings(back) == ("All bands are brighter at T2.", "Two lines.")
    assert patches.warnings(patch()) == ()


def test_cloud_and_what_has_no_data_are_said_apart():
    cloudy = patch(size=10, CLM=(np.where(np.arange(100).reshape(10, 10) < 9, 255, 0), 0))
    assert patches.share_words(cloudy) == ("91.0% clear, 9.0% without data", "100% clear")
    both = np.zeros(100_000)
    both[:30_000], both[-1] = 1, 255
    mixed = xr.Dataset({"CLM": (("time", "y", "x"), np.stack([both, both * 0 + 255]).reshape(2, 250, 400))})
    assert patches.share_words(mixed) == (
        "70.0% clear, 30.0% cloud or shadow, under 0.1% without data",
        "100% without data",
    )
