"""A figure of the pictures on the page, fit for print: its size, format and parts chosen, then taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app import patches
from app.errors import ScarpError
from app.export import figure
from app.inventory import source_title
from app.ui import chosen_patch, link, pictures, viewer, widgets, words
from app.ui.keys import KEEP

if TYPE_CHECKING:
    import xarray as xr

    from app.export.figure import FigureLook
    from app.export.panels import Outlined
    from app.patches import PatchSpec

_KIND, _WIDTH, _DPI, _TITLE = "figure.kind", "figure.width", "figure.dpi", "figure.title"
_CHANGE, _DRAWN, _FOUND = "figure.change", "figure.drawn", "figure.found"
_PREVIEW_DPI = 110


def offer(
    spec: PatchSpec,
    patch: xr.Dataset,
    composition: str,
    stretch: str,
    outlined: Callable[[], Sequence[Outlined]] | None = None,
    page: str = "pages/compare.py",
) -> None:
    """Offer both dates as a figure; ``outlined`` gives what was detected, None where nothing was."""
    choose = partial(_choose, spec, patch, composition, stretch, outlined, page)
    widgets.folded("Figure for print", ":material/image:", choose, "figure.open")


def _choose(
    spec: PatchSpec,
    patch: xr.Dataset,
    composition: str,
    stretch: str,
    outlined: Callable[[], Sequence[Outlined]] | None,
    page: str,
) -> None:
    kind = st.segmented_control(
        "Format", list(figure.KINDS), key=_KIND, default="png", required=True, format_func=str.upper, **KEEP
    )  # fmt: skip
    with st.container(horizontal=True):
        wide = st.number_input(
            "Width (mm)", *figure.WIDTHS_MM, value=figure.WIDTH_MM, step=5.0, format="%g", key=_WIDTH, **KEEP
        )
        dots = st.number_input("Dots an inch", *figure.DPIS, value=figure.DPI, step=50, key=_DPI, **KEEP)
    title = st.text_input(
        "Title", key=_TITLE, placeholder=figure.usual_title(patch), max_chars=200, **KEEP
    )  # fmt: skip
    change = pictures.change(patch) if st.checkbox("With the difference", key=_CHANGE, **KEEP) else ""
    shapes = viewer.drawn(spec.key)
    drawn = bool(shapes) and st.checkbox(f"With {words.counted(len(shapes), 'drawn shape')}", True, key=_DRAWN, **KEEP)
    found = outlined is not None and st.checkbox("With what was detected", True, key=_FOUND, **KEEP)
    look = figure.FigureLook(
        composition, stretch, float(wide), int(dots), title, change, drawn=tuple(shapes) if drawn else (),
        link=link.query(page),
    )  # fmt: skip
    _take(spec, patch, look, kind or "png", outlined if found else None)


def _take(
    spec: PatchSpec, patch: xr.Dataset, look: FigureLook, kind: str, outlined: Callable[[], Sequence[Outlined]] | None
) -> None:
    event = chosen_patch.subject()
    place = source_title(event.source) if event and event.source.isalpha() else ""
    made = _maker(patch, look, outlined, place)
    st.download_button(
        f"Take the figure ({kind.upper()})",
        lambda: made(look.dpi, kind),
        f"{patches.file_stem(spec, patch)}_{spec.source}_figure.{kind}",
        mime=figure.KINDS[kind],
        icon=":material/download:",
        on_click="ignore",
    )
    if st.button("Look at it first", key="figure.look", icon=":material/visibility:"):
        with st.spinner("Drawing the figure"):
            try:
                st.image(made(_PREVIEW_DPI, "png"), width="stretch")
            except ScarpError as error:
                st.warning(words.plain(str(error)), icon=":material/error:")


def _maker(
    patch: xr.Dataset, look: FigureLook, outlined: Callable[[], Sequence[Outlined]] | None, place: str
) -> Callable[[int, str], bytes]:
    def make(dpi: int, kind: str) -> bytes:
        marked = tuple(outlined()) if outlined else ()
        return figure.draw(patch, replace(look, dpi=dpi, outlined=marked), kind, place)

    return make
