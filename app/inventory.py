"""Landslide inventories: a CSV in whatever schema becomes events, with every fault reported."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Event:
    """One landslide: when, where, and the dates of the scenes published with it."""

    id: str
    row: int  # row number in the file, from 0, header not counted
    date: date | None
    latitude: float
    longitude: float
    category: str = ""
    accuracy: str = ""
    source: str = ""
    t1_options: tuple[date, ...] = ()  # pre1, pre2
    t2: date | None = None  # post1

    @property
    def t1(self) -> date | None:
        """The T1 used where nobody chooses: the last of the options, pre2 where there is one."""
        return self.t1_options[-1] if self.t1_options else None


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
class Inventory:
    """The events of one file, with what was skipped and what should be doubted."""

    name: str
    events: tuple[Event, ...]
    skipped: tuple[SkippedRow, ...]
    columns: dict[str, str]  # what Scarp reads -> the file's column
    warnings: tuple[EventWarning, ...]
