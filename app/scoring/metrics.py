"""Confusion matrices and the scores that come from them, over valid pixels only."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import GridError, InputError, TruthMissingError
from app.grid import BUFFER_DEG, THESIS_RESOLUTION_DEG, THESIS_SIDE_PX, thesis_bbox

WHOLE, BOX = "whole", "box"
REGIONS = (WHOLE, BOX)  # where pixels count: in the whole patch, or in the published box of its event
METRICS = ("precision", "recall", "f1", "iou", "accuracy", "kappa")
TN, TP, FP, FN, IGNORED = 0, 1, 2, 3, 255  # the classes of an error map
BLOCK_PX = 1 << 18  # pixels counted at a time: small enough to stay in the processor's cache

# event -> (left, upper, right, lower) in pixels of the thesis's grid: Leonardi 2024, hdl 10589/218042, its 17
# validation events
BOXES: dict[str, tuple[int, int, int, int]] = {
    "2": (625, 650, 1260, 1275),
    "36": (850, 780, 1220, 1160),
    "41": (730, 710, 1170, 1400),
    "42": (940, 1000, 1300, 1400),
    "61": (937, 995, 1211, 1160),
    "75": (970, 790, 1130, 1180),
    "108": (995, 1005, 1250, 1110),
    "121": (1110, 740, 1222, 1135),
    "125": (400, 810, 1880, 1310),
    "128": (0, 300, 1680, 1630),
    "135": (967, 1038, 1033, 1185),
    "140": (975, 955, 2048, 1160),
    "155": (0, 850, 2048, 2048),
    "158": (920, 1014, 1115, 1092),
    "164": (60, 940, 2048, 2048),
    "171": (910, 1005, 1417, 1410),
    "173": (720, 490, 1750, 1410),
}
# event -> latitude and longitude in the published inventory: an id alone says little, another list has a 36 as well
# fmt: off
BOX_PLACES: dict[str, tuple[float, float]] = {
    "2": (35.86431, -121.43050), "36": (35.46369, -82.28271), "41": (11.86948, 75.89197), "42": (9.76784, 77.10746),
    "61": (43.85513, 12.27093), "75": (43.79996, 11.98810), "108": (44.55802, 10.01756), "121": (44.30224, 7.11700),
    "125": (55.10485, -7.32245), "128": (55.22796, -7.44635), "135": (28.26050, 84.45799), "140": (28.39666, 84.39402),
    "155": (20.53739, 104.57208), "158": (45.98520, 9.29530), "164": (36.67700, 36.25500), "171": (37.00437, 36.59091),
    "173": (5.53438, -75.22599),
}
# fmt: on
_SAME_CORNER_DEG = 0.0005  # some five pixels of 10 m: further off a box lies on other ground than it was drawn on


@dataclass(frozen=True)
class Confusion:
    """Pixel counts over valid pixels; the scores are of the change class, NaN where undefined."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    def __add__(self, other: "Confusion") -> "Confusion":
        return Confusion(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn, self.tn + other.tn)

    @property
    def n(self) -> int:
        """Number of valid pixels."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def precision(self) -> float:
        """Share of the detected pixels that are landslide."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of the landslide pixels that were detected."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of the change class."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def iou(self) -> float:
        """Intersection over union of the change class."""
        return _ratio(self.tp, self.tp + self.fp + self.fn)

    @property
    def accuracy(self) -> float:
        """Share of all valid pixels classed rightly; high wherever landslides are rare."""
        return _ratio(self.tp + self.tn, self.n)

    @property
    def kappa(self) -> float:
        """Agreement beyond chance (Cohen 1960, doi:10.1177/001316446002000104)."""
        tp, fp, fn, tn = self.tp, self.fp, self.fn, self.tn
        return _ratio(2 * (tp * tn - fn * fp), (tp + fp) * (fp + tn) + (tp + fn) * (fn + tn))

    def as_dict(self) -> dict[str, float]:
        """Return counts and scores by name."""
        counts = {"tp": self.tp, "fp": self.fp, "fn": self.fn, "tn": self.tn}
        return {**counts, **{name: getattr(self, name) for name in METRICS}}


@dataclass(frozen=True)
class Macro:
    """Means over events; an event in which a score is undefined is left out of that mean."""

    values: Mapping[str, float]  # by metric; NaN where no event defines it
    defined: Mapping[str, int]  # by metric: how many events it is the mean of
    n: int  # events in all

    def as_dict(self) -> dict[str, object]:
        """Return the means by name, with ``n`` and ``defined``."""
        return {**self.values, "n": self.n, "defined": dict(self.defined)}


