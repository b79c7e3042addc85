"""What a batch stored of its events: on a map and in a table, with pictures and the way to the Detect page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.detection import methods as naming
from app.errors import MethodError
from app.files import file_word
from app.inventory import Event, Inventory
from app.inventory.browse import Listing
from app.ui import choices, keys, owned, state, words
from app.ui.faults import guarded
from app.ui.keys import KEEP

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

    from app.batch.following import Standing
    from app.batch.outputs import Outputs
    from app.batch.rows import EventRow, MethodRow

_OUTCOME = "batch.outcome"
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_TABLE_PX = 320
_MOST_REASONS = 5


def draw(place: Outputs, standing: Standing) -> None:
    """Draw what is known of every event a batch has come to, and offer a catalogue of what was done."""
    if standing.counts["done"]:
        _catalogued(place)
    _listed(place, standing)


def _listed(place: Outputs, standing: Standing) -> None:
    rows = sorted(standing.rows, key=lambda row: (not row.event.isdecimal(), row.event.zfill(9)))
    counts = {one: sum(row.outcome == one for row in rows) for one in ("done", "skipped", "failed")}
    options = ["all", *(one for one, count in counts.items() if count)]
    if st.session_state.get(_OUTCOME) not in options:
        st.session_state[_OUTCOME] = "all"
    wanted = st.segmented_control(
        "Outcome", options, key=_OUTCOME, label_visibility="collapsed",
        format_func=lambda one: f"{one} ({counts.get(one, len(rows)):,})", **KEEP,
    )  # fmt: skip
    shown = [n for n, row in enumerate(rows) if wanted in (None, "all", row.outcome)]
    if any(row.simulated for row in rows):
        st.caption("SIMULATED scenes are among the events.")
    if wanted in ("skipped", "failed"):
        for line in _reasons([rows[n] for n in shown]):
            st.caption(words.plain(line))
    left, right = st.columns([1, 1])
    with left:
        _map(rows, shown)
    with right:
        chosen = _table([rows[n] for n in shown], wanted or "all")
    if chosen is not None:
        _stored(place, chosen)


def _reasons(rows: Sequence[EventRow]) -> list[str]:
    """Return the commonest reasons in full, each with the number of its events."""
    found = Counter(row.reason for row in rows if row.reason).most_common()
    told = [f"{words.counted(count, 'event')}: {reason}" for reason, count in found[:_MOST_REASONS]]
    left = sum(count for _, count in found[_MOST_REASONS:])
    return told + ([f"{words.counted(left, 'event')} for other reasons, in the table."] if left else [])


def _catalogued(place: Outputs) -> None:
    """Offer to say in the batch's folder, as a STAC collection, what it holds."""
    from app.batch import catalogue

    if st.button("STAC collection of the folder", key="batch.stac", icon=":material/library_books:",
                 help="An item beside the files of every event that was done, and a collection over them, for QGIS, "
                 "pystac and STAC browsers. The same: python -m app export --batch DIR"):  # fmt: skip
        with st.spinner("Writing the items"):
            count = catalogue.write(place)
        st.success(words.plain(f"Written: {place}/collection.json, {words.counted(count, 'event')}."))


def _map(rows: Sequence[EventRow], shown: Sequence[int]) -> None:
    from app.ui.map import event_map

    listing = Listing(_inventory(rows))
    chosen = st.session_state.get(keys.BATCH_EVENT)
    ended = {row.event: row.outcome for row in rows}
    event_map(listing, shown, chosen, key="batch-map", choose=_pick, height=_TABLE_PX, judged=ended)


def _inventory(rows: Sequence[EventRow]) -> Inventory:
    events = tuple(
        Event(
            row.event, n, date.fromisoformat(row.date) if row.date else None, row.latitude, row.longitude, row.outcome
        )
        for n, row in enumerate(rows)
    )
    return Inventory("batch", events, (), {}, ())


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _pick(event: str) -> None:
    st.session_state[keys.BATCH_EVENT] = event


def _table(rows: Sequence[EventRow], wanted: str) -> EventRow | None:
    """Draw the events and return the one that is chosen."""
    frame, picked = _frame(rows), st.session_state.get(keys.BATCH_EVENT)
    key = f"batch.table.{wanted}"
    at = next((n for n, row in enumerate(rows) if row.event == picked), None)
    selected = [] if at is None else [at]
    if st.session_state.get(key, {}).get("selection", {}).get("rows") != selected:
        st.session_state[key] = {"selection": {"rows": selected, "columns": [], "cells": []}}
    st.dataframe(
        frame, key=key, hide_index=True, height=_TABLE_PX, selection_mode="single-row",
        on_select=guarded(lambda: _from_table(key, rows)),
        column_config=_columns(frame),
    )  # fmt: skip
    return None if at is None else rows[at]


