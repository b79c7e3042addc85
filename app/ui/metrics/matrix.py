"""Where a method fails: every event by every method, and one of them opened as a picture of its errors."""

from __future__ import annotations

import streamlit as st

from app.scoring.results import EventScore
from app.ui import choices, words
from app.ui.choices import texts
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.metrics import downloads, figures, mistakes, tables
from app.ui.metrics.figures import Cell
from app.ui.metrics.running import Scores
from app.ui.words import in_plot

_EVENT, _METHOD = "score.event", "score.method"
_NAME = "matrix"


def draw(scores: Scores) -> None:
    """Draw the section."""
    methods = [one.method for one in scores.found.methods if one.events]
    chosen = _opened(scores.events, methods)
    for key, shown in zip((_EVENT, _METHOD), chosen, strict=True):
        if st.session_state.get(key) != shown:
            st.session_state[key] = shown
    held = {(score.event, one.method): score for one in scores.found.methods for score in one.events}
    st.caption("F1 of the landslide class in every event. Grey: undefined, nothing there and nothing marked. "
               "Click a cell to open its picture below.")  # fmt: skip
    downloads.figure(
        figures.matrix([_cell(*at, score) for at, score in held.items()], methods, scores.events, chosen),
        _NAME, scores.about, "F1 of every method in every event", on_select=guarded(_clicked),
    )  # fmt: skip
    left, right = st.columns(2)
    event = left.selectbox("Event", scores.events, key=_EVENT, on_change=guarded(_chosen), **KEEP)
    method = right.selectbox("Method", methods, key=_METHOD, on_change=guarded(_chosen), **KEEP)
    score = held.get((event, method))
    if score is None:
        st.info(f"{words.plain(method)} could not be scored on event {words.plain(event)}; the reason stands below.",
                icon=":material/block:")  # fmt: skip
    else:
        mistakes.picture(scores, score, method)
    _per_event(scores)


def _cell(event: str, method: str, score: EventScore) -> Cell:
    counts = score.counts
    text = (
        f"event {in_plot(event)}, {in_plot(method)}<br>"
        f"F1 {tables.number(counts.f1)}, precision {tables.number(counts.precision)}, "
        f"recall {tables.number(counts.recall)}<br>"
        f"pixels: {counts.tp:,} found, {counts.fp:,} false, {counts.fn:,} missed"
    )
    return Cell(event, method, counts.f1, text)


def _per_event(scores: Scores) -> None:
    rows = [
        {
            "event": score.event, "method": one.method, "ran": score.ran, "threshold": score.threshold,
            **{title: score.counts.as_dict()[name] for name, title in tables.RATES.items()},
            **{name: getattr(score.counts, name) for name in ("tp", "fp", "fn", "tn")},
            "instead": score.fallback,
        }
        for one in scores.found.methods for score in one.events
    ]  # fmt: skip
    with st.expander(f"Per event ({len(rows)} rows)"):
        tables.show(rows, "per-event", scores.about)


def _clicked() -> None:
    """Open the cell that was clicked; a click on the open one, which takes it back, changes nothing."""
    chart = st.session_state.get(downloads.chart_key(_NAME)) or {}
    points = chart.get("selection", {}).get("points")
    if points and "customdata" in points[0]:
        _open(*map(str, points[0]["customdata"]))


def _chosen() -> None:
    event, method = st.session_state.get(_EVENT), st.session_state.get(_METHOD)
    if event is not None and method is not None:  # a session that was dropped lacks them
        _open(event, method)


def _open(event: str, method: str) -> None:
    """Make a cell the open one, in the link too; masks made elsewhere are named by a folder, which no link says."""
    st.session_state[choices.CELL] = event
    try:
        st.session_state[choices.BY] = texts.method(method)
    except ValueError:
        st.session_state[choices.BY] = None


def _opened(events: list[str], methods: list[str]) -> tuple[str, str]:
    """Return event and method of the open cell; the first of those scored where the one asked for is not there."""
    event, method = st.session_state.get(choices.CELL), st.session_state.get(choices.BY)
    lacking = [
        f"{what} {words.plain(asked)}"
        for what, asked, held in (("event", event, events), ("method", method, methods))
        if asked is not None and asked not in held
    ]
    if lacking:
        st.caption(f":orange[Not among what was scored: {', '.join(lacking)}. The first one is open instead.]")
    return event if event in events else events[0], method if method in methods else methods[0]
