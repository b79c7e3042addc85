"""Bringing an inventory: its file, what was understood of it, what was skipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app import config
from app.errors import InventoryError, ScarpError
from app.files import at_home
from app.inventory import ATTRIBUTION, Inventory, builtin, kinds, load, read
from app.inventory.given import NOTHING
from app.inventory.preview import preview
from app.ui import insides, kept, keys, state, widgets, words
from app.ui.faults import guarded
from app.ui.inventory import asking, timeline

if TYPE_CHECKING:
    from app.ui.insides import UploadedFile

_BRING = "Bring an inventory (CSV, Excel, GeoJSON, GeoPackage, shapefile, KML, FlatGeobuf, GeoParquet)"


def inventory_file() -> None:
    """Let the reader bring an inventory, and report what was read, skipped and how columns were understood."""
    used = state.inventory()
    label = f"{words.plain(used.name)} · {words.counted(len(used.events), 'event')}"
    if used.skipped:
        label += f" · {words.counted(len(used.skipped), 'row')} skipped"
    with st.popover(label, icon=":material/database:", key=f"ways.{_upload_key()}"):  # a new key closes it
        limit = config.settings().max_csv_mb
        st.file_uploader(
            _BRING, key=_upload_key(), max_upload_size=limit, accept_multiple_files=True, on_change=guarded(_uploaded)
        )
        _path()
        _reading(used)
        if used.raw:
            st.button(
                "Columns or reference system are others", key="ask.change", icon=":material/table_edit:",
                on_click=guarded(asking.change), args=(used,),
            )  # fmt: skip
        if used.raw or len(used.events) != len(builtin().events):
            st.button(
                "Back to the built-in events",
                icon=":material/undo:",
                on_click=guarded(state.use_inventory),
                args=(None,),
            )


def refused() -> None:
    """Say why the file brought last could not be read."""
    if st.session_state.get(keys.REFUSAL):
        st.error(words.plain(st.session_state[keys.REFUSAL]), icon=":material/error:")


def what_was_read(used: Inventory) -> None:
    """Say beside the list what is missing from it and how the file was understood where that is not plain."""
    if used.skipped:
        _skipped(used)
    if used.columns and used.events and not timeline.dated(used.events):
        st.warning(_undated(used), icon=":material/event_busy:")
    if st.session_state.get(keys.INVENTORY) is not None and used.notes:
        st.caption(":material/info: " + words.plain(" ".join(used.notes)))


def _path() -> None:
    """Offer a path as well, but only where whoever sees the page sits at this machine."""
    if not widgets.at_this_machine():
        return
    st.text_input(
        "or its path on this machine", key=f"{_upload_key()}.path", placeholder="/data/landslides.csv",
        on_change=guarded(_named),
    )  # fmt: skip


def _uploaded() -> None:
    """Take what was uploaded: before the page runs, so that it runs once and its map stays."""
    uploads = st.session_state.get(_upload_key())
    if uploads:
        _take(*_together(uploads))
        insides.let_go(uploads)


def _named() -> None:
    path = (st.session_state.get(f"{_upload_key()}.path") or "").strip()
    if path:
        widgets.require_own_paths()
        where = at_home(path)
        _take(Path(where).name, lambda: load(where), uploaded=False)


def _together(uploads: Sequence[UploadedFile]) -> tuple[str, Callable[[], bytes]]:
    """Return name and bytes of what was uploaded: one file, or the parts of a shapefile as one."""
    if len(uploads) == 1:
        return uploads[0].name, uploads[0].getvalue
    name = next((one.name for one in uploads if one.name.lower().endswith(".shp")), "")
    others = [one.name for one in uploads if Path(one.name).suffix.lower() not in kinds.SHAPEFILE_BESIDE]

    def packed() -> bytes:
        if not name or others:
            raise InventoryError(
                f"{len(uploads)} files were brought at once. Bring one, or the parts of one shapefile: "
                ".shp, .shx, .dbf and .prj."
            )
        return kinds.packed({one.name: one.getvalue() for one in uploads})

    return name or "What was brought", packed


def _take(name: str, load_it: Callable[[], bytes], uploaded: bool = True) -> None:
    """Take an inventory into use; one that cannot be read so leaves the present one in use, and asks what it can."""
    data = b""
    st.session_state[keys.REFUSAL] = st.session_state[keys.MERGE_FAULT] = ""
    st.session_state[keys.PENDING] = None
    try:
        data = load_it()
        state.use_inventory(read_as_said(data, name))
    except ScarpError as error:
        pending = asking.about(data, name, error, uploaded) if data else None
        st.session_state[keys.PENDING] = pending
        if pending is None:
            st.session_state[keys.REFUSAL] = f"{error} The inventory in use stays as it was."
    st.session_state[keys.UPLOAD] = st.session_state.get(keys.UPLOAD, 0) + 1


def read_as_said(data: bytes, name: str) -> Inventory:
    """Read a file; what was said of the columns of another one with the same goes before what is guessed."""
    if not kept.holds_columns():
        return read(data, name)
    try:
        given = kept.columns(preview(data, name).key)
        found = read(data, name, given)
    except ScarpError:  # it needs more to be opened, or is another kind of file
        return read(data, name)
    said = ("The columns are read as you said of a file with the same ones.",) if given != NOTHING else ()
    return replace(found, notes=(*found.notes, *said))


def _upload_key() -> str:
    return f"upload.{st.session_state.get(keys.UPLOAD, 0)}"  # a new key empties the uploader


def _skipped(used: Inventory) -> None:
    first = "  \n".join(f"Row {one.row}: {words.plain(one.reason)}" for one in used.skipped[:3])
    more = "  \nThe others are listed with the file above." if len(used.skipped) > 3 else ""
    if used.events:
        st.warning(f"{words.counted(len(used.skipped), 'row')} skipped.  \n{first}{more}", icon=":material/warning:")
        return
    rows = "The one row" if len(used.skipped) == 1 else f"Every one of the {len(used.skipped):,} rows"
    st.error(f"{rows} was skipped, so there is no event to show.  \n{first}{more}", icon=":material/error:")


def _undated(used: Inventory) -> str:
    """Return why no event has a date, and what that means."""
    column = used.columns.get("date")
    why = (
        f"none of the dates in {words.plain(column)} can be read; write them as 2017-05-20"
        if column
        else "the file has no column known as a date; call it event\\_date, or start\\_date and end\\_date"
    )
    return f"No event has a date: {why}. Until then T1 and T2 have to be chosen by hand, and there is no timeline."


def _reading(used: Inventory) -> None:
    understood = ", ".join(f"{field} from {words.plain(column)}" for field, column in used.columns.items())
    st.caption(f"Columns understood: {understood}.")
    if used.name == builtin().name:  # with places of the reader's among them too
        st.caption(f"Events from {ATTRIBUTION}.")
    for remark in used.notes:
        st.caption(words.plain(remark))
    if used.warnings:
        doubtful = len({warning.event for warning in used.warnings})
        st.caption(f"{words.counted(len(used.warnings), 'warning')} on {words.counted(doubtful, 'event')}.")
    for skipped in used.skipped[:20]:
        st.caption(f":orange[row {skipped.row} skipped: {words.plain(skipped.reason)}]")
    if len(used.skipped) > 20:
        st.caption(f"and {len(used.skipped) - 20} more skipped rows.")
