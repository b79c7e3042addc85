"""What is on the page, as Python: to copy, or to take as a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app import patches
from app.bands import HEIGHT
from app.files import file_word
from app.library import plain_pair, plain_steps, snippets
from app.ui import cached, chosen_patch, state, widgets

if TYPE_CHECKING:
    import xarray as xr

    from app.inventory import Inventory
    from app.patches import PatchSpec

Part = Sequence[str]
_WITH = "Run it in Scarp's folder: docs/COOKBOOK.md says how, and what else there is."
_WITHOUT = "It needs no Scarp, only the packages it imports; docs/COOKBOOK.md says which they are."


def of_patch(
    spec: PatchSpec,
    patch: xr.Dataset,
    *parts: Part,
    plain: Part = (),
    methods: Iterable[str] = (),
    sloped: bool = False,
) -> None:
    """Offer the code that opens the patch on the page, with all that ``methods`` read, and what else was done with it.

    ``plain`` is what was done without Scarp, which reads heights where it is ``sloped``.
    """
    event = chosen_patch.subject()
    if event is not None:
        opened = snippets.patch(spec, event, state.listed(), methods, HEIGHT in patch)
        simulated = "SIMULATED_" if patches.is_simulated(patch) else ""
        alone = [plain_pair.pair(spec, patch, sloped), *([plain] if plain else [])]
        _offer(f"{simulated}event{file_word(spec.event_id)}", parts=[opened, *parts], plain=alone)


def of_pictures(spec: PatchSpec, patch: xr.Dataset, composition: str, contrast: str) -> None:
    """Offer the code that draws both dates as the page does."""
    limits = cached.stretch(spec.key, composition, contrast, spec)
    ours, alone = snippets.pictures(composition, contrast), plain_steps.pictures(composition, limits)
    of_patch(spec, patch, ours, plain=alone)


def of_inventory(listed: Inventory) -> None:
    """Offer the code that opens the inventory on the page."""
    alone = plain_steps.inventory(listed)
    shown = ["print(slides[['date', 'category', 't1', 't2']])"]
    _offer("inventory", [snippets.inventory(listed), shown], [[*snippets.changed(listed), *alone]] if alone else ())


def of_scores(listed: Inventory, *parts: Part) -> None:
    """Offer the code that scores simulated pairs of an inventory."""
    _offer(f"SIMULATED_{file_word(listed.name)}", parts)


def _offer(stem: str, parts: Sequence[Part], plain: Sequence[Part] = ()) -> None:
    widgets.folded("Show the code", ":material/code:", partial(_both, stem, parts, plain), "code.open")


def _both(stem: str, parts: Sequence[Part], plain: Sequence[Part]) -> None:
    if not plain:
        _shown(snippets.script(*parts), lambda: snippets.notebook(*parts), stem, _WITH)
        return
    ours, alone = st.tabs(["With Scarp", "Without Scarp"])
    with ours:
        _shown(snippets.script(*parts), lambda: snippets.notebook(*parts), stem, _WITH)
    with alone:
        _shown(snippets.plain_script(*plain), lambda: snippets.plain_notebook(*plain), f"{stem}_plain", _WITHOUT)


def _shown(text: str, notebook: Callable[[], bytes], stem: str, where: str) -> None:
    st.code(text, language="python", wrap_lines=True)
    st.download_button(
        "Take it as a notebook", notebook, f"{stem}.ipynb", icon=":material/download:", on_click="ignore", help=where
    )
