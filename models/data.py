"""Training pairs made on the fly: simulated scenes, scars painted on real images, real pairs without change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from app.grid import around, for_bbox
from app.inventory import builtin
from models import paint, real
from models.paint import Pair, Rng
from models.real import BANDS, Place

TILE = 128  # pixels a side of a training pair
SPLIT_OF_ZONE = ("train", "train", "train", "validation", "test")  # by UTM zone: the simulated world has one a zone
AWAY_DEG = 1.0  # from every event that comes with Scarp
MIX = {"simulated": 0.5, "painted": 0.38, "unchanged": 0.12}  # shares of the kinds of pair
GAIN_BY_BAND = (0.1, 0.1, 0.1, 0.2)  # deviation of its logarithm; canopies differ most in B08
ALSO_PAINTED = 0.35  # share of simulated pairs on which a scar is painted as well
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
    rng = np.random.default_rng([seed, real.SPLITS.index(split)])
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


class Maker:
    """Makes pairs of ``side`` pixels a side without end; equal seeds make equal pairs.

    ``pool`` holds simulated pairs, ``places`` real ones (it may be empty, then nothing real is used).
    """

    def __init__(self, pool: list[Pair], places: list[Place], seed: int, side: int = TILE) -> None:
        self.pool, self.places, self.seed, self.side = pool, places, seed, side
        self.shapes = real.shapes() if places else []
        self.many = [place for place in places if len(place.dates) > 1]

    def pair(self, number: int) -> Pair:
        """Return pair ``number``, whatever was made before it."""
        rng = np.random.default_rng([self.seed, number])
        kinds = tuple(MIX)
        kind = kinds[int(rng.choice(len(kinds), p=tuple(MIX.values())))] if self.places else "simulated"
        make = {"simulated": self._simulated, "painted": self.painted, "unchanged": self._unchanged}[kind]
        return _turned(_relit(make(rng), rng), rng)

    def batches(self, size: int, first: int = 0) -> Iterator[list[Pair]]:
        """Yield batches of pairs, starting with batch ``first``."""
        while True:
            yield [self.pair(first * size + k) for k in range(size)]
            first += 1

    def _simulated(self, rng: Rng) -> Pair:
        """Cut a tile out of a simulated pair, more often than not where something slid, and vary the dates."""
        whole = self.pool[int(rng.integers(len(self.pool)))]
        start = corner(whole.truth, rng, self.side)
        tile = _tile(whole, start, self.side)
        t1 = tile.t1.astype(np.float32)
        if rng.uniform() < 0.5:  # T1 moves, not T2: truth is where T2 shows it
            moved = rng.uniform(-paint.MISREGISTRATION_PX, paint.MISREGISTRATION_PX, 2)
            t1 = paint.cut(whole.t1.astype(np.float32), self.side, (1, 1), start, 1, moved)
        made = Pair(t1, tile.t2.astype(np.float32), tile.truth, tile.clear)
        if rng.uniform() < ALSO_PAINTED:
            marked = with_scar(made, self._shape(rng), rng)
            made = Pair(made.t1, marked.t2, made.truth | marked.truth, made.clear)
        return Pair(paint.sky(made.t1, rng), paint.sky(made.t2, rng), made.truth, made.clear)

    def painted(self, rng: Rng) -> Pair:
        """Paint scars on the later of two cuts of a real place."""
        place = self.places[int(rng.integers(len(self.places)))]
        pair = self._cut(place, rng)
        return finish(with_scar(pair, self._shape(rng), rng), rng)

    def _unchanged(self, rng: Rng) -> Pair:
        """Return two dates of a real place, nothing painted; one date twice where there is only one."""
        choice = self.many or self.places
        return finish(self._cut(choice[int(rng.integers(len(choice)))], rng), rng)

    def _cut(self, place: Place, rng: Rng) -> Pair:
        first, second = rng.integers(len(place.dates), size=2)
        return cut_pair(place, int(first), int(second), self.side, rng)

    def _shape(self, rng: Rng) -> np.ndarray:
        """Return the outline of real or simulated landslides, or of small patches, bool (TILE, TILE)."""
        kind = rng.uniform()
        if kind < 0.25:
            return paint.blots(TILE, rng)
        if kind < 0.6 and self.shapes:
            return self.shapes[int(rng.integers(len(self.shapes)))]
        truth = self.pool[int(rng.integers(len(self.pool)))].truth
        row, column = corner(truth, rng)
        return truth[row : row + TILE, column : column + TILE]


def cut_pair(place: Place, first: int, second: int, side: int, rng: Rng) -> Pair:
    """Return two dates of a real place cut to ``side`` pixels, resampled as a geographic grid does, misregistered."""
    size = np.array(place.images.shape[2:])
    zoom = (1.0, float(rng.uniform(1, 1.5))) if rng.uniform() < 0.6 else (1.0, 1.0)
    start = rng.uniform(0, 1, 2) * np.maximum(size - side / np.array(zoom), 0)
    order = int(rng.integers(2))
    moved = rng.uniform(-1, 1, 2) * paint.MISREGISTRATION_PX * rng.uniform() ** 1.5
    t1 = paint.cut(place.images[first], side, zoom, start, order, moved)
    t2 = paint.cut(place.images[second], side, zoom, start, order, np.zeros(2))
    clear = paint.cut((place.clear[first] & place.clear[second])[None].astype(np.float32), side, zoom, start, 0, moved)
    return Pair(t1, t2, np.zeros((side, side), bool), clear[0] > 0.5)


def with_scar(pair: Pair, shape: np.ndarray, rng: Rng, tries: int = 8) -> Pair:
    """Return the pair with a scar of ``shape`` painted on T2, turned and moved until the cover allows it."""
    side = pair.truth.shape[0]
    for _ in range(tries):
        turned = np.rot90(shape, int(rng.integers(4)))
        turned = np.roll(turned[:, ::-1] if rng.uniform() < 0.5 else turned, rng.integers(0, side, 2), (0, 1))
        placed = np.zeros((side, side), bool)
        rows, columns = min(side, turned.shape[0]), min(side, turned.shape[1])
        placed[:rows, :columns] = turned[:rows, :columns]
        if paint.plausible(pair.t1, placed):
            t2, truth = paint.scar(pair.t2, placed, rng)
            return Pair(pair.t1, t2, truth, pair.clear)
    return pair


def finish(pair: Pair, rng: Rng) -> Pair:
    """Return the pair with parcels, season, sky and cloud changed between its dates."""
    dates, clear = [pair.t1, pair.t2], pair.clear
    scars = pair.truth
    for k in (0, 1):
        image = dates[k]
        if rng.uniform() < 0.25:
            tilled = paint.parcels(image, rng)
            image = np.where(scars, image, tilled)  # a field is not tilled over a fresh scar
        if rng.uniform() < 0.35:
            image = np.where(scars & (k == 1), image, paint.season(image, rng))
        image = paint.sky(image, rng)
        if rng.uniform() < 0.15:
            image, seen = paint.clouds(image, rng)
            clear = clear & seen
        dates[k] = image
    return Pair(dates[0], dates[1], pair.truth, clear)


def corner(truth: np.ndarray, rng: Rng, side: int = TILE) -> np.ndarray:
    """Return the first row and column of a tile; in three of four, one that holds a landslide if there is one."""
    limit = np.array(truth.shape) - side
    slid = np.argwhere(truth)
    if len(slid) and rng.uniform() < 0.75:
        at = slid[int(rng.integers(len(slid)))] - rng.integers(0, side, 2)
        return np.clip(at, 0, limit)
    return rng.integers(0, limit + 1)


def _relit(pair: Pair, rng: Rng) -> Pair:
    """Return the pair with each band stronger or weaker at both dates: other leaves, other soils, another sensor."""
    gain = np.exp(rng.normal(0, GAIN_BY_BAND))[:, None, None].astype(np.float32)
    return Pair(pair.t1 * gain, pair.t2 * gain, pair.truth, pair.clear)


def _turned(pair: Pair, rng: Rng) -> Pair:
    """Return the pair turned by a multiple of 90 degrees and mirrored or not."""
    turns, mirrored = int(rng.integers(4)), rng.uniform() < 0.5

    def turn(values: np.ndarray) -> np.ndarray:
        values = np.rot90(values, turns, (-2, -1))
        return np.ascontiguousarray(values[..., ::-1] if mirrored else values)

    return Pair(turn(pair.t1), turn(pair.t2), turn(pair.truth), turn(pair.clear))


def validation_pairs(seed: int = 0, simulated: int = 60, real_pairs: int = 60) -> list[Pair]:
    """Return pairs of places nothing is trained on: simulated tiles first, then painted real ones.

    Thresholds are chosen on these, the network's and the plain methods' alike. Felled forest is not judged, as in
    training. ``real_pairs`` 0 needs no real data.
    """
    pool = [simulate(place, 0.01, judge_felled=False) for place in simulated_places("validation", simulated, seed)]
    maker = Maker(pool, real.places("validation") if real_pairs else [], seed + 1)
    rngs = [np.random.default_rng([seed, 2, k]) for k in range(simulated)]
    tiles = [_tile(pair, corner(pair.truth, rng)) for pair, rng in zip(pool, rngs, strict=True)]
    return tiles + [maker.painted(np.random.default_rng([seed, 3, k])) for k in range(real_pairs)]


def _tile(pair: Pair, start: np.ndarray, side: int = TILE) -> Pair:
    cut = (..., *(slice(int(at), int(at) + side) for at in start))
    return Pair(pair.t1[cut], pair.t2[cut], pair.truth[cut], pair.clear[cut])
