"""The desk: both pictures, what is marked and how it fares, under a threshold that moves in the browser alone."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from app.export.page import as_address
from app.files import digest
from app.lessons.bench import PIXEL_M2, Shot
from app.lessons.refusal import Refusal
from app.pictures import compositions, render
from app.ui import faults, modules
from app.ui.faults import guarded
from app.ui.learn.saying import language, words

MOST_CORNERS = 4000
_BRIGHTER = ":gamma1.4"  # forests are dark

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "scarp_desk",
    html=(_HERE / "desk.html").read_text("utf-8"),
    css=(_HERE / "desk.css").read_text("utf-8"),
    js=modules.linked(_HERE / "desk.js"),
)


@dataclass(frozen=True)
class Heard:
    """What a browser says: where its threshold stands, and a clicked pixel or a drawn outline."""

    about: str  # what was shown
    cut: float
    point: tuple[float, float] | None
    outline: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class DeskView:
    """How a scene is laid on the desk."""

    about: str  # another text for another scene: the threshold and what was drawn begin anew
    colours: str
    cut: float
    smallest_m2: float = 0
    known: bool = False  # whether hits and misses are shown
    ask: str = ""  # cut, click or draw; empty: nothing is asked
    movable: bool = True
    detects: bool = True  # whether a detector is shown: without, both images alone
    offered: bool = False  # whether the reader may ask for hits and misses
    handed: bool = False  # whether a place or an outline is an answer only once it is handed in, not at once


def show(seen: Shot, view: DeskView, *, simulated: bool, heard: Callable[[Heard], object] | None = None) -> None:
    """Draw the desk; ``heard`` gets the answer where one is asked for."""
    first, second = _pictures(seen, view.colours, simulated)
    height, width = seen.steps.shape
    told = {
        "shown": view.about, "width": width, "height": height, "before": first, "after": second,
        "steps": _packed(seen.steps), "truth": _packed(seen.scene.truth) if view.known else "",
        "highest": seen.highest, "digits": 0 if seen.highest > 10 else 3, "cut": view.cut,
        "smallest": view.smallest_m2 / PIXEL_M2, "simulated": simulated, "ask": view.ask, "movable": view.movable,
        "detects": view.detects, "handed": view.handed,
        "words": _words(seen.unit, view.offered),
    }  # fmt: skip
    _mount(
        data={"key": digest(repr(told))[:16], **told},
        key="learn.desk",
        on_answer_change=guarded(lambda: _hear(seen.steps.shape, heard)),
    )


def _hear(shape: tuple[int, int], heard: Callable[[Heard], object] | None) -> None:
    sent = faults.sent("learn.desk", "answer")
    if heard is not None and sent:
        heard(read(sent, shape))


def read(sent: Any, shape: tuple[int, int]) -> Heard:
    """Return what a browser sent, checked: numbers, and places within the picture. Raises InputError."""
    try:
        cut, outline = float(sent["cut"]), sent.get("outline") or ()
        point = _place(sent["point"], shape) if sent.get("point") else None
        corners = tuple(_place(one, shape) for one in outline[:MOST_CORNERS])
        about = str(sent["about"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refusal("unread_answer") from error
    if not isfinite(cut):
        raise Refusal("unread_threshold")
    return Heard(about, cut, point, corners)


def _place(sent: Sequence[float], shape: tuple[int, int]) -> tuple[float, float]:
    column, row = (float(one) for one in sent)
    if not (0 <= column <= shape[1] and 0 <= row <= shape[0]):
        raise ValueError("outside the picture")
    return column, row


def _packed(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, np.uint8).tobytes()).decode("ascii")


def _pictures(seen: Shot, colours: str, simulated: bool) -> tuple[str, str]:
    patch = seen.scene.patch
    composition = compositions.parse(colours)
    if compositions.missing(patch, composition):  # the real scene lacks a band of some
        composition = compositions.parse("true-colour")
    low, high = composition.fixed
    bright = "" if composition.index else _BRIGHTER
    stretch = render.stretch_for(patch, composition.name, f"fixed:{low:g}:{high:g}{bright}")
    pair = render.pair(patch, composition.name, stretch)
    first, second = (as_address(*render.encode(one, simulated)) for one in pair)
    return first, second


def _words(unit: str, offered: bool) -> dict[str, Any]:
    every = words()
    held: dict[str, Any] = {**every["desk"], "decimal": every["decimal"], "language": language()}
    held["unknown"] = held["unknown" if offered else "hidden"]
    held["unit"] = every["units"].get(unit, unit)
    held["spread"] = {"across": f"{held['score']} ({held['unit']})", "up": held["pixels"]}
    held["pr"] = {"across": held["recall"], "up": held["precision"], "decimal": held["decimal"]}
    return held
