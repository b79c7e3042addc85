"""The queue of the Review page: which events are left to judge, in which order, and the next one fetched ahead."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from app import config, review, visitors
from app.errors import ReviewError, ScarpError
from app.inventory import Event
from app.patches import PatchSpec
from app.review import queue, team
from app.review.team import JudgedItem
from app.ui import cached, choices, chosen_patch, kept, keys, state, words
from app.ui.keys import KEEP
from app.ui.review import database, hiding, sharing
from app.ui.widgets import QUICK_BYTES

_MOST_COMPARED = 500  # events whose methods are compared


@dataclass(frozen=True)
class Line:
    """The events to judge, in their order, with those the reader has judged and those put off."""

    order: list[str]
    judged: set[str]
    skipped: list[str]
    left_out: int  # events that pass the filters and have no pair of dates, or no files here, so cannot be opened
    others: int = 0  # events that others were given
    apart: Mapping[str, JudgedItem] = field(default_factory=dict)  # what a third decides, where the queue is of that
    fault: str = ""  # why the verdicts could not be read; then nothing counts as judged

    @property
    def done(self) -> int:
        """How many of the events are judged."""
        return sum(one in self.judged for one in self.order)

    def after(self, here: str | None, *, judged_too: bool = False) -> str | None:
        """Return the event to judge after this one, which counts as judged where ``judged_too``."""
        more = {here} if judged_too and here else set()
        return queue.after(self.order, here, self.judged | more, self.skipped)


def line() -> Line:
    """Return the queue as it stands: of the events that pass the inventory's filters, those with a pair of dates.

    Where the verdicts cannot be read, the queue says why, and the page keeps what is typed on it.
    """
    ids, left_out = _openable()
    try:
        return _line(ids, left_out)
    except ReviewError as error:
        return Line(ids, set(), _skipped(), left_out, fault=str(error))


def _line(ids: list[str], left_out: int) -> Line:
    name = database.reviewer()
    if st.session_state[choices.QUEUE] == "conflicts":
        apart = sharing.apart(ids)
        decided = {one for one, held in apart.items() if held.decision is not None}
        return Line(list(apart), decided, _skipped(), left_out, apart=apart)
    every, ids = ids, sharing.mine(ids)
    judged = database.reviews().judged(name, state.inventory()) if name else set[str]()
    return Line(_ordered(ids), judged, _skipped(), left_out, len(every) - len(ids))


def _skipped() -> list[str]:
    return list(st.session_state.get(keys.SKIPPED) or ())


def progress(now: Line) -> None:
    """Show how much is judged, how much is left and how long it takes at the reader's own pace."""
    if now.fault:
        st.error(words.plain(now.fault), icon=":material/error:")
        return
    total, done = len(now.order), now.done
    if not total and st.session_state[choices.QUEUE] == "conflicts":
        st.caption("Nothing is judged apart that you could decide: a third is somebody who has not judged the event.")
        return
    if not total:
        st.caption("No event of the list has a pair of dates and files, so there is no queue.")
        return
    name = database.reviewer()
    seconds = database.reviews().pace(name) if name else None
    left = f"{total - done:,} left"
    if seconds and total > done:
        left += f", about {seconds:.0f} s each: {_long((total - done) * seconds)}"
    did = "decided" if now.apart else "judged"
    st.progress(done / total, text=f"{done:,} of {words.counted(total, 'event')} {did}, {left}")
    if now.others:
        st.caption(f"{words.counted(now.others, 'event')} more of the list others judge (Queue says how it is shared).")


def panel(now: Line) -> None:
    """Let the reader choose the order, and say what is left out."""
    with st.popover("Queue", icon=":material/format_list_numbered:"):
        st.selectbox(
            "Order", list(choices.ORDERS), key=choices.QUEUE, format_func=choices.ORDERS.__getitem__,
            help="Events that you have not judged come first, always; what you skip comes back at the end.", **KEEP,
        )  # fmt: skip
        st.number_input(
            "Seed", 0, choices.MOST_SEED, key=choices.SEED, **KEEP,
            help="Of the random order and of how events are shared out: the same seed, the same of both.",
        )  # fmt: skip
        sharing.controls()
        if st.session_state[choices.QUEUE] == "disagreement":
            st.caption("By methods that have run on an event since Scarp was started; events without two come last.")
        if st.session_state[choices.QUEUE] == "mirrored":
            st.caption("By networks that were asked again with the image mirrored (Detect, Side by side) since Scarp "
                       "was started; events without one come last.")  # fmt: skip
        if now.left_out:
            st.caption(f"{words.counted(now.left_out, 'event')} without a pair of dates, or without files in the "
                       "folder of published data, cannot be opened and stays out.")  # fmt: skip
        st.toggle(
            "Fetch the next events ahead", key=keys.AHEAD, persist_state="session",
            help="From a service on the network. Local sources and events at hand need no fetching.",
        )  # fmt: skip


