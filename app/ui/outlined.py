"""The outlines of the session's inventory as truth of a patch that has none of its own: rule, and what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.bands import TRUTH
from app.errors import DateOrderError, ScarpError
from app.files import digest
from app.grid import BUFFER_DEG, BUFFERS_DEG
from app.inventory import Event, mapped
from app.inventory.mapped import Mapped, OutlineIndex, Rule
from app.ui import choices, chosen_patch, kept, state, words
from app.ui.keys import KEEP

if TYPE_CHECKING:
    import xarray as xr

    from app.patches import PatchSpec

_PIXELS = {"centre": "Middle inside", "touched": "All touched"}
_OTHERS = {
    mapped.AS_UNKNOWN: "unknown",
    mapped.AS_BACKGROUND: "no landslide",
    mapped.AS_LANDSLIDE: "landslide",
}


def index() -> OutlineIndex:
    """Return the outlines of the session's inventory, taken up once."""
    return state.listing().outlines


def rule() -> Rule:
    """Return how the reader wants outlines to become pixels."""
    return Rule(st.session_state[choices.TOUCHED] == "touched", st.session_state[choices.OTHERS])


def of(spec: PatchSpec) -> Mapped | None:
    """Return what the inventory's outlines say of a patch; None where its event has no outline there."""
    event = state.event()
    if event is None or event.id != spec.event_id or not event.outline or chosen_patch.own_event() is not None:
        return None
    held, asked = index(), rule()
    try:
        meeting = held.meeting(spec.grid, spec.t1, spec.t2, spec.event_id, asked)
    except ScarpError:  # a line, which says nothing of an area
        return None
    return _truth(f"{spec.key} {held.named(meeting, asked)}", held, spec, asked)


def spec_of(event: Event) -> PatchSpec:
    """Return the patch of any event as chosen: with the dates picked for it, else its own.

    Raises DateOrderError where it has none.
    """
    chosen = state.event()
    picked = chosen_patch.event_dates() if chosen is not None and chosen.id == event.id else kept.dates(event)
    t1, t2 = picked[0] or event.t1, picked[1] or event.t2
    found = chosen_patch.spec_of(event, t1, t2)
    if found is None:
        raise DateOrderError(f"Event {event.id} has no T1 and T2; choose it and set them on the Patches page.")
    return found


def with_truth(spec: PatchSpec, patch: xr.Dataset) -> xr.Dataset:
    """Return a patch with the outlines as its truth, unless it has one of its own or the event has no outline."""
    found = None if TRUTH in patch else of(spec)
    return patch if found is None else mapped.onto(patch, found)


def key_of(patch: xr.Dataset) -> str:
    """Return what names the truth of a patch, empty for none: the same patch may have another one by another rule."""
    return digest(np.ascontiguousarray(patch[TRUTH].values).tobytes())[:16] if TRUTH in patch else ""


def said(patch: xr.Dataset) -> str:
    """Return what the truth of a patch is made of, where outlines made it; else an empty text."""
    return str(patch[TRUTH].attrs.get("comment", "")) if TRUTH in patch else ""


def size_told(spec: PatchSpec) -> str:
    """Return what to say of the size of a patch whose event has an outline; nothing where there is nothing to say."""
    found, event = of(spec), state.event()
    if found is None or event is None:
        return ""
    outside = found.meeting.outside
    if outside >= mapped.LEAST_OUTSIDE:
        return (
            f"{outside:.1%} of the event's outline lies outside of this patch: choose a larger one; a patch reaches at "
            f"most {BUFFERS_DEG[1]:g}° from the event to its edge."
        )
    reach = (spec.bbox[3] - spec.bbox[1]) / 2
    if chosen_patch.buffer_deg() is None and reach > BUFFER_DEG + 1e-9:
        return f"The event's outline asks for a larger patch: {reach:g}° from the event to its edge."
    return ""


def controls() -> None:
    """Let the reader say how outlines become pixels, and what those of other days are."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Pixels of an outline", list(_PIXELS), format_func=words.titled(_PIXELS), key=choices.TOUCHED,
            required=True, **KEEP,
        )  # fmt: skip
        st.selectbox(
            "Outlines of other days count as", list(_OTHERS), format_func=words.titled(_OTHERS), key=choices.OTHERS,
            width=260, help="Other days than between T1 and T2, or none that is known.", **KEEP,
        )  # fmt: skip


def argument() -> str:
    """Return what ``evaluate`` takes for the same source and the same rule; a file's place is never written out."""
    asked = rule()
    touched = " --all-touched" if asked.all_touched else ""
    others = f" --other-outlines {asked.others}" if asked.others != mapped.AS_UNKNOWN else ""
    return f"--inventory FILE --source {st.session_state[choices.SOURCE]}{touched}{others}"


def truth_told(spec: PatchSpec, patch: xr.Dataset) -> None:
    """Say what the truth of a patch is, with the rule to choose where outlines make it."""
    if comment := said(patch):
        controls()
        st.caption(words.plain(comment))
    elif TRUTH in patch and of(spec) is not None:
        st.caption(
            "The truth is the patch's own. The outlines of the inventory are a layer of the viewer and are not scored "
            "against here; on the Metrics page they can be."
        )


@st.cache_resource(max_entries=64, show_spinner=False)  # a truth that nobody changes: not copied each time
def _truth(key: str, _index: OutlineIndex, _spec: PatchSpec, _rule: Rule) -> Mapped:
    made = _index.truth(_spec.grid, _spec.t1, _spec.t2, _spec.event_id, _rule)
    made.truth.setflags(write=False)
    return made
