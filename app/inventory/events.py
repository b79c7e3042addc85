"""Events and the inventory they make: what is known of each landslide, what was skipped, what is to be doubted."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from app.errors import EventUnknownError
from app.files import digest
from app.inventory.given import NOTHING, Given
from app.inventory.log import Logs

if TYPE_CHECKING:
    import pandas as pd

Day = date  # under a name that no field of an event has
ATTRIBUTION = "Leonardi et al., GLaD4CD, CC BY 4.0"

_SAME_DEG = 1e-5  # a metre: what a rounded position may be off
_CELL_DEG = 1e-3  # of the cells in which events at a place are looked for
_SOURCES = {
    "EMS": "Copernicus EMS",
    "GLC": "NASA Global Landslide Catalog",
    "IFFI": "IFFI, Italian landslide inventory",
    "Tukey": "Turkey",  # so spelt in the published list
}


@dataclass(frozen=True)
class Event:
    """One landslide: when, where, and the dates of the scenes published with it."""

    id: str
    row: int  # row number in the file, from 0, header not counted
    date: Day | None
    latitude: float
    longitude: float
    category: str = ""
    accuracy: str = ""
    source: str = ""
    t1_options: tuple[Day, ...] = ()  # pre1, pre2
    t2: Day | None = None  # post1
    date_end: Day | None = None  # the last day, where ``date`` is the first of several on which it may have happened
    outline: bytes = field(default=b"", repr=False)  # a line or an area as WKB, degrees (EPSG:4326); empty for a point

    @property
    def last_day(self) -> Day | None:
        """The last day on which the event may have happened: T2 has to come after it, as T1 before ``date``."""
        return self.date_end or self.date

    @property
    def when(self) -> str:
        """The day or the span of days as ISO text, empty where neither is known."""
        return f"{self.date or ''}" if self.date_end is None else f"{self.date} to {self.date_end}"

    @property
    def t1(self) -> Day | None:
        """The T1 used where nobody chooses: the last of the options, pre2 where there is one."""
        return self.t1_options[-1] if self.t1_options else None

    def is_at(self, latitude: float, longitude: float) -> bool:
        """Whether this is where the event is, but for rounding."""
        return abs(self.latitude - latitude) < _SAME_DEG and abs(self.longitude - longitude) < _SAME_DEG


@dataclass(frozen=True)
class EventWarning:
    """Something a reader of one event should know; ``code`` is one of DESIGN.md's."""

    event: str
    code: str
    message: str


@dataclass(frozen=True)
class SkippedRow:
    """A row that could not become an event, and why."""

    row: int
    reason: str


@dataclass(frozen=True)
class Along:
    """The texts of a file that Scarp does not read and only shows and finds: by row, one for each of the titles."""

    titles: tuple[str, ...] = ()
    rows: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def of(self, event: Event) -> list[tuple[str, str]]:
        """Return title and text of each cell of an event's row that is not empty."""
        return [(title, text) for title, text in zip(self.titles, self.rows.get(event.row, ()), strict=False) if text]


