"""The thesis's grid of about 1 m against the sensor's own of 10 m: the same measurements, drawn finer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import patches
from app.bands import CLOUD_MASK, TRUTH
from app.grid import THESIS_RESOLUTION_DEG
from app.scoring import thesis_bands
from app.scoring.evaluate import Case
from app.ui import faults, words
from app.ui.keys import KEEP
from app.ui.metrics.running import Scores
from app.ui.metrics.shelved import patch_of

if TYPE_CHECKING:
    import xarray as xr

BAND, THRESHOLD = "B04", 0.05


def compared(scores: Scores, events: list[str]) -> None:
    """Offer to count one event on both grids, and say what that changes."""
    if not st.toggle(
        "Count one event on the thesis's grid of about 1 m and on the native one", key="score.grids", **KEEP
    ):
        return
    event = st.selectbox("Event to count on both", events, key="score.grid_event", **KEEP)
    case = next(one for one in scores.asked.data.cases()[0] if one.event == event)
    with faults.shown_errors(stop=False):
        st.markdown(words.plain(_what_changes(case.key, scores.found.region, event, case)))


@st.cache_data(max_entries=200, show_spinner="Counting on both grids")
def _what_changes(key: str, region: str, event: str, _case: Case) -> str:
    fine, coarse = (
        thesis_bands.band_sweep(one, [THRESHOLD], region=region, event=event) for one in both(patch_of(_case))
    )  # fmt: skip
    return thesis_bands.what_changes(fine, coarse, THRESHOLD, BAND)


def both(patch: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """Return one band of a patch, its clouds and truth, on the finer grid and on the native one.

    A patch of about 10 m is drawn finer by the nearest pixel, as the service that delivered the
    thesis's patches did; one that is fine already is brought back.
    """
    patches.require_bands(patch, BAND)
    held = patch[[BAND, CLOUD_MASK, TRUTH]]
    coarse = thesis_bands.native(held)
    if coarse.sizes != held.sizes:
        return held, coarse
    return finer(held), held


def finer(patch: xr.Dataset) -> xr.Dataset:
    """Return a patch in degrees drawn at the thesis's resolution by the nearest pixel; any other as it is."""
    on = patches.grid_of(patch)
    times = round(on.res_x / THESIS_RESOLUTION_DEG)
    return patches.resized(patch, on.finer(times).shape) if on.in_degrees and times > 1 else patch
