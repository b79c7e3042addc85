"""A batch from its first event to its summary: what is missing is done, told as it comes, and written in flushes."""

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from app import config
from app.batch import event, lease, results
from app.batch.outputs import Outputs
from app.batch.plan import Plan, Task
from app.batch.rows import DONE, FAILED, OUTCOMES, SKIPPED, EventRow
from app.errors import BatchError
from app.scoring import metrics
from app.scoring.metrics import Confusion

ABOUT, SUMMARY = "batch.json", "summary.json"
FLUSH_S, FLUSH_ROWS = 5.0, 500
MOST_REFUSALS = 3  # of the place, one after another, before the batch gives up
_MOST_REASONS = 50
_SUMS = {"bytes": "bytes", "units": "units", "requests": "requests", "event_seconds": "seconds"}
Ask = Callable[[], bool]
Watch = Callable[[float, str], object]  # share done 0 to 1, what was done; called for every event


class Runner(Protocol):
    """What does tasks, one after the other or many at once."""

    def rows(self, tasks: Sequence[Task], plan: Plan, place: Outputs, stopping: Ask) -> Iterator[EventRow]:
        """Yield the row of each task as it ends, in any order; begin no further one once ``stopping``."""

    @property
    def words(self) -> str:
        """What it is, for a person."""


class Here:
    """Does one event after the other in this process."""

    words = "this process"

    def rows(self, tasks: Sequence[Task], plan: Plan, place: Outputs, stopping: Ask) -> Iterator[EventRow]:
        """Yield each row as it ends."""
        refused = 0
        for task in tasks:
            if stopping():
                return
            try:
                row = event.run(task, plan, place)
                refused = 0
            except BatchError as error:
                refused += 1
                if refused >= MOST_REFUSALS:
                    raise
                row = event.unrecorded(task, plan, str(error))
            yield row


@dataclass
class Told:
    """What a batch found of its inventory's events; ``had`` were over before it began."""

    total: int
    counts: Counter = field(default_factory=Counter)
    had: int = 0
    seconds: float = 0.0
    stopped: bool = False

    @property
    def over(self) -> int:
        """How many events are over."""
        return sum(self.counts.values())


def run(
    tasks: Sequence[Task],
    plan: Plan,
    place: Outputs,
    runner: Runner,
    watch: Watch = lambda share, doing: None,
    *,
    name: str = "",
    redo: bool = False,
) -> Told:
    """Do all events that are missing or failed, or all where ``redo``, and return how each ended.

    An exception, KeyboardInterrupt too, ends it with all that was done kept; so does a stop that is asked for
    (``lease.ask_to_stop``), or another batch that takes the place over. Raises BatchError where the place cannot be
    used, or another batch is writing there.
    """
    place.require_writable()
    told, began = Told(len(tasks)), time.monotonic()
    with lease.taken(place, lambda: _standing(told), lambda doing: watch(0.0, doing)) as held:
        place.put(ABOUT, _about(plan, name, len(tasks), runner))
        watch(0.0, "looking what is there already")
        todo = _todo(tasks, place, told, redo)
        try:
            _do(todo, plan, place, runner, told, watch, held)
        except KeyboardInterrupt:
            told.stopped = True
        told.seconds = time.monotonic() - began
        told.stopped |= held.stopping.is_set()
        if held.lost:
            raise BatchError(f"Another batch has taken {place} over; what was done is kept.")
        wanted = {task.event for task in tasks}
        place.put(SUMMARY, json.dumps(summary(told, plan, ended(place, wanted)), allow_nan=False).encode())
    return told


def ended(place: Outputs, wanted: Collection[str]) -> Iterator[EventRow]:
    """Yield the row of each of these events that is over, file by file of the data set."""
    for name in results.files(place):
        yield from (row for row in results.read(place, name) if row.event in wanted)


