"""What kind of event it is, and scores apart by it: where a method works and where it does not."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.errors import InputError
from app.inventory import source_title
from app.scoring.facts import UNKNOWN, Facts

if TYPE_CHECKING:
    from app.scoring.results import EventScore


# edges between classes, and the classes' names: one more than edges
_SOME_M2 = 1e-6  # more than nothing: an event in which nothing is mapped can only raise false alarms
_AREA = (
    (_SOME_M2, 10_000, 100_000, 1_000_000),
    ("nothing mapped", "under 1 ha", "1 to 10 ha", "10 to 100 ha", "100 ha and more"),
)
_SLOPE = ((15, 25, 35), ("under 15°", "15 to 25°", "25 to 35°", "35° and more"))
_DAYS = ((31, 183, 366), ("up to 30 days", "31 to 182 days", "183 to 365 days", "more than a year"))
_CLOUD = ((0.01, 0.1, 0.3), ("under 1 % cloud", "1 to 10 % cloud", "10 to 30 % cloud", "30 % cloud and more"))


def _classed(name: str, edges: Sequence[float], labels: Sequence[str]) -> Callable[[Facts], str]:
    def label(facts: Facts) -> str:
        value = getattr(facts, name)
        return UNKNOWN if math.isnan(value) else labels[sum(value >= edge for edge in edges)]

    return label


_LABELS: dict[str, Callable[[Facts], str]] = {
    "category": lambda facts: facts.category.replace("_", " ") or UNKNOWN,
    "source": lambda facts: source_title(facts.source) or UNKNOWN,
    "area": _classed("area_m2", *_AREA),
    "slope": _classed("slope_deg", *_SLOPE),
    "days": _classed("days", *_DAYS),
    "cloud": _classed("cloud_share", *_CLOUD),
}
_ORDER = {"area": _AREA[1], "slope": _SLOPE[1], "days": _DAYS[1], "cloud": _CLOUD[1]}
BY = tuple(_LABELS)


def split(scores: "Sequence[EventScore]", by: str) -> "dict[str, list[EventScore]]":
    """Return group -> events, ``by`` category, source, area, slope, days or cloud.

    Groups of numbers come in the order of their numbers, others by their name, unknown last; a
    group without events is left out. Raises InputError for another ``by``.
    """
    if by not in _LABELS:
        raise InputError(f"Events are not grouped by {by!r}; choose from {', '.join(BY)}.")
    found: dict[str, list[EventScore]] = {}
    for score in scores:
        found.setdefault(_LABELS[by](score.facts), []).append(score)
    names = [name for name in _ORDER.get(by, sorted(found)) if name in found and name != UNKNOWN]
    return {name: found[name] for name in (*names, *([UNKNOWN] if UNKNOWN in found else []))}
