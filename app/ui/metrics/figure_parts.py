"""What the figures of the Metrics page share: colours, names of scores, margins, intervals, and what they are of."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence

from plotly.graph_objects import Figure

from app.ui.words import all_in_plot

RUST, BLUE, GREEN, GREY = "#b4532a", "#2b6f8e", "#6a8a3b", "#7d858c"
SCORE_COLOURS = {"f1": RUST, "precision": BLUE, "recall": GREEN, "iou": "#8b5fa3"}
TITLES = {"f1": "F1", "precision": "precision", "recall": "recall", "iou": "IoU"}
PALETTE = (RUST, BLUE, GREEN, "#8b5fa3", "#c69a2d", "#5c6670", "#3f9c8f", "#a34a6b")
SIGNAL, COOL = "#c25e31", "#3b83a5"  # words in rust and blue, legible on light and dark alike
_TOP_PX, _LINE_PX = 32, 14
_SIGNATURE_CHARACTERS = 52  # a line of them fits a telephone


def finished(figure: Figure, height: int) -> Figure:
    """Return a figure with the margins and the legend that all have, ``height`` pixels high."""
    figure.update_layout(
        height=height, margin={"l": 8, "r": 12, "t": _TOP_PX, "b": 8},
        legend={"orientation": "h", "y": -0.02, "yref": "container", "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure


def sign(figure: Figure, words: str) -> None:
    """Write into a figure what it is of, so that a picture taken away says so too."""
    together = re.sub(r"n = [\d,]+( events?)?", lambda found: found[0].replace(" ", "\u00a0"), words)
    lines = [line.replace("\u00a0", " ") for line in textwrap.wrap(together, _SIGNATURE_CHARACTERS)]
    more = _LINE_PX * (len(lines) - 1)
    colour = SIGNAL if words.startswith("SIMULATED") else GREY
    place = {"x": 0, "xref": "container", "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top"}
    figure.update_layout(
        title={
            "text": "<br>".join(all_in_plot(lines)), **place, "pad": {"t": 6 + more, "l": 4},
            "font": {"size": 11, "color": colour},
        },
        margin={"t": _TOP_PX + more},
    )  # fmt: skip


def drawn(values: Sequence[float]) -> list[float | None]:
    """Return values as plotly takes them: what is undefined is not drawn."""
    return [None if math.isnan(value) else value for value in values]


def whiskers(values: Sequence[float], edges: Sequence[tuple[float, float]], colour: str) -> dict[str, object]:
    """Return error bars up to the edges of each interval; none where it is undefined."""
    whole = [
        not any(math.isnan(number) for number in (value, *edge)) for value, edge in zip(values, edges, strict=True)
    ]
    over = [high - value if ok else 0 for value, (_, high), ok in zip(values, edges, whole, strict=True)]
    under = [value - low if ok else 0 for value, (low, _), ok in zip(values, edges, whole, strict=True)]
    return {"type": "data", "symmetric": False, "array": over, "arrayminus": under, "color": colour, "thickness": 1.6}


def rounded(value: float) -> str:
    """Return a score to three places, or that it is undefined."""
    return "undefined" if math.isnan(value) else f"{value:.3f}"
