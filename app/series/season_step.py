"""A year's course plus one step, fitted robustly to the clear dates of many pixels at once.

The course is a mean and up to three harmonics of the year, as in CCDC (Zhu and Woodcock 2014,
doi:10.1016/j.rse.2014.01.011), whose rule says how many harmonics how many dates bear. One step is added where it
explains most, as in tests for a break at an unknown date (Andrews 1993, doi:10.2307/2951764): what it takes off the sum
of squares is known exactly for every date from one fit without it. A step may stay, as of a slide to bare rock, or fade
over one or two years, as of ground that greens again. The fit is robust: single dates that stand out of their
neighbours, such as a cloud that a mask missed, are left out (Hampel 1974, doi:10.1080/01621459.1974.10482962), and
what lies far from the fit loses its weight (the biweight of Beaton and Tukey 1974, doi:10.1080/00401706.1974.10489171).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

LASTING = 3  # clear dates on either side of a step: one or two are as easily a cloud or its shadow
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
_YEAR_DAYS = 365.25


def fit(y: np.ndarray, seen: np.ndarray, at: np.ndarray, harmonics: int) -> "SeasonAndStep":
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
    return SeasonAndStep(season, used, gain, np.take_along_axis(size, first[None], 0)[0], first, error, noise)


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
class SeasonAndStep:
    """A season with the step that explains most; ``gain`` is (time, pixels), ``first`` positions of dates (pixels)."""

    season: _Season
    weight: np.ndarray
    gain: np.ndarray
    size: np.ndarray
    first: np.ndarray
    error: np.ndarray
    noise: np.ndarray

    @cached_property
    def explained(self) -> np.ndarray:
        """The share of what the season leaves that the step explains, float32 (pixels); 0 where nothing is left."""
        best, left = self.gain.max(axis=0), (self.weight * self.season.left**2).sum(axis=0)
        return np.divide(best, left, out=np.zeros_like(best), where=left > 0)

    @property
    def told(self) -> np.ndarray:
        """Whether the step stands out of the season and the noise, bool (pixels)."""
        explained = self.explained
        ratio = explained * self._spare / np.maximum(1 - explained, 1e-6)
        return (ratio >= CLEARLY) & (np.abs(self.size) >= PLAIN * self.noise)

    @property
    def bracket(self) -> tuple[np.ndarray, np.ndarray]:
        """The positions of the counted dates around all beginnings of the step that are about as good, (pixels)."""
        left = (self.weight * self.error**2).sum(axis=0) / self._spare
        as_good = (self.gain > 0) & (self.gain >= self.gain.max(axis=0) - _AS_GOOD * left)
        earliest, latest = as_good.argmax(axis=0), len(self.gain) - 1 - as_good[::-1].argmax(axis=0)
        rows = np.arange(len(self.gain))[:, None]
        return np.where((self.weight > 0) & (rows < earliest), rows, 0).max(axis=0), latest

    @property
    def _spare(self) -> np.ndarray:
        """How many dates are left over from season and step, (pixels), at least 1."""
        return np.maximum(self.weight.sum(axis=0) - self.season.design.shape[1] - 1, 1)
