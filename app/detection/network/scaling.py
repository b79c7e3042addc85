"""From reflectance to what a network reads, and from what it answers to a score, as its contract says."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.detection.network.contract import DIGITAL, EACH, TERRAIN, Contract
from app.detection.network.tiles import Tiling
from app.errors import NetworkError

if TYPE_CHECKING:
    import xarray as xr

SAMPLED = 4_000_000  # values a band that percentiles are taken from; a larger patch is sampled evenly
PUBLISHED_THRESHOLD = 0.7  # of CDRL's own change map
DIGITAL_ONE = 10_000  # the digital number of reflectance 1 in Level-2A


def limits(patch: "xr.Dataset", contract: Contract) -> tuple[np.ndarray, np.ndarray]:
    """Return the reflectance that becomes 0 and the one that becomes 1, float32 (2, bands) each, T1 first.

    Percentiles are those of the pixels that are clear at the dates read, so that a cloud at one of them does not
    darken both; of all pixels where none is clear. They are those of the dates together, or of each by itself. Slope
    and elevation are stretched between what the contract says, in their own unit: level ground stays level.
    """
    low, high = (
        np.resize(np.asarray(value, np.float32), len(contract.bands)) for value in (contract.low, contract.high)
    )
    if contract.stretch == "reflectance":
        return np.stack([low, low]), np.stack([high, high])
    step = max(1, math.ceil(math.sqrt(2 * patch.sizes["y"] * patch.sizes["x"] / SAMPLED)))
    sample = patch.isel(y=slice(None, None, step), x=slice(None, None, step))
    read = dates_of(contract)
    clear = patches.clear_mask(sample, read)
    groups = [[date] for date in read] if contract.stretch == EACH else [list(read)]
    found = np.array(
        [
            [
                (bottom, top) if band in TERRAIN else _percentiles(both(sample, band)[group], clear, bottom, top)
                for band, bottom, top in zip(contract.bands, low.tolist(), high.tolist(), strict=True)
            ]
            for group in groups
        ],
        np.float32,
    )
    found = found if len(found) == 2 else np.concatenate([found, found])
    return found[..., 0], found[..., 1]


def _percentiles(values: np.ndarray, clear: np.ndarray, low: float, high: float) -> tuple[float, float]:
    usable = values[:, clear] if clear.any() else values
    usable = usable[np.isfinite(usable)]
    if not usable.size:
        return 0.0, 1.0
    bottom, top = np.percentile(usable, (low, high))
    return bottom, max(top, bottom + 1e-4)  # a band of one value has no contrast to stretch


def dates_of(contract: Contract) -> tuple[int, ...]:
    """Return the positions in a patch of the dates that a network reads."""
    return (1,) if contract.alone else (0, 1)


def both(patch: "xr.Dataset", band: str) -> np.ndarray:
    """Return what a patch holds under a channel's name at both dates, (2, y, x); the ground is the same at both."""
    values = patch[band].values
    return values if values.ndim == 3 else np.broadcast_to(values, (2, *values.shape))