@dataclass(frozen=True)
class Inventory:
    """The events of one file, with what was skipped and what should be doubted."""

    name: str
    events: tuple[Event, ...]
    skipped: tuple[SkippedRow, ...]
    columns: dict[str, str]  # what Scarp reads -> the file's column
    warnings: tuple[EventWarning, ...]  # position-out-of-range names a skipped row as its event would be
    notes: tuple[str, ...] = ()  # how the file as a whole was understood: encoding, columns, order of dates
    raw: bytes = field(default=b"", repr=False, compare=False)  # the file as it came; empty for the built-in list
    given: Given = field(default=NOTHING, compare=False)  # what was said about the file beside it
    along: Along = field(default=Along(), repr=False, compare=False)
    crs: str = field(default="EPSG:4326", compare=False)  # of the positions as the file has them
    unread: tuple[EventWarning, ...] = field(default=(), repr=False, compare=False)  # what was doubted while reading
    changes: Logs = field(default_factory=dict, repr=False, compare=False)  # what was changed, by event

    def event(self, event_id: str) -> Event:
        """Return the event called ``event_id``; raises EventUnknownError naming a few like it."""
        try:
            return self._by_id[event_id]
        except KeyError:
            raise EventUnknownError(self._unknown(event_id)) from None

    def __contains__(self, event_id: object) -> bool:
        """Whether an event is called so."""
        return event_id in self._by_id

    def near(self, latitude: float, longitude: float) -> list[Event]:
        """Return the events that are at a place (see ``Event.is_at``)."""
        row, column = _cell(latitude, longitude)
        around = [(row + y, column + x) for y in (0, -1, 1) for x in (0, -1, 1)]
        return [one for cell in around for one in self._by_cell.get(cell, ()) if one.is_at(latitude, longitude)]

    def warnings_for(self, event_id: str) -> tuple[EventWarning, ...]:
        """Return what should be doubted about one event, nothing where all is well."""
        return self._warnings_by_id.get(event_id, ())

    def frame(self) -> "pd.DataFrame":
        """Return one line per event: id, date, date_end, latitude, longitude, category, accuracy, source, t1, t2,
        warnings (their codes, comma-separated) and row.

        Dates are datetime64[s], NaT where unknown; positions are degrees, EPSG:4326.
        """
        import pandas as pd

        events = self.events
        texts = {name: [getattr(event, name) for event in events] for name in ("category", "accuracy", "source")}
        codes = [", ".join(dict.fromkeys(w.code for w in self.warnings_for(event.id))) for event in events]
        return pd.DataFrame(
            {
                "id": pd.Series([event.id for event in events], dtype=object),
                "date": _days([event.date for event in events]),
                "date_end": _days([event.date_end for event in events]),
                "latitude": pd.Series([event.latitude for event in events], dtype="float64"),
                "longitude": pd.Series([event.longitude for event in events], dtype="float64"),
                **{name: pd.Series(values, dtype=object) for name, values in texts.items()},
                "t1": _days([event.t1 for event in events]),
                "t2": _days([event.t2 for event in events]),
                "warnings": pd.Series(codes, dtype=object),
                "row": pd.Series([event.row for event in events], dtype="int64"),
            }
        )

    @cached_property
    def identity(self) -> str:
        """A short name of which events at which places these are, whatever the file is called."""
        held = "\n".join(f"{one.id!r} {one.latitude} {one.longitude} {one.date}" for one in self.events)
        return digest(held)[:16]

    @cached_property
    def _by_id(self) -> dict[str, Event]:
        return {event.id: event for event in self.events}

    @cached_property
    def _by_cell(self) -> dict[tuple[int, int], list[Event]]:
        found: dict[tuple[int, int], list[Event]] = {}
        for event in self.events:
            found.setdefault(_cell(event.latitude, event.longitude), []).append(event)
        return found

    @cached_property
    def _warnings_by_id(self) -> dict[str, tuple[EventWarning, ...]]:
        found: dict[str, list[EventWarning]] = {}
        for warning in self.warnings:
            found.setdefault(warning.event, []).append(warning)
        return {event_id: tuple(warnings) for event_id, warnings in found.items()}

    def _unknown(self, event_id: str) -> str:
        from difflib import get_close_matches

        asked = str(event_id)[:80]
        ids = list(self._by_id)
        if not ids:
            return f"{self.name} holds no events, so none is called {asked!r}. Choose another inventory."
        near = get_close_matches(asked, ids, n=5, cutoff=0.5) or ids[:5]
        return (
            f"{self.name} holds no event {asked!r} among its {len(ids):,}. Choose one, for example {', '.join(near)}."
        )


def _cell(latitude: float, longitude: float) -> tuple[int, int]:
    return round(latitude / _CELL_DEG), round(longitude / _CELL_DEG)


def source_title(source: str) -> str:
    """Return a readable name for the published short ones Scarp knows, else the word as it stands."""
    return _SOURCES.get(source, source)


def json_id(event_id: str) -> int | str:
    """Return an event id as JSON shows it: a number where it is a whole one without leading zeros."""
    return int(event_id) if re.fullmatch(r"0|-?[1-9][0-9]*", event_id) else event_id


def _days(days: list[date | None]) -> "pd.Series":
    import numpy as np
    import pandas as pd

    return pd.Series(np.array(days, dtype="datetime64[D]").astype("datetime64[s]"))
