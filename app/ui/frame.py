"""The frame every page opens first: page set-up, navigation, the chosen event, notes."""

import logging
from bisect import bisect_left
from contextlib import nullcontext
from functools import cache
from pathlib import Path

import streamlit as st

from app import config, logs, patches, visitors
from app.errors import ScarpError
from app.files import unwritable
from app.inventory import Event, source_title
from app.lessons.refusal import Refusal
from app.lessons.words import said
from app.sources.own import records
from app.ui import (
    choices,
    chosen_patch,
    faults,
    insides,
    kept,
    keys,
    link,
    notes,
    owned,
    share,
    spoken,
    state,
    strip,
    sweeping,
    terms,
    words,
    workspace,
)
from app.ui.faults import guarded
from app.ui.review import login
from app.visitors import guard
from app.visitors.room import Room

PAGES = (  # script, label, icon, what it is for
    ("streamlit_app.py", "Start", ":material/home:", "Where to begin."),
    (
        "pages/inventory.py", "Inventory", ":material/map:",
        "Landslides with their dates and places. Ten published events are built in; bring your own list.",
    ),
    (
        "pages/patches.py", "Patches", ":material/satellite_alt:",
        "The Sentinel-2 square before and after: simulated without a network, or real.",
    ),
    (
        "pages/compare.py", "Compare", ":material/compare:",
        "Both dates under one zoom and one contrast: swipe, blink, opacity, side by side.",
    ),
    (
        "pages/detect.py", "Detect", ":material/travel_explore:",
        "Change by networks, bands and indices: a mask, an area in square metres, polygons to take away.",
    ),
    (
        "pages/metrics.py", "Metrics", ":material/monitoring:",
        "Precision, recall, F1 and IoU where the truth is known, with how they were averaged.",
    ),
    (
        "pages/review.py", "Review", ":material/fact_check:",
        "Your verdict on the event, kept with your name and what you looked at.",
    ),
    (
        "pages/learn.py", "Learn", ":material/school:",
        "Lessons and a bench on simulated scenes: see what a detector does, and what fools it.",
    ),
)  # fmt: skip

SIDEBAR_PX = 232
_ROOM = Room()
_log = logging.getLogger(__name__)
visitors.tell_who_is_known(login.is_known, login.is_configured)


def open_page(title: str, caption: str = "", for_visitors: str = "") -> None:
    """Set the page up, read and write its address, and draw what all pages share.

    ``for_visitors`` is said in place of the caption to those who keep nothing here.
    """
    called = spoken.titled(title)
    st.set_page_config(page_title=f"{called} · Scarp", page_icon="⛰️", layout="wide", initial_sidebar_state=SIDEBAR_PX)
    st.html(insides.PAGE_STYLE)
    insides.keep_fragments_on_their_page()
    insides.let_callbacks_finish()
    insides.look_up_one_value()
    with faults.shown_errors():  # a setting that cannot be read ends every page with its sentence
        logs.set_up(config.settings().log_level)
        _require_room(config.settings().sessions, spoken.asked(title))
    _tell_unguarded()
    sweeping.spare()
    insides.bound_uploads(
        *(int(most * 1e9) for most in (config.settings().uploads_gb, config.settings().all_uploads_gb))
    )
    insides.give_back_what_ended()
    if st.session_state.get(keys.PAGE) != title:
        st.session_state[keys.PAGE], st.session_state[keys.MAPPED] = title, None
    path = next((path for path, label, *_ in PAGES if label == title), PAGES[0][0])
    carried = choices.CARRIED[path]
    state.resume()
    owned.networks()
    link.adopt(carried)
    state.begin()
    _check_event()
    state.keep_dates()
    kept.update()
    link.publish(carried)
    if spoken.titled(title) != called:  # the address said another language
        st.set_page_config(page_title=f"{spoken.titled(title)} · Scarp")
    spoken.tell(title)
    _sidebar(with_strip=choices.SOURCE in carried)
    _headline(title, with_link=path != PAGES[0][0])
    if caption:
        st.caption(caption if visitors.may() else for_visitors or caption)
    faults.show()
    for sentence in notes.take():
        st.warning(words.plain(sentence), icon=":material/link_off:")


@cache  # once a process
def _tell_unguarded() -> None:
    if insides.is_served() and not guard.stands():
        _log.warning(guard.UNGUARDED)


def _require_room(most: int, language: str) -> None:
    """End the page of a reader too many with a sentence; 0 is no limit."""
    if not most or _ROOM.takes(*insides.sessions(), most):
        return
    st.error(Refusal("readers", most=most).told(language), icon=":material/groups:")
    st.button(said("refused", "again", language=language), icon=":material/refresh:")
    st.stop()


