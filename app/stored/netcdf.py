"""NetCDF files opened only after what they declare was held against the limit."""

from __future__ import annotations

import errno
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app import config, limits
from app.errors import PatchFileError
from app.files import local
from app.processes.once import ended

if TYPE_CHECKING:
    import netCDF4
    import xarray as xr

# those of plain NetCDF; HDF5 would load code for others from folders of the system
_PACKED = {"zlib", "szip", "zstd", "bzip2", "blosc"}


@contextmanager
def opened(path: Path) -> Iterator[xr.Dataset]:
    """Open a NetCDF file of this machine, its values still unread.

    Raises PatchFileError for values that are no plain numbers, dates or short texts, InputError where all
    variables together are over the limit or the path is an address, and OSError for what is no NetCDF file.
    """
    import xarray as xr

    require_alone(local(path))
    require_bearable(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", xr.SerializationWarning)  # of times no day can hold, which is said further on
        data = xr.open_dataset(path, engine="netcdf4", decode_coords="all")
    with data:
        yield data


def require_alone(path: Path) -> None:
    """Raise PatchFileError unless a file can be read with no other file open (see ``netcdf_probe``)."""
    path = Path(path).resolve()
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "there is no such file", str(path))
    most = str(int(config.settings().patch_gb * 1e9))
    done = ended("app.stored.netcdf_probe", str(path), most, complaints=True)
    if done.code:
        said = done.wrote.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"ended by {-done.code}"]
        reason = said[0].replace(str(path), path.name)[:200]
        if reason.startswith("UnicodeDecodeError"):
            raise PatchFileError(
                f"{path.name} holds words that are no UTF-8, as NetCDF of old may; write it anew with "
                f"xarray.open_dataset({path.name!r}, engine='scipy').to_netcdf('new.nc')."
            )
        raise PatchFileError(
            f"{path.name} cannot be read as NetCDF by itself ({reason}): it is damaged, unpacks to more than it "
            "declares, or takes its values from another file."
        )


def require_bearable(path: Path) -> None:
    """Raise unless the values a file declares, as xarray would hold them, are within the limit."""
    import netCDF4

    with netCDF4.Dataset(path) as held:
        total = 0
        for name, variable in held.variables.items():
            _require_plain(variable, f"{path.name}, variable {name}")
            total += math.prod(variable.shape) * _itemsize(variable)
    limits.require_bearable(total, path.name)


def _require_plain(variable: netCDF4.Variable, where: str) -> None:
    import netCDF4

    special = isinstance(variable.datatype, (netCDF4.CompoundType, netCDF4.VLType))
    if special or (variable.dtype is str and math.prod(variable.shape) > 1000):
        raise PatchFileError(f"{where}: only numbers and dates are opened; leave it out and write the file again.")
    packed_by = variable.filters() or {}  # type: ignore[unreachable]  # none for a classic file, unlike its types say
    for packer, used in packed_by.items():
        if used and packer not in _PACKED | {"shuffle", "fletcher32", "complevel"}:
            raise PatchFileError(f"{where} is packed by {packer}; write it again with zlib.")


def _itemsize(variable: netCDF4.Variable) -> int:
    """Return the bytes of a value as xarray decodes it: whole numbers with nodata or a scale become floats."""
    if variable.dtype is str:
        return 1000
    size, attrs = variable.dtype.itemsize, set(variable.ncattrs())
    if variable.dtype.kind not in "iu":
        return size
    if "units" in attrs and " since " in str(variable.getncattr("units")):
        return 8
    if attrs & {"scale_factor", "add_offset", "_FillValue", "missing_value"}:
        return 4 if size <= 2 and "add_offset" not in attrs else 8
    return size
