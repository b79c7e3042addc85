"""Heights of the open patch on the pages: asked for, slope and shade from them, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.bands import HEIGHT
from app.detection import steep
from app.errors import ScarpError
from app.patches import PatchSpec, grid_of, is_simulated
from app.pictures import colours, render, shade
from app.sources.own import records
from app.terrain import correction, heights, light
from app.ui import choices, legends, viewer, words
from app.ui.choices import looks, texts
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.viewer import Layer, Picture

if TYPE_CHECKING:
    import xarray as xr

_DATES = ("t1", "t2")
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
    """Let the reader ask for heights, or do without; of a pair that was brought, say whether it has any."""
    if st.session_state[choices.SOURCE] == records.SOURCE:
        st.caption(_of_pair())
        return
    if st.session_state.get(_TOGGLE) != wanted():
        st.session_state[_TOGGLE] = wanted()
    st.toggle(
        "Heights of the ground", key=_TOGGLE, on_change=guarded(_keep),
        help="Slope, shade, contours and a smallest slope, from a model of heights that the source brings along.",
        **KEEP,
    )  # fmt: skip


def _of_pair() -> str:
    record = records.find(st.session_state.get(choices.EVENT) or "")
    if record is not None and record.dem_file:
        return f"Heights of the ground: those of {words.plain(record.dem_file)}, brought with the pair."
    return "No heights were brought with this pair; open it again on Patches with a GeoTIFF of heights beside it."


def choose_light(held: bool = False) -> None:
    """Let the reader even the light out over slopes, where heights are ``held`` or asked for."""
    if held or wanted():
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
        if wanted() and st.session_state[choices.SOURCE] != records.SOURCE:
            st.caption(":orange[This patch came without heights, so no slope is held to.]")
    return chosen if held else 0.0


def hillside(spec: PatchSpec, patch: xr.Dataset) -> np.ndarray:
    """Return how steep the hillside around each pixel is (see ``steep.hillside``), worked out once a patch."""
    return _hillside(spec.key, patch)


def told(patch: xr.Dataset) -> str:
    """Return what to say of the heights of a patch, plain for a page; empty without any."""
    said = heights.about(patch)
    return f"Heights: {words.plain(said)}" if said else ""


def choose_sun(patch: xr.Dataset) -> None:
    """Let the reader choose whence the light of hillshade and shading comes."""
    st.selectbox(
        "Light of the hillshade", list(looks.SUNS), key=choices.SUN, format_func=looks.SUNS.__getitem__, **KEEP
    )
    if st.session_state[choices.SUN] == "own":
        st.slider("Azimuth, degrees from north", 0.0, 360.0, step=5.0, format="%.0f", key=choices.SUN_AZIMUTH, **KEEP)
        st.slider("Height above the horizon (°)", 1.0, 90.0, step=1.0, format="%.0f", key=choices.SUN_HEIGHT, **KEEP)
    words_of, doubt = _sun_words(patch), _unknown_sun(patch)
    st.caption(f":orange[{words.plain(doubt)}]" if doubt else f"Light {words_of}. No hill throws a shadow.")


def sun(patch: xr.Dataset) -> light.SunAngles:
    """Return whence the light comes: as chosen, else as on printed maps, also where a date's sun is not known."""
    chosen = st.session_state[choices.SUN]
    if chosen == "own":
        return light.SunAngles(st.session_state[choices.SUN_HEIGHT], st.session_state[choices.SUN_AZIMUTH])
    if chosen in _DATES and not _unknown_sun(patch):
        return light.of_patch(patch)[_DATES.index(chosen)]
    return light.MAPMAKERS


def _sun_words(patch: xr.Dataset) -> str:
    chosen = st.session_state[choices.SUN]
    which = f"of the sun at {chosen.upper()}, " if chosen in _DATES and not _unknown_sun(patch) else ""
    return f"{which}{sun(patch).words}"


def _unknown_sun(patch: xr.Dataset) -> str:
    """Return why the chosen date's sun is not known; empty where it is, or where no date's is asked for."""
    if st.session_state[choices.SUN] not in _DATES:
        return ""
    try:
        light.of_patch(patch)
    except ScarpError as error:
        return f"{error} Until then the light is that of printed maps."
    return ""


def pictures(spec: PatchSpec, patch: xr.Dataset) -> list[Picture]:
    """Return the ground's shape as pictures, each with what its colours mean, and a shading; none without heights."""
    if HEIGHT not in patch:
        return []
    simulated, source, lit = is_simulated(patch), heights.source(patch), sun(patch)

    def drawn(name: str, about: str, explain: Callable[[], None] | None = None, veil: bool = False) -> Picture:
        made = lambda: _encoded(spec.key, name, simulated, lit, patch)  # noqa: E731
        return Picture(name, name.capitalize(), f"{about} · {source}", made, veil, explain)

    shone, limit = _sun_words(patch), _bend_limit(spec.key, patch)
    return [
        drawn("hillshade", f"Hillshade, light {shone}"),
        drawn("slope", f"Slope, 0° pale to {shade.STEEP_DEG:g}° dark", _explain_slope),
        drawn("aspect", "Aspect: where the ground falls to", _explain_aspect),
        drawn("curvature", "Curvature: hollows blue, ridges orange", partial(_explain_curvature, limit)),
        drawn("shading", f"Shading, light {shone}", veil=True),
    ]


def _explain_slope() -> None:
    steps = [f"{degrees:g}°" for degrees in np.linspace(0, shade.STEEP_DEG, 4)]
    legends.along(colours.SCORE[::-1], [*steps[:-1], f"{steps[-1]} and more"], "Slope")


def _explain_aspect() -> None:
    legends.along(colours.FACING, ["N", "E", "S", "W", "N"], "Aspect")
    st.caption("The direction the ground falls to. Pale grey: level ground, which falls nowhere; grey: unknown.")


def _explain_curvature(limit: float) -> None:
    ends = [f"{-limit:.4f}", "0", f"{limit:+.4f}"]
    legends.along(colours.CHANGE, [f"hollow {ends[0]}", "even", f"ridge {ends[2]}"], "Curvature (1/m)")
    st.caption("Over about 30 m. The ends are at the 98th percentile of this patch.")


def hillshade(spec: PatchSpec, patch: xr.Dataset) -> viewer.Pane | None:
    """Return the hillshade as an encoded, labelled picture; None without heights."""
    if HEIGHT not in patch:
        return None
    label = f"Hillshade, light {_sun_words(patch)} · {heights.source(patch)}"
    return viewer.Pane(*_encoded(spec.key, "hillshade", is_simulated(patch), sun(patch), patch), label)


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


@st.cache_data(max_entries=32, show_spinner=False)
def _bend_limit(key: str, _patch: xr.Dataset) -> float:
    return shade.bending(heights.of(_patch), grid_of(_patch))[1]


@st.cache_data(max_entries=24, show_spinner=False)
def _encoded(key: str, name: str, simulated: bool, lit: light.SunAngles, _patch: xr.Dataset) -> viewer.Encoded:
    return render.encode(shade.picture(name, heights.of(_patch), grid_of(_patch), lit), simulated)
