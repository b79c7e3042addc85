"""Dates one after the other, taken away as a moving picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app import patches
from app.errors import ScarpError
from app.export import animation
from app.pictures import compositions
from app.ui import link, widgets, words
from app.ui.keys import KEEP

if TYPE_CHECKING:
    import xarray as xr

    from app.export.animation import Captions, Still
    from app.grid import Grid
    from app.patches import PatchSpec

_TRUE = "true-colour"
Make = Callable[[], "tuple[list[Still], Captions]"]


def of_pair(spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str) -> None:
    """Offer T1 and T2 in turn, as the pictures on the page show them."""
    view = link.query("pages/compare.py")
    name = f"{patches.file_stem(spec, patch)}_{spec.source}_{composition}"
    make = partial(animation.of_patch, patch, composition, stretch, view)
    _folded(partial(_draw, name, patches.grid_of(patch), make, "pair"), "moving.pair")


def of_many(name: str, stack: xr.Dataset, of: str) -> None:
    """Offer the dates of a stack in turn, in a band or an index, or in true colour where the stack has the bands."""
    shown = [of, *([_TRUE] if set(compositions.PRESETS[_TRUE].bands) <= set(patches.band_names(stack)) else [])]
    _folded(partial(_of_many, name, stack, shown), "moving.many")


def of_looks(name: str, grid: Grid, make: Make) -> None:
    """Offer small pictures of scenes in turn."""
    _folded(partial(_draw, name, grid, make, "film"), "moving.film")


_folded = partial(widgets.folded, "Animation", ":material/animation:")


def _of_many(name: str, stack: xr.Dataset, shown: list[str]) -> None:
    chosen = shown[0]
    if len(shown) > 1:
        picked = st.segmented_control(
            "Pictures of", shown, key=f"moving.of.{shown[0]}", default=shown[0], required=True,
            format_func=words.titled({_TRUE: "True colour"}), **KEEP,
        )  # fmt: skip
        chosen = picked or chosen
    share = st.slider("Dates that are clear over at least (%)", 0, 100, 60, 5, key="moving.clear", **KEEP) / 100
    _draw(name, patches.grid_of(stack), lambda: animation.of_stack(stack, chosen, share), "many")


def _draw(name: str, grid: Grid, make: Make, key: str) -> None:
    """Draw format and speed, the way to take it, and to look at it first."""
    kind = st.segmented_control(
        "Format", list(animation.KINDS), key=f"moving.kind.{key}", default="gif", required=True, format_func=str.upper,
        help="GIF opens everywhere; APNG has all colours and opens in browsers.", **KEEP,
    )  # fmt: skip
    usual, (least, most) = animation.SECONDS, animation.SECONDS_RANGE
    seconds = st.number_input("Seconds a date", least, most, usual, 0.1, key=f"moving.seconds.{key}", **KEEP)
    ending = kind or "gif"

    def drawn() -> bytes:
        shots, told = make()
        return animation.draw(shots, told, grid, ending, float(seconds))

    st.download_button(
        f"Take the {ending.upper()}", drawn, f"{name}.{ending}", mime=animation.KINDS[ending], key=f"moving.take.{key}",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    if st.button("Look at it first", key=f"moving.look.{key}", icon=":material/visibility:"):
        with st.spinner("Drawing the dates"):
            try:
                st.image(drawn(), width="stretch")
            except ScarpError as error:
                st.warning(words.plain(str(error)), icon=":material/error:")
