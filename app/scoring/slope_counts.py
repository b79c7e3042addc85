"""Scores by slope: pixel counts in classes of slope, and over a smallest slope and a threshold at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from app.errors import GridError, InputError
from app.scoring.metrics import Confusion

CLASSES_DEG = (0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 90.0)  # edges of the classes of slope
STEPS_DEG = tuple(float(step) for step in range(0, 31))  # smallest slopes of a filter; classes begin at some of them


@dataclass(frozen=True, eq=False)
class SlopeCounts:
    """What each threshold marks on ground of each slope; counts of events add up.

    ``marked_slid`` and ``marked_other`` are int64 (slopes, thresholds): pixels at or above the threshold whose slope
    lies from one of ``STEPS_DEG`` to the next, of landslide and of other ground; ``slid`` and ``other`` int64 (slopes,)
    are all such pixels.
    """

    thresholds: np.ndarray
    marked_slid: np.ndarray
    marked_other: np.ndarray
    slid: np.ndarray
    other: np.ndarray

    def __add__(self, more: "SlopeCounts") -> "SlopeCounts":
        if not np.array_equal(self.thresholds, more.thresholds):
            raise InputError("Counts by slope add up only at the same thresholds.")
        names = ("marked_slid", "marked_other", "slid", "other")
        return SlopeCounts(self.thresholds, *(getattr(self, name) + getattr(more, name) for name in names))

    @cached_property
    def f1(self) -> np.ndarray:
        """F1, float64 (slopes, thresholds), with a smallest slope of each of ``STEPS_DEG``; NaN where undefined."""
        tp, fp = (_from_here_up(one) for one in (self.marked_slid, self.marked_other))
        below = 2 * tp + fp + (self.slid.sum() - tp)
        return np.divide(2.0 * tp, below, out=np.full(tp.shape, np.nan), where=below > 0)

    def best(self) -> tuple[float, float, float]:
        """Return smallest slope, threshold and F1 where F1 is largest, of equals the gentlest; NaN where undefined."""
        if np.isnan(self.f1).all():
            return float("nan"), float("nan"), float("nan")
        at = np.unravel_index(int(np.nanargmax(self.f1)), self.f1.shape)
        return STEPS_DEG[at[0]], float(self.thresholds[at[1]]), float(self.f1[at])

    def by_class(self, threshold: float) -> list[tuple[float, float, Confusion]]:
        """Return each class of slope in degrees, from and to, with its counts at the nearest threshold."""
        k = int(np.argmin(np.abs(self.thresholds - threshold)))
        found, steps = [], np.array(STEPS_DEG)
        for low, high in pairwise(CLASSES_DEG):
            inside = (steps >= low) & (steps < high)
            tp, fp = int(self.marked_slid[inside, k].sum()), int(self.marked_other[inside, k].sum())
            slid, other = int(self.slid[inside].sum()), int(self.other[inside].sum())
            found.append((low, high, Confusion(tp, fp, slid - tp, other - fp)))
        return found


def count(
    score: np.ndarray, slope: np.ndarray, truth: np.ndarray, valid: np.ndarray, thresholds: Sequence[float] | np.ndarray
) -> SlopeCounts:
    """Return the counts of one event over its valid pixels of known slope.

    ``score`` is float32 (y, x), ``slope`` in degrees, ``truth`` and ``valid`` bool (y, x); thresholds increase and are
    rounded to the score's own precision, as where a mask is made. Raises GridError where the sizes differ.
    """
    if not score.shape == slope.shape == truth.shape == valid.shape:
        raise GridError("Score, slope, truth and valid pixels have to lie on one grid; bring them to one first.")
    at = np.asarray(thresholds, np.float64)
    known = valid & np.isfinite(slope) & np.isfinite(score)
    step = np.searchsorted(np.array(STEPS_DEG), slope[known], side="right") - 1
    reached = np.searchsorted(at.astype(score.dtype), score[known], side="right")  # thresholds at or below the score
    slid, shape = truth[known], (len(STEPS_DEG), len(at) + 1)
    found = [
        np.bincount(np.ravel_multi_index((step[which], reached[which]), shape), minlength=shape[0] * shape[1])
        .reshape(shape) for which in (slid, ~slid)
    ]  # fmt: skip
    marked = [one[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:] for one in found]
    return SlopeCounts(at, *marked, *(one.sum(axis=1) for one in found))


def with_level(levels: np.ndarray, one: float) -> np.ndarray:
    """Return thresholds, float64 increasing, with one more among them, unless it is there or no number."""
    if not np.isfinite(one) or np.isclose(levels, one, rtol=0, atol=1e-9).any():
        return levels
    return np.sort(np.append(levels, one))


def _from_here_up(counts: np.ndarray) -> np.ndarray:
    """Return the sums over each slope and all steeper ones."""
    return counts[::-1].cumsum(axis=0)[::-1]
