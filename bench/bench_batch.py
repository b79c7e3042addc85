"""A batch: two workers against one on simulated scenes and BIT, and the book-keeping of very many events.

``python -m bench.bench_batch [--events 60] [--many 100000] [--json]``. Every worker has one core and one thread. The
events of the book-keeping have no dates: each is planned, handed out, recorded in its folder and in the tables, and
nothing is opened; then the same call again, which finds all of it done.
"""

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from contextlib import nullcontext
from datetime import date
from pathlib import Path

from app.arguments import Parser

METHODS = ("onnx:bit",)
DAYS = date(2020, 1, 5), date(2020, 6, 1), date(2021, 1, 5)  # T1, the event, T2
SEED = 16


def main() -> int:
    """Print seconds and ratios."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=60, help="to detect on; 0 leaves that out")
    parser.add_argument("--many", type=int, default=20_000, help="of book-keeping; 0 leaves that out")
    parser.add_argument("--workers", type=int, default=2, help="beside one")
    parser.add_argument("--alone", action="store_true", help="the workers only, without one to compare with")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SCARP_HOME"] = f"{folder}/home"
        rows = _detected(args, Path(folder)) if args.events else []
        rows += _kept(args, Path(folder)) if args.many else []
    for row in rows:
        print(json.dumps(row) if args.json else "  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    return 0


def _detected(args: argparse.Namespace, folder: Path) -> list[dict]:
    counts = [args.workers] if args.alone else [1, args.workers]
    found = [_batch(args.events, count, folder / f"out{count}") for count in counts]
    if len(found) > 1:
        found[1]["times"] = round(found[0]["seconds"] / found[1]["seconds"], 2)
    return found


def _batch(events: int, workers: int, out: Path) -> dict:
    """Run it on workers that are warm: an event each before, which opens the networks and imports all there is."""
    from app.batch import cluster, plan, running
    from app.batch.outputs import Outputs

    asked = plan.planned("demo", METHODS)
    os.environ["SCARP_CORES"] = str(workers)  # one worker has one core as well: two on two cores have no more each
    with cluster.local(workers, asked) as runner:
        running.run(list(plan.tasks(_events(4 * workers, "warm"), asked)), asked, Outputs(f"{out}-warm"), runner)
        place, tasks = Outputs(str(out)), list(plan.tasks(_events(events, "event"), asked))
        load = os.getloadavg()[0]
        told = running.run(tasks, asked, place, runner)
    summary = running.summary(told, asked, running.ended(place, {task.event for task in tasks}))
    return {
        "workers": workers, "events": events, "done": told.counts["done"], "seconds": round(told.seconds, 1),
        "seconds_an_event": round(told.seconds / events, 3),
        "busy_s_an_event": round(summary["event_seconds"] / events, 3),
        "bytes_an_event": round(summary["bytes"] / events), "load_before": round(load, 1), "simulated": True,
    }  # fmt: skip


def _events(count: int, name: str, dated: bool = True) -> tuple:
    from app.inventory import Event

    draw = random.Random(f"{SEED} {name}")
    t1, day, t2 = DAYS
    return tuple(
        Event(f"{name}-{n}", n, day, draw.uniform(-50, 60), draw.uniform(-170, 170), "", "", "",
              (t1,) if dated else (), t2 if dated else None)
        for n in range(count)
    )  # fmt: skip


def _kept(args: argparse.Namespace, folder: Path) -> list[dict]:
    from app.batch import plan, results, running
    from app.batch.outputs import Outputs
    from app.batch.running import Here

    asked, place = plan.planned("demo", ["band-difference:B04:0.05"]), Outputs(str(folder / "many"))
    started = time.perf_counter()
    tasks = list(plan.tasks(_events(args.many, "event", dated=False), asked))
    planned = time.perf_counter() - started
    with nullcontext(Here()) as runner:
        first = running.run(tasks, asked, place, runner)
        again = running.run(tasks, asked, place, runner)
    tables = sum(path.stat().st_size for path in (place.folder / results.FOLDER).iterdir())
    return [{
        "book_keeping_of": args.many, "planned_s": round(planned, 1), "first_s": round(first.seconds, 1),
        "again_s": round(again.seconds, 1), "had": again.had, "tables": len(results.files(place)),
        "bytes_of_tables_an_event": round(tables / args.many), "load": round(os.getloadavg()[0], 1),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000,
    }]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
