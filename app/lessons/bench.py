"""The bench: a scene as its knobs say, scored by a method, with the counts at any threshold.

Scores are held in 254 steps, as the browser gets them: what is counted here is what a reader sees there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.detection import methods, run
from app.lessons.knobs import PLACES, SAMPLE, Knobs, square
from app.scoring.metrics import Confusion, confusion

if TYPE_CHECKING:
    import xarray as xr

STEPS = 254  # of a score; 0 is left for pixels that are not judged
PIXEL_M2 = 100.0
_HIGHEST = {  # unit of a score -> what the highest step stands for; the lowest is zero
    methods.REFLECTANCE: 0.4, methods.INDEX: 1.0, methods.PERCENT: 80.0, methods.PROBABILITY: 1.0,
    methods.RECONSTRUCTION: 1.0,
}  # fmt: skip
_CHANGE_VECTOR = 0.8
# A class opens the same scene in the same second: the first works it out, and the others wait for that.
_AT_ONCE = 16
_OPENING, _SCORING = ([Lock() for _ in range(_AT_ONCE)] for _ in range(2))


@dataclass(frozen=True, eq=False)
class BenchScene:
    """A pair on the bench, all arrays (height, width); of a real one nothing is known to be cut or hidden."""

    patch: xr.Dataset
    truth: np.ndarray  # bool: slid between the dates
    hidden: np.ndarray  # bool: under cloud or shadow at T2, whatever the mask says
    cut: np.ndarray  # bool: a parcel cut between the dates
    steep_deg: np.ndarray
    sun_deg: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Shot:
    """A scene scored: ``steps`` is uint8 (y, x), 0 where not judged, else 1 to 254 from zero to ``highest``."""

    scene: BenchScene
    steps: np.ndarray
    highest: float
    unit: str
    ran: str  # the method that ran: another one where the scene lacks a band of the one asked for
    instead: str  # what a network that could not run says; empty where all went as asked

    def step_of(self, cut: float) -> int:
        """Return the step a threshold is: the first that counts as change."""
        return step_of(cut, self.highest)


def step_of(cut: float, highest: float) -> int:
    """Return the step from 1 to 254 nearest to a threshold."""
    return int(np.clip(np.floor(cut / highest * (STEPS - 1) + 0.5), 0, STEPS - 1)) + 1


def cut_of(step: int, highest: float) -> float:
    """Return the threshold that a step stands for."""
    return (step - 1) / (STEPS - 1) * highest


def opened(knobs: Knobs) -> BenchScene:
    """Return the scene that knobs ask for, held for the next time; read only. Ask with ``knobs.scene_only()``."""
    with _OPENING[hash(knobs) % _AT_ONCE]:
        return _opened(knobs)


def prepare() -> None:
    """Make what all scenes share and the one the bench begins with: nobody of a class then waits for it."""
    from app.simulate.lattice import covering
    from app.simulate.scene import world

    shot(Knobs())
    for places in PLACES.values():
        for place in places:
            world(covering(square(*place)))


def shot(knobs: Knobs) -> Shot:
    """Return the scene of the knobs, scored by their method; held for the next time, read only."""
    with _SCORING[hash(knobs) % _AT_ONCE]:
        return _shot(knobs)


@lru_cache(maxsize=24)
def _opened(knobs: Knobs) -> BenchScene:
    return _sample() if knobs.land == SAMPLE else _simulated(knobs)


@lru_cache(maxsize=48)
def _shot(knobs: Knobs) -> Shot:
    scene = opened(knobs.scene_only())
    how = _runnable(scene.patch, knobs.how)
    found = run.detect(scene.patch, how)
    highest = _CHANGE_VECTOR if knobs.how == "cva" else _HIGHEST[found.unit]
    near = np.floor(np.nan_to_num(found.score) / highest * (STEPS - 1) + 0.5)
    steps = np.where(found.clear, np.clip(near, 0, STEPS - 1) + 1, 0).astype(np.uint8)
    return Shot(scene, steps, highest, found.unit, how, found.fallback)


def marked(seen: Shot, cut: float, smallest_m2: float = 0) -> np.ndarray:
    """Return bool (y, x): at or above the threshold, groups smaller than an area left out."""
    mask = (seen.steps >= seen.step_of(cut)) & (seen.steps > 0)
    return _without_small(mask, smallest_m2)


def counts(seen: Shot, cut: float, smallest_m2: float = 0) -> Confusion:
    """Return hits, false alarms, misses and the rest over the pixels that are judged."""
    return confusion(marked(seen, cut, smallest_m2), seen.scene.truth, seen.steps > 0)


def best_f1(seen: Shot, smallest_m2: float = 0) -> float:
    """Return the highest F1 that any threshold reaches; NaN where nothing slid."""
    every = [counts(seen, cut_of(step, seen.highest), smallest_m2).f1 for step in range(1, STEPS + 1, 2)]
    return float(np.nanmax(every)) if np.isfinite(every).any() else float("nan")


def iou(first: np.ndarray, second: np.ndarray) -> float:
    """Return the intersection over the union of two masks; 0 where both are empty."""
    either = int(np.count_nonzero(first | second))
    return np.count_nonzero(first & second) / either if either else 0.0


def outlined(points: list[tuple[float, float]], shape: tuple[int, int]) -> np.ndarray:
    """Return bool (y, x): inside a drawn outline of (column, row) corners, in pixels from the upper left corner."""
    from skimage.draw import polygon2mask

    if len(points) < 3:
        return np.zeros(shape, bool)
    return polygon2mask(shape, np.array([(row - 0.5, column - 0.5) for column, row in points]))


def _without_small(mask: np.ndarray, smallest_m2: float) -> np.ndarray:
    from scipy import ndimage

    if smallest_m2 <= PIXEL_M2:
        return mask
    labels, number = ndimage.label(mask, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=number + 1) * PIXEL_M2
    return mask & (sizes >= smallest_m2)[labels]


def _runnable(patch: xr.Dataset, how: str) -> str:
    """Return the method, or one that runs on the bands there are."""
    from app.detection import indices

    kind, _, target = how.partition(":")
    needed = (target,) if kind == "band-difference" else indices.TABLE[target].bands if target in indices.TABLE else ()
    return how if set(needed) <= set(patches.band_names(patch)) else "band-difference:B04"


def _simulated(knobs: Knobs) -> BenchScene:
    from app.simulate.staged import stage

    days = knobs.dates
    pair = stage(knobs.grid, *days, knobs.staging)
    attrs = {"title": "SIMULATED pair of the bench", "source": "demo", "simulated": True}
    patch = patches.build(knobs.grid, days, pair.bands, pair.clm, attrs, pair.truth.astype(np.uint8))
    return BenchScene(patch, pair.truth, pair.hidden, pair.cut, pair.steep_deg, pair.sun_deg)


def _sample() -> BenchScene:
    """Return the real pair that comes with Scarp: forest was felled, and nothing slid."""
    from app.sources import open_source, sample

    source = open_source("sample")
    on = square(sample.LATITUDE, sample.LONGITUDE, 84)  # all of it within the square kilometre
    spec = patches.PatchSpec("sample", "sample", on.bbox, sample.T1, sample.T2, bands=sample.BANDS, on=on)
    patch = source.open(spec)
    nothing = np.zeros(on.shape, bool)
    unknown = np.full(on.shape, np.nan)
    return BenchScene(patch, nothing, nothing, nothing, unknown, (float("nan"), float("nan")))
