"""Before a patch is opened: dates proposed from a catalogue, and many patches fetched ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from app import visitors
from app.cache.prefetch import Prefetch, State, Status
from app.errors import InputError
from app.files import size_words
from app.inventory import Event
from app.patches import PatchSpec
from app.sources import spec_for, uses_account
from app.ui import cached, choices, chosen_patch, elevation, faults, keys, state, words
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.visitors import Deed

if TYPE_CHECKING:
    from app.sources.stac_dates import Candidate, Proposal

_AT_ONCE = 2  # what an account's rate limit bears
_MOST = 500
_A_ROW = 3  # candidates: as many as leave room for a whole date
_SEEN_DONE = "held.prefetch_done"
_ICONS = {
    State.WAITING: ":material/schedule:",
    State.FETCHING: ":material/downloading:",
    State.HAD: ":material/inventory_2:",
    State.FETCHED: ":material/check_circle:",
    State.FAILED: ":material/error:",
    State.STOPPED: ":material/stop_circle:",
}


def propose_dates(event: Event) -> None:
    """Let the reader search an open catalogue for clear days before and after the event."""
    with st.expander("Propose dates from an open catalogue", icon=":material/event_available:"):
        st.caption(
            "Looks for days near the event, and one year off, on which the patch itself is clear. Needs a network."
        )
        st.button("Search", key="propose.search", disabled=event.date is None, on_click=guarded(_want), args=(event,))
        if st.session_state.get(keys.PROPOSING) == event:
            _search(event)
        if event.date is None:
            st.caption("The event has no date, so nothing is before or after it.")
        of, proposal = st.session_state.get(keys.PROPOSAL, (None, None))
        if of == event and isinstance(proposal, tuple):
            faults.tell(*proposal)
        elif of == event and proposal is not None:
            _candidates("T1, before the event", choices.T1, proposal.t1)
            _candidates("T2, after the event", choices.T2, proposal.t2)
            st.caption(f"From {proposal.catalogue}; clear share of the patch from the scene classes.")


def prefetching(source: str) -> None:
    """Let the reader fetch the pairs of many events into the cache, watch each, stop and resume."""
    with st.expander("Fetch many events ahead", icon=":material/download_for_offline:"):
        if not cached.source_info(source).cacheable:
            st.caption(f"The source {source} needs no fetching: it opens at once, without a network.")
            return
        events = state.inventory().events
        if len(events) > _MOST:
            st.caption(f"The first {_MOST} of the inventory's {len(events):,} events can be fetched at once.")
        specs, left_out = _specs(source, events[:_MOST])
        ids = {spec.event_id: spec for spec in specs}
        chosen = st.multiselect(
            "Events", list(ids), placeholder=f"all {len(ids)} with dates", key="prefetch.events", **KEEP
        )
        wanted = [ids[one] for one in chosen] or specs
        if wanted and uses_account(wanted[0]) and (said := visitors.refusal(Deed.ACCOUNTS)):
            st.caption(words.plain(said))
            return
        st.caption(_takes(wanted) + (f" Without usable dates: {words.counted(left_out, 'event')}." if left_out else ""))
        running: Prefetch | None = st.session_state.get(keys.PREFETCH)
        idle = running is None or running.finished
        if idle and wanted and st.button("Fetch", key="prefetch.start", type="primary"):
            st.session_state[keys.PREFETCH] = Prefetch(wanted, _AT_ONCE).start()
            st.rerun()
        if st.session_state.get(keys.PREFETCH) is not None:
            _watch()


@st.fragment(run_every=1.0)
def _watch() -> None:
    running: Prefetch = st.session_state[keys.PREFETCH]
    statuses = running.statuses
    done = sum(status.state in (State.HAD, State.FETCHED) for status in statuses)
    st.progress(running.share, text=f"{done} of {len(statuses)} patches are at hand")
    if running.finished and st.session_state.get(_SEEN_DONE) is not running:
        st.session_state[_SEEN_DONE] = running
        st.rerun()  # the page beside may have waited for one of these patches
    if running.finished:
        st.caption("Nothing is being fetched now. Fetch again to go on; what is at hand is not fetched twice.")
    else:
        st.caption("It goes on while you look at other pages, and also where this tab is closed: stop it here before.")
        if st.button("Stop", key="prefetch.stop", icon=":material/stop_circle:"):
            running.stop()
    for status in statuses[:100]:
        _row(status)


def _row(status: Status) -> None:
    said = status.error or status.doing or str(status.state)
    text = f"{_ICONS[status.state]} event {words.plain(status.spec.event_id)}: {words.plain(said)}"
    if status.state is State.FETCHING:
        st.progress(min(1.0, status.share), text=text)
    else:
        st.caption(text)


def _specs(source: str, events: Sequence[Event]) -> tuple[list[PatchSpec], int]:
    specs, left_out = [], 0
    for event in events:
        try:
            specs.append(
                spec_for(
                    event, source, bands=chosen_patch.bands(source), buffer_deg=chosen_patch.buffer_deg(),
                    resolution_deg=st.session_state[choices.RESOLUTION], options=chosen_patch.source_options(source),
                    heights=elevation.wanted(), light=chosen_patch.light(),
                )
            )  # fmt: skip
        except InputError:
            left_out += 1
    return specs, left_out


def _takes(specs: list[PatchSpec]) -> str:
    patches = "1 patch" if len(specs) == 1 else f"{len(specs)} patches"
    size = f"{patches}, {size_words(sum(spec.nbytes for spec in specs))} before compression."
    costs = cached.cost(*specs)
    return f"{size} {costs}" if costs else size


def _want(event: Event | None) -> None:
    """Hold that a search is wanted, until it has ended: a press counts for one run, and any change begins another."""
    st.session_state[keys.PROPOSING] = event


def _search(event: Event) -> None:
    from app.sources.stac_dates import date_search

    st.button("Stop", key="propose.stop", icon=":material/stop_circle:", on_click=guarded(_want), args=(None,))
    bar = st.progress(0.0, text="Searching")
    catalogue = st.session_state.get(choices.CATALOGUE)
    found: Proposal | tuple[str, str]
    try:
        found = date_search(
            event, catalogue=catalogue, progress=lambda share, doing: bar.progress(min(share, 1.0), text=doing)
        )
    except Exception as error:  # kept, since a page that runs again would take its sentence away
        found = faults.told(error)
    st.session_state[keys.PROPOSAL] = (event, found)
    _want(None)
    st.rerun()


def _candidates(title: str, name: str, candidates: Sequence[Candidate]) -> None:
    st.markdown(f"**{title}**")
    if not candidates:
        st.caption("No day clear enough was found.")
        return
    for start in range(0, len(candidates), _A_ROW):
        for column, one in zip(st.columns(_A_ROW), candidates[start : start + _A_ROW], strict=False):
            if one.thumbnail is not None:
                column.image(one.thumbnail, width="stretch")
            column.button(str(one.day), key=f"propose.{name}.{one.day}", on_click=guarded(_use), args=(name, one.day))
            column.caption(f"{one.clear_share:.0%} clear")


def _use(name: str, day: date) -> None:
    st.session_state[name] = day
