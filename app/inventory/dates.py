"""Dates as inventories write them, with the order of day, month and year decided for a whole column."""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

ORDERS = ("day/month/year", "month/day/year", "year/month/day")
Readings = tuple[date | None, date | None, date | None]  # what a text means in each of ORDERS
Span = tuple[date, date]  # first and last day
Spans = tuple[Span | None, Span | None, Span | None]  # the same for what may last longer than a day

_NONE = (None, None, None)
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
_IDEOGRAPHS = re.compile(r"(\d{4})\s*[年년]\s*(?:(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일号號]?)?)?.{0,20}", re.DOTALL)
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


# what is no day but counts them, or a longer time
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
_FIRST_SERIAL, _LAST_SERIAL = 14_611, 73_050  # 1940 to 2099
_SERIAL_ZERO = date(1899, 12, 30)  # Excel's, right from March 1900 on
_EPOCH = re.compile(r"-?\d{9,10}(?:\.\d+)?|-?\d{11,13}(?:\.0*)?", re.ASCII)
_YEAR = re.compile(r"(\d{4})(?:\.0)?", re.ASCII)
_YEARS = range(1000, 2200)  # beyond, four digits are hardly a year
_YEAR_MONTH = re.compile(r"(\d{4})\s*[-/.]\s*(\d{1,2})", re.ASCII)
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{4})", re.ASCII)
_MONTH_WORD_YEAR = re.compile(
    _MONTH + r"[\s./-]*(?P<year>\d{4})|(?P<first>\d{4})[\s./-]*(?P<word>[a-z]{3,9})\.?", _FLAGS
)
_BETWEEN = re.compile(r"\s*(?:between|from|dal|del|vom|von|du|desde)\s+", _FLAGS)
_DASH = r"[-\u2010-\u2015\u2212~\u301c\uff5e]"
# how the first and the last day are kept apart: the surer sign first
_APART = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^(.+?\S)\s+(?:to|until|till|through|thru|and|al|alla|bis|au|hasta)\s+(\S.+)$",
        rf"^(.+?\S)\s+{_DASH}+\s+(\S.+)$",
        r"^(.+?)\s*(?:\.\.+|[\u2013\u2014~\u301c\uff5e])\s*(.+)$",
        r"^(\d{4}-\d{1,2}(?:-\d{1,2})?(?:T[\d:.]+Z?)?)/(\d{4}-\d{1,2}(?:-\d{1,2})?(?:T[\d:.]+Z?)?)$",
        rf"^(\d{{1,4}}[/.]\d{{1,2}}[/.]\d{{1,4}}){_DASH}(\d{{1,4}}[/.]\d{{1,2}}[/.]\d{{1,4}})$",
        rf"^(\d{{4}}){_DASH}(\d{{4}})$",
    )
)
_DAY_TO_DAY = re.compile(rf"(\d{{1,2}})\s*{_DASH}\s*(\d{{1,2}}\.?\s+[a-z]{{3,9}}\.?,?\s+\d{{4}})", _FLAGS)
_MONTH_DAY_TO_DAY = re.compile(rf"([a-z]{{3,9}}\.?)\s+(\d{{1,2}})\s*{_DASH}\s*(\d{{1,2}}),?\s+(\d{{4}})", _FLAGS)


@dataclass(frozen=True)
class ChosenOrder:
    """The order chosen for a column; ``certain`` is False where nothing in the file decides it."""

    order: str
    certain: bool
    matters: bool  # whether any text of the column depends on the order
    tells: bool = True  # of the order in other columns; 04/04 does not
    against: int = 0  # texts that are no date in this order and are one in another


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
    if (found := _IDEOGRAPHS.fullmatch(text)) and found[3]:
        return (_day(found[1], found[2], found[3]),) * 3
    for pattern in _WORDS:
        if found := pattern.fullmatch(text):
            return (_day(found["year"], _month(found["month"]), found["day"]),) * 3
    return _NONE


def spans(text: str) -> Spans:
    """Return the first and the last day that a text means in each of ORDERS, None where it means none.

    Besides days: months, years, ranges ("2018-10-31 to 2018-11-02", "10-12 March 2018"), the days
    that Excel counts from 1899-12-30, and seconds or milliseconds since 1970 (UTC).
    """
    days = readings(text)
    if any(days):
        return _alone(days)
    if not text or len(text) > _LONGEST:
        return _NONE
    if (counted := _counted(text)) is not None:
        return ((counted, counted),) * 3
    if (longer := _month_or_year(text)) is not None:
        return (longer,) * 3
    return _range(text)


def kind(text: str) -> str:
    """Return what a text is that ``spans`` reads: ``serial``, ``epoch``, ``span``, or ``day``."""
    if any(readings(text)):
        return "day"
    if _counted(text) is not None:
        return "serial" if _SERIAL.fullmatch(text) else "epoch"
    return "span"


