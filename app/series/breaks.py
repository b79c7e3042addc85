"""When the ground changed: where a step in a year's course stands out, looked for in many places or in one."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.patches import Progress, no_progress
from app.series.season_step import SeasonAndStep, fit

FEWEST = 12  # clear dates, below which a mean, one harmonic and a step fit anything
HARMONICS = ((36, 3), (24, 2), (FEWEST, 1))  # clear dates from which on so many harmonics are fitted
SHORTEST_DAYS = 540  # from the first clear date to the last, below which a step and a season are one
_BLOCK = 2048  # pixels at a time: tens of MB, and a stop is heard within a second


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
        self._found.write(fit(values, there, self._at[kept], harmonics), block, kept)
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

    def write(self, fitted: SeasonAndStep, block: np.ndarray, kept: np.ndarray) -> None:
        """Write down what was fitted to the pixels ``block``, to the dates whose positions are ``kept``."""
        self.enough[block], self.told[block] = True, fitted.told
        self.size[block], self.confidence[block] = fitted.size, np.clip(fitted.explained, 0, 1)
        after, before = fitted.bracket
        self.after[block], self.first[block], self.before[block] = kept[after], kept[fitted.first], kept[before]

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
