"""The report of what is on the page: one HTML file that prints well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app import patches, report
from app.errors import ReviewError
from app.pictures import compositions
from app.ui import choices, state
from app.ui.review import database

if TYPE_CHECKING:
    import xarray as xr

    from app.inventory import Event, Inventory
    from app.patches import PatchSpec
    from app.report import Marked
    from app.review import Verdict


def button(marked: Sequence[Marked], spec: PatchSpec, patch: xr.Dataset) -> None:
    """Offer the report of the event with the methods as they stand; it is made when it is asked for."""
    event, inventory = state.subject(), state.inventory()
    if event is None:
        return
    simulated = "SIMULATED_" if patches.is_simulated(patch) else ""
    chosen = compositions.parse(st.session_state[choices.COMPOSITION])
    shown = "" if compositions.refusal(patch, chosen) else chosen.name

    def made() -> bytes:
        judged = entries(event, inventory)
        return report.page([report.of_event(inventory, event, spec, patch, marked, shown, judged)], f"Event {event.id}")

    st.download_button(
        "Report (HTML)",
        made,
        f"{simulated}event{patches.file_word(spec.event_id)}_report.html",
        mime="text/html",
        icon=":material/description:",
        on_click="ignore",
        help="Place, both dates, the change, every method, the ground, verdicts and where all is from, on pages that "
        "print well. Of many events: python -m app report",
    )


def entries(event: Event, inventory: Inventory) -> tuple[Verdict, ...]:
    """Return what reviewers said of an event, nothing where their database cannot be read."""
    try:
        return database.reviews().on(event, inventory.name)
    except ReviewError:  # a report without verdicts is a report still; the Review page says what is wrong
        return ()