class Inputs:
    """Cuts a patch into what a network reads, tile by tile; the patch may be larger than memory."""

    def __init__(self, patch: "xr.Dataset", contract: Contract, tiling: Tiling) -> None:
        self.patch, self.contract, self.tiling = patch, contract, tiling
        self.low, self.high = (values[:, :, None, None] for values in limits(patch, contract))

    def dates(self, places: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
        """Return T1 and T2 of some tiles as the network wants them, (n, bands, height, width) each."""
        pairs = [self._tile(row, column) for row, column in places]
        if len(pairs) == 1:
            return pairs[0][0][None], pairs[0][1][None]
        t1, t2 = (np.stack([pair[date] for pair in pairs]) for date in (0, 1))
        return t1, t2

    def _tile(self, row: int, column: int) -> np.ndarray:
        """Return both dates of one tile, (2, bands, height, width)."""
        (y, own_y), (x, own_x) = self.tiling.rows.source(row), self.tiling.columns.source(column)
        window = self.patch[list(self.contract.bands)].isel(y=y, x=x)
        values = np.empty((2, self.low.shape[1], window.sizes["y"], window.sizes["x"]), np.float32)
        for channel, band in enumerate(self.contract.bands):
            values[:, channel] = both(window, band)
        if self.contract.alone:
            values[0] = values[1]  # so that T1 fills no gap of T2 either
        if not np.isfinite(values).all():
            values[:] = _filled(values, self.low, self.high)
        values = self._scaled(values)
        whole = values.shape[2:] == (len(own_y), len(own_x))  # else the scene is mirrored at its edge
        return values if whole else values[..., own_y[:, None], own_x]

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        """Return reflectance in the network's input units; the array given is used up."""
        if self.contract.dtype == "uint8":
            return np.rint(255 * np.clip((values - self.low) / (self.high - self.low), 0, 1)).astype(np.uint8)
        if self.contract.dtype in DIGITAL:
            holds = np.iinfo(self.contract.dtype)
            return np.clip(np.rint(DIGITAL_ONE * values), holds.min, holds.max).astype(holds.dtype)
        mean, std = (
            np.resize(np.asarray(v, np.float64), self.low.shape[1])[:, None, None]
            for v in (self.contract.mean, self.contract.std)
        )
        # one product and one sum for both the stretch and the normalisation
        slope = 1 / ((self.high.astype(np.float64) - self.low) * std)
        values *= slope.astype(np.float32)
        values += (-self.low * slope - mean / std).astype(np.float32)
        bottom, top = (((edge - mean) / std).astype(np.float32) for edge in (0, 1))
        return np.clip(values, bottom, top, out=values)


def _filled(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[np.ndarray]:
    """Return both dates with the other's value where one has nodata: no change, rather than a hole to react to.

    What becomes the same number of the input counts as the same value; where both dates have nodata it is the middle.
    """
    full = []
    for own, other in ((0, 1), (1, 0)):
        here, there = values[own], values[other]
        if (low[own] != low[other]).any() or (high[own] != high[other]).any():
            there = low[own] + (there - low[other]) * ((high[own] - low[own]) / (high[other] - low[other]))
        there = np.where(np.isfinite(there), there, (low[own] + high[own]) / 2)
        full.append(np.where(np.isfinite(here), here, there))
    return full


def arranged(contract: Contract, t1: np.ndarray, t2: np.ndarray) -> list[np.ndarray]:
    """Return the network's input tensors: one a date, one with T2's channels after T1's, or T2 alone, in its layout."""
    given = [t2] if contract.alone else [np.concatenate([t1, t2], axis=1)] if contract.stacked else [t1, t2]
    if contract.layout == "channels-first":
        return given
    return [np.ascontiguousarray(np.moveaxis(one, 1, -1)) for one in given]


def turned(contract: Contract, answer: np.ndarray) -> np.ndarray:
    """Return what a network answered as float32 (n, channels, height, width), whatever its layout and type."""
    values = np.asarray(answer).astype(np.float32, copy=False)
    if values.ndim == 3:
        return values[:, None]
    return values if contract.layout == "channels-first" else np.moveaxis(values, -1, 1)


def score(
    contract: Contract, answer: np.ndarray, t1: np.ndarray, t2: np.ndarray, published: bool = False
) -> np.ndarray:
    """Return the score (n, height, width), float32 in 0 to 1, of a network's answer (n, channels, height, width).

    ``t1`` and ``t2`` are what it was given; a reconstruction is compared with one of them, with
    ``published`` in CDRL's own arithmetic. Raises NetworkError where that does not fit the answer.
    """
    if contract.output == "reconstruction":
        given = t1 if contract.reconstructs == "t1" else t2
        return published_error(answer, given) if published else reconstruction_error(answer, given, contract)
    if published:
        raise NetworkError("only a reconstruction has a published arithmetic of its own; leave @published out.")
    if contract.output == "decided":
        return np.where(np.isnan(answer[:, 0]), np.nan, answer[:, 0] == contract.changed).astype(np.float32)
    if contract.output == "probability":
        return np.clip(answer[:, contract.changed if answer.shape[1] > 1 else 0], 0, 1)
    logit = answer[:, 0] if answer.shape[1] == 1 else answer[:, contract.changed] - answer[:, 1 - contract.changed]
    return _sigmoid(contract.slope * logit + contract.shift)  # of two classes, the softmax


def reconstruction_error(answer: np.ndarray, given: np.ndarray, contract: Contract) -> np.ndarray:
    """Return what a reconstruction got wrong as the contract weighs it: 0 for alike, 1 for opposite ends."""
    difference = _log_ratio(answer, given, contract) if contract.log_floor else np.clip(given, -1, 1) - answer
    if contract.blur_px:
        from scipy.ndimage import gaussian_filter

        difference = gaussian_filter(difference, (0, 0, contract.blur_px, contract.blur_px), mode="nearest")
    if contract.weights:
        error = np.einsum("nchw,c->nhw", difference, np.asarray(contract.weights, np.float32))
    else:
        error = np.abs(difference).mean(axis=1, dtype=np.float32)
    if contract.spread_floor:
        error = _beyond_the_usual(error, contract.spread_floor)
    return np.clip(error / 2, 0, 1)


def _beyond_the_usual(error: np.ndarray, floor: float) -> np.ndarray:
    """Return errors (n, height, width) less their tile's median, in median absolute deviations plus ``floor``."""
    error = error - np.median(error, axis=(1, 2), keepdims=True)
    return error / (np.median(np.abs(error), axis=(1, 2), keepdims=True) + np.float32(floor))


def _log_ratio(answer: np.ndarray, given: np.ndarray, contract: Contract) -> np.ndarray:
    """Return the logarithm of the date over its reconstruction, both stretched to 0..1, plus the contract's floor."""
    mean, std = (np.asarray(values, np.float32)[:, None, None] for values in (contract.mean, contract.std))
    floor = np.float32(contract.log_floor)
    there, rebuilt = (np.log(np.clip(values * std + mean, 0, 1) + floor) for values in (given, answer))
    return there - rebuilt


def published_error(answer: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Return CDRL's change map before its threshold, as its code computes it, 0 to 1 in steps of 1/255.

    The difference times 255 is cut to uint8, which wraps: 1.01 becomes 1/255. The grey value then
    weighs channels 0, 1 and 2 as red, green and blue, though they are blue, green and red. Kept for
    comparison with published figures. Source: Noh et al. (2022), arXiv:2204.01200, and its code.
    """
    if answer.shape[1] != 3:
        raise NetworkError("the published arithmetic is for three bands; leave @published out.")
    wrapped = (np.abs(answer - given) * 255).astype(np.int64) & 255
    c0, c1, c2 = wrapped[:, 0], wrapped[:, 1], wrapped[:, 2]
    grey = (19595 * c0 + 38470 * c1 + 7471 * c2 + 32768) >> 16
    return (grey / 255).astype(np.float32)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return (1 / (1 + np.exp(-np.clip(values, -60, 60)))).astype(np.float32)
