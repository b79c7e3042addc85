"""What is taken away of an inventory: its map as one HTML file that opens anywhere, and its events as a table."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import PurePath

import streamlit as st

from app import config
from app.config import ROOT
from app.export import inventories, page
from app.files import file_word
from app.inventory import ATTRIBUTION, Inventory, builtin
from app.inventory.browse import Listing
from app.ui import assets, words
from app.ui.keys import KEEP
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


def table(listing: Listing, shown: Sequence[int]) -> None:
    """Offer the inventory, or the events shown of it, with all that is known of each; made when it is asked for."""
    with st.popover("Take it away", icon=":material/download:"):
        whole = listing.inventory
        taken = whole if len(shown) == len(listing.events) else _asked(whole, shown)
        count = words.counted(len(taken.events), "event")
        st.caption(f"{count} with dates, places, outlines, all columns and what was changed.")
        refused = inventories.too_long_for_csv(taken)
        for title, ending in _FILES.items():
            st.download_button(
                title, partial(inventories.WRITERS[ending], taken), _file_name(whole, ending), key=f"taken{ending}",
                icon=":material/download:", on_click="ignore", width="stretch",
                disabled=bool(refused) and ending == ".csv",
            )  # fmt: skip
        if refused:
            st.caption(words.plain(refused))


_FILES = {"CSV": ".csv", "GeoPackage": ".gpkg", "GeoJSON": ".geojson"}


def _asked(whole: Inventory, shown: Sequence[int]) -> Inventory:
    """Return the inventory, or the part of it that passes the filters, as the reader says."""
    label = f"only the {words.counted(len(shown), 'event')} shown"
    if st.checkbox(label, value=True, key="taken.shown", **KEEP):
        return replace(whole, events=tuple(whole.events[n] for n in shown))
    return whole


def _file_name(whole: Inventory, ending: str) -> str:
    stem = "built_in" if whole.name == builtin().name else file_word(PurePath(whole.name).stem)[:60]
    return f"inventory_{stem}{ending}"


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
