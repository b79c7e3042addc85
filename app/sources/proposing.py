"""Dates proposed for many events: a few searches at a time, watched, stopped, and resumed from what is known."""

import logging
from collections.abc import Mapping, Sequence

from app import grid
from app.errors import Cancelled, DateOrderError, ScarpError
from app.inventory import Event, mapped
from app.patches import Progress, no_progress
from app.sources import stac_dates
from app.sources.crew import Crew
from app.sources.outcomes import FAILED, IMPOSSIBLE, NOTHING, PROPOSED, Outcome, asked_for

AT_ONCE = 2  # each search asks four times and reads several files at once: no more than a reader in a hurry

_log = logging.getLogger(__name__)


class Proposing(Crew[Event]):
    """A search for the dates of many events under way.

    Resuming is starting another one with the outcomes of the first: what was answered is not asked again.
    """

    def __init__(
        self, events: Sequence[Event], catalogue: str | None, answered: Mapping[str, Outcome], at_once: int = AT_ONCE
    ) -> None:
        self.total, self.catalogue = len(events), catalogue
        self._outcomes = {event.id: answered[event.id] for event in events if event.id in answered}
        self._shares: dict[str, tuple[float, str]] = {}
        super().__init__([event for event in events if event.id not in self._outcomes], at_once)

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """What is known by now, by event, in the order in which it became known."""
        with self._lock:
            return dict(self._outcomes)

    @property
    def under_way(self) -> dict[str, tuple[float, str]]:
        """The events being searched for: how far that is, 0 to 1, and what it does."""
        with self._lock:
            return dict(self._shares)

    @property
    def share(self) -> float:
        """Share of the whole that is done, 0 to 1."""
        with self._lock:
            done = len(self._outcomes) + sum(share for share, _ in self._shares.values())
        return min(1.0, done / max(1, self.total))

    def _do(self, event: Event) -> None:
        outcome = self._one(event)
        with self._lock:
            self._shares.pop(event.id, None)
            if outcome is not None:
                self._outcomes[event.id] = outcome

    def _one(self, event: Event) -> Outcome | None:
        try:
            self._check()
            return proposed(event, self.catalogue, lambda share, doing: self._tell(event, share, doing))
        except Cancelled:
            return None
        except DateOrderError as error:
            return Outcome(event.id, IMPOSSIBLE, reason=str(error), asked=asked_for(event, self.catalogue))
        except ScarpError as error:
            return Outcome(event.id, FAILED, reason=str(error))
        except Exception as error:  # one event's fault is not the others'
            _log.exception("The search for dates of event %s failed.", event.id)
            return Outcome(event.id, FAILED, reason=f"An unforeseen fault ({type(error).__name__}); see the log.")

    def _tell(self, event: Event, share: float, doing: str) -> None:
        self._check()
        with self._lock:
            self._shares[event.id] = (min(share, 1.0), doing)


def proposed(event: Event, catalogue: str | None, progress: Progress = no_progress) -> Outcome:
    """Return the dates proposed for the patch of one event; those it has of its own stay.

    Raises what ``stac_dates.date_search`` raises.
    """
    asked = asked_for(event, catalogue)
    box = grid.around(event.latitude, event.longitude, mapped.buffer_deg(event, grid.BUFFER_DEG))
    found = stac_dates.date_search(event, box, catalogue, thumbnails=False, progress=progress)
    best = found.best_beside(event.t1, event.t2)
    if best is None:
        side = "before" if event.t1 is None and not found.t1 else "after"
        reason = f"No day {side} the event was found on which the patch is clear; give T1 and T2 by hand."
        return Outcome(event.id, NOTHING, catalogue=found.catalogue, reason=reason, asked=asked)
    first, second = best
    t1, t2 = (None if event.t1 else first), (None if event.t2 else second)
    return Outcome(
        event.id, PROPOSED, str(t1.day) if t1 else "", str(t2.day) if t2 else "",
        round(t1.clear_share, 4) if t1 else None, round(t2.clear_share, 4) if t2 else None, found.catalogue, "", asked,
    )  # fmt: skip
