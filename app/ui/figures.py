"""The plotly figures of the pages."""

import plotly.graph_objects as go
from plotly.graph_objects import Figure

_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}


def histogram(values, threshold: float, unit: str) -> Figure:
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


def spectra(bands: list[str], wavelengths: list[float], t1: list[float], t2: list[float]) -> Figure:
    """Return one pixel's reflectance at both dates over wavelength in nanometres."""
    figure = go.Figure()
    for name, values, colour in (("T1", t1, "#2b6f8e"), ("T2", t2, "#b4532a")):
        figure.add_scatter(x=wavelengths, y=values, name=name, mode="lines+markers", text=bands, line={"color": colour},
                           hovertemplate="%{text}: %{y:.3f}<extra></extra>")  # fmt: skip
    figure.update_layout(height=240, margin=_MARGIN, legend={"orientation": "h", "y": 1.2})
    figure.update_xaxes(title="wavelength (nm)")
    figure.update_yaxes(title="reflectance", rangemode="tozero")
    return figure
