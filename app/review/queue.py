"""In which order events are judged, and which one comes next."""

import random
from collections.abc import Collection, Mapping, Sequence


def ordered(events: Sequence[str], how: str, weights: Mapping[str, float], seed: int = 0) -> list[str]:
    """Return the ids of events in the order to judge them in.

    ``how`` is "list", the inventory's own order, "random", or anything else (area, warnings, disagreement): then the
    larger of ``weights`` comes first and an event without one last; equals stay in the inventory's order. At random the
    order follows from ``seed`` and the ids alone.
    """
    if how == "random":
        mixed = sorted(events)
        random.Random(seed).shuffle(mixed)
        return mixed
    if how == "list":
        return list(events)
    return sorted(events, key=lambda one: -weights.get(one, -1.0))


def after(order: Sequence[str], here: str | None, judged: Collection[str], skipped: Sequence[str]) -> str | None:
    """Return the next event to judge after ``here``, None where all others are judged.

    From ``here`` on and round the end it is the first that is neither judged nor skipped; then those that were skipped
    come back, the one skipped longest ago first.
    """
    start = order.index(here) + 1 if here in order else 0
    waiting = [one for one in (*order[start:], *order[:start]) if one not in judged and one != here]
    fresh = [one for one in waiting if one not in skipped]
    put_off = [one for one in skipped if one in waiting]
    return next(iter([*fresh, *put_off]), None)


def disagreement(masks: Sequence) -> float:
    """Return how far bool masks (y, x) of one patch disagree, 0 to 1: one minus what all share of what any detects.

    NaN with fewer than two; 0 where none detects anything. It is the Jaccard distance of the masks.
    """
    import numpy as np

    if len(masks) < 2:
        return float("nan")
    union = int(np.count_nonzero(np.logical_or.reduce(masks)))
    return 1 - int(np.count_nonzero(np.logical_and.reduce(masks))) / union if union else 0.0
