"""Two inventories become one: events told in both are found by place and day, and kept once or both."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath

import numpy as np

from app.errors import InputError
from app.inventory import doubts
from app.inventory.events import Along, Event, EventWarning, Inventory, SkippedRow

NEAR_M, NEAR_DAYS = 1000.0, 3  # positions are often of a village, days of a report
MOST_M, MOST_DAYS = 100_000.0, 3660
FROM, ALSO = "came_from", "also"  # the columns that say from which file an event is, and what the other said of it
_EARTH_M = 6_371_000.0
_MOST_ID = 64
_MOST_TEXT = 300


@dataclass(frozen=True)
class Twins:
    """An event of each inventory that may be the same landslide."""

    first: str
    second: str
    apart_m: float
    apart_days: int | None  # between the days, or spans of days; None where one of them has none


def near(one: Inventory, other: Inventory, near_m: float = NEAR_M, near_days: int = NEAR_DAYS) -> tuple[Twins, ...]:
    """Return the events of both that are near in place and, where both have a day, in time; none in two pairs.

    Of several, those of known and closer days come first, then the nearer. Raises InputError for a limit that is none.
    """
    if not 0 <= near_m <= MOST_M or not 0 <= near_days <= MOST_DAYS:
        raise InputError(f"Near is from 0 to {MOST_M:,.0f} m and from 0 to {MOST_DAYS:,} days.")
    if not one.events or not other.events:
        return ()
    firsts, seconds, metres = _close(one.events, other.events, near_m)
    found = []
    for n, m, apart in zip(firsts.tolist(), seconds.tolist(), metres.tolist(), strict=True):
        days = _days_apart(one.events[n], other.events[m])
        if days is None or days <= near_days:
            found.append((days is None, days or 0, apart, n, m))
    taken: tuple[set[int], set[int]] = set(), set()
    pairs = []
    for unknown, days, apart, n, m in sorted(found):
        if n not in taken[0] and m not in taken[1]:
            taken[0].add(n)
            taken[1].add(m)
            pairs.append(Twins(one.events[n].id, other.events[m].id, apart, None if unknown else days))
    return tuple(pairs)


def surely_one(pairs: Iterable[Twins]) -> tuple[Twins, ...]:
    """Return the pairs of which both days are known: those kept once where nobody says otherwise."""
    return tuple(pair for pair in pairs if pair.apart_days is not None)


def merged(one: Inventory, other: Inventory, once: Iterable[Twins] = ()) -> Inventory:
    """Return all events of both, of the pairs ``once`` only the first, filled up with what the second knows.

    Ids of the first stay; those of the second have the name of their file in front. All columns of both are there,
    with one that says from which file an event is and one that says what the other file told of it.
    """
    names = _names(one, other)
    twins = {pair.second: pair.first for pair in once}
    second_of = {pair.first: other.event(pair.second) for pair in once}
    offset = max([*(event.row for event in one.events), *(row.row for row in one.skipped)], default=-1) + 1
    firsts = [_filled(event, second_of.get(event.id)) for event in one.events]
    added = [
        replace(event, id=names[event.id], row=event.row + offset) for event in other.events if event.id not in twins
    ]
    events = (*firsts, *added)
    unread = (*one.unread, *_renamed(other, {**names, **twins}))
    logs = {**one.changes, **{names[key]: log for key, log in other.changes.items() if key not in twins}}
    return Inventory(
        name=f"{PurePath(one.name).stem} + {other.name}",
        events=events,
        skipped=(*one.skipped, *(SkippedRow(row.row + offset, f"{other.name}: {row.reason}") for row in other.skipped)),
        columns={**other.columns, **one.columns},
        warnings=doubts.found(events, unread, logs),
        notes=(*one.notes, f"{len(added):,} events of {other.name} were added, {len(twins):,} are told in both."),
        along=_along(one, other, second_of, offset, names),
        unread=unread,
        changes=logs,
    )


def _close(ones: Sequence[Event], others: Sequence[Event], near_m: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the places of the events of both that lie near, and the metres between them, on the ellipsoid."""
    from pyproj import Geod
    from scipy.spatial import KDTree

    there = [_degrees(events) for events in (ones, others)]
    chord = 2 * math.sin(min(math.pi, near_m * 1.01 / _EARTH_M + 1e-9) / 2)  # a sphere is off by less than that
    found = KDTree(_on_sphere(there[0])).query_ball_point(_on_sphere(there[1]), chord)
    counts = [len(each) for each in found]
    seconds = np.repeat(np.arange(len(others)), counts)
    firsts = np.array([n for each in found for n in each], int)
    (lat1, lon1), (lat2, lon2) = there[0][:, firsts], there[1][:, seconds]
    metres = np.asarray(Geod(ellps="WGS84").inv(lon1, lat1, lon2, lat2)[2], float)
    near_by = metres <= near_m
    return firsts[near_by], seconds[near_by], metres[near_by]


