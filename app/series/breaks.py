"""When the ground changed: a year's course plus one step, fitted to the clear dates of every pixel at once.

The course is a mean and up to three harmonics of the year, as in CCDC (Zhu and Woodcock 2014,
doi:10.1016/j.rse.2014.01.011), whose rule says how many harmonics how many dates bear. One step is added where it
explains most, as in tests for a break at an unknown date (Andrews 1993, doi:10.2307/2951764): what it takes off the sum
of squares is known exactly for every date from one fit without it. A step may stay, as of a slide to bare rock, or fade
over one or two years, as of ground that greens again. The fit is robust: single dates that stand out of their
neighbours, such as a cloud that a mask missed, are left out (Hampel 1974, doi:10.1080/01621459.1974.10482962), and
what lies far from the fit loses its weight (the biweight of Beaton and Tukey 1974, doi:10.1080/00401706.1974.10489171).
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.patches import Progress, no_progress

FEWEST = 12  # clear dates, below which a mean, one harmonic and a step fit anything
HARMONICS = ((36, 3), (24, 2), (FEWEST, 1))  # clear dates from which on so many harmonics are fitted
LASTING = 3  # clear dates on either side of a step: one or two are as easily a cloud or its shadow
SHORTEST_DAYS = 540  # from the first clear date to the last, below which a step and a season are one
FADES_DAYS = (np.inf, 730.0, 365.0)  # how fast a step may fade, to 1/e
PLAIN = 2.0  # times the noise that a step has to reach
CLEARLY = 25.0  # the least F statistic; among 1000 series of noise 1 % reach 21 to 38, the more the fewer dates
_ROUNDS = 3
_TUKEY = 4.685  # 95 % as efficient as least squares where errors are normal
_HAMPEL = 3.0
_NEIGHBOURS = 2  # clear dates either side that one is held against
_MAD = 1.4826  # median absolute deviation to standard deviation
_LEAST_NOISE = 0.005  # of reflectance or an index: no scene repeats itself better
_AS_GOOD = 10.8  # chi-squared of one degree of freedom at 99.9 %, not 95: errors of neighbouring dates are alike
_RIDGE = 1e-3  # holds harmonics down where a season has no date
_BLOCK = 2048  # pixels at a time: tens of MB, and a stop is heard within a second
_YEAR_DAYS = 365.25


@dataclass(frozen=True, eq=False)
class Breaks:
    """What was found for each pixel or place; every array has the shape of one date.

    ``told`` is bool: a break is told. ``enough`` is bool: there were dates enough to tell one. ``after`` and ``before``
    are datetime64[D], NaT where none is told: the clear dates between which the ground changed, and ``first`` the
    likeliest first date that shows it. ``size`` is float32 in the values' unit, of the step when it happened, and
    ``confidence`` float32 0 to 1, the share of what the season leaves unexplained that the step explains; both are NaN
    where there were too few dates, and given where no break is told as well.
    """

    told: np.ndarray
    enough: np.ndarray
    after: np.ndarray
    first: np.ndarray
    before: np.ndarray
    size: np.ndarray
    confidence: np.ndarray


@dataclass(frozen=True)
class Break:
    """A break of one place: it changed after ``after`` and by ``before``, by ``size`` in the values' unit."""

    after: date
    before: date
    size: float
    confidence: float


def find(
    values: np.ndarray,
    days: Sequence[date] | np.ndarray,
    clear: np.ndarray,
    progress: Progress = no_progress,
) -> Breaks:
    """Return the break of every series in float ``values`` (time, ...), NaN where nodata.

    ``days`` are the dates, rising; ``clear`` is bool of the shape of ``values``. Raises ValueError for dates that do
    not rise, or another number of them, and Cancelled from progress.
    """
    search = Search(values, days, clear)
    while not search.done:
        progress(search.share, "Looking for breaks")
        search.step()
    return search.found()


