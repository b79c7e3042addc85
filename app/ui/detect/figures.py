"""How the scores of a patch are spread, with the threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
from plotly.graph_objects import Figure

if TYPE_CHECKING:
    import numpy as np

_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}


def histogram(values: np.ndarray, threshold: float, unit: str) -> Figure:
    """Return the distribution of scores with the threshold drawn in; ``values`` is 1-D without NaN."""
    import numpy as np

    counts, edges = np.histogram(values, bins=80) if len(values) else (np.zeros(1), np.array([0.0, 1.0]))
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges),
            marker={"color": "#2b6f8e", "line": {"width": 0}},
        )
    )
    figure.add_vline(x=threshold, line={"color": "#b4532a", "width": 2})
    figure.update_layout(height=170, margin=_MARGIN, bargap=0, showlegend=False)
    figure.update_yaxes(type="log", title="pixels", showgrid=False)
    figure.update_xaxes(title=f"score ({unit})" if unit else "score")
    return figure
