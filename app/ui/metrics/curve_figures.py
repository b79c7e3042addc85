"""The figures over every threshold: scores, precision against recall, and how true what a network says is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.graph_objects import Figure

from app.scoring.calibration import FLOOR, Reliability
from app.scoring.curves import Curve
from app.ui.metrics.figure_parts import GREY, PALETTE, SCORE_COLOURS, TITLES, drawn, finished, rounded
from app.ui.words import in_plot


@dataclass(frozen=True)
class Mark:
    """A threshold of note, drawn as a line."""

    title: str
    threshold: float
    dash: str = "dash"


def against_threshold(curve: Curve, marks: Sequence[Mark]) -> Figure:
    """Return F1, precision, recall and IoU over the threshold, with thresholds of note drawn in."""
    figure = go.Figure()
    for name, colour in SCORE_COLOURS.items():
        values = drawn(getattr(curve, name).tolist())
        figure.add_scatter(
            x=curve.thresholds.tolist(), y=values, name=TITLES[name], mode="lines",
            line={"color": colour, "width": 3 if name == "f1" else 1.6},
            hovertemplate=f"{TITLES[name]} %{{y:.3f}} at %{{x:.3g}}<extra></extra>",
        )  # fmt: skip
    for mark in marks:
        figure.add_scatter(
            x=[mark.threshold] * 2, y=[0, 1], mode="lines", name=in_plot(mark.title), hoverinfo="name",
            line={"color": GREY, "dash": mark.dash, "width": 1.6},
        )  # fmt: skip
    figure.update_yaxes(range=[0, 1.02], title="score of the landslide class")
    figure.update_xaxes(title=f"threshold ({curve.unit})" if curve.unit else "threshold", range=_reach(curve))
    return finished(figure, 450)


def precision_recall(curves: Sequence[tuple[str, Curve, float, int | None]], share: float) -> Figure:
    """Return precision against recall: for each method its name, curve, average precision and default's number.

    ``share`` is the share of landslide among all pixels: the precision of marking everything.
    """
    figure = go.Figure()
    for number, (name, curve, average, default) in enumerate(curves):
        colour = PALETTE[number % len(PALETTE)]
        recall, precision = drawn(curve.recall.tolist()), drawn(curve.precision.tolist())
        figure.add_scatter(
            x=recall, y=precision, mode="lines", name=f"{in_plot(name)}, average precision {rounded(average)}",
            line={"color": colour, "width": 2}, text=[f"{in_plot(name)} at {level:.3g}" for level in curve.thresholds],
            hovertemplate="%{text}<br>recall %{x:.3f}, precision %{y:.3f}<extra></extra>",
        )  # fmt: skip
        if default is not None:
            figure.add_scatter(
                x=[recall[default]], y=[precision[default]], mode="markers", showlegend=False,
                marker={"color": colour, "size": 10},
                hovertemplate=f"{in_plot(name)}, its own threshold<extra></extra>",
            )  # fmt: skip
    figure.add_hline(y=share, line={"dash": "dot", "color": GREY})
    figure.update_xaxes(range=[0, 1.02], title="recall")
    figure.update_yaxes(range=[0, 1.02], title="precision")
    return finished(figure, 360 + 22 * len(curves))


def calibration(found: Sequence[tuple[str, Reliability]]) -> Figure:
    """Return how often what a network says is so, bin by bin, against what it says."""
    figure = go.Figure(
        go.Scatter(x=[0, 1], y=[0, 1], mode="lines", name="true probabilities", line={"color": GREY, "dash": "dot"})
    )
    for number, (name, one) in enumerate(found):
        colour = PALETTE[number % len(PALETTE)]
        figure.add_scatter(
            x=drawn(one.predicted.tolist()), y=drawn(one.observed.tolist()), mode="lines+markers",
            name=f"{in_plot(name)}, off by {rounded(one.ece_above)} where {FLOOR:g} or more is said",
            line={"color": colour},
            text=[f"{n:,} pixels" for n in one.n],
            hovertemplate="said %{x:.2f}, so %{y:.2f}<br>%{text}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(range=[0, 1], title="probability said")
    figure.update_yaxes(range=[0, 1.02], title="share that is landslide")
    return finished(figure, 360 + 22 * len(found))


def _reach(curve: Curve) -> list[float]:
    """Return the thresholds worth drawing: up to where next to nothing is detected any more."""
    detected = curve.tp + curve.fp
    alive = np.flatnonzero(detected > 0.0005 * max(1, int(detected.max(initial=0))))
    last = float(curve.thresholds[min(len(curve) - 1, int(alive[-1]) + 1)]) if alive.size else 1.0
    return [0.0, last * 1.02]
