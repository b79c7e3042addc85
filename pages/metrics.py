"""Metrics: which method to trust where the truth is known, how far, and over what the numbers were averaged."""

import streamlit as st

from app.ui import frame, keys, state
from app.ui.scoring import (
    band_view,
    choice,
    doubt,
    kinds,
    matrix,
    notes,
    objects_view,
    ranking,
    running,
    sureness,
    thresholds,
)

frame.open_page(
    "Metrics",
    "Scores of the landslide class over pixels clear at both dates, against known truth.",
    carries=(*frame.PATCH_LINK, keys.DATA, keys.COUNT, keys.SCORED, keys.REGION, keys.DOUBT, keys.COMPOSITION),
)

SECTIONS = {
    "Which is best?": ranking.draw,
    "How sure?": sureness.draw,
    "Which threshold?": thresholds.draw,
    "Where does it fail?": matrix.draw,
    "Objects": objects_view.draw,
    "Which kinds?": kinds.draw,
    "Bands": band_view.draw,
}

with state.shown_errors():
    asked = choice.choose()
    left_out = doubt.switch()
    scores = running.scored(asked)
    if scores is not None:
        scores = doubt.counted(scores, left_out)
        notes.origin(scores.about)
        notes.replaced(scores)
        for tab, draw in zip(
            st.tabs(list(SECTIONS), key="score.section", on_change="rerun"), SECTIONS.values(), strict=True
        ):
            if tab.open:
                with tab:
                    draw(scores)
        notes.refusals(scores)
        notes.command(scores)
