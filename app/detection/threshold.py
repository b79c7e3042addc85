"""Differences of reflectance between T1 and T2: one band, all bands, the change vector."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.config import available_cores
from app.detection.methods import KINDS, REFLECTANCE, Method, Scored
from app.patches import Progress, no_progress

if TYPE_CHECKING:
    import xarray as xr

BLOCK_BYTES = 1 << 19  # a block of rows of one date and band: small enough to stay in the processor's cache


def score(patch: "xr.Dataset", method: Method, device: str = "auto", progress: Progress = no_progress) -> Scored:
    """Return the scores of a band difference, of all bands, or of the change vector, in reflectance.

    Raises BandMissingError where the patch lacks the band asked for. Runs on the CPU, whatever
    the ``device``.
    """
    names = (method.target,) if method.kind == "band-difference" else patches.band_names(patch)
    patches.require_bands(patch, *names)
    pairs = [patch[name].values for name in names]
    if method.kind == "cva":
        values = vector_length(pairs, progress)
    else:
        values = largest_difference(pairs, method.direction, progress)
    measured = np.logical_and.reduce([np.isfinite(pair).all(axis=0) for pair in pairs])
    return Scored(values, measured, KINDS[method.kind].threshold, REFLECTANCE)


def largest_difference(
    pairs: list[np.ndarray], direction: str = "increase", progress: Progress = no_progress
) -> np.ndarray:
    """Return the largest change among bands, float32 (y, x), NaN where any band has nodata.

    ``pairs`` holds each band's reflectance as float32 (2, y, x), T1 first. ``increase`` is
    T2 - T1, ``decrease`` T1 - T2, ``both`` the absolute value. A threshold on it marks the
    union of the bands' changes, the thesis's all-band map (Leonardi 2024, hdl 10589/218042).
    """
    out = np.empty(pairs[0].shape[1:], np.float32)
    for rows, share in _blocks(out.shape):
        for position, pair in enumerate(pairs):
            change = _directed(pair[0, rows], pair[1, rows], direction)
            out[rows] = change if position == 0 else np.maximum(out[rows], change)
        progress(share, "Comparing bands")
    return out


def vector_length(pairs: list[np.ndarray], progress: Progress = no_progress) -> np.ndarray:
    """Return the length of the change vector over the bands, float32 (y, x), in reflectance.

    It grows with the number of bands, so a threshold belongs to a set of bands. NaN where any
    band has nodata. Source: Malila (1980), Change vector analysis, LARS Symposia 385.
    """
    out = np.zeros(pairs[0].shape[1:], np.float32)
    for rows, share in _blocks(out.shape):
        for pair in pairs:
            change = pair[1, rows] - pair[0, rows]
            out[rows] += change * change
        np.sqrt(out[rows], out=out[rows])
        progress(share, "Measuring the change vector")
    return out


def changed_by_band(pairs: list[np.ndarray], threshold: float, direction: str = "increase") -> list[np.ndarray]:
    """Return one bool (y, x) a band: where it changed by at least ``threshold``; nodata is False.

    ``pairs`` as for ``largest_difference``: the thesis's map of every band.
    """

    def changed(pair: np.ndarray) -> np.ndarray:
        out = np.empty(pair.shape[1:], bool)
        for rows, _ in _blocks(out.shape):
            np.greater_equal(_directed(pair[0, rows], pair[1, rows], direction), threshold, out=out[rows])
        return out

    with ThreadPoolExecutor(available_cores()) as pool:  # numpy lets go of the interpreter meanwhile
        return list(pool.map(changed, pairs))


def _directed(t1: np.ndarray, t2: np.ndarray, direction: str) -> np.ndarray:
    if direction == "decrease":
        return t1 - t2
    change = t2 - t1
    return np.abs(change, out=change) if direction == "both" else change


def _blocks(shape: tuple[int, ...]) -> Iterator[tuple[slice, float]]:
    """Yield slices of whole rows with the share done after each."""
    height, width = shape
    step = max(1, BLOCK_BYTES // (4 * max(width, 1)))
    for start in range(0, height, step):
        yield slice(start, start + step), min(1.0, (start + step) / height)
