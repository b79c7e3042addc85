"""``python -m app batch``: retrieve, detect, score and export every event of an inventory, here or on Dask."""

import argparse
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.arguments import DONE, PARTLY_FAILED
from app.commands import inventory_file
from app.commands.patch import options_of
from app.commands.terminal import clear_line, printable, progress, strict_json
from app.detection import methods
from app.errors import InputError
from app.files import digest, local

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import FrameType

    from app.batch.outputs import Outputs
    from app.batch.plan import Plan
    from app.batch.rows import EventRow
    from app.batch.running import Runner, Told, Watch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--inventory", type=Path, metavar="FILE", help="the events (default: the built-in ones)")
    inventory_file.add_arguments(parser)
    parser.add_argument("--event", action="append", metavar="ID", help="this one; may be repeated (default: all)")
    parser.add_argument("--source", required=True, metavar="NAME", help="where the scenes come from")
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="for one source only, e.g. catalogue=cdse"
    )
    parser.add_argument(
        "--method", action="append", required=True, metavar="NAME", help=f"once for each method, {methods.in_words()}"
    )
    parser.add_argument("--device", choices=methods.DEVICES, default="auto", help="where a network may run")
    parser.add_argument("--min-slope", type=float, default=0.0, metavar="DEG", help="leave out gentler hillsides")
    parser.add_argument("--truth", metavar="FILE", help="outlines to score against, of the events by their ids")
    parser.add_argument("--scores", action="store_true", help="write the scores beside the masks")
    parser.add_argument("--out", required=True, metavar="DIR|s3://...", help="where everything is written")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, metavar="N", help="on a Dask cluster of N processes on this machine")
    where.add_argument("--scheduler", metavar="ADDRESS", help="on a Dask cluster that is there: tcp://host:8786")
    parser.add_argument("--redo", action="store_true", help="do what was done before again")
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do all that is missing; return 1 where an event failed or it was stopped. Raises ScarpError."""
    from app.batch import plan as plans
    from app.batch import running
    from app.batch.outputs import Outputs

    if args.workers is not None and not 1 <= args.workers <= 1000:
        raise InputError(f"--workers is {args.workers}; give a whole number from 1.")
    inventory = inventory_file.named(args.inventory, args)
    chosen = [inventory.event(name) for name in dict.fromkeys(args.event)] if args.event else inventory.events
    if not chosen:
        raise InputError(f"{inventory.name} holds no events; there is nothing to do.")
    place = Outputs(args.out)
    truth, content = _truth(args.truth)
    plan = plans.planned(
        args.source, args.method, options=options_of(args.option), min_slope_deg=args.min_slope, truth=truth,
        scores=args.scores, device=args.device,
    )  # fmt: skip
    if truth:
        place.put(truth, content)
    tasks = list(plans.tasks(chosen, plan))
    with _stops() as shown, _runner(args, plan) as runner:
        told = running.run(tasks, plan, place, runner, shown, name=inventory.name, redo=args.redo)
    at = {task.event: number for number, task in enumerate(tasks)}
    rows = sorted(running.ended(place, at), key=lambda row: at[row.event])
    _tell(told, plan, place, rows, args.json)
    return PARTLY_FAILED if told.counts[running.FAILED] or told.stopped or inventory.skipped else DONE


@contextmanager
def _stops() -> "Iterator[Watch]":
    """Have SIGTERM and a terminal that closes end a batch as Ctrl-C does; what is yielded shows how far it is.

    What Dask must not be interrupted in goes on, and the end comes when the batch next shows how far it is.
    """
    asked = threading.Event()

    def heard(_: int, frame: "FrameType | None") -> None:
        asked.set()
        if not _held_back(frame):
            raise KeyboardInterrupt

    def shown(share: float, doing: str) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        progress(min(share, 0.999), doing)

    ours = threading.current_thread() is threading.main_thread()  # the only one that may say what a signal does
    names = [one for one in ("SIGINT", "SIGTERM", "SIGHUP") if ours and hasattr(signal, one)]
    usual = {one: signal.getsignal(one) for one in map(signal.Signals.__getitem__, names)}
    changed = {one: how for one, how in usual.items() if how in (signal.SIG_DFL, signal.default_int_handler)}
    try:
        for one in changed:
            signal.signal(one, heard)
        yield shown
    finally:
        for one, how in changed.items():
            signal.signal(one, how)


def _held_back(frame: "FrameType | None") -> bool:
    """Whether Dask times a collection of garbage there, which loses what is raised, or begins or ends its processes."""
    while frame is not None:
        if str(frame.f_globals.get("__name__")).startswith(("distributed.gc", "distributed.deploy")):
            return True
        frame = frame.f_back
    return False


def _truth(path: str | None) -> tuple[str, bytes]:
    """Return what the file of outlines is called in the batch's folder, and its bytes. Raises InputError."""
    if not path:
        return "", b""
    from app.inventory import load, read
    from app.inventory.mapped import OutlineIndex

    content, name = load(local(path)), Path(path).name
    if not len(OutlineIndex(read(content, name).events)):
        raise InputError(f"{name} holds no outline of an area to score against; draw landslides as polygons.")
    ending = ".zip" if name.lower().endswith(".shp") else Path(name).suffix
    return f"inputs/truth-{digest(content)[:16]}{ending}", content


def _runner(args: argparse.Namespace, plan: "Plan") -> "AbstractContextManager[Runner]":
    from contextlib import nullcontext

    from app.batch.running import Here

    if args.workers is None and args.scheduler is None:
        return nullcontext(Here())
    from app.batch import cluster

    return cluster.at(args.scheduler, plan) if args.scheduler else cluster.local(args.workers, plan)


def _tell(told: "Told", plan: "Plan", place: "Outputs", rows: "list[EventRow]", as_json: bool) -> None:
    from app.batch import running

    clear_line()
    if as_json:
        summary = running.summary(told, plan, rows)
        print(strict_json({**summary, "out": str(place), "results": [_json(row) for row in rows]}))
        if nothing := _in_vain(rows):
            print(printable(nothing), file=sys.stderr)
        return
    for row in rows:
        if row.outcome != running.DONE:
            print(printable(running.said(row)), file=sys.stderr)
    simulated = "SIMULATED scenes are among the events. " if any(row.simulated for row in rows) else ""
    counts = ", ".join(f"{told.counts[one]:,} {one}" for one in (running.DONE, running.SKIPPED, running.FAILED))
    had = f" ({told.had:,} of them before)" if told.had else ""
    events = f"{told.total:,} event{'' if told.total == 1 else 's'}"
    print(printable(f"{simulated}{events}: {counts}{had}, in {told.seconds:.1f} s. Written: {place}"))
    if told.stopped:
        print(f"Stopped with {told.total - told.over:,} events left; call it again to go on.")
    if nothing := _in_vain(rows):
        print(printable(nothing))


def _in_vain(rows: "list[EventRow]") -> str:
    """Return that no event was done and the commonest reason; empty where one was, or none is over."""
    from app.batch import running

    reasons = Counter(row.reason for row in rows)
    if not rows or any(row.outcome == running.DONE for row in rows):
        return ""
    ((reason, number),) = reasons.most_common(1)
    of = "it" if len(rows) == 1 else f"{number:,} of {len(rows):,}"
    return f"Nothing was detected: no event could be done. Of {of}: {reason}"


def _json(row: "EventRow") -> dict[str, object]:
    from app.inventory import json_id

    held = row.as_json()
    return {**held, "event": json_id(row.event), "methods": {one["method"]: one for one in held["methods"]}}
