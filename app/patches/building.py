"""A patch made from arrays: one variable a band, the cloud mask, and what is said of them, as CF has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from app.bands import BANDS, CLOUD_MASK, SCENE_COUNT, TRUTH
from app.errors import BandMissingError
from app.grid import Grid
from app.patches.spec import PatchSpec, require_days
from app.patches.told import told_simulated

if TYPE_CHECKING:
    import xarray as xr


def assemble(
    spec: PatchSpec,
    bands: Mapping[str, np.ndarray],
    clm: np.ndarray,
    attrs: Mapping[str, object],
    truth: np.ndarray | None = None,
    counts: np.ndarray | None = None,
) -> xr.Dataset:
    """Build the patch that ``spec`` names from arrays already on its grid.

    ``bands`` maps each band of the spec to float32 reflectance (2, height, width), T1 first,
    NaN where nodata. ``clm`` is uint8 of the same shape: 0 clear, 1 cloud or shadow, 255
    nodata. ``truth``, where known, is uint8 (height, width): 1 landslide, 0 not, 255 unknown.
    ``attrs`` must hold ``simulated`` (bool) and may hold ``t1_scenes``, ``t2_scenes``,
    ``processing_baseline`` and anything else worth keeping with the pixels.
    ``counts``, of a composite, is uint16 like ``clm``: how many clear scenes each pixel is made of.
    Raises BandMissingError where a band of the spec is not there.
    """
    missing = [name for name in spec.bands if name not in bands]
    if missing:
        raise BandMissingError(
            f"The source {spec.source} gave no {', '.join(missing)}; choose among {', '.join(bands)}."
        )
    chosen = {name: bands[name] for name in spec.bands}
    patch = build(spec.grid, [spec.t1, spec.t2], chosen, clm, {**_labels(spec, attrs), **attrs}, truth)
    return patch if counts is None else _counted(patch, counts)


def _labels(spec: PatchSpec, attrs: Mapping[str, object]) -> dict[str, object]:
    """Return what a patch says of the spec it was made for."""
    simulated = "SIMULATED " if told_simulated(attrs.get("simulated", 0)) else ""
    return {
        "title": f"{simulated}Sentinel-2 L2A pair around event {spec.event_id}",
        "source": spec.source,
        "event_id": spec.event_id,
        "event_date": str(spec.event_date or ""),
        "t1": spec.when[0],
        "t2": spec.when[1],
        **({"composite": spec.composite} if spec.composite else {}),
        **({"event_end": str(spec.event_end)} if spec.event_end else {}),
    }


def _counted(patch: xr.Dataset, counts: np.ndarray) -> xr.Dataset:
    meaning = {"long_name": "clear scenes a pixel is made of", "units": "1"}
    patch[SCENE_COUNT] = (("time", "y", "x"), np.asarray(counts, np.uint16), meaning)
    patch[SCENE_COUNT].encoding["grid_mapping"] = "spatial_ref"
    return patch


def build(
    on: Grid,
    dates: Sequence[date | str],
    bands: Mapping[str, np.ndarray],
    clm: np.ndarray,
    attrs: Mapping[str, object],
    truth: np.ndarray | None = None,
) -> xr.Dataset:
    """Build a patch on any grid (see ``assemble`` for the arrays); used for files as well."""
    import xarray as xr

    require_days(*dates)

    variables: dict[str, tuple] = {
        name: (("time", "y", "x"), np.asarray(values, np.float32), _band_attrs(name)) for name, values in bands.items()
    }
    clm_attrs = {"long_name": "cloud mask", "flag_values": [0, 1, 255], "flag_meanings": "clear cloud nodata"}
    variables[CLOUD_MASK] = (("time", "y", "x"), np.asarray(clm, np.uint8), clm_attrs)
    if truth is not None:
        meaning = {"long_name": "landslide", "flag_values": [0, 1, 255], "flag_meanings": "no yes unknown"}
        variables[TRUTH] = (("y", "x"), np.asarray(truth, np.uint8), meaning)
    patch = xr.Dataset(variables, coords=_coordinates(on, dates), attrs=_plain(attrs))
    patch.attrs["crs"] = on.crs
    return _georeferenced(patch, on)


def _band_attrs(name: str) -> dict[str, object]:
    if name not in BANDS:
        return {"long_name": name, "units": "1"}
    band = BANDS[name]
    return {
        "long_name": f"{band.title} surface reflectance",
        "units": "1",
        "wavelength_nm": band.centre_nm,
        "native_resolution_m": band.native_m,
    }


def _coordinates(on: Grid, dates: Sequence[date | str]) -> dict[str, object]:
    degrees = on.geographic
    x_attrs = {"standard_name": "longitude" if degrees else "projection_x_coordinate", "axis": "X"}
    y_attrs = {"standard_name": "latitude" if degrees else "projection_y_coordinate", "axis": "Y"}
    unit = "m" if on.unit == "metre" else on.unit.replace(" ", "_")
    x_attrs["units"], y_attrs["units"] = ("degrees_east", "degrees_north") if on.unit == "degree" else (unit, unit)
    time = np.array([str(day) for day in dates], dtype="datetime64[ns]")
    return {"time": ("time", time), "y": ("y", on.y, y_attrs), "x": ("x", on.x, x_attrs)}


def _georeferenced(patch: xr.Dataset, on: Grid) -> xr.Dataset:
    """Record the CRS the CF way, which is what GDAL, QGIS and rioxarray look for."""
    attrs = dict(_crs_attrs(on.crs))
    a, b, c, d, e, f = on.transform
    attrs["GeoTransform"] = f"{c!r} {a!r} {b!r} {f!r} {d!r} {e!r}"
    patch = patch.assign_coords(spatial_ref=((), np.int32(0), attrs))
    for name in patch.data_vars:
        patch[name].encoding["grid_mapping"] = "spatial_ref"
    patch.attrs["Conventions"] = "CF-1.8"
    return patch


@lru_cache(maxsize=16)
def _crs_attrs(name: str) -> dict[str, object]:
    from pyproj import CRS

    crs = CRS.from_user_input(name)
    return {**crs.to_cf(), "spatial_ref": crs.to_wkt()}


def _plain(attrs: Mapping[str, object]) -> dict[str, object]:
    """Return attributes that NetCDF and Zarr can both hold: text and numbers."""
    plain: dict[str, object] = {}
    for name, value in attrs.items():
        if isinstance(value, bool):
            value = int(value)
        elif isinstance(value, (list, tuple)):
            value = ", ".join(str(part) for part in value)
        elif value is None or isinstance(value, date):
            value = str(value or "")
        plain[name] = value
    return plain