class Search:
    """The breaks of many pixels looked for a block after the other, so that it can be stopped and gone on with.

    Takes what ``find`` takes, and raises as it does.
    """

    def __init__(self, values: np.ndarray, days: Sequence[date] | np.ndarray, clear: np.ndarray) -> None:
        when = np.asarray(days, "datetime64[D]")
        if len(when) != len(values) or (np.diff(when) <= np.timedelta64(0, "D")).any():
            raise ValueError("Breaks need one date for each layer of values, rising.")
        self._when, self._shape = when, np.shape(values)[1:]
        self._flat = np.asarray(values, np.float32).reshape(len(when), int(np.prod(self._shape)))
        self._seen = np.asarray(clear, bool).reshape(self._flat.shape) & np.isfinite(self._flat)
        self._found = _Flat.empty(self._flat.shape[1])
        self._at = (when - when[:1]).astype(np.float32) if len(when) else np.zeros(0, np.float32)
        self._blocks = [
            (harmonics, these[start : start + _BLOCK])
            for harmonics, these in _by_harmonics(self._seen, self._at)
            for start in range(0, len(these), _BLOCK)
        ]
        self._next, self._lock = 0, threading.Lock()  # sessions that look at the same map take steps in turn

    @property
    def done(self) -> bool:
        """Whether every pixel with dates enough was looked at."""
        return self._next == len(self._blocks)

    @property
    def share(self) -> float:
        """How much was looked at, 0 to 1."""
        return self._next / len(self._blocks) if self._blocks else 1.0

    @property
    def nbytes(self) -> int:
        """What it holds in memory."""
        return self._flat.nbytes + self._seen.nbytes + 34 * self._flat.shape[1]

    def step(self) -> None:
        """Look at the next pixels, where any are left."""
        with self._lock:
            if not self.done:
                self._step()

    def _step(self) -> None:
        harmonics, block = self._blocks[self._next]
        kept = np.flatnonzero(self._seen[:, block].any(axis=1))  # dates that nobody saw cost time alone
        there = self._seen[np.ix_(kept, block)]
        values = np.where(there, self._flat[np.ix_(kept, block)], 0)
        _fit(values, there, self._at[kept], harmonics).write(self._found, block, kept)
        self._next += 1

    def found(self) -> Breaks:
        """Return what was found so far; pixels that wait count as without dates enough."""
        return self._found.shaped(self._when, self._shape)


def one(values: Sequence[float] | np.ndarray, days: Sequence[date], clear: Sequence[bool] | np.ndarray) -> Break | None:
    """Return the break of one series, None where it cannot be told."""
    found = find(np.asarray(values, np.float32)[:, None], days, np.asarray(clear, bool)[:, None])
    if not found.told[0]:
        return None
    after, before = (edge[0].astype(object) for edge in (found.after, found.before))
    return Break(after, before, float(found.size[0]), float(found.confidence[0]))


def why_none(days: Sequence[date], clear: Sequence[bool] | np.ndarray) -> str:
    """Return in words why no break is told of a series: too few dates, too short a time, or nothing that stands out."""
    seen = [day for day, is_clear in zip(days, clear, strict=True) if is_clear]
    if len(seen) < FEWEST:
        return f"It cannot be told: {len(seen)} clear dates, and a break takes {FEWEST}. Take a longer span."
    if (seen[-1] - seen[0]).days < SHORTEST_DAYS:
        return (
            f"It cannot be told: the clear dates span {(seen[-1] - seen[0]).days} days, and to know the season takes "
            f"{SHORTEST_DAYS}. Take a longer span."
        )
    return "No break stands out of the season and the noise."


@dataclass(frozen=True, eq=False)
class _Flat:
    """What is found, by pixel: positions of dates, -1 where none."""

    enough: np.ndarray
    after: np.ndarray
    first: np.ndarray
    before: np.ndarray
    size: np.ndarray
    confidence: np.ndarray
    told: np.ndarray

    @classmethod
    def empty(cls, pixels: int) -> "_Flat":
        after, first, before = np.full((3, pixels), -1)
        size, confidence = np.full((2, pixels), np.nan, np.float32)
        return cls(np.zeros(pixels, bool), after, first, before, size, confidence, np.zeros(pixels, bool))

    def shaped(self, when: np.ndarray, shape: tuple[int, ...]) -> Breaks:
        def day(position: np.ndarray) -> np.ndarray:
            dates = np.append(when, np.datetime64("NaT"))[position]
            return np.where(self.told, dates, np.datetime64("NaT")).reshape(shape)

        rest = (one.reshape(shape) for one in (self.size, self.confidence))
        edges = (day(one) for one in (self.after, self.first, self.before))
        return Breaks(self.told.reshape(shape), self.enough.reshape(shape), *edges, *rest)