def both_class(counts: Confusion) -> dict[str, float]:
    """Return precision, recall, F1 and IoU averaged over change and no change, NaN where either is undefined.

    The convention of CDRL's published metrics (Noh et al. 2022, arXiv 2204.01200): where landslides
    are rare it lies near the middle between the change class and 1, so it is never set beside it.
    """
    unchanged = Confusion(tp=counts.tn, fp=counts.fn, fn=counts.fp, tn=counts.tp)
    names = ("precision", "recall", "f1", "iou")
    return {name: (getattr(counts, name) + getattr(unchanged, name)) / 2 for name in names}


def confusion(detected: np.ndarray, truth: np.ndarray, valid: np.ndarray | None = None) -> Confusion:
    """Return the counts of two bool masks (y, x) over the pixels where ``valid`` is True (all by default).

    Raises GridError where the shapes differ.
    """
    _same_shape(detected, truth, valid)
    masks = [np.ravel(mask) for mask in (detected, truth, np.ones_like(truth) if valid is None else valid)]
    judged = marked = there = tp = 0
    for start in range(0, detected.size, BLOCK_PX):
        said, known, inside = (mask[start : start + BLOCK_PX] for mask in masks)
        said, known = said & inside, known & inside
        judged, marked, there = judged + count(inside), marked + count(said), there + count(known)
        tp += count(said & known)
    return Confusion(tp, marked - tp, there - tp, judged - marked - there + tp)


def count(mask: np.ndarray) -> int:
    """Return the number of True values."""
    return int(np.count_nonzero(mask))


def sweep(score: np.ndarray, truth: np.ndarray, valid: np.ndarray, thresholds: Sequence[float]) -> list[Confusion]:
    """Return the counts of ``score >= threshold`` for every threshold, splitting the pixels once.

    ``score`` is float32 (y, x), NaN never counting as detected; ``truth`` and ``valid`` bool (y, x). A threshold is
    rounded to the score's own precision, as where a mask is made of it.
    """
    _same_shape(score, truth, valid)
    landslide, other = score[truth & valid], score[~truth & valid]
    levels = map(float, thresholds)  # numpy's own numbers would not be rounded
    counts = ((count(landslide >= level), count(other >= level)) for level in levels)
    return [Confusion(tp, fp, landslide.size - tp, other.size - fp) for tp, fp in counts]


def micro(events: Sequence[Confusion]) -> Confusion:
    """Return the pooled counts of all events: every pixel weighs the same."""
    return sum(events, Confusion())


def macro(events: Sequence[Confusion]) -> Macro:
    """Return the mean of each score over the events that define it: every event weighs the same."""
    values, defined = {}, {}
    for name in METRICS:
        scores = [value for value in (getattr(event, name) for event in events) if not math.isnan(value)]
        values[name] = math.fsum(scores) / len(scores) if scores else math.nan
        defined[name] = len(scores)
    return Macro(values, defined, len(events))


def bootstrap_f1(
    events: Sequence[Confusion], seed: int = 0, n: int = 2000, level: float = 0.95, average: str = "micro"
) -> tuple[float, float]:
    """Return the percentile interval of F1 when events are drawn again with replacement ``n`` times.

    ``average`` is ``micro`` (pooled counts) or ``macro`` (mean over events). (NaN, NaN) with fewer
    than two events, which say nothing of how events differ. Source: Efron and Tibshirani (1993).
    """
    if average not in ("micro", "macro"):
        raise InputError(f"There is no average {average!r}; choose micro or macro.")
    if len(events) < 2:
        return math.nan, math.nan
    drawn = np.random.default_rng(seed).integers(len(events), size=(n, len(events)))
    counts = _marked_wrongly(events)[drawn]  # (n, events, 2)
    return percentiles(_f1(counts.sum(axis=1)) if average == "micro" else _mean(_f1(counts)), level)


def bootstrap_difference(
    one: Sequence[Confusion], other: Sequence[Confusion], seed: int = 0, n: int = 2000, level: float = 0.95
) -> tuple[float, float]:
    """Return the percentile interval of pooled F1 of ``one`` minus that of ``other``, event by event the same.

    Every draw takes the same events of both. (NaN, NaN) with fewer than two events. Raises
    InputError where the two are not of the same length. Source: Efron and Tibshirani (1993).
    """
    if len(one) != len(other):
        raise InputError("Two methods can only be paired over the same events; leave out those only one has.")
    if len(one) < 2:
        return math.nan, math.nan
    drawn = np.random.default_rng(seed).integers(len(one), size=(n, len(one)))
    f1 = [_f1(_marked_wrongly(events)[drawn].sum(axis=1)) for events in (one, other)]
    return percentiles(f1[0] - f1[1], level)


