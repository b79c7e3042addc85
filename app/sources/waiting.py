"""Slow work in threads while the caller watches: progress, a deadline and a stop that works at once."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from app.errors import SourceError
from app.patches import Progress
from app.visitors import as_now

T = TypeVar("T")
_Finished = queue.SimpleQueue[tuple[int, Any, BaseException | None]]  # number of a job, what it returned or raised
POLL_S = 0.1


class Deadline:
    """A moment after which waiting is over."""

    def __init__(self, seconds: float, what: str) -> None:
        self.seconds, self.what = seconds, what
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Raise SourceError once the time is up."""
        if time.monotonic() > self._end:
            raise SourceError(
                f"{self.what} took longer than {self.seconds:.0f} seconds and was given up. Try again later, "
                "choose a smaller patch, or allow more time with SCARP_DEADLINE_S."
            )


def run_all(
    jobs: Sequence[Callable[[], T]],
    tell: Progress,
    doing: str,
    deadline: Deadline,
    threads: int = 8,
) -> list[T]:
    """Return what the jobs return, in their order, running at most ``threads`` at once.

    ``tell`` hears of every finished job, and at least ten times a second, from the calling
    thread; where it raises Cancelled, the deadline passes or a job fails, that is raised at once
    and no further job begins. One that hangs in a request is left behind: its thread ends
    with the request and does not keep the process alive.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    finished: _Finished = queue.SimpleQueue()
    for number in range(len(jobs)):
        waiting.put(number)
    stop = threading.Event()
    work = as_now(partial(_work, jobs, waiting, finished, stop))
    for _ in range(min(threads, len(jobs))):
        threading.Thread(target=work, daemon=True).start()
    try:
        return _collect(len(jobs), finished, tell, doing, deadline)
    finally:
        stop.set()


def _work(
    jobs: Sequence[Callable[[], object]], waiting: queue.SimpleQueue[int], finished: _Finished, stop: threading.Event
) -> None:
    while not stop.is_set():
        try:
            number = waiting.get_nowait()
        except queue.Empty:
            return
        try:
            finished.put((number, jobs[number](), None))
        except BaseException as error:
            finished.put((number, None, error))
            return


def _collect(count: int, finished: _Finished, tell: Progress, doing: str, deadline: Deadline) -> list:
    results: dict[int, object] = {}
    while len(results) < count:
        tell(len(results) / count, doing)
        deadline.check()
        try:
            number, result, error = finished.get(timeout=POLL_S)
        except queue.Empty:
            continue
        if error is not None:
            raise error
        results[number] = result
    tell(1.0, doing)
    return [results[number] for number in range(count)]


def part(tell: Progress, start: float, end: float) -> Progress:
    """Return a progress whose 0 to 1 is ``start`` to ``end`` of another's."""
    return lambda share, doing: tell(start + (end - start) * share, doing)
