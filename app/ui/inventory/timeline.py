"""Events over time: one point an event, or counts by month where the points would hide one another."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go
from plotly.graph_objects import Figure

from app.bands import SENTINEL2_LAUNCH
from app.inventory import Event, source_title
from app.ui.words import in_plot

MOST_POINTS = 600
_COLOURS = ("#2b6f8e", "#c69a2d", "#6a8a3b", "#8b5fa3", "#3f9c8f", "#a34a6b", "#7a6a58")  # not the chosen event's red
_OTHERS = "others"
_LABEL_CHARACTERS = 40  # of a category; a longer one would leave no room for the dates
_MARGIN = {"l": 8, "r": 8, "t": 20, "b": 8}
_BLUE, _RED = "#2b6f8e", "#b4532a"
_DAY_MS = 86_400_000  # plotly counts along an axis of dates in milliseconds


def dated(events: Sequence[Event]) -> bool:
    """Whether any of the events has a date, so that there is something to draw."""
    return any(event.date is not None for event in events)


def points(events: Sequence[Event], chosen: str | None) -> tuple[Figure, list[str]]:
    """Return the events over time, a row a category, and the ids of the points in their order.

    Events without a date are not drawn; one of several days stands at the first, with a line to
    the last. The first trace holds the points.
    """
    days = [(event, event.date, event.last_day or event.date) for event in events if event.date is not None]
    drawn = [event for event, _, _ in days]
    ids = [event.id for event in drawn]
    lasting = [(last - first).days * _DAY_MS for _, first, last in days]
    rows = len({event.category for event in drawn}) or 1
    figure = go.Figure(
        go.Scatter(
            x=[first.isoformat() for _, first, _ in days],
            y=[_label(event.category) for event in drawn],
            mode="markers",
            marker={
                "size": [16 if one == chosen else 10 for one in ids],
                "color": [_RED if one == chosen else _BLUE for one in ids],
                "line": {"width": 1, "color": "white"},
            },
            error_x={"array": lasting, "arrayminus": [0] * len(lasting), "symmetric": False, "width": 3,
                     "thickness": 1.2} if any(lasting) else None,
            customdata=[[in_plot(event.id), in_plot(source_title(event.source)), event.when] for event in drawn],
            hovertemplate="event %{customdata[0]}<br>%{customdata[2]}<br>%{customdata[1]}<extra></extra>",
        ),
        {
            **_over_time(), "height": 110 + 34 * min(rows, 12), "showlegend": False, "clickmode": "event+select",
            # else plotly takes categories such as 1 and 2 for numbers
            "yaxis": {"type": "category", "automargin": True},
        },
    )  # fmt: skip
    return figure, ids


def counts(events: Sequence[Event], chosen: date | None) -> Figure:
    """Return how many events each month holds, stacked by category, with the chosen event's day marked.

    Events without a date are not counted, one of several days by its first; of many categories the
    most frequent are named.
    """
    months = Counter((event.category, event.date.replace(day=1)) for event in events if event.date)
    frequent: Counter[str] = Counter()
    for (one, _), count in months.items():
        frequent[one] += count
    named = [category for category, _ in frequent.most_common(len(_COLOURS))]
    bars = []
    shown: list[str | None] = [*named, *([None] if len(frequent) > len(named) else [])]  # None: all others together
    for category, colour in zip(shown, [*_COLOURS, "#5c6670"], strict=False):
        mine: Counter[date] = Counter()
        for (one, month), count in months.items():
            if one == category or (category is None and one not in named):
                mine[month] += count
        ordered = sorted(mine)
        bars.append(go.Bar(
            x=[month.isoformat() for month in ordered], y=[mine[month] for month in ordered],
            name=_OTHERS if category is None else _label(category), marker={"color": colour},
            xperiod="M1", xperiodalignment="middle",
            hovertemplate="%{y} in %{x|%B %Y}<extra>%{fullData.name}</extra>",
        ))  # fmt: skip
    marked = [] if chosen is None else [_upright(chosen, {"color": _RED, "width": 2})]
    legend = {"orientation": "h", "y": -0.18, "yanchor": "top"}
    axis = {"title": {"text": "events a month"}, "automargin": True}
    layout = {"height": 240, "barmode": "stack", "bargap": 0, "legend": legend, "yaxis": axis}
    return go.Figure(bars, {**_over_time(marked), **layout})


def _label(category: str) -> str:
    text = category or "no category"
    return in_plot(text if len(text) <= _LABEL_CHARACTERS else f"{text[: _LABEL_CHARACTERS - 1]}…")


def _over_time(lines: Sequence[dict[str, object]] = ()) -> dict[str, object]:
    """Return what both figures say of their layout: at once, for each update goes through all of a figure again."""
    return {
        "margin": _MARGIN,
        "dragmode": "zoom",
        "shapes": [*lines, _upright(SENTINEL2_LAUNCH, {"dash": "dot", "color": "#888"})],
        "annotations": [
            {"x": SENTINEL2_LAUNCH.isoformat(), "y": 1, "yref": "paper", "text": "first Sentinel-2",
             "showarrow": False, "xanchor": "left", "yanchor": "bottom"}
        ],
        "xaxis": {"showgrid": True, "type": "date"},
    }  # fmt: skip


def _upright(day: date, line: dict[str, object]) -> dict[str, object]:
    at = day.isoformat()
    return {"type": "line", "xref": "x", "yref": "y domain", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": line}
