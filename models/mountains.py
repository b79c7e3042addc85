"""Slopes to learn from: real mountains with all bands and their slope, and slopes laid under scenes of colours alone.

The mountains are Landslide4Sense's, as the scenes of ``models.chips``; four of them have a mask. Of the other scenes no
slope is known. Under each one a real one of another place is laid, that of several on which its scars lie steepest:
what a network learns of slope from them is that steep ground slides, not how light and slope go together.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from app import config
from app.errors import InputError
from app.grid import BUFFER_DEG, around, for_bbox
from app.testsets import real
from app.testsets.scars import Pair, Rng, smooth
from app.testsets.simulated import SimulatedPlace, simulate
from models import chips, data, restyle

FILE = "landslide4sense_chips/bands14.npz"
RED, SLOPE = 3, 12  # B04 and slope among its bands
WHOLE_DEG = 0.04927982  # slopes are whole degrees over their mean: the least difference between two of them
HELD_BACK = 4  # every fourth place without a mask, whose slopes are for validation
STEEP_DEG, LEVEL_DEG = 8.0, 5.0  # a scar on steeper ground slid, what looks like one on more level ground did not
TRIES = 8
FLATTER = (0.35, 1.0)  # models of heights are coarser than these: their slopes are less by so much


@dataclass(frozen=True, eq=False)
class Mountain:
    """One place: ``image`` as of ``chips.Chip``, ``slope`` float32 degrees (y, x); ``scars`` bool or None, unknown."""

    image: np.ndarray
    slope: np.ndarray
    scars: np.ndarray | None


@cache
def mountains(split: str) -> tuple[Mountain, ...]:
    """Return the places for "train" or "validation"; raises InputError where the file is not there."""
    if reason := real.absent(FILE):
        raise InputError(reason)
    with np.load(config.settings().data / FILE) as held:
        bands, masks, others = held["bands"], held["mask"].astype(bool), held["unlabelled"]
    kept = [k for k in range(len(others)) if (k % HELD_BACK == HELD_BACK - 1) == (split == "validation")]
    known = [_mountain(one, mask) for one, mask in zip(bands, masks, strict=True)] if split == "train" else []
    return (*known, *(_mountain(others[k], None) for k in kept))


def _mountain(bands: np.ndarray, scars: np.ndarray | None) -> Mountain:
    slope = np.round(bands[SLOPE] / WHOLE_DEG).astype(np.float32)
    return Mountain(restyle.evened(bands[1 : RED + 1].astype(np.float32)), slope, scars)


def coarser(slope: np.ndarray, rng: Rng) -> np.ndarray:
    """Return a slope as a coarser model of heights has it: smoother and less steep."""
    from scipy.ndimage import gaussian_filter

    least, most = np.log(FLATTER)
    return gaussian_filter(slope, rng.uniform(0.3, 3)) * np.float32(np.exp(rng.uniform(least, most)))


def level(shape: tuple[int, int], rng: Rng) -> np.ndarray:
    """Return the slope of level ground, float32 (y, x), a few degrees at most."""
    return np.abs(smooth(shape, rng.uniform(2, 12), rng)) * np.float32(rng.uniform(0, 2))


def under(scars: np.ndarray, slopes: list[np.ndarray], rng: Rng) -> np.ndarray:
    """Return the one of some slopes, turned at random, on which the scars lie steepest beside the rest of it."""
    drawn = [_turned(slopes[int(rng.integers(len(slopes)))], rng) for _ in range(TRIES)]
    if not scars.any():
        return drawn[0]
    return max(drawn, key=lambda slope: float(slope[scars].mean()) - float(np.median(slope)))


def _turned(slope: np.ndarray, rng: Rng) -> np.ndarray:
    turned = np.rot90(slope, int(rng.integers(4)))
    return turned[:, ::-1] if rng.uniform() < 0.5 else turned


def believed(scars: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which scars, each as a whole, lie steep enough to have slid, and where nothing can be said; bool (y, x).

    Those on level ground did not: there a bare patch is a field, a quarry or the bed of a river.
    """
    from scipy.ndimage import label, mean

    groups, number = label(scars, np.ones((3, 3)))
    steep = np.concatenate([[0.0], mean(slope, groups, np.arange(1, number + 1))])[groups] if number else slope
    return scars & (steep >= STEEP_DEG), scars & (steep < STEEP_DEG) & (steep > LEVEL_DEG)


