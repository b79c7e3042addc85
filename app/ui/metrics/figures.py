"""The figures of scores on the Metrics page; each takes plain values, draws NaN as undefined and never as zero."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.graph_objects import Figure

from app.pictures import colours
from app.ui.metrics.figure_parts import BLUE, COOL, GREY, PALETTE, RUST, SIGNAL, drawn, finished, whiskers
from app.ui.words import all_in_plot, in_plot

_UNDEFINED = "#d8d3cc"
_ROW_PX = 46
_COLUMNS = 8  # of a matrix: fewer events leave room rather than grow


@dataclass(frozen=True)
class Ranked:
    """One row of the ranking: two averages with their intervals, NaN where undefined."""

    name: str
    micro: float
    micro_interval: tuple[float, float]
    macro: float
    macro_interval: tuple[float, float]


@dataclass(frozen=True)
class PublishedScore:
    """One published figure, which nothing here computed."""

    name: str
    value: float


@dataclass(frozen=True)
class Cell:
    """One event scored by one method; ``f1`` is NaN where undefined.

    ``text`` is what a reader who points at it sees, in plotly's markup.
    """

    event: str
    method: str
    f1: float
    text: str


def ranking(rows: Sequence[Ranked], references: Sequence[PublishedScore] = ()) -> Figure:
    """Return F1 by method, best first: micro and macro with their intervals; published figures apart, below a line."""
    ordered = sorted(rows, key=lambda row: -math.inf if math.isnan(row.micro) else row.micro, reverse=True)
    figure = go.Figure()
    averages = (("micro", "micro F1: pixels pooled", RUST, "circle", -0.13),
                ("macro", "macro F1: mean over events", BLUE, "diamond", 0.13))  # fmt: skip
    for name, title, colour, symbol, shift in averages:
        values = [getattr(row, name) for row in ordered]
        edges = [getattr(row, f"{name}_interval") for row in ordered]
        figure.add_scatter(
            x=drawn(values), y=[n + shift for n in range(len(ordered))], name=title, mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 11}, error_x=whiskers(values, edges, colour),
            text=all_in_plot(row.name for row in ordered), hovertemplate="%{text}<br>%{x:.3f}<extra></extra>",
        )  # fmt: skip
    names = all_in_plot(row.name for row in ordered)
    if references:
        start = len(ordered)
        figure.add_scatter(
            x=[one.value for one in references], y=list(range(start, start + len(references))), mode="markers",
            name="published, not computed here", marker={"color": GREY, "symbol": "x-thin-open", "size": 11},
            text=all_in_plot(one.name for one in references), hovertemplate="%{text}<br>%{x:.3f}<extra></extra>",
        )  # fmt: skip
        figure.add_hline(y=start - 0.5, line={"dash": "dot", "color": GREY})
        names += [f"<i>{in_plot(one.name)}</i>" for one in references]
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.5, -0.5], zeroline=False
    )
    figure.update_xaxes(range=[-0.02, 1.02], title="F1, landslide class;<br>bars: 95 % over events")
    return finished(figure, 120 + _ROW_PX * len(names))


def matrix(
    cells: Sequence[Cell], methods: Sequence[str], events: Sequence[str], chosen: tuple[str, str] | None
) -> Figure:
    """Return a heat map of F1, a row a method and a column an event; ``chosen`` is (event, method), framed.

    It is drawn as bars, because a click on a plotly heat map cannot be heard; ``customdata`` is (event, method).
    """
    row_of, column_of = {name: n for n, name in enumerate(methods)}, {name: n for n, name in enumerate(events)}
    wide = len(events) <= 24  # beyond, numbers do not fit into their cells
    figure = go.Figure(
        go.Bar(
            x=[0.96] * len(cells), base=[column_of[cell.event] - 0.48 for cell in cells],
            y=[row_of[cell.method] for cell in cells], width=0.92, orientation="h",
            marker={"color": [_shade(cell.f1) for cell in cells], "line": {"width": 0}},
            text=[("–" if math.isnan(cell.f1) else f"{cell.f1:.2f}") if wide else "" for cell in cells],
            textposition="inside", insidetextanchor="middle", textangle=0,
            insidetextfont={"color": [_ink(cell.f1) for cell in cells], "size": 12}, constraintext="none",
            customdata=[[cell.event, cell.method] for cell in cells], hovertext=[cell.text for cell in cells],
            hoverinfo="text", selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
        )
    )  # fmt: skip
    if chosen is not None and chosen[0] in column_of and chosen[1] in row_of:
        _frame(figure, column_of[chosen[0]], row_of[chosen[1]], 0.96)
    figure.update_layout(clickmode="event+select", dragmode=False, bargap=0)
    figure.update_yaxes(tickvals=list(range(len(methods))), ticktext=all_in_plot(methods),
                        range=[len(methods) - 0.5, -0.5], showgrid=False, zeroline=False, fixedrange=True)  # fmt: skip
    across = max(len(events), _COLUMNS)
    figure.update_xaxes(tickvals=list(range(len(events))), ticktext=all_in_plot(events), range=[-0.5, across - 0.5],
                        title="event", showgrid=False, zeroline=False, fixedrange=True)  # fmt: skip
    return finished(figure, 110 + 40 * len(methods))


def confusion(tp: int, fp: int, fn: int, tn: int) -> Figure:
    """Return a 2 x 2 confusion matrix of pixels; the shade is a cell's share of its row."""
    cells = [[tp, fn], [fp, tn]]
    names = [["true positive", "miss"], ["false positive", "true negative"]]
    text = [
        [f"{name}<br><b>{cell:,}</b>" for name, cell in zip(row, line, strict=True)]
        for row, line in zip(names, cells, strict=True)
    ]
    shares = [[cell / (sum(line) or 1) for cell in line] for line in cells]
    figure = go.Figure(
        go.Heatmap(
            z=shares, text=text, texttemplate="%{text}", x=["detected", "not detected"],
            y=["landslide", "not landslide"], colorscale=[[0, "#f4f1ed"], [1, "#8fb4c6"]], showscale=False, zmin=0,
            zmax=1, hoverinfo="skip", textfont={"color": "#23272b", "size": 13}, xgap=2, ygap=2,
        )
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", title="truth")
    return finished(figure, 250)


def shares(classes: Sequence[str], methods: Sequence[tuple[str, Sequence[float]]], title: str) -> Figure:
    """Return bars of a share, 0 to 1, for each class and method; ``methods`` are a name and one value a class."""
    figure = go.Figure()
    for number, (name, values) in enumerate(methods):
        figure.add_bar(
            x=all_in_plot(classes), y=drawn(values), name=in_plot(name),
            marker={"color": PALETTE[number % len(PALETTE)]},
            text=[f"{value:.2f}" for value in values], textposition="outside", cliponaxis=False,
            hovertemplate=f"{in_plot(name)}<br>%{{x}}: %{{y:.3f}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="group", bargap=0.3)
    figure.update_yaxes(range=[0, 1.08], title=title)
    return finished(figure, 320 + 12 * len(methods))


def false_alarms(methods: Sequence[tuple[str, float]]) -> Figure:
    """Return false objects for each square kilometre, a bar a method, in the order given."""
    values = [value for _, value in methods]
    figure = go.Figure(
        go.Bar(
            x=drawn(values), y=all_in_plot(name for name, _ in methods), orientation="h", width=0.5,
            text=["undefined" if math.isnan(value) else f"{value:.2f}" for value in values], textposition="outside",
            marker={"color": RUST}, cliponaxis=False, hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        )
    )  # fmt: skip
    reach = max((value for value in values if math.isfinite(value)), default=0.0) * 1.12 or 1.0
    figure.update_xaxes(range=[0, reach], title="false objects per km²")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return finished(figure, 100 + 36 * len(methods))


def grouped(names: Sequence[str], methods: Mapping[str, Sequence[tuple[float, tuple[float, float]]]]) -> Figure:
    """Return micro F1 with its interval, a row a group, the methods beside one another in their colours."""
    figure = go.Figure()
    spread = np.linspace(-0.3, 0.3, len(methods)) if len(methods) > 1 else [0.0]
    for number, (method, values) in enumerate(methods.items()):
        colour, scores = PALETTE[number % len(PALETTE)], [value for value, _ in values]
        figure.add_scatter(
            x=drawn(scores), y=[row + float(spread[number]) for row in range(len(names))], mode="markers",
            name=in_plot(method),
            marker={"color": colour, "size": 9}, error_x=whiskers(scores, [edges for _, edges in values], colour),
            text=all_in_plot(names), hovertemplate=f"{in_plot(method)}<br>%{{text}}: %{{x:.3f}}<extra></extra>",
        )  # fmt: skip
    for row in range(1, len(names)):
        figure.add_hline(y=row - 0.5, line={"color": GREY, "width": 0.4})
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=all_in_plot(names), range=[len(names) - 0.5, -0.5],
                        zeroline=False, showgrid=False)  # fmt: skip
    figure.update_xaxes(range=[-0.02, 1.02], title="micro F1, bars: 95 % interval<br>over the events of the group")
    return finished(figure, 140 + (24 + 14 * len(methods)) * len(names))


def bands(
    values: np.ndarray, names: Sequence[str], thresholds: Sequence[float], what: str, best: tuple[int, int] | None
) -> Figure:
    """Return a heat map of a score, a row a band and a column a threshold; ``best`` is the cell framed.

    ``values`` is float64 (bands, thresholds), 0 to 1, NaN where undefined.
    """
    text = [["–" if math.isnan(value) else f"{value:.2f}"[1:] if value < 1 else "1" for value in row] for row in values]
    figure = go.Figure(
        go.Heatmap(
            z=[drawn(row) for row in values.tolist()], x=[f"{level:g}" for level in thresholds], y=list(names),
            text=text, texttemplate="%{text}", zmin=0, zmax=1, xgap=1, ygap=1, showscale=False,
            colorscale=[[share, f"rgb{colour}"] for share, colour in zip((0, 0.5, 1), _RAMP, strict=True)],
            hovertemplate="%{y} at %{x}: " + what + " %{z:.3f}<extra></extra>",
        )
    )  # fmt: skip
    if best is not None:
        row, column = best
        _frame(figure, column, row, 1)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    figure.update_xaxes(type="category", title="threshold (reflectance)", showgrid=False)
    return finished(figure, 110 + 27 * len(names))


def difference(value: float, low: float, high: float) -> Figure:
    """Return one difference of F1 with its interval against zero."""
    figure = go.Figure(
        go.Scatter(x=[value], y=[0], mode="markers", marker={"color": RUST, "size": 12},
                   error_x=whiskers([value], [(low, high)], RUST), hovertemplate="%{x:+.3f}<extra></extra>")
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": GREY, "dash": "dot"})
    reach = max((abs(edge) for edge in (value, low, high) if math.isfinite(edge)), default=0.1) * 1.25 or 0.1
    figure.update_yaxes(visible=False, range=[-1, 1])
    figure.update_xaxes(range=[-reach, reach], title="difference of micro F1", zeroline=False)
    return finished(figure, 150)


def by_event(events: Sequence[str], differences: Sequence[float], one: str, other: str) -> Figure:
    """Return the difference of F1 in each event as bars, largest first; ``one`` is ahead where it is above zero."""
    order = sorted(range(len(events)), key=lambda n: -differences[n])
    values = [differences[n] for n in order]
    figure = go.Figure(
        go.Bar(
            x=all_in_plot(events[n] for n in order), y=values, hovertemplate="event %{x}: %{y:+.3f}<extra></extra>",
            marker={"color": [RUST if value > 0 else BLUE for value in values]},
        )
    )  # fmt: skip
    for name, at, corner, colour in ((one, 1, "right", SIGNAL), (other, 0, "left", COOL)):  # where no bars stand
        figure.add_annotation(
            text=f"{in_plot(name)} ahead", xref="paper", yref="paper", x=at, y=at, xanchor=corner, showarrow=False,
            yanchor="top" if at else "bottom", font={"color": colour},
        )  # fmt: skip
    reach = max((abs(value) for value in values), default=0.1) * 1.3 or 0.1
    figure.update_xaxes(type="category", title="event")
    figure.update_yaxes(range=[-reach, reach], title="difference of F1", zeroline=True)
    return finished(figure, 300)


def _frame(figure: Figure, column: int, row: int, high: float) -> None:
    """Draw a frame around a cell, ``high`` rows high."""
    figure.add_shape(
        type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - high / 2, y1=row + high / 2,
        line={"color": RUST, "width": 3},
    )  # fmt: skip


def _shade(f1: float) -> str:
    if math.isnan(f1):
        return _UNDEFINED
    red, green, blue = colours.ramp(*_RAMP)[round(f1 * (colours.STEPS - 1))]
    return f"rgb({red},{green},{blue})"


_RAMP = ((246, 240, 230), (143, 180, 198), (24, 74, 104))  # light where nothing was found, dark blue where all was


def _ink(f1: float) -> str:
    return "#ffffff" if f1 > 0.62 else "#23272b"
