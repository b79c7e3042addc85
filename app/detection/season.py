"""How far T2 departs from the same season of earlier years, in robust deviations of each pixel."""

from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.bands import CLOUD_MASK
from app.detection.indices import TABLE, evaluate
from app.detection.methods import KINDS, Method, Scored
from app.errors import EarlierMissingError
from app.patches import CLEAR, Progress, no_progress

if TYPE_CHECKING:
    import xarray as xr

EARLIER = "earlier"  # the dimension, and what ends the names, of the dates of the years before
FEWEST = 3  # clear earlier dates, below which no spread can be told
RISING = ("BSI", "brightness")  # with bare ground; other indices fall, bands of visible and short-wave light rise
FALLING_BANDS = ("B06", "B07", "B08", "B8A", "B09")  # leaves are brighter in them than soil
_MAD = 1.4826  # median absolute deviation to standard deviation


def score(patch: "xr.Dataset", method: Method, device: str = "auto", progress: Progress = no_progress) -> Scored:
    """Return by how many robust deviations T2 lies beyond the median of the same season of earlier years.

    float32 (y, x), positive towards bare ground: where an index of vegetation fell, where a visible band rose. A
    pixel's deviation is 1.4826 times its median absolute deviation, and no less than the patch's own median of these:
    three dates may agree by chance. NaN where fewer than three earlier dates are clear. T1 is not read. Raises
    EarlierMissingError for a patch without earlier dates, BandMissingError. Runs on the CPU, whatever the ``device``.
    Source: the robust z-score of Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers.
    """
    target = method.target or "NDVI"
    needed = TABLE[target].bands if target in TABLE else (target,)
    patches.require_bands(patch, *needed)
    require(patch)
    progress(0.0, "Comparing with the same season of earlier years")
    now = _of(target, {name: patch[name].values[1] for name in needed})
    before = _of(target, {name: patch[f"{name}_{EARLIER}"].values for name in needed})
    before = np.where(patch[f"{CLOUD_MASK}_{EARLIER}"].values == CLEAR, before, np.nan)
    values = beyond(now, before) * towards_bare(target)
    measured = np.logical_and.reduce([np.isfinite(patch[name].values[1]) for name in needed])
    kind = KINDS[method.kind]
    note = f"Held against {patch.sizes[EARLIER]} earlier dates of the season: {', '.join(_days(patch))}."
    return Scored(values.astype(np.float32), measured, kind.threshold, kind.unit, note=note, dates=(1,))


def require(patch: "xr.Dataset") -> None:
    """Raise EarlierMissingError unless a patch carries dates of the same season of earlier years."""
    if f"{CLOUD_MASK}_{EARLIER}" not in patch:
        raise EarlierMissingError(
            "season-anomaly needs the same season of earlier years, and this patch carries none; write one from a "
            "source that lists its scenes (python -m app patch EVENT --source NAME --earlier), or choose another."
        )


def beyond(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return (now - median) / deviation of each pixel, (y, x); ``before`` is (earlier, y, x), NaN where not clear."""
    few = np.isfinite(before).sum(axis=0) < FEWEST
    filled = np.where(few, 0, before)
    middle = np.nanmedian(filled, axis=0)
    spread = _MAD * np.nanmedian(np.abs(filled - middle), axis=0)
    usual = float(np.median(spread[~few])) if (~few).any() else 0.0
    held = np.maximum(spread, max(usual, 1e-4))
    return np.where(few, np.nan, (now - middle) / held)


def towards_bare(target: str) -> int:
    """Return 1 where a band or index rises with bare ground, -1 where it falls."""
    if target in TABLE:
        return 1 if target in RISING else -1
    return -1 if target in FALLING_BANDS else 1


def _of(target: str, layers: dict[str, np.ndarray]) -> np.ndarray:
    return evaluate(target, layers) if target in TABLE else layers[target]


def _days(patch: "xr.Dataset") -> list[str]:
    return [str(day)[:10] for day in patch[EARLIER].values]
