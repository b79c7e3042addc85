"""What a reader changed of an inventory's events, or had proposed for them, kept for the browser and found again."""

import json
from collections.abc import Iterable, Mapping

import streamlit as st

from app import inventory
from app.files import digest
from app.inventory import Inventory, changes, log
from app.sources.outcomes import Outcome, as_json, from_json
from app.ui import keys, workspace

_CHANGES, _PROPOSALS = "changes", "proposals"


def applied(used: Inventory) -> Inventory:
    """Return an inventory, as it was read, with the changes kept for it; the same one where there are none."""
    said = _held(_file(_CHANGES, used))
    logs = {event_id: found for event_id, one in said.items() if (found := log.from_json(one)) is not None}
    return changes.with_logs(used, logs) if logs else used


def keep(used: Inventory, ids: Iterable[str]) -> None:
    """Keep the changes of some events of an inventory, the others' as they are kept."""
    name = _file(_CHANGES, used)
    if name:
        said = _held(name) | {event_id: log.as_json(used.changes.get(event_id, ())) for event_id in ids}
        _put(name, said)


def count() -> int:
    """Return of how many events changes are kept, in all inventories."""
    folder = workspace.current().folder / "files"
    names = [path.name for path in folder.glob(f"{_CHANGES}.*")] if folder.is_dir() else []
    return sum(sum(bool(one) for one in _held(name).values()) for name in names)


def proposals(used: Inventory) -> dict[str, Outcome]:
    """Return what searches for dates came to, by event."""
    held: dict[str, dict[str, Outcome]] = st.session_state.setdefault(keys.PROPOSALS, {})
    name = _file(_PROPOSALS, used) or f"{_PROPOSALS}.{used.name}"
    if name not in held:
        said = _held(name if _file(_PROPOSALS, used) else "")
        held[name] = {event_id: found for event_id, one in said.items() if (found := from_json(one)) is not None}
    return held[name]


def keep_proposals(used: Inventory, more: Mapping[str, Outcome]) -> None:
    """Keep what searches for dates came to, beside what came of others before."""
    held, name = proposals(used), _file(_PROPOSALS, used)
    held.update(more)
    if name:
        _put(name, {event_id: as_json(one) for event_id, one in held.items()})


def _file(kind: str, used: Inventory) -> str:
    """Return the name under which something of an inventory is kept; empty for one that no file holds."""
    if used.raw:
        return f"{kind}.{digest(used.raw)[:24]}"
    return f"{kind}.built-in" if used.name == inventory.builtin().name else ""


def _held(name: str) -> dict[str, object]:
    data = workspace.current().file(name) if name else None
    try:
        said = json.loads(data) if data else {}
    except (ValueError, RecursionError):  # whoever may write there can write anything
        return {}
    return said if isinstance(said, dict) else {}


def _put(name: str, said: Mapping[str, object]) -> None:
    data = json.dumps(said).encode()
    workspace.attempt(lambda: workspace.current().keep_file(name, data))