def _frame(rows: Sequence[EventRow]) -> pd.DataFrame:
    import pandas as pd

    table = [
        {
            "event": row.event, "outcome": row.outcome, "reason": row.reason, "seconds": row.seconds,
            **{f"{short(one.method)} m²": one.area_m2 for one in row.methods},
            **{f"{short(one.method)} F1": one.f1 for one in row.methods if one.f1 is not None},
        }
        for row in rows
    ]  # fmt: skip
    frame = pd.DataFrame(table)
    return frame.drop(columns=[name for name in ("reason",) if name in frame and not frame[name].any()])


def _columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return how numbers are shown: seconds to the tenth, areas in whole square metres, F1 as everywhere else."""
    formats = {"seconds": "%.1f", **{str(name): "%.3f" for name in frame if str(name).endswith(" F1")}}
    formats |= {str(name): "%.0f" for name in frame if str(name).endswith(" m²")}
    shown = {name: st.column_config.NumberColumn(format=how) for name, how in formats.items()}
    reasons_alone = "reason" in frame and bool(frame["reason"].all())  # then they are what is looked for
    return {"reason": st.column_config.TextColumn(width="large" if reasons_alone else "small"), **shown}


def short(method: str) -> str:
    """Return a method's name without the folder its network lies in; what no Scarp wrote as it is."""
    try:
        return naming.parse(method).short
    except MethodError:
        return method


def _from_table(key: str, rows: Sequence[EventRow]) -> None:
    chosen = st.session_state.get(key, {}).get("selection", {}).get("rows") or []
    inside = bool(chosen) and 0 <= chosen[0] < len(rows)
    st.session_state[keys.BATCH_EVENT] = rows[chosen[0]].event if inside else None


def _stored(place: Outputs, row: EventRow) -> None:
    """Show what was stored of one event, with the way to it."""
    from app.batch import following

    with st.container(border=True):
        simulated = "SIMULATED · " if row.simulated else ""
        days = f" · T1 {row.t1}, T2 {row.t2}" if row.t1 else ""
        st.markdown(f"**{simulated}Event {words.plain(row.event)}**: {row.outcome}{days}")
        if row.reason:
            st.caption(words.plain(row.reason))
        for doubt in row.warnings:
            st.caption(f":orange[{words.plain(doubt)}]")
        if row.methods:
            columns = st.columns(1 + len(row.methods))
            picture = following.thumbnail(place, row)
            if picture:
                columns[0].image(picture, caption=f"{simulated}T1 and T2", width="stretch")
            for column, one in zip(columns[1:], row.methods, strict=True):
                _detection(column, place, row, one)
        st.button(
            "Open in Detect", key="batch.open", icon=":material/travel_explore:", on_click=guarded(_open),
            args=(place, row),
        )  # fmt: skip


def _detection(column: DeltaGenerator, place: Outputs, row: EventRow, one: MethodRow) -> None:
    from app.batch import following

    found = following.mask(place, row, one)
    area = "area not known" if one.area_m2 is None else f"{one.area_m2:,.0f} m²"
    rate = "" if one.f1 is None else f", F1 {one.f1:.3f}"
    instead = f" ({short(one.ran)} ran instead)" if one.ran != one.method else ""
    if found is not None:
        column.image(found, width="stretch")
    simulated = "SIMULATED · " if row.simulated else ""
    column.caption(words.plain(f"{simulated}{short(one.method)}{instead}: {one.polygons:,} objects, {area}{rate}"))


def _open(place: Outputs, row: EventRow) -> None:
    """Choose the event with what the batch stored of it, as the Detect page shows it; nothing is detected anew."""
    stored = [_kept(place, row, one) for one in row.methods][: choices.MOST_METHODS]
    known = state.inventory()
    if any(one.id == row.event and one.is_at(row.latitude, row.longitude) for one in known.events):
        state.choose_event(row.event)
    else:
        st.session_state[choices.EVENT] = row.event
        if row.t1 and row.t2:
            st.session_state[choices.T1], st.session_state[choices.T2] = _day(row.t1), _day(row.t2)
        state.use_place(row.event, (row.latitude, row.longitude, _day(row.date)))
    st.session_state[keys.BATCH_OPENED] = True
    st.session_state[choices.SOURCE] = row.source
    if stored:
        st.session_state[choices.METHODS], st.session_state[choices.OPEN_METHOD] = stored, 0
        for key in (choices.MIN_AREA, choices.MIN_SLOPE, choices.OPENING):  # as it was written
            st.session_state[key] = choices.DEFAULTS[key]


def _kept(place: Outputs, row: EventRow, one: MethodRow) -> str:
    """Keep a stored mask among the detections that the reader brought; returns the method that lays it on the patch."""
    from app.batch import following
    from app.detection.elsewhere import saving

    content = following.stored_mask(place, row, one)
    batch = _ODD.sub("-", PurePath(str(place)).name).strip("-. ")[:30]
    name = f"{batch or 'batch'} {_ODD.sub('-', one.stem)[:40]}".strip()
    given = [(f"{file_word(row.event)}.tif", content)]
    owned.keep(len(content), lambda: saving.replaced(owned.detections(), name, given))
    return f"file:{name}"
