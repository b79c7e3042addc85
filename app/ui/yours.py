"""What is kept for the reader on this machine: told, gone back to, forgotten."""

import streamlit as st

from app.ui import changed, kept, keys, own_pair, state, viewer, words
from app.ui.faults import guarded
from app.ui.review import drafts


def card() -> None:
    """Say what is kept, how much and until when, with a button to forget it; nothing where nothing is."""
    held = kept.held()
    if held.until is None:
        return
    with st.expander(f"Kept for you · {_size(held.nbytes)}", icon=":material/folder_managed:"):
        st.markdown("\n".join(f"- {line}" for line in _lines(held)) or "Nothing yet.")
        st.caption(
            "It lies in a folder of this machine that only this browser finds, in any of its tabs and after a restart, "
            f"until {held.until} unless it is used before. Verdicts you gave are no part of it: they stay."
        )
        st.button(
            "Forget all of it", key="yours.forget", icon=":material/delete_forever:", on_click=guarded(_forget),
            help="Inventory, images, networks and detections you brought, drawn shapes, outlines, changes, dates, "
            "names: here and on this machine.",
        )  # fmt: skip


def way_back() -> None:
    """Offer the reader's own inventory where one is kept and another is shown."""
    held = kept.held_inventory()
    if held and not state.is_own_inventory():
        st.button(
            f"Back to {words.plain(held)}", key="yours.back", icon=":material/redo:",
            on_click=guarded(state.use_kept_inventory), help="The inventory you brought before; it is kept for you.",
        )  # fmt: skip


def _lines(held: kept.Held) -> list[str]:
    lines = []
    if held.inventory:
        lines.append(f"the inventory {words.plain(held.inventory)}{'' if held.in_use else ', not in use'}")
    if held.patches_drawn_on:
        lines.append(f"shapes drawn on {_counted(held.patches_drawn_on, 'patch', 'patches')}")
    if held.outlines:
        lines.append(f"outlines being corrected on {_counted(held.outlines, 'patch', 'patches')}")
    if held.events_dated:
        lines.append(f"dates you chose for {words.counted(held.events_dated, 'event')}")
    if changed.count():
        lines.append(f"what you changed of {words.counted(changed.count(), 'event')}")
    if held.networks:
        lines.append(words.counted(held.networks, "network"))
    if held.detections:
        lines.append(f"what others detected, in {_counted(held.detections, 'collection', 'collections')}")
    if own_pair.brought():
        lines.append(_counted(own_pair.brought(), "pair of images", "pairs of images"))
    if held.texts:
        lines.append("your name or paths you typed")
    return lines


def _counted(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _size(nbytes: int) -> str:
    return f"{nbytes / 1e6:,.1f} MB" if nbytes >= 50_000 else f"{nbytes / 1e3:,.1f} kB"


def _forget() -> None:
    def also() -> None:
        if own_pair.among_events() or state.is_own_inventory() or state.inventory().changes:
            state.choose_event(None)
            st.session_state[keys.INVENTORY] = None
            state.clear_filters()
        st.session_state[keys.PENDING], st.session_state[keys.PROPOSALS] = None, {}
        viewer.forget()
        drafts.forget()
        own_pair.forget()

    kept.forget(also)
