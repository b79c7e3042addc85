"""The profile along drawn points: the ground, one band or index at both dates, and the pictures' colours."""

from __future__ import annotations

import math
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from app.bands import HEIGHT
from app.pictures import profile, shapes
from app.ui import cached, choices, faults, viewer
from app.ui.keys import KEEP

if TYPE_CHECKING:
    import xarray as xr

    from app.patches import PatchSpec
    from app.pictures.profile import Profile
    from app.pictures.shapes import Position

_GROUND, _T1, _T2 = "#8a6d3b", "#2b6f8e", "#b4532a"
_HEIGHT_PX = 340
_LINES = {"last": "between the last two points", "all": "along all points, in the order they were drawn"}


def draw(spec: PatchSpec, patch: xr.Dataset, of: str, composition: str, stretch: str) -> None:
    """Draw the profile where there are heights and two points; ``of`` is the band or index shown.

    ``composition`` and ``stretch`` say what the pictures show, whose colours lie under it.
    """
    points = [one.points[0] for one in viewer.drawn(spec.key) if one.kind == shapes.POINT]
    if HEIGHT not in patch:
        return
    if len(points) < 2:
        st.caption("Draw two points or more for the profile of the ground along them, with both dates.")
        return
    with faults.shown_errors(stop=False):
        line, named = _line(points)
        found = profile.along(patch, line, of)
        st.markdown(f"**Profile {named}**: {_words(found)}")
        st.plotly_chart(_figure(found, of, _strips(spec, found, composition, stretch)), key="profile.figure")


def _line(points: list[Position]) -> tuple[list[Position], str]:
    """Return the points of the line and what it is called: the last two, or all of them where a reader wants that."""
    count = len(points)
    if count == 2:
        return points, "between the two points drawn last"
    line = st.radio(
        "Profile", list(_LINES), key=choices.PROFILE, format_func=_LINES.__getitem__, horizontal=True, **KEEP
    )
    return (points, f"along {count} points") if line == "all" else (points[-2:], "between the two points drawn last")


def _strips(spec: PatchSpec, found: Profile, composition: str, stretch: str) -> list[np.ndarray]:
    """Return the colours of both pictures along the line, uint8 (n, 3) each."""
    from PIL import Image

    panes, _ = cached.panes(spec, composition, stretch)
    return [np.asarray(Image.open(BytesIO(pane.data)).convert("RGB"))[found.pixels] for pane in panes]


def _words(found: Profile) -> str:
    length = float(found.along_m[-1])
    if math.isnan(found.drop_m):
        return f"{length:.0f} m long"
    falls = "falls" if found.drop_m >= 0 else "rises"
    angle = math.degrees(math.atan2(abs(found.drop_m), length))
    return f"{length:.0f} m long, {falls} {abs(found.drop_m):.0f} m, {angle:.0f}° on the whole"


def _figure(found: Profile, of: str, strips: list[np.ndarray]) -> go.Figure:
    figure = make_subplots(
        rows=2, shared_xaxes=True, row_heights=[0.86, 0.14], vertical_spacing=0.03,
        specs=[[{"secondary_y": True}], [{}]],
    )  # fmt: skip
    _colour(figure, found.along_m, strips)
    lowest = float(np.nanmin(found.height_m)) if np.isfinite(found.height_m).any() else 0.0
    figure.add_scatter(
        x=found.along_m, y=found.height_m, name="ground", line={"color": _GROUND, "width": 3}, secondary_y=False,
        row=1, col=1, hovertemplate="%{y:.0f} m high<extra></extra>",
    )  # fmt: skip
    for values, name, colour in ((found.t1, f"{of} T1", _T1), (found.t2, f"{of} T2", _T2)):
        figure.add_scatter(
            x=found.along_m, y=values, name=name, line={"color": colour, "width": 1.6}, secondary_y=True,
            row=1, col=1, hovertemplate=f"{name} %{{y:.3f}}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="metres from the first point", row=2, col=1)
    figure.update_yaxes(title="height (m)", secondary_y=False, row=1, col=1, range=_range(found.height_m, lowest))
    figure.update_yaxes(title=of, secondary_y=True, showgrid=False, tickmode="auto", row=1, col=1)
    figure.update_layout(
        height=_HEIGHT_PX, margin={"l": 8, "r": 8, "t": 12, "b": 8}, hovermode="x unified",
        legend={"orientation": "h", "y": 1.12},
    )  # fmt: skip
    return figure


def _colour(figure: go.Figure, along_m: np.ndarray, strips: list[np.ndarray]) -> None:
    """Lay both dates' colours under the profile, T1 over T2."""
    edges = np.concatenate([along_m[:1], (along_m[1:] + along_m[:-1]) / 2, along_m[-1:]])
    for place, (name, colours) in enumerate(zip(("T1", "T2"), strips, strict=True)):
        figure.add_bar(
            x=(edges[1:] + edges[:-1]) / 2, width=np.diff(edges), y=[0.9] * len(colours), base=1 - place,
            marker={"color": ["rgb({}, {}, {})".format(*one) for one in colours], "line": {"width": 0}},
            name=name, showlegend=False, hoverinfo="skip", row=2, col=1,
        )  # fmt: skip
    figure.update_yaxes(
        tickvals=[1.45, 0.45], ticktext=["T1", "T2"], range=[0, 2], showgrid=False, zeroline=False, row=2, col=1
    )
    figure.update_layout(bargap=0, barmode="overlay")


def _range(heights: np.ndarray, lowest: float) -> list[float]:
    """Return an axis that does not make level ground look like a mountain: at least twenty metres."""
    highest = float(np.nanmax(heights)) if np.isfinite(heights).any() else lowest
    room = max(20.0 - (highest - lowest), 0.1 * (highest - lowest)) / 2
    return [lowest - room, highest + room]
