"""Simulated pairs to train and score on: places apart by UTM zone, dates as people choose them."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from app.grid import around, for_bbox
from app.inventory import builtin
from app.testsets.real import BANDS, SPLITS
from app.testsets.scars import Pair, Rng

TILE = 128  # pixels a side of an outline or a training pair
SPLIT_OF_ZONE = ("train", "train", "train", "validation", "test")  # by UTM zone: the simulated world has one a zone
AWAY_DEG = 1.0  # from every event that comes with Scarp
NO_EVENT = 0.12  # share of simulated pairs in which nothing slid


@dataclass(frozen=True)
class SimulatedPlace:
    """A place and dates for the simulator; ``event`` lies between the dates, or is None."""

    latitude: float
    longitude: float
    t1: date
    t2: date
    event: date | None


def simulated_places(split: str, count: int, seed: int = 0) -> list[SimulatedPlace]:
    """Return ``count`` places of a split; splits share no UTM zone, so no simulated world either."""
    rng = np.random.default_rng([seed, SPLITS.index(split)])
    kept = _events()
    found: list[SimulatedPlace] = []
    while len(found) < count:
        latitude, longitude = float(rng.uniform(-50, 64)), float(rng.uniform(-174, 174))
        zone = int((longitude + 180) // 6)
        away = np.hypot(kept[:, 0] - latitude, kept[:, 1] - longitude).min() > AWAY_DEG
        if away and SPLIT_OF_ZONE[zone % len(SPLIT_OF_ZONE)] == split:
            found.append(SimulatedPlace(latitude, longitude, *_dates(rng)))
    return found


def _events() -> np.ndarray:
    """Return latitude and longitude of the built-in events, float64 (events, 2)."""
    return np.array([(event.latitude, event.longitude) for event in builtin().events])


def _dates(rng: Rng) -> tuple[date, date, date | None]:
    """Draw T1, T2 and the event: half of the pairs are of one season, as people choose them."""
    t1 = date(2016, 1, 1) + timedelta(days=int(rng.integers(2200)))
    if rng.uniform() < 0.5:
        days = 365 * int(rng.integers(1, 3)) + int(rng.integers(-40, 41))
    else:
        days = int(rng.integers(15, 420))
    event = t1 + timedelta(days=int(rng.integers(1, days)))
    return t1, t1 + timedelta(days=days), None if rng.uniform() < NO_EVENT else event


def simulate(place: SimulatedPlace, buffer_deg: float, judge_felled: bool = True) -> Pair:
    """Return the simulated pair of a place, on the grid every source delivers.

    Without ``judge_felled``, forest felled between the dates counts as not clear: nobody tells it from a slide by
    two dates alone, so a network should not be taught that it can.
    """
    from app.simulate.scene import simulate as run

    grid = for_bbox(around(place.latitude, place.longitude, buffer_deg))
    scene = run(grid, (place.t1, place.t2), place.event, BANDS)
    t1, t2 = (np.stack([scene.bands[band][k] for band in BANDS]) for k in (0, 1))
    truth, clear = scene.truth.astype(bool), (scene.clm == 0).all(axis=0)
    return Pair(t1, t2, truth, clear if judge_felled else clear & (truth | ~scene.felled))


def corner(truth: np.ndarray, rng: Rng, side: int = TILE) -> np.ndarray:
    """Return the first row and column of a tile; in three of four, one that holds a landslide if there is one."""
    limit = np.array(truth.shape) - side
    slid = np.argwhere(truth)
    if len(slid) and rng.uniform() < 0.75:
        at = slid[int(rng.integers(len(slid)))] - rng.integers(0, side, 2)
        return np.clip(at, 0, limit)
    return rng.integers(0, limit + 1)
