"""Kept patches read as they would be made now, where an earlier version kept something that was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.bands import CLOUD_MASK
from app.patches import NODATA, band_names, with_warnings
from app.values import fill

if TYPE_CHECKING:
    import xarray as xr

_STEP = 4001  # of the pixels looked at first; a prime, so that no column is met again and again
# what 65535 became where a file states a scale of 0.0001, without and with the offset: read as percent
_AS_PERCENT = (0.065535, 0.064535)


def without_fill(patch: xr.Dataset) -> xr.Dataset:
    """Return one's own images, dims (time, y, x), with dates of nothing but fill without data; CLM is 255 there.

    Versions before 0.9.0 took a date that is 65535, or 32767, from edge to edge for measured and clear. Of other
    dates some pixels are looked at, which takes no time; what is changed is told among the warnings.
    """
    names, found = band_names(patch), []
    for at, day in enumerate(patch["time"].values):
        values = [patch[name].values[at] for name in names]
        levels = [_level(one) for one in values]
        is_fill = [level > fill.BRIGHTEST for level in levels]
        if all(np.isclose(level, _AS_PERCENT, rtol=1e-5).any() for level in levels):
            is_fill = [True] * len(levels)
        if any(is_fill):
            found.append(str(day)[:10])
            patch = _emptied(patch, at, [name for name, empty in zip(names, is_fill, strict=True) if empty])
    if not found:
        return patch
    return patch.assign_attrs(with_warnings(patch.attrs, [
        f"{', '.join(found)}: nothing but fill from edge to edge, which an earlier version kept as measured; it is "
        "without data."
    ]))  # fmt: skip


def _level(values: np.ndarray) -> float:
    """Return the one value that every measured pixel (y, x) holds; NaN where they differ, and where none is."""
    for some in (values.reshape(-1)[::_STEP], values):
        low, high = np.fmin.reduce(some, axis=None), np.fmax.reduce(some, axis=None)
        if low != high and not np.isnan(low):
            return float("nan")
    return float(low)


def _emptied(patch: xr.Dataset, at: int, names: list[str]) -> xr.Dataset:
    """Return a patch in which some bands of one date are NaN, and CLM is nodata where no band is left."""
    changed = {name: patch[name].copy() for name in (*names, CLOUD_MASK)}
    for name in names:
        changed[name].values[at] = np.nan
    patch = patch.assign(changed)
    empty = np.logical_and.reduce([np.isnan(patch[name].values[at]) for name in band_names(patch)])
    patch[CLOUD_MASK].values[at][empty] = NODATA
    return patch
