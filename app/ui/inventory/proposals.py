"""Dates proposed for the events shown: searched for in the background, reviewed, and taken into the inventory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.inventory import Event, Inventory, changes
from app.inventory.browse import Listing
from app.sources import outcomes
from app.sources.outcomes import Outcome
from app.ui import changed, choices, keys, state, words
from app.ui.faults import guarded
from app.ui.inventory import editing

if TYPE_CHECKING:
    from app.sources.proposing import Proposing

_MOST_REASONS = 20
_SEEN_DONE = "held.proposals_done"


def panel(listing: Listing, shown: Sequence[int]) -> None:
    """Let the reader have dates searched for all events shown that lack them, and take what was proposed."""
    used = listing.inventory
    lacking = outcomes.lacking(listing.events[n] for n in shown)
    running: Proposing | None = _running(used)
    waiting = pending(used)
    if not lacking and not waiting and (running is None or running.finished):
        return
    label = _label(len(lacking), len(waiting))
    with st.expander(label, icon=":material/event_available:", expanded=running is not None):
        st.caption(
            "Days near the event, and one year off, on which its patch is clear, from an open catalogue; two events at "
            "a time. Needs a network. What is proposed is marked in the table and used once you take it."
        )
        answered = _answered(used, lacking)
        left = len(lacking) - len(answered)
        if left and (running is None or running.finished):
            start = f"{'Go on with' if answered else 'Search for'} {words.counted(left, 'event')}"
            st.button(
                start, key="proposals.start", type="primary", on_click=guarded(_start),
                args=(used, lacking),
            )  # fmt: skip
        if running is not None:
            _watch(used)
        _review(used, waiting)
        ids = {event.id for event in lacking}
        _reasons([one for one in changed.proposals(used).values() if one.reason and one.event in ids])


def pending(used: Inventory) -> dict[str, Outcome]:
    """Return the dates proposed that are neither taken nor left, by event."""
    held = changed.proposals(used)
    if not held:
        return {}
    events = [event for event in used.events if event.id in held]
    found = _known(events, held.values())
    return {event_id: one for event_id, one in found.items() if one.state == outcomes.PROPOSED}


def of_event(event: Event) -> None:
    """Show the dates proposed for the chosen event, to be taken or left."""
    outcome = pending(state.inventory()).get(event.id)
    if outcome is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"Proposed: {_dates(outcome)}", width="content")
        st.button("Take", key="proposals.take", type="primary", on_click=guarded(_take), args=((event.id,),))
        st.button("Leave", key="proposals.leave", on_click=guarded(_leave), args=((event.id,),))


def _label(lacking: int, waiting: int) -> str:
    said = [f"{words.counted(lacking, 'event')} shown without T1 or T2"] if lacking else []
    said += [f"dates proposed for {words.counted(waiting, 'event')}, not taken yet"] if waiting else []
    return "Propose dates · " + ", ".join(said) if said else "Propose dates"


def _catalogue() -> str | None:
    return st.session_state.get(choices.CATALOGUE)


def _known(events: Sequence[Event], held: Iterable[Outcome]) -> dict[str, Outcome]:
    return outcomes.known(events, held, _catalogue())


def _answered(used: Inventory, lacking: Sequence[Event]) -> dict[str, Outcome]:
    return _known(lacking, changed.proposals(used).values())


def _running(used: Inventory) -> Proposing | None:
    name, running = st.session_state.get(keys.PROPOSING_MANY) or ("", None)
    return running if name == used.name else None


def _start(used: Inventory, lacking: Sequence[Event]) -> None:
    from app.sources.proposing import Proposing

    running = Proposing(lacking, _catalogue(), _answered(used, lacking)).start()
    st.session_state[keys.PROPOSING_MANY] = (used.name, running)


@st.fragment(run_every=1.0)
def _watch(used: Inventory) -> None:
    running = _running(used)
    if running is None:
        return
    found, held = running.outcomes, changed.proposals(used)
    if any(held.get(event_id) != one for event_id, one in found.items()):
        changed.keep_proposals(used, found)
    st.progress(running.share, text=f"{len(found):,} of {running.total:,} events searched for")
    if running.finished:
        if st.session_state.get(_SEEN_DONE) is not running:
            st.session_state[_SEEN_DONE] = running
            st.rerun()  # the table beside shows what was proposed
        return
    for event_id, (_, doing) in running.under_way.items():
        st.caption(f"event {words.plain(event_id)}: {words.plain(doing)}")
    if st.button("Stop", key="proposals.stop", icon=":material/stop_circle:"):
        running.stop()


def _review(used: Inventory, waiting: dict[str, Outcome]) -> None:
    if not waiting:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        many = words.counted(len(waiting), "event")
        st.button(
            f"Take the dates of {many}", key="proposals.all", type="primary", on_click=guarded(_take),
            args=(tuple(waiting),),
        )  # fmt: skip
        st.button("Leave all", key="proposals.none", on_click=guarded(_leave), args=(tuple(waiting),))
    st.caption("They stand in the table as proposed; choose an event to take or leave its dates alone.")


def _reasons(outcomes: Sequence[Outcome]) -> None:
    for one in outcomes[:_MOST_REASONS]:
        st.caption(f":orange[event {words.plain(one.event)}: {words.plain(one.reason)}]")
    if len(outcomes) > _MOST_REASONS:
        st.caption(f"and {len(outcomes) - _MOST_REASONS:,} more events without a proposal.")


def dates_of(outcome: Outcome | None) -> str:
    """Return the dates proposed as a cell of the table holds them, empty without any."""
    sides = (("T1", outcome.t1), ("T2", outcome.t2)) if outcome else ()
    return ", ".join(f"{title} {day}" for title, day in sides if day)


def _dates(outcome: Outcome) -> str:
    sides = (("T1", outcome.t1, outcome.clear_t1), ("T2", outcome.t2, outcome.clear_t2))
    return ", ".join(f"**{title} {day}** ({share or 0:.0%} clear)" for title, day, share in sides if day)


def _take(ids: Sequence[str]) -> None:
    used, waiting = state.inventory(), pending(state.inventory())
    editing.take(
        {
            one.event: changes.made(used.event(one.event), outcomes.wanted(one), editing.by(), outcomes.told(one))
            for one in waiting.values()
            if one.event in ids
        }
    )


def _leave(ids: Sequence[str]) -> None:
    used = state.inventory()
    held = changed.proposals(used)
    for event_id in ids:
        held.pop(event_id, None)
    changed.keep_proposals(used, {})
