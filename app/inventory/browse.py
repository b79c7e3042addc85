"""An inventory made ready to browse: what can be filtered, what passes, and where each event is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from app.files import digest
from app.grid import BBox
from app.inventory.events import Event, Inventory, source_title

if TYPE_CHECKING:
    import pandas as pd

    from app.inventory.mapped import OutlineIndex

DOUBTS = ("all", "with warnings", "without")
_NOTHING: Mapping[str, str] = {}
_KEY_CHARACTERS = 16
_LABEL_CHARACTERS = 120


@dataclass(frozen=True)
class Filters:
    """What a reader wants to see of an inventory; the defaults let every event pass."""

    find: str = ""  # words that all have to occur in id, category, source, accuracy, date or what came along
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    years: tuple[int, int] | None = None  # first and last; of several days any may lie there, without a date none does
    doubt: str = "all"  # one of DOUBTS
    judged: str = "all"  # how an event stands after its review, as a word of ``passing``'s; "none" without any
    within: BBox | None = None  # west, south, east, north in degrees; what lies on the edge is within

    @property
    def active(self) -> bool:
        """Whether any event could be held back."""
        return self != Filters()


class Listing:
    """One inventory with all that browsing it needs, each made once and then kept.

    What a map draws of outlines is taken from the listing ``former`` where it has the same ones: of 50,000 it takes
    seconds, and a change of a date or a category moves none of them.
    """

    def __init__(self, inventory: Inventory, former: "Listing | None" = None) -> None:
        self.inventory = inventory
        self.events: tuple[Event, ...] = inventory.events
        if former is not None and "areas" in vars(former) and _same_outlines(self.events, former.events):
            vars(self)["areas"] = former.areas

    @cached_property
    def key(self) -> str:
        """A short name of these events, equal for equal ones: what a browser keeps them under."""
        return digest(self.points)[:_KEY_CHARACTERS]

    @property
    def origin(self) -> str:
        """What stays the same while a reader adds places to these events: a map's view is kept under it."""
        return f"{self.inventory.name} {len(self.inventory.raw)}"

    @cached_property
    def doubtful(self) -> frozenset[str]:
        """The ids of the events that carry a warning."""
        return frozenset(warning.event for warning in self.inventory.warnings)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """The categories there are, in the order of the alphabet."""
        return _words(self.events, "category")

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The sources there are, in the order of the alphabet."""
        return _words(self.events, "source")

    @cached_property
    def years(self) -> tuple[int, int] | None:
        """The first and the last year of the events, or None where there is only one year or none."""
        ends = {end for event in self.events if event.date for end in (event.date, event.last_day) if end}
        years = {end.year for end in ends}
        return (min(years), max(years)) if len(years) > 1 else None

    @cached_property
    def lasting(self) -> bool:
        """Whether any event may have happened on several days."""
        return any(event.date_end is not None for event in self.events)

    @cached_property
    def frame(self) -> "pd.DataFrame":
        """One line an event, as ``Inventory.frame`` gives it, with sources by their titles: to be looked at."""
        made = self.inventory.frame()
        return made.assign(source=made["source"].map(source_title))

    @cached_property
    def extent(self) -> BBox | None:
        """The box of all events in degrees, or None where there is none."""
        if not self.events:
            return None
        longitudes = [event.longitude for event in self.events]
        latitudes = [event.latitude for event in self.events]
        return min(longitudes), min(latitudes), max(longitudes), max(latitudes)

    @cached_property
    def outlines(self) -> "OutlineIndex":
        """The outlines of the events, found by place."""
        from app.inventory.mapped import OutlineIndex

        return OutlineIndex(self.events)

    @cached_property
    def areas(self) -> bytes:
        """What a map draws of the outlines: see ``app.inventory.areas``; empty without any."""
        from app.inventory.areas import as_sent

        return as_sent(self.events)

    @cached_property
    def points(self) -> bytes:
        """What a map draws: JSON in ASCII of positions, doubt and words."""
        document = {
            "lat": [round(event.latitude, 5) for event in self.events],
            "lon": [round(event.longitude, 5) for event in self.events],
            "doubt": [n for n, event in enumerate(self.events) if event.id in self.doubtful],
            "text": [_label(event) for event in self.events],
        }
        return json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode("ascii")

    def passing(self, filters: Filters, judged: Mapping[str, str] = _NOTHING) -> list[int]:
        """Return the positions of the events that pass all filters, in the order of the file.

        ``judged`` says how events stand, those that are judged.
        """
        if not filters.active:
            return list(range(len(self.events)))
        wanted = filters.find.casefold().split()
        return [
            n
            for n, event in enumerate(self.events)
            if (not filters.categories or event.category in filters.categories)
            and (not filters.sources or event.source in filters.sources)
            and (filters.years is None or _within(event, filters.years))
            and (filters.doubt == "all" or (event.id in self.doubtful) == (filters.doubt == DOUBTS[1]))
            and filters.judged in ("all", judged.get(event.id, "none"))
            and (filters.within is None or _lies_in(event, filters.within))
            and all(word in self._texts[n] for word in wanted)
        ]

    def position(self, event_id: str | None) -> int | None:
        """Return where an event stands in the file's order, or None where it is not there."""
        return self._positions.get(event_id) if event_id is not None else None

    def step(self, event_id: str | None, step: int, shown: Sequence[int]) -> str | None:
        """Return the event ``step`` after (or before) one among ``shown``, round the end; None where none is shown.

        An event that is not shown itself has its neighbours in the order of the file.
        """
        if not shown:
            return None
        at = self.position(event_id)
        if at is None:
            return self.events[shown[0 if step > 0 else -1]].id
        rank = int(np.searchsorted(shown, at))
        here = rank < len(shown) and shown[rank] == at
        rank += step if here or step < 0 else step - 1
        return self.events[shown[rank % len(shown)]].id

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {event.id: n for n, event in enumerate(self.events)}

    @cached_property
    def _texts(self) -> list[str]:
        along = self.inventory.along.rows
        return [
            " ".join(
                (
                    event.id,
                    event.category,
                    _found_by(event.source),
                    event.accuracy,
                    event.when,
                    *along.get(event.row, ()),
                )
            ).casefold()
            for event in self.events
        ]


