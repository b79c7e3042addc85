"""Detections for a notebook: score and mask beside each other in one Dataset, and their outlines as a GeoDataFrame."""

from typing import TYPE_CHECKING

import numpy as np

from app import grid, patches
from app.errors import InputError
from app.patches import Progress, no_progress

if TYPE_CHECKING:
    import geopandas as gpd
    import xarray as xr


def detect(
    patch: "xr.Dataset",
    method: str,
    *,
    threshold: float | None = None,
    device: str = "auto",
    min_area_m2: float = 0,
    opening_px: int = 0,
    min_slope_deg: float = 0,
    progress: Progress = no_progress,
) -> "xr.Dataset":
    """Return what a method finds on a patch: ``score``, ``mask`` and ``clear``, dims (y, x), on the patch's grid.

    ``score`` is float32 in ``score.attrs["units"]``, NaN where undefined; ``mask`` bool: at or above the threshold
    (the method's own where none is given), clear, on slopes and of a size as asked for; ``clear`` bool: where the
    method could judge. ``attrs`` say method, threshold, dates, device, fallback, warnings and whether the scene was
    simulated. Raises MethodError, BandMissingError, InputError for a smallest slope without heights.
    """
    from app.detection import polygons, run, steep

    found = steep.limited(run.detect(patch, method, device, progress), patch, min_slope_deg)
    mask = polygons.clean(run.mask(found, threshold), patches.grid_of(patch), min_area_m2, opening_px)
    made = patch.drop_vars(list(patch.data_vars)).drop_dims("time", errors="ignore").drop_vars("time", errors="ignore")
    made = made.assign(
        score=(("y", "x"), found.score, {"units": found.unit, "long_name": f"score of {found.ran}"}),
        mask=(("y", "x"), mask, {"long_name": "detected change"}),
        clear=(("y", "x"), found.clear, {"long_name": "could be judged"}),
    )
    made.attrs = {**run.labels(patch, found, threshold, min_area_m2, opening_px), "crs": patches.grid_of(patch).crs}
    return made


def pictures(
    patch: "xr.Dataset", composition: str = "true-colour", contrast: str = ""
) -> "tuple[np.ndarray, np.ndarray]":
    """Return T1 and T2 as the pages draw them, uint8 (y, x, 3), through one stretch, nodata hatched.

    ``composition`` is true-colour, false-colour, an index, a band or three (``B12-B8A-B04``); ``contrast`` as on the
    pages, ``percentile:2:98`` or ``fixed``. Raises InputError, BandMissingError.
    """
    from app.pictures import render

    return render.pair(patch, composition, render.stretch_for(patch, composition, contrast))


def outlines(found: "xr.Dataset") -> "gpd.GeoDataFrame":
    """Return the outlines of a detection, largest first, EPSG:4326, with true area, pixels and scores.

    Raises InputError for what is no detection, GridError where its pixels lie at no known place.
    """
    import geopandas as gpd

    from app.detection import polygons

    if not {"mask", "score"} <= set(found.data_vars):
        raise InputError("outlines(...) takes what detect(...) returned, with its score and mask.")
    features = polygons.polygons(np.asarray(found["mask"].values, bool), found["score"].values, patches.grid_of(found))
    if not features:
        return gpd.GeoDataFrame({"area_m2": []}, geometry=[], crs=grid.EPSG_4326)
    return gpd.GeoDataFrame.from_features(features, crs=grid.EPSG_4326)
