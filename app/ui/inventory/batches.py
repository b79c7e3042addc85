"""Batches on the Inventory page: begun for the events shown, in a process of its own each, followed by their folder."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import streamlit as st

from app import config
from app.detection import methods as naming
from app.detection.network import registry
from app.errors import InputError, MethodError, ScarpError
from app.files import at_home, file_word
from app.inventory import Event, Inventory
from app.inventory.browse import Listing
from app.sources import SOURCES
from app.ui import cached, choices, keys, owned, state, widgets, words
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.visitors import Deed

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

    from app.batch.following import Standing
    from app.batch.outputs import Outputs
    from app.batch.rows import EventRow, MethodRow

_SOURCE, _METHODS, _WORKERS = "batch.source", "batch.methods", "batch.workers"
_FOLDER, _PATH, _OUTCOME = "batch.folder", "batch.path", "batch.outcome"
_PLAIN = ("band-difference:B04:0.05", "index-drop:NDVI:0.2", "cva:0.1")
_USUAL = ["band-difference:B04:0.05", "onnx:bit"]
_OUTCOMES = "held.batch_outcomes"
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LOOK_S = 2.0
_GRACE_S = 30.0  # how long a batch that was just begun may take until it says so
_TABLE_PX = 320
_MOST_PROCESSES = 64


def panel(listing: Listing, shown: Sequence[int]) -> None:
    """Let a reader at this machine run methods on all events shown, and see how any batch goes."""
    if st.session_state.pop(keys.BATCH_OPENED, False):
        st.switch_page("pages/detect.py")
    followed = st.session_state.get(keys.BATCH)
    title = f"Batch · methods on {words.counted(len(shown), 'event')} shown, in a process of its own"
    with st.expander(title, icon=":material/playlist_play:", expanded=bool(followed)):
        if widgets.is_refused(Deed.FILES):
            return
        if not widgets.at_this_machine():
            st.caption(
                "Batches are begun and followed on the machine Scarp runs on: in a browser there, or with "
                "`python -m app batch`."
            )
            return
        _new(listing, shown)
        _choose()
        if followed:
            with state.shown_errors(stop=False):
                _followed(_place(followed))


def _new(listing: Listing, shown: Sequence[int]) -> None:
    """Draw what a batch is asked to do, and the button that begins it."""
    one, two, three = st.columns([1, 2, 1], vertical_alignment="bottom")
    sources = [name for name in SOURCES if name != "files"]
    source = one.selectbox(
        "Source", sources, format_func=lambda name: cached.source_info(name).title, key=_SOURCE, **KEEP
    )
    offered = _methods()
    usual = [name for name in _USUAL if name in offered]
    chosen = two.multiselect("Methods", offered, usual, key=_METHODS, max_selections=choices.MOST_METHODS, **KEEP)
    most = min(_MOST_PROCESSES, max(1, config.available_cores()))
    workers = three.number_input(
        "Processes",
        1,
        max(2, most),
        1,
        key=_WORKERS,
        help="More than one run on a Dask cluster of this machine.",
        **KEEP,
    )
    four, five = st.columns([3, 1], vertical_alignment="bottom")
    out = four.text_input("Folder", _usual_folder(listing), key=f"{_FOLDER}.{listing.inventory.identity}", **KEEP)
    said = f"{cached.source_info(source).cost.rstrip('.')}." if source else ""
    st.caption(
        f"{words.plain(said)} It goes on when this page or the server is closed. Run again into the same folder, only "
        "what is missing or failed is done."
    )
    if five.button(
        f"Run {words.counted(len(shown), 'event')}", key="batch.start", type="primary", width="stretch",
        disabled=not (shown and chosen and source and out.strip()),
    ):  # fmt: skip
        with state.shown_errors(stop=False):
            _begin(listing, shown, source, chosen, out, workers)
            st.rerun()


def _methods() -> list[str]:
    """Return the methods that a process of its own can run; the reader's own networks go along with it."""
    owned.networks()
    mine = [
        one for one in st.session_state.get(choices.METHODS) or []
        if naming.KINDS[naming.parse(one).kind].target not in ("file", "network")
    ]  # fmt: skip
    networks = [f"onnx:{name}" for name in registry.names()]
    return list(dict.fromkeys([*_PLAIN, *mine, *networks]))


def _usual_folder(listing: Listing) -> str:
    from app.batch import started

    return str(started.folder() / file_word(PurePath(listing.inventory.name).stem)[:60])


def _begin(listing: Listing, shown: Sequence[int], source: str, methods: list[str], out: str, workers: int) -> None:
    from app.batch import started

    widgets.require_own_paths()
    whole, folder = listing.inventory, at_home(out).absolute()
    events = replace(whole, events=tuple(listing.events[n] for n in shown))
    catalogue = st.session_state.get(choices.CATALOGUE) if source == "stac" else None
    started.start(events, source, methods, folder, workers=int(workers), catalogue=catalogue or "")
    st.session_state[keys.BATCH], st.session_state[keys.BATCH_BEGUN] = str(folder), time.monotonic()


def _choose() -> None:
    """Let the reader follow a batch that was begun before, here or on the command line."""
    from app.batch import following, started

    known = [str(one) for one in following.begun(started.folder())]
    followed = st.session_state.get(keys.BATCH)
    with st.popover("Follow another batch", icon=":material/folder_open:"):
        for path in known[:20]:
            st.button(
                PurePath(path).name, key=f"batch.follow.{path}", disabled=path == followed, width="stretch",
                on_click=guarded(_follow), args=(path,),
            )  # fmt: skip
        st.text_input("Folder of a batch", key=_PATH, placeholder="what --out named", on_change=guarded(_typed), **KEEP)


