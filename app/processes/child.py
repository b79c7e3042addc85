"""The side of a process that does jobs for Scarp; with Python alone, for it may run in another environment."""

import os
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO, TypeVar

Job = TypeVar("Job")


def own_output() -> BinaryIO:
    """Return standard output for answers alone; what libraries print goes to standard error from now on."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def jobs(read: Callable[[], Job | None], idle_s: float, leave: Callable[[], None] = lambda: None) -> Iterator[Job]:
    """Yield jobs as they come, until nobody has asked for ``idle_s`` seconds.

    ``read`` waits for one, None where the input has ended, which also happens when Scarp itself is killed: then
    ``leave`` is called and the process ends at once, for a job that never ends would keep it alive. Whoever is done
    ends with ``os._exit``: Python's own end would wait for the thread that reads.
    """
    waiting: queue.Queue[Job] = queue.Queue()

    def listen() -> None:
        try:
            while (job := read()) is not None:
                waiting.put(job)
            leave()
        finally:
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            yield waiting.get(timeout=idle_s)
        except queue.Empty:
            return


def limit_memory(more_bytes: int) -> None:
    """Let this process take ``more_bytes`` beyond what it has now, where the system knows such a limit."""
    with suppress(ImportError, ValueError, OSError):  # Windows and macOS know none
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (held_bytes() + more_bytes,) * 2)


def held_bytes() -> int:
    """Return the address space this process has now, for a limit above it; a guess where the system does not tell."""
    try:
        with open("/proc/self/statm") as told:
            return int(told.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # another system than Linux
        return 4_000_000_000
