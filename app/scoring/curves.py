"""Scores against the threshold: counts at a fixed row of thresholds, which add up over events exactly."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.detection import methods
from app.detection.methods import DEVIATIONS, INDEX, PERCENT, PROBABILITY, RECONSTRUCTION, REFLECTANCE, SPREADS, Method
from app.errors import GridError, InputError
from app.scoring.metrics import Confusion, percentiles

_NEAR_ZERO = (0.0, 0.001, 0.002, 0.005)  # networks crowd there and near one
# unit of a score -> the thresholds its curve is counted at
_LEVELS: dict[str, np.ndarray] = {
    REFLECTANCE: np.arange(1, 101) / 200,  # 0.005 to 0.5
    INDEX: np.arange(1, 101) / 100,
    PERCENT: np.arange(1, 101) * 1.0,
    DEVIATIONS: np.arange(1, 101) * 0.25,
    SPREADS: np.arange(1, 161) * 0.05,
    RECONSTRUCTION: np.arange(1, 201) / 200,
    PROBABILITY: np.concatenate(
        [_NEAR_ZERO, np.arange(1, 100) / 100, [1 - level for level in reversed(_NEAR_ZERO[1:])]]
    ),
}
_CHANGE_VECTOR = np.arange(1, 101) / 100  # grows with the number of bands, so it reaches further than one band


@dataclass(frozen=True, eq=False)
class Curve:
    """Pixel counts of ``score >= threshold`` at each of n thresholds; rates are of the change class."""

    thresholds: np.ndarray  # float64 (n,), increasing, in the unit of the score
    tp: np.ndarray  # int64 (n,), as are the others
    fp: np.ndarray
    fn: np.ndarray
    tn: np.ndarray
    unit: str = ""  # of the score, as app.detection.methods names units

    def __post_init__(self) -> None:
        counts = (self.tp, self.fp, self.fn, self.tn)
        if self.thresholds.ndim != 1 or any(one.shape != self.thresholds.shape for one in counts):
            raise GridError("A curve needs one count of each kind for every threshold.")
        if not (np.diff(self.thresholds) > 0).all():
            raise InputError("The thresholds of a curve have to increase; sort them and leave out repeated ones.")

    def __len__(self) -> int:
        return len(self.thresholds)

    def __add__(self, other: "Curve") -> "Curve":
        if self.unit != other.unit or not np.array_equal(self.thresholds, other.thresholds):
            raise InputError("Curves add up only where thresholds and units are the same; count both at the same ones.")
        tp, fp, fn, tn = (getattr(self, name) + getattr(other, name) for name in ("tp", "fp", "fn", "tn"))
        return Curve(self.thresholds, tp, fp, fn, tn, self.unit)

    def at(self, k: int) -> Confusion:
        """Return the counts at threshold number ``k``."""
        return Confusion(*(int(counts[k]) for counts in (self.tp, self.fp, self.fn, self.tn)))

    @cached_property
    def precision(self) -> np.ndarray:
        """Share of what is detected that is landslide, float64 (n,); NaN where nothing is detected."""
        return _ratio(self.tp, self.tp + self.fp)

    @cached_property
    def recall(self) -> np.ndarray:
        """Share of the landslide pixels that are detected, float64 (n,); NaN where there are none."""
        return _ratio(self.tp, self.tp + self.fn)

    @cached_property
    def f1(self) -> np.ndarray:
        """F1 of the change class, float64 (n,); NaN where nothing is there and nothing detected."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @cached_property
    def iou(self) -> np.ndarray:
        """Intersection over union of the change class, float64 (n,); NaN where F1 is."""
        return _ratio(self.tp, self.tp + self.fp + self.fn)


@dataclass(frozen=True)
class Left:
    """One event scored at the threshold that is best on all the others; NaN where these settle none."""

    event: str
    threshold: float
    counts: Confusion  # of this event at that threshold; none where there is no threshold


def levels(what: str | Method) -> np.ndarray:
    """Return the thresholds at which scores of a unit, or of a method, are counted: float64 (n,), increasing.

    They never depend on the data, so that the curves of events add up. Raises InputError for an
    unknown unit.
    """
    if isinstance(what, Method):
        return _CHANGE_VECTOR if what.kind == "cva" else levels(what.unit)
    if what not in _LEVELS:
        raise InputError(f"There are no thresholds for scores in {what!r}; choose from {', '.join(_LEVELS)}.")
    return _LEVELS[what]


def count_of_method(score: np.ndarray, truth: np.ndarray, valid: np.ndarray, method: str, unit: str) -> Curve:
    """Return the curve of a method's score; ``unit`` is that of the score, which a network brings itself."""
    parsed = methods.parse(method)
    return count(score, truth, valid, levels(parsed if parsed.unit == unit else unit), unit)


