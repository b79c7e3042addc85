"""Merging the inventory in use with another one: what is told in both is shown pairwise, and kept once or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import config, inventory
from app.errors import ScarpError
from app.export import inventories
from app.inventory import Event, Inventory, merging, source_title
from app.inventory.merging import Twins
from app.ui import keys, notes, state, words
from app.ui.faults import guarded
from app.ui.inventory import asking, bringing
from app.ui.keys import KEEP

_METRES, _DAYS = "merge.metres", "merge.days"
_TABLE_PX = 280
_ONCE = "keep once"


def way() -> None:
    """Let the reader bring a second inventory."""
    with st.popover("Merge a list", icon=":material/merge:", key=f"ways.{_upload_key()}"):  # a new key closes it
        st.file_uploader(
            "The inventory to add", key=_upload_key(), max_upload_size=config.settings().max_csv_mb,
            on_change=guarded(_brought),
        )  # fmt: skip
        st.caption("Events that both tell are shown in pairs before anything is merged.")


def panel() -> None:
    """Let the reader look at what both inventories tell, and make one of them."""
    if st.session_state.get(keys.MERGE_FAULT):
        st.error(words.plain(st.session_state[keys.MERGE_FAULT]), icon=":material/error:")
    other: Inventory | None = st.session_state.get(keys.MERGING)
    if other is None:
        return
    with st.container(border=True, key="merging"):
        used = state.inventory()
        count, more = words.counted(len(used.events), "event"), words.counted(len(other.events), "event")
        st.markdown(f"**{words.plain(used.name)}** ({count}) and **{words.plain(other.name)}** ({more})")
        pairs = _near(used, other)
        once = _pairs(used, other, pairs) if pairs else ()
        total = len(used.events) + len(other.events) - len(once)
        with st.container(horizontal=True):
            st.button(
                f"Merge into {words.counted(total, 'event')}", key="merge.do", type="primary", on_click=guarded(_merge),
                args=(used, other, once),
            )  # fmt: skip
            st.button("Leave it", key="merge.leave", on_click=guarded(_leave))


def _near(used: Inventory, other: Inventory) -> tuple[Twins, ...]:
    """Ask what is near, and return the pairs that are; found once for the same answer."""
    left, right = st.columns(2)
    metres = left.number_input(
        "Near in place (m)", 0.0, merging.MOST_M, merging.NEAR_M, step=100.0, key=_METRES, **KEEP
    )
    days = right.number_input("Near in time (days)", 0, merging.MOST_DAYS, merging.NEAR_DAYS, key=_DAYS, **KEEP)
    held = st.session_state.get(keys.MERGE_PAIRS)
    if held is None or held[0] is not used or held[1] is not other or held[2] != (metres, days):
        held = (used, other, (metres, days), merging.near(used, other, metres, days))
        st.session_state[keys.MERGE_PAIRS] = held
    pairs: tuple[Twins, ...] = held[3]
    if not pairs:
        st.caption(f"No two events lie within {metres:g} m and {words.counted(days, 'day')}: all are kept.")
    return pairs


def _pairs(used: Inventory, other: Inventory, pairs: Sequence[Twins]) -> tuple[Twins, ...]:
    """Show the pairs, and return those the reader wants to keep once."""
    unknown = sum(pair.apart_days is None for pair in pairs)
    said = f"{words.counted(len(pairs), 'pair')} of events may each be one landslide"
    said += f"; of {unknown:,} a day is not known, so both are kept unless you say otherwise." if unknown else "."
    st.caption(f"{said} Kept once, an event has the first one's values, and what only the second knows.")
    rows: dict[str, list[Any]] = {
        _ONCE: [pair.apart_days is not None for pair in pairs],
        "metres": [round(pair.apart_m) for pair in pairs],
        "days": [pair.apart_days for pair in pairs],
        "here": [_told(used.event(pair.first)) for pair in pairs],
        "there": [_told(other.event(pair.second)) for pair in pairs],
    }
    limits = f"{st.session_state.get(_METRES)}.{st.session_state.get(_DAYS)}.{st.session_state.get(keys.UPLOAD, 0)}"
    shown = st.data_editor(
        rows, key=f"merge.pairs.{limits}", hide_index=True, height=min(_TABLE_PX, 40 + 35 * len(pairs)),
        disabled=["metres", "days", "here", "there"],
        column_config={
            _ONCE: st.column_config.CheckboxColumn(width=90), "metres": st.column_config.NumberColumn(width=70),
            "days": st.column_config.NumberColumn(width=60),
        },
    )  # fmt: skip
    return tuple(pair for pair, once in zip(pairs, shown[_ONCE], strict=True) if once)


def _told(event: Event) -> str:
    known = (event.id, event.when or "no date", event.category, source_title(event.source))
    return ", ".join(text for text in known if text)


def _brought() -> None:
    upload = st.session_state.get(_upload_key())
    if upload is None:
        return
    st.session_state[keys.MERGE_FAULT] = st.session_state[keys.REFUSAL] = ""
    try:
        st.session_state[keys.MERGING] = bringing.read_as_said(upload.getvalue(), upload.name)
    except ScarpError as error:
        askable = asking.about(upload.getvalue(), upload.name, error, uploaded=True)
        alone = " Open it alone first, to say what is in which column." if askable else ""
        st.session_state[keys.MERGE_FAULT] = f"{error}{alone}"
    st.session_state[keys.UPLOAD] = st.session_state.get(keys.UPLOAD, 0) + 1


def _merge(used: Inventory, other: Inventory, once: Sequence[Twins]) -> None:
    """Make one inventory of both and use it as a file that was brought: kept, and read the same when it is found."""
    together = merging.merged(used, other, once)
    outlined = any(event.outline for event in together.events)
    data = (inventories.as_geopackage if outlined else inventories.as_csv)(together)
    state.use_inventory(inventory.read(data, together.name))
    if together.skipped:
        notes.add(f"{words.counted(len(together.skipped), 'row')} skipped in the two files: not in {together.name}.")
    _leave()


def _leave() -> None:
    st.session_state[keys.MERGING] = st.session_state[keys.MERGE_PAIRS] = None


def _upload_key() -> str:
    return f"merge.upload.{st.session_state.get(keys.UPLOAD, 0)}"
