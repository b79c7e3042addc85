"""How far reviewers agree: percent, Cohen's and Fleiss' kappa, Krippendorff's alpha, with intervals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from app.review.records import Verdict
    from app.review.standing import Item

Rated = Mapping[str, str]  # reviewer -> what they said of one item

_Drawn = Callable[["np.ndarray", "np.ndarray"], "np.ndarray"]  # times each item was drawn, and the items -> measures
_AT_ONCE = 100  # draws held in memory
_RESAMPLES, _SEED, _TAILS = 2000, 0, (2.5, 97.5)


def rated(counting: Mapping[tuple[Item, str], Verdict]) -> dict[Item, dict[str, str]]:
    """Return item -> reviewer -> verdict in today's words, of what ``standing`` returns."""
    found: dict[Item, dict[str, str]] = {}
    for (item, reviewer), one in counting.items():
        found.setdefault(item, {})[reviewer] = one.meaning
    return found


def shared(items: Iterable[Rated]) -> list[Rated]:
    """Return the items that two reviewers or more have judged."""
    return [one for one in items if len(one) > 1]


def percent(items: Sequence[Rated]) -> float:
    """Return the share of pairs of verdicts on one item that are the same, 0 to 100; NaN without any pair."""
    pairs = [a == b for one in items for a, b in combinations(one.values(), 2)]
    return 100 * sum(pairs) / len(pairs) if pairs else math.nan


def cohen(items: Sequence[Rated], first: str, second: str) -> float:
    """Return Cohen's kappa of two reviewers over the items that both judged, -1 to 1.

    NaN without any, and where chance alone would make them agree on all. Source: Cohen (1960),
    doi:10.1177/001316446002000104.
    """
    pairs = [(one[first], one[second]) for one in items if first in one and second in one]
    if not pairs:
        return math.nan
    ones, others = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    seen = sum(a == b for a, b in pairs) / len(pairs)
    chance = sum(ones[name] * others[name] for name in ones) / len(pairs) ** 2
    return (seen - chance) / (1 - chance) if chance < 1 else math.nan


def fleiss(items: Sequence[Rated]) -> float:
    """Return Fleiss' kappa of the items that as many reviewers judged as most often judged one, -1 to 1.

    It is defined where every item has as many verdicts; the others are left out, and Krippendorff's alpha takes all.
    NaN without items, or where all say the same. Source: Fleiss (1971), doi:10.1037/h0031619.
    """
    number = reviewers_an_item(items)
    counts = [Counter(one.values()) for one in items if len(one) == number]
    if not counts or number < 2:
        return math.nan
    seen = sum(sum(n * (n - 1) for n in one.values()) for one in counts) / (len(counts) * number * (number - 1))
    every = Counter[str]()
    for one in counts:
        every.update(one)
    chance = sum((n / (len(counts) * number)) ** 2 for n in every.values())
    return (seen - chance) / (1 - chance) if chance < 1 else math.nan


def reviewers_an_item(items: Sequence[Rated]) -> int:
    """Return by how many reviewers an item is judged most often, the larger of equals; 0 without items."""
    numbers = Counter(len(one) for one in items)
    return max(numbers, key=lambda number: (numbers[number], number), default=0)


def krippendorff(items: Sequence[Rated]) -> float:
    """Return Krippendorff's alpha for nominal verdicts, at most 1; items may have any number of verdicts from two on.

    NaN without such items, or where all say the same. Source: Hayes and Krippendorff (2007),
    doi:10.1080/19312450709336664.
    """
    counts = [Counter(one.values()) for one in items if len(one) > 1]
    every = Counter[str]()
    for one in counts:
        every.update(one)
    total = sum(every.values())
    apart = sum((_square(one) - sum(n * n for n in one.values())) / (sum(one.values()) - 1) for one in counts)
    chance = total * total - sum(n * n for n in every.values())
    return 1 - (total - 1) * apart / chance if chance else math.nan


def interval(items: Sequence[Rated], measure: Callable[[Sequence[Rated]], float]) -> tuple[float, float]:
    """Return the 95 % interval of percent, Fleiss' kappa or Krippendorff's alpha by drawing items anew.

    It is the percentile bootstrap; NaN below two items. Draws in which the measure is not defined are left out, and
    Fleiss' kappa is of the items with as many verdicts as most of all items have. Source: Efron (1979),
    doi:10.1214/aos/1176344552.
    """
    known: dict[object, _Drawn] = {percent: _percents, fleiss: _fleisses, krippendorff: _krippendorffs}
    return _drawn(_counts(items), known[measure])


