"""Prefetching many events from a slow STAC server against fetching them one call after another.

``python -m bench.bench_prefetch [--events 40] [--latency 0.3]``; needs ../shared. The server is a
process of its own on loopback and answers every request, search or bytes, after the latency. One
call after another means what a notebook does: event after event, file after file; it is timed on
a few of the events and scaled to all, since it takes minutes.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from app.arguments import Parser

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "s2" / "l2a_cog"
FILES = {"B02": "blue", "B04": "red", "B08": "nir", "B11": "swir16", "SCL": "scl"}
BANDS = ("B02", "B04", "B08", "B11")
FIRST = date(2016, 1, 1)
APART = timedelta(days=10)  # T1 and T2 of an event, and one event's T2 and the next one's T1
ALLOWED_SHARE = 0.25
MOST_EVENTS = 174


def main() -> int:
    """Print both times and their ratio; return 1 where prefetching takes more than a quarter."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=40)
    parser.add_argument("--latency", type=float, default=0.3, help="seconds before every answer")
    parser.add_argument("--sampled", type=int, default=3, help="events fetched one call after another")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if not SHARED.is_dir():
        print("skipped: the real data is not here; a folder called shared is expected beside the project")
        return 0
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(theirs, args.latency), daemon=True)
    server.start()
    theirs.close()  # so that a server that fails ends the wait
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(SCARP_STAC_URL=ours.recv(), SCARP_CACHE=folder)
        row = _compare(args)
    server.terminate()
    print(json.dumps(row) if args.json else "  ".join(f"{name} {value}" for name, value in row.items()))
    return 0 if row["share"] <= ALLOWED_SHARE else 1


def _compare(args: argparse.Namespace) -> dict:
    from app import cache
    from app.cache import prefetch
    from app.sources import stac

    specs = [_spec(number) for number in range(args.events)]
    stac.source().open(_spec(args.events))  # packages loaded, catalogue greeted
    everyone, stac.THREADS = stac.THREADS, 1
    started = time.perf_counter()
    for number in range(args.events + 1, args.events + 1 + args.sampled):
        stac.source().open(_spec(number))
    one_by_one = (time.perf_counter() - started) / args.sampled * args.events
    stac.THREADS = everyone
    started = time.perf_counter()
    statuses = prefetch.prefetch(specs)
    together = time.perf_counter() - started
    assert all(each.state == prefetch.State.FETCHED for each in statuses), statuses
    assert len(cache.verify().whole) == args.events
    return {
        "events": args.events,
        "latency_s": args.latency,
        "one_call_after_another_s": round(one_by_one, 1),
        "prefetch_s": round(together, 1),
        "share": round(together / one_by_one, 3),
    }


def _days(number: int) -> tuple[date, date]:
    return FIRST + 2 * number * APART, FIRST + (2 * number + 1) * APART


def _spec(number: int):
    """Return the spec of an event; each has scenes, and so files, of its own."""
    from app.grid import around
    from app.patches import PatchSpec

    return PatchSpec("stac", str(number), around(24.8, -11.5), *_days(number), bands=BANDS)


def _serve(pipe, latency_s: float) -> None:
    from tests.servers.stac import stac_server

    item = json.loads((SHARED / "S2A_29RKH_20200219_0_L2A.json").read_text())
    with stac_server() as server:
        for day in (day for number in range(MOST_EVENTS) for day in _days(number)):
            properties = {**item["properties"], "datetime": f"{day}T11:34:25Z"}
            server.add(
                {**item, "id": f"scene-{day}", "properties": properties},
                {key: SHARED / f"{band}.tif" for band, key in FILES.items()},
            )
        server.latency_s = latency_s
        pipe.send(server.address)
        while True:
            time.sleep(60)


if __name__ == "__main__":
    sys.exit(main())
