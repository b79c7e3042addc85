"""Runs jobs in a process that has xcube-sh, with a deadline and a way to stop at any moment.

xcube-sh has no time limit, needs older versions of zarr, xarray and pandas than Scarp and
240 MB of memory: a process of its own can be killed, may belong to another environment, and
leaves Scarp small. A worker that did its job is kept a little while for the next one.
"""

import contextlib
import json
import logging
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from app import config
from app.redact import redacted

TICK_S = 0.2  # how often a waiting caller may change its mind
KEEP_S = 60.0  # shorter than the worker's own patience, so that none is handed out while it ends
LOG = logging.getLogger(__name__)

Watch = Callable[[Mapping[str, object] | None], None]


class WorkerFailedError(Exception):
    """A worker answered with an error, or ended without an answer; ``event`` says which."""

    def __init__(self, event: Mapping[str, object]) -> None:
        super().__init__(str(event.get("kind")))
        self.event = event


class Worker:
    """One process that serves jobs; not shared between threads while it works."""

    def __init__(self, python: str) -> None:
        command = [python, "-m", "app.sources.xcube_worker"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.python, self.idle_since = python, 0.0
        self.process = subprocess.Popen(
            command, cwd=config.ROOT, text=True, encoding="utf-8", errors="replace", **pipes
        )
        assert self.process.stdin and self.process.stdout and self.process.stderr  # each is a pipe
        self._jobs, self._said, self._words = self.process.stdin, self.process.stdout, self.process.stderr
        self.events: queue.Queue[dict] = queue.Queue()
        self.last_words: deque[str] = deque(maxlen=5)
        self.listener = threading.Thread(target=self._read_last_words, daemon=True)
        self.listener.start()
        threading.Thread(target=self._read_events, daemon=True).start()

    def send(self, job: Mapping[str, object]) -> None:
        """Start a job (JSON values and data classes); a process that is gone is noticed in ``next_event``."""
        with contextlib.suppress(OSError):
            self._jobs.write(json.dumps(job, default=asdict) + "\n")
            self._jobs.flush()

    def next_event(self, timeout_s: float) -> dict | None:
        """Return what the worker says next, or None after ``timeout_s`` seconds of silence."""
        try:
            return self.events.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None

    def kill(self) -> None:
        """End the process at once, whatever it waits for."""
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(OSError):
            self._jobs.close()

    def _read_events(self) -> None:
        for line in self._said:
            with contextlib.suppress(ValueError):
                self.events.put(json.loads(line))
        self.listener.join(timeout=1.0)
        words = self.last_words[-1] if self.last_words else ""
        missing = "No module named" in words
        self.events.put({"event": "error", "kind": "not-installed" if missing else "ended", "detail": words})

    def _read_last_words(self) -> None:
        for line in self._words:
            if line.strip():
                self.last_words.append(redacted(line.strip())[:200])


_idle: list[Worker] = []
_lock = threading.Lock()


def run(job: Mapping[str, object], python: str, deadline_s: float, watch: Watch) -> dict:
    """Do one job in a worker and return its last event, ``done``.

    ``watch`` gets every event as it comes and None several times a second; whatever it raises
    ends the worker and comes out here. Raises TimeoutError after ``deadline_s`` seconds,
    WorkerFailedError where the worker fails, and OSError where ``python`` cannot be started.
    """
    ends = time.monotonic() + deadline_s
    worker = _take(python)
    try:
        worker.send(job)
        done = _follow(worker, ends, watch)
    except WorkerFailedError as failed:
        (_give_back if failed.event.get("reusable") else Worker.kill)(worker)
        raise
    except BaseException:
        worker.kill()
        raise
    _give_back(worker)
    return done


def _follow(worker: Worker, ends: float, watch: Watch) -> dict:
    while True:
        event = worker.next_event(min(TICK_S, ends - time.monotonic()))
        watch(event)
        if event is not None and event["event"] == "done":
            return event
        if event is not None and event["event"] == "error":
            raise WorkerFailedError(event)
        if time.monotonic() >= ends:
            raise TimeoutError


def _take(python: str) -> Worker:
    """Return a worker of that interpreter that waits for a job, or start one."""
    fresh, stale = time.monotonic() - KEEP_S, []
    with _lock:
        stale = [worker for worker in _idle if worker.idle_since < fresh or worker.process.poll() is not None]
        usable = [worker for worker in _idle if worker not in stale]
        chosen = next((worker for worker in usable if worker.python == python), None)
        _idle[:] = [worker for worker in usable if worker is not chosen]
    for worker in stale:
        worker.kill()
    if chosen is None:
        LOG.info("starting a process for xcube-sh")
    return chosen or Worker(python)


def _give_back(worker: Worker) -> None:
    worker.idle_since = time.monotonic()
    with _lock:
        _idle.append(worker)
