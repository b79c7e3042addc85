"""A patch in a file: NetCDF or Zarr, written whole or not at all, and checked when it is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import config, grid
from app.bands import CLOUD_MASK, HEIGHT, TRUTH
from app.errors import InputError, PatchFileError
from app.files import written_whole
from app.patches.spec import require_days
from app.patches.told import band_names, dates, grid_of, is_simulated

if TYPE_CHECKING:
    import xarray as xr

_ZARR = (".zgroup", ".zmetadata", "zarr.json")  # one of these is in every folder that is Zarr
_SAID = ("0", "1", "0.0", "1.0", "true", "false", "yes", "no")  # of being simulated


def write(patch: xr.Dataset, out: Path) -> None:
    """Store a patch as NetCDF (``.nc``) or Zarr (a folder ending in ``.zarr``).

    The file appears whole or not at all, and says which Scarp wrote it (``software``). Raises
    PatchFileError for another ending, where the place cannot be written, or where a folder is
    there that no patch was stored in.
    """
    out, patch = Path(out), patch.assign_attrs(software=config.software())
    _require_replaceable(out)
    with written_whole(out, PatchFileError, former=f".{out.name}.part") as beside:
        if out.suffix == ".nc":
            patch.to_netcdf(beside, engine="netcdf4", encoding=_compression(patch))
        elif out.suffix == ".zarr":
            patch.to_zarr(beside, mode="w", consolidated=True, zarr_format=2)
        else:
            raise PatchFileError(f"{out.name} should end in .nc (NetCDF) or .zarr (Zarr folder).")
        _make_way(out)


def read(path: Path) -> xr.Dataset:
    """Return a patch stored by ``write``, in memory.

    Raises PatchFileError where the file is missing or is not a Scarp patch, and InputError where it
    would take more memory than one may.
    """
    path = Path(path)
    if not path.exists():
        raise PatchFileError(f"There is no {path}. `python -m app patch EVENT --out {path.name}` writes one.")
    if path.is_dir() and not any((path / name).exists() for name in _ZARR):
        raise PatchFileError(f"{path.name} is a folder that holds no patch; name the file or the .zarr in it.")
    try:
        patch = _read_zarr(path) if path.is_dir() else _read_netcdf(path)
    except InputError:
        raise
    except Exception as error:  # each format library raises its own kinds
        raise PatchFileError(f"{path.name} cannot be read as NetCDF or Zarr ({error}).") from error
    return checked(patch, path.name)


def checked(patch: xr.Dataset, name: str) -> xr.Dataset:
    """Return the patch if it keeps the contract, else raise PatchFileError saying what is wrong."""
    if not band_names(patch) or CLOUD_MASK not in patch:
        raise PatchFileError(f"{name} is not a Scarp patch: it needs bands named like B04 and the mask CLM.")
    if patch.sizes.get("time") != 2 or not {"x", "y"} <= set(patch.sizes):
        raise PatchFileError(f"{name} is not a Scarp patch: it needs the dimensions time (two dates), y and x.")
    _check_layout(patch, name)
    if patch["time"].values[0] >= patch["time"].values[1]:
        raise PatchFileError(f"{name} holds its dates in the wrong order; T1 has to come first.")
    patch.attrs["simulated"] = int(is_simulated(patch))
    return patch


def _read_zarr(folder: Path) -> xr.Dataset:
    from app.stored import zarr_checks, zarr_files

    return zarr_files.from_files(zarr_checks.files_of(folder), folder.name, consolidated=None)


def _read_netcdf(path: Path) -> xr.Dataset:
    from app.stored import netcdf

    with netcdf.opened(path) as opened:
        return opened.load().copy()


def _check_layout(patch: xr.Dataset, name: str) -> None:
    """Raise PatchFileError unless every variable holds numbers on one north-up grid, of days."""
    wanted: dict[str, tuple[str, ...]] = dict.fromkeys((*band_names(patch), CLOUD_MASK), ("time", "y", "x"))
    wanted |= {TRUTH: ("y", "x"), HEIGHT: ("y", "x")}
    for variable, dims in wanted.items():
        if variable in patch and (patch[variable].dims != dims or patch[variable].dtype.kind not in "fiu"):
            raise PatchFileError(f"{name} is not a Scarp patch: {variable} has to hold numbers over {', '.join(dims)}.")
    if patch["time"].dtype.kind == "O":  # what a time of nanoseconds cannot hold
        require_days(*dates(patch), name=name)
    if patch["time"].dtype.kind != "M":
        raise PatchFileError(f"{name} is not a Scarp patch: its times have to be dates.")
    if not ((np.diff(patch["x"].values) > 0).all() and (np.diff(patch["y"].values) < 0).all()):
        raise PatchFileError(f"{name} is not north up: x has to grow and y to fall; turn it first.")
    if not all(_even(patch[side].values) for side in "xy"):
        raise PatchFileError(f"{name} has pixels that are not evenly spaced; resample it to a regular grid first.")
    if str(patch.attrs.get("simulated", 0)).strip().lower() not in _SAID:
        raise PatchFileError(f"{name} does not say whether it is simulated: the attribute has to be 0 or 1.")
    _check_crs(str(patch.attrs.get("crs", grid.EPSG_4326)), name)
    require_days(*dates(patch), name=name)
    grid.require_on_earth(grid_of(patch), name)


def _even(places: np.ndarray) -> bool:
    """Whether coordinates lie where a regular grid has them, to half a pixel; what is not finite is told elsewhere."""
    if len(places) < 3 or not np.isfinite(places).all():
        return True
    regular = np.linspace(places[0], places[-1], len(places))
    return bool(np.abs(places - regular).max() <= 0.5 * abs(places[-1] - places[0]) / (len(places) - 1))


def _check_crs(crs: str, name: str) -> None:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        CRS.from_user_input(crs)
    except CRSError as error:
        raise PatchFileError(f"{name} names no coordinate reference system that is known: {crs[:60]!r}.") from error


def _compression(patch: xr.Dataset) -> dict[str, dict[str, object]]:
    packed = {"zlib": True, "complevel": 1, "grid_mapping": "spatial_ref"}  # what is given here replaces all of it
    return {str(name): packed for name in patch.data_vars}


def _require_replaceable(out: Path) -> None:
    """Raise PatchFileError where writing would take away a folder that holds anything but a Zarr group."""
    if not out.is_dir() or not any(out.iterdir()):
        return
    if out.suffix != ".zarr" or not any((out / name).is_file() for name in (".zgroup", "zarr.json")):
        raise PatchFileError(f"{out} is a folder with other things in it and is not replaced; choose another place.")


def _make_way(out: Path) -> None:
    """Take away the folder a new one is put in place of: unlike a file, it is not replaced in one step."""
    if out.is_dir():
        import shutil

        shutil.rmtree(out)
