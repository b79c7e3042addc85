"""Dates as inventories write them, with the order of day, month and year decided for a whole column."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

ORDERS = ("day/month/year", "month/day/year", "year/month/day")
Readings = tuple[date | None, date | None, date | None]  # what a text means in each of ORDERS

_NONE: Readings = (None, None, None)
# fmt: off
_MONTHS = ("january", "february", "march", "april", "may", "june",
           "july", "august", "september", "october", "november", "december")
# fmt: on
_LONGEST = 80  # characters: "Tue Apr 01 2014 00:00:00 GMT+0000 (Coordinated Universal Time)" has 62
_TIME = (
    r"(?:[T\s,]+\d{1,2}(?:[:.]\d{2}){0,2}(?:[.,]\d+)?\s*(?:[ap]\.?m\.?)?"
    r"\s*(?:z|(?:utc|gmt)?(?:[+-]\d{1,2}(?::?\d{2})?)?)(?:\s*\(.*\))?)?"
)
_FLAGS = re.ASCII | re.IGNORECASE
_NUMBERS = re.compile(r"(\d{1,4})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{1,4})" + _TIME, _FLAGS)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T\d{6}Z?)?", _FLAGS)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_MONTH = r"(?P<month>[a-z]{3,9})\.?,?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WORDS = tuple(
    re.compile(_WEEKDAY + pattern + _TIME, _FLAGS)
    for pattern in (
        _DAY + r"[\s./-]*" + _MONTH + r"[\s./-]*(?P<year>\d{4}|\d{2})",
        _MONTH + r"[\s./-]*" + _DAY + r",?\s+(?P<year>\d{4})",
        r"(?P<year>\d{4})[\s./-]*" + _MONTH + r"[\s./-]*" + _DAY,
    )
)


@dataclass(frozen=True)
class Choice:
    """The order chosen for a column; ``certain`` is False where nothing in the file decides it."""

    order: str
    certain: bool
    matters: bool  # whether any text of the column depends on the order


def readings(text: str) -> Readings:
    """Return the date a text means in each of ORDERS, None where it is no date in that order.

    A time of day is passed over. Years of two digits are 1969 to 2068, as POSIX has them.
    """
    if len(text) > _LONGEST:
        return _NONE
    if found := _NUMBERS.fullmatch(text):
        return _by_numbers(found[1], found[3], found[4])
    if found := _COMPACT.fullmatch(text):
        return (_day(found[1], found[2], found[3]),) * 3
    for pattern in _WORDS:
        if found := pattern.fullmatch(text):
            return (_day(found["year"], _month(found["month"]), found["day"]),) * 3
    return _NONE


def choose_order(
    read: Iterable[Readings], expected: Iterable[tuple[int | None, int | None]] = (), preferred: str = ""
) -> Choice:
    """Return the order in which most texts of a column are dates.

    Between orders that fit equally well, ``expected`` decides, (year, month) of each text from
    other columns of the file, then ``preferred``, the order of another column of the file; at
    last the first of ORDERS is taken and the choice is called uncertain.
    """
    read = list(read)
    fits = [sum(reading[order] is not None for reading in read) for order in range(3)]
    best = [order for order in range(3) if fits[order] == max(fits)]
    matters = any(len(set(reading)) > 1 for reading in read)
    if len(best) > 1 and matters:
        best = _agreeing(best, read, list(expected))
    if len({tuple(reading[order] for reading in read) for order in best}) == 1:
        return Choice(ORDERS[best[0]], True, matters)
    if preferred in [ORDERS[order] for order in best]:
        return Choice(preferred, True, matters)
    return Choice(ORDERS[best[0]], False, matters)


def common_order(choices: Mapping[str, Choice]) -> str:
    """Return the order most columns of a file were certainly in, or an empty text."""
    certain = Counter(choice.order for choice in choices.values() if choice.certain and choice.matters)
    return certain.most_common(1)[0][0] if certain else ""


def _agreeing(best: list[int], read: list[Readings], expected: list[tuple[int | None, int | None]]) -> list[int]:
    """Return those of the ``best`` orders that agree most often with the expected years and months."""

    def agreement(order: int) -> int:
        pairs = ((reading[order], wanted) for reading, wanted in zip(read, expected, strict=False))
        return sum(
            day is not None and year in (None, day.year) and month in (None, day.month) for day, (year, month) in pairs
        )

    scores = {order: agreement(order) for order in best}
    return [order for order in best if scores[order] == max(scores.values())]


def _by_numbers(first: str, second: str, third: str) -> Readings:
    if len(first) == 4:
        return (_day(first, second, third),) * 3
    if len(third) in (2, 4) and len(first) <= 2:
        short = _day(first, second, third) if len(first) == len(third) == 2 else None
        return _day(third, second, first), _day(third, first, second), short
    return _NONE


def _day(year: str, month: str | int, day: str) -> date | None:
    whole_year = int(year)
    if len(year) == 2:
        whole_year += 2000 if whole_year < 69 else 1900
    try:
        return date(whole_year, int(month), int(day))
    except ValueError:
        return None


def _month(word: str) -> int:
    """Return 1 to 12, or 0 for a word that is no English month or the beginning of one."""
    return next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(word.lower())), 0)
