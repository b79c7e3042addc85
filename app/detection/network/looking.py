"""What network files say of themselves: each looked through once, in a process of its own, and remembered."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from app.detection.network.graph import Graph
from app.detection.network.process import (
    Budget,
    NetworkWorker,
    identity,
    memory_bytes,
    most_bytes,
    no_watch,
    read_graph,
)
from app.errors import NetworkBudgetError, NetworkError, NetworkRunError
from app.visitors.turns import Turns

LOOK_S = 30.0  # longest a file may take to be looked through
AGAIN_S = 600.0  # after which one that took longer, or more memory than there was, is looked through again
REMEMBERED = 10_000  # files; each takes a few kilobytes


def describe(path: Path) -> Graph:
    """Return what a file says of itself, read in a process of its own; remembered until the file changes.

    Raises NetworkError where it is missing or refused.
    """
    found = described([path])[path]
    if isinstance(found, NetworkError):
        raise type(found)(str(found))
    return found


def described(paths: Sequence[Path]) -> dict[Path, Graph | NetworkError]:
    """Return what each file says of itself, or why it is missing or refused; all are read in one process.

    Files are looked through one at a time, whoever asks: each may take the memory that a process is allowed.
    """
    found, reader = {}, _Reader()
    try:
        for path in paths:
            found[path] = _described(path, reader)
    finally:
        reader.close()
    return found


def _described(path: Path, reader: "_Reader") -> Graph | NetworkError:
    try:
        key = identity(path)
    except NetworkError as error:
        return error
    held = _held(key)
    if held is None:
        with _looking.one():
            held = _held(key) or reader.read(path)
            _keep(key, held)
    return held


class _Reader:
    """Reads files one after the other in one process, and in another after one that failed."""

    def __init__(self) -> None:
        self._worker: NetworkWorker | None = None

    def read(self, path: Path) -> Graph | NetworkError:
        """Return what a file says of itself, or why it cannot be read."""
        try:
            if self._worker is None:
                self._worker = NetworkWorker(min(memory_bytes(), 3 * most_bytes() + 800_000_000))
            return read_graph(self._worker, path, Budget(LOOK_S), no_watch)
        except NetworkError as error:
            if self._worker is None or self._worker.busy:
                self.close()
            return error

    def close(self) -> None:
        """End the process, where one was needed."""
        if self._worker is not None:
            self._worker.kill()
        self._worker = None


# file -> its identity, what it says or why it cannot be read, and until when that holds
_remembered: dict[str, tuple[tuple, Graph | NetworkError, float]] = {}
_looking = Turns()  # apart from running: a list of networks is wanted at once


def _held(key: tuple) -> Graph | NetworkError | None:
    identity, held, until = _remembered.get(key[0], (None, None, 0.0))
    return held if identity == key and time.monotonic() < until else None


def _keep(key: tuple, held: Graph | NetworkError) -> None:
    """Remember a file; of very many, those that are gone are forgotten first."""
    passing = isinstance(held, NetworkBudgetError | NetworkRunError)  # another time it may go well
    _remembered[key[0]] = key, held, time.monotonic() + AGAIN_S if passing else float("inf")
    if len(_remembered) > REMEMBERED:
        for name in [name for name in list(_remembered) if not os.path.exists(name)]:
            _remembered.pop(name, None)
        while len(_remembered) > REMEMBERED:
            _remembered.pop(next(iter(_remembered)), None)
