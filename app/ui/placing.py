"""The open patch in its place on the map, among the other events of the inventory."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import patches, truth
from app.bands import TRUTH
from app.detection import polygons
from app.grid import Grid
from app.pictures import compositions, contrast, render, shapes
from app.ui import cached, choices, elevation, keys, outlined, pictures, places, state, takeaway, viewer
from app.ui.layers.placed import MapPicture, Outlines, Placed
from app.ui.map import CLOSEST_PATCH, event_map

if TYPE_CHECKING:
    import xarray as xr

    from app.detection.polygons import Feature
    from app.patches import PatchSpec
    from app.ui.viewer import Pane

MAP_KEY = "patch-map"
_HEIGHT_PX = 520
_YOURS = "#8b5fa3"  # what the reader drew
_MOST_PX = 1024  # a side: what a map shows of a patch; the viewer has every pixel


def on_map(spec: PatchSpec, patch: xr.Dataset) -> None:
    """Draw the patch over the outline of the world; a click on a neighbouring event chooses that one."""
    composition, stretch = pictures.controls(patch)
    listing, placed = state.listing(), place(spec, patch, composition, stretch)
    event_map(
        listing, state.shown(), spec.event_id, key=MAP_KEY, choose=state.choose_event, extent=placed.bbox,
        patch=placed, height=_HEIGHT_PX, closest=CLOSEST_PATCH, drawn=places.draw,
    )  # fmt: skip
    takeaway.button(listing, state.shown(), spec.event_id, placed, MAP_KEY)
    pictures.caption(spec, patch, composition, stretch)


def at_hand(spec: PatchSpec) -> Placed:
    """Return where a patch lies, with its pictures as last chosen where it is open already; opens nothing."""
    held = cached.held_patch(spec)
    if held is None:
        return Placed(spec.key, spec.grid.bbox_deg)
    patch = outlined.with_truth(spec, held)
    composition, stretch = st.session_state[choices.COMPOSITION], st.session_state[choices.STRETCH]
    if compositions.refusal(patch, compositions.parse(composition)):
        composition, stretch = compositions.available(patch)[0], str(contrast.USUAL)
    return place(spec, patch, composition, stretch)


def place(spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str) -> Placed:
    """Return both dates of a patch as a map shows them, at the patch's own box."""
    panes, _ = cached.panes(spec, composition, stretch)
    key = f"{spec.key} {composition} {stretch}"
    shown = tuple(_small(f"{key} {n}", pane, patches.grid_of(patch)) for n, pane in enumerate(panes))
    return Placed(
        key, patches.grid_of(patch).bbox_deg, shown, _outlines(spec, patch),
        patches.is_simulated(patch), str(patch.attrs.get("attribution") or ""), _shade(spec, patch),
    )  # fmt: skip


def _shade(spec: PatchSpec, patch: xr.Dataset) -> MapPicture | None:
    """Return the hillshade of a patch with heights, as a map shows it."""
    pane = elevation.hillshade(spec, patch)
    return (
        None if pane is None else _small(f"{spec.key} hillshade {elevation.sun(patch)}", pane, patches.grid_of(patch))
    )


def _outlines(spec: PatchSpec, patch: xr.Dataset) -> tuple[Outlines, ...]:
    """Return what was detected last and what was drawn on a patch, and the truth where it is known."""
    key, detected = st.session_state.get(keys.DETECTED) or ("", tuple)
    on = patches.grid_of(patch)
    viewer.take_up(spec.key, on)
    mapped = _truth(spec.key, outlined.key_of(patch), patch) if TRUTH in patch else ()
    return (
        Outlines("Truth", _colour(render.TRUTH_COLOUR), mapped),
        Outlines("Detected", _colour(render.METHOD_COLOURS[0]), tuple(detected()) if key == spec.key else ()),
        Outlines("Your shapes", _YOURS, tuple(shapes.features(viewer.drawn(spec.key), on)) if on.placed else ()),
    )


@st.cache_resource(max_entries=32, show_spinner=False)  # many outlines, which nobody changes: not copied each time
def _truth(key: str, truth_key: str, _patch: xr.Dataset) -> tuple[Feature, ...]:
    landslide = truth.read(_patch)[0]
    return tuple(polygons.polygons(landslide, landslide.astype("float32"), patches.grid_of(_patch)))


def _colour(red_green_blue: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*red_green_blue)


@st.cache_data(max_entries=32, show_spinner=False)
def _small(key: str, _pane: Pane, _on: Grid) -> MapPicture:
    """Return a picture in degrees, no larger than a map can show; the word SIMULATED in it stays."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    image = Image.open(io.BytesIO(_pane.data))
    if max(image.size) <= _MOST_PX and _on.in_degrees:
        return MapPicture(_pane.data, _pane.media, _pane.label)
    scale, out = min(1.0, _MOST_PX / max(image.size)), io.BytesIO()
    said, info = image.info.get("Comment") or image.info.get("comment", b""), PngInfo()  # of a PNG, of a JPEG
    small = image.resize([max(1, round(side * scale)) for side in image.size], Image.Resampling.BOX)
    if not _on.in_degrees:
        small = Image.fromarray(_in_degrees(np.asarray(small.convert("RGBA")), _on))
    info.add_text("Comment", said if isinstance(said, str) else said.decode("latin-1"))
    small.save(out, "PNG", pnginfo=info, compress_level=3)
    return MapPicture(out.getvalue(), "image/png", _pane.label)


def _in_degrees(picture: np.ndarray, on: Grid) -> np.ndarray:
    """Return a picture of ``on``, uint8 (y, x, RGBA), turned onto the box in degrees round it, clear beyond itself."""
    shape = picture.shape[:2]
    rows, columns, inside = on.resized(shape).pixels_of(Grid.spanning(on.bbox_deg, shape))
    turned = picture[rows, columns].copy()
    turned[~inside, 3] = 0
    return turned