def go_on(now: Line, *, judged_too: bool) -> bool:
    """Choose the event that comes next; returns whether there is one."""
    then = now.after(st.session_state.get(choices.EVENT), judged_too=judged_too)
    if then is None:
        return False
    state.choose_event(then)
    return True


def skip(now: Line) -> None:
    """Put the event off and choose the one that comes next."""
    here = st.session_state.get(choices.EVENT)
    st.session_state[keys.SKIPPED] = [*(one for one in now.skipped if one != here), here]
    go_on(now, judged_too=False)


def fetch_ahead(now: Line, composition: str, stretch: str) -> None:
    """Open the event that comes next, and draw its pictures, while the reader looks at this one."""
    spec = _spec(now.after(st.session_state.get(choices.EVENT), judged_too=True))
    if spec is None or not (_is_free(spec) or st.session_state.get(keys.AHEAD)):
        return
    if st.session_state.get(keys.AHEAD_OF) == (spec.key, composition, stretch):
        return
    st.session_state[keys.AHEAD_OF] = spec.key, composition, stretch
    threading.Thread(target=visitors.as_now(partial(_open, spec, composition, stretch)), daemon=True).start()


def _open(spec: PatchSpec, composition: str, stretch: str) -> None:
    try:
        cached.patch_quietly(spec)
        cached.panes(spec, composition, stretch)
    except ScarpError:
        return  # the page says why once the event is there


def _is_free(spec: PatchSpec) -> bool:
    """Whether opening a patch asks nobody: the same as for a page that opens it unasked."""
    return (cached.source_info(spec.source).local and spec.nbytes < QUICK_BYTES) or cached.at_hand(spec)


def _openable() -> tuple[list[str], int]:
    """Return the ids of the listed events that can be opened, and how many cannot: without dates, or without files."""
    listing, shown = state.listing(), state.shown()
    found = [listing.events[at] for at in shown]
    held = _with_files() if st.session_state[choices.SOURCE] == "published" else None
    there = [one.id for one in found if all(_dates(one)) and (held is None or one.id in held)]
    return there, len(found) - len(there)


def _with_files() -> frozenset[str]:
    return _published(config.settings().published)


@st.cache_data(ttl=60, show_spinner=False)
def _published(place: Path) -> frozenset[str]:
    from app.sources import published

    return frozenset(published.index(place))


def _dates(event: Event) -> tuple:
    if event.t1 is not None and event.t2 is not None:
        return event.t1, event.t2
    picked = kept.dates(event)
    return picked[0] or event.t1, picked[1] or event.t2


def _spec(event_id: str | None) -> PatchSpec | None:
    if event_id is None:
        return None
    try:
        event = state.inventory().event(event_id)
        return chosen_patch.spec_of(event, *_dates(event))
    except ScarpError:
        return None


def _ordered(ids: list[str]) -> list[str]:
    how, seed = st.session_state[choices.QUEUE], st.session_state[choices.SEED]
    return queue.ordered(ids, how, _weights(how, ids), seed)


def _weights(how: str, ids: list[str]) -> Mapping[str, float]:
    if how == "area":
        return _areas(ids)
    if how == "warnings":
        return {one: float(len(state.inventory().warnings_for(one))) for one in ids}
    if how == "confidence":
        return _doubts()
    if how == "mirrored":
        return _unsteady(ids)
    return _disagreements(ids) if how == "disagreement" else {}


def _doubts() -> dict[str, float]:
    """Return event -> how unsure its reviewers are in the mean, 0 to 2, of those who said so and may be seen."""
    found = {}
    for event, held in team.of_events(database.standings(), state.inventory()).items():
        said = [review.CONFIDENCES[::-1].index(one.confidence) for one in held.said.values() if one.confidence]
        if said and not hiding.is_hidden(held):
            found[event] = sum(said) / len(said)
    return found


def _areas(ids: list[str]) -> dict[str, float]:
    """Return event -> the area of its outline as far as sorting needs it: in square degrees, at its own latitude."""
    import shapely

    outlined = [one for one in map(state.inventory().event, ids) if one.outline]
    areas = shapely.area(shapely.from_wkb(np.array([one.outline for one in outlined], object)))
    across = np.cos(np.radians([one.latitude for one in outlined]))
    return dict(zip((one.id for one in outlined), (areas * across).tolist(), strict=True))


def _disagreements(ids: list[str]) -> dict[str, float]:
    from app.detection import run

    found = {}
    for one in ids[:_MOST_COMPARED]:
        spec = _spec(one)
        ran = cached.detections(spec) if spec else []
        if len(ran) > 1:
            found[one] = queue.disagreement([run.mask(each, each.threshold) for each in ran])
    return found


def _unsteady(ids: list[str]) -> dict[str, float]:
    """Return event -> how far the answers to its image mirrored disagree, of the network that is least steady on it."""
    found = {}
    for one in ids[:_MOST_COMPARED]:
        spec = _spec(one)
        asked = cached.mirrored_so_far(spec) if spec else []
        if asked:
            found[one] = max(queue.disagreement(list(each.masks())) for each in asked)
    return found


def _long(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1:
        return "less than a minute"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
