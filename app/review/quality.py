"""The quality of an inventory's labels: what share of its events reviewers found usable, and why the others are not."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.review import team

if TYPE_CHECKING:
    from app.inventory import Inventory
    from app.review.records import Verdict

USABLE = "confirmed"
_Z = 1.959964  # of 95 %


@dataclass(frozen=True)
class Quality:
    """How many events stand how: ``reasons`` counts what is judged and not usable, by verdict, the most first."""

    events: int
    usable: int
    reasons: dict[str, int]
    apart: int  # judged apart, and decided by nobody yet
    unjudged: int
    simulated: int = 0  # events of which any of what was said was said of a simulated scene

    @property
    def judged(self) -> int:
        """Events on which reviewers agree, or a third decided."""
        return self.usable + sum(self.reasons.values())

    @property
    def share(self) -> float:
        """Usable events of those judged, 0 to 1; NaN where none is."""
        return self.usable / self.judged if self.judged else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % score interval of the share, were the judged events drawn at random; NaN where none is judged.

        Source: Wilson (1927), doi:10.1080/01621459.1927.10502953.
        """
        n = self.judged
        if not n:
            return math.nan, math.nan
        middle = (self.share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * math.sqrt(self.share * (1 - self.share) / n + _Z**2 / (4 * n**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_json(self) -> dict[str, object]:
        """Return plain values for JSON, NaN where nothing is judged."""
        return {
            "events": self.events, "judged": self.judged, "usable": self.usable, "share": self.share,
            "interval": list(self.interval), "reasons": self.reasons, "apart": self.apart, "unjudged": self.unjudged,
            "simulated": self.simulated,
        }  # fmt: skip


def of_inventory(entries: Iterable[Verdict], inventory: Inventory) -> Quality:
    """Return the quality of an inventory's labels, from entries as ``Reviews.all`` has them.

    An event counts as all its reviewers say, or as a third decided.
    """
    held = team.of_events(team.items(entries), inventory)
    outcomes = (held[one.id].outcome or team.APART if one.id in held else None for one in inventory.events)
    return replace(summary(outcomes, team.APART), simulated=sum(one.of_simulated for one in held.values()))


def summary(outcomes: Iterable[str | None], apart: str) -> Quality:
    """Return the quality of labels from how each event stands: a verdict, ``apart``, or None where nobody judged."""
    counts = Counter(outcomes)
    usable, unjudged, undecided = counts.pop(USABLE, 0), counts.pop(None, 0), counts.pop(apart, 0)
    reasons = {name: number for name, number in counts.most_common() if name is not None}
    return Quality(usable + unjudged + undecided + sum(reasons.values()), usable, reasons, undecided, unjudged)
