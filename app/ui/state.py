"""What a session has chosen: the inventory and the event in it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import PurePath

import streamlit as st

from app.errors import InputError, ScarpError
from app.inventory import Event, Inventory, builtin
from app.inventory.browse import DOUBTS, Filters, Listing
from app.sources.own import records
from app.sources.own.records import PairRecord
from app.ui import changed, choices, kept, keys, notes
from app.ui.choices.texts import Place

_LINK = "The link"
_NOBODY: Mapping[str, str] = {}  # judged anything
_SPANS = (choices.T1_FROM, choices.T2_TO, choices.FOLLOW_FROM, choices.FOLLOW_TO)  # they wait with their event
YOURS = "your place"  # the source of an event that the reader added


def begin() -> None:
    """Give every choice nobody has made yet its default."""
    for name, value in choices.DEFAULTS.items():
        if st.session_state.get(name) is None:
            st.session_state[name] = value


def inventory() -> Inventory:
    """Return the session's inventory: the uploaded one, else the built-in one."""
    return st.session_state.get(keys.INVENTORY) or builtin()


def use_inventory(chosen: Inventory | None) -> None:
    """Make an inventory the session's own, without filters, and keep it; None goes back to the built-in one."""
    choose_event(None)
    st.session_state[keys.INVENTORY] = changed.applied(chosen) if chosen else None
    clear_filters()
    if chosen is None:
        _use_changed_built_in()
        kept.use_inventory(False)
    else:
        kept.keep_inventory(chosen)


def resume() -> None:
    """Take up what is kept for this browser: at a session's first run, and what another tab has brought since.

    A link without a place is to an event of the built-in list, and that is what it shows.
    """
    first = kept.restore()
    untouched = st.session_state.get(keys.INVENTORY) is None and st.session_state.get(choices.EVENT) is None
    if not first and not (untouched and kept.inventory_is_news()):
        return
    try:
        found = kept.kept_inventory()
    except ScarpError as error:
        kept.use_inventory(False)
        notes.add(str(error))
        return
    if found is None:
        if untouched:
            _use_changed_built_in()
        return
    asked = st.query_params.get(choices.EVENT)
    if asked is None or choices.PLACE in st.query_params or not _is_built_in(asked):
        st.session_state[keys.INVENTORY] = changed.applied(found)
        return
    _use_changed_built_in()
    notes.add(
        f"The link is to event {asked} of the built-in list, which is shown. Your inventory {found.name} is kept: "
        "the Inventory page goes back to it."
    )


def _use_changed_built_in() -> None:
    """Take the built-in list with the reader's changes into use, where there are any."""
    found = changed.applied(builtin())
    if found.changes:
        st.session_state[keys.INVENTORY] = found


def is_own_inventory() -> bool:
    """Whether the inventory shown is one the reader brought, not the built-in list or a link's event."""
    return bool(inventory().raw)  # places added to the built-in list make it no file of the reader's


def use_kept_inventory() -> None:
    """Go back to the inventory kept for this browser. Raises ScarpError where it cannot be read."""
    found = kept.kept_inventory(even_unused=True)
    if found is not None:
        use_inventory(found)
        kept.use_inventory(True)


def _is_built_in(event_id: str) -> bool:
    return any(one.id == event_id for one in builtin().events)


def listing() -> Listing:
    """Return the session's inventory made ready to browse; made once and then kept."""
    used = inventory()
    held = st.session_state.get(keys.LISTING)
    if held is None or held.inventory is not used:
        held = st.session_state[keys.LISTING] = Listing(used, held)
    return held


def filters() -> Filters:
    """Return which events of the inventory the reader wants to see."""
    return Filters(
        st.session_state.get(choices.FIND) or "",
        tuple(st.session_state.get(choices.CATEGORY) or ()),
        tuple(st.session_state.get(choices.ORIGIN) or ()),
        st.session_state.get(choices.YEARS),
        st.session_state.get(choices.WARNINGS) or DOUBTS[0],
        st.session_state.get(choices.OUTCOME) or "all",
        st.session_state.get(choices.WITHIN),
    )


def clear_filters() -> None:
    """Let every event of the inventory be seen again."""
    for name in choices.FILTERS:
        st.session_state[name] = choices.DEFAULTS.get(name)


def shown() -> list[int]:
    """Return the positions of the events that pass the filters: what next and previous go through."""
    used, wanted = listing(), filters()
    judged = _judged(used.inventory) if wanted.judged != "all" else _NOBODY
    held = st.session_state.get(keys.SHOWN)
    if held is None or held[0] is not used or held[1] != wanted or held[3] is not judged:
        held = st.session_state[keys.SHOWN] = (used, wanted, used.passing(wanted, judged), judged)
    return held[2]


def _judged(used: Inventory) -> Mapping[str, str]:
    """Return how events stand; nothing where the database cannot be used, which the Review page says."""
    from app.ui.review import hiding  # the database's library, for those who filter by it alone

    try:
        return hiding.outcomes(used)
    except ScarpError:
        return _NOBODY


def event() -> Event | None:
    """Return the chosen event, or None where none is chosen or the inventory lacks it."""
    chosen = st.session_state.get(choices.EVENT)
    if chosen is None:
        return None
    try:
        return inventory().event(chosen)
    except InputError:
        return None


