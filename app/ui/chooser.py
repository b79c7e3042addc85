"""Choosing an event: a file, filters, and a map, a table and a timeline that follow each other."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app import config
from app.errors import ScarpError
from app.grid import BBox
from app.inventory import ATTRIBUTION, Event, Inventory, read, read_file, source_title
from app.ui import figures, keys, state
from app.ui.map import HEIGHT_PX, event_map

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TURN, _TABLE_CHOICE = "held.turn", "held.table_choice"


def inventory_file() -> None:
    """Let the reader bring a CSV, and report what was read, skipped and how columns were understood."""
    used = state.inventory()
    label = f"{state.plain(used.name)} · {state.counted(len(used.events), 'event')}"
    if used.skipped:
        label += f" · {state.counted(len(used.skipped), 'row')} skipped"
    with st.expander(label, icon=":material/database:"):
        limit = config.settings().max_csv_mb
        upload = st.file_uploader("Bring an inventory (CSV)", key=_upload_key(), max_upload_size=limit)
        if upload is not None:
            _take(lambda: read(upload.getvalue(), upload.name))
        _path()
        if st.session_state.get(keys.REFUSAL):
            st.error(state.plain(st.session_state[keys.REFUSAL]), icon=":material/error:")
        _reading(used)
        if st.session_state.get(keys.INVENTORY) is not None:
            st.button("Back to the built-in events", icon=":material/undo:", on_click=state.use_inventory, args=(None,))


def filtered(inventory: Inventory) -> list[Event]:
    """Draw the filters and return the events that pass them all, in the order of the file."""
    events = list(inventory.events)
    one, two, three, four = st.columns([1, 1, 1.3, 1], vertical_alignment="bottom")
    categories = one.multiselect("Category", _values(events, "category"), placeholder="all", key="filter.category")
    sources = two.multiselect(
        "Source", _values(events, "source"), placeholder="all", key="filter.source", format_func=source_title
    )
    span = _years(three, events)
    doubt = four.selectbox("Warnings", ["all", "with warnings", "without"], key="filter.warnings")
    doubtful = {warning.event for warning in inventory.warnings}
    kept = [
        event
        for event in events
        if (not categories or event.category in categories)
        and (not sources or event.source in sources)
        and (span is None or (event.date is not None and span[0] <= event.date.year <= span[1]))
        and (doubt == "all" or (event.id in doubtful) == (doubt == "with warnings"))
    ]
    if len(kept) < len(events):
        st.caption(f"{len(kept)} of {len(events)} events pass the filters.")
    return kept


def on_map(inventory: Inventory, shown: list[Event]) -> None:
    """Draw the map; a click on a point chooses that event."""
    turn = st.session_state.setdefault(_TURN, 0)
    doubtful = {warning.event for warning in inventory.warnings}
    position = event_map(shown, _extent(inventory), st.session_state.get(keys.EVENT), doubtful, turn)
    st.caption("Blue: event. Yellow: event with a warning. Red: the chosen one.")
    if position is not None:
        _choose(shown[position].id)
        st.rerun()


def in_table(inventory: Inventory, shown: list[Event]) -> None:
    """Draw the table; selecting a row chooses that event, and the chosen one is selected."""
    if not shown:
        st.info("No event passes the filters; loosen one of them.", icon=":material/filter_alt_off:")
        return
    ids = [event.id for event in shown]
    frame = inventory.frame()
    frame = frame.set_index("id", drop=False).loc[ids].drop(columns="row")
    chosen = st.session_state.get(keys.EVENT)
    if st.session_state.get(_TABLE_CHOICE) != chosen:  # chosen elsewhere: start the table anew, on that row
        _advance()
        st.session_state[_TABLE_CHOICE] = chosen
    key = f"table.{st.session_state[_TURN]}.{len(shown)}"
    rows = [ids.index(chosen)] if chosen in ids else []
    st.dataframe(
        frame,
        key=key,
        hide_index=True,
        height=HEIGHT_PX,
        on_select=lambda: _from_table(key, ids),
        selection_mode="single-row",
        selection_default={"selection": {"rows": rows}},
        column_order=["id", "date", "category", "source", "t1", "t2", "warnings", "latitude", "longitude", "accuracy"],
        column_config={
            "id": st.column_config.TextColumn("event", width=60),
            "date": st.column_config.DateColumn(width=95),
            "t1": st.column_config.DateColumn("T1", width=95),
            "t2": st.column_config.DateColumn("T2", width=95),
            "warnings": st.column_config.TextColumn(width="medium"),
            "latitude": st.column_config.NumberColumn(format="%.5f"),
            "longitude": st.column_config.NumberColumn(format="%.5f"),
        },
    )


def on_timeline(shown: list[Event]) -> None:
    """Draw the events over time; a click on a point chooses that event."""
    figure, ids = figures.timeline(shown, st.session_state.get(keys.EVENT))
    key = f"timeline.{st.session_state.get(_TURN, 0)}"
    st.plotly_chart(
        figure, key=key, on_select=lambda: _from_timeline(key, ids), selection_mode="points",
        config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
    )  # fmt: skip


def _path() -> None:
    """Offer a path as well, but only where whoever sees the page sits at this machine."""
    if st.get_option("server.address") not in _LOOPBACK:
        return
    path = st.text_input("or its path on this machine", key=_upload_key() + ".path", placeholder="/data/landslides.csv")
    if path.strip():
        _take(lambda: read_file(Path(path.strip()).expanduser()))


def _take(reading: Callable[[], Inventory]) -> None:
    """Take an inventory into use; one that cannot be read leaves the present one in use."""
    try:
        state.use_inventory(reading())
        st.session_state[keys.REFUSAL] = ""
    except ScarpError as error:
        st.session_state[keys.REFUSAL] = f"{error} The inventory in use stays as it was."
    st.session_state[keys.UPLOAD] = st.session_state.get(keys.UPLOAD, 0) + 1
    st.rerun()


def _upload_key() -> str:
    return f"upload.{st.session_state.get(keys.UPLOAD, 0)}"  # a new key empties the uploader


def skipped_rows(used: Inventory) -> None:
    """Say on the page which rows could not become events, and why."""
    if not used.skipped:
        return
    first = "  \n".join(f"Row {one.row}: {state.plain(one.reason)}" for one in used.skipped[:3])
    more = "  \nThe others are listed with the file above." if len(used.skipped) > 3 else ""
    st.warning(f"{state.counted(len(used.skipped), 'row')} skipped.  \n{first}{more}", icon=":material/warning:")


def _reading(used: Inventory) -> None:
    understood = ", ".join(f"{field} from {state.plain(column)}" for field, column in used.columns.items())
    st.caption(f"Columns understood: {understood}.")
    if st.session_state.get(keys.INVENTORY) is None:
        st.caption(f"Events from {ATTRIBUTION}.")
    for remark in used.notes:
        st.caption(state.plain(remark))
    if used.warnings:
        doubtful = len({warning.event for warning in used.warnings})
        st.caption(f"{state.counted(len(used.warnings), 'warning')} on {state.counted(doubtful, 'event')}.")
    for skipped in used.skipped[:20]:
        st.caption(f":orange[row {skipped.row} skipped: {state.plain(skipped.reason)}]")
    if len(used.skipped) > 20:
        st.caption(f"and {len(used.skipped) - 20} more skipped rows.")


def _extent(inventory: Inventory) -> BBox | None:
    """Return the box of all the inventory's events, so that filtering does not move the map."""
    if not inventory.events:
        return None
    longitudes = [event.longitude for event in inventory.events]
    latitudes = [event.latitude for event in inventory.events]
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def _values(events: list[Event], field: str) -> list[str]:
    return sorted({getattr(event, field) for event in events} - {""})


def _years(column, events: list[Event]) -> tuple[int, int] | None:
    years = sorted({event.date.year for event in events if event.date})
    if len(years) < 2:
        return None
    ends = (years[0], years[-1])
    span = column.slider("Years", *ends, value=ends, key=f"filter.years.{ends}")
    return None if span == ends else span


def _choose(event_id: str | None) -> None:
    state.choose_event(event_id)
    _advance()


def _advance() -> None:
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _from_table(key: str, ids: list[str]) -> None:
    rows = st.session_state[key].selection.rows
    chosen = ids[rows[0]] if rows else None
    st.session_state[_TABLE_CHOICE] = chosen
    state.choose_event(chosen)


def _from_timeline(key: str, ids: list[str]) -> None:
    points = st.session_state[key].selection.points
    if points:
        _choose(ids[points[0]["point_index"]])
