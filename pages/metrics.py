"""Metrics: how well methods do where the truth is known, and over what the numbers were averaged."""

import streamlit as st

from app.ui import frame, keys, scoring, state

frame.open_page(
    "Metrics",
    "Scores of the landslide class over pixels clear at both dates, against known truth.",
    carries=(*frame.PATCH_LINK, keys.METHODS, keys.REGION),
)

with state.shown_errors():
    methods = scoring.methods()
    region = scoring.region()
    one, many = st.tabs(["This event", "Many events"])
    with one:
        scoring.this_event(methods, region)
    with many:
        scoring.many_events(methods, region)
