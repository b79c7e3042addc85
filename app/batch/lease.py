"""One batch at a time on one output: a file that says who writes there, renewed while that lives; no clock is asked.

``running.json`` is renewed every few seconds with a new number. Who finds one watches whether the number changes: if it
does not, whoever wrote it has died, and the place is taken over. ``stop.json`` asks the one that runs to end.
"""

import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from app.batch.outputs import Outputs
from app.errors import BatchError

RUNNING, STOP = "running.json", "stop.json"
BEAT_S = 3.0
WATCH_S = 4 * BEAT_S  # an unchanged number for so long is nobody's
_log = logging.getLogger(__name__)
Said = Callable[[], dict[str, Any]]


class Lease:
    """The right to write to a place, kept up by a thread; ``stopping`` is set once it is lost or is to end."""

    def __init__(self, place: Outputs, said: Said) -> None:
        self._place, self._said, self._beats = place, said, 0
        self.name, self.stopping = secrets.token_hex(8), threading.Event()
        self.lost = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_up, daemon=True)

    def take(self, tell: Callable[[str], object]) -> None:
        """Take the place; raises BatchError where another batch is writing there."""
        while not self._place.create(RUNNING, self._content()):
            found = self._place.get(RUNNING)
            if found is None:
                continue
            if not _dead(found):
                tell("another batch was here; looking whether it still runs")
                self._watch(found)
            if self._place.get(RUNNING) == found:
                self._place.remove(RUNNING)
        self._place.remove(STOP)
        self._thread.start()

    def give_back(self) -> None:
        """Let others write there."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        if not self.lost:
            with suppress(BatchError):
                self._place.remove(RUNNING)
                self._place.remove(STOP)

    def _watch(self, found: bytes) -> None:
        until = time.monotonic() + WATCH_S
        while time.monotonic() < until:
            time.sleep(BEAT_S / 6)
            now = self._place.get(RUNNING)
            if now is not None and now != found:
                held = _read(now)
                raise BatchError(
                    f"{self._place} is being written to by another batch ({held.get('host')}, process "
                    f"{held.get('pid')}); wait until it has ended, or name another --out."
                )
            if now is None:
                return

    def _keep_up(self) -> None:
        while not self._over.wait(BEAT_S):
            try:
                found = self._place.get(RUNNING)
                self.lost = found is not None and _read(found).get("name") != self.name
                if self.lost or self._place.get(STOP) is not None:
                    self.stopping.set()
                if self.lost:
                    return
                self._place.put(RUNNING, self._content())
            except BatchError as error:  # what fails now may go well the next time; the events tell where it does not
                _log.warning("%s", error)

    def _content(self) -> bytes:
        self._beats += 1
        held = {"name": self.name, "host": socket.gethostname(), "pid": os.getpid(), "beat": self._beats}
        return json.dumps({**held, **self._said()}).encode()


@contextmanager
def taken(place: Outputs, said: Said, tell: Callable[[str], object] = lambda _: None) -> Iterator[Lease]:
    """Yield the lease of a place, given back at the end; ``said`` is what readers of ``running.json`` may know too."""
    lease = Lease(place, said)
    lease.take(tell)
    try:
        yield lease
    finally:
        lease.give_back()


def running(place: Outputs) -> dict[str, Any] | None:
    """Return what ``running.json`` says; None where nothing runs. Whether it still lives is for who looks twice."""
    found = place.get(RUNNING)
    return None if found is None or _dead(found) else _read(found)


def ask_to_stop(place: Outputs) -> None:
    """Ask the batch that writes to a place to end; it does so after the events under way."""
    place.put(STOP, b"{}")


def _read(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _dead(content: bytes) -> bool:
    """Whether the process that wrote it was one of this machine and is gone."""
    held = _read(content)
    if held.get("host") != socket.gethostname() or not isinstance(held.get("pid"), int):
        return False
    try:
        os.kill(held["pid"], 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
