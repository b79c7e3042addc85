"""The form of a verdict, and the verdicts given so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import config, patches, review
from app.export import csv_safe
from app.patches import PatchSpec
from app.ui import keys, state

if TYPE_CHECKING:
    import xarray as xr


def form(spec: PatchSpec, patch: xr.Dataset) -> None:
    """Draw the form; pressing the button stores the verdict and says so."""
    if patches.is_simulated(patch):
        st.warning(
            "This scene is SIMULATED: a verdict on it says nothing about the real event, and is marked so.",
            icon=":material/science:",
        )
    with st.form("verdict", border=True):
        verdict = st.radio("What do you see?", list(review.VERDICTS), format_func=review.VERDICTS.get, horizontal=True)
        who, why = st.columns([1, 3])
        who.text_input("Your name or initials", key=keys.REVIEWER, max_chars=100, persist_state="session")
        note = why.text_input("Why (optional)", max_chars=review.NOTE_LENGTH)
        if st.form_submit_button("Keep this verdict", type="primary", icon=":material/gavel:"):
            with state.shown_errors(stop=False):
                reviews().add(_verdict(spec, patch, verdict, note))
                st.success(f"Kept: {review.VERDICTS[verdict]}.", icon=":material/check:")


def history(spec: PatchSpec) -> None:
    """Show the verdicts on this event and offer all of them as CSV."""
    with state.shown_errors(stop=False):
        every = reviews().all()
        here = [one for one in every if one.event == spec.event_id and one.inventory == state.inventory().name]
        st.markdown(f"**{state.counted(len(here), 'verdict')} on this event, {len(every)} in all**")
        if here:
            st.dataframe([_row(one) for one in here], hide_index=True)
        if every:
            st.download_button(
                "All verdicts (CSV)",
                lambda: _csv(every),
                "scarp_verdicts.csv",
                icon=":material/download:",
                on_click="ignore",
            )


@st.cache_resource(show_spinner=False)
def _reviews(database_url: str) -> review.Reviews:
    return review.Reviews(database_url)


def reviews() -> review.Reviews:
    """Return this installation's review database."""
    return _reviews(config.settings().database_url)


def _verdict(spec: PatchSpec, patch: xr.Dataset, verdict: str, note: str) -> review.Verdict:
    return review.Verdict(
        reviewer=st.session_state.get(keys.REVIEWER, ""),
        inventory=state.inventory().name,
        event=spec.event_id,
        verdict=verdict,
        note=note,
        source=spec.source,
        t1=str(spec.t1),
        t2=str(spec.t2),
        simulated=patches.is_simulated(patch),
    )


def _row(one: review.Verdict) -> dict[str, object]:
    return {
        "when": one.made_at,
        "event": one.event,
        "verdict": one.verdict,
        "reviewer": one.reviewer,
        "note": one.note,
        "source": one.source,
        "T1": one.t1,
        "T2": one.t2,
        "simulated": one.simulated,
    }


def _csv(every: tuple[review.Verdict, ...]) -> bytes:
    import pandas as pd

    return csv_safe(pd.DataFrame([{"inventory": one.inventory, **_row(one)} for one in every]))
