"""The viewer: two pictures of one place under one zoom and pan, in the reader's browser."""

import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from app import render
from app.grid import Grid
from app.ui import keys

MODES = ("side", "swipe", "blink", "opacity")

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "scarp_viewer",
    html=(_HERE / "viewer.html").read_text("utf-8"),
    css=(_HERE / "viewer.css").read_text("utf-8"),
    js=(_HERE / "viewer.js").read_text("utf-8"),
)


@dataclass(frozen=True)
class Pane:
    """One of the two pictures: encoded bytes, media type and the label printed on it."""

    data: bytes
    media: str
    label: str


@dataclass(frozen=True)
class Layer:
    """A mask over the pictures: over both, or over one where ``pane`` is 0 (T1) or 1 (T2)."""

    id: str
    title: str
    mask: np.ndarray  # bool (y, x)
    colour: tuple[int, int, int]
    on: bool = True
    pane: int | None = None


@dataclass(frozen=True)
class Pick:
    """The pixel a reader clicked."""

    column: int
    row: int


def show(panes: tuple[Pane, Pane], grid: Grid, layers: list[Layer], *, key: str, simulated: bool) -> Pick | None:
    """Draw the viewer and return the pixel clicked since the last run, if any.

    ``key`` names the view: pictures shown under the same key keep their zoom, pan and mode.
    """
    west, _, _, north = grid.bbox
    data = {
        "key": key,
        "width": grid.width,
        "height": grid.height,
        "ground": list(grid.pixel_m),
        "origin": [west, north],
        "step": [grid.res_x, grid.res_y],
        "geographic": grid.geographic,
        "mode": st.session_state[keys.MODE],
        "simulated": simulated,
        "panes": [{"src": _url(pane.data, pane.media), "label": pane.label, "alt": pane.label} for pane in panes],
        "layers": [_layer(layer, simulated) for layer in layers],
    }
    mounted = f"viewer-{key}"
    result = _mount(data=data, key=mounted, on_pick_change=_ignore, on_mode_change=lambda: _keep_mode(mounted))
    picked = result.pick
    return Pick(int(picked["column"]), int(picked["row"])) if picked else None


def _layer(layer: Layer, simulated: bool) -> dict[str, object]:
    data, media = render.encode(render.overlay(layer.mask, layer.colour), simulated)
    colour = "rgb({}, {}, {})".format(*layer.colour)
    return {
        "id": layer.id,
        "title": layer.title,
        "src": _url(data, media),
        "colour": colour,
        "on": layer.on,
        "pane": layer.pane,
    }


def _url(data: bytes, media: str) -> str:
    return f"data:{media};base64,{base64.b64encode(data).decode('ascii')}"


def _keep_mode(mounted: str) -> None:
    mode = st.session_state[mounted].mode
    if mode in MODES:  # what a browser sends is checked like any other input
        st.session_state[keys.MODE] = mode


def _ignore() -> None:
    """Let the component report; its values are read from the result."""
