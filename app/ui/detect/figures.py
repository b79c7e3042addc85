"""How the scores of a patch are spread, with the threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
from plotly.graph_objects import Figure

if TYPE_CHECKING:
    import numpy as np

    from app.scoring.curves import Curve
    from app.scoring.metrics import Confusion

_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}


def histogram(values: np.ndarray, threshold: float, unit: str) -> Figure:
    """Return the distribution of scores with the threshold drawn in; ``values`` is 1-D without NaN."""
    import numpy as np

    counts, edges = np.histogram(values, bins=80) if len(values) else (np.zeros(1), np.array([0.0, 1.0]))
    line = {"color": "#b4532a", "width": 2}
    return go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges),
            marker={"color": "#2b6f8e", "line": {"width": 0}},
        ),
        {  # said at once: each update of a figure goes through all of it again
            "height": 170, "margin": _MARGIN, "bargap": 0, "showlegend": False,
            "yaxis": {"type": "log", "title": {"text": "pixels"}, "showgrid": False},
            "xaxis": {"title": {"text": f"score ({unit})" if unit else "score"}},
            "shapes": [{"type": "line", "xref": "x", "yref": "y domain", "x0": threshold, "x1": threshold,
                        "y0": 0, "y1": 1, "line": line}],
        },
    )  # fmt: skip


def precision_recall(curve: Curve, now: Confusion) -> Figure:
    """Return precision over recall at every threshold, with a dot where ``now`` stands."""
    return go.Figure(
        [
            go.Scatter(
                x=curve.recall, y=curve.precision, mode="lines", line={"color": "#2b6f8e", "width": 2},
                customdata=curve.thresholds, hovertemplate=(
                    "threshold %{customdata:.3g}<br>recall %{x:.2f}, precision %{y:.2f}<extra></extra>"
                ),
            ),
            go.Scatter(
                x=[now.recall], y=[now.precision], mode="markers", hovertemplate="now<extra></extra>",
                marker={"color": "#e69f00", "size": 12, "line": {"color": "#23272b", "width": 1.5}},
            ),
        ],
        {
            "height": 190, "margin": _MARGIN, "showlegend": False,
            "xaxis": {"title": {"text": "recall"}, "range": [-0.02, 1.02]},
            "yaxis": {"title": {"text": "precision"}, "range": [-0.02, 1.05]},
        },
    )  # fmt: skip