def percentiles(values: np.ndarray, level: float) -> tuple[float, float]:
    """Return the ends of the middle ``level`` of the defined values; NaN where none is."""
    values = values[np.isfinite(values)]
    if values.size == 0:
        return math.nan, math.nan
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def error_map(detected: np.ndarray, truth: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return uint8 (y, x) of TN, TP, FP, FN, and IGNORED where not valid."""
    _same_shape(detected, truth, valid)
    classes = np.array([TN, FN, FP, TP], np.uint8)[2 * detected.astype(np.uint8) + truth]
    classes[~valid] = IGNORED
    return classes


def box_region(
    event: str,
    shape: tuple[int, int],
    pixel_deg: tuple[float, float] | None = None,
    corner_deg: tuple[float, float] | None = None,
) -> np.ndarray:
    """Return bool (y, x): the pixels whose centre lies in the event's published evaluation box.

    With ``pixel_deg``, the pixel's width and height in degrees, the patch is laid on the boxes'
    grid by the south-west corner both share; without, ``shape`` is taken to span the same square. ``corner_deg`` is
    the patch's own corner, longitude and latitude, where it is known.
    Raises TruthMissingError for an event without a box, or another one that goes by the same id, and GridError for a
    patch of another extent.
    """
    if event not in BOXES:
        raise TruthMissingError(f"Event {event} has no evaluation box; use region whole. Boxes: {', '.join(BOXES)}.")
    left, upper, right, lower = BOXES[event]
    height, width = shape
    step_x, step_y = _box_steps(shape, pixel_deg)
    _require_corner(event, corner_deg)
    x = (np.arange(width) + 0.5) * step_x
    y = THESIS_SIDE_PX - (height - np.arange(height) - 0.5) * step_y
    return ((y >= upper) & (y < lower))[:, None] & ((x >= left) & (x < right))[None, :]


def _box_steps(shape: tuple[int, int], pixel_deg: tuple[float, float] | None) -> tuple[float, float]:
    """Return a pixel's width and height in pixels of the boxes' grid."""
    height, width = shape
    if pixel_deg is None:
        return THESIS_SIDE_PX / width, THESIS_SIDE_PX / height
    step_x, step_y = (size / THESIS_RESOLUTION_DEG for size in pixel_deg)
    if not all(0.96 * THESIS_SIDE_PX < side < 1.02 * THESIS_SIDE_PX for side in (width * step_x, height * step_y)):
        raise GridError(
            f"The evaluation boxes were drawn on {2 * BUFFER_DEG:g} degrees around the event; this patch spans "
            f"{width * pixel_deg[0]:.4f} x {height * pixel_deg[1]:.4f}. "
            f"Use region whole, or a buffer of {BUFFER_DEG:g}."
        )
    return step_x, step_y


def _require_corner(event: str, corner_deg: tuple[float, float] | None) -> None:
    """Raise TruthMissingError for a patch that lies elsewhere than the event the box was drawn around."""
    if corner_deg is None:
        return
    latitude, longitude = BOX_PLACES[event]
    west, south, *_ = thesis_bbox(latitude, longitude)
    apart = max(abs(corner_deg[0] - west), abs(corner_deg[1] - south))
    if apart > _SAME_CORNER_DEG:
        raise TruthMissingError(
            f"The evaluation box of event {event} was drawn around {latitude}, {longitude}, and this patch lies "
            "elsewhere: it is of another event that goes by the same id. Use region whole."
        )


def _same_shape(*arrays: np.ndarray | None) -> None:
    shapes = {array.shape for array in arrays if array is not None}
    if len(shapes) > 1:
        sizes = " and ".join(" x ".join(map(str, shape)) for shape in sorted(shapes))
        raise GridError(f"Masks of different sizes cannot be compared ({sizes}); bring them to one grid first.")


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def _marked_wrongly(events: Sequence[Confusion]) -> np.ndarray:
    """Return float64 (events, [tp, fp + fn]): all that F1 needs."""
    return np.array([(event.tp, event.fp + event.fn) for event in events], float)


def _f1(counts: np.ndarray) -> np.ndarray:
    """Return F1 from (..., [tp, fp + fn]), NaN where undefined."""
    top, bottom = 2 * counts[..., 0], 2 * counts[..., 0] + counts[..., 1]
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)


def _mean(values: np.ndarray) -> np.ndarray:
    """Return the mean over the last axis of what is not NaN, NaN where nothing is."""
    there = np.isfinite(values)
    number = there.sum(axis=-1)
    total = np.where(there, values, 0).sum(axis=-1)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
