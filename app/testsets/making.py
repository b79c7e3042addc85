"""How the patches of each test set are made: simulated, painted, outlined by hand, or as they were measured."""

import json
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from app import config, patches
from app.grid import BUFFER_DEG, Grid
from app.scoring.evaluate import Case, PatchWithTruth
from app.testsets import real
from app.testsets import simulated as scenes
from app.testsets.real import BANDS, Place
from app.testsets.scars import Pair, with_scar

if TYPE_CHECKING:
    import xarray as xr

CLEARINGS = config.DATA / "sample" / "clearings.geojson"
SIDE_PX = 96  # of the real test places, which are 100
SEASON_DAYS = 200  # forest: longer pairs show felled stands, which are change
YEAR_DAYS = 400


def patch_of(case: Case) -> "xr.Dataset":
    """Open a case of a test set and return its patch, truth among its variables."""
    opened = case.open()
    assert isinstance(opened, PatchWithTruth)  # as all of a test set are
    return opened.patch


def simulated(count: int, seed: int) -> list[Case]:
    """Return simulated pairs of zones kept for testing."""
    places = scenes.simulated_places("test", count, seed)
    return [Case(f"simulated {number}", partial(_simulated, place)) for number, place in enumerate(places)]


def _simulated(place: scenes.SimulatedPlace) -> PatchWithTruth:
    return PatchWithTruth(as_patch(scenes.simulate(place, BUFFER_DEG), str(place.t1), str(place.t2), simulated=True))


def painted(count: int, seed: int) -> list[Case]:
    """Return real pairs, alternately of each test place, with scars painted on T2; all else is as it was measured."""
    painter = _Painter(seed)
    names = [real.places("test")[number % 2].name for number in range(count)]
    return [Case(f"{name} {number}", partial(painter.open, number)) for number, name in enumerate(names)]


@dataclass
class _Painter:
    """Paints pair after pair; where the cover allows no scar, other dates are tried, so each builds on those before."""

    seed: int
    tries: list[int] = field(default_factory=list)  # the one that made each pair so far

    def open(self, number: int) -> PatchWithTruth:
        """Return pair ``number``, the same whatever was opened before."""
        while len(self.tries) <= number:
            attempt = self.tries[-1] + 1 if self.tries else 0
            while not self._tried(len(self.tries), attempt)[0].truth.any():
                attempt += 1
            self.tries.append(attempt)
        pair, t1, t2 = self._tried(number, self.tries[number])
        return PatchWithTruth(as_patch(pair, t1, t2, simulated=True))

    def _tried(self, number: int, attempt: int) -> tuple[Pair, str, str]:
        rng = np.random.default_rng([self.seed, 11, attempt])
        held = real.places("test")
        place = held[number % len(held)]
        first, second = sorted(rng.choice(len(place.dates), 2, replace=False).tolist())
        shapes = _outlines(self.seed)
        pair = with_scar(_pair(place, first, second), shapes[int(rng.integers(len(shapes)))], rng)
        return pair, place.dates[first], place.dates[second]


@cache
def _outlines(seed: int) -> list[np.ndarray]:
    """Return outlines drawn by hand, and those of simulated landslides of the test zones, bool (128, 128)."""
    found = real.shapes()
    for number, place in enumerate(scenes.simulated_places("test", 12, seed + 1)):
        truth = scenes.simulate(place, BUFFER_DEG).truth
        row, column = scenes.corner(truth, np.random.default_rng([seed, 13, number]))
        found.append(truth[row : row + scenes.TILE, column : column + scenes.TILE])
    return [shape for shape in found if shape.any()]


def clearings(count: int = 1, seed: int = 0) -> list[Case]:
    """Return the sample pair with the outlined clearings as truth; there is one, whatever is asked for."""
    return [Case("sample", _clearings)]


def _clearings() -> PatchWithTruth:
    from app.sources import spec_for
    from app.sources.sample import source

    found = source()
    event = found.describe().event
    assert event is not None  # the sample is of one event
    patch = found.open(spec_for(event, "sample"))
    patch["truth"] = (("y", "x"), outlined(patches.grid_of(patch)).astype(np.uint8))
    return PatchWithTruth(patch)


def outlined(on: Grid) -> np.ndarray:
    """Return bool (y, x): the pixels of a geographic grid whose centre lies in an outlined clearing."""
    from rasterio import Affine
    from rasterio.features import rasterize

    features = json.loads(CLEARINGS.read_text())["features"]
    outlines = [(feature["geometry"], 1) for feature in features]
    return rasterize(outlines, on.shape, transform=Affine(*on.transform), dtype=np.uint8).astype(bool)


def forest(count: int, seed: int) -> list[Case]:
    """Return real pairs of the forest that lie close in time."""
    return _unchanged("romania", count, seed, SEASON_DAYS)


def farmland(count: int, seed: int) -> list[Case]:
    """Return real pairs of the farmland."""
    return _unchanged("belgium", count, seed, YEAR_DAYS)


def _unchanged(name: str, count: int, seed: int, most_days: int) -> list[Case]:
    place = real.read(name)
    days = np.array(place.dates, "datetime64[D]")
    close = [(a, b) for a, b in combinations(range(len(days)), 2) if (days[b] - days[a]).astype(int) <= most_days]
    chosen = np.random.default_rng([seed, 12]).permutation(len(close))[:count]
    pairs = (close[k] for k in sorted(chosen.tolist()))
    return [
        Case(f"{name} {place.dates[first]} {place.dates[second]}", partial(_measured, name, first, second))
        for first, second in pairs
    ]


def _measured(name: str, first: int, second: int) -> PatchWithTruth:
    place = real.read(name)
    return PatchWithTruth(as_patch(_pair(place, first, second), place.dates[first], place.dates[second]))


def _pair(place: Place, first: int, second: int) -> Pair:
    """Return two dates of a place as they were measured, cut to ``SIDE_PX``."""
    cut = (..., slice(0, SIDE_PX), slice(0, SIDE_PX))
    clear = (place.clear[first] & place.clear[second])[cut]
    return Pair(place.images[first][cut], place.images[second][cut], np.zeros((SIDE_PX, SIDE_PX), bool), clear)


def as_patch(pair: Pair, t1: str, t2: str, simulated: bool = False) -> "xr.Dataset":
    """Return a pair as a patch with truth, on a grid of 10 m pixels that stands nowhere.

    Its bands are the first of ``BANDS``, as many as the pair holds.
    """
    height, width = pair.truth.shape
    bands = {band: np.stack(dates) for band, *dates in zip(BANDS, pair.t1, pair.t2, strict=False)}
    clm = np.broadcast_to(np.where(pair.clear, patches.CLEAR, patches.CLOUDY), (2, height, width))
    attrs = {"simulated": simulated, "source": "test set"}
    return patches.build(
        Grid(500_000.0, 0.0, 10.0, 10.0, width, height, "EPSG:32631"), [t1, t2], bands, clm, attrs, pair.truth
    )
