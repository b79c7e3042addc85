"""The map of an inventory: an outline of the world, one dot an event, a patch in its place; no network.

Folium and streamlit-folium draw it; ``app.ui.layers`` holds its elements, ``map.js`` what it does in the browser.
"""

import base64
import logging
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.grid import BBox
from app.inventory.browse import Listing, as_bits
from app.ui import assets
from app.ui.faults import guarded
from app.ui.insides import media_address
from app.ui.layers import placed
from app.ui.layers.heard import Point, points
from app.ui.layers.placed import Placed

log = logging.getLogger(__name__)
HEIGHT_PX = 400
# zooms at which a map opens at most: of few events a country, not a street; of a patch its two kilometres
CLOSEST_EVENTS, CLOSEST_PATCH = 6, 15
_TOLD = ["last_active_drawing", "last_object_clicked_count"]  # the count tells a second click on the same event

_NOTHING: Mapping[str, str] = {}
Drawn = Callable[[str, list[Point]], None]  # what a reader drew, rectangle or polygon, and its corners


_KINDS = {  # how an event stands or ended -> its dot; a verdict that is not named is "unusable"
    "confirmed": "usable", "apart": "open", "uncertain": "open",
    "done": "done", "skipped": "skipped", "failed": "failed",
}  # fmt: skip


def event_map(
    listing: Listing,
    shown: Sequence[int],
    chosen: str | None,
    *,
    key: str,
    choose: Callable[[str], None],
    extent: BBox | None = None,
    patch: Placed | None = None,
    height: int = HEIGHT_PX,
    closest: int = CLOSEST_EVENTS,
    place: Callable[[Point], None] | None = None,
    drawn: Drawn | None = None,
    judged: Mapping[str, str] = _NOTHING,
) -> None:
    """Draw the events at ``shown``; a click on one calls ``choose`` with its id before the page runs again.

    The browser keeps the events and the map's view; a rerun sends only what changed. ``extent``,
    by default the box of all events, is what a map under this ``key`` shows at first, and
    ``closest`` the zoom it does not exceed then. ``place`` hears where a reader pressed the right
    button, ``drawn`` what was drawn. ``judged`` says how events stand after their review, or ended in a batch.
    """
    if not _can_be_drawn():
        return
    from streamlit_folium import st_folium  # a second and a half, for the pages with a map alone

    from app.ui.layers import elements

    def address(data: bytes, media: str, where: str) -> str:
        return media_address(data, media, f"{key} {where}")

    state = {
        **state_of(listing, shown, chosen, lambda data, where: address(data, "application/json", where)),
        **placed.as_sent(patch, address),
        "judged": marks_of(listing, judged),
        "extent": extent or listing.extent, "view": f"{key} {listing.origin} {extent}", "closest": closest,
        "placing": place is not None,
    }  # fmt: skip
    st_folium(
        elements.world_map(),
        key=key,
        height=height,
        use_container_width=True,
        feature_group_to_add=elements.now(state),
        returned_objects=_TOLD,
        on_change=guarded(lambda: _told(key, listing, choose, place, drawn)),
        render=False,  # st_folium renders the map itself once more
    )


def _can_be_drawn() -> bool:
    """Whether what a map needs of scripts is in place; where it is not, the page says so."""
    try:
        assets.use_local_assets()
    except OSError as error:
        log.warning("The map's scripts cannot be put in place: %s", error)
        st.warning("The map cannot be drawn: its scripts could not be written to static/vendor. Use the table.")
        return False
    return True


def state_of(listing: Listing, shown: Sequence[int], chosen: str | None, found: Callable) -> dict[str, object]:
    """Return what a map is told of an inventory; ``found`` says where it finds bytes by name, or what they hold."""
    count, areas = len(listing.events), listing.areas
    bits = "" if len(shown) == count else base64.b64encode(as_bits(shown, count)).decode("ascii")
    return {
        "list": listing.key, "events": found(listing.points, "events"), "count": count, "shown": bits,
        "chosen": listing.position(chosen),
        "areas": {"src": found(areas, "areas"), "count": len(listing.outlines)} if areas else None,
    }  # fmt: skip


def marks_of(listing: Listing, judged: Mapping[str, str]) -> dict[str, list[int]]:
    """Return kind -> positions of the events that are told apart.

    Usable, unusable, or open between reviewers; done, skipped or failed in a batch.
    """
    found: dict[str, list[int]] = {}
    for event, outcome in judged.items():
        at = listing.position(event)
        if at is not None:
            kind = _KINDS.get(outcome, "unusable")
            found.setdefault(kind, []).append(at)
    return found


def _told(key: str, listing: Listing, choose: Callable, place: Callable | None, drawn: Drawn | None) -> None:
    """Hand on what a reader did on the map; what a browser sends is checked like any other input."""
    sent = st.session_state.get(key)
    feature = sent.get("last_active_drawing") if isinstance(sent, dict) else None
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return
    said, corners = feature["properties"], points(feature.get("geometry"))
    position = _position(said, listing)
    if position is not None:
        choose(listing.events[position].id)
    elif said.get("place") is True and place and len(corners) == 1:
        place(corners[0])
    elif said.get("drawn") in ("rectangle", "polygon") and drawn and len(corners) > 3:
        drawn(said["drawn"], corners[:-1])


def _position(said: object, listing: Listing) -> int | None:
    """Return a position in these very events, None for anything else."""
    if not isinstance(said, dict) or said.get("list") != listing.key:
        return None
    position = said.get("n")
    return position if type(position) is int and 0 <= position < len(listing.events) else None
