"""Scoring on request, under a bar with a way to stop; what was scored stays for the session and runs only once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

import streamlit as st

from app.errors import ScarpError
from app.scoring import evaluate, store
from app.scoring.results import Evaluation
from app.ui import words
from app.ui.faults import guarded
from app.ui.metrics import data
from app.ui.metrics.about import About
from app.ui.metrics.choice import Asked

_HELD, _STOPPED = "held.scores", "held.scores_stopped"
_KEPT = 8  # answers a session keeps, so that going back to an earlier question asks nobody


@dataclass(frozen=True, eq=False)
class Scores:
    """The answer to a question: the question and what was found."""

    asked: Asked
    found: Evaluation

    @property
    def simulated(self) -> bool:
        """Whether any of the events was simulated."""
        return any(event.simulated for method in self.found.methods for event in method.events)

    @property
    def events(self) -> list[str]:
        """The events any method was scored on, in their order."""
        return list(dict.fromkeys(score.event for method in self.found.methods for score in method.events))

    @property
    def slid(self) -> bool:
        """Whether there is any landslide to be found; without one only false alarms can be counted."""
        return any(one.micro.tp + one.micro.fn for one in self.found.methods)

    @property
    def about(self) -> About:
        """What tables and figures say of themselves."""
        return About(self.asked.data.label, self.found.region, len(self.events), self.simulated)

    def with_found(self, found: Evaluation) -> Scores:
        """Return the same question with another set of events."""
        return replace(self, found=found)


def scored(asked: Asked) -> Scores | None:
    """Return the answer, now where it is held or quick to have, else when the reader asks; None until then."""
    held: OrderedDict[str, Scores] = st.session_state.setdefault(_HELD, OrderedDict())
    if asked.key not in held:
        unasked = asked.data.kind == data.EVENT and st.session_state.get(_STOPPED) != asked.key
        if not unasked and not _button(asked):
            return None
        answer = _run(asked)
        if answer is None:
            return None
        held[asked.key] = answer
        st.session_state[_STOPPED] = ""
        while len(held) > _KEPT:
            held.popitem(last=False)
    held.move_to_end(asked.key)
    return held[asked.key]


def _button(asked: Asked) -> bool:
    place = st.empty()
    with place.container():
        size = f"{words.counted(asked.data.size, 'event')}, " if asked.data.size else ""
        st.caption(f"{size}{words.counted(len(asked.methods), 'method')}: what was scored before is not run again.")
        if st.session_state.get(_STOPPED) == asked.key:
            st.caption("Stopped. What was scored by then is kept; go on whenever you like.")
        pressed = st.button("Score these events", type="primary", icon=":material/play_arrow:")
    if pressed:
        place.empty()
    return pressed


def _run(asked: Asked) -> Scores | None:
    """Score under a bar; any press of the page ends it. None where nothing could be scored, which is then said."""
    stopping, place = st.empty(), st.empty()
    stopping.button(
        "Stop", icon=":material/stop_circle:", key="stop.scoring", on_click=guarded(_stop), args=(asked.key,)
    )
    bar = place.progress(0.0, text="Starting")
    try:
        cases, faults = asked.data.cases()
        found = evaluate.evaluate(
            cases, asked.methods, asked.region, lambda share, doing: bar.progress(min(share, 1.0), text=doing),
            store=store.default(),
        )  # fmt: skip
        return Scores(asked, replace(found, skipped=(*faults, *found.skipped)))
    except ScarpError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return None
    finally:
        stopping.empty()
        place.empty()


def _stop(key: str) -> None:
    st.session_state[_STOPPED] = key
