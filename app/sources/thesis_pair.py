"""A pair as the thesis kept it: a NetCDF cube for each date, and a mask of truth beside them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.bands import ALL_BANDS, CLOUD_MASK, TRUTH, normalise
from app.errors import SourceError
from app.grid import Grid
from app.patches import NODATA, PatchSpec, grid_of, is_simulated, told_simulated, with_warnings

if TYPE_CHECKING:
    import xarray as xr

    from app.values import units


def read(paths: Mapping[str, Path], spec: PatchSpec) -> "xr.Dataset":
    """Return a pair from files by their roles (``pre1``, ``pre2``, ``post``, ``GT.tif``, ``GT.png``).

    T1 is the file of the spec's date, else pre2, which the thesis used. Raises SourceError where a file is no such
    cube, or those of both dates differ in size.
    """
    from app import patches
    from app.values import units

    options = {role: _cube(paths[role]) for role in ("pre2", "pre1") if role in paths}
    before = next((cube for cube in options.values() if cube["day"] == str(spec.t1)), next(iter(options.values())))
    after = _cube(paths["post"])
    if before["grid"].shape != after["grid"].shape:
        raise SourceError(f"The files of event {spec.event_id} differ in size; get them again from where they came.")
    names = [name for name in ALL_BANDS if all(name in each["bands"] for each in (before, after))]
    dates = [
        units.Date(date_name, {name: each["bands"][name] for name in names})
        for date_name, each in zip(("T1", "T2"), (before, after), strict=True)
    ]
    units.to_reflectance(dates)
    bands = {name: np.stack([each.bands[name].values for each in dates]) for name in names}
    clm = np.stack([_mask(each) for each in (before, after)])
    days = [each["day"] for each in (before, after)]
    attrs = {"simulated": before["simulated"] or after["simulated"], "reading": " ".join(units.readings(dates))}
    attrs = with_warnings(attrs, [doubt for each in dates for doubt in each.doubts])
    return _with_truth(patches.build(before["grid"], days, bands, clm, attrs), paths)


def _with_truth(patch: "xr.Dataset", paths: Mapping[str, Path]) -> "xr.Dataset":
    """Return the pair with the mask that lies beside it as its truth, as it is where there is none."""
    from app import masks

    role = next((name for name in ("GT.tif", "GT.png") if name in paths), None)
    if role is None:
        return patch
    mask = masks.read(paths[role])
    truth = masks.to_shape(mask.values, grid_of(patch).shape)
    attrs = {"simulated": int(is_simulated(patch) or mask.simulated)}
    return patch.assign({TRUTH: (("y", "x"), truth)}).assign_attrs(attrs)


def _cube(path: Path) -> dict:
    """Return the bands (y, x), cloud mask, day and grid of one of the thesis's NetCDF files."""
    from app.stored import netcdf

    try:
        with netcdf.opened(path) as opened:
            cube = opened.squeeze(drop=False).load()
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceError(f"{path.name} cannot be read as NetCDF ({error}).") from error
    y, x = (next((name for name in names if name in cube.dims), None) for names in (("lat", "y"), ("lon", "x")))
    bands = {normalise(name): name for name in map(str, cube.data_vars) if normalise(name) in ALL_BANDS}
    if y is None or x is None or not bands:
        raise SourceError(f"{path.name} is not one of the thesis's files: it needs bands over lat and lon.")
    if cube[y].values[0] < cube[y].values[-1]:
        cube = cube.isel({y: slice(None, None, -1)})
    cube = cube.transpose(..., y, x)
    values = {name: _stored(cube[own]) for name, own in bands.items()}
    day = str(np.atleast_1d(cube["time"].values)[0])[:10] if "time" in cube.coords else "NaT"
    return {
        "bands": values,
        "clm": cube[CLOUD_MASK].values.astype(np.float32) if CLOUD_MASK in cube else None,
        "day": day,
        "grid": Grid.of_centres(cube[x].values, cube[y].values),
        "simulated": told_simulated(cube.attrs.get("simulated", 0)),
    }


def _stored(band: "xr.DataArray") -> "units.StoredBand":
    """Return a band as its file stores it, with the scale and offset that xarray has applied taken back."""
    from app.values import units

    held = band.encoding
    scale, offset = (float(held.get(name, default)) for name, default in (("scale_factor", 1.0), ("add_offset", 0.0)))
    stored = (band.values.astype(np.float64) - offset) / scale if (scale, offset) != (1.0, 0.0) else band.values
    integer = np.issubdtype(np.dtype(held.get("dtype", band.dtype)), np.integer)
    return units.StoredBand(stored.astype(np.float32), integer, scale, offset)


def _mask(each: dict) -> np.ndarray:
    empty = np.logical_and.reduce([np.isnan(stored.values) for stored in each["bands"].values()])
    if each["clm"] is None:
        return np.where(empty, NODATA, 0).astype(np.uint8)
    stored = each["clm"]
    known = np.isfinite(stored) & (stored != NODATA) & ~empty
    return np.where(known, stored != 0, NODATA).astype(np.uint8)
