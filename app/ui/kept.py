"""What of a session outlives it: the reader's inventory, drawn shapes, dates and names, in the browser's workspace."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import streamlit as st

from app import config, inventory
from app.errors import ScarpError
from app.files import digest
from app.inventory import Event, Given, Inventory
from app.inventory.given import from_json
from app.ui import keys, workspace

Dates = tuple[date | None, date | None]

_FILE = "inventory"  # how the names of what is kept begin
_DATES, _SHAPES, _COLUMNS = "dates", "shapes", "columns"
OUTLINE = "outline"  # one being corrected, see ``app.ui.review.drafts``
FOLDERS = "folders"  # which labels a link names, see ``app.ui.review.labelled``
_FRESH_S = 60.0  # a file so young may be another tab's, not yet named by what is kept
_MOST_TEXT = 4000

# what a reader typed once and would type again: its name in the session, and in the workspace
_TEXTS = {
    keys.REVIEWER: "reviewer",
    keys.FOLDER: "scored-folder",
    keys.MASKS: "scored-masks",
    keys.TRUTHS: "scored-truth",
}


@dataclass(frozen=True)
class Held:
    """What is kept for this browser, in numbers."""

    inventory: str  # its file's name; empty where none is kept
    in_use: bool  # whether a new page opens with it
    patches_drawn_on: int
    events_dated: int
    texts: int
    networks: int
    detections: int
    nbytes: int
    until: date | None  # when it is removed unless it is used before; None where nothing is kept
    outlines: int = 0  # patches on which an outline is being corrected


def restore() -> bool:
    """Take up what was typed once, at a session's first run; returns whether this was it."""
    memory = _memory()
    if "texts" in memory:
        return False
    memory["texts"] = {}
    mine = workspace.current()
    mine.touch()
    for name, item in _TEXTS.items():
        text = mine.held(item)
        if isinstance(text, str) and len(text) <= _MOST_TEXT:
            memory["texts"][name] = text
            if not st.session_state.get(name):
                st.session_state[name] = text
    return True


def update() -> None:
    """Keep what was typed since the last run."""
    texts = _memory().setdefault("texts", {})
    for name, item in _TEXTS.items():
        text = st.session_state.get(name)
        if isinstance(text, str) and len(text) <= _MOST_TEXT and text != texts.get(name, ""):
            texts[name] = text
            workspace.keep(item, text or None)


# --- the inventory -----------------------------------------------------------------------


def keep_inventory(used: Inventory) -> None:
    """Keep the file an inventory was read from, as it came; one without a file is not kept."""
    data = used.raw
    if not data:
        return
    mine, file = workspace.current(), f"{_FILE}.{digest(data)[:24]}"

    def write() -> None:
        mine.keep_file(file, data)
        mine.keep(_FILE, {"name": used.name, "file": file, "used": True, "given": used.given.as_json()})

    if workspace.attempt(write):
        _remove_former(mine.folder / "files", file)
    _see(_FILE)


def use_inventory(used: bool) -> None:
    """Say whether a new page opens with the inventory kept."""
    said = _said()
    if said and said.get("used") is not used:
        workspace.keep(_FILE, {**said, "used": used})
    _see(_FILE)


def kept_inventory(even_unused: bool = False) -> Inventory | None:
    """Return the inventory kept, read again from its file; None where none is, or it is not in use.

    Raises ScarpError where it cannot be read any more.
    """
    said = _said()
    _see(_FILE)
    if not said or not (said.get("used") or even_unused):
        return None
    path = workspace.current().folder / "files" / said["file"]
    if not path.is_file():
        raise ScarpError(f"Your inventory {said['name']} is no longer kept on this machine; bring it again.")
    try:
        given = from_json(said.get("given"))
        return _read(str(path), said["name"], given, path.stat().st_mtime_ns, path)
    except (ScarpError, OSError) as error:
        raise ScarpError(f"Your inventory {said['name']} cannot be read again ({error}); bring it again.") from error


def held_inventory() -> str:
    """Return the name of the inventory kept, in use or not; empty where there is none."""
    said = _said()
    return said["name"] if said else ""


def keep_columns(key: str, given: Given) -> None:
    """Keep what was said about the columns of a file, for files of the same columns."""
    workspace.keep(f"{_COLUMNS}.{key}", given.as_json())


def columns(key: str) -> Given:
    """Return what was said before about a file of these columns."""
    return from_json(workspace.current().held(f"{_COLUMNS}.{key}"))


def holds_columns() -> bool:
    """Whether anything was said about the columns of any file."""
    folder = workspace.current().folder
    return folder.is_dir() and any(folder.glob(f"{_COLUMNS}.*.json"))


def inventory_is_news() -> bool:
    """Whether another tab has kept an inventory, or taken it out of use, since this session looked."""
    return workspace.current().stamp(_FILE) != _memory().get("stamps", {}).get(_FILE, 0)


@st.cache_resource(max_entries=8, show_spinner="Reading your inventory again")
def _read(where: str, name: str, given: Given, stamp: int, _path: Path) -> Inventory:
    return inventory.read(_path.read_bytes(), name, given)


