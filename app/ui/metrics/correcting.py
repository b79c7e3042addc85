"""Corrected truth on the Metrics page: offered where reviewers corrected outlines, and said of every number then."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.errors import ReviewError
from app.files import digest
from app.patches import PatchSpec
from app.review.corrected import Correction
from app.scoring import corrections
from app.scoring.corrections import Corrected
from app.scoring.evaluate import Case, Comparable
from app.ui import cached, choices, state, words
from app.ui.keys import KEEP
from app.ui.metrics.data import EVENT, OUTLINES, SET, SIMULATED, Cases, Data
from app.ui.metrics.shelved import Shelved
from app.ui.review import hiding

_TOLD = 5  # events named at most


def switched(data: Data) -> Data:
    """Let the reader choose corrected truth where there is any; returns the data with the truth that is chosen."""
    if data.kind.startswith(SET):
        return data
    found = _found(data.kind)
    if not found:
        return data
    cases, _ = data.cases()
    met = {one.event: found[one.event] for one in cases if one.event in found}
    if not met:
        return data
    chosen = st.toggle(
        f"Corrected truth, of {len(met)} of {words.counted(len(cases), 'event')}", key=choices.CORRECTED,
        help="An outline that a reviewer corrected on the Review page replaces the label: the newest of a verdict that "
        "was not taken back. Where outlines of the truth were judged one by one, those dropped are no landslide, and "
        "those found wrong in place or size are not counted.", **KEEP,
    )  # fmt: skip
    return _with(data, met, len(cases)) if chosen else data


def has(spec: PatchSpec) -> bool:
    """Whether there is a corrected outline for a patch, which needs no truth of its own then."""
    return isinstance(_found(EVENT).get(spec.event_id), Correction)


def _with(data: Data, met: dict[str, Corrected], number: int) -> Data:
    told = [corrections.said(one) for one in met.values()]
    more = f" And {len(told) - _TOLD} more." if len(told) > _TOLD else ""
    st.caption(words.plain(" ".join(told[:_TOLD]) + more))
    label = f"{data.label}, truth corrected in {len(met)} of {words.counted(number, 'event')}"
    key = digest("\n".join((data.key, *map(corrections.name, met.values()))))[:20]

    def cases() -> Cases:
        held, faults = data.cases()
        return [_applied(one, met[one.event]) if one.event in met else one for one in held], faults

    return replace(data, label=label, key=key, cases=cases, notes=(*data.notes, *told))


def _applied(case: Case, one: Corrected) -> Case:
    def opened() -> Comparable:
        held = case.open()
        if not isinstance(held, Shelved):
            return corrections.applied(case, one).open()
        return replace(held, correction=one, notes=(*held.notes, corrections.said(one)))

    return replace(case, open=opened, key=corrections.key(case.key, one))


def _found(kind: str) -> dict[str, Corrected]:
    simulated = kind == SIMULATED or (
        kind in (EVENT, OUTLINES) and cached.source_info(st.session_state[choices.SOURCE]).simulated
    )
    try:
        every = _corrections(hiding.entries_seen(state.inventory()))
    except ReviewError:  # which is told with the doubtful events; labels are scored all the same
        return {}
    return corrections.of_inventory(every, state.inventory(), simulated)


@st.cache_resource(max_entries=4, show_spinner=False)
def _corrections(seen: tuple[object, ...]) -> dict[tuple[str, str], Corrected]:
    return corrections.of_entries(hiding.entries(state.inventory()))
