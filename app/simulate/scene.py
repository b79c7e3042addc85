"""Simulated Sentinel-2 dates of one place, on a patch's grid, with the landslides between the first and the last."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeVar

import numpy as np

from app.bands import ALL_BANDS, BANDS
from app.grid import Grid
from app.patches import CLOUDY, Progress, no_progress
from app.simulate import climate as climates
from app.simulate.atmosphere import measured, sky
from app.simulate.ground import Ground, ground
from app.simulate.lattice import NATIVE_M, SMALL_PX, Lattice, covering, held_where_small
from app.simulate.noise import combine
from app.simulate.scars import Scars, scars
from app.simulate.surface import Moment, surface, years_since_cut
from app.simulate.terrain import Terrain, terrain

T = TypeVar("T")
WORLD = 26  # the one seed of the simulated world
KEPT_PX = 700 * 700  # a place up to this size is held, for its next dates
SMALL_PLACES = 32  # of 7.5 MB on Learn: with eight, thirty readers with scenes of their own made them anew each time
SLID_SHARE = 0.5  # a pixel is landslide in truth where at least half of it slid


@dataclass(frozen=True)
class SimulatedScene:
    """Simulated dates on a grid, the earliest first."""

    bands: dict[str, np.ndarray]  # float32 (dates, height, width) reflectance
    clm: np.ndarray  # uint8 (dates, height, width): 0 clear, 1 cloud or shadow
    truth: np.ndarray  # uint8 (height, width): 1 where landslide surface appeared between the dates
    felled: np.ndarray  # bool (height, width): forest felled between the dates, which looks much like a landslide
    scar_count: int  # landslides with at least one pixel in truth
    climate: str


@dataclass(frozen=True)
class World:
    """What of a place no date changes; read only."""

    land: Terrain
    climate: climates.Climate
    cover: Ground
    slides: Scars
    seed: int


def _seed(lattice: Lattice) -> int:
    return combine(WORLD, lattice.zone + 1000)


def _kept(make: Callable[[Lattice], T]) -> Callable[[Lattice], T]:
    """Hold what was made of the last places: a class of small ones, two of up to KEPT_PX, none that is larger."""
    small, large = held_where_small(SMALL_PLACES)(make), lru_cache(maxsize=2)(make)

    def held(lattice: Lattice) -> T:
        pixels = lattice.width * lattice.height
        return (large if SMALL_PX < pixels <= KEPT_PX else small)(lattice)

    return held


@_kept
def _land(lattice: Lattice) -> Terrain:
    return terrain(lattice, _seed(lattice))


@_kept
def world(lattice: Lattice) -> World:
    """Return what of a place no date changes, held for the next time; read only."""
    land, seed = _land(lattice), _seed(lattice)
    climate = climates.at(lattice.latitude, lattice.zone, seed)
    return World(land, climate, ground(lattice, land, climate, seed), scars(land.massifs, lattice, seed), seed)


def simulate(
    grid: Grid,
    dates: tuple[date, ...],
    event_date: date | None,
    bands: tuple[str, ...] = ALL_BANDS,
    progress: Progress = no_progress,
) -> SimulatedScene:
    """Simulate the dates, a pair or any number, of the box of ``grid`` (EPSG:4326) at 10 m and bring them onto it.

    Everything is a function of world coordinates, date and event date: another box, resolution
    or choice of bands shows the same pixels of the same landscape. The nearest native pixel is
    taken, so bands of 20 and 60 m look as coarse as they are. Scars are there from the event
    date on; truth is empty unless it lies after the first date and not after the last.
    Raises SourceError for a box too large; whatever ``progress`` raises.
    """
    progress(0.02, "shaping the terrain")
    lattice = covering(grid)
    place = world(lattice)
    land, climate, cover, slides, seed = place.land, place.climate, place.cover, place.slides, place.seed
    out = {band: np.empty((len(dates), *grid.shape), np.float32) for band in bands}
    clm = np.zeros((len(dates), *grid.shape), np.uint8)
    index = {size: lattice.indices(grid, size) for size in {NATIVE_M, *(BANDS[band].native_m for band in bands)}}
    for k, day in enumerate(dates):
        progress(0.4 + 0.6 * k / len(dates), f"lighting the scene of {day}")
        moment = _moment(day, lattice, climate, event_date)
        clear = surface(bands, lattice, land, cover, slides, moment, seed)
        clouds = sky(lattice, day, moment.sun, seed)
        for band, values in measured(clear, lattice, clouds, day, seed).items():
            np.take(values.ravel(), index[BANDS[band].native_m], out=out[band][k])
        clm[k] = CLOUDY * clouds.masked.ravel()[index[NATIVE_M]]
    truth, count = _truth(slides, dates, event_date, index[NATIVE_M])
    progress(1.0, "done")
    felled = _felled(cover, dates, seed).ravel()[index[NATIVE_M]]
    return SimulatedScene(out, clm, truth, felled, count, climate.name)


def clear_share(grid: Grid, day: date) -> float:
    """Return the share of a grid's ground that no simulated cloud or shadow hides that day, 0 to 1.

    Raises SourceError for a box too large.
    """
    lattice = covering(grid)
    hidden = sky(lattice, day, climates.sun(day, lattice.latitude), _seed(lattice)).masked
    return 1 - float(np.mean(hidden.ravel()[lattice.indices(grid, NATIVE_M)]))


def slope_deg(grid: Grid) -> np.ndarray:
    """Return the slope of the simulated ground in degrees, float64 (height, width), as ``simulate`` lays it.

    Raises SourceError for a box too large.
    """
    lattice = covering(grid)
    return _land(lattice).slope.ravel()[lattice.indices(grid, NATIVE_M)]


def heights_m(grid: Grid) -> np.ndarray:
    """Return the height of the simulated ground in metres, float32 (height, width), bilinear between its 10 m pixels.

    Raises SourceError for a box too large.
    """
    from scipy.ndimage import map_coordinates

    lattice = covering(grid)
    return map_coordinates(_land(lattice).height, lattice.places(grid), order=1, mode="nearest").astype(np.float32)


def farmed(grid: Grid) -> np.ndarray:
    """Return where the simulated ground is tilled, bool (height, width), as ``simulate`` lays it.

    By the simulator's own rule fields lie on gentle ground, most of them below 10 degrees. Raises SourceError for a box
    too large.
    """
    lattice = covering(grid)
    return (world(lattice).cover.fields.tilled > 0.5).ravel()[lattice.indices(grid, NATIVE_M)]


def sun_deg(day: date, grid: Grid) -> tuple[float, float]:
    """Return how high the simulated sun stands over a grid that day, and its azimuth from north, both in degrees."""
    sun = climates.sun(day, covering(grid).latitude)
    return float(np.degrees(sun.elevation)), float(np.degrees(sun.azimuth)) % 360


def _moment(day: date, lattice: Lattice, climate: climates.Climate, event_date: date | None) -> Moment:
    latitude = lattice.latitude
    return Moment(day, climates.season(day, latitude, climate), climates.sun(day, latitude), event_date)


def _felled(cover: Ground, dates: tuple[date, ...], seed: int) -> np.ndarray:
    between = (dates[-1] - dates[0]).days / 365.25
    return (years_since_cut(cover, dates[-1], seed) < between) & (cover.woods.forest > 0.2)


def _truth(
    slides: Scars, dates: tuple[date, ...], event_date: date | None, index: np.ndarray
) -> tuple[np.ndarray, int]:
    if event_date is None or not dates[0] < event_date <= dates[-1]:
        return np.zeros(index.shape, np.uint8), 0
    inside = slides.share >= SLID_SHARE
    truth = inside.ravel()[index]
    numbers = np.unique(np.where(inside, slides.number, 0).ravel()[index])
    return truth.astype(np.uint8), int(np.count_nonzero(numbers))
