"""The plotly figures of the pages."""

from datetime import date

import plotly.graph_objects as go
from plotly.graph_objects import Figure

from app.inventory import Event

_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}


def timeline(events: list[Event], chosen: str | None) -> tuple[Figure, list[str]]:
    """Return the events over time, a row a category, and the ids of the points in their order.

    Events without a date are not drawn. The first trace holds the points.
    """
    dated = [event for event in events if event.date is not None]
    ids = [event.id for event in dated]
    figure = go.Figure(
        go.Scatter(
            x=[event.date for event in dated],
            y=[event.category or "no category" for event in dated],
            mode="markers",
            marker={
                "size": [16 if one == chosen else 10 for one in ids],
                "color": ["#b4532a" if one == chosen else "#2b6f8e" for one in ids],
                "line": {"width": 1, "color": "white"},
            },
            customdata=[[event.id, event.source] for event in dated],
            hovertemplate="event %{customdata[0]}<br>%{x|%Y-%m-%d}<br>%{customdata[1]}<extra></extra>",
        )
    )
    first_light = date(2015, 6, 23)  # Sentinel-2A's launch; nothing before it can have a scene
    figure.add_vline(x=first_light.isoformat(), line={"dash": "dot", "color": "#888"})
    figure.add_annotation(
        x=first_light.isoformat(),
        y=1,
        yref="paper",
        text="first Sentinel-2",
        showarrow=False,
        xanchor="left",
        yanchor="top",
    )
    rows = len({event.category for event in dated}) or 1
    figure.update_layout(
        height=110 + 34 * min(rows, 12), margin=_MARGIN, showlegend=False, clickmode="event+select", dragmode="zoom"
    )
    figure.update_xaxes(title=None, showgrid=True)
    figure.update_yaxes(title=None, automargin=True)
    return figure, ids


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