def cohen_interval(items: Sequence[Rated], first: str, second: str) -> tuple[float, float]:
    """Return the 95 % interval of Cohen's kappa of two reviewers, as ``interval`` does of the other measures."""
    pairs = [(one[first], one[second]) for one in items if first in one and second in one]
    names = sorted({name for pair in pairs for name in pair})
    held = np.zeros((len(pairs), 2, len(names)))
    for n, pair in enumerate(pairs):
        for which, name in enumerate(pair):
            held[n, which, names.index(name)] = 1
    return _drawn(held, _cohens)


def _counts(items: Sequence[Rated]) -> np.ndarray:
    """Return how often each verdict was given to each item, (item, verdict)."""
    names = sorted({name for one in items for name in one.values()})
    held = np.zeros((len(items), len(names)))
    for n, one in enumerate(items):
        for name in one.values():
            held[n, names.index(name)] += 1
    return held


def _drawn(held: np.ndarray, of: _Drawn) -> tuple[float, float]:
    """Return the interval of a measure: ``of`` takes how often each item was drawn, (draw, item), and the items."""
    number = len(held)
    if number < 2:
        return math.nan, math.nan
    draws, found = np.random.default_rng(_SEED), []
    for _ in range(_RESAMPLES // _AT_ONCE):
        times = [np.bincount(draws.integers(0, number, number), minlength=number) for _ in range(_AT_ONCE)]
        with np.errstate(divide="ignore", invalid="ignore"):
            found.append(of(np.stack(times).astype(float), held))
    values = np.concatenate(found)
    values = values[np.isfinite(values)]
    if not values.size:
        return math.nan, math.nan
    low, high = np.percentile(values, _TAILS)
    return float(low), float(high)


def _percents(times: np.ndarray, counts: np.ndarray) -> np.ndarray:
    every = counts.sum(1)
    return 100 * (times @ (counts * (counts - 1)).sum(1)) / (times @ (every * (every - 1)))


def _fleisses(times: np.ndarray, counts: np.ndarray) -> np.ndarray:
    numbers = counts.sum(1)
    number = max(np.unique(numbers), key=lambda one: (np.count_nonzero(numbers == one), one))
    times, counts = times[:, numbers == number], counts[numbers == number]
    drawn = times.sum(1)
    seen = (times @ (counts * (counts - 1)).sum(1)) / (drawn * number * (number - 1))
    chance = ((times @ counts / (drawn * number)[:, None]) ** 2).sum(1)
    return (seen - chance) / (1 - chance)


def _krippendorffs(times: np.ndarray, counts: np.ndarray) -> np.ndarray:
    numbers = counts.sum(1)
    times, counts, numbers = times[:, numbers > 1], counts[numbers > 1], numbers[numbers > 1]
    apart = times @ ((numbers**2 - (counts**2).sum(1)) / (numbers - 1))
    every, total = times @ counts, times @ numbers
    return 1 - (total - 1) * apart / (total**2 - (every**2).sum(1))


def _cohens(times: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    drawn = times.sum(1)
    seen = times @ (pairs[:, 0] * pairs[:, 1]).sum(1) / drawn
    chance = ((times @ pairs[:, 0]) * (times @ pairs[:, 1])).sum(1) / drawn**2
    return (seen - chance) / (1 - chance)


def summary(items: Sequence[Rated]) -> dict[str, Any]:
    """Return all measures over the items that two reviewers or more judged, NaN where one is not defined."""
    both = shared(items)
    names = sorted({name for one in both for name in one})
    pairs = [(a, b) for a, b in combinations(names, 2) if any(a in one and b in one for one in both)]
    return {
        "reviewers": names,
        "items": len(both),
        "percent": percent(both),
        "cohen_kappa": {f"{a} and {b}": cohen(both, a, b) for a, b in pairs},
        "fleiss_kappa": fleiss(both),
        "krippendorff_alpha": krippendorff(both),
        "interval": {
            "percent": interval(both, percent),
            "cohen_kappa": {f"{a} and {b}": cohen_interval(both, a, b) for a, b in pairs},
            "fleiss_kappa": interval(both, fleiss),
            "krippendorff_alpha": interval(both, krippendorff),
        },
    }


def _square(counts: Counter[str]) -> int:
    return sum(counts.values()) ** 2
