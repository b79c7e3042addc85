"""The viewer: pictures of one place under one zoom and pan, with layers and drawn shapes, in the reader's browser."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from app.files import digest
from app.grid import Grid
from app.pictures import render, shapes
from app.ui import choices, faults, insides, keys, link, modules
from app.ui.choices import looks
from app.ui.faults import guarded
from app.ui.insides import media_address
from app.ui.viewer import sketches
from app.ui.viewer.sketches import add, drawn, forget, remove, take_up

__all__ = [
    "HANDED",
    "PATTERNS",
    "Aim",
    "Encoded",
    "Layer",
    "Pane",
    "Pick",
    "Picture",
    "add",
    "drawn",
    "forget",
    "remove",
    "show",
    "take_up",
]

log = logging.getLogger(__name__)

Encoded = tuple[bytes, str]  # a picture's bytes and media type

_DATES = ("t1", "t2")
# ways to hatch a mask, by turns: patterns.js and viewer.css draw them
PATTERNS = ("rising", "falling", "upright", "level", "dots", "lattice")
# what is the same for every patch: the scripts have no list, limit or name of their own that Python has too
HANDED: dict[str, object] = {
    "modes": list(looks.MODES.items()),
    "styles": list(looks.STYLES.items()),
    "paces": looks.PACES,
    "limits": {
        "cells": looks.CELLS,
        "shapes": shapes.MOST_SHAPES,
        "corners": shapes.MOST_POINTS,
        "fewest": shapes.FEWEST_CORNERS,
    },
    "main": insides.MAIN,
}

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "scarp_viewer",
    html=(_HERE / "viewer.html").read_text("utf-8"),
    css=(_HERE / "viewer.css").read_text("utf-8"),
    js=modules.linked(_HERE / "viewer.js"),
)


@dataclass(frozen=True)
class Pane:
    """A picture of one date: encoded bytes, media type and the label printed on it."""

    data: bytes
    media: str
    label: str


@dataclass(frozen=True)
class Picture:
    """A further picture of the same place, encoded only once a reader asks for it; may lie over others too."""

    id: str
    title: str
    label: str
    make: Callable[[], Encoded]
    only_over: bool = False  # nothing by itself: lies over others
    explain: Callable[[], None] | None = None  # draws what its colours mean, under the viewer while it is looked at


@dataclass(frozen=True)
class Layer:
    """A mask over the pictures: over all, or over one where ``pane`` is 0 (T1) or 1 (T2)."""

    id: str
    title: str
    mask: np.ndarray  # bool (y, x)
    colour: tuple[int, int, int]
    on: bool = True
    pane: int | None = None
    opacity: int = 75  # per cent


@dataclass(frozen=True)
class Aim:
    """Where a page wants the reader to look, once for every ``id``: the middle in pixels, zoom over the whole patch."""

    id: str
    column: float
    row: float
    zoom: float


@dataclass(frozen=True)
class _Scene:
    panes: tuple[Pane, Pane]
    grid: Grid
    layers: list[Layer]
    key: str
    simulated: bool
    more: Sequence[Picture]
    linked: bool
    look: Aim | None = None


@dataclass(frozen=True)
class Pick:
    """The pixel a reader clicked."""

    column: int
    row: int


def show(
    panes: tuple[Pane, Pane],
    grid: Grid,
    layers: list[Layer],
    *,
    key: str,
    simulated: bool,
    more: Sequence[Picture] = (),
    linked: bool = False,
    look: Aim | None = None,
) -> Pick | None:
    """Draw the viewer and return the pixel clicked since the last run, if any.

    ``key`` names the place: what is drawn and where a reader looks stay with it; ``look`` moves the picture once.
    ``linked`` says that the page carries ``choices.LOOKS`` in its address. Moving, zooming and switching layers run no
    script.
    """
    take_up(key, grid)
    _framed(_Scene(panes, grid, layers, key, simulated, more, linked, look))
    return st.session_state.pop(_of_key(keys.PICKED, key), None)


@st.fragment
def _framed(scene: _Scene) -> None:
    """Draw the viewer in a fragment: what it reports runs the page again only where the page shows it."""
    key, grid = scene.key, scene.grid
    faults.show()
    mounted = f"viewer-{key}"
    result = _mount(
        data=_data(scene),
        key=mounted,
        on_pick_change=guarded(lambda: None),
        on_choice_change=guarded(lambda: _keep_choice(faults.sent(mounted, "choice"), scene.linked)),
        on_shapes_change=guarded(lambda: _keep_shapes(key, grid, faults.sent(mounted, "shapes"))),
    )
    for one in scene.more:
        if one.explain and _looked_at(one):
            one.explain()
    news = st.session_state.pop(_of_key(keys.DREW, key), False)
    picked = _pick(result.pick, grid)
    if picked is not None:
        st.session_state[_of_key(keys.PICKED, key)] = picked
    if news or picked is not None:
        st.rerun()


def _data(scene: _Scene) -> dict[str, object]:
    grid, key = scene.grid, scene.key
    revision, drawn_here = sketches.held(key)
    sources = {one.id: _source(one, key) for one in scene.more}
    return {
        **HANDED,
        "key": key,
        "width": grid.width,
        "height": grid.height,
        "ground": list(grid.proportions),
        "origin": [grid.bbox[0], grid.bbox[3]],
        "step": [grid.res_x, grid.res_y],
        "geographic": grid.unit == "degree",
        "simulated": scene.simulated,
        "about": "Pictures of one place under one zoom. " + " ".join(f"{pane.label}." for pane in scene.panes),
        "choice": {name: choices.TABLE[name].show(_chosen(name)) for name in choices.LOOKS},
        "usual": {
            name: choices.TABLE[name].show(choices.DEFAULTS[name]) for name in choices.LOOKS if name in choices.DEFAULTS
        },
        "linked": scene.linked,
        "pictures": [*_dates(scene), *(_further(one, sources[one.id]) for one in scene.more if not one.only_over)],
        "layers": [
            *(_mask(layer, n, key, scene.simulated) for n, layer in enumerate(scene.layers)),
            *(_veil(one, sources[one.id]) for one in scene.more),
        ],
        "look": asdict(scene.look) if scene.look else None,
        "drawn": {"revision": revision, "shapes": shapes.as_lists(drawn_here)},
    }


def _dates(scene: _Scene) -> list[dict[str, object]]:
    return [
        {
            "id": name,
            "title": name.upper(),
            "label": pane.label,
            "src": media_address(pane.data, pane.media, f"viewer {scene.key} {name}"),
        }
        for name, pane in zip(_DATES, scene.panes, strict=True)
    ]


def _further(picture: Picture, source: str | None) -> dict[str, object]:
    return {"id": picture.id, "title": picture.title, "label": picture.label, "src": source}


def _mask(layer: Layer, place: int, key: str, simulated: bool) -> dict[str, object]:
    held = digest(np.packbits(layer.mask).tobytes())
    data, media = _encoded(held, layer.mask.shape, layer.colour, simulated, layer.mask)
    return {
        "id": layer.id,
        "title": layer.title,
        "src": media_address(data, media, f"viewer {key} {layer.id}"),
        "colour": "rgb({}, {}, {})".format(*layer.colour),
        "on": layer.on,
        "pane": layer.pane,
        "opacity": layer.opacity,
        "pattern": PATTERNS[place % len(PATTERNS)],
        "picture": False,
    }


def _veil(picture: Picture, source: str | None) -> dict[str, object]:
    """Return a further picture as a layer that may lie over the others."""
    return {
        "id": picture.id,
        "title": picture.title,
        "src": source,
        "colour": None,
        "on": False,
        "pane": None,
        "opacity": 60,
        "pattern": "",
        "picture": True,
    }


@st.cache_data(max_entries=256, show_spinner=False)
def _encoded(
    digest: str, shape: tuple[int, int], colour: tuple[int, int, int], simulated: bool, _mask: np.ndarray
) -> Encoded:
    return render.encode_mask(_mask, colour, simulated)


def _source(picture: Picture, key: str) -> str | None:
    """Return where a further picture is, or None while no reader looks at it."""
    return media_address(*picture.make(), f"viewer {key} {picture.id}") if _looked_at(picture) else None


def _looked_at(picture: Picture) -> bool:
    """Whether a reader looks at a further picture, by itself or as a layer."""
    pair = (_chosen(choices.LEFT), _chosen(choices.RIGHT))
    wanted = _chosen(choices.CELLS) if _chosen(choices.MODE) == "grid" else pair
    return picture.id in wanted or bool(_chosen(choices.LAYERS).get(picture.id))


def _chosen(name: str) -> Any:
    held = st.session_state.get(name)
    return choices.DEFAULTS.get(name) if held is None else held


def _keep_choice(sent: object, linked: bool) -> None:
    """Take over what a reader chose in the viewer; what a browser sends is checked like any other input."""
    for name, text in (sent if isinstance(sent, dict) else {}).items():
        if name not in choices.LOOKS or not isinstance(text, str) or len(text) > 5000:
            continue
        try:
            st.session_state[name] = choices.TABLE[name].parse(text)
        except ValueError as error:
            log.warning("The viewer sent a %s that cannot be used: %s", name, error)
        else:
            if linked:
                link.count_as_published(name)


def _keep_shapes(key: str, grid: Grid, sent: Any) -> None:
    if sketches.keep(key, grid, sent):
        st.session_state[_of_key(keys.DREW, key)] = True


def _pick(sent: object, grid: Grid) -> Pick | None:
    if not isinstance(sent, dict):
        return None
    column, row = sent.get("column"), sent.get("row")
    if not (isinstance(column, int) and isinstance(row, int)):
        return None
    return Pick(column, row) if 0 <= column < grid.width and 0 <= row < grid.height else None


def _of_key(name: str, key: str) -> str:
    return f"{name}.{key}"
