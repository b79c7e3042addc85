"""Changing what is known of an event: a form beside it, what was changed so far, and a way back."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.errors import ScarpError
from app.files import digest
from app.inventory import Event, Inventory, changes
from app.inventory.log import FIELDS, Change
from app.ui import changed, choices, kept, keys, state, words
from app.ui.faults import guarded
from app.ui.keys import KEEP

_LABELS = {
    "date": "Day, or first to last day", "category": "Category", "t1": "T1, before", "t2": "T2, after",
    "position": "Latitude, longitude", "by": "Your name or initials",
}  # fmt: skip
_ROWS = (("date", "category"), ("t1", "t2"), ("position", "by"))


def form(event: Event) -> None:
    """Let the reader change the chosen event; what cannot be read is said, and all that was typed stays."""
    log = state.inventory().changes.get(event.id, ())
    label = "Change this event" + (f" · {words.counted(len(log), 'change')}" if log else "")
    with st.expander(label, icon=":material/edit:", expanded=_fault(event) != ""):
        with st.form(f"edit.{_name(event, log)}", border=False, enter_to_submit=True):
            for row in _ROWS:
                for field, column in zip(row, st.columns(2), strict=True):
                    column.text_input(
                        _LABELS[field], _shown(event, field), key=_key(event, log, field), max_chars=2000, **KEEP
                    )
            if _fault(event):
                st.error(words.plain(_fault(event)), icon=":material/error:")
            st.form_submit_button(
                "Save the changes", type="primary", key=f"edit.save.{_name(event, log)}", on_click=guarded(_save),
                args=(event,),
            )  # fmt: skip
        _told(event, log)


def take(more: Mapping[str, Sequence[Change]]) -> None:
    """Change events of the inventory in use, and keep that."""
    _use(changes.changed(state.inventory(), more), more)


def by() -> str:
    """Return the name that the reader gave, empty where none was given."""
    return (st.session_state.get(keys.REVIEWER) or "").strip()


def _save(event: Event) -> None:
    log = state.inventory().changes.get(event.id, ())
    name = st.session_state.get(_key(event, log, "by"))
    if name is not None:
        st.session_state[keys.REVIEWER] = name
    try:
        typed = {field: st.session_state.get(_key(event, log, field)) or "" for field in FIELDS}
        new = {field: text for field, text in typed.items() if text.strip() != _shown(event, field)}
        wanted = {field: changes.typed(event, field, text) for field, text in new.items()}
    except ScarpError as error:
        st.session_state[keys.EDIT_FAULT] = (event.id, str(error))
        return
    st.session_state[keys.EDIT_FAULT] = None
    made = changes.made(event, wanted, by())
    if made:
        take({event.id: made})


def _undo(event: Event) -> None:
    st.session_state[keys.EDIT_FAULT] = None
    _use(changes.undone(state.inventory(), event.id), (event.id,))


def _use(now: Inventory, ids: Sequence[str] | Mapping[str, Sequence[Change]]) -> None:
    """Take an inventory with changes into use; the dates of a changed event are its own again."""
    before = state.inventory()
    st.session_state[keys.INVENTORY] = now
    changed.keep(now, ids)
    for event_id in ids:
        event = now.event(event_id)
        if (event.t1, event.t2) == (before.event(event_id).t1, before.event(event_id).t2):
            continue
        kept.keep_dates(event, event.t1, event.t2)
        if event_id == st.session_state.get(choices.EVENT):
            st.session_state[choices.T1], st.session_state[choices.T2] = event.t1, event.t2


def _told(event: Event, log: tuple[Change, ...]) -> None:
    """List what was changed of an event, the last first, with a button that takes the last back."""
    if not log:
        st.caption("What is changed here is used on every page, kept for you, and taken away with the inventory.")
        return
    st.button(
        "Undo the last change", key=f"edit.undo.{_name(event, log)}", icon=":material/undo:", on_click=guarded(_undo),
        args=(event,),
    )  # fmt: skip
    st.caption("  \n".join(map(_line, reversed(log[-20:]))))


def _line(change: Change) -> str:
    values = [words.plain(text) or "nothing" for text in (change.before, change.after)]
    said = (change.by, change.how, f"{change.when[:16].replace('T', ' ')} UTC")
    whose = " · ".join(words.plain(text) for text in said if text)
    return f"**{changes.TITLES[change.field]}** from {values[0]} to **{values[1]}** · {whose}"


def _shown(event: Event, field: str) -> str:
    """Return a value as the form has it, to be read again."""
    if field == "by":
        return by()
    if field == "position":
        return f"{event.latitude:.5f}, {event.longitude:.5f}"
    if field in ("t1", "t2"):
        return str((event.t1 if field == "t1" else event.t2) or "")
    return event.when if field == "date" else event.category


def _fault(event: Event) -> str:
    """Return what was wrong with what was typed for an event last, empty where nothing was."""
    event_id, said = st.session_state.get(keys.EDIT_FAULT) or ("", "")
    return said if event_id == event.id else ""


def _key(event: Event, log: tuple[Change, ...], field: str) -> str:
    return f"edit.{field}.{_name(event, log)}"


def _name(event: Event, log: tuple[Change, ...]) -> str:
    """Return what tells an event's widgets from another's, and from those before its last change."""
    return digest(f"{event!r}{log!r}{st.session_state.get(keys.UPLOAD, 0)}")[:16]
