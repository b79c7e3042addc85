"""The editor of an outline: a mask corrected on the pixels of a patch, in the reader's browser."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from app.grid import Grid
from app.ui import faults, modules
from app.ui.faults import guarded
from app.ui.insides import media_address
from app.ui.viewer import Pane

MOST_PIXELS = 1_000_000
MOST_REVISIONS = 1_000_000_000

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "scarp_editor",
    html=(_HERE / "editor.html").read_text("utf-8"),
    css=(_HERE / "editor.css").read_text("utf-8"),
    js=modules.linked(_HERE / "editor.js", _HERE.parent / "viewer" / "streamlit.js"),
)


@dataclass(frozen=True, eq=False)
class Start:
    """A mask that may be taken over, bool (y, x)."""

    id: str
    title: str
    mask: np.ndarray


@dataclass(frozen=True, eq=False)
class Score:
    """A score to snap to, float32 (y, x), NaN where there is none."""

    id: str
    title: str
    values: np.ndarray


@dataclass(frozen=True)
class Sent:
    """What a browser says of an outline: the number of its step, and the mask packed; None: there is none."""

    revision: int
    packed: bytes | None


def show(
    panes: tuple[Pane, Pane], grid: Grid, starts: Sequence[Start], scores: Sequence[Score], *, key: str,
    held: Sent, simulated: bool, heard: Callable[[Sent], None],
) -> None:  # fmt: skip
    """Draw the editor; ``heard`` is told of every step that is newer than ``held``.

    ``key`` names the patch: what is painted stays with it. The grid has at most ``MOST_PIXELS``.
    """
    mounted = _mounted(key)
    _mount(
        data={
            "key": key,
            "width": grid.width,
            "height": grid.height,
            "ground": list(grid.proportions),
            "areas": grid.areas_m2().mean(axis=1).tolist() if grid.placed else None,
            "simulated": simulated,
            "pictures": [
                {"label": pane.label, "src": media_address(pane.data, pane.media, f"editor {key} {n}")}
                for n, pane in enumerate(panes)
            ],
            "starts": [{"id": one.id, "title": one.title, "bits": _text(packed(one.mask))} for one in starts],
            "scores": [{"id": one.id, "title": one.title, "src": _score(one, key)} for one in scores],
            "held": {"revision": held.revision, "bits": _text(held.packed)},
        },
        key=mounted,
        on_outline_change=guarded(lambda: _hear(last_sent(key, grid), held, heard)),
    )


def last_sent(key: str, grid: Grid) -> Sent | None:
    """Return the last step that the browser told of, None where there is none."""
    return read(faults.sent(_mounted(key), "outline"), grid)


def packed(mask: np.ndarray) -> bytes:
    """Return a bool mask as bytes, eight pixels each, row by row."""
    return np.packbits(mask).tobytes()


def unpacked(data: bytes, grid: Grid) -> np.ndarray:
    """Return packed bytes of a grid as a bool mask (y, x)."""
    pixels = grid.width * grid.height
    return np.unpackbits(np.frombuffer(data, np.uint8), count=pixels).astype(bool).reshape(grid.shape)


def read(sent: Any, grid: Grid) -> Sent | None:
    """Return what a browser sent of an outline on a grid; None for what no editor sends."""
    revision, bits = (sent.get("revision"), sent.get("bits")) if isinstance(sent, dict) else (None, None)
    if type(revision) is not int or not 0 < revision <= MOST_REVISIONS or not isinstance(bits, str):
        return None
    if not bits:
        return Sent(revision, None)
    wanted = (grid.width * grid.height + 7) // 8
    try:
        data = base64.b64decode(bits, validate=True) if len(bits) <= 2 * wanted + 4 else b""
    except binascii.Error:
        return None
    return Sent(revision, data) if len(data) == wanted else None


def _hear(sent: Sent | None, held: Sent, heard: Callable[[Sent], None]) -> None:
    if sent is not None and sent.revision > held.revision:
        heard(sent)


def _mounted(key: str) -> str:
    return f"editor-{key}"


def _text(data: bytes | None) -> str:
    return base64.b64encode(data).decode("ascii") if data is not None else ""


def _score(score: Score, key: str) -> str:
    data = np.ascontiguousarray(score.values, "<f4").tobytes()
    return media_address(data, "application/octet-stream", f"editor {key} score {score.id}")
