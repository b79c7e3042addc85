"""Pictures of a patch on a page: their controls, the viewer, and what a clicked pixel holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import patches, render
from app.bands import TRUTH
from app.patches import PatchSpec
from app.ui import cached, inspector, pictures, viewer
from app.ui.viewer import Layer, Pick

if TYPE_CHECKING:
    import xarray as xr


def picture_controls(patch: xr.Dataset) -> tuple[str, str]:
    """Draw the choice of composition and contrast; returns both names."""
    return pictures.controls(patch)


def comparison(
    spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str, layers: list[Layer] | None = None
) -> Pick | None:
    """Draw both dates in the viewer with clouds, truth and ``layers`` over them; returns a clicked pixel."""
    panes, _ = cached.panes(spec, composition, stretch)
    shown = [*(layers or []), *_standing_layers(patch, truth_on=False)]
    pick = viewer.show(panes, patches.grid_of(patch), shown, key=spec.key, simulated=patches.is_simulated(patch))
    pictures.caption(spec, patch, composition, stretch)
    return pick


def sheet_download(spec: PatchSpec, composition: str, stretch: str) -> None:
    """Offer both dates as one captioned PNG."""
    st.download_button(
        "Both dates as PNG",
        lambda: cached.sheet(spec.key, composition, stretch, spec),
        f"event{patches.file_word(spec.event_id)}_{spec.source}_{composition}.png",
        icon=":material/image:",
        on_click="ignore",
    )


def pixel(spec: PatchSpec, patch: xr.Dataset, pick: Pick | None) -> None:
    """Show what the pixel clicked last in this patch holds."""
    inspector.pixel(spec, patch, pick)


def _standing_layers(patch: xr.Dataset, truth_on: bool) -> list[Layer]:
    first, second = render.cloud_masks(patch)
    layers = [
        Layer("cloud1", "Cloud T1", first, render.CLOUD_COLOUR, False, 0),
        Layer("cloud2", "Cloud T2", second, render.CLOUD_COLOUR, False, 1),
    ]
    if TRUTH in patch:
        layers.append(Layer("truth", "Truth", patch[TRUTH].values == 1, render.TRUTH_COLOUR, truth_on))
    return layers
