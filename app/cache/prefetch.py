"""Fetching many patches ahead of need: several at once, watched one by one, stopped and resumed."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app import cache
from app.errors import Cancelled, ScarpError
from app.patches import PatchSpec
from app.sources.crew import Crew

AT_ONCE = 6
MEMORY_BYTES = 4e9  # what the patches being fetched at one time may take together
_LOOK_S = 0.2  # between two looks at what is under way
_PATIENCE_S = 30.0  # with what is given up

_log = logging.getLogger(__name__)


class State(StrEnum):
    """Where one patch of a prefetch stands."""

    WAITING = "waiting"
    FETCHING = "fetching"
    HAD = "had"  # it was in the cache before
    FETCHED = "fetched"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Status:
    """One patch of a prefetch, for one bar of a page."""

    spec: PatchSpec
    state: State = State.WAITING
    share: float = 0.0
    doing: str = ""
    error: str = ""


class Prefetch(Crew[PatchSpec]):
    """A prefetch under way.

    Resuming is starting another one with the same specs: what is in the cache is not
    fetched again, and nothing half-fetched is ever there.
    """

    def __init__(self, specs: Sequence[PatchSpec], at_once: int = AT_ONCE) -> None:
        self._statuses = {spec.key: Status(spec) for spec in specs}
        super().__init__([status.spec for status in self._statuses.values()], _within_memory(specs, at_once))

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Every patch as it stands now, in the order asked for."""
        with self._lock:
            return tuple(self._statuses.values())

    @property
    def share(self) -> float:
        """Share of the whole that is done, 0 to 1."""
        statuses = self.statuses
        over = {State.HAD, State.FETCHED, State.FAILED}
        return sum(1.0 if each.state in over else each.share for each in statuses) / max(1, len(statuses))

    def _do(self, spec: PatchSpec) -> None:
        try:
            self._check()
            if cache.cached(spec):
                self._note(spec, state=State.HAD, share=1.0)
                return
            self._note(spec, state=State.FETCHING)
            cache.load(spec, lambda share, doing: self._tell(spec, share, doing))
            self._note(spec, state=State.FETCHED, share=1.0, doing="")
        except Cancelled:
            self._note(spec, state=State.STOPPED, doing="")
        except ScarpError as error:
            self._note(spec, state=State.FAILED, error=str(error), doing="")
        except Exception as error:  # one patch's fault is not the others'
            _log.exception("Patch %s of event %s failed.", spec.key, spec.event_id)
            self._note(spec, state=State.FAILED, error=f"An unforeseen fault ({type(error).__name__}); see the log.")

    def _tell(self, spec: PatchSpec, share: float, doing: str) -> None:
        self._check()
        self._note(spec, share=share, doing=doing)

    def _note(self, spec: PatchSpec, **changes: Any) -> None:
        with self._lock:
            self._statuses[spec.key] = replace(self._statuses[spec.key], **changes)


def prefetch(
    specs: Sequence[PatchSpec],
    at_once: int = AT_ONCE,
    watch: Callable[[Prefetch], None] | None = None,
) -> tuple[Status, ...]:
    """Fetch every patch into the cache and return how each went; blocks until done.

    ``watch`` is called several times a second from this thread with the prefetch under way;
    an exception from it (KeyboardInterrupt too) stops the rest and goes on.
    """
    running = Prefetch(specs, at_once).start()
    try:
        while not running.wait(_LOOK_S):
            if watch is not None:
                watch(running)
    except BaseException:
        running.stop()
        running.wait(_PATIENCE_S)
        raise
    if watch is not None:
        watch(running)
    return running.statuses


def _within_memory(specs: Sequence[PatchSpec], at_once: int) -> int:
    """Return how many may run at once: a patch being made and packed takes up to three times its size."""
    largest = max((spec.nbytes for spec in specs), default=1)
    return max(1, min(at_once, int(MEMORY_BYTES / (3 * largest))))
