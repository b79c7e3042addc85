"""Experts' verdicts, kept in a database."""

from app.review.records import (
    CONFIDENCES,
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
from app.review.standing import not_taken_back, standing
from app.review.verdicts import Reviews

__all__ = [
    "CONFIDENCES",
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
    "is_on",
    "judge",
    "not_taken_back",
    "standing",
]
