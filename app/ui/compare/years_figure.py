"""The figures of the years: places over time with their breaks, and the map of when each pixel changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from plotly.graph_objects import Figure

from app.ui.words import in_plot

if TYPE_CHECKING:
    from app.grid import Grid
    from app.series.breaks import Break, Breaks
    from app.series.values import Point, Series

COLOURS = ("#b4532a", "#2b6f8e", "#6a8a3b", "#8b5fa3", "#c69a2d", "#3f9c8f")
MOST_PLACES = len(COLOURS)
_SUMMER, _WINTER = "rgba(214, 190, 110, .16)", "rgba(120, 150, 185, .14)"
_EVENT, _PAIR = "#b4532a", "#6f7780"
_HEIGHT_PX, _MAP_PX = 380, 460
_FAINT = 0.3
_YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Lines:
    """The days that matter: drawn as lines over the height of the figure; None where not known."""

    event: date | None
    t1: date | None
    t2: date | None


def over_time(series: Mapping[str, Series], found: Mapping[str, Break | None], lines: Lines, north: bool) -> Figure:
    """Return every place's values over time: clear dates as dots with a line, cloudy ones faint, breaks as bands.

    ``north`` says which months are summer. The custom data of each point are its day, its scene and whether it was
    clear.
    """
    figure = Figure()
    days = [point.date for one in series.values() for point in one.points]
    for colour, (place, one) in zip(COLOURS, series.items(), strict=False):
        _dots(figure, in_plot(place), colour, one.clear, True)
        _dots(figure, in_plot(place), colour, tuple(point for point in one.points if not point.clear), False)
    shapes = [*_seasons(min(days), max(days), north)] if days else []
    for colour, broke in zip(COLOURS, found.values(), strict=False):
        shapes += [_band(broke.after, broke.before, colour)] if broke else []
    marked = [(name, day) for name, day in (("T1", lines.t1), ("event", lines.event), ("T2", lines.t2)) if day]
    shapes += [_line(day, _EVENT if name == "event" else _PAIR, name == "event") for name, day in marked]
    figure.update_layout(
        shapes=shapes, annotations=[_label(name, day) for name, day in marked], height=_HEIGHT_PX,
        margin={"l": 8, "r": 8, "t": 24, "b": 8}, legend={"orientation": "h", "y": -0.14, "yanchor": "top"},
        clickmode="event+select", dragmode="zoom", hovermode="closest",
    )  # fmt: skip
    figure.update_yaxes(title=next(iter(series.values())).of if series else "", automargin=True)
    figure.update_xaxes(type="date", showgrid=False)
    return figure


def when_changed(found: Breaks, on: Grid) -> Figure:
    """Return the map of when each pixel changed, as years; grey where nothing is told, empty where nothing could be.

    A pixel under the pointer says between which clear dates, and by how much.
    """
    years = _years(found.first)
    edges = np.stack([np.datetime_as_string(one, "D") for one in (found.after, found.before)], axis=-1)
    custom = np.concatenate([edges, np.round(found.size, 3).astype(str)[..., None]], axis=-1)
    width, height = on.proportions
    figure = Figure()
    still = np.where(found.enough & ~found.told, 0.0, np.nan)
    figure.add_heatmap(
        z=still, showscale=False, colorscale=[[0, "#d8d3cc"], [1, "#d8d3cc"]],
        hovertemplate="no break stands out<extra></extra>",
    )  # fmt: skip
    first, last = (np.floor(np.nanmin(years)), np.floor(np.nanmax(years)) + 1) if found.told.any() else (0, 1)
    figure.add_heatmap(
        z=years, customdata=custom, colorscale="Viridis", zmin=first, zmax=last,  # whole years, so that ends are named
        colorbar={"title": "changed", "tickformat": ".0f", "dtick": 1},
        hovertemplate="column %{x}, row %{y}<br>after %{customdata[0]}, by %{customdata[1]}<br>by %{customdata[2]}"
        "<extra></extra>",
    )  # fmt: skip
    figure.update_layout(height=_MAP_PX, margin={"l": 8, "r": 8, "t": 24, "b": 8})
    figure.update_xaxes(visible=False, constrain="domain", range=[-0.5, on.shape[1] - 0.5])
    figure.update_yaxes(visible=False, scaleanchor="x", scaleratio=height / width, range=[on.shape[0] - 0.5, -0.5])
    return figure


def _dots(figure: Figure, place: str, colour: str, points: tuple[Point, ...], clear: bool) -> None:
    figure.add_scatter(
        x=[one.date.isoformat() for one in points],
        y=[None if np.isnan(one.value) else one.value for one in points],
        customdata=[[one.date.isoformat(), in_plot(one.scene)[:80], "clear" if clear else "cloud or shadow"]
                    for one in points],
        mode="lines+markers" if clear else "markers", name=place, legendgroup=place, showlegend=clear,
        line={"color": colour, "width": 1}, opacity=1 if clear else _FAINT,
        marker={"color": colour, "size": 7, "symbol": "circle" if clear else "circle-open"},
        unselected={"marker": {"opacity": 0.9 if clear else _FAINT}},
        hovertemplate="%{customdata[0]}: %{y:.3f}, %{customdata[2]}<br>%{customdata[1]}<extra>" + place + "</extra>",
    )  # fmt: skip


def _seasons(first: date, last: date, north: bool) -> Iterator[dict[str, object]]:
    """Yield summers and winters as bands behind everything."""
    for year in range(first.year - 1, last.year + 1):
        june, december = (date(year, 6, 1), date(year, 9, 1)), (date(year, 12, 1), date(year + 1, 3, 1))
        for (begin, end), warm in ((june, north), (december, not north)):
            if end > first and begin < last:
                yield {**_box(max(begin, first), min(end, last)), "fillcolor": _SUMMER if warm else _WINTER}


def _box(first: date, last: date) -> dict[str, object]:
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": first.isoformat(), "x1": last.isoformat(), "y0": 0, "y1": 1,
        "line": {"width": 0}, "layer": "below",
    }  # fmt: skip


def _band(after: date, before: date, colour: str) -> dict[str, object]:
    """Return a break's bracket: a strong bar at the foot."""
    return {**_box(after, before), "fillcolor": colour, "y1": 0.045, "opacity": 0.75, "layer": "above"}


def _line(day: date, colour: str, solid: bool) -> dict[str, object]:
    return {
        "type": "line", "xref": "x", "yref": "paper", "x0": day.isoformat(), "x1": day.isoformat(), "y0": 0, "y1": 1,
        "line": {"color": colour, "width": 1.6, "dash": "solid" if solid else "dash"},
    }  # fmt: skip


# where the name of a line stands: none lies over another however near the days are
_STANDING = {"T1": ("right", 1, "bottom"), "T2": ("left", 1, "bottom"), "event": ("right", 0, "bottom")}


def _label(name: str, day: date) -> dict[str, object]:
    side, height, above = _STANDING[name]
    return {
        "text": name, "x": day.isoformat(), "xref": "x", "xanchor": side, "y": height, "yref": "paper",
        "yanchor": above, "showarrow": False, "font": {"size": 11},
    }  # fmt: skip


def _years(days: np.ndarray) -> np.ndarray:
    """Return dates as years with a fraction, NaN where NaT."""
    since = (days - np.datetime64("1970-01-01")).astype("timedelta64[D]").astype(np.float64)
    return np.where(np.isnat(days), np.nan, 1970 + since / _YEAR_DAYS)