def _said() -> dict | None:
    """Return what is kept about the inventory, checked: a file of that folder may be anything."""
    said = workspace.current().held(_FILE)
    if not isinstance(said, dict) or not all(isinstance(said.get(part), str) for part in ("name", "file")):
        return None
    return said if said["file"].startswith(f"{_FILE}.") and "/" not in said["file"] else None


def _remove_former(folder: Path, file: str) -> None:
    for path in folder.glob(f"{_FILE}.*"):
        with suppress(OSError):
            if path.name != file and path.stat().st_mtime < time.time() - _FRESH_S:
                path.unlink()


# --- dates -------------------------------------------------------------------------------


def dates(event: Event) -> Dates:
    """Return T1 and T2 a reader chose for an event, None for each that was left to the event's own."""
    item = _dates_of(event)
    held = st.session_state.setdefault(keys.DATES, {})
    if item not in held:
        said = workspace.current().held(item)
        held[item] = _read_dates(said)
    return held[item]


def keep_dates(event: Event, t1: date | None, t2: date | None) -> None:
    """Keep the dates chosen for an event. Its own are no choice; None, where it has its own, says nothing of it."""
    before, now = dates(event), ((t1, event.t1), (t2, event.t2))
    chosen = tuple(
        last if day is None and own else day if day != own else None
        for last, (day, own) in zip(before, now, strict=True)
    )
    if chosen == before:
        return
    item = _dates_of(event)
    st.session_state[keys.DATES][item] = chosen
    workspace.keep(item, [str(day) if day else None for day in chosen] if any(chosen) else None)


def _dates_of(event: Event) -> str:
    """Return the name of an event's dates: events of other inventories may have its id, but not its place as well."""
    known = f"{event.id} {event.latitude:.5f} {event.longitude:.5f}"
    return f"{_DATES}.{digest(known)[:24]}"


def _read_dates(said: object) -> Dates:
    try:
        t1, t2 = said if isinstance(said, list) else (None, None)
        return date.fromisoformat(t1) if t1 else None, date.fromisoformat(t2) if t2 else None
    except (TypeError, ValueError):
        return None, None


# --- shapes ------------------------------------------------------------------------------


def shapes(key: str) -> tuple[int, object] | None:
    """Return revision and list of the shapes kept for a patch, unchecked; None where there is no news of them."""
    item, mine = _shapes_of(key), workspace.current()
    stamp = mine.stamp(item)
    if stamp == _memory().setdefault("stamps", {}).get(item, 0):
        return None
    _see(item)
    said = mine.held(item)
    if not isinstance(said, dict) or type(said.get("revision")) is not int:
        return None
    return max(0, said["revision"]), said.get("shapes")


def keep_shapes(key: str, revision: int, drawn: list[dict[str, object]]) -> None:
    """Keep the shapes drawn on a patch."""
    workspace.keep(_shapes_of(key), {"revision": revision, "shapes": drawn})
    _see(_shapes_of(key))


def _shapes_of(key: str) -> str:
    return f"{_SHAPES}.{digest(key)[:24]}"


# --- all of it ---------------------------------------------------------------------------


def held() -> Held:
    """Return what is kept, in numbers."""
    mine, said = workspace.current(), _said()
    names = [path.name for path in mine.folder.glob("*.json")] if mine.folder.is_dir() else []
    drawn = [name for name in names if name.startswith(f"{_SHAPES}.")]
    networks = list((mine.folder / "networks").glob("*.onnx")) if mine.folder.is_dir() else []
    detections = list((mine.folder / "detections").glob("*")) if mine.folder.is_dir() else []
    until = date.fromtimestamp(mine.used + config.settings().workspace_days * 86_400) if mine.used else None
    return Held(
        said["name"] if said else "",
        bool(said and said.get("used")),
        sum(bool((mine.held(name.removesuffix(".json")) or {}).get("shapes")) for name in drawn),
        sum(name.startswith(f"{_DATES}.") for name in names),
        sum(f"{item}.json" in names for item in _TEXTS.values()),
        len(networks),
        len([one for one in detections if not one.name.startswith(".")]),
        mine.size,
        until,
        sum(bool((mine.held(name.removesuffix(".json")) or {}).get("bits")) for name in names if _is_outline(name)),
    )


def _is_outline(name: str) -> bool:
    return name.startswith(f"{OUTLINE}.")


def forget(also: Callable[[], None]) -> None:
    """Forget all that is kept, on this machine and in this session; ``also`` empties what the page holds itself."""
    also()
    st.session_state[keys.DATES] = {}
    workspace.current().remove()  # last: what it makes the page forget may be kept as it goes
    for name in _TEXTS:
        if st.session_state.get(name):
            st.session_state[name] = ""
    _memory()["texts"] = {}
    _memory()["stamps"] = {}


def _see(item: str) -> None:
    _memory().setdefault("stamps", {})[item] = workspace.current().stamp(item)


def _memory() -> dict:
    return st.session_state.setdefault(keys.KEPT, {})