def _by_harmonics(seen: np.ndarray, at: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Return how many harmonics the dates of which pixels bear; pixels with too few are in none."""
    count = seen.sum(axis=0)
    if not len(at):
        return []
    last = at[len(at) - 1 - seen[::-1].argmax(axis=0)]
    long = last - at[seen.argmax(axis=0)] >= SHORTEST_DAYS
    groups, above = [], np.iinfo(count.dtype).max
    for fewest, harmonics in HARMONICS:
        groups.append((harmonics, np.flatnonzero(long & (count >= fewest) & (count < above))))
        above = fewest
    return groups


def _fit(y: np.ndarray, seen: np.ndarray, at: np.ndarray, harmonics: int) -> "_Fit":
    """Return the robust fit of season and step to ``y`` float32 (time, pixels), 0 where not ``seen``."""
    design = _season(at, harmonics)
    weight = seen.astype(np.float32)
    season = _Season(design, weight, y)
    weight = weight * ~_stands_out(season.left, seen)
    for _ in range(_ROUNDS):
        season = _Season(design, weight, y)
        gain, size, fade = _best_step(season, weight, seen, at)
        first = gain.argmax(axis=0)
        error, noise = season.with_step(_step(at, first, fade), np.take_along_axis(size, first[None], 0)[0], seen)
        used, weight = weight, _biweight(error, noise, seen)
    return _Fit(season, used, gain, np.take_along_axis(size, first[None], 0)[0], first, error, noise)


class _Season:
    """A weighted fit of the season alone to ``y`` (time, pixels)."""

    def __init__(self, design: np.ndarray, weight: np.ndarray, y: np.ndarray) -> None:
        terms = design.shape[1]
        self.design, self.weight = design, weight
        products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
        normal = (weight.T @ products).reshape(-1, terms, terms).astype(np.float64)
        held = _RIDGE * np.eye(terms) * (np.arange(terms) > 0)
        normal += held * weight.sum(axis=0)[:, None, None] + 1e-6 * np.eye(terms)
        self.inverse = np.linalg.inv(normal).astype(np.float32)
        self.coefficients = np.einsum("pij,pj->pi", self.inverse, (weight * y).T @ design)
        self.left = y - design @ self.coefficients.T  # what it does not explain

    def with_step(self, step: np.ndarray, size: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what a fit of season and that step leaves, (time, pixels), and its robust noise (pixels)."""
        moved = np.einsum("pij,pj->pi", self.inverse, (self.weight * step).T @ self.design)
        error = self.left - (step - self.design @ moved.T) * size
        counted = seen & (self.weight > 0)
        count = counted.sum(axis=0)
        spare = np.maximum(count - self.design.shape[1] - 2, 1)  # terms of the season, size and date of the step
        noise = _MAD * _nanmedian(np.where(counted, np.abs(error), np.nan)) * np.sqrt(count / spare)
        return error, np.maximum(noise, _LEAST_NOISE)


def _season(at: np.ndarray, harmonics: int) -> np.ndarray:
    turn = 2 * np.pi * at.astype(np.float64) / _YEAR_DAYS
    waves = [wave(k * turn) for k in range(1, harmonics + 1) for wave in (np.cos, np.sin)]
    return np.stack([np.ones_like(turn), *waves], axis=1).astype(np.float32)


def _stands_out(left: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return bool (time, pixels): clear dates far from the median of themselves and their clear neighbours.

    A step passes, for on either side of it most neighbours agree.
    """
    order = np.argsort(~seen, axis=0, kind="stable")  # clear dates first, in order
    packed = np.where(np.take_along_axis(seen, order, 0), np.take_along_axis(left, order, 0), np.nan)
    padded = np.pad(packed, ((_NEIGHBOURS, _NEIGHBOURS), (0, 0)), constant_values=np.nan)
    windows = np.stack([padded[k : k + len(left)] for k in range(2 * _NEIGHBOURS + 1)])
    off = np.abs(packed - _nanmedian(windows))
    usual = np.maximum(_MAD * _nanmedian(off), _LEAST_NOISE)
    out = np.zeros_like(seen)
    np.put_along_axis(out, order, off > _HAMPEL * usual, axis=0)
    return out


def _nanmedian(values: np.ndarray) -> np.ndarray:
    """Return the median along the first axis of what is not NaN, faster than numpy's own; NaN where nothing is."""
    count = np.isfinite(values).sum(axis=0)
    ordered = np.sort(values, axis=0)  # NaN last
    low, high = (np.clip(k, 0, None)[None] for k in ((count - 1) // 2, count // 2))
    high = np.minimum(high, len(values) - 1)
    return (np.take_along_axis(ordered, low, 0)[0] + np.take_along_axis(ordered, high, 0)[0]) / 2


def _best_step(
    season: _Season, weight: np.ndarray, seen: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what a step that begins at each date takes off the sum of squares, its size and how it fades."""
    counted = weight > 0
    before: np.ndarray = np.cumsum(counted, axis=0) - counted
    allowed = counted & (before >= LASTING) & (counted.sum(axis=0) - before >= LASTING)
    gain = np.zeros_like(weight)
    size, fade = np.zeros_like(weight), np.full_like(weight, np.inf)
    for days in FADES_DAYS:
        took, big = _step_gain(season, weight, at, days)
        better = allowed & (took > gain)
        gain, size, fade = (np.where(better, *pair) for pair in ((took, gain), (big, size), (days, fade)))
    return gain, size, fade


def _step_gain(season: _Season, weight: np.ndarray, at: np.ndarray, fade: float) -> tuple[np.ndarray, np.ndarray]:
    """Return gain and size of a step that fades in ``fade`` days, for one that begins at each date, (time, pixels).

    The sums over all later dates are carried backwards from date to date. By Frisch, Waugh and Lovell the step is
    held against what the season leaves of it, with the season's own inverse.
    """
    with_left, terms = weight * season.left, season.design.shape[1]
    shape = weight.shape[1]
    product, square = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    crossed = np.zeros((shape, terms), np.float32)
    gain, size = np.zeros_like(weight), np.zeros_like(weight)
    following = np.append(at[1:], at[-1])
    for k in range(len(at) - 1, -1, -1):
        kept = np.float32(np.exp(-(following[k] - at[k]) / fade))
        product = with_left[k] + kept * product
        square = weight[k] + kept * kept * square
        crossed = weight[k][:, None] * season.design[k] + kept * crossed
        explained = np.einsum("pi,pi->p", np.matmul(crossed[:, None, :], season.inverse)[:, 0], crossed)
        own = square - explained
        size[k] = np.where(own > 0.3, product / np.maximum(own, 0.3), 0)  # less is a step that season can be as well
        gain[k] = size[k] * product
    return gain, size


def _step(at: np.ndarray, first: np.ndarray, fade: np.ndarray) -> np.ndarray:
    since = at[:, None] - at[first]
    how = np.take_along_axis(fade, first[None], 0)[0]
    return np.where(since >= 0, np.exp(-np.maximum(since, 0) / how), 0).astype(np.float32)


def _biweight(error: np.ndarray, noise: np.ndarray, seen: np.ndarray) -> np.ndarray:
    far = error / (_TUKEY * noise)
    return np.where(seen & (np.abs(far) < 1), (1 - far * far) ** 2, 0).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Fit:
    """A season with the step that explains most; ``gain`` is (time, pixels), ``first`` positions of dates."""

    season: _Season
    weight: np.ndarray
    gain: np.ndarray
    size: np.ndarray
    first: np.ndarray
    error: np.ndarray
    noise: np.ndarray

    @property
    def spare(self) -> np.ndarray:
        """How many dates are left over from season and step, (pixels), at least 1."""
        return np.maximum(self.weight.sum(axis=0) - self.season.design.shape[1] - 1, 1)

    def write(self, found: _Flat, block: np.ndarray, kept: np.ndarray) -> None:
        """Write it down for the pixels ``block``; ``kept`` are the positions of the dates it was fitted to."""
        best = self.gain.max(axis=0)
        whole = (self.weight * self.season.left**2).sum(axis=0)
        confidence = np.divide(best, whole, out=np.zeros_like(best), where=whole > 0)
        found.enough[block] = True
        found.size[block], found.confidence[block] = self.size, np.clip(confidence, 0, 1)
        ratio = confidence * self.spare / np.maximum(1 - confidence, 1e-6)
        found.told[block] = (ratio >= CLEARLY) & (np.abs(self.size) >= PLAIN * self.noise)
        after, before = self._bracket(best)
        found.after[block], found.first[block], found.before[block] = kept[after], kept[self.first], kept[before]

    def _bracket(self, best: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the positions of the counted dates around all beginnings of the step that are about as good."""
        left = (self.weight * self.error**2).sum(axis=0) / self.spare
        as_good = (self.gain > 0) & (self.gain >= best - _AS_GOOD * left)
        earliest, latest = as_good.argmax(axis=0), len(self.gain) - 1 - as_good[::-1].argmax(axis=0)
        rows = np.arange(len(self.gain))[:, None]
        return np.where((self.weight > 0) & (rows < earliest), rows, 0).max(axis=0), latest