def _typed() -> None:
    text = (st.session_state.get(_PATH) or "").strip()
    if text:
        _follow(text if text.startswith("s3://") else str(at_home(text).absolute()))


def _follow(path: str) -> None:
    widgets.require_own_paths()
    st.session_state[keys.BATCH], st.session_state[keys.BATCH_BEGUN] = path, None


def _place(path: str) -> Outputs:
    from app.batch.outputs import Outputs

    widgets.require_own_paths()
    if not path.startswith("s3://") and not Path(path).is_dir():
        raise InputError(f"There is no folder {path}; choose the one that a batch was begun in.")
    return Outputs(path)


def _followed(place: Outputs) -> None:
    from app.batch import following

    standing = following.look(place)
    st.markdown(f"**{words.plain(str(place))}**")
    if standing.about:
        asked = standing.about
        methods = ", ".join(_short(str(one)) for one in asked.get("methods") or [])
        st.caption(words.plain(f"{asked.get('source')}: {methods} on {asked.get('on')}"))
    if standing.running or _starting(standing):
        _watch(str(place))
    else:
        _ended(standing)
    if standing.rows:
        if standing.counts["done"]:
            _catalogued(place)
        _outcomes(place, standing)


def _starting(standing: Standing) -> bool:
    """Whether it was begun a moment ago, and has not said anything yet."""
    begun = st.session_state.get(keys.BATCH_BEGUN)
    return begun is not None and not standing.log and time.monotonic() - begun < _GRACE_S


@st.fragment(run_every=_LOOK_S)
def _watch(path: str) -> None:
    from app.batch import following, lease

    place = _place(path)
    standing = following.look(place)
    if not standing.running and not _starting(standing):
        st.session_state[keys.BATCH_BEGUN] = None
        st.rerun()
    st.progress(standing.share, text=_counts(standing))
    if standing.running and st.button("Stop", key="batch.stop", icon=":material/stop_circle:"):
        lease.ask_to_stop(place)
        st.caption("It ends after the events under way; run it again to go on.")
    if st.session_state.get(keys.BATCH_SEEN) != len(standing.rows):
        st.session_state[keys.BATCH_SEEN] = len(standing.rows)
        st.rerun()  # the table below shows what was done meanwhile


def _counts(standing: Standing) -> str:
    counts = standing.counts
    said = ", ".join(f"{counts[one]:,} {one}" for one in ("done", "skipped", "failed") if counts[one])
    return f"{sum(counts.values()):,} of {standing.total:,} events: {said or 'none is over yet'}"


def _ended(standing: Standing) -> None:
    """Say how a batch ended that nobody works on any more."""
    left = standing.total - sum(standing.counts.values())
    st.progress(standing.share, text=_counts(standing))
    if left > 0 or not standing.about:
        last = standing.log.splitlines()[-1:] if standing.log else []
        st.warning(
            words.plain(f"Nobody works on it any more. {' '.join(last)}".strip()) + " Run it again to go on.",
            icon=":material/pause_circle:",
        )
    for name, one in (standing.summary.get("scores") or {}).items():
        f1 = "-" if one.get("f1") is None else f"{one['f1']:.3f}"
        st.caption(words.plain(f"{name}: pooled F1 {f1} over {one.get('n')} events (micro, whole patches)"))


def _outcomes(place: Outputs, standing: Standing) -> None:
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
    left, right = st.columns([1, 1])
    with left:
        _map(rows, shown)
    with right:
        chosen = _table([rows[n] for n in shown], wanted or "all")
    if chosen is not None:
        _stored(place, chosen)


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
        column_config={"reason": st.column_config.TextColumn(width="small")},
    )  # fmt: skip
    return None if at is None else rows[at]


def _frame(rows: Sequence[EventRow]) -> pd.DataFrame:
    import pandas as pd

    table = [
        {
            "event": row.event, "outcome": row.outcome, "reason": row.reason, "seconds": row.seconds,
            **{f"{_short(one.method)} m²": one.area_m2 for one in row.methods},
            **{f"{_short(one.method)} F1": one.f1 for one in row.methods if one.f1 is not None},
        }
        for row in rows
    ]  # fmt: skip
    frame = pd.DataFrame(table)
    return frame.drop(columns=[name for name in ("reason",) if name in frame and not frame[name].any()])


def _short(method: str) -> str:
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
    instead = f" ({_short(one.ran)} ran instead)" if one.ran != one.method else ""
    if found is not None:
        column.image(found, width="stretch")
    simulated = "SIMULATED · " if row.simulated else ""
    column.caption(words.plain(f"{simulated}{_short(one.method)}{instead}: {one.polygons:,} objects, {area}{rate}"))


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


def outcomes(listing: Listing) -> Mapping[str, str]:
    """Return event -> done, skipped or failed in the batch that is followed, of the events of this list that are in it.

    Nothing where none is followed, or its folder cannot be read: the panel says why.
    """
    from app.batch import following

    followed = st.session_state.get(keys.BATCH)
    if not followed or not widgets.at_this_machine():
        return {}
    try:
        rows = following.look(_place(followed)).rows
    except ScarpError:
        return {}
    asked = listing.key, followed, len(rows), max((row.finished for row in rows), default="")
    held = st.session_state.get(_OUTCOMES)
    if held is None or held[0] != asked:
        held = st.session_state[_OUTCOMES] = asked, _of_list(listing, rows)
    return held[1]


def _of_list(listing: Listing, rows: Sequence[EventRow]) -> dict[str, str]:
    found = {}
    for row in rows:
        at = listing.position(row.event)
        if at is not None and listing.events[at].is_at(row.latitude, row.longitude):
            found[row.event] = row.outcome
    return found
