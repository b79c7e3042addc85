"""Many sessions on one server: how long a moved threshold and an opened page take, and the memory of each further one.

    python -m bench.bench_sessions [--sessions 1,10,25] [--seconds 60] [--against FOLDER]
    python -m bench.bench_sessions --minutes 60         # memory of the server minute by minute, with ten sessions

Real sessions over websockets from this machine, on one cached patch: each opens Detect, moves the threshold and now and
then goes to another page and back, with one to three seconds between. What a browser does itself (drawing, the answers
of the map) is not in it, and driver and server share the processors. ``--against`` names another checkout whose server
takes turns with this one in the same run: only such pairs are worth comparing on a machine that others use.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.config import ROOT
from bench.reading import Reader, all_ready, resident_mb
from tests.servers.scarp import Served, served
from tests.servers.session import Session

METHOD = "method=band-difference:B04:0.05"
QUERY = f"event=171&{METHOD}"
PAGES = ("compare", "inventory", "metrics", "patches", "review")
THRESHOLD = "-method.threshold"
_LONG = 10  # sessions whose memory is told minute by minute


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", default="1,10,25")
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--against", type=Path, help="another checkout, whose server takes turns with this one")
    parser.add_argument("--minutes", type=int, help="have ten sessions click for so long, and tell memory each minute")
    asked = parser.parse_args()
    if asked.minutes:
        _measured(ROOT, _LONG, 60 * asked.minutes, told=_tell_mb)
        return
    roots = {"this": ROOT, **({"other": asked.against.resolve()} if asked.against else {})}
    print(f"{'code':<7}{'sessions':>9}{'threshold, s: median':>22}{'slowest':>9}{'page: median':>14}{'slowest':>9}"
          f"{'MB a session':>14}{'growth, MB':>12}")  # fmt: skip
    for count in (int(one) for one in asked.sessions.split(",")):
        found = {name: _measured(root, count, asked.seconds) for name, root in roots.items()}
        for name, one in found.items():
            print(f"{name:<7}{count:>9}{one}", flush=True)


def _tell_mb(minute: int, resident: float) -> None:
    print(f"minute {minute:>3}: {resident:>6.0f} MB", flush=True)


def _measured(root: Path, count: int, seconds: float, told: Callable[[int, float], None] | None = None) -> str:
    with (
        tempfile.TemporaryDirectory(prefix="scarp-bench-") as folder,
        served(Path(folder), root=root) as server,
        Session(server) as first,
    ):
        for page in (*PAGES, "detect"):  # fills the caches that all share
            first.open(page, QUERY)
        alone = resident_mb(server)
        readers = [_Looker(server, n) for n in range(count)]
        all_ready(readers)
        begun, ends = resident_mb(server), time.monotonic() + seconds
        for one in readers:
            one.go(ends)
        for minute in range(int(seconds) // 60 + 1) if told else ():
            time.sleep(max(0.0, ends - seconds + 60 * minute - time.monotonic()))
            told(minute, resident_mb(server))
        for one in readers:
            one.join()
        grown = resident_mb(server)
    if faults := [one.fault for one in readers if one.fault]:
        raise faults[0]
    moved = [each for one in readers for each in one.moved]
    opened = [each for one in readers for each in one.opened]
    return (f"{statistics.median(moved):>22.2f}{max(moved):>9.2f}{statistics.median(opened):>14.2f}{max(opened):>9.2f}"
            f"{(begun - alone) / count:>14.1f}{grown - begun:>12.0f}")  # fmt: skip


class _Looker(Reader):
    """Somebody who moves the threshold four times, then looks at another page, and comes back."""

    def __init__(self, server: Served, seed: int) -> None:
        super().__init__(server, seed)
        self.moved: list[float] = []
        self.opened: list[float] = []

    def begin(self, mine: Session) -> None:
        mine.open("detect", QUERY)

    def again(self, mine: Session) -> None:
        for _ in range(4):
            time.sleep(self.chance.uniform(1, 3))
            self.moved.append(mine.change(THRESHOLD, double_array_value=[round(self.chance.uniform(0.01, 0.2), 3)]))
        for page in (self.chance.choice(PAGES), "detect"):
            time.sleep(self.chance.uniform(1, 3))
            self.opened.append(mine.open(page, QUERY))


if __name__ == "__main__":
    main()
