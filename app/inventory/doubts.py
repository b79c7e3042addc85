"""What should be doubted of events: dates on the wrong side, places that nobody knows, one event told twice."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from app.bands import SENTINEL2_LAUNCH
from app.inventory.events import Event, EventWarning
from app.inventory.log import Logs

NO_DATE = "The event has no date; T1 and T2 have to be chosen by hand."
UNREADABLE = "date-unreadable"
_NULL_ISLAND = "The position is 0, 0, in the sea off Africa: tables hold it where nobody knows the place."
_NULL_ISLAND_DEG = 1e-3
_ABOUT = {"pre1": "t1", "pre2": "t1", "post1": "t2"}  # how a sentence on a date begins -> the field it is about


def found(events: Sequence[Event], unread: Iterable[EventWarning], logs: Logs) -> tuple[EventWarning, ...]:
    """Return every doubt, event by event, after those about rows that are no events.

    ``unread`` is what was said while the file was read; what has been changed since is no longer doubted for that.
    """
    told: dict[str, list[EventWarning]] = {}
    for warning in unread:
        told.setdefault(warning.event, []).append(warning)
    ids = {event.id for event in events}
    lost = [warning for event_id, held in told.items() if event_id not in ids for warning in held]
    first_at: dict[tuple[float, float, date, date | None], str] = {}
    each = (one for event in events for one in _of_event(event, told.get(event.id, ()), logs, first_at))
    return (*lost, *each)


def _of_event(
    event: Event, told: Sequence[EventWarning], logs: Logs, first_at: dict[tuple[float, float, date, date | None], str]
) -> Iterator[EventWarning]:
    if abs(event.latitude) < _NULL_ISLAND_DEG and abs(event.longitude) < _NULL_ISLAND_DEG:
        yield EventWarning(event.id, "null-island", _NULL_ISLAND)
    changed = {change.field for change in logs.get(event.id, ())}
    yield from (warning for warning in told if _about(warning) not in changed)
    if "date" in changed and event.date is None:
        yield EventWarning(event.id, UNREADABLE, NO_DATE)
    for code, message in _date_faults(event):
        yield EventWarning(event.id, code, message)
    if event.date:
        # 5 decimals: about 1 m
        place = (round(event.latitude, 5), round(event.longitude, 5), event.date, event.date_end)
        same = first_at.setdefault(place, event.id)
        if same != event.id:
            yield EventWarning(event.id, "duplicate", f"Same place and date as event {same}.")


def _about(warning: EventWarning) -> str:
    """Return the field that a sentence on an unreadable date is about."""
    return _ABOUT.get(warning.message.split(" ", 1)[0], "date")


def _date_faults(event: Event) -> Iterator[tuple[str, str]]:
    t1, day, last, t2 = event.t1, event.date, event.last_day, event.t2
    late_t1 = bool(t1 and day and t1 >= day)
    early_t2 = bool(t2 and last and t2 <= last)
    if late_t1:
        told = f"T1 ({t1}) is not before the event ({event.when}): it may already show the landslide."
        yield "t1-not-before-event", told
    if early_t2:
        told = f"T2 ({t2}) is not after the event ({event.when}): it may not show the landslide yet."
        yield "t2-not-after-event", told
    # where one date alone is on the wrong side of the event, that is the fault and was just named
    if t1 and t2 and t1 >= t2 and late_t1 == early_t2:
        yield "t1-not-before-t2", f"T1 ({t1}) is not before T2 ({t2}): the two may be exchanged."
    if t1 and t1 < SENTINEL2_LAUNCH:
        yield "before-sentinel2", f"T1 ({t1}) is before the first Sentinel-2 was launched ({SENTINEL2_LAUNCH})."
    elif day and day < SENTINEL2_LAUNCH:
        told = (
            f"The event ({event.when}) is before the first Sentinel-2 was launched ({SENTINEL2_LAUNCH}): no T1 exists."
        )
        yield "before-sentinel2", told