def summary(told: Told, plan: Plan, rows: Iterable[EventRow]) -> dict[str, Any]:
    """Return how a batch ended as plain values: counts, reasons, and each method's pooled (micro) scores.

    ``rows`` are of all its events that are over, looked at once.
    """
    reasons, sums, simulated = Counter[str](), dict.fromkeys(_SUMS, 0.0), False
    scored: dict[str, list[Confusion]] = {name: [] for name in plan.methods}
    for row in rows:
        reasons.update([row.reason] if row.reason else [])
        for name, attribute in _SUMS.items():
            sums[name] += getattr(row, attribute)
        simulated |= row.simulated
        for one in row.methods:
            if one.tp is not None and one.method in scored:
                scored[one.method].append(Confusion(one.tp, one.fp or 0, one.fn or 0, one.tn or 0))
    return {
        "events": told.total, **{outcome: told.counts[outcome] for outcome in OUTCOMES}, "had": told.had,
        "stopped": told.stopped, "seconds": round(told.seconds, 3), **plan.as_json(),
        **{name: round(total, 3) for name, total in sums.items()}, "simulated": simulated,
        "reasons": dict(reasons.most_common(_MOST_REASONS)), "scores": _pooled(scored), "software": config.software(),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip


def about(place: Outputs) -> dict[str, Any]:
    """Return what ``batch.json`` says of a batch: plan, inventory, number of events; nothing where there is none."""
    content = place.get(ABOUT)
    try:
        found = json.loads(content) if content else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _about(plan: Plan, name: str, total: int, runner: Runner) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    said = {"inventory": name, "events": total, "begun": now, "on": runner.words, **plan.as_json()}
    return json.dumps(said).encode()


def _standing(told: Told) -> dict[str, Any]:
    return {"events": told.total, **{outcome: told.counts[outcome] for outcome in OUTCOMES}}


def _todo(tasks: Sequence[Task], place: Outputs, told: Told, redo: bool) -> list[Task]:
    """Return what is to be done, its former rows forgotten; what others left done in its folder is taken up."""
    results.once(place)
    known, todo, adopted = results.state(place), list[Task](), list[EventRow]()
    folders = set(place.names(event.EVENTS)) if tasks else set()
    for task in tasks:
        key, outcome = known.get(task.event, ("", ""))
        if not redo and key == task.key and outcome != FAILED:
            told.counts[outcome] += 1
            continue
        left = event.held(task, place) if not redo and task.folder in folders else None
        if left:
            adopted.append(left)
            told.counts[left.outcome] += 1
        else:
            todo.append(task)
    told.had = told.over
    again = {*(task.event for task in todo), *(row.event for row in adopted)} & known.keys()
    results.forget(place, again)
    results.flush(place, adopted)
    return todo


def _do(
    todo: Sequence[Task], plan: Plan, place: Outputs, runner: Runner, told: Told, watch: Watch, held: lease.Lease
) -> None:
    waiting: list[EventRow] = []
    name = results.new_name()  # a flush that is interrupted is done again under the same one
    due = time.monotonic() + FLUSH_S
    try:
        for row in runner.rows(todo, plan, place, held.stopping.is_set):
            told.counts[row.outcome] += 1
            waiting.append(row)
            watch(told.over / max(1, told.total), said(row))
            if len(waiting) >= FLUSH_ROWS or time.monotonic() > due:
                results.flush(place, waiting, name)
                waiting, name = [], results.new_name()
                due = time.monotonic() + FLUSH_S
    finally:
        if not held.lost:
            results.flush(place, waiting, name)


def said(row: EventRow) -> str:
    """Return how an event ended, in a line."""
    found = ", ".join(f"{one.method} {one.changed:,} px" for one in row.methods)
    return f"event {row.event}: {row.outcome}{f' ({row.reason or found})' if row.reason or found else ''}"


def _pooled(scored: Mapping[str, list[Confusion]]) -> dict[str, Any]:
    """Return method -> pooled counts and rates of the change class, for those that met a truth."""
    found = {}
    for name, counts in scored.items():
        if counts:
            pooled = metrics.micro(counts).as_dict()
            rates = {key: value if math.isfinite(value) else None for key, value in pooled.items()}
            found[name] = {"averaging": "micro", "n": len(counts), "region": "whole", **rates}
    return found


__all__ = ["DONE", "FAILED", "SKIPPED", "Here", "Runner", "Told", "about", "ended", "run", "said", "summary"]
