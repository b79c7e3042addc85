"""Processes that did their job and are kept a while for the next one of the same kind."""

import threading
import time
from collections.abc import Hashable
from typing import Any, Generic, NamedTuple, TypeVar

from app.processes.parent import Worker

Held = TypeVar("Held")


class _Kept(NamedTuple):
    key: Hashable
    held: Any  # what the process was set up as
    worker: Worker
    until: float


class Idle(Generic[Held]):
    """Workers that wait for another job, ``keep_s`` seconds each, no more than ``most`` where it is given.

    Any thread may ask. ``keep_s`` is shorter than a worker's own patience, so that none is handed out while it ends.
    """

    def __init__(self, keep_s: float, most: int | None = None) -> None:
        self.keep_s, self.most = keep_s, most
        self._kept: list[_Kept] = []  # kept last comes last
        self._lock = threading.Lock()

    def take(self, key: Hashable) -> Held | None:
        """Return what was kept last under ``key``, for the caller alone; those that grew old or have ended go."""
        now = time.monotonic()
        with self._lock:
            old = [each for each in self._kept if each.until < now or not each.worker.alive()]
            usable = [each for each in self._kept if each not in old]
            found = next((each for each in reversed(usable) if each.key == key), None)
            self._kept = [each for each in usable if each is not found]
        _end(old)
        return found.held if found else None

    def keep(self, key: Hashable, held: Held, worker: Worker) -> None:
        """Keep what is set up for ``key``; of more than there may be, those kept longest go."""
        with self._lock:
            self._kept.append(_Kept(key, held, worker, time.monotonic() + self.keep_s))
            most = self.most or len(self._kept)
            gone, self._kept = self._kept[:-most], self._kept[-most:]
        _end(gone)

    def workers(self) -> list[Worker]:
        """Return those that are kept, one that has ended meanwhile too."""
        with self._lock:
            return [each.worker for each in self._kept]

    def close(self) -> None:
        """End those that are kept."""
        with self._lock:
            gone, self._kept = self._kept, []
        _end(gone)


def _end(kept: list[_Kept]) -> None:
    for each in kept:
        each.worker.kill()
