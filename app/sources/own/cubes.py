"""Cubes of bands, NetCDF and Zarr: which variables are images, where they lie, and the values of one time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.errors import GridError, InputError, PatchFileError, ScarpError
from app.grid import EPSG_4326
from app.patches import told_simulated
from app.values.units import StoredBand

if TYPE_CHECKING:
    import xarray as xr

_X, _Y, _TIME = ("x", "lon", "longitude", "easting"), ("y", "lat", "latitude", "northing"), ("time", "t", "date")
_MOST_TIMES = 2_000


@dataclass(frozen=True)
class CubeLayout:
    """What of a cube can be read as images."""

    variables: tuple[str, ...]
    width: int
    height: int
    transform: tuple[float, float, float, float, float, float]
    crs: str
    days: tuple[str, ...]  # ISO dates, empty without a time
    tags: dict[str, str]
    simulated: bool


@contextmanager
def opened(path: Path, name: str) -> Iterator[xr.Dataset]:
    """Open a NetCDF file or a Zarr group after what it declares was looked at; its scales are left to us.

    Raises InputError for what cannot be opened.
    """
    from app.stored import netcdf, zarr_checks, zarr_files

    try:
        if path.is_dir():
            yield zarr_files.from_files(zarr_checks.files_of(path), name, consolidated=None)
        else:
            with netcdf.opened(path) as held:
                yield held
    except ScarpError:
        raise
    except Exception as error:  # each format library raises its own kinds
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise PatchFileError(f"{name} cannot be read as NetCDF or Zarr ({said}).") from error


def described(held: xr.Dataset, name: str) -> CubeLayout:
    """Return which variables of a cube are images, and where they lie; raises InputError where none is."""
    found = [str(each) for each, one in held.data_vars.items() if _sides(one) and one.dtype.kind in "fiub"]
    if not found:
        raise InputError(f"{name} holds no variable over y and x (or latitude and longitude) that could be a band.")
    vertical, across = _sides(held[found[0]]) or ("", "")
    same = [each for each in found if _sides(held[each]) == (vertical, across)]
    days = _days(held, held[same[0]], name)
    return CubeLayout(
        tuple(same), held.sizes[across], held.sizes[vertical], _transform(held, vertical, across, name),
        _crs(held, held[same[0]], across), days, {str(key).lower(): str(text) for key, text in held.attrs.items()},
        told_simulated(held.attrs.get("simulated", "")),
    )  # fmt: skip


def values(held: xr.Dataset, variable: str, at: int, rows: slice, columns: slice) -> StoredBand:
    """Return one variable at one time, float32 (y, x), NaN where nodata; a scale it states has been used by xarray."""
    one = held[variable]
    vertical, across = _sides(one) or ("", "")
    time = _time_of(one)
    picked = one.isel({vertical: rows, across: columns, **({time: at} if time else {})}).transpose(vertical, across)
    whole = np.issubdtype(np.dtype(one.encoding.get("dtype", one.dtype)), np.integer)
    scaled = "scale_factor" in one.encoding or "add_offset" in one.encoding
    return StoredBand(np.array(picked.values, np.float32), bool(whole and not scaled))


def _sides(one: xr.DataArray) -> tuple[str, str] | None:
    """Return the names of the vertical and the horizontal dimension, None where a variable is no image."""
    names = {str(dim).lower(): str(dim) for dim in one.dims}
    vertical, across = (next((names[each] for each in known if each in names), "") for known in (_Y, _X))
    rest = [dim for dim in one.dims if dim not in (vertical, across) and str(dim).lower() not in _TIME]
    return (vertical, across) if vertical and across and not rest else None


def _time_of(one: xr.DataArray) -> str:
    return next((str(dim) for dim in one.dims if str(dim).lower() in _TIME), "")


def _days(held: xr.Dataset, one: xr.DataArray, name: str) -> tuple[str, ...]:
    time = _time_of(one)
    if not time:
        return ()
    if held.sizes[time] > _MOST_TIMES:
        raise InputError(f"{name} holds {held.sizes[time]:,} times, over {_MOST_TIMES:,}; cut out those of the pair.")
    if held[time].dtype.kind != "M":
        return ("",) * held.sizes[time]
    return tuple("" if str(day) == "NaT" else str(day)[:10] for day in held[time].values)


def _transform(
    held: xr.Dataset, vertical: str, across: str, name: str
) -> tuple[float, float, float, float, float, float]:
    """Return the affine of the coordinates, which are pixel centres; raises GridError where they are not even."""
    steps = []
    for dim in (across, vertical):
        if dim not in held.coords or held[dim].ndim != 1 or held.sizes[dim] < 2:
            raise GridError(f"{name} does not say where its pixels lie: it needs coordinates {across} and {vertical}.")
        places = held[dim].values.astype(float)
        step = (places[-1] - places[0]) / (len(places) - 1)
        regular = np.linspace(places[0], places[-1], len(places))
        if not np.isfinite(places).all() or step == 0 or np.abs(places - regular).max() > 0.1 * abs(step):
            raise GridError(f"{name} has pixels that are not evenly spaced; resample it to a regular grid first.")
        steps.append((float(places[0] - step / 2), float(step)))
    (west, right), (north, down) = steps
    return right, 0.0, west, 0.0, down, north


def _crs(held: xr.Dataset, one: xr.DataArray, across: str) -> str:
    """Return the reference system a cube names, as CF does or as an attribute; degrees where a side is longitude."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    mapping = str(one.encoding.get("grid_mapping") or one.attrs.get("grid_mapping") or "spatial_ref")
    noted = [held[each].attrs for each in (mapping, "spatial_ref", "crs") if each in held.variables]
    texts = [attrs.get(key) for attrs in noted for key in ("crs_wkt", "spatial_ref")]
    texts += [one.attrs.get("crs"), held.attrs.get("crs"), EPSG_4326 if across.lower().startswith("lon") else None]
    for text in texts:
        try:
            if text:
                found = CRS.from_user_input(str(text))
                code = found.to_epsg()
                return f"EPSG:{code}" if code else found.to_wkt()
        except CRSError:
            continue
    return ""
