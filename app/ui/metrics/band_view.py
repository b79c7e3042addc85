"""The thesis's analysis in one view: every band and their union at every threshold, by event and overall."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import numpy as np
import streamlit as st

from app.detection.methods import DIRECTIONS
from app.errors import Cancelled, ScarpError
from app.scoring import thesis_bands
from app.scoring.curves import Curve
from app.scoring.evaluate import Case
from app.ui import words
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.metrics import data, downloads, figure_parts, figures, grids, tables
from app.ui.metrics.about import About
from app.ui.metrics.running import Scores
from app.ui.metrics.shelved import patch_of
from app.ui.shelf import Shelf

Sweep = Mapping[str, Curve]
_DIRECTION, _WHAT, _EVENT, _STOPPED = "score.direction", "score.what", "score.band_event", "held.sweep_stopped"
_ALL = "all events, pooled"
_THESIS = (0.05, 0.1)  # the thresholds of its figures, in reflectance
_SWEEP_BYTES, _BYTES = 15_000, 20_000_000  # thirteen curves of twenty thresholds; some thousand events
_WORDS = {"increase": "Increases", "decrease": "Decreases", "both": "Both"}


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf[Sweep | str]:  # or why an event cannot be swept
    return Shelf(_BYTES, lambda sweep: _SWEEP_BYTES)


def draw(scores: Scores) -> None:
    """Draw the section."""
    if scores.asked.data.kind == data.MASKS:
        st.info("These are masks made elsewhere: there are no bands to compare.", icon=":material/blur_off:")
        return
    st.caption(
        "T2 minus T1 in each band, and the union of all bands (all-band): changed where any of them changed by the "
        f"threshold. The thesis took increases over {_THESIS[0]:g} and {_THESIS[1]:g}."
    )
    titles, top = figure_parts.TITLES, st.container(horizontal=True, vertical_alignment="bottom")
    direction = top.segmented_control(
        "Change",
        DIRECTIONS,
        format_func=words.titled(_WORDS),
        key=_DIRECTION,
        default="increase",
        required=True,
        **KEEP,
    )
    what = top.segmented_control(
        "Score", list(titles), format_func=words.titled(titles), key=_WHAT, default="f1", required=True, **KEEP
    )
    swept = _sweeps(scores, direction)
    if not swept:
        return
    event = top.selectbox("Events", [_ALL, *swept], key=_EVENT, width=220, **KEEP)
    pooled = thesis_bands.total(list(swept.values())) if event == _ALL else swept[event]
    if not pooled:
        st.info("These events share no band.", icon=":material/blur_off:")
        return
    about = _about(scores, swept, event, direction)
    _heat(pooled, what, about)
    _by_event(swept, what, _about(scores, swept, _ALL, direction))
    grids.compared(scores, [event] if event != _ALL else list(swept))


def _about(scores: Scores, swept: Mapping[str, Sweep], event: str, direction: str) -> About:
    whole = scores.about
    label = f"{whole.label}, {_WORDS[direction].lower()}{' of reflectance' if direction != 'both' else ' ways'}"
    if event == _ALL:
        return About(label, whole.region, len(swept), whole.simulated)
    return About(f"event {event} of {label}", whole.region, 1, whole.simulated)


def _heat(pooled: Sweep, what: str, about: About) -> None:
    names = list(pooled)
    values = np.array([getattr(pooled[name], what) for name in names])
    best = None
    if np.isfinite(values).any():
        best = divmod(int(np.nanargmax(values)), values.shape[1])
        st.markdown(_sentence(pooled, names, values, best, what))
    levels = pooled[names[0]].thresholds.tolist()
    title = figure_parts.TITLES[what]
    downloads.figure(
        figures.bands(values, names, levels, title, best), "bands", about,
        f"{title} of every band and their union at every threshold",
    )  # fmt: skip
    rows = [
        {"band": name, "threshold": level, **{title: float(getattr(curve, rate)[k]) for rate, title in
         figure_parts.TITLES.items()}, **curve.at(k).as_dict()}
        for name, curve in pooled.items() for k, level in enumerate(curve.thresholds.tolist())
    ]  # fmt: skip
    kept = ("band", "threshold", *figure_parts.TITLES.values(), "tp", "fp", "fn", "tn")
    with st.expander("As a table"):
        tables.show([{name: row[name] for name in kept} for row in rows], "bands", about)


def _sentence(pooled: Sweep, names: list[str], values: np.ndarray, best: tuple[int, int], what: str) -> str:
    row, column = best
    levels, title = pooled[names[0]].thresholds, figure_parts.TITLES[what]
    union = values[names.index(thesis_bands.ALL_BAND)]
    top = int(np.nanargmax(union)) if np.isfinite(union).any() else None
    beside = "" if top is None else f" The union of all bands reaches {union[top]:.3f}, at {levels[top]:g}."
    return (
        f"Highest {title}: **{names[row]} at {levels[column]:g}**, {values[row, column]:.3f}; chosen on the same "
        f"events, so optimistic.{beside}"
    )


def _by_event(swept: Mapping[str, Sweep], what: str, about: About) -> None:
    title, rows = figure_parts.TITLES[what], []
    for event, sweep in swept.items():
        names = list(sweep)
        values = np.array([getattr(sweep[name], what) for name in names])
        row = {"event": event, "best band": "", "threshold": math.nan, title: math.nan}
        if np.nanmax(values, initial=0.0) > 0:
            band, at = divmod(int(np.nanargmax(values)), values.shape[1])
            row |= {"best band": names[band], "threshold": float(sweep[names[band]].thresholds[at]),
                    title: float(values[band, at])}  # fmt: skip
        for level in _THESIS:
            row[f"B04 at {level:g}"] = _of(sweep, "B04", level, what)
            row[f"all-band at {level:g}"] = _of(sweep, thesis_bands.ALL_BAND, level, what)
        rows.append(row)
    with st.expander(f"By event ({len(rows)}): the best band, and the thesis's thresholds"):
        tables.show(rows, "bands-by-event", about)


def _of(sweep: Sweep, band: str, level: float, what: str) -> float:
    if band not in sweep:
        return math.nan
    at = int(np.argmin(np.abs(sweep[band].thresholds - level)))
    return float(getattr(sweep[band], what)[at])


def _sweeps(scores: Scores, direction: str) -> dict[str, Sweep]:
    """Return event -> sweep, run now or on request where it is not held; those that cannot be swept are said."""
    cases, _ = scores.asked.data.cases()
    cases = [one for one in cases if one.event in scores.events]
    missing = [one for one in cases if _shelf().get(_key(one, scores, direction)) is None]
    stopped = st.session_state.get(_STOPPED)
    if missing and (stopped or len(missing) > 1) and not _asked(len(missing)):
        cases = [one for one in cases if one not in missing]
    elif missing:
        _run(missing, scores, direction)
    held = {one.event: _shelf().get(_key(one, scores, direction)) for one in cases}
    for event, reason in held.items():
        if isinstance(reason, str):
            st.caption(words.plain(f"Event {event}: {reason}"))
    return {event: sweep for event, sweep in held.items() if sweep is not None and not isinstance(sweep, str)}


def _asked(number: int) -> bool:
    """Let the reader start the comparison; what asks goes away once it is pressed."""
    place = st.empty()
    with place.container():
        st.caption(f"{words.counted(number, 'event')} to be compared band by band.")
        pressed = st.button("Compare the bands", type="primary", icon=":material/play_arrow:")
    if pressed:
        place.empty()
    return pressed


def _key(case: Case, scores: Scores, direction: str) -> str:
    return "\n".join((case.key or f"{scores.asked.data.key} {case.event}", scores.found.region, direction))


def _run(missing: list[Case], scores: Scores, direction: str) -> None:
    stopping, place = st.empty(), st.empty()
    stopping.button("Stop", icon=":material/stop_circle:", key="stop.bands", on_click=guarded(_stop))
    bar = place.progress(0.0, text="Starting")
    try:
        for done, case in enumerate(missing):
            bar.progress(done / len(missing), text=f"Event {case.event}")
            make = partial(_swept, case, direction, scores.found.region)
            _shelf().get_or_make(_key(case, scores, direction), make)
        st.session_state[_STOPPED] = False
    finally:
        stopping.empty()
        place.empty()


def _swept(case: Case, direction: str, region: str) -> Sweep | str:
    """Return an event's curves, or why there are none; a request to stop goes through."""
    try:
        return thesis_bands.band_sweep(patch_of(case), direction=direction, region=region, event=case.event)
    except Cancelled:
        raise
    except ScarpError as error:
        return str(error)


def _stop() -> None:
    st.session_state[_STOPPED] = True
