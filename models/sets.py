"""What networks and plain methods are scored on: patches of places that nothing was trained on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from app import config, patches
from app.grid import Grid
from models import data, real
from models.paint import Pair
from models.real import BANDS, Place

if TYPE_CHECKING:
    import xarray as xr

CLEARINGS = config.DATA / "sample" / "clearings.geojson"
PATCH_DEG = 0.01  # event to edge, as everywhere in Scarp: 222 pixels a side
SIDE_PX = 96  # of the real test places, which are 100
SEASON_DAYS = 200  # forest: longer pairs show felled stands, which are change


@dataclass(frozen=True)
class Case:
    """One patch to score, with truth (all zero where nothing slid), and the set it belongs to."""

    name: str
    patch: "xr.Dataset"


SETS = {
    "simulated": "Simulated scenes of places, zones and dates not trained on",
    "painted": "Scars painted on real pairs of two places not trained on (forest in Romania, farmland in Belgium)",
    "clearings": "The sample pair: 21 patches of felled forest, outlined by hand; no landslide, but bare ground",
    "forest": "Real pairs of the forest in Romania within 200 days, no landslide",
    "farmland": "Real pairs of the farmland in Belgium, no landslide",
}
WITHOUT_CHANGE = ("forest", "farmland")


def cases(name: str, count: int, seed: int = 0) -> Iterator[Case]:
    """Yield up to ``count`` cases of a set, one in memory at a time; raises InputError without the real data."""
    yield from {
        "simulated": simulated,
        "painted": painted,
        "clearings": clearings,
        "forest": forest,
        "farmland": farmland,
    }[name](count, seed)


def simulated(count: int, seed: int) -> Iterator[Case]:
    """Yield simulated pairs of zones kept for testing."""
    for number, place in enumerate(data.simulated_places("test", count, seed)):
        pair = data.simulate(place, PATCH_DEG)
        yield Case(f"simulated {number}", as_patch(pair, f"{place.t1}", f"{place.t2}", simulated=True))


def painted(count: int, seed: int) -> Iterator[Case]:
    """Yield real pairs, alternately of each test place, with scars painted on T2; all else is as it was measured."""
    shapes = [*real.shapes(), *_simulated_shapes(seed)]
    held = real.places("test")
    number, tried = 0, 0
    while number < count:
        rng = np.random.default_rng([seed, 11, tried])
        tried += 1
        place = held[number % len(held)]
        first, second = sorted(rng.choice(len(place.dates), 2, replace=False).tolist())
        bare = _pair(place, first, second)
        shape = shapes[int(rng.integers(len(shapes)))]
        pair = data.with_scar(bare, shape, rng)
        if pair.truth.any():
            number += 1
            name = f"{place.name} {place.dates[first]} {place.dates[second]}"
            yield Case(name, as_patch(pair, place.dates[first], place.dates[second]))


def clearings(count: int = 1, seed: int = 0) -> Iterator[Case]:
    """Yield the sample pair with the outlined clearings as truth."""
    from app.sources import spec_for
    from app.sources.sample import source

    found = source()
    event = found.describe().event
    patch = found.open(spec_for(event, "sample"))
    patch["truth"] = (("y", "x"), outlined(patches.grid_of(patch)).astype(np.uint8))
    yield Case("sample", patch)


def outlined(on: Grid) -> np.ndarray:
    """Return bool (y, x): the pixels of a geographic grid whose centre lies in an outlined clearing."""
    from rasterio import Affine
    from rasterio.features import rasterize

    features = json.loads(CLEARINGS.read_text())["features"]
    outlines = [(feature["geometry"], 1) for feature in features]
    return rasterize(outlines, on.shape, transform=Affine(*on.transform), dtype=np.uint8).astype(bool)


def forest(count: int, seed: int) -> Iterator[Case]:
    """Yield real pairs of the forest that lie close in time."""
    yield from _unchanged(real.read("romania"), count, seed, SEASON_DAYS)


def farmland(count: int, seed: int) -> Iterator[Case]:
    """Yield real pairs of the farmland."""
    yield from _unchanged(real.read("belgium"), count, seed, 400)


def _unchanged(place: Place, count: int, seed: int, most_days: int) -> Iterator[Case]:
    days = np.array(place.dates, "datetime64[D]")
    close = [(a, b) for a, b in combinations(range(len(days)), 2) if (days[b] - days[a]).astype(int) <= most_days]
    chosen = np.random.default_rng([seed, 12]).permutation(len(close))[:count]
    for first, second in (close[k] for k in sorted(chosen.tolist())):
        pair = _pair(place, first, second)
        yield Case(
            f"{place.name} {place.dates[first]} {place.dates[second]}",
            as_patch(pair, place.dates[first], place.dates[second]),
        )


def _pair(place: Place, first: int, second: int) -> Pair:
    """Return two dates of a place as they were measured, cut to ``SIDE_PX``."""
    cut = (..., slice(0, SIDE_PX), slice(0, SIDE_PX))
    clear = (place.clear[first] & place.clear[second])[cut]
    return Pair(place.images[first][cut], place.images[second][cut], np.zeros((SIDE_PX, SIDE_PX), bool), clear)


def _simulated_shapes(seed: int) -> list[np.ndarray]:
    """Return outlines of simulated landslides of the test zones, bool (128, 128)."""
    found = []
    for number, place in enumerate(data.simulated_places("test", 12, seed + 1)):
        truth = data.simulate(place, PATCH_DEG).truth
        row, column = data.corner(truth, np.random.default_rng([seed, 13, number]))
        found.append(truth[row : row + data.TILE, column : column + data.TILE])
    return [shape for shape in found if shape.any()]


def as_patch(pair: Pair, t1: str, t2: str, simulated: bool = False) -> "xr.Dataset":
    """Return a pair as a patch with truth, on a grid of 10 m pixels that stands nowhere."""
    height, width = pair.truth.shape
    bands = {band: np.stack([pair.t1[k], pair.t2[k]]) for k, band in enumerate(BANDS)}
    clm = np.broadcast_to(np.where(pair.clear, patches.CLEAR, patches.CLOUDY), (2, height, width))
    attrs = {"simulated": simulated, "source": "models.sets"}
    return patches.build(
        Grid(500_000.0, 0.0, 10.0, 10.0, width, height, "EPSG:32631"), [t1, t2], bands, clm, attrs, pair.truth
    )
