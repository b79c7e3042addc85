"""Controls that more than one page draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

from app import config, patches, visitors
from app.errors import InputError
from app.inventory import Event, EventWarning
from app.patches import PatchSpec
from app.sources import uses_account
from app.sources.own import records
from app.ui import cached, choices, chosen_patch, faults, link, outlined, state, strip, words
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.visitors import Deed

if TYPE_CHECKING:
    import xarray as xr
    from streamlit.delta_generator import DeltaGenerator

_FIRST = "first.event"
_COUNTED = "held.counted"  # what composites take, by spec
SHOWN_DOUBTS = 2  # as many are shown without a fold
QUICK_BYTES = 50e6  # about 700 x 700 pixels of twelve bands: simulated in a second or two
_HERE = config.OWN_HOSTS[0]
_PROXIED = ("forwarded", "via", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip", "x-scheme")


def open_part(titles: Mapping[str, str], chosen: str, key: str) -> tuple[str, DeltaGenerator]:
    """Draw a tab for each of ``titles`` and return the open one: its name and where it is drawn.

    Only that one is worked out. A tab's own ``key`` is lost on a page change, so its name is kept beside it, under
    ``chosen`` in the session.
    """
    st.session_state[key] = titles.get(str(st.session_state.get(chosen)), next(iter(titles.values())))
    tabs = st.tabs(list(titles.values()), key=key, on_change=guarded(keep_part), args=(titles, chosen, key))
    return next((name, tab) for name, tab in zip(titles, tabs, strict=True) if tab.open)


def keep_part(titles: Mapping[str, str], chosen: str, key: str) -> None:
    """Keep which tab was opened; runs before the page does, and may lack the tab in a session that was dropped."""
    found = [name for name, title in titles.items() if title == st.session_state.get(key)]
    if found:
        st.session_state[chosen] = found[0]


def folded(label: str, icon: str, draw: Callable[[], None], key: str) -> None:
    """Draw a button that unfolds what ``draw`` draws, which is worked out when it is open and not before."""
    with st.container(width="content"):  # else the fragment is as wide as it may be
        _folded(label, icon, draw, key)


@st.fragment  # opened without the rest of the page
def _folded(label: str, icon: str, draw: Callable[[], None], key: str) -> None:
    faults.show()
    with st.popover(label, icon=icon, width="content", key=key, on_change="rerun") as place:
        if place.open:
            with faults.shown_errors():
                draw()


def at_this_machine() -> bool:
    """Whether whoever sees the page sits at this machine, so that its folders are theirs.

    The server has to listen to this machine alone, and the session's own request to have come from
    it, under a name of this machine's and through no proxy, which hands on requests from anywhere.
    ``SCARP_PATHS=off`` says no for all: for a proxy that leaves no trace, and on shared machines.
    """
    if not visitors.may():
        return False
    if not config.settings().paths or st.get_option("server.address") not in config.OWN_HOSTS:
        return False
    asked = {name.lower(): value for name, value in st.context.headers.items()}
    if any(name in _PROXIED or name.startswith("x-forwarded") for name in asked):
        return False
    # a proxy may put its own name into Host and leave no other trace than where the page says it came from
    places = f"//{asked.get('host', _HERE)}", asked.get("origin", f"//{_HERE}")
    far = isinstance(st.context.ip_address, str)  # of this machine's own requests Streamlit tells none
    return not far and all(_name(place) in config.OWN_HOSTS for place in places)


def _name(place: str) -> str | None:
    try:
        return urlsplit(place).hostname
    except ValueError:
        return None


def require_own_paths() -> None:
    """Raise InputError unless this session may name files and folders of this machine."""
    visitors.require(Deed.FOLDERS)
    if not at_this_machine():
        raise InputError(
            "Paths are read only for a browser on the machine Scarp runs on; upload the file instead, "
            "or ask whoever runs Scarp (SCARP_PATHS, docs/SECURITY.md)."
        )


def is_refused(deed: Deed) -> bool:
    """Whether a visitor of a shared installation may not do that; then the page says why."""
    said = visitors.refusal(deed)
    if said:
        st.info(words.plain(said), icon=":material/lock:")
    return bool(said)


def require_spec(dates_here: bool = False) -> PatchSpec:
    """Return the chosen patch, or tell the reader where to choose one and end the page.

    ``dates_here`` says that the dates are set on this very page.
    """
    chosen = spec_or_way(dates_here)
    if chosen is None:
        st.stop()
    return chosen


def spec_or_way(dates_here: bool = False) -> PatchSpec | None:
    """Return the chosen patch; where there is none, tell the reader where to choose one and return None."""
    with faults.shown_errors():
        chosen = chosen_patch.spec()
    if chosen is not None:
        return chosen
    if st.session_state[choices.SOURCE] == records.SOURCE:
        if not dates_here:  # there the form says so
            st.info("Bring T1 and T2 to open your own pair.", icon=":material/add_photo_alternate:")
            link.to_page("pages/patches.py", "Bring a pair, or choose a source", icon=":material/satellite_alt:")
    elif chosen_patch.subject() is None:
        st.info(
            "No event is chosen yet. Choose one on the map or in the table of the inventory.", icon=":material/map:"
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            link.to_page("pages/inventory.py", "Choose an event", icon=":material/list:", width="content")
            if state.shown():
                st.button(
                    "Begin with the first", icon=":material/first_page:", key=_FIRST,
                    on_click=guarded(lambda: state.step_event(1)),
                )  # fmt: skip
    elif dates_here:
        st.info("This event has no usable pair of dates yet: set T1 and T2 above.", icon=":material/event:")
    else:
        st.info("This event has no usable pair of dates. Set T1 and T2 on the Patches page.", icon=":material/event:")
        link.to_page("pages/patches.py", "Set the dates", icon=":material/satellite_alt:")
    return None


def event_dates(event: Event) -> None:
    """Lay an event's dates out in their order: T1, the event, T2."""
    t1, t2 = chosen_patch.dates()
    boxes = (
        ("T1, before", t1, apart(t1, event.date), "#2b6f8e"),
        ("Event", event.when, event.accuracy, "#b4532a"),
        ("T2, after", t2, apart(t2, event.last_day), "#2b6f8e"),
    )
    cells = "".join(
        f'<div style="border-left-color:{colour}"><small>{title}</small><b>{_unbroken(str(when or "not known"))}</b>'
        f"<small>{escape(note)}</small></div>"
        for title, when, note, colour in boxes
    )
    st.html(f'<div class="scarp-dates">{cells}</div>')


