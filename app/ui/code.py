"""What is on the page, as Python: to copy, or to take as a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app import patches
from app.library import snippets
from app.ui import state

if TYPE_CHECKING:
    import xarray as xr

    from app.inventory import Inventory
    from app.patches import PatchSpec

Part = Sequence[str]


def of_patch(spec: PatchSpec, patch: xr.Dataset, *parts: Part) -> None:
    """Offer the code that opens the patch on the page, and what else was done with it."""
    event = state.subject()
    if event is not None:
        opened = snippets.patch(spec, event, state.listed())
        simulated = "SIMULATED_" if patches.is_simulated(patch) else ""
        _offer(f"{simulated}event{patches.file_word(spec.event_id)}", opened, *parts)


def of_inventory(listed: Inventory) -> None:
    """Offer the code that opens the inventory on the page."""
    _offer("inventory", snippets.inventory(listed), ["print(slides[['date', 'category', 't1', 't2']])"])


def of_scores(listed: Inventory, *parts: Part) -> None:
    """Offer the code that scores simulated pairs of an inventory."""
    _offer(f"SIMULATED_{patches.file_word(listed.name)}", *parts)


def _offer(stem: str, *parts: Part) -> None:
    with st.popover("Show the code", icon=":material/code:"):
        st.code(snippets.script(*parts), language="python", wrap_lines=True)
        st.download_button(
            "Take it as a notebook",
            lambda: snippets.notebook(*parts),
            f"{stem}.ipynb",
            icon=":material/download:",
            on_click="ignore",
            help="Run it in Scarp's folder: docs/COOKBOOK.md says how, and what else there is.",
        )
