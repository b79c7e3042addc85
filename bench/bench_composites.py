"""A composite of kept scenes against reading the same scenes one by one from the cache.

``python -m bench.bench_composites [--scenes 12] [--runs 5]``: four bands at 222 x 222 pixels. The scenes are the
simulator's, kept as those of a catalogue are; listing them is left out of both times.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from app.arguments import Parser

ALLOWED = 3.0
BANDS = ("B02", "B03", "B04", "B08")


def main() -> int:
    """Print both times and their ratio for every way; return 1 where one takes more than three times as long."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=12)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SCARP_CACHE"] = folder
        rows = _rows(args)
    for row in rows:
        print(json.dumps(row) if args.json else "  ".join(f"{name} {value}" for name, value in row.items()))
    return 0 if all(row["ratio"] <= ALLOWED for row in rows) else 1


def _rows(args: argparse.Namespace) -> list[dict]:
    from app import cache
    from app.bands import CLOUD_MASK
    from app.cache.stacking import open_stack
    from app.inventory import Event
    from app.patches import CLEAR, COMPOSITES
    from app.sources import demo, scenes, spec_for
    from app.sources.compositing import composed

    described = demo.Demo.describe
    demo.Demo.describe = lambda self: replace(described(self), cacheable=True)
    event = Event("bench", 0, date(2021, 6, 1), 46.5, 8.5, t1_options=(date(2021, 5, 1),), t2=date(2021, 7, 1))
    spec = spec_for(event, "demo", bands=BANDS)
    listed = scenes.open_scenes(spec, date(2020, 1, 1), date(2021, 1, 1))[: args.scenes]
    assert len(listed) == args.scenes and spec.grid.shape == (222, 222), (len(listed), spec.grid.shape)
    open_stack(spec, listed)

    def one_by_one() -> None:
        for scene in listed:
            cache.load_scene(spec, scene)

    def composite(way: str) -> Callable[[], None]:
        def make() -> None:
            stack = open_stack(spec, listed)
            composed({name: stack[name].values for name in BANDS}, stack[CLOUD_MASK].values == CLEAR, way)

        return make

    rows = []
    for way in COMPOSITES:
        pairs = _pairs_s(one_by_one, composite(way), args.runs)
        plain, took = (statistics.median(times) for times in zip(*pairs, strict=True))
        row = {"composite": way, "scenes": args.scenes, "composite_s": round(took, 3), "one_by_one_s": round(plain, 3)}
        rows.append({**row, "ratio": round(statistics.median(other / one for one, other in pairs), 2)})
    return rows


def _pairs_s(one: Callable[[], None], other: Callable[[], None], runs: int) -> list[tuple[float, float]]:
    """Return the times of both in turn, so that what else the machine does weighs on both alike."""
    other()
    return [(_seconds(one), _seconds(other)) for _ in range(runs)]


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
