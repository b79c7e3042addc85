"""A report of events: what is known, seen, detected and judged of each, on pages that print well."""

from app.detection.marking import Marked
from app.report.account import Account, of_event, without_patch
from app.report.deck import deck
from app.report.document import page
from app.report.years import YearsDrawing, followed

__all__ = ["Account", "Marked", "YearsDrawing", "deck", "followed", "of_event", "page", "without_patch"]
