"""What is taken away of an event as a whole: a report, one HTML file that prints well, and all its files in one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app import patches, report
from app.errors import ReviewError
from app.export import archives, event_folder, judged
from app.files import file_word
from app.pictures import compositions
from app.review import not_taken_back
from app.ui import choices, chosen_patch, link, pictures, state
from app.ui.review import database, sharing

if TYPE_CHECKING:
    import xarray as xr

    from app.inventory import Event, Inventory
    from app.patches import PatchSpec
    from app.report import Marked
    from app.review import Verdict


def button(marked: Sequence[Marked], spec: PatchSpec, patch: xr.Dataset) -> None:
    """Offer the report of the event with the methods as they stand; it is made when it is asked for."""
    event, inventory = chosen_patch.subject(), state.inventory()
    if event is None:
        return
    simulated = "SIMULATED_" if patches.is_simulated(patch) else ""
    chosen = compositions.parse(st.session_state[choices.COMPOSITION])
    shown = "" if compositions.refusal(patch, chosen) else chosen.name

    said = entries(event, inventory)

    def made() -> bytes:
        told = report.of_event(inventory, event, spec, patch, marked, shown, *said())
        return report.page([told], "Landslide report")

    st.download_button(
        "Report (HTML)",
        made,
        f"{simulated}event{file_word(spec.event_id)}_report.html",
        mime="text/html",
        icon=":material/description:",
        on_click="ignore",
        help="Place, both dates, the change, every method, the ground, verdicts and where all is from, on pages that "
        "print well. Of many events: python -m app report",
    )


def everything(marked: Sequence[Marked], spec: PatchSpec, patch: xr.Dataset) -> None:
    """Offer the patch, its images, and what every method marked as one folder with a STAC item; made when asked for."""
    event, inventory, stem = chosen_patch.subject(), state.inventory(), patches.file_stem(spec, patch)
    composition, stretch = pictures.shown(patch)
    said = entries(event, inventory)
    view = event_folder.View(composition, stretch, "", link.query("pages/detect.py"))

    def fill(folder: Path) -> None:
        told = replace(view, verdict=judged.in_a_word(said()[0]))
        event_folder.write(patch, marked, folder / stem, stem, told)

    st.download_button(
        "Everything (zip)",
        lambda: archives.zipped(fill),
        f"{stem}.zip",
        mime="application/zip",
        icon=":material/folder_zip:",
        on_click="ignore",
        help="Patch, dates, pictures, masks, scores and polygons of all methods, with QGIS styles and a STAC item. "
        "Of many events: python -m app export",
    )


def entries(event: Event | None, inventory: Inventory) -> Callable[[], tuple[tuple[Verdict, ...] | None, int]]:
    """Return what gives, later and outside the session, what the reader may see of what was said on an event.

    With it comes how many verdicts a blind review hides. It gives None where the database cannot be read, and nothing
    where there is no event.
    """
    seen = sharing.eyes()
    try:
        reviews = database.reviews()
    except ReviewError:  # a report without verdicts is a report still, and says so; Review says what is wrong
        return lambda: (None, 0)

    def read() -> tuple[tuple[Verdict, ...] | None, int]:
        try:
            every = reviews.on(event, inventory.name) if event is not None else ()
        except ReviewError:
            return None, 0
        told = tuple(seen(every))
        return told, len(not_taken_back(every)) - len(not_taken_back(told))

    return read
