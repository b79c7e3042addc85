"""Heights of the open patch on the pages: asked for, slope and shade from them, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.bands import HEIGHT
from app.detection import steep
from app.patches import PatchSpec, grid_of, is_simulated
from app.pictures import render, shade
from app.terrain import correction, heights, light
from app.ui import choices, viewer, words
from app.ui.choices import texts
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.viewer import Layer, Picture

if TYPE_CHECKING:
    import xarray as xr

_TOGGLE = "elevation.heights"
_LIGHTS = {
    texts.MEASURED: "as measured",
    correction.SCS_C: "evened out: SCS+C (Soenen et al. 2005)",
    correction.C: "evened out: C (Teillet et al. 1982)",
}
CONTOUR_COLOUR = (120, 72, 20)


def wanted() -> bool:
    """Whether the reader wants patches with the heights of their ground."""
    return st.session_state[choices.HEIGHTS] == texts.ON


def toggle() -> None:
    """Let the reader ask for heights, or do without."""
    if st.session_state.get(_TOGGLE) != wanted():
        st.session_state[_TOGGLE] = wanted()
    st.toggle(
        "Heights of the ground", key=_TOGGLE, on_change=guarded(_keep),
        help="Slope, shade, contours and a smallest slope, from a model of heights that the source brings along.",
        **KEEP,
    )  # fmt: skip


def choose_light() -> None:
    """Let the reader even the light out over slopes, where there are heights."""
    if wanted():
        st.selectbox(
            "Light on slopes", list(_LIGHTS), key=choices.LIGHT, format_func=words.titled(_LIGHTS), **KEEP,
            help="Evened out, slopes that face the sun and those that turn from it are as bright as level ground would "
            "be. Look whether that helps: docs/TERRAIN.md has what it did to real landslides.",
        )  # fmt: skip


def minimum_slope(patch: xr.Dataset) -> float:
    """Let the reader leave out gentle hillsides; returns the smallest slope in degrees, 0 without heights."""
    held = HEIGHT in patch
    chosen = st.slider(
        "Smallest slope (°)", 0.0, choices.MOST_SLOPE_DEG, step=0.5, format="%.1f", key=choices.MIN_SLOPE,
        disabled=not held, help="Leaves out hillsides that are less steep. Moving it redraws; nothing is computed "
        "again.", **KEEP,
    )  # fmt: skip
    if not held:
        toggle()
        if wanted():
            st.caption(":orange[This patch came without heights, so no slope is held to.]")
    return chosen if held else 0.0


def hillside(spec: PatchSpec, patch: xr.Dataset) -> np.ndarray:
    """Return how steep the hillside around each pixel is (see ``steep.hillside``), worked out once a patch."""
    return _hillside(spec.key, patch)


def told(patch: xr.Dataset) -> str:
    """Return what to say of the heights of a patch, plain for a page; empty without any."""
    said = heights.about(patch)
    return f"Heights: {words.plain(said)}" if said else ""


def pictures(spec: PatchSpec, patch: xr.Dataset) -> list[Picture]:
    """Return hillshade and slope as pictures, and a shading to lie over others; none without heights."""
    if HEIGHT not in patch:
        return []
    simulated, source = is_simulated(patch), heights.about(patch)

    def drawn(name: str, title: str, about: str, veil: bool = False) -> Picture:
        made = lambda: _encoded(spec.key, name, simulated, patch)  # noqa: E731
        return Picture(name, title, f"{about} · {source}", made, veil)

    sun = light.MAPMAKERS.words
    return [
        drawn("hillshade", "Hillshade", f"Hillshade, light {sun}"),
        drawn("slope", "Slope", f"Slope, 0° pale to {shade.STEEP_DEG:g}° dark"),
        drawn("shading", "Shading", f"Shading, light {sun}", veil=True),
    ]


def hillshade(spec: PatchSpec, patch: xr.Dataset) -> viewer.Pane | None:
    """Return the hillshade as an encoded, labelled picture; None without heights."""
    if HEIGHT not in patch:
        return None
    label = f"Hillshade, light {light.MAPMAKERS.words} · {heights.about(patch)}"
    return viewer.Pane(*_encoded(spec.key, "hillshade", is_simulated(patch), patch), label)


def layers(spec: PatchSpec, patch: xr.Dataset) -> list[Layer]:
    """Return contours as a layer of the viewer; none without heights."""
    if HEIGHT not in patch:
        return []
    step, mask = _contours(spec.key, patch)
    return [Layer("contours", f"Contours every {step:g} m", mask, CONTOUR_COLOUR, False)] if mask.any() else []


def _keep() -> None:
    st.session_state[choices.HEIGHTS] = texts.ON if st.session_state[_TOGGLE] else texts.OFF


@st.cache_data(max_entries=8, show_spinner=False)
def _hillside(key: str, _patch: xr.Dataset) -> np.ndarray:
    return steep.hillside(_patch)


@st.cache_data(max_entries=8, show_spinner=False)
def _contours(key: str, _patch: xr.Dataset) -> tuple[float, np.ndarray]:
    return shade.contours(heights.of(_patch))


@st.cache_data(max_entries=24, show_spinner=False)
def _encoded(key: str, name: str, simulated: bool, _patch: xr.Dataset) -> viewer.Encoded:
    return render.encode(shade.picture(name, heights.of(_patch), grid_of(_patch)), simulated)
