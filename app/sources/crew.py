"""The same done to many things in threads, a few at once, while others look at how far it is and may stop it."""

import queue
import threading
import time
from collections.abc import Sequence
from typing import Generic, Self, TypeVar

from app.errors import Cancelled
from app.visitors import as_now

T = TypeVar("T")


class Crew(Generic[T]):
    """Work on many things under way; a page may keep it, look at it and stop it.

    Who inherits it says in ``_do`` what is done to one; it calls ``_check`` whenever it may be stopped, and raises
    nothing.
    """

    def __init__(self, things: Sequence[T], at_once: int) -> None:
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._left: queue.SimpleQueue[T] = queue.SimpleQueue()
        for one in things:
            self._left.put(one)
        work, many = as_now(self._work), min(at_once, len(things))
        self._threads = [threading.Thread(target=work, daemon=True) for _ in range(many)]

    def start(self) -> Self:
        """Begin; returns at once."""
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Ask for an end: nothing further begins, what is under way is given up."""
        self._stopping.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until all is done or stopped, at most ``timeout_s``; return whether it is."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(None if end is None else max(0.0, end - time.monotonic()))
        return self.finished

    @property
    def finished(self) -> bool:
        """Whether nothing is under way any more."""
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while True:
            try:
                one = self._left.get_nowait()
            except queue.Empty:
                return
            self._do(one)

    def _do(self, one: T) -> None:
        raise NotImplementedError

    def _check(self) -> None:
        """Raise Cancelled once somebody has asked for an end."""
        if self._stopping.is_set():
            raise Cancelled("Stopped; what was done is kept.")
