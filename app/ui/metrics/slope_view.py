"""How scores depend on the slope of the ground: class by class, and with a smallest slope swept like a threshold."""

from __future__ import annotations

import math
from functools import reduce
from operator import add

import streamlit as st

from app.bands import HEIGHT
from app.detection import methods as naming
from app.detection import run, steep
from app.scoring import curves, slope_counts
from app.scoring.evaluate import Case
from app.scoring.metrics import Confusion
from app.scoring.slope_counts import SlopeCounts
from app.ui import elevation, words
from app.ui.keys import KEEP
from app.ui.metrics import data, downloads, slope_figure, tables
from app.ui.metrics.running import Scores
from app.ui.metrics.shelved import patch_of

_METHOD = "score.slope_method"


def draw(scores: Scores) -> None:
    """Draw the section."""
    if scores.asked.data.kind == data.MASKS:
        st.info("These are masks made elsewhere: their ground has no slope here.", icon=":material/landscape:")
        return
    elevation.toggle()
    named = [one.method for one in scores.found.methods if one.pooled_curve is not None]
    if not named:
        st.caption("None of these methods has scores to count by slope.")
        return
    method = st.selectbox("Method", named, key=_METHOD, **KEEP)
    cases = [one for one in scores.asked.data.cases()[0] if one.event in scores.events]
    own = next(one for one in scores.found.methods if one.method == method).events[0].threshold
    counted = [found for one in cases if (found := _counted(_named(one, method), method, own, one)) is not None]
    if len(counted) < len(cases):
        st.caption(f"{words.counted(len(cases) - len(counted), 'event')} of {len(cases)} without heights, not counted.")
    if counted:
        _drawn(reduce(add, counted), method, own, scores)


def _named(case: Case, method: str) -> str:
    """Return what names the scores of a method on an event: readers may have different networks of one name."""
    return f"{case.key} {case.event} {run.file_state(naming.parse(method))}"


@st.cache_data(max_entries=500, show_spinner="Counting by slope")
def _counted(key: str, method: str, own: float, _case: Case) -> SlopeCounts | None:
    """Return the counts of one event, None where its patch has no heights or the method no scores."""
    patch = patch_of(_case)
    if HEIGHT not in patch:
        return None
    found = _case.open().compare(method, "auto", lambda share, doing: None)
    if found.score is None:
        return None
    parsed = naming.parse(method)
    levels = slope_counts.with_level(curves.levels(parsed if parsed.unit == found.unit else found.unit), own)
    return slope_counts.count(found.score, steep.hillside(patch), found.truth, found.valid, levels)


def _drawn(counts: SlopeCounts, method: str, own: float, scores: Scores) -> None:
    least, threshold, best = counts.best()
    of = next(one.pooled_curve for one in scores.found.methods if one.method == method)
    unit = of.unit if of is not None else ""
    if not math.isnan(best):
        st.markdown(
            f"F1 is highest, **{best:.3f}**, with a smallest slope of {least:g}° and a threshold of {threshold:.3g}: "
            "optimistic, because both were chosen on what they are scored on."
        )
    downloads.figure(
        slope_figure.classes_and_sweep(counts, own, unit), "slope", scores.about,
        f"Scores of {method} by class of slope, and F1 over smallest slope and threshold",
    )  # fmt: skip
    rows = [
        {
            "slope": slope_figure.named(low, high), "pixels": one.n, "share landslide": _share(one),
            "precision": one.precision, "recall": one.recall, "F1": one.f1, "false pixels": one.fp,
        }
        for low, high, one in counts.by_class(own)
    ]  # fmt: skip
    tables.show(rows, "slope", scores.about)
    st.caption(
        f"At the threshold {own:.3g}. A pixel's slope is the mean over about 30 m around it, as for the filter on "
        "Detect (docs/TERRAIN.md). Whole patches, pixels clear and of known truth and slope."
    )


def _share(counts: Confusion) -> float:
    return (counts.tp + counts.fn) / counts.n if counts.n else math.nan
