"""The figures of the Metrics page; each takes plain values, draws NaN as undefined and never as zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.graph_objects import Figure

from app import colours

RUST, BLUE, GREEN, GREY = "#b4532a", "#2b6f8e", "#6a8a3b", "#7d858c"
SCORE_COLOURS = {"f1": RUST, "precision": BLUE, "recall": GREEN, "iou": "#8b5fa3"}
TITLES = {"f1": "F1", "precision": "precision", "recall": "recall", "iou": "IoU"}
_UNDEFINED = "#d8d3cc"
_ROW_PX, _TOP_PX = 46, 34
_SIGNATURE_PX = 11


@dataclass(frozen=True)
class Ranked:
    """One row of the ranking: two averages with their intervals, NaN where undefined."""

    name: str
    micro: float
    micro_interval: tuple[float, float]
    macro: float
    macro_interval: tuple[float, float]


@dataclass(frozen=True)
class Reference:
    """One published figure, which nothing here computed."""

    name: str
    value: float


@dataclass(frozen=True)
class Cell:
    """One event scored by one method; ``f1`` is NaN where undefined, ``text`` what a reader who points at it sees."""

    event: str
    method: str
    f1: float
    text: str


def sign(figure: Figure, words: str) -> None:
    """Write into a figure what it is of, so that a picture taken away says so too."""
    figure.add_annotation(
        text=words, xref="paper", yref="paper", x=0, y=1, yshift=_TOP_PX - 8, xanchor="left", yanchor="top",
        showarrow=False, font={"size": _SIGNATURE_PX, "color": RUST if words.startswith("SIMULATED") else GREY},
    )  # fmt: skip


def ranking(rows: Sequence[Ranked], references: Sequence[Reference] = ()) -> Figure:
    """Return F1 by method, best first: micro and macro with their intervals; published figures apart, below a line."""
    ordered = sorted(rows, key=lambda row: -math.inf if math.isnan(row.micro) else row.micro, reverse=True)
    figure = go.Figure()
    averages = (("micro", "micro F1: pixels pooled", RUST, "circle", -0.13),
                ("macro", "macro F1: mean over events", BLUE, "diamond", 0.13))  # fmt: skip
    for name, title, colour, symbol, shift in averages:
        values = [getattr(row, name) for row in ordered]
        edges = [getattr(row, f"{name}_interval") for row in ordered]
        figure.add_scatter(
            x=_drawn(values), y=[n + shift for n in range(len(ordered))], name=title, mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 11}, error_x=_whiskers(values, edges, colour),
            text=[row.name for row in ordered], hovertemplate="%{text}<br>%{x:.3f}<extra></extra>",
        )  # fmt: skip
    names = [row.name for row in ordered]
    if references:
        start = len(ordered)
        figure.add_scatter(
            x=[one.value for one in references], y=list(range(start, start + len(references))), mode="markers",
            name="published, not computed here", marker={"color": GREY, "symbol": "x-thin-open", "size": 11},
            text=[one.name for one in references], hovertemplate="%{text}<br>%{x:.3f}<extra></extra>",
        )  # fmt: skip
        figure.add_hline(y=start - 0.5, line={"dash": "dot", "color": GREY})
        names += [f"<i>{one.name}</i>" for one in references]
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.5, -0.5], zeroline=False
    )
    figure.update_xaxes(range=[-0.02, 1.02], title="F1 of the landslide class, whiskers: 95 % interval over events")
    return _finished(figure, 120 + _ROW_PX * len(names))


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
        column, row = column_of[chosen[0]], row_of[chosen[1]]
        figure.add_shape(
            type="rect",
            x0=column - 0.5,
            x1=column + 0.5,
            y0=row - 0.48,
            y1=row + 0.48,
            line={"color": RUST, "width": 3},
        )
    figure.update_layout(clickmode="event+select", dragmode=False, bargap=0)
    figure.update_yaxes(tickvals=list(range(len(methods))), ticktext=list(methods), range=[len(methods) - 0.5, -0.5],
                        showgrid=False, zeroline=False, fixedrange=True)  # fmt: skip
    figure.update_xaxes(tickvals=list(range(len(events))), ticktext=list(events), range=[-0.5, len(events) - 0.5],
                        title="event", showgrid=False, zeroline=False, fixedrange=True)  # fmt: skip
    return _finished(figure, 110 + 40 * len(methods))


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
    return _finished(figure, 250)


def difference(value: float, low: float, high: float) -> Figure:
    """Return one difference of F1 with its interval against zero."""
    figure = go.Figure(
        go.Scatter(x=[value], y=[0], mode="markers", marker={"color": RUST, "size": 12},
                   error_x=_whiskers([value], [(low, high)], RUST), hovertemplate="%{x:+.3f}<extra></extra>")
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": GREY, "dash": "dot"})
    reach = max((abs(edge) for edge in (value, low, high) if math.isfinite(edge)), default=0.1) * 1.25 or 0.1
    figure.update_yaxes(visible=False, range=[-1, 1])
    figure.update_xaxes(range=[-reach, reach], title="difference of micro F1", zeroline=False)
    return _finished(figure, 150)


def _shade(f1: float) -> str:
    if math.isnan(f1):
        return _UNDEFINED
    red, green, blue = colours.ramp(*_RAMP)[round(f1 * (colours.STEPS - 1))]
    return f"rgb({red},{green},{blue})"


_RAMP = ((246, 240, 230), (143, 180, 198), (24, 74, 104))  # light where nothing was found, dark blue where all was


def _ink(f1: float) -> str:
    return "#ffffff" if f1 > 0.62 else "#23272b"


def _drawn(values: Sequence[float]) -> list[float | None]:
    """Return values as plotly takes them: what is undefined is not drawn."""
    return [None if math.isnan(value) else value for value in values]


def _whiskers(values: Sequence[float], edges: Sequence[tuple[float, float]], colour: str) -> dict[str, object]:
    """Return error bars up to the edges of each interval; none where it is undefined."""
    whole = [
        not any(math.isnan(number) for number in (value, *edge)) for value, edge in zip(values, edges, strict=True)
    ]
    over = [high - value if ok else 0 for value, (_, high), ok in zip(values, edges, whole, strict=True)]
    under = [value - low if ok else 0 for value, (low, _), ok in zip(values, edges, whole, strict=True)]
    return {"type": "data", "symmetric": False, "array": over, "arrayminus": under, "color": colour, "thickness": 1.6}


def _finished(figure: Figure, height: int) -> Figure:
    figure.update_layout(
        height=height, margin={"l": 8, "r": 12, "t": _TOP_PX, "b": 8},
        legend={"orientation": "h", "y": -0.02, "yref": "container", "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure
