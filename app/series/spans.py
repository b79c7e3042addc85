"""From when to when a place is followed where nobody says: long enough that its season is known."""

from datetime import date

from app.inventory import Event
from app.sources import choosing

YEARS_BEFORE = 3  # of the event: a season is known after some years
DAYS_AFTER = 450  # the same season once more
MOST_SCENES = 150  # followed at once: at 222 x 222 pixels some 30 MB a band


def usual(event: Event, first: date | None = None, last: date | None = None) -> tuple[date, date]:
    """Return the days between which an event's place is followed: those given, else three years before to one after.

    The pair of the event lies within them. Raises DateOrderError as ``choosing.span_of``.
    """
    known = [day for day in (event.date, event.t1, event.t2) if day is not None]
    if known:
        begun, ended = min(known), max(known)
        first = first or begun.replace(year=max(1, begun.year - YEARS_BEFORE), day=min(begun.day, 28))
        last = last or min(choosing.shifted(ended, DAYS_AFTER), max(date.today(), first))
    return choosing.span_of(event, first, last)
