"""What evening the light out changes: pictures before it and after, and how far each band follows the light."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from app.patches import PatchSpec, band_names, grid_of, is_simulated
from app.pictures import compositions, contrast, render
from app.terrain import correction
from app.ui import cached
from app.ui.viewer import Pane

if TYPE_CHECKING:
    import xarray as xr

_DATES = ("T1", "T2")
_LONGEST_PX = 420  # of a picture: two stand beside each other


def draw(spec: PatchSpec, patch: xr.Dataset) -> None:
    """Show a patch whose light was evened out beside what was measured; nothing for others."""
    if not spec.light or not correction.said(patch):
        return
    with st.expander("What evening the light out changes", icon=":material/wb_sunny:"):
        for title, row in _pictures(spec.key, spec):
            for place, pane in zip(st.columns(2), row, strict=True):
                place.image(pane.data, caption=f"{title}{pane.label}", width="stretch")
        st.dataframe(_dependence(spec.key, spec), hide_index=True)
        st.caption(
            "How far reflectance follows the light: its correlation with the cosine of the sun's angle, over clear "
            "ground of 5° and more, from -1 to 1; 0 is what evening out aims at. All pictures have the contrast of "
            "what was measured. Whether a method gains by it, Detect shows against a known truth; docs/TERRAIN.md "
            "has what was measured on real landslides."
        )


def _measured(spec: PatchSpec) -> PatchSpec:
    return replace(spec, light="")


@st.cache_data(max_entries=8, show_spinner="Comparing the light")
def _pictures(key: str, _spec: PatchSpec) -> list[tuple[str, list[Pane]]]:
    """Return both dates as measured, then evened out, under one contrast; none where no composition can be shown."""
    measured, evened = cached.patch_quietly(_measured(_spec)), cached.patch_quietly(_spec)
    shown = compositions.available(measured)
    if not shown:
        return []
    limits = render.stretch_for(measured, shown[0], str(contrast.USUAL))
    found = []
    for title, patch in (("as measured · ", measured), ("", evened)):
        pictures = render.pair(patch, shown[0], limits)
        small = [render.in_proportion(one, grid_of(patch).proportions, _LONGEST_PX) for one in pictures]
        encoded = [render.encode(one, is_simulated(patch)) for one in small]
        panes = [Pane(*one, label) for one, label in zip(encoded, cached.labels(patch), strict=True)]
        found.append((title, panes))
    return found


@st.cache_data(max_entries=16, show_spinner="Comparing the light")
def _dependence(key: str, _spec: PatchSpec) -> list[dict[str, str | float | None]]:
    """Return for each band how far it follows the light at each date, before and after."""
    before, after = cached.patch_quietly(_measured(_spec)), cached.patch_quietly(_spec)
    rows = []
    for band in band_names(after):
        told = zip(_DATES, correction.dependence(before, band), correction.dependence(after, band), strict=True)
        cells = {
            name: value for date, one, other in told
            for name, value in ((f"{date} as measured", _rounded(one)), (f"{date} evened out", _rounded(other)))
        }  # fmt: skip
        rows.append({"Band": band, **cells})
    return rows


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 2)
