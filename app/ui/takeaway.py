"""A map to take away: one HTML file with its events, the patch's pictures and outlines, that opens anywhere."""

import json
from collections.abc import Sequence
from html import escape

import streamlit as st

from app import config
from app.config import ROOT
from app.export import page
from app.inventory import ATTRIBUTION, builtin
from app.inventory.browse import Listing
from app.patches import file_word
from app.ui import assets
from app.ui.layers import placed
from app.ui.layers.placed import Placed
from app.ui.map import CLOSEST_EVENTS, CLOSEST_PATCH, state_of


def button(listing: Listing, shown: Sequence[int], chosen: str | None, patch: Placed | None, key: str) -> None:
    """Offer the map as it is now; it is made when it is asked for."""
    simulated = "SIMULATED_" if patch is not None and patch.simulated else ""
    name = f"{simulated}map{f'_event{file_word(chosen)}' if chosen else ''}.html"
    st.download_button(
        "Take this map away", lambda: document(listing, shown, chosen, patch), name, mime="text/html",
        icon=":material/download:", key=f"{key}.takeaway", on_click="ignore", type="tertiary",
        help="One HTML file that opens in any browser: events, pictures and outlines are in it, "
        "backgrounds are asked for only where they are chosen.",
    )  # fmt: skip


def document(listing: Listing, shown: Sequence[int], chosen: str | None, patch: Placed | None) -> bytes:
    """Return the page: the events at ``shown``, the chosen one, and its patch where that is open."""
    from app.ui.layers import elements

    opened = patch if patch is not None and patch.pictures else None
    world = json.loads((ROOT / "static" / "world.geojson").read_bytes())
    state = {
        **state_of(listing, shown, chosen, lambda data, _: json.loads(data)),
        **placed.as_sent(patch, lambda data, media, _: page.as_address(data, media)),
        "extent": opened.bbox if opened else listing.extent,
        "view": "", "closest": CLOSEST_PATCH if opened else CLOSEST_EVENTS, "placing": False,
        "credit": _credit(listing, patch),
    }  # fmt: skip
    made = elements.built(world)
    elements.now(state).add_to(made)
    return page.whole(made.get_root().render(), _read, f"{listing.inventory.name} · Scarp")


def _credit(listing: Listing, patch: Placed | None) -> str:
    """Return whose the data are, as the map's attribution takes it: markup."""
    said = [ATTRIBUTION] if listing.inventory.name == builtin().name else [listing.inventory.name]
    said += [patch.attribution] if patch is not None and patch.attribution else []
    said += ["the patch is SIMULATED"] if patch is not None and patch.simulated else []
    return escape(" · ".join([*said, config.software()]))


def _read(address: str) -> bytes:
    return assets.content(address.removeprefix(f"{assets.SERVED}/").split("?")[0])
