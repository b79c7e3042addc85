"""When the events of a table happened: days or spans of days, and the dates of the scenes published with them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.inventory import dates
from app.inventory.columns import Cells, evidence, plural
from app.inventory.dates import Span
from app.inventory.positions import ABSENT, shown

DATES = ("date", "pre1", "pre2", "post1")
_PARTS = ("year", "month", "day")
_WHOLE_NUMBER = re.compile(r"\d{1,4}", re.ASCII)


@dataclass(frozen=True)
class Dates:
    """The dates of each row, where they stand, and what to say of the choice."""

    spans: Sequence[Span | None]  # of the event
    days: Mapping[str, Sequence[date | None]]  # pre1, pre2, post1
    texts: dict[str, list[str]]  # what the file has of each of DATES
    used: dict[str, str]  # date, date_start, date_end -> the file's title
    notes: list[str]
    faults: dict[int, str] = field(default_factory=dict)  # number of a row -> what is wrong with the ends of its span


def dated_in(cells: Cells, found: dict[str, list[int]], header: Sequence[str]) -> Dates:
    """Return the dates of events and of scenes, each column in the order of day and month it is written in."""
    single = {wanted: found[wanted][0] for wanted in DATES[1:] if wanted in found}
    spans = {role: found.get(role, []) for role in ("date", "start", "end")}
    held = {place for places in spans.values() for place in places} | set(single.values())
    texts = {place: _date_texts(cells.at(place)) for place in sorted(held | set(evidence(found, header)))}
    texts |= {-1: _joined_parts(cells, found)} if "year" in found else {}
    read = _read_dates(texts, _expected(cells, found, spans["date"]), held)
    of = _best(spans["date"], read)
    if "year" in found and (of is None or not any(read[of].spans)):
        of = -1
    start, end = (_best(spans[role], read, half=True) for role in ("start", "end"))
    merged, faults = _merged(*(read[place].spans if place is not None else None for place in (of, start, end)))
    used = _date_titles(of, start, end, found, header)
    days = {name: [_one_day(span) for span in read[place].spans] for name, place in single.items()}
    empty = [None] * len(cells.rows)
    all_used = [place for place in (of, start, end, *single.values()) if place is not None and place >= 0]
    notes = [_order_note(header[place], read[place].choice) for place in all_used if read[place].choice.matters]
    notes += _passed_over(spans["date"], of, read, header)
    notes += [note for place in all_used for note in _kind_notes(header[place], read[place], texts[place])]
    lasting = sum(span is not None and span[0] < span[1] for span in merged or empty)
    if lasting:
        notes.append(
            f"{lasting:,} {plural(lasting, 'event')} may have happened on several days: T1 has to lie before "
            "the first of them and T2 after the last."
        )
    shown_texts = {"date": _shown_texts(texts, of, start, end, len(cells.rows))}
    shown_texts |= {name: cells.at(place) for name, place in single.items()}
    return Dates(merged or empty, {name: days.get(name, empty) for name in DATES[1:]}, shown_texts, used, notes, faults)


@dataclass(frozen=True)
class _Column:
    """A column of dates as it was read."""

    spans: list[Span | None]
    choice: dates.ChosenOrder

    @property
    def count(self) -> int:
        return sum(span is not None for span in self.spans)


def _date_texts(texts: list[str]) -> list[str]:
    """Return a column of dates, empty where a word says that there is none."""
    return ["" if text.lower() in ABSENT else text for text in texts]


def _joined_parts(cells: Cells, found: dict[str, list[int]]) -> list[str]:
    """Return dates put together of a year and, where there are such columns, a month and a day."""
    parts = (_date_texts(cells.at(found[part][0] if part in found else None)) for part in _PARTS)
    return [_joined(*three) for three in zip(*parts, strict=True)]


def _joined(year: str, month: str, day: str) -> str:
    if not month:  # a day without a month says nothing more
        return year
    return "-".join(part for part in (year, month, day) if part)


def _expected(
    cells: Cells, found: dict[str, list[int]], of: list[int]
) -> dict[int, list[tuple[int | None, int | None]]]:
    """Return the years and months that other columns give, for the columns of the event's date."""
    year, month = (
        [
            int(text) if _WHOLE_NUMBER.fullmatch(text) else None
            for text in cells.at(found[part][0] if part in found else None)
        ]
        for part in ("year", "month")
    )
    pairs = list(zip(year, month, strict=True))
    return {place: pairs for place in of}


def _read_dates(
    texts: dict[int, list[str]], expected: dict[int, list[tuple[int | None, int | None]]], held: set[int]
) -> dict[int, _Column]:
    """Return each column's dates in the order chosen for it; columns beside those ``held`` only help to choose."""
    known = {text: dates.spans(text) for column in texts.values() for text in set(column)}
    read = {place: [known[text] for text in column] for place, column in texts.items()}
    first = {place: dates.choose_order(column, expected.get(place, ())) for place, column in read.items()}
    common = dates.common_order(first)
    chosen = {
        place: dates.choose_order(read[place], expected.get(place, ()), common)
        for place in read
        if place in held or place < 0
    }
    return {
        place: _Column([spans[dates.ORDERS.index(choice.order)] for spans in read[place]], choice)
        for place, choice in chosen.items()
    }


