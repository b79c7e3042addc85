"""Any place on Earth as an event of this session: typed, pasted, pressed on the map, or drawn as a box."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import streamlit as st

from app import export, patches
from app.errors import InputError
from app.grid import BUFFER_DEG, BBox
from app.inventory import places
from app.inventory.browse import Filters
from app.pictures import shapes
from app.ui import cached, choices, chosen_patch, keys, notes, state, viewer, words
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.layers.heard import Point

_TEXT, _WHEN = "place.text", "place.date"
_STEP_DEG = 0.001  # sizes of patches that a reader draws


def way() -> None:
    """Let the reader name any place and day; it joins the inventory, which can be taken away with it."""
    if st.session_state.get(keys.PRESSED):
        return  # what was pressed is asked about below
    mine = sum(event.source == state.YOURS for event in state.inventory().events)
    label = "Any other place" + (f" · {words.counted(mine, 'place')} of yours" if mine else "")
    with st.popover(label, icon=":material/add_location_alt:", key=f"ways.place.{mine}"):  # a new key closes it
        _form()
        if mine:
            _taken_away(mine)


def pressed() -> None:
    """Ask about the place that was pressed on the map."""
    if st.session_state.get(keys.PRESSED):
        with st.expander("The place you pressed: add a day", icon=":material/add_location_alt:", expanded=True):
            _form()


def press(point: Point) -> None:
    """Take a place pressed on the map into the form."""
    longitude, latitude = point
    st.session_state[_TEXT] = f"{latitude:.5f}, {longitude:.5f}"
    st.session_state[keys.PRESSED] = True


def draw(kind: str, corners: Sequence[Point]) -> None:
    """Take what was drawn on the map: a box is the patch's, a polygon a shape on the patch."""
    if kind == "polygon":
        _polygon(corners)
    else:
        _box(corners)


def draw_among_events(kind: str, corners: Sequence[Point]) -> None:
    """Take what was drawn on the map of the inventory: a box may also say which events are to be listed.

    One too large for a patch that holds events, but not the chosen one, can mean nothing else: it makes no place.
    """
    if kind != "polygon":
        box, listing, chosen = _box_of(corners), state.listing(), state.event()
        inside = {listing.events[n].id for n in listing.passing(Filters(within=box))}
        st.session_state[keys.AREA] = (listing.origin, box) if inside else None
        large = max(box[2] - box[0], box[3] - box[1]) > 2 * choices.BUFFERS_DEG[1]
        if inside and large and (chosen is None or chosen.id not in inside):
            return
    draw(kind, corners)


def area_drawn() -> BBox | None:
    """Return the box drawn last round events of this list, where they are not held back by it already."""
    origin, box = st.session_state.get(keys.AREA) or ("", None)
    return box if origin == state.listing().origin and box != st.session_state.get(choices.WITHIN) else None


def _form() -> None:
    st.text_input(
        "Latitude and longitude, or a map's link", key=_TEXT, max_chars=places.MOST_CHARACTERS,
        placeholder="45.1234, 9.8765 · 45°07.4'N 9°52.6'E · a link of a map", **KEEP,
    )  # fmt: skip
    when, go = st.columns(2, vertical_alignment="bottom")
    latest = date.today() + timedelta(days=1)
    when.date_input("Day of the event", value=None, key=_WHEN, max_value=latest, format="YYYY-MM-DD", **KEEP)
    go.button("Add the place", key="place.add", type="primary", width="stretch", on_click=guarded(_add))
    st.caption("A press of the right mouse button on the map fills in the place. Without a day T1 and T2 are yours.")


def _add() -> None:
    latitude, longitude = places.parse(st.session_state[_TEXT] or "")
    state.add_place(latitude, longitude, st.session_state[_WHEN])
    st.session_state[_TEXT], st.session_state[keys.PRESSED] = "", False
    st.session_state[keys.REFUSAL] = ""


def _taken_away(count: int) -> None:
    st.download_button(
        f"The inventory with {words.counted(count, 'place')} of yours (CSV)",
        partial(export.inventory_csv, state.inventory()), "inventory_with_places.csv",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _box_of(corners: Sequence[Point]) -> BBox:
    """Return west, south, east and north of corners, to a metre: so they stand in a link."""
    (west, east), (south, north) = ((min(side), max(side)) for side in zip(*corners, strict=True))
    return round(west, 5), round(south, 5), round(east, 5), round(north, 5)


def _box(corners: Sequence[Point]) -> None:
    """Let the patch reach as far as a box: round the chosen event where that lies inside, else round its middle."""
    (west, east), (south, north) = ((min(side), max(side)) for side in zip(*corners, strict=True))
    chosen = state.event()
    if chosen is None or not (west <= chosen.longitude <= east and south <= chosen.latitude <= north):
        chosen = state.add_place(round((south + north) / 2, 5), round((west + east) / 2, 5), None)
    reach = max(east - chosen.longitude, chosen.longitude - west, north - chosen.latitude, chosen.latitude - south)
    least, most = choices.BUFFERS_DEG
    buffer = min(most, max(least, math.ceil(reach / _STEP_DEG - 1e-6) * _STEP_DEG))
    st.session_state[choices.BUFFER] = round(buffer, 6) if buffer != BUFFER_DEG else BUFFER_DEG
    if reach > most:
        notes.add(f"The box is larger than a patch can be: the patch reaches {most:g}° from the event to its edge.")


def _polygon(corners: Sequence[Point]) -> None:
    """Make a polygon a shape of the viewer, on the chosen event's patch."""
    spec = chosen_patch.spec()
    patch = cached.held_patch(spec) if spec else None
    if spec is None or patch is None:
        raise InputError(
            "A polygon is drawn on a patch: choose an event and open its patch, then draw it again. "
            "To list only the events of an area, draw a rectangle round them."
        )
    on = patches.grid_of(patch)
    viewer.add(spec.key, on, shapes.polygon_at(corners, on))
