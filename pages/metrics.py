"""Metrics: which method to trust where the truth is known, how far, and over what the numbers were averaged."""

from app.ui import faults, frame
from app.ui.metrics import (
    band_view,
    choice,
    doubt,
    kinds,
    matrix,
    notes,
    objects_view,
    parts,
    ranking,
    running,
    slope_view,
    sureness,
    thresholds,
)

frame.open_page(
    "Metrics",
    "Scores of the landslide class over pixels clear at both dates, against known truth.",
)

DRAW = {
    "best": ranking.draw,
    "sure": sureness.draw,
    "threshold": thresholds.draw,
    "fail": matrix.draw,
    "objects": objects_view.draw,
    "kinds": kinds.draw,
    "slope": slope_view.draw,
    "bands": band_view.draw,
}

with faults.shown_errors():
    asked = choice.choose()
    left_out = doubt.switch()
    scores = running.scored(asked)
    if scores is not None:
        scores = doubt.counted(scores, left_out)
        notes.origin(scores.about)
        notes.replaced(scores)
        notes.doubts(scores)
        part, tab = parts.opened()
        with tab:
            DRAW[part](scores)
        notes.refusals(scores)
        notes.command(scores)
        notes.the_code(scores)
