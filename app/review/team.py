"""A team's work: who judges which event, what was judged apart, and how each item stands once a third has decided."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.review.records import event_of
from app.review.standing import Item, decided, standing

if TYPE_CHECKING:
    from app.inventory import Event, Inventory
    from app.review.records import Verdict

UNJUDGED, APART = "none", "apart"  # how an event may stand, beside the verdicts

_WHOLE = 2**64


@dataclass(frozen=True)
class Shares:
    """How events are shared out: among whom, how many judge one that is judged by several, and how often that is."""

    reviewers: tuple[str, ...]
    each: int = 2
    overlap_pct: int = 100  # of the events are judged by ``each``, the others by one
    seed: int = 0


@dataclass(frozen=True)
class JudgedItem:
    """How an item stands: what its reviewers say, and what a third decided, None where nobody has."""

    item: Item
    said: Mapping[str, Verdict]  # reviewer -> the verdict that counts
    decision: Verdict | None

    @property
    def is_apart(self) -> bool:
        """Whether two reviewers say different things, in today's words."""
        return len({one.meaning for one in self.said.values()}) > 1

    @property
    def of_simulated(self) -> bool:
        """Whether any of it was said of a simulated scene, and so of no real event."""
        return any(one.simulated for one in self.said.values())

    @property
    def outcome(self) -> str:
        """What the item counts as, in today's words: as decided, or as all say; empty where they are apart."""
        if self.decision is not None:
            return self.decision.meaning
        return "" if self.is_apart or not self.said else next(iter(self.said.values())).meaning


def names(text: str) -> tuple[str, ...]:
    """Return the names of a list with commas, each once, in its order."""
    return tuple(dict.fromkeys(name for one in text.split(",") if (name := one.strip())))


def assigned(event: Event, shares: Shares) -> tuple[str, ...]:
    """Return who judges an event.

    It follows from its id and place, the names and the seed alone: filters and further events change nothing for the
    others. Each reviewer has a number for each event, and the highest have it (rendezvous hashing; Thaler and
    Ravishankar (1998), doi:10.1109/90.663936), so that shares are even but for chance.
    """
    of = f"{shares.seed} {event.id} {event.latitude:.4f} {event.longitude:.4f}"
    several = _number(of) * 100 < shares.overlap_pct * _WHOLE
    ranked = sorted(shares.reviewers, key=lambda name: (_number(f"{of} {name}"), name), reverse=True)
    return tuple(ranked[: shares.each if several else 1])


def items(entries: Iterable[Verdict]) -> list[JudgedItem]:
    """Return how every judged item stands, the one judged last first, of entries as ``Reviews.all`` has them."""
    every = tuple(entries)
    said: dict[Item, dict[str, Verdict]] = {}
    for (item, reviewer), one in standing(every).items():
        said.setdefault(item, {})[reviewer] = one
    decisions = decided(every)
    return [JudgedItem(item, said.get(item, {}), decisions.get(item)) for item in dict.fromkeys((*said, *decisions))]


def of_events(found: Sequence[JudgedItem], inventory: Inventory) -> dict[str, JudgedItem]:
    """Return event id -> how it stands as a whole, of the events of an inventory that are judged.

    A verdict counts for the event at its place with its id or its day, whatever the inventory was called.
    """
    held: dict[str, JudgedItem] = {}
    for one in found:
        if one.item[2] == "event" and (event := event_among(one, inventory)) is not None:
            held.setdefault(event, one)
    return held


def event_among(one: JudgedItem, inventory: Inventory) -> str | None:
    """Return the id of the event of an inventory that an item is of, under whatever name; None where it is of none."""
    for verdict in (*one.said.values(), *((one.decision,) if one.decision else ())):
        if (event := event_of(verdict, inventory)) is not None:
            return event
    return None


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big")
