"""The figure of scores by slope: classes of slope above, F1 over smallest slope and threshold below."""

from __future__ import annotations

import math

import numpy as np
from plotly.graph_objects import Figure
from plotly.subplots import make_subplots

from app.scoring.slope_counts import STEPS_DEG, SlopeCounts
from app.ui.metrics.figure_parts import SCORE_COLOURS, TITLES, finished

_HEIGHT_PX = 760  # one above the other: side by side they are too narrow for a phone
_MARK = "#ff4b1f"  # to be seen on every colour of the ramp, and on the page


def classes_and_sweep(counts: SlopeCounts, own: float, unit: str = "") -> Figure:
    """Return both pictures of one method; ``own`` is its threshold in ``unit``, and what is undefined is left empty."""
    figure = make_subplots(2, 1, row_heights=[0.46, 0.54], vertical_spacing=0.2)
    classes = counts.by_class(own)
    names = [named(low, high) for low, high, _ in classes]
    for name in ("precision", "recall", "f1"):
        values = [getattr(one, name) for _, _, one in classes]
        figure.add_bar(
            x=names, y=[None if math.isnan(value) else value for value in values], name=TITLES[name],
            marker_color=SCORE_COLOURS[name], row=1, col=1, hovertemplate=f"{TITLES[name]} %{{y:.3f}}<extra></extra>",
        )  # fmt: skip
    figure.add_heatmap(
        x=counts.thresholds.tolist(), y=list(STEPS_DEG), z=np.round(counts.f1, 4).tolist(), colorscale="Viridis", row=2,
        col=1, colorbar={"title": "F1", "thickness": 12, "len": 0.44, "yanchor": "bottom", "y": 0}, hoverongaps=False,
        hovertemplate="F1 %{z:.3f}<br>slope of %{y}° and more, threshold %{x:.3g}<extra></extra>",
    )  # fmt: skip
    least, threshold, best = counts.best()
    marks = [(own, 0.0, f"its own threshold, {own:.3g}", "circle-open")]
    if not math.isnan(best):
        marks.append((threshold, least, "best on the same events (optimistic)", "x"))
    for x, y, title, symbol in marks:
        figure.add_scatter(
            x=[x], y=[y], mode="markers", name=title, row=2, col=1, hoverinfo="name",
            marker={"symbol": symbol, "size": 12, "color": _MARK, "line": {"width": 2, "color": _MARK}},
        )  # fmt: skip
    figure.update_yaxes(range=[0, 1.02], title="score of the landslide class", row=1, col=1)
    figure.update_xaxes(title=f"slope, at threshold {own:.3g}", row=1, col=1)
    figure.update_yaxes(title="smallest slope (°)", row=2, col=1)
    figure.update_xaxes(title=f"threshold ({unit})" if unit else "threshold", row=2, col=1)
    return finished(figure, _HEIGHT_PX)


def named(low: float, high: float) -> str:
    """Return a class of slope in words."""
    return f"{low:g} to {high:g}°" if high < 90 else f"{low:g}° and more"
