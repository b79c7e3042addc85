"""Experts' verdicts, kept in a database."""

from typing import TYPE_CHECKING

from app.review.records import (
    CONFIDENCES,
    DECISION,
    FORMER,
    KINDS,
    KNOWN,
    MEANINGS,
    NAME_LENGTH,
    NOTE_LENGTH,
    UNDONE,
    VERDICTS,
    Seen,
    Verdict,
    is_on,
    judge,
)
from app.review.standing import decided, not_taken_back, standing

if TYPE_CHECKING:
    from app.review.verdicts import Reviews

__all__ = [
    "CONFIDENCES",
    "DECISION",
    "FORMER",
    "KINDS",
    "KNOWN",
    "MEANINGS",
    "NAME_LENGTH",
    "NOTE_LENGTH",
    "UNDONE",
    "VERDICTS",
    "Reviews",
    "Seen",
    "Verdict",
    "decided",
    "is_on",
    "judge",
    "not_taken_back",
    "standing",
]


def __getattr__(name: str) -> object:
    """Bring the database's library, half a second, only where verdicts are read or written."""
    if name != "Reviews":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from app.review import verdicts

    return verdicts.Reviews
