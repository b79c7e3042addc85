"""Experts' verdicts, kept in a database."""

from app.review.verdicts import (
    NAME_LENGTH,
    NOTE_LENGTH,
    VERDICTS,
    Reviews,
    Seen,
    Verdict,
    is_on,
    judge,
)

__all__ = [
    "NAME_LENGTH",
    "NOTE_LENGTH",
    "VERDICTS",
    "Reviews",
    "Seen",
    "Verdict",
    "is_on",
    "judge",
]
