"""What was changed of the events of an inventory: from what to what, by whom and when."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

FIELDS = ("date", "t1", "t2", "category", "position")
_MOST_CHARACTERS = 2000  # of one text of a change


@dataclass(frozen=True)
class Change:
    """One value of one event: ``before`` and ``after`` are texts as ``app.inventory.changes.text_of`` gives them."""

    field: str  # one of FIELDS
    before: str
    after: str
    by: str = ""  # the name that the reader gave, empty where none was given
    when: str = ""  # ISO 8601, UTC
    how: str = ""  # where the value comes from, empty where it was typed


Log = tuple[Change, ...]  # of one event, the oldest first
Logs = Mapping[str, Log]  # by the event's id


def as_json(log: Log) -> list[dict[str, str]]:
    """Return the changes of one event as JSON holds them, what is empty left out."""
    return [{name: text for name, text in asdict(change).items() if text or name in _NEEDED} for change in log]


def from_json(said: object) -> Log | None:
    """Return what ``as_json`` wrote; None for what is not of that form."""
    if not isinstance(said, list):
        return None
    found = [_change(one) for one in said]
    return tuple(change for change in found if change) if all(found) else None


def to_text(log: Log) -> str:
    """Return the changes of one event as a cell of a table holds them, empty without any."""
    return json.dumps(as_json(log), ensure_ascii=False) if log else ""


def from_text(text: str) -> Log | None:
    """Return what ``to_text`` wrote; None for what it did not."""
    try:
        return from_json(json.loads(text)) if text else ()
    except (ValueError, RecursionError):
        return None


_NEEDED = ("field", "before", "after")


def _change(said: object) -> Change | None:
    if not isinstance(said, dict) or not {*_NEEDED} <= {*said} <= {*Change.__dataclass_fields__}:
        return None
    texts = all(isinstance(text, str) and len(text) <= _MOST_CHARACTERS for text in said.values())
    return Change(**said) if texts and said["field"] in FIELDS else None