def _unbroken(text: str) -> str:
    """Return HTML of a text whose days are not broken at their hyphens."""
    return " ".join(f"<span>{escape(word)}</span>" for word in text.split())


def event_summary(event: Event, found: tuple[EventWarning, ...], along: Sequence[tuple[str, str]] = ()) -> None:
    """Show what an event is, its dates and what is doubtful about it, with the way on, and what came ``along``."""
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            name = f"Event {words.plain(event.id)}: {words.plain(event.category or 'landslide')}"
            st.subheader(name, anchor=False, width="content")
            link.to_page("pages/compare.py", "**Before and after**", icon=":material/compare:", width="content")
        event_dates(event)
        warnings(found)
        if along:
            with st.expander(f"What else the file says ({words.counted(len(along), 'column')})"):
                st.caption("  \n".join(f"**{words.plain(title)}**: {words.plain(text)}" for title, text in along))


def warnings(found: tuple[EventWarning, ...]) -> None:
    """Show what a reader of this event should doubt."""
    for warning in found:
        st.warning(f"{words.plain(warning.message)} `{warning.code}`", icon=":material/warning:")


def minimum_area() -> float:
    """Let the reader drop patches of change smaller than an area in square metres; returns it."""
    return st.number_input(
        "Smallest area (m²)", min_value=0.0, max_value=choices.MOST_AREA_M2, step=100.0, key=choices.MIN_AREA,
        format="%g",
        help="Connected groups of detected pixels below this area are left out.", **KEEP,
    )  # fmt: skip