def _check_event() -> None:
    chosen = st.session_state.get(choices.EVENT)
    if chosen is not None and state.event() is None:
        st.session_state[choices.EVENT] = None
        notes.add(
            f"{state.inventory().name} holds no event {chosen}; choose another one, or bring the inventory it is in."
        )


def _headline(title: str, with_link: bool) -> None:
    with st.container(key="headline", horizontal=True, vertical_alignment="center"):
        st.title(spoken.titled(title), anchor=False, width="content")
        if with_link:
            language = spoken.language_of(title)
            with st.popover(said("share", "name", language=language), icon=":material/link:"):
                share.address(language=language)
                st.caption(said("share", "about", language=language))
        terms.of_page(title)


def _sidebar(with_strip: bool) -> None:
    with st.sidebar:
        st.html('<p class="scarp-mark">Scarp<span>.</span></p><p class="scarp-sub">Landslides from space</p>')
        addresses = link.addresses([path for path, *_ in PAGES])
        for path, label, icon, _ in PAGES:
            with st.container(key=spoken.PLACE) if label == spoken.LEARN else nullcontext():
                link.to_page(path, spoken.titled(label), addresses[path], icon=icon)
        st.divider()
        _event_card()
        if with_strip:
            strip.reserve()
        workspace.remember()
        reason = _not_kept(config.settings().home)
        if reason:
            st.caption(
                f":orange[Scarp's own folder cannot be written ({words.plain(reason)}): what you fetch, score and "
                "judge may not be kept. Free some room, or set SCARP\\_HOME.]"
            )
        st.caption(config.software())


@st.cache_data(ttl=60, show_spinner=False)
def _not_kept(home: Path) -> str:
    return unwritable(home)


def _event_card() -> None:
    chosen, shown_instead = state.event(), chosen_patch.own_event()
    st.markdown(f"**{_titled(chosen)}**" if chosen else "**No event chosen**")
    with st.container(key="step", horizontal=True):
        for label, step in (("Previous", -1), ("Next", 1)):
            st.button(
                label, key=f"step.{label}", shortcut=label[0], on_click=guarded(state.step_event), args=(step,),
                help=f"{label} event of the inventory's list, as filtered there. Key: {label[0]}",
            )  # fmt: skip
    st.caption(_standing(chosen))
    if shown_instead is not None:
        _other_patch_card(chosen, shown_instead)
        return
    if chosen is None:
        return
    what = " · ".join(part for part in (chosen.category, chosen.when or "no date", source_title(chosen.source)) if part)
    st.caption(f"{words.plain(what)}  \n{chosen.latitude:.5f}, {chosen.longitude:.5f}")
    for warning in state.inventory().warnings_for(chosen.id):
        st.caption(f":orange[:material/warning: {words.plain(warning.message)}]")
    _patch_card()


def _other_patch_card(chosen: Event | None, shown: Event) -> None:
    """Say that the patch shown is not the chosen event's, and what it is of."""
    source = st.session_state[choices.SOURCE]
    if chosen is not None:
        st.caption(f"It waits: the source **{source}** shows a place of its own.")
    st.markdown(f"**Shown: {_titled(shown) if records.is_name(shown.id) else words.plain(shown.id)}**")
    st.caption(f"{words.plain(shown.category)}  \n{shown.latitude:.5f}, {shown.longitude:.5f}".strip())
    _patch_card()


def _titled(event: Event) -> str:
    """Return an event's name for the narrow sidebar: of a pair that was brought, whose id is long, how it begins."""
    return records.title(event.id) if records.is_name(event.id) else f"Event {words.plain(event.id)}"


def _standing(chosen: Event | None) -> str:
    """Return where the event stands in the list that Previous and Next go through, in words."""
    listing, shown = state.listing(), state.shown()
    every = len(listing.events)
    there = words.counted(len(shown), "event") + ("" if len(shown) == every else f", filtered from {every:,}")
    at = listing.position(chosen.id) if chosen else None
    if at is None:
        return f"{there}: {words.plain(listing.inventory.name)}"
    rank = bisect_left(shown, at)
    return f"No. {rank + 1:,} of {there}" if rank < len(shown) and shown[rank] == at else f"Not among the {there}"


def _patch_card() -> None:
    try:
        spec = chosen_patch.spec()
    except ScarpError as error:
        st.caption(f":orange[:material/warning: {words.plain(str(error))}]")
        return
    if spec is not None:
        height, width = spec.grid.shape
        first, second = (when.replace(patches.SPAN, " to  \n") for when in spec.when)  # else a day is cut
        st.caption(f"T1 {first}  \nT2 {second}  \n**{spec.source}**, {width} x {height} pixels")
