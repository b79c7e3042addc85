"""A row of the review database as a verdict: what cannot be in it is left out and named."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.errors import ReviewError
from app.review.records import KINDS, KNOWN, NOTE_LENGTH, REVIEWER_LENGTH, Verdict, derived_uid

_TRUTHS = {0: False, 1: True, "0": False, "1": True, "false": False, "true": True}
_PLACE = ("latitude", "longitude")
_NUMBERS = (*_PLACE, "threshold", "seconds")
_TEXTS = (
    "reviewer", "inventory", "event", "verdict", "note", "source", "t1", "t2", "event_date", "inventory_id", "kind",
    "subject", "composition", "stretch", "method", "model_sha256", "link", "confidence", "geometry", "undoes", "uid",
    "role",
)  # fmt: skip


def verdict_of(row: Mapping) -> Verdict:
    """Return a row of the database as a verdict; ``odd`` names what cannot be in one.

    A row of an earlier edition is of an event, and has a ``uid`` that follows from what it says.
    """
    held: dict[str, Any] = {name: written(row.get(name)) for name in _TEXTS}
    held |= {name: number(row.get(name)) for name in _NUMBERS}
    held |= {"simulated": _truth(row["simulated"]), "made_at": moment(row["made_at"])}
    held["kind"] = held["kind"] or "event"
    odd = _oddities(row, held)
    try:
        found = Verdict(**held, odd=odd)
    except ReviewError as error:  # of something that is not looked at above
        found = Verdict(**held, odd=str(error))
    return found if found.uid else replace(found, uid=derived_uid(found))


def _oddities(row: Mapping, held: Mapping[str, object]) -> str:
    """Return what is odd about a row, of which ``held`` could be read; empty for one that Scarp could have written."""
    odd = [f"{name} {written(row[name])[:40]!r} is no number" for name in _NUMBERS
           if held[name] is None and row.get(name) is not None]  # fmt: skip
    if held["made_at"] is None:
        odd.append(f"made at {written(row['made_at'])[:40]!r}, which is no time")
    if held["simulated"] is None:
        odd.append("simulated or not: not said")
    if held["verdict"] not in KNOWN:
        odd.append("no verdict that Scarp knows")
    if held["kind"] not in KINDS:
        odd.append("of no kind that Scarp knows")
    if not str(held["reviewer"]).strip():
        odd.append("no reviewer")
    if len(str(held["reviewer"])) > REVIEWER_LENGTH or len(str(held["note"])) > NOTE_LENGTH:
        odd.append("longer than Scarp keeps")
    return "; ".join(odd)


def storable(words: str) -> str:
    """Return text that every database can hold.

    Half a character, as JSON may carry it, and the character zero, which PostgreSQL refuses, become question marks.
    """
    return words.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")


def written(value: object) -> str:
    """Return a stored value as text, empty for none."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


def moment(value: object) -> datetime | None:
    """Return a stored time in UTC; SQLite keeps it as text without a zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _truth(value: object) -> bool | None:
    return _TRUTHS.get(value if isinstance(value, int) else written(value).strip().lower())


def number(value: Any) -> float | None:
    """Return a stored value as a number, None where it is none."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None
