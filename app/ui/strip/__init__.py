"""A strip of thumbnails in the sidebar: the events near the chosen one in the list, as far as they are at hand."""

from __future__ import annotations

import base64
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import ScarpError
from app.files import digest
from app.inventory import Event
from app.patches import PatchSpec
from app.sources.own import records
from app.ui import cached, choices, chosen_patch, faults, keys, state, words
from app.ui.faults import guarded
from app.ui.shelf import Shelf

if TYPE_CHECKING:
    import xarray as xr

    from app.pictures.thumbnail import Thumbnail

AROUND = 3  # events shown on either side of the chosen one
_MADE_AT_ONCE = 24  # by one press of the button: the nearest ones
_SHELF_BYTES = 20_000_000  # some two thousand thumbnails
_READ_BYTES = 25e6  # a kept patch up to this size is read for its thumbnail without being asked
_READ_AT_ONCE = 2  # in one run of a page
_LOOK_AGAIN_S = 20  # how long "not in the cache" is believed: a cache may lie behind a network

_CHOSEN = "held.strip_chosen"
_HELP = (
    f"Of up to {_MADE_AT_ONCE} events near this one in the list: from patches that are kept already, "
    "and from sources on this machine. Nothing is fetched over a network."
)

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "scarp_strip",
    html=(_HERE / "strip.html").read_text("utf-8"),
    css=(_HERE / "strip.css").read_text("utf-8"),
    js=(_HERE / "strip.js").read_text("utf-8"),
)


@dataclass(frozen=True)
class Item:
    """One event of the strip; without a spec it has no pair of dates, so no picture either."""

    event: Event
    spec: PatchSpec | None


def reserve() -> None:
    """Keep a place for the strip where this is called; ``draw`` fills it once the page has its patch."""
    st.session_state[keys.STRIP] = st.container()


def draw() -> None:
    """Fill the place kept for the strip, where one is and an event of the inventory is shown."""
    place, chosen = st.session_state.pop(keys.STRIP, None), state.event()
    if place is None or chosen is None or chosen_patch.subject() is not chosen:
        return
    with place:
        _strip()


@st.fragment
def _strip() -> None:
    faults.show()
    local = cached.source_info(st.session_state[choices.SOURCE]).local  # else each look may be a request
    within_reach = around(_MADE_AT_ONCE // 2 if local else AROUND)
    items = _nearest(within_reach)
    _read_kept(items)
    _mount(data=_data(items), key="strip", on_click_change=guarded(_clicked))
    if st.session_state.pop(_CHOSEN, False):
        st.rerun()
    wanted = (item.spec for item in within_reach if item.spec and _missing(item.spec))
    first = next(wanted, None)  # one is enough for the button
    if first and st.button("Make thumbnails", key="strip.make", icon=":material/burst_mode:", help=_HELP):
        _make([first, *wanted])


def around(reach: int) -> list[Item]:
    """Return the events up to ``reach`` before and after the chosen one in the filtered list, and itself."""
    listing, shown, chosen = state.listing(), state.shown(), state.event()
    at = listing.position(chosen.id) if chosen else None
    if chosen is None or at is None:
        return []
    rank = bisect_left(shown, at)
    later = rank + (rank < len(shown) and shown[rank] == at)
    near = [*shown[max(0, rank - reach) : rank], at, *shown[later : later + reach]]
    return [Item(listing.events[n], _spec(listing.events[n], chosen)) for n in near]


def _nearest(items: list[Item]) -> list[Item]:
    """Return those of a list as ``around`` gives it that it gives for ``AROUND``."""
    chosen = state.event()
    at = next((n for n, item in enumerate(items) if item.event is chosen), 0)
    return items[max(0, at - AROUND) : at + AROUND + 1]


def _spec(event: Event, chosen: Event) -> PatchSpec | None:
    try:
        return chosen_patch.spec() if event is chosen else chosen_patch.spec_of(event, event.t1, event.t2)
    except ScarpError:
        return None


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf[Thumbnail]:
    return Shelf(_SHELF_BYTES, lambda made: len(made.data))


def _missing(spec: PatchSpec) -> bool:
    """Whether a thumbnail is not there yet but could be made without a network."""
    if _shelf().get(spec.key) is not None:
        return False
    return cached.held_patch(spec) is not None or cached.source_info(spec.source).local or _kept(spec.key, spec)


@st.cache_data(ttl=_LOOK_AGAIN_S, max_entries=2000, show_spinner=False)
def _kept(key: str, _spec: PatchSpec) -> bool:
    return _in_cache(_spec)


def _in_cache(spec: PatchSpec) -> bool:
    from app import cache

    return cache.cached(spec)


def _read_kept(items: Sequence[Item]) -> None:
    """Make thumbnails of patches that are open, and of a few small ones that the cache keeps."""
    read = 0
    for spec in (item.spec for item in items if item.spec):
        if _shelf().get(spec.key) is not None:
            continue
        held = cached.held_patch(spec)
        if held is None and read < _READ_AT_ONCE and spec.nbytes <= _READ_BYTES and _kept(spec.key, spec):
            held, read = _opened(spec), read + 1
        if held is not None:
            _keep(spec, held)


def _opened(spec: PatchSpec) -> xr.Dataset | None:
    """Return a patch that is kept; None where it has gone meanwhile, for nothing is fetched here."""
    try:
        return cached.patch_quietly(spec) if _in_cache(spec) else None
    except ScarpError:
        return None


def _make(specs: Sequence[PatchSpec]) -> None:
    """Make thumbnails one after the other; what is made before a stop stays."""
    st.button("Stop", key="strip.stop", icon=":material/stop_circle:")  # any press ends this run
    bar = st.progress(0.0, text="Making thumbnails")
    for n, spec in enumerate(specs):
        bar.progress(n / len(specs), text=f"Event {spec.event_id}, {n + 1} of {len(specs)}")
        try:
            _keep(spec, cached.patch_quietly(spec))
        except ScarpError as error:
            st.caption(f":orange[Event {words.plain(spec.event_id)}: {words.plain(str(error))}]")
    st.rerun(scope="fragment")


def _keep(spec: PatchSpec, patch: xr.Dataset) -> None:
    from app.pictures import thumbnail

    _shelf().get_or_make(spec.key, lambda: thumbnail.make(patch))


def _data(items: Sequence[Item]) -> dict[str, object]:
    chosen = state.event()
    listed = [_item(item, item.event is chosen) for item in items]
    return {"key": digest(repr(listed))[:16], "items": listed}


def _item(item: Item, chosen: bool) -> dict[str, object]:
    made = _shelf().get(item.spec.key) if item.spec else None
    return {
        "id": item.event.id[:40],
        "name": records.title(item.event.id) if records.is_name(item.event.id) else item.event.id[:40],
        "date": item.event.when or "no date",
        "chosen": chosen,
        "src": f"data:image/jpeg;base64,{base64.b64encode(made.data).decode('ascii')}" if made else "",
        "simulated": bool(made and made.simulated),
        "why": "not open yet" if item.spec else "no images" if item.event.t1 and item.event.t2 else "no dates",
    }


def _clicked() -> None:
    asked = faults.sent("strip", "click")
    for item in around(AROUND):
        if item.event.id[:40] == asked:
            state.choose_event(item.event.id)
            st.session_state[_CHOSEN] = True
            return
