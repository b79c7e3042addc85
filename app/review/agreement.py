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
    """Return the 95 % interval of a measure by drawing items anew (percentile bootstrap); NaN below two items.

    Draws in which the measure is not defined are left out. Source: Efron (1979), doi:10.1214/aos/1176344552.
    """
    if len(items) < 2:
        return math.nan, math.nan
    draws = np.random.default_rng(_SEED).integers(0, len(items), (_RESAMPLES, len(items)))
    found = np.array([measure([items[n] for n in draw]) for draw in draws])
    found = found[np.isfinite(found)]
    if not found.size:
        return math.nan, math.nan
    low, high = np.percentile(found, _TAILS)
    return float(low), float(high)


def summary(items: Sequence[Rated]) -> dict[str, Any]:
    """Return all measures over the items that two reviewers or more judged, NaN where one is not defined."""
    both = shared(items)
    names = sorted({name for one in both for name in one})
    pairs = list(combinations(names, 2))
    kappas = {f"{a} and {b}": cohen(both, a, b) for a, b in pairs if any(a in one and b in one for one in both)}
    return {
        "reviewers": names,
        "items": len(both),
        "percent": percent(both),
        "cohen_kappa": kappas,
        "fleiss_kappa": fleiss(both),
        "krippendorff_alpha": krippendorff(both),
        "interval": {
            "percent": interval(both, percent),
            "fleiss_kappa": interval(both, fleiss),
            "krippendorff_alpha": interval(both, krippendorff),
        },
    }


def _square(counts: Counter[str]) -> int:
    return sum(counts.values()) ** 2
