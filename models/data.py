"""Training pairs made on the fly: simulated scenes, scars painted on real images, real pairs without change."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from app.grid import BUFFER_DEG
from app.testsets import real
from app.testsets.real import Place
from app.testsets.scars import Pair, Rng, with_scar
from app.testsets.simulated import TILE, SimulatedPlace, corner, simulate, simulated_places
from models import looks, paint

MIX = {"simulated": 0.5, "painted": 0.38, "unchanged": 0.12}  # shares of the kinds of pair
GAIN_BY_BAND = (0.1, 0.1, 0.1, 0.2)  # deviation of its logarithm; canopies differ most in B08
REAL_LOOKS = 0.4  # share of real places among the pairs without labels
ALSO_PAINTED = 0.35  # share of simulated pairs on which a scar is painted as well


class Maker:
    """Makes pairs of ``side`` pixels a side without end; equal seeds make equal pairs.

    ``pool`` holds simulated pairs, ``places`` real ones (it may be empty, then nothing real is used).
    """

    slides = True  # whether something slid in the pool

    @staticmethod
    def simulated(place: SimulatedPlace, buffer_deg: float) -> Pair:
        """Return a simulated pair as the pool holds it: forest felled between the dates is not judged."""
        return simulate(place, buffer_deg, judge_felled=False)

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


class Looks(Maker):
    """Makes two looks of one place without end, nothing marked on them: other dates, or one date restyled.

    ``pool`` holds simulated pairs in which nothing slid. What does change between the dates (fields, felled stands)
    is not told.
    """

    slides = False

    def pair(self, number: int) -> Pair:
        """Return pair ``number``, whatever was made before it; its truth is empty."""
        rng = np.random.default_rng([self.seed, number])
        seen = self._measured(rng) if self.places and rng.uniform() < REAL_LOOKS else self._made(rng)
        pair = finish(seen, rng)
        pair = replace(pair, t1=looks.varied(pair.t1, rng), t2=looks.varied(pair.t2, rng))
        if rng.uniform() < 0.5:
            pair = replace(pair, t1=paint.restyled(pair.t1, rng))
        return _turned(_relit(pair, rng), rng)

    def _made(self, rng: Rng) -> Pair:
        """Cut a tile out of a simulated pair: both dates, or one of them twice; T1 moved a little."""
        whole = self.pool[int(rng.integers(len(self.pool)))]
        start = rng.integers(0, np.array(whole.truth.shape) - self.side + 1)
        tile, before = _tile(whole, start, self.side), whole.t1
        t2, clear = tile.t2, tile.clear
        if rng.uniform() < 0.4:
            before = whole.t2
        moved = rng.uniform(-1, 1, 2) * paint.MISREGISTRATION_PX * rng.uniform() ** 1.5
        t1 = paint.cut(before.astype(np.float32), self.side, (1, 1), start, 1, moved)
        return Pair(t1, t2.astype(np.float32), np.zeros_like(clear), clear)

    def _measured(self, rng: Rng) -> Pair:
        place = self.places[int(rng.integers(len(self.places)))]
        return self._cut(place, rng)


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
    pool = [
        simulate(place, BUFFER_DEG, judge_felled=False) for place in simulated_places("validation", simulated, seed)
    ]
    maker = Maker(pool, real.places("validation") if real_pairs else [], seed + 1)
    rngs = [np.random.default_rng([seed, 2, k]) for k in range(simulated)]
    tiles = [_tile(pair, corner(pair.truth, rng)) for pair, rng in zip(pool, rngs, strict=True)]
    return tiles + [maker.painted(np.random.default_rng([seed, 3, k])) for k in range(real_pairs)]


def _tile(pair: Pair, start: np.ndarray, side: int = TILE) -> Pair:
    rows, columns = (slice(int(at), int(at) + side) for at in start)
    cut = ..., rows, columns
    return Pair(pair.t1[cut], pair.t2[cut], pair.truth[cut], pair.clear[cut])
