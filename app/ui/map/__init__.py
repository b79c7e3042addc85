"""The map of an inventory: an outline of the world, one dot an event, a patch in its place; no network."""

import base64
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app.grid import BBox
from app.inventory.browse import Listing, as_bits
from app.ui import assets
from app.ui.faults import guarded, sent

log = logging.getLogger(__name__)
HEIGHT_PX = 400
_CLOSEST = 6  # zoom at which a map of few events opens: a country, not a street

_HERE = Path(__file__).parent
_mount_map = st.components.v2.component(
    "scarp_map",
    html=(_HERE / "map.html").read_text("utf-8"),
    css=(_HERE / "map.css").read_text("utf-8"),
    js=(_HERE / "map.js").read_text("utf-8"),
)
_mount_events = st.components.v2.component("scarp_events", js=(_HERE / "events.js").read_text("utf-8"))


@dataclass(frozen=True)
class MapPicture:
    """A picture of the patch for the map: encoded bytes, media type, and what it shows and when."""

    data: bytes
    media: str
    label: str


@dataclass(frozen=True)
class Placed:
    """A patch in its place: its frame in degrees, and T1 and T2 where it is open."""

    key: str
    bbox: BBox
    pictures: tuple[MapPicture, ...] = ()


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
    closest: int = _CLOSEST,
) -> None:
    """Draw the events at ``shown``; a click on one calls ``choose`` with its id before the page runs again.

    The browser keeps the events and the map's view; a rerun sends only what changed. ``extent``,
    by default the box of all events, is what a map under this ``key`` shows at first, and
    ``closest`` the zoom it does not exceed then.
    """
    try:
        assets.use_local_assets()
    except OSError as error:
        log.warning("The map's scripts cannot be put in place: %s", error)
        st.warning("The map cannot be drawn: its scripts could not be written to static/vendor. Use the table.")
        return
    count = len(listing.events)
    data = {
        "list": listing.key,
        "count": count,
        "shown": "" if len(shown) == count else base64.b64encode(as_bits(shown, count)).decode("ascii"),
        "chosen": listing.position(chosen),
        "extent": extent or listing.extent,
        "view": f"{key} {listing.key} {extent}",
        "closest": closest,
        "height": height,
        "patch": _patch(patch),
    }
    with st.container(gap=None):
        _mount_events(data=listing.points, key=f"{key}.events", height="content")
        _mount_map(data=data, key=key, on_click_change=guarded(lambda: _clicked(key, listing, choose)))


def _clicked(key: str, listing: Listing, choose: Callable[[str], None]) -> None:
    position = _position(sent(key, "click"), listing)
    if position is not None:
        choose(listing.events[position].id)


def _patch(patch: Placed | None) -> dict[str, object] | None:
    if patch is None:
        return None
    pictures = [
        {"src": f"data:{one.media};base64,{base64.b64encode(one.data).decode('ascii')}", "label": one.label}
        for one in patch.pictures
    ]
    return {"key": patch.key, "bbox": list(patch.bbox), "pictures": pictures}


def _position(clicked: object, listing: Listing) -> int | None:
    """Check what a browser sends like any other input: a position in these very events, else None."""
    if not isinstance(clicked, dict) or clicked.get("list") != listing.key:
        return None
    position = clicked.get("n")
    return position if type(position) is int and 0 <= position < len(listing.events) else None