def _best(places: list[int], read: dict[int, _Column], half: bool = False) -> int | None:
    """Return the column with the most dates, a better-named one where it has at least half as many; None of none.

    With ``half``, a column is taken only where it has a date for any row at all.
    """
    most = max((read[place].count for place in places), default=0)
    if half and not most:
        return None
    return next((place for place in places if 2 * read[place].count >= most), None)


def _merged(
    day: list[Span | None] | None, start: list[Span | None] | None, end: list[Span | None] | None
) -> tuple[list[Span | None] | None, dict[int, str]]:
    """Return the span of each event from its date and from its start and end, and what is wrong with the latter."""
    if start is None and end is None:
        return day, {}
    rows = len(next(one for one in (day, start, end) if one is not None))
    none: list[Span | None] = [None] * rows
    merged, faults = [], {}
    for number, (own, low, high) in enumerate(zip(day or none, start or none, end or none, strict=True)):
        span, fault = _one_span(own, low, high)
        merged.append(span)
        if fault:
            faults[number] = fault
    return merged, faults


def _one_span(own: Span | None, low: Span | None, high: Span | None) -> tuple[Span | None, str]:
    if low and high and low[0] > high[1]:
        span = own or (high[0], low[1])
        return span, f"The event's start ({low[0]}) is after its end ({high[1]}); the two may be exchanged."
    if own is not None:
        first, last = low[0] if low else own[0], high[1] if high else own[1]
        if first <= own[0] and own[1] <= last:
            return (first, last), ""
        return own, f"The event's date ({own[0]}) lies outside its start and end; the date alone was taken."
    if low is None and high is not None:
        return high, f"The event has an end ({high[1]}) and no start: T1 may have to lie long before it."
    return (low and (low[0], high[1] if high else low[1])), ""


def _one_day(span: Span | None) -> date | None:
    return span[0] if span and span[0] == span[1] else None


def _date_titles(
    of: int | None, start: int | None, end: int | None, found: dict[str, list[int]], header: Sequence[str]
) -> dict[str, str]:
    """Return what was read of the event's date -> the file's title."""
    used = {"date_start": start, "date_end": end}
    titles = {role: header[place] for role, place in used.items() if place is not None}
    if of == -1:
        own = ", ".join(header[found[part][0]] for part in _PARTS if part in found)
    elif of is not None:
        own = header[of]
    else:
        own = titles.pop("date_start", titles.get("date_end", ""))
    return ({"date": own} if own else {}) | {role: title for role, title in titles.items() if title != own}


def _shown_texts(
    texts: dict[int, list[str]], of: int | None, start: int | None, end: int | None, rows: int
) -> list[str]:
    """Return what the file has for each event's date, to be quoted where it cannot be read."""
    held = [texts[place] for place in (of, start, end) if place is not None]
    if len(held) == 1:
        return held[0]
    return [next((text for text in row if text), "") for row in zip(*held, strict=True)] if held else [""] * rows


def _order_note(title: str, choice: dates.ChosenOrder) -> str:
    if choice.against:
        other = "is one" if choice.against == 1 else "are some"
        return (
            f"{shown(title)} holds dates in more than one order: it was read as {choice.order}, in which "
            f"{choice.against:,} {plural(choice.against, 'text')} {'is' if choice.against == 1 else 'are'} no date and "
            f"in another order {other}. Others, such as 03/04/2019, may mean another day. Write dates as 2017-05-20."
        )
    if choice.certain:
        return f"The dates in {shown(title)} were read as {choice.order}."
    return (
        f"Nothing in the file says in which order {shown(title)} writes day and month; it was read as "
        f"{choice.order}. Write dates as 2017-05-20 to be certain."
    )


def _passed_over(places: list[int], of: int | None, read: dict[int, _Column], header: Sequence[str]) -> list[str]:
    if of is None or of == -1 or of == places[0]:
        return []
    first = places[0]
    return [
        f"The date was read from {shown(header[of])}: it holds {read[of].count:,} dates that can be read, "
        f"{shown(header[first])} {read[first].count:,}."
    ]


def _kind_notes(title: str, column: _Column, texts: list[str]) -> list[str]:
    """Say where numbers were taken for dates."""
    numbers = {text for text, span in zip(texts, column.spans, strict=True) if span and text.lstrip("-")[:5].isdigit()}
    kinds = {dates.kind(text) for text in numbers}
    said = {
        "serial": "days as Excel counts them, from 1899-12-30",
        "epoch": "seconds or milliseconds since 1970-01-01 (UTC)",
    }
    return [f"Numbers in {shown(title)} were read as {words}." for kind, words in said.items() if kind in kinds]
