from pathlib import Path

import netCDF4
import pytest

from app import patches
from app.errors import InputError, PatchFileError
from app.stored import netcdf
from tests.small import patch


def test_a_patch_opens(tmp_path):
    patches.write(patch(), tmp_path / "patch.nc")
    with netcdf.opened(tmp_path / "patch.nc") as data:
        assert data["B04"].shape == (2, 4, 4)


@pytest.mark.parametrize(("kind", "attrs"), [("f4", {}), ("u1", {"scale_factor": 0.1}), ("u1", {"add_offset": 1.0})])
def test_a_small_file_that_declares_much_is_said_before_it_is_read(tmp_path, kind, attrs):
    path = tmp_path / "bomb.nc"
    with netCDF4.Dataset(path, "w") as out:
        for name, size in {"time": 2, "y": 30_000, "x": 30_000}.items():
            out.createDimension(name, size)
        made = out.createVariable("B04", kind, ("time", "y", "x"), zlib=True, chunksizes=(1, 1000, 1000))
        made.setncatts(attrs)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match="SCARP_PATCH_GB"):
        patches.read(path)


def test_values_of_no_fixed_length_are_refused(tmp_path):
    path = tmp_path / "odd.nc"
    with netCDF4.Dataset(path, "w") as out:
        out.createDimension("x", 2)
        out.createVariable("B04", out.createVLType("f4", "ragged"), ("x",))
    with pytest.raises(PatchFileError, match="B04"):
        patches.read(path)


def test_a_unit_alone_makes_no_date_of_a_number(tmp_path):
    path = tmp_path / "small.nc"
    with netCDF4.Dataset(path, "w") as out:
        out.createDimension("x", 2)
        out.createVariable("B04", "i2", ("x",)).units = "m"
    netcdf.require_bearable(path)


@pytest.mark.parametrize("name", ["link_out.nc", "values_elsewhere.nc"])
def test_a_file_that_takes_values_from_another_is_refused_before_any_is_read(name):
    path = Path(__file__).parent / "netcdf" / name
    with netCDF4.Dataset(path) as followed:  # what HDF5 would do
        assert followed["B04"].shape == (4,)
    with pytest.raises(PatchFileError, match="another file"), netcdf.opened(path):
        pass


def test_a_file_that_is_none_or_not_there_is_a_sentence(tmp_path):
    (tmp_path / "text.nc").write_text("not NetCDF")
    with pytest.raises(PatchFileError, match=r"text\.nc") as said:
        patches.read(tmp_path / "text.nc")
    assert str(tmp_path) not in str(said.value)
    with pytest.raises(PatchFileError, match=r"no .*gone\.nc"):
        patches.read(tmp_path / "gone.nc")


def test_an_address_is_not_opened(tmp_path):
    with pytest.raises(InputError, match="address"), netcdf.opened("http://127.0.0.1:9/x.nc"):
        pass


@pytest.mark.shared
def test_words_that_are_no_utf_8_are_told_with_what_writes_the_file_anew(shared):
    path = shared / "data" / "s2" / "xrspatial" / "red_band.nc"
    with pytest.raises(PatchFileError, match=r"red_band\.nc holds words that are no UTF-8.*engine='scipy'"):
        netcdf.require_alone(path)