def _degrees(events: Sequence[Event]) -> np.ndarray:
    return np.array([[event.latitude for event in events], [event.longitude for event in events]], float)


def _on_sphere(degrees: np.ndarray) -> np.ndarray:
    latitude, longitude = np.radians(degrees)
    return np.column_stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)]
    )


def _days_apart(one: Event, other: Event) -> int | None:
    """Return the days between two events, 0 where their spans meet; None where one has no day."""
    first, second = _span(one), _span(other)
    if first is None or second is None:
        return None
    return max(0, (second[0] - first[1]).days, (first[0] - second[1]).days)


def _span(event: Event) -> tuple[date, date] | None:
    return (event.date, event.last_day or event.date) if event.date else None


def _names(one: Inventory, other: Inventory) -> dict[str, str]:
    """Return the id of each event of the second inventory in the merged one."""
    stem = "".join(mark if mark.isprintable() else "_" for mark in PurePath(other.name).stem)[:24] or "other"
    taken, names = {event.id for event in one.events}, {}
    for event in other.events:
        name, count = f"{stem}:{event.id}"[:_MOST_ID], 2
        while name in taken:
            name, count = f"{stem}:{event.id}"[: _MOST_ID - 7] + f"~{count}", count + 1
        taken.add(name)
        names[event.id] = name
    return names


def _filled(event: Event, twin: Event | None) -> Event:
    """Return an event with what only its twin knows of it."""
    if twin is None:
        return event
    dated = event if event.date else replace(event, date=twin.date, date_end=twin.date_end)
    empty = ("category", "accuracy", "source", "t1_options", "t2", "outline")
    return replace(dated, **{name: getattr(event, name) or getattr(twin, name) for name in empty})


def _renamed(other: Inventory, names: Mapping[str, str]) -> list[EventWarning]:
    return [replace(one, event=names.get(one.event, f"{other.name}: {one.event}")) for one in other.unread]


def _along(
    one: Inventory, other: Inventory, second_of: Mapping[str, Event], offset: int, names: Mapping[str, str]
) -> Along:
    titles = tuple(dict.fromkeys((*one.along.titles, *other.along.titles, FROM, ALSO)))
    rows: dict[int, tuple[str, ...]] = {}
    for event in one.events:
        twin = second_of.get(event.id)
        cells = _cells(one, event) if twin is None else _both(_cells(one, event), _cells(other, twin))
        cells[FROM] = cells.get(FROM) or (one.name if twin is None else f"{one.name}, {other.name}")
        cells[ALSO] = " | ".join(text for text in (cells.get(ALSO, ""), _told(twin, other)) if text)
        rows[event.row] = tuple(cells.get(title, "")[:_MOST_TEXT].rstrip() for title in titles)
    twins = {event.id for event in second_of.values()}
    for event in other.events:
        if event.id not in twins:
            cells = _cells(other, event)
            cells[FROM] = cells.get(FROM) or other.name
            rows[event.row + offset] = tuple(cells.get(title, "")[:_MOST_TEXT].rstrip() for title in titles)
    return Along(titles, rows)


def _cells(held: Inventory, event: Event) -> dict[str, str]:
    return dict(held.along.of(event))


def _both(first: dict[str, str], second: dict[str, str]) -> dict[str, str]:
    """Return the cells of two rows, both texts where a column of both says different things."""
    joined = {title: f"{first[title]} | {text}" for title, text in second.items() if first.get(title, text) != text}
    return {**second, **first, **joined}


def _told(twin: Event | None, other: Inventory) -> str:
    """Return what the other file told of an event, for a person."""
    if twin is None:
        return ""
    where = f"{twin.latitude:.5f}, {twin.longitude:.5f}"
    said = (f"{PurePath(other.name).stem}:{twin.id}", twin.when or "no date", twin.category, twin.source, where)
    return "; ".join(text for text in said if text)
