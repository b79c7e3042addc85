"""The profile between the two points drawn last: the ground, and one band or index at both dates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from app.bands import HEIGHT
from app.pictures import profile, shapes
from app.ui import state, viewer

if TYPE_CHECKING:
    import xarray as xr

    from app.patches import PatchSpec
    from app.pictures.profile import Profile

_GROUND, _T1, _T2 = "#8a6d3b", "#2b6f8e", "#b4532a"
_HEIGHT_PX = 300


def draw(spec: PatchSpec, patch: xr.Dataset, of: str) -> None:
    """Draw the profile where there are heights and two points; ``of`` is the band or index shown."""
    points = [one.points[0] for one in viewer.drawn(spec.key) if one.kind == shapes.POINT]
    if HEIGHT not in patch:
        return
    if len(points) < 2:
        st.caption("Draw two points for the profile of the ground between them, with both dates.")
        return
    with state.shown_errors(stop=False):
        found = profile.along(patch, points[-2], points[-1], of)
        st.markdown(f"**Profile between the two points drawn last**: {_words(found)}")
        st.plotly_chart(_figure(found, of), key="profile")


def _words(found: Profile) -> str:
    length = float(found.along_m[-1])
    if math.isnan(found.drop_m):
        return f"{length:.0f} m long"
    falls = "falls" if found.drop_m >= 0 else "rises"
    angle = math.degrees(math.atan2(abs(found.drop_m), length))
    return f"{length:.0f} m long, {falls} {abs(found.drop_m):.0f} m, {angle:.0f}° on the whole"


def _figure(found: Profile, of: str) -> go.Figure:
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    lowest = float(np.nanmin(found.height_m)) if np.isfinite(found.height_m).any() else 0.0
    figure.add_scatter(
        x=found.along_m, y=found.height_m, name="ground", line={"color": _GROUND, "width": 3}, secondary_y=False,
        hovertemplate="%{y:.0f} m high<extra></extra>",
    )  # fmt: skip
    for values, name, colour in ((found.t1, f"{of} T1", _T1), (found.t2, f"{of} T2", _T2)):
        figure.add_scatter(
            x=found.along_m, y=values, name=name, line={"color": colour, "width": 1.6}, secondary_y=True,
            hovertemplate=f"{name} %{{y:.3f}}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="metres from the first point")
    figure.update_yaxes(title="height (m)", secondary_y=False, rangemode="normal", range=_range(found.height_m, lowest))
    figure.update_yaxes(title=of, secondary_y=True, showgrid=False)
    figure.update_layout(
        height=_HEIGHT_PX, margin={"l": 8, "r": 8, "t": 12, "b": 8}, hovermode="x unified",
        legend={"orientation": "h", "y": 1.12},
    )  # fmt: skip
    return figure


def _range(heights: np.ndarray, lowest: float) -> list[float]:
    """Return an axis that does not make level ground look like a mountain: at least twenty metres."""
    highest = float(np.nanmax(heights)) if np.isfinite(heights).any() else lowest
    room = max(20.0 - (highest - lowest), 0.1 * (highest - lowest)) / 2
    return [lowest - room, highest + room]
