"""What a rerun costs the server: its processor time, page by page, whatever else the machine does.

    python -m bench.bench_reruns [--runs 12] [--against FOLDER]

A real session over a websocket, on one cached patch: each page runs several times as a click would have it run, and
the threshold moves on Detect. ``--against`` names another checkout, whose server takes turns with this one, act by act.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from app.config import ROOT
from bench.bench_sessions import PAGES, QUERY, THRESHOLD
from tests.servers.scarp import Served, served
from tests.servers.session import Session

_WARM = 2  # the first runs fill caches and are left out
_AFTER_S = 0.05  # what a server still does once a run has ended


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--against", type=Path, help="another checkout, whose server takes turns with this one")
    asked = parser.parse_args()
    roots = {"this": ROOT, **({"other": asked.against.resolve()} if asked.against else {})}
    with ExitStack() as open_:
        readers = {}
        for name, root in roots.items():
            folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="scarp-bench-")))
            readers[name] = _Reader(open_, folder, root)
        print(f"{'processor ms of the server, median':<36}" + "".join(f"{name:>9}" for name in readers))
        for what in (*PAGES, "detect", "threshold"):
            acts = [one.act(what) for one in readers.values()]
            costs = [[act(n) for act in acts] for n in range(asked.runs + _WARM)][_WARM:]
            found = [f"{statistics.median(of_one):>9.1f}" for of_one in zip(*costs, strict=True)]
            print(f"{what:<36}" + "".join(found), flush=True)


class _Reader:
    """One tab of a server of its own, which has opened every page once."""

    def __init__(self, open_: ExitStack, folder: Path, root: Path) -> None:
        self.server = open_.enter_context(served(folder, root=root))
        self.tab = open_.enter_context(Session(self.server))
        for page in (*PAGES, "detect"):
            self.tab.open(page, QUERY)

    def act(self, what: str) -> Callable[[int], float]:
        """Return what does one thing, for the nth time, and returns the milliseconds it cost."""
        self.tab.open("detect" if what == "threshold" else what, QUERY)
        if what == "threshold":
            return lambda n: self._cost(
                lambda: self.tab.change(THRESHOLD, double_array_value=[round(0.02 + 0.003 * n, 3)])
            )
        return lambda n: self._cost(lambda: self.tab.open(what, QUERY))

    def _cost(self, act: Callable[[], float]) -> float:
        before = processor_s(self.server)
        act()
        time.sleep(_AFTER_S)
        return 1e3 * (processor_s(self.server) - before)


def processor_s(server: Served) -> float:
    """Return the processor time a server has taken, threads that ended included (Linux)."""
    return time.clock_gettime((~server.process.pid << 3) | 2)


if __name__ == "__main__":
    main()
