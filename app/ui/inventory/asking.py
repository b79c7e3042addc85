"""What a file does not say, its layer, reference system and columns: asked, and shown before it is used."""

from dataclasses import dataclass, replace

import streamlit as st

from app.errors import ScarpError
from app.files import digest
from app.inventory import Given, Inventory, LayerNeededError, read
from app.inventory.browse import Listing
from app.inventory.geometries import CrsNeededError
from app.inventory.given import NOTHING
from app.inventory.preview import Preview, preview
from app.ui import kept, keys, state, words
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.map import event_map

_MAP_PX = 230
_A_ROW = 4
_PLACES = {"latitude": "Latitude, or northing", "longitude": "Longitude, or easting", "position": "Both in one column"}
_OTHERS = {
    "date": "Day of the event", "start": "First day, of several", "end": "Last day", "id": "Name of the event",
    "category": "Category", "source": "Source", "accuracy": "Accuracy", "pre2": "T1, a scene before",
    "post1": "T2, a scene after",
}  # fmt: skip
_ALSO = {"id": "event_id", "pre2": "pre1"}  # what is guessed for the first may be found as the second


@dataclass(frozen=True)
class Pending:
    """A file that waits for what it does not say itself."""

    name: str
    data: bytes
    why: str  # a sentence; empty where the reader wants to change what was understood
    layers: tuple[str, ...] = ()
    given: Given = NOTHING

    @property
    def key(self) -> str:
        """A name that tells its widgets from those of another file."""
        return digest(self.data)[:16]


def about(data: bytes, name: str, error: ScarpError, uploaded: bool) -> Pending | None:
    """Return what has to be asked about a file that could not be read; None where asking would not help.

    Of a file that was only named, and in which no column is known, nothing is shown: it may be anything.
    """
    if isinstance(error, LayerNeededError):
        return Pending(name, data, str(error), error.layers)
    if isinstance(error, CrsNeededError):
        return Pending(name, data, str(error))
    try:
        known = preview(data, name).guessed
    except ScarpError:
        return None
    return Pending(name, data, str(error)) if known or uploaded else None


def form() -> None:
    """Ask what the file that waits does not say, and show what would come of it."""
    pending: Pending | None = st.session_state.get(keys.PENDING)
    if pending is None:
        return
    with st.container(border=True, key="asking"):
        st.markdown(f"**{words.plain(pending.name)}**: what is in which column")
        if pending.why:
            st.warning(words.plain(pending.why), icon=":material/help:")
        given = _layer_and_system(pending)
        shown = _shown(pending, given) if given else None
        if given and shown:
            given = _columns(pending, given, shown)
        found = _tried(pending, given) if given else None
        _decide(found, shown)


def change(used: Inventory) -> None:
    """Ask about the inventory in use once more."""
    st.session_state[keys.PENDING] = Pending(used.name, used.raw, "", (), used.given)


def _layer_and_system(pending: Pending) -> Given | None:
    """Ask for layer and reference system; returns None while a layer that is needed is not chosen."""
    places = iter(st.columns(2, vertical_alignment="bottom"))
    layer = pending.given.layer
    if pending.layers:
        chosen = next(places).selectbox(
            "Layer", pending.layers, index=None, placeholder="choose one", key=f"ask.layer.{pending.key}", **KEEP
        )
        if chosen is None:
            return None
        layer = chosen
    crs = next(places).text_input(
        "Reference system, where positions are not in degrees", pending.given.crs, max_chars=200,
        placeholder="EPSG:2193", key=f"ask.crs.{pending.key}", **KEEP,
    )  # fmt: skip
    return Given(layer, (crs or "").strip())


def _shown(pending: Pending, given: Given) -> Preview | None:
    """Draw the first rows; returns None, and says so, where the file cannot be opened like this."""
    try:
        shown = _previewed(pending.key, given, pending.name, pending.data)
    except ScarpError as error:
        if str(error) != pending.why:
            st.error(words.plain(str(error)), icon=":material/error:")
        return None
    cells = {f"{n}": [row[n] if n < len(row) else "" for row in shown.rows] for n in range(len(shown.header))}
    titles = {f"{n}": st.column_config.TextColumn(title) for n, title in enumerate(shown.header)}  # no markup there
    st.dataframe(cells, hide_index=True, column_config=titles, height="content")
    return shown


def _columns(pending: Pending, given: Given, shown: Preview) -> Given:
    """Ask which column is what; only what differs from the guess is given."""
    asked = _OTHERS if shown.has_shapes else _PLACES | _OTHERS
    options, said = ["", *dict.fromkeys(shown.header)], dict(pending.given.columns)
    chosen: list[tuple[str, str]] = []
    places = [place for _ in range(0, len(asked), _A_ROW) for place in st.columns(_A_ROW)]
    for place, (wanted, label) in zip(places, asked.items(), strict=False):
        guess = shown.guessed.get(wanted) or shown.guessed.get(_ALSO.get(wanted, ""), "")
        start = said.get(wanted, guess)
        title = place.selectbox(
            label, options, index=options.index(start) if start in options else 0, format_func=_title,
            key=f"ask.{wanted}.{pending.key}.{given.layer}", **KEEP,
        )  # fmt: skip
        if title != guess:
            chosen.append((wanted, title))
            if not title and wanted in _ALSO:
                chosen.append((_ALSO[wanted], ""))
    return replace(given, columns=tuple(chosen))


def _title(title: str) -> str:
    return title or "none"


def _tried(pending: Pending, given: Given) -> Inventory | None:
    """Read the file as it is described now, and show what comes of it; returns None where nothing does."""
    try:
        found = _read(pending.key, given, pending.name, pending.data)
    except ScarpError as error:
        if str(error) != pending.why or given != Given():
            st.error(words.plain(str(error)), icon=":material/error:")
        return None
    dated = sum(event.date is not None for event in found.events)
    st.markdown(f"So it gives **{words.counted(len(found.events), 'event')}**, {dated:,} of them with a date.")
    if found.skipped:
        first = found.skipped[0]
        st.caption(
            f":orange[{words.counted(len(found.skipped), 'row')} skipped; row {first.row}: {words.plain(first.reason)}]"
        )
    if found.notes:
        st.caption(words.plain(" ".join(found.notes)))
    if found.events:
        every = list(range(len(found.events)))
        event_map(Listing(found), every, None, key="asking-map", choose=lambda event: None, height=_MAP_PX)
    return found if found.events else None


def _decide(found: Inventory | None, shown: Preview | None) -> None:
    with st.container(horizontal=True):
        st.button(
            "Use this inventory", type="primary", key="ask.use", disabled=found is None,
            on_click=guarded(_use), args=(found, shown),
        )  # fmt: skip
        st.button("Leave it", key="ask.leave", on_click=guarded(_leave))


def _use(found: Inventory, shown: Preview | None) -> None:
    state.use_inventory(found)
    if shown and (found.given.columns or found.given.crs):
        kept.keep_columns(shown.key, replace(found.given, layer=""))
    _leave()


def _leave() -> None:
    st.session_state[keys.PENDING] = None


@st.cache_resource(max_entries=8, show_spinner="Opening the file")
def _previewed(key: str, given: Given, name: str, _data: bytes) -> Preview:
    return preview(_data, name, given)


@st.cache_resource(max_entries=4, show_spinner="Reading the file")
def _read(key: str, given: Given, name: str, _data: bytes) -> Inventory:
    return read(_data, name, given)