def choose_order(
    read: Iterable[Readings | Spans], expected: Iterable[tuple[int | None, int | None]] = (), preferred: str = ""
) -> ChosenOrder:
    """Return the order in which most texts of a column are dates.

    Between orders that fit equally well, ``expected`` decides, (year, month) of each text from
    other columns of the file, then ``preferred``, the order of another column of the file; at
    last the first of ORDERS is taken and the choice is called uncertain.
    """
    read = list(read)
    choice = _fitting(read, list(expected), preferred)
    chosen = ORDERS.index(choice.order)
    return replace(choice, against=sum(any(meant) and meant[chosen] is None for meant in read))


def _fitting(
    read: list[Readings | Spans], expected: list[tuple[int | None, int | None]], preferred: str
) -> ChosenOrder:
    by_order = list(zip(*read, strict=True)) or [()] * 3
    fits = [len(meant) - meant.count(None) for meant in by_order]
    best = [order for order in range(3) if fits[order] == max(fits)]
    matters = not by_order[0] == by_order[1] == by_order[2]
    if len(best) > 1 and matters:
        best = _agreeing(best, read, expected)
    if all(by_order[order] == by_order[best[0]] for order in best):
        return ChosenOrder(ORDERS[best[0]], True, matters, tells=len(best) == 1)
    if preferred in [ORDERS[order] for order in best]:
        return ChosenOrder(preferred, True, matters)
    return ChosenOrder(ORDERS[best[0]], False, matters)


def common_order(choices: Mapping[int, ChosenOrder]) -> str:
    """Return the order most columns of a file were certainly in, or an empty text."""
    certain = Counter(choice.order for choice in choices.values() if choice.certain and choice.matters and choice.tells)
    return certain.most_common(1)[0][0] if certain else ""


def _agreeing(
    best: list[int], read: list[Readings | Spans], expected: list[tuple[int | None, int | None]]
) -> list[int]:
    """Return those of the ``best`` orders that agree most often with the expected years and months."""

    def agreement(order: int) -> int:
        pairs = ((_first(reading[order]), wanted) for reading, wanted in zip(read, expected, strict=False))
        return sum(
            day is not None and year in (None, day.year) and month in (None, day.month) for day, (year, month) in pairs
        )

    scores = {order: agreement(order) for order in best}
    return [order for order in best if scores[order] == max(scores.values())]


def _first(meant: date | Span | None) -> date | None:
    return meant[0] if isinstance(meant, tuple) else meant


def _counted(text: str) -> date | None:
    """Return the day that a number counts up to: Excel's days, or (milli)seconds since 1970."""
    if found := _SERIAL.fullmatch(text):
        days = int(found[1])
        return _SERIAL_ZERO + timedelta(days=days) if _FIRST_SERIAL <= days <= _LAST_SERIAL else None
    if _EPOCH.fullmatch(text):
        number = float(text)
        seconds = number / 1000 if abs(number) >= 1e10 else number
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).date()
    return None


def _month_or_year(text: str) -> Span | None:
    if found := _YEAR.fullmatch(text):
        return _whole(int(found[1]))
    if found := _YEAR_MONTH.fullmatch(text):
        return _whole(int(found[1]), int(found[2]))
    if found := _MONTH_YEAR.fullmatch(text):
        return _whole(int(found[2]), int(found[1]))
    if found := _MONTH_WORD_YEAR.fullmatch(text):
        return _whole(int(found["year"] or found["first"]), _month(found["month"] or found["word"]))
    if found := _IDEOGRAPHS.fullmatch(text):
        return _whole(int(found[1]), int(found[2])) if found[2] else _whole(int(found[1]))
    return None


def _whole(year: int, month: int | None = None) -> Span | None:
    if year not in _YEARS or month not in (None, *range(1, 13)):
        return None
    first, last = month or 1, month or 12
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def _range(text: str) -> Spans:
    if found := _DAY_TO_DAY.fullmatch(text):
        return _bounds(f"{found[1]} {found[2].lstrip('0123456789. ')}", found[2])
    if found := _MONTH_DAY_TO_DAY.fullmatch(text):
        return _bounds(*(f"{found[1]} {day}, {found[4]}" for day in (found[2], found[3])))
    text = _BETWEEN.sub("", text, count=1)
    for pattern in _APART:
        if found := pattern.match(text):
            return _bounds(found[1].strip(), found[2].strip())
    return _NONE


def _bounds(first: str, last: str) -> Spans:
    """Return from the beginning of one text to the end of another; the first may lack the year of the last."""
    ends = _single(last)
    starts = _single(first)
    if not any(starts) and any(ends):
        year = next(end for end in ends if end)[1].year
        starts = _single(f"{first.rstrip(' ,.')} {year}")
    a, b, c = (
        (start[0], end[1]) if start and end and start[0] <= end[1] else None
        for start, end in zip(starts, ends, strict=True)
    )
    return a, b, c


def _single(text: str) -> Spans:
    days = readings(text)
    return _alone(days) if any(days) else (_month_or_year(text),) * 3


def _alone(days: Readings) -> Spans:
    a, b, c = ((day, day) if day else None for day in days)
    return a, b, c


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