def as_bits(positions: Sequence[int], count: int) -> bytes:
    """Return which of ``count`` events are meant, one bit each, the lowest bit of a byte first."""
    flags = np.zeros(count, bool)
    flags[np.asarray(positions, int)] = True
    return np.packbits(flags, bitorder="little").tobytes()


def _same_outlines(events: Sequence[Event], others: Sequence[Event]) -> bool:
    return len(events) == len(others) and all(
        one.outline is other.outline for one, other in zip(events, others, strict=True)
    )


def _within(event: Event, years: tuple[int, int]) -> bool:
    first, last = event.date, event.last_day
    return first is not None and last is not None and years[0] <= last.year and first.year <= years[1]


def _lies_in(event: Event, box: BBox) -> bool:
    west, south, east, north = box
    return west <= event.longitude <= east and south <= event.latitude <= north


def _words(events: Sequence[Event], field: str) -> tuple[str, ...]:
    return tuple(sorted({getattr(event, field) for event in events} - {""}))


def _label(event: Event) -> str:
    named = f"{event.id}: {event.category or 'landslide'}, {event.when or 'no date'}"
    return (f"{named}, {source_title(event.source)}" if event.source else named)[:_LABEL_CHARACTERS]


@lru_cache(maxsize=1000)
def _found_by(source: str) -> str:
    """Return the words of a source in the file and on the pages, but for "landslide": who looks for it means a kind."""
    return " ".join((source, *(word for word in source_title(source).split() if word.casefold() != "landslide")))
