"""Runs jobs in a process that has xcube-sh, with a deadline and a way to stop at any moment.

xcube-sh has no time limit, needs older versions of zarr, xarray and pandas than Scarp and
240 MB of memory: a process of its own can be killed, may belong to another environment, and
leaves Scarp small. A worker that did its job is kept a little while for the next one.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import BinaryIO

from app.processes.idle import Idle
from app.processes.parent import EndedError, Worker

KEEP_S = 60.0  # shorter than the worker's own patience, so that none is handed out while it ends
LOG = logging.getLogger(__name__)

Watch = Callable[[Mapping[str, object] | None], None]


class WorkerFailedError(Exception):
    """A worker answered with an error, or ended without an answer; ``event`` says which."""

    def __init__(self, event: Mapping[str, object]) -> None:
        super().__init__(str(event.get("kind")))
        self.event = event


_idle: Idle[Worker] = Idle(KEEP_S)


def run(job: Mapping[str, object], python: str, deadline_s: float, watch: Watch) -> dict:
    """Do one job in a worker and return its last event, ``done``.

    ``watch`` gets every event as it comes and None several times a second; whatever it raises
    ends the worker and comes out here. Raises TimeoutError after ``deadline_s`` seconds,
    WorkerFailedError where the worker fails, and OSError where ``python`` cannot be started.
    """
    ends = time.monotonic() + deadline_s
    worker = _idle.take(python) or _started(python)
    try:
        worker.send(lambda stream: _write(stream, job))
        done = _follow(worker, ends, watch)
    except WorkerFailedError as failed:
        if failed.event.get("reusable"):
            _idle.keep(python, worker, worker)
        else:
            worker.kill()
        raise
    except BaseException:
        worker.kill()
        raise
    _idle.keep(python, worker, worker)
    return done


def _started(python: str) -> Worker:
    LOG.info("starting a process for xcube-sh")
    return Worker([python, "-m", "app.sources.xcube_worker"], _event)


def _write(stream: BinaryIO, job: Mapping[str, object]) -> None:
    stream.write(json.dumps(job, default=asdict).encode() + b"\n")
    stream.flush()


def _event(stream: BinaryIO) -> dict | None:
    """Return what the worker says next, None at the end; what a library printed there says nothing."""
    for line in stream:
        with suppress(ValueError):
            return json.loads(line)
    return None


def _follow(worker: Worker, ends: float, watch: Watch) -> dict:
    while time.monotonic() < ends:
        try:
            event = worker.answer(ends, lambda: watch(None))
        except EndedError:
            raise WorkerFailedError(_ended(worker)) from None
        watch(event)
        if event["event"] == "done":
            return event
        if event["event"] == "error":
            raise WorkerFailedError(event)
    raise TimeoutError


def _ended(worker: Worker) -> dict[str, object]:
    words = worker.last_words()
    detail = words[-1] if words else ""
    return {"event": "error", "kind": "not-installed" if "No module named" in detail else "ended", "detail": detail}