class Steep(chips.Alone):
    """Makes images of B02, B03 and B04 with their slope, (4, y, x), without end, as T2; T1 is the slope once more."""

    MIX: tuple[tuple[str, float], ...] = (
        ("scene", 0.45),
        ("mountain", 0.08),
        ("laid", 0.25),
        ("flat", 0.12),
        ("made", 0.1),
    )

    def __init__(self, pool: list[Pair], places: list[real.Place], seed: int, side: int = chips.SIDE) -> None:
        super().__init__(pool, places, seed, side)
        self.mountains = mountains(self.split)
        self.slopes = [one.slope for one in self.mountains]

    @staticmethod
    def simulated(place: SimulatedPlace, buffer_deg: float) -> Pair:
        """Return a simulated T2 with its slope as T1, (1, y, x)."""
        from app.simulate.scene import slope_deg

        pair = simulate(place, buffer_deg, judge_felled=False)
        slope = slope_deg(for_bbox(around(place.latitude, place.longitude, buffer_deg)))
        return Pair(slope[None].astype(np.float32), pair.t2, pair.truth, pair.clear)

    def pair(self, number: int) -> Pair:
        rng = np.random.default_rng([self.seed, number])
        kind = self._kind(rng)
        if kind == "made":
            made = self._made(rng)
        else:
            make = {"scene": self._under, "mountain": self._mountain, "laid": self._laid, "flat": self._flat}[kind]
            made = chips._looked(make(rng), rng, chips.MORE_LOOKS, alone=True)
        return Pair(made.t1, np.concatenate([made.t2, made.t1]), made.truth, made.clear)

    def _under(self, rng: Rng) -> Pair:
        chip = self._chip(rng)
        slope = coarser(under(chip.scars, self.slopes, rng), rng)
        return _judged(chip.image, slope, chip.scars)

    def _mountain(self, rng: Rng) -> Pair:
        """Return a mountain as it is; those without a mask are hoped to have few scars."""
        place = self.mountains[int(rng.integers(len(self.mountains)))]
        scars = np.zeros(place.slope.shape, bool) if place.scars is None else place.scars
        return Pair(coarser(place.slope, rng)[None], place.image, scars, np.ones_like(scars))

    def _laid(self, rng: Rng) -> Pair:
        """Return a mountain with a scene's scars laid where it is steep, or, less often, where it is level."""
        place = self.mountains[int(rng.integers(len(self.mountains)))]
        slope, chip = coarser(place.slope, rng), self._chip(rng)
        tried = [chips.laid(place.image, chip, rng) for _ in range(4)]
        order = -1 if rng.uniform() < 0.3 else 1
        image, where = max(tried, key=lambda one: order * float(slope[one[1]].mean()) if one[1].any() else -1e3)
        return _judged(image, slope, where, place.scars)

    def _flat(self, rng: Rng) -> Pair:
        """Return level ground on which bare patches are no landslides: a scene's, or laid onto a real place."""
        chip = self._chip(rng)
        image = chip.image
        if self.places and rng.uniform() < 0.5:
            image, _ = chips.laid(self._real(rng), chip, rng)
        none = np.zeros_like(chip.scars)
        return Pair(level((self.side, self.side), rng)[None], image, none, ~none)

    def _made(self, rng: Rng) -> Pair:
        whole = self.pool[int(rng.integers(len(self.pool)))]
        tile = data._tile(whole, data.corner(whole.truth, rng, self.side), self.side)
        image = restyle.sensor(restyle.evened(tile.t2[:3].astype(np.float32)), rng)
        return data._turned(Pair(coarser(tile.t1[0].astype(np.float32), rng)[None], image, tile.truth, tile.clear), rng)


class SteepPairs(chips.Chips):
    """Makes the pairs of ``chips.Chips`` with the slope of a mountain under both dates, (4, y, x) each, without end."""

    def __init__(self, pool: list[Pair], places: list[real.Place], seed: int, side: int = chips.SIDE) -> None:
        super().__init__(pool, places, seed, side)
        self.slopes = [one.slope for one in mountains(self.split)]

    def pair(self, number: int) -> Pair:
        return _with_slope(super().pair(number), self.slopes, np.random.default_rng([self.seed, number, 11]))


def _judged(image: np.ndarray, slope: np.ndarray, scars: np.ndarray, old: np.ndarray | None = None) -> Pair:
    slid, doubtful = believed(scars, slope)
    truth = slid if old is None else slid | old
    return Pair(slope[None], image, truth, ~doubtful | truth)


def validation_pairs(alone: bool, scenes: int = 60, seed: int = 0) -> list[Pair]:
    """Return pairs of the scenes kept for validation with slopes of places kept for it under them, (4, y, x) a date."""
    pairs = chips.validation_pairs(alone, scenes, 0, seed)["real scars"]
    slopes = [one.slope for one in mountains("validation")]
    return [_with_slope(pair, slopes, np.random.default_rng([seed, 9, k])) for k, pair in enumerate(pairs)]


def unchanged_pairs(fields: int = 40, simulated: int = 40, seed: int = 0) -> list[Pair]:
    """Return the pairs of ``chips.unchanged_pairs`` with their slope, (4, y, x) a date: fields are level ground."""
    from app.simulate.scene import slope_deg

    pairs = chips.unchanged_pairs(fields, simulated, seed)
    rngs = [np.random.default_rng([seed, 10, k]) for k in range(fields)]
    slopes = [level(pair.truth.shape, rng) for pair, rng in zip(pairs, rngs, strict=False)]
    for k, place in enumerate(data.simulated_places("validation", simulated, seed + 3)):
        whole = slope_deg(for_bbox(around(place.latitude, place.longitude, BUFFER_DEG))).astype(np.float32)
        # nothing slid there, so the corner is drawn as ``chips.unchanged_pairs`` draws it
        rows, columns = data.corner(np.zeros(whole.shape, bool), np.random.default_rng([seed, 8, k]))
        slopes.append(whole[rows : rows + chips.SIDE, columns : columns + chips.SIDE])
    return [Pair(*_on(slope, pair), pair.truth, pair.clear) for slope, pair in zip(slopes, pairs, strict=True)]


def _with_slope(pair: Pair, slopes: list[np.ndarray], rng: Rng) -> Pair:
    slope = coarser(under(pair.truth, slopes, rng), rng)
    truth, doubtful = believed(pair.truth, slope)
    return Pair(*_on(slope, pair), truth, pair.clear & ~doubtful)


def _on(slope: np.ndarray, pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    t1, t2 = (np.concatenate([date, slope[None]]).astype(np.float32) for date in (pair.t1, pair.t2))
    return t1, t2