def count(
    score: np.ndarray, truth: np.ndarray, valid: np.ndarray, thresholds: Sequence[float] | np.ndarray, unit: str = ""
) -> Curve:
    """Return the counts of ``score >= threshold`` over the valid pixels, sorting the scores once.

    ``score`` is float32 (y, x), NaN never counting as detected; ``truth`` and ``valid`` are bool
    (y, x). A threshold is rounded to the score's own precision, as where a mask is made of it.
    Raises GridError where sizes differ and InputError where thresholds do not increase.
    """
    if not score.shape == truth.shape == valid.shape:
        raise GridError("Score, truth and valid pixels have to lie on one grid; bring them to one first.")
    at = np.asarray(thresholds, np.float64)
    (tp, fn), (fp, tn) = (_over(score[chosen], at) for chosen in (truth & valid, ~truth & valid))
    return Curve(at, tp, fp, fn, tn, unit)


def average_precision(curve: Curve) -> float:
    """Return the area under precision against recall, in steps: 0 to 1, NaN where there is no landslide.

    The sum over thresholds, from the highest, of the recall gained times the precision there; what
    lies below the lowest threshold is taken as gained where everything is detected. With every
    score among the thresholds it is scikit-learn's ``average_precision_score``; with fewer it is
    somewhat lower. Source: Zhu (2004), Recall, precision and average precision, Waterloo.
    """
    return float(_average_precision(curve.tp, curve.fp, curve.tp + curve.fn, curve.fp + curve.tn))


def bootstrap_average_precision(
    events: Sequence[Curve], seed: int = 0, n: int = 2000, level: float = 0.95
) -> tuple[float, float]:
    """Return the percentile interval of the pooled average precision when events are drawn again ``n`` times.

    (NaN, NaN) with fewer than two events. The curves have to add up. Source: Efron and Tibshirani (1993).
    """
    if len(events) < 2:
        return math.nan, math.nan
    total(events)  # raises where they do not add up
    drawn = np.random.default_rng(seed).integers(len(events), size=(n, len(events)))
    which = np.arange(n)[:, None] * len(events) + drawn
    times = np.bincount(which.ravel(), minlength=which.size).reshape(which.shape).astype(float)
    tp, fp, fn, tn = (times @ np.stack([getattr(one, name) for one in events]) for name in ("tp", "fp", "fn", "tn"))
    return percentiles(_average_precision(tp, fp, tp + fn, fp + tn), level)


def best(curve: Curve) -> float:
    """Return the lowest of the thresholds at which F1 is highest, NaN where it is nowhere above 0.

    Where nothing is ever found no threshold is better than another. Chosen and scored on the same
    events it flatters; ``leave_one_out`` does not.
    """
    return float(curve.thresholds[int(np.nanargmax(curve.f1))]) if (curve.f1 > 0).any() else math.nan


def leave_one_out(curves: Mapping[str, Curve]) -> tuple[Left, ...]:
    """Return each event's counts at the threshold with the best pooled F1 on all the other events.

    Nothing with fewer than two events: there is nothing to choose on.
    """
    if len(curves) < 2:
        return ()
    pooled = total(curves.values())
    return tuple(_left(event, curve, _without(pooled, curve)) for event, curve in curves.items())


def total(curves: Iterable[Curve]) -> Curve:
    """Return the sum of curves of the same thresholds; there has to be one."""
    first, *others = curves
    for curve in others:
        first = first + curve
    return first


def _average_precision(tp: np.ndarray, fp: np.ndarray, landslide: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return average precision over the last axis, that of increasing thresholds; NaN where there is no landslide.

    ``landslide`` and ``other`` are the pixels of each kind, the same at every threshold.
    """
    if not tp.shape[-1]:
        return np.full(tp.shape[:-1], np.nan)
    everything = landslide[..., :1], other[..., :1]  # beyond the lowest threshold all is marked
    found, wrong = (np.concatenate([all_, part], axis=-1) for all_, part in zip(everything, (tp, fp), strict=True))
    precision = np.nan_to_num(_ratio(found, found + wrong))  # nothing detected gains no recall
    gained = found - np.concatenate([found[..., 1:], np.zeros_like(found[..., :1])], axis=-1)
    return _ratio((gained * precision).sum(axis=-1), everything[0][..., 0])


def _left(event: str, curve: Curve, others: Curve) -> Left:
    level = best(others)
    if math.isnan(level):
        return Left(event, level, Confusion())
    return Left(event, level, curve.at(int(np.searchsorted(curve.thresholds, level))))


def _without(pooled: Curve, one: Curve) -> Curve:
    tp, fp, fn, tn = (getattr(pooled, name) - getattr(one, name) for name in ("tp", "fp", "fn", "tn"))
    return Curve(pooled.thresholds, tp, fp, fn, tn, pooled.unit)


def _over(values: np.ndarray, thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many values are at or over each threshold, and how many are not, int64 (n,)."""
    ordered = np.sort(values)  # NaN comes last
    known = values.size - int(np.count_nonzero(np.isnan(ordered)))
    over = known - np.searchsorted(ordered[:known], thresholds.astype(values.dtype))
    return over, values.size - over


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