def choose_event(event_id: str | None) -> None:
    """Choose an event; dates picked for another one stay with that one, and those picked for this one are back."""
    if st.session_state.get(choices.EVENT) == event_id:
        return
    keep_dates()
    spans_of = st.session_state.setdefault(keys.SPANS, {})
    spans_of[_named(event())] = [st.session_state.get(name) for name in _SPANS]
    st.session_state[choices.EVENT] = event_id
    chosen = event()
    st.session_state[choices.T1], st.session_state[choices.T2] = kept.dates(chosen) if chosen else (None, None)
    st.session_state.update(zip(_SPANS, spans_of.get(_named(chosen)) or [None] * len(_SPANS), strict=True))
    if event_id is not None:
        _fit_source(event_id)


def _named(one: Event | None) -> str:
    """Return what tells an event from those of other inventories that have its id."""
    return f"{one.id} {one.latitude:.5f} {one.longitude:.5f}" if one else ""


def _fit_source(event_id: str) -> None:
    """Show a pair that was brought from its own files, and any other event from the source that was chosen before."""
    source, brought = st.session_state.get(choices.SOURCE), records.is_name(event_id)
    found = records.find(event_id)
    st.session_state[choices.FILES] = records.told(found)[:200] if found else None
    if brought == (source == records.SOURCE):
        return
    if brought:
        st.session_state[keys.SOURCE_BEFORE] = source
    before = st.session_state.get(keys.SOURCE_BEFORE) or choices.DEFAULTS[choices.SOURCE]
    st.session_state[choices.SOURCE] = records.SOURCE if brought else before


def keep_dates() -> None:
    """Keep the dates picked for the chosen event with it."""
    chosen = event()
    if chosen is not None and not _of_a_link():
        kept.keep_dates(chosen, st.session_state.get(choices.T1), st.session_state.get(choices.T2))


def resume_dates() -> None:
    """Give an event without dates of its own those picked for it before, where its address says none."""
    chosen = event()
    if chosen is None or _of_a_link():
        return
    for name, own, picked in zip((choices.T1, choices.T2), (chosen.t1, chosen.t2), kept.dates(chosen), strict=True):
        if own is None and st.session_state.get(name) is None:
            st.session_state[name] = picked


def _of_a_link() -> bool:
    """Whether the event is a link's, whose dates are its own."""
    return inventory().name == _LINK


def step_event(step: int) -> None:
    """Choose the next (1) or previous (-1) of the events that pass the filters, round the end."""
    found = listing().step(st.session_state.get(choices.EVENT), step, shown())
    if found is not None:
        choose_event(found)


def place() -> Place | None:
    """Return latitude, longitude and days of the chosen event where a link's reader may lack its inventory."""
    chosen = event()
    if chosen is None or st.session_state.get(keys.INVENTORY) is None:
        return None
    last = () if chosen.date_end is None else (chosen.date_end,)
    return chosen.latitude, chosen.longitude, chosen.date, *last


def outlined_in() -> str | None:
    """Return the name of the inventory that outlines the chosen event; of an event of a link, what the link says."""
    if _of_a_link():
        said: str | None = st.session_state.get(choices.LIST)
        return said
    chosen = event()
    return PurePath(inventory().name).name[:200] if chosen is not None and chosen.outline else None


def use_pair(event_id: str) -> bool:
    """Take a pair that was brought among the events, where its files are kept and it is not there yet."""
    found = records.find(event_id)
    if found is not None and event() is None:
        add_pair(found)
    return found is not None


def use_place(event_id: str, at: Place) -> bool:
    """Take an event from where a link says it is, unless the inventory holds it there; returns whether it was taken."""
    known, (latitude, longitude, when, *last) = event(), at
    if known is not None and known.is_at(latitude, longitude):
        return False
    t1, t2 = st.session_state.get(choices.T1), st.session_state.get(choices.T2)
    options, end = (t1,) if t1 else (), last[0] if last else None
    one = Event(event_id, 0, when, latitude, longitude, t1_options=options, t2=t2, date_end=end)
    st.session_state[keys.INVENTORY] = Inventory(_LINK, (one,), (), {}, ())
    clear_filters()
    return True


def add_place(latitude: float, longitude: float, when: date | None) -> Event:
    """Add a place to the inventory of this session as an event like any other, choose it and return it.

    The file kept for the reader stays as it came; links to the event say where it is.
    """
    used = inventory()
    known = {one.id for one in used.events}
    name = next(name for name in (f"place-{n}" for n in count(1)) if name not in known)
    row = max([*(one.row for one in used.events), *(one.row for one in used.skipped)], default=-1) + 1
    added = Event(name, row, when, latitude, longitude, source=YOURS)
    st.session_state[keys.INVENTORY] = replace(used, events=(*used.events, added))
    choose_event(added.id)
    return added


def add_pair(record: PairRecord) -> Event:
    """Make a pair that was brought an event of this session, unless it is one already; choose it and return it."""
    used = inventory()
    row = max([*(one.row for one in used.events), *(one.row for one in used.skipped)], default=-1) + 1
    others = tuple(one for one in used.events if one.id != record.name)
    added = record.event(row)
    st.session_state[keys.INVENTORY] = replace(used, events=(*others, added))
    clear_filters()
    st.session_state[choices.EVENT] = None  # it may be the very one of a link that lacked its files
    choose_event(added.id)
    return added


def listed() -> Inventory | None:
    """Return the inventory whose file holds the chosen event; None for a place that stands in no file."""
    chosen, used = event(), inventory()
    added = chosen is not None and chosen.source == YOURS
    return None if added or _of_a_link() or used.changes else used
