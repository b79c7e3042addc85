"""What the place of an event measured over the years, drawn for a report: a dot a date, days that matter as lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import escape

from app.series import tables
from app.series.values import Point, Series

_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _FOOT = 720, 170, 48, 10, 16, 24  # of the drawing, and what its axes leave free

_LABELS = {"T1": ("end", 0), "T2": ("start", 0)}  # above the drawing, turned away from what lies between


@dataclass(frozen=True)
class YearsDrawing:
    """A place over the years: a heading and a sentence as text, and the drawing as markup."""

    title: str
    told: str
    drawing: str


def followed(series: Series, where: str, days: Mapping[str, date | None]) -> YearsDrawing:
    """Return a series drawn; ``where`` says of which pixels, ``days`` are marked under their names where known."""
    simulated = "SIMULATED: " if series.simulated else ""
    clear = len(series.clear)
    told = f"{simulated}{clear:,} clear dates of {len(series.points):,}, {where}. {tables.in_words(series)}"
    return YearsDrawing(f"{series.of} over the years", told, _drawn(series, days))


def _drawn(series: Series, days: Mapping[str, date | None]) -> str:
    points = [one for one in series.points if one.value == one.value]
    if not points:
        return ""
    known = {name: day for name, day in days.items() if day is not None}
    every = [*(one.date for one in points), *known.values()]
    first, last = min(every), max(every)
    low, high = _range(points)

    def across(day: date) -> float:
        return _LEFT + (_WIDE - _LEFT - _RIGHT) * (day - first).days / max(1, (last - first).days)

    def up(value: float) -> float:
        return _TOP + (_HIGH - _TOP - _FOOT) * (high - min(high, max(low, value))) / (high - low)

    parts = [_text(_LEFT - 6, up(value) + 4, f"{value:.2f}", "end") for value in (low, high)]
    parts += [_line(_LEFT, up(value), _WIDE - _RIGHT, up(value), "edge") for value in (low, high)]
    for year in range(first.year + 1, last.year + 1):
        parts.append(_text(across(date(year, 1, 1)), _HIGH - 6, str(year), "middle"))
        parts.append(_line(across(date(year, 1, 1)), _TOP, across(date(year, 1, 1)), _HIGH - _FOOT, "edge"))
    for name, day in known.items():
        parts.append(_line(across(day), _TOP, across(day), _HIGH - _FOOT, "day"))
        anchor, down = _LABELS.get(name, ("middle", 12))
        parts.append(_text(across(day), _TOP - 4 + down, name, anchor))
    for one in points:
        look = "clear" if one.clear else "cloudy"
        parts.append(f'<circle class="{look}" cx="{across(one.date):.1f}" cy="{up(one.value):.1f}" r="3"/>')
    said = escape(f"{series.of} on {len(points)} dates")
    return f'<svg class="years" viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{said}">{"".join(parts)}</svg>'


def _range(points: list[Point]) -> tuple[float, float]:
    """Return the values between which the drawing goes: those of the clear dates, of all where none is clear."""
    values = [one.value for one in points if one.clear] or [one.value for one in points]
    low, high = min(values), max(values)
    spare = 0.05 * (high - low) or 0.01
    return low - spare, high + spare


def _line(x1: float, y1: float, x2: float, y2: float, look: str) -> str:
    return f'<line class="{look}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
