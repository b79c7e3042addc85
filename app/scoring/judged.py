"""What reviewers' verdicts make of the events to score: corrected outlines as truth, rejected events left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import TruthMissingError
from app.review import team
from app.scoring import corrections
from app.scoring.results import Skipped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from app.inventory import Inventory
    from app.review import Verdict
    from app.scoring.cases import Case

REASON = "reviewers rejected it"


def rejected(entries: Iterable[Verdict], inventory: Inventory) -> set[str]:
    """Return the events of an inventory that all their reviewers rejected, or a third who decided."""
    held = team.of_events(team.items(entries), inventory)
    return {event for event, one in held.items() if one.outcome == "rejected"}


def without(cases: Sequence[Case], left_out: Collection[str]) -> tuple[list[Case], tuple[Skipped, ...]]:
    """Return the cases that are left, and those of ``left_out`` with the reason; raises TruthMissingError for none."""
    left = [one for one in cases if one.event not in left_out]
    if cases and not left:
        raise TruthMissingError("Reviewers rejected every event of these data, so nothing is left to score.")
    return left, tuple(Skipped(one.event, REASON) for one in cases if one.event in left_out)


def with_corrected(
    cases: Sequence[Case], entries: Iterable[Verdict], inventory: Inventory, simulated: bool
) -> tuple[list[Case], tuple[str, ...]]:
    """Return the cases with corrected truth where there is any, and what to say of that.

    ``simulated`` says of which pairs the outlines have to be: of simulated ones alone, or of real ones.
    """
    found = corrections.of_inventory(corrections.of_entries(entries), inventory, simulated)
    made = [corrections.applied(one, found[one.event]) if one.event in found else one for one in cases]
    number = sum(one.event in found for one in cases)
    return made, (f"The truth is what reviewers corrected in {number:,} of {len(made):,} events.",)
