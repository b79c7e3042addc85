"""Landslides as objects: how many mapped ones are hit, and how many detected ones are nowhere mapped."""

import math
from dataclasses import dataclass

import numpy as np

from app.errors import GridError, InputError
from app.grid import Grid, label_areas_m2

OVERLAPS: dict[str, float] = {"any": 0.0, "25 %": 0.25, "50 %": 0.5}  # share of a landslide that has to be detected
EDGES_M2 = (1_000.0, 10_000.0, 100_000.0)  # between the size classes: 0.1, 1 and 10 ha
SIZES = ("under 0.1 ha", "0.1 to 1 ha", "1 to 10 ha", "10 ha and more", "size not known")
_TOUCHING = np.ones((3, 3), bool)  # pixels that meet at a corner belong to one object
_NONE = (0,) * len(SIZES)


@dataclass(frozen=True)
class Objects:
    """Objects by size class (``SIZES``); they add up over events."""

    mapped: tuple[int, ...] = _NONE  # landslides with at least one valid pixel
    hit: tuple[tuple[int, ...], ...] = (_NONE,) * len(OVERLAPS)  # of these, by overlap as in OVERLAPS
    detected: tuple[int, ...] = _NONE
    false: tuple[int, ...] = _NONE  # detected ones without one landslide pixel
    area_km2: float = 0.0  # valid ground, NaN where the size of a pixel is not known

    def __add__(self, other: "Objects") -> "Objects":
        def added(one: tuple[int, ...], two: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(a + b for a, b in zip(one, two, strict=True))

        return Objects(
            added(self.mapped, other.mapped),
            tuple(added(one, two) for one, two in zip(self.hit, other.hit, strict=True)),
            added(self.detected, other.detected),
            added(self.false, other.false),
            self.area_km2 + other.area_km2,
        )

    def hits(self, overlap: str = "any") -> int:
        """Return how many landslides are hit at an overlap, a key of OVERLAPS."""
        return sum(self._hit(overlap))

    def recall(self, overlap: str = "any") -> float:
        """Return the share of landslides hit at an overlap; NaN where none is mapped."""
        return _ratio(self.hits(overlap), sum(self.mapped))

    def recall_by_size(self, overlap: str = "any") -> tuple[float, ...]:
        """Return the share hit for each of ``SIZES``; NaN where none of that size is mapped."""
        return tuple(_ratio(hit, mapped) for hit, mapped in zip(self._hit(overlap), self.mapped, strict=True))

    @property
    def precision(self) -> float:
        """Share of the detected objects that lie on a landslide; NaN where nothing is detected."""
        return _ratio(sum(self.detected) - sum(self.false), sum(self.detected))

    @property
    def false_per_km2(self) -> float:
        """Detected objects on no landslide for each square kilometre of valid ground; NaN where that is not known."""
        return sum(self.false) / self.area_km2 if self.area_km2 > 0 else math.nan

    def as_dict(self) -> dict[str, object]:
        """Return counts and shares by name, those of a size class under its name."""
        return {
            "mapped": sum(self.mapped),
            "hit": {overlap: self.hits(overlap) for overlap in OVERLAPS},
            "recall": {overlap: self.recall(overlap) for overlap in OVERLAPS},
            "detected": sum(self.detected),
            "false": sum(self.false),
            "precision": self.precision,
            "area_km2": self.area_km2,
            "false_per_km2": self.false_per_km2,
            "by_size": {
                size: self._of_size(at) for at, size in enumerate(SIZES) if self.mapped[at] + self.detected[at]
            },
        }

    def _hit(self, overlap: str) -> tuple[int, ...]:
        if overlap not in OVERLAPS:
            raise InputError(f"There is no overlap {overlap!r}; choose from {', '.join(OVERLAPS)}.")
        return self.hit[tuple(OVERLAPS).index(overlap)]

    def _of_size(self, at: int) -> dict[str, object]:
        hit = {overlap: self.hit[number][at] for number, overlap in enumerate(OVERLAPS)}
        return {"mapped": self.mapped[at], "hit": hit, "detected": self.detected[at], "false": self.false[at]}


def count(detected: np.ndarray, truth: np.ndarray, valid: np.ndarray, ground: Grid | None = None) -> Objects:
    """Return the objects of two bool masks (y, x): pixels that touch, corners included, are one.

    A mapped landslide counts where one of its pixels is valid, with its whole size; its overlap is
    the share of its valid pixels that is detected. A detected object is what is detected on valid
    pixels. Sizes are true ground areas on ``ground``; without it, or a place, they stay unknown.
    Raises GridError where sizes differ.
    """
    if not detected.shape == truth.shape == valid.shape:
        raise GridError("Mask, truth and valid pixels have to lie on one grid; bring them to one first.")
    marked = detected & valid
    areas, seen, found = _counts(ground, truth, valid, marked)
    there = seen > 0
    share = found[there] / seen[there]
    hit = [share > 0, *(share >= least for least in list(OVERLAPS.values())[1:])]
    sizes = _size_class(areas[there])
    drawn, on_truth = _counts(ground, marked, truth & valid)
    drawn_sizes = _size_class(drawn)
    return Objects(
        mapped=_by_size(sizes),
        hit=tuple(_by_size(sizes[which]) for which in hit),
        detected=_by_size(drawn_sizes),
        false=_by_size(drawn_sizes[on_truth == 0]),
        area_km2=(ground.area_m2(valid) if ground else math.nan) / 1e6,
    )


def _counts(ground: Grid | None, mask: np.ndarray, *within: np.ndarray) -> list[np.ndarray]:
    """Return for every object of ``mask`` its area in m2, and how many of its pixels lie in each of ``within``.

    Each is of shape (n,), areas float64 and NaN where there is no ground, counts int64.
    """
    from scipy import ndimage

    labels, number = ndimage.label(mask, _TOUCHING)
    areas = np.full(number, math.nan) if ground is None else label_areas_m2(labels, number, ground)
    inside = labels[mask]
    return [areas, *(np.bincount(inside[other[mask]], minlength=number + 1)[1:] for other in within)]


def _size_class(areas: np.ndarray) -> np.ndarray:
    """Return the number among SIZES of each area; what is just as large as an edge may be a rounding below it."""
    classes = np.searchsorted(EDGES_M2, areas * (1 + 1e-9), side="right")
    return np.where(np.isnan(areas), len(SIZES) - 1, classes)


def _by_size(classes: np.ndarray) -> tuple[int, ...]:
    return tuple(int(n) for n in np.bincount(classes, minlength=len(SIZES)))


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
