"""Events changed by a reader: what was typed is read, each change is told, and any of them can be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from app.errors import InputError
from app.inventory import dates, doubts, ours, places
from app.inventory.events import Event, Inventory
from app.inventory.log import Change, Log, Logs

TITLES = {"date": "Day", "t1": "T1", "t2": "T2", "category": "Category", "position": "Position"}
_MOST_CHARACTERS = 300


def text_of(event: Event, field: str) -> str:
    """Return a value of an event as text, exactly: what ``with_text`` makes the same value of."""
    if field == "date":
        return event.when.replace(" to ", "/")
    if field == "t1":
        return " ".join(map(str, event.t1_options))
    if field == "t2":
        return str(event.t2 or "")
    return f"{event.latitude!r}, {event.longitude!r}" if field == "position" else event.category


def with_text(event: Event, field: str, text: str) -> Event:
    """Return an event with another value, told as ``text_of`` tells it. Raises ValueError for what it does not tell."""
    if field == "date":
        first, _, last = text.partition("/")
        return replace(event, date=date.fromisoformat(first) if text else None, date_end=_day(last))
    if field == "t1":
        return replace(event, t1_options=tuple(date.fromisoformat(one) for one in text.split()))
    if field == "t2":
        return replace(event, t2=_day(text))
    if field == "position":
        latitude, longitude = map(float, text.split(", "))
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            raise ValueError(f"{text} is no place")
        return replace(event, latitude=latitude, longitude=longitude)
    return replace(event, category=text)


def typed(event: Event, field: str, text: str) -> str:
    """Return what a reader typed for a value of an event, as ``text_of`` tells it.

    Raises InputError with what it is that cannot be read, and how it is written.
    """
    text = ours.unguarded(text)
    if field == "category":
        if len(text) > _MOST_CHARACTERS:
            raise InputError(f"The category has {len(text):,} characters; write up to {_MOST_CHARACTERS}.")
        return text
    if field == "position":
        latitude, longitude = places.parse(text)
        same = event.is_at(latitude, longitude)  # as the form shows it, with fewer digits
        return text_of(event, field) if same else f"{latitude!r}, {longitude!r}"
    if field == "date":
        return _span(text)
    day = _one(text, TITLES[field])
    if field == "t1" and day:  # the last option is the one that is used
        return " ".join(map(str, [*event.t1_options[:-1], day]))
    return day


def made(event: Event, wanted: Mapping[str, str], by: str, how: str = "") -> tuple[Change, ...]:
    """Return the changes that give an event the values ``wanted`` (field -> text as ``text_of`` tells it), if any."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    return tuple(
        Change(field, text_of(event, field), text, by, when, how)
        for field, text in wanted.items()
        if text != text_of(event, field)
    )


def changed(inventory: Inventory, more: Mapping[str, Sequence[Change]]) -> Inventory:
    """Return an inventory with changes of some events, each added to the event's log; its doubts are told anew."""
    logs = {event_id: (*inventory.changes.get(event_id, ()), *new) for event_id, new in more.items() if new}
    return with_logs(inventory, logs)


def undone(inventory: Inventory, event_id: str) -> Inventory:
    """Return an inventory without what was changed last, at one time, of an event; its values are those before."""
    log = inventory.changes.get(event_id, ())
    left = tuple(change for change in log if change.when != log[-1].when)
    return with_logs(inventory, {event_id: left})


def with_logs(inventory: Inventory, logs: Logs) -> Inventory:
    """Return an inventory in which these, and no others, are the changes of the events named.

    An event that the inventory lacks, or a value that cannot be read, is passed over.
    """
    known = {event.id for event in inventory.events}
    wanted = {event_id: log for event_id, log in logs.items() if event_id in known}
    events = tuple(
        _relogged(event, inventory.changes.get(event.id, ()), wanted[event.id]) if event.id in wanted else event
        for event in inventory.events
    )
    every = {event_id: log for event_id, log in {**inventory.changes, **wanted}.items() if log}
    found = doubts.found(events, inventory.unread, every)
    return replace(inventory, events=events, changes=every, warnings=found)


def _relogged(event: Event, before: Log, now: Log) -> Event:
    """Return an event as it would be with other changes: those before are taken back, then the others made."""
    same = next((n for n, pair in enumerate(zip(before, now, strict=False)) if pair[0] != pair[1]), None)
    kept = min(len(before), len(now)) if same is None else same
    try:
        for change in reversed(before[kept:]):
            event = with_text(event, change.field, change.before)
        for change in now[kept:]:
            event = with_text(event, change.field, change.after)
    except ValueError:  # a log that another program wrote
        return event
    return event


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _span(text: str) -> str:
    """Return a day or a span of days, written in any way that means one in every order of day and month."""
    if not text:
        return ""
    spans = dates.spans(text)
    meant = {span for span in spans if span}
    if len(meant) != 1:
        raise InputError(_unclear("Day", text, bool(meant)))
    first, last = meant.pop()
    return str(first) if first == last else f"{first}/{last}"


def _one(text: str, title: str) -> str:
    if not text:
        return ""
    meant = {day for day in dates.readings(text) if day}
    if len(meant) != 1:
        raise InputError(_unclear(title, text, bool(meant)))
    return str(meant.pop())


def _unclear(title: str, text: str, several: bool) -> str:
    why = "can be read with day and month in two ways" if several else "is no date Scarp can read"
    also = ", or 2017-05-20 to 2017-05-22" if title == "Day" else ""
    return f"{title} {text[:40]!r} {why}; write it as 2017-05-20{also}."