def opening() -> int:
    """Let the reader take away what is narrower than twice a number of pixels; returns the number."""
    return st.number_input(
        "Opening (pixels)", min_value=0, max_value=choices.MOST_OPENING, step=1, key=choices.OPENING,
        help="Takes away threads and single pixels: what is narrower than twice this.", **KEEP,
    )  # fmt: skip


def apart(when: date | None, event_date: date | None) -> str:
    """Return how long before or after the event a date is, in words; empty where either is unknown."""
    if when is None or event_date is None:
        return ""
    days = (when - event_date).days
    return f"{words.counted(abs(days), 'day')} {'after' if days > 0 else 'before'}" if days else "the same day"


def opened(spec: PatchSpec, doubts: bool = True) -> xr.Dataset:
    """Return the patch: at once where that is quick or it is held already, else when the reader asks.

    Where it has no truth of its own and its event an outline in the inventory, that is its truth.
    What is to be doubted of it is shown, unless the page does so itself.

    A source that takes long or costs something is never asked by merely looking at a page.
    """
    place = st.empty()  # always there, so that what follows keeps its place, and its state, on the page
    if cached.held_patch(spec) is not None:
        patch = _opened(spec)
    else:
        with place.container():
            patch = _opened(spec)
        place.empty()
    patch = outlined.with_truth(spec, patch)
    with st.container():  # there with nothing in it as well, for the same reason
        doubted(patches.warnings(patch) if doubts else ())
    return patch


def doubted(found: Sequence[str]) -> None:
    """Show what a reader should doubt of the numbers below, folded where it is much."""
    folded = len(found) > SHOWN_DOUBTS
    title = f"{len(found)} reasons to doubt these numbers"
    place = st.expander(title, icon=":material/warning:") if folded else st.container()
    for sentence in found:
        place.warning(words.plain(sentence), icon=":material/warning:")


def _opened(spec: PatchSpec) -> xr.Dataset:
    cached.require_bearable(spec)
    info = cached.source_info(spec.source)
    quick = info.local and spec.nbytes < QUICK_BYTES
    if quick or cached.at_hand(spec):
        patch = cached.patch(spec)
        strip.draw()
        return patch
    if uses_account(spec) and is_refused(Deed.ACCOUNTS):
        strip.draw()
        st.stop()
    asking, stopping = st.empty(), st.empty()
    with asking.container():
        cost = cached.cost(spec) or f"Cost: {info.cost.rstrip('.')}."
        size = cached.describe_grid(spec)
        cost = st.session_state.get(f"{_COUNTED}.{spec.key}") or cost
        st.info(f"This patch is not open yet: {size}. {words.plain(cost)}", icon=":material/download:")
        if spec.composite and "processing units" in cost and st.button("Count its scenes", key="composite.count"):
            st.session_state[f"{_COUNTED}.{spec.key}"] = cached.counted_cost(spec)
            st.rerun()
        if not st.button("Open the patch", type="primary"):
            strip.draw()
            st.stop()
    stopping.button("Stop", icon=":material/stop_circle:", key="stop.opening")  # any press ends the run that opens
    try:
        patch = cached.patch(spec)
    finally:
        stopping.empty()
    asking.empty()
    strip.draw()
    return patch


def steps(pages: tuple[tuple[str, str, str, str], ...]) -> None:
    """Draw one numbered card a page: path, title, icon and what it is for."""
    numbered = list(enumerate(pages, start=1))
    for start in range(0, len(numbered), 3):
        for column, (number, (path, title, icon, what)) in zip(
            st.columns(3), numbered[start : start + 3], strict=False
        ):
            with column.container(border=True, height="stretch"):
                link.to_page(path, f"**{number}. {title}**", icon=icon)
                st.caption(what)
