"""Outlines of a truth judged one by one: what their verdicts make of the label that they are part of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.errors import ReviewError
from app.review import corrected, quality, team
from app.review.records import VERDICTS
from app.review.standing import standing
from app.truth import LANDSLIDE, UNKNOWN

if TYPE_CHECKING:
    from app.grid import Grid
    from app.inventory import Inventory
    from app.review.quality import Quality
    from app.review.records import Verdict
    from app.review.team import JudgedItem

KIND = "truth"
NO_LANDSLIDE = 0
KEPT, DROPPED, BAD = "confirmed", "rejected", "bad-label"


@dataclass(frozen=True, eq=False)
class JudgedOutlines:
    """The verdicts that change one event's label: of every outline the newest of anybody, newest first, one or more."""

    verdicts: tuple[Verdict, ...]

    @property
    def verdict(self) -> Verdict:
        """The newest of them."""
        return self.verdicts[0]

    @property
    def dropped(self) -> int:
        """How many outlines are no landslide."""
        return sum(one.meaning == DROPPED for one in self.verdicts)

    def onto(self, truth: np.ndarray, ground: Grid) -> np.ndarray:
        """Return a truth, uint8 (y, x) on ``ground``: 1 landslide, 0 not, 255 unknown; with the verdicts applied.

        Of what was landslide a dropped outline becomes none, and one that is shifted, incomplete or otherwise not
        right becomes unknown: where the landslide is nobody said. What nobody judged stays as it is.
        """
        made = truth.copy()
        for one in reversed(self.verdicts):
            mask, grid = corrected.mask_of(one.geometry)
            if not grid.same_as(ground):
                mask, _ = corrected.mask_of(one.geometry, ground)
            made[mask & (truth == LANDSLIDE)] = NO_LANDSLIDE if one.meaning == DROPPED else UNKNOWN
        return made


def judged(entries: Iterable[Verdict]) -> dict[tuple[str, str], JudgedOutlines]:
    """Return (event, where it is) -> the verdicts that change its label, ``where`` as ``standing`` has it.

    A kept outline changes nothing; of one that cannot be read again nothing is known.
    """
    met: set[tuple[str, ...]] = set()
    found: dict[tuple[str, str], list[Verdict]] = {}
    for (item, _), one in standing(entries).items():
        event, where, kind, _ = item
        if kind != KIND or item in met or one.odd:
            continue
        met.add(item)
        if one.meaning != KEPT and _is_readable(one):
            found.setdefault((event, where), []).append(one)
    return {event: JudgedOutlines(tuple(those)) for event, those in found.items()}


def quality_of(found: Iterable[JudgedItem], inventory: Inventory) -> Quality:
    """Return the quality of the outlines that were judged of an inventory's events, of items as of ``team.items``.

    How many are not judged is not known here, and is 0. The reason of a bad label is what is wrong with it, where its
    verdict says so: shifted, incomplete.
    """
    held = [one for one in found if one.item[2] == KIND and team.event_among(one, inventory) is not None]
    told = quality.summary((_reason(one) for one in held), team.APART)
    return replace(told, simulated=sum(one.of_simulated for one in held))


def said(outlines: Quality) -> str:
    """Return the quality of judged outlines in words, for one or more of them."""
    reasons = {**outlines.reasons, **({"judged apart": outlines.apart} if outlines.apart else {})}
    why = ", ".join(f"{number:,} {VERDICTS.get(name, name).lower()}" for name, number in reasons.items())
    what = "outline of the truth" if outlines.events == 1 else "outlines of the truth"
    return f"{outlines.usable:,} of {outlines.events:,} judged {what} usable{f'; {why}' if why else ''}"


def _reason(one: JudgedItem) -> str:
    newest = next(iter(one.said.values()), one.decision)
    outcome = one.outcome or team.APART
    wrong = newest.note.split(";")[0].strip() if newest is not None and outcome == BAD else ""
    return wrong or outcome


def _is_readable(one: Verdict) -> bool:
    try:
        corrected.mask_of(one.geometry)
    except ReviewError:
        return False
    return True
