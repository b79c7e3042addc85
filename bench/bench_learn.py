"""A class on Learn: how long a turned knob, a sent threshold and a step of a lesson take, and the server's memory.

    python -m bench.bench_learn [--readers 30] [--seconds 60]

Real sessions over websockets from this machine, on the server of a class. All open the same new scene in the
same moment; then each turns knobs of the bench, two scenes in three the same as everybody's, the third its own, answers
steps of lessons by choosing and by a threshold, and reads the glossary, with one to three seconds between. Moving the
threshold costs no server anything: it happens in the browser, which is not in this. Driver and server share the
processors.
"""

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import AbstractContextManager
from pathlib import Path

from app.lessons import classroom
from bench.reading import Reader, all_ready, resident_mb
from tests.servers.scarp import Served, served
from tests.servers.session import Session

ROOM = {"SCARP_SESSIONS": "100"}
HOWS = ("Red band (B04), rise", "Greenness (NDVI), drop", "Neural network BIT", "All bands together (change vector)")
LIMIT_S, LIMIT_MB = 1.0, 1500  # what a class is promised; told, not asserted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readers", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scarp-bench-") as folder, _class(Path(folder)) as server:
        with Session(server) as first:
            opened = first.open("learn", "learn=bench")
            network = first.open("learn", "learn=networks&step=2")
        print(f"the first page {opened:.2f} s, the first run of a network {network:.2f} s, both alone", flush=True)
        alone = resident_mb(server)
        readers = [_Student(server, n) for n in range(asked.readers)]
        all_ready(readers)
        ends = time.monotonic() + asked.seconds
        for one in readers:
            one.go(ends)
        for one in readers:
            one.join()
        grown = resident_mb(server)
    if faults := [one.fault for one in readers if one.fault]:
        raise faults[0]
    _tell(readers, alone, grown)


def _class(folder: Path) -> AbstractContextManager[Served]:
    """Return a server of a class; on a machine without a network one in the mode of a class, which prepares nothing."""
    if classroom.addresses():
        return served(folder, command=("app", "serve", "--class"), **ROOM)
    print("no address on a network: served without --class")
    return served(folder, SCARP_SHARED="on", SCARP_PATHS="off", **ROOM)


def _tell(readers: list["_Student"], alone: float, grown: float) -> None:
    print(f"{'of ' + str(len(readers)) + ' readers':<22}{'times':>7}{'median, s':>11}{'slowest, s':>12}")
    every: dict[str, list[float]] = defaultdict(list)
    for one in readers:
        for what, took in one.took:
            every[what].append(took)
    for what, took in sorted(every.items()):
        print(f"{what:<22}{len(took):>7}{statistics.median(took):>11.2f}{max(took):>12.2f}")
    slowest = max(max(took) for took in every.values())
    print(f"slowest of all {slowest:.2f} s (wanted: below {LIMIT_S:g}); server {alone:.0f} MB with its first pages, "
          f"{grown:.0f} MB at the end (wanted: below {LIMIT_MB})")  # fmt: skip


class _Student(Reader):
    """A student who turns knobs, answers steps and looks a word up."""

    def __init__(self, server: Served, seed: int) -> None:
        super().__init__(server, seed)
        self.took: list[tuple[str, float]] = []

    def begin(self, mine: Session) -> None:
        mine.open("learn", "learn=bench")

    def at_once(self, mine: Session) -> None:
        self.took.append(("the same at once", mine.open("learn", "learn=bench&scene=77&haze=35")))

    def again(self, mine: Session) -> None:
        number = self.chance.choice((1, 2, 10 + self.seed))
        self._do("a scene opened", mine.open, "learn", f"learn=bench&answer=on&scene={number}")
        self._do("a knob", mine.change, "-haze", double_array_value=[float(self.chance.randrange(0, 100, 5))])
        self._do("a knob", mine.change, "-days", double_array_value=[float(self.chance.choice((185, 365, 730)))])
        self._do("what is compared", mine.change, "-how", string_value=self.chance.choice(HOWS))
        self._do("a step opened", mine.open, "learn", "learn=threshold&step=1")
        self._do("a threshold sent", self._answer, mine, round(self.chance.uniform(0.01, 0.2), 3))
        self._do("a step opened", mine.open, "learn", "learn=season&step=1")
        self._do("an option", mine.press, f"-learn.option.season.winter.{self.chance.randrange(3)}")
        self._do("the glossary", mine.open, "learn", "learn=glossary")

    def _answer(self, mine: Session, cut: float) -> float:
        about = mine.told("-learn.desk")["shown"]
        return mine.tell("-learn.desk", "answer", {"about": about, "cut": cut})

    def _do(self, what: str, act, *args: object, **more: object) -> None:
        time.sleep(self.chance.uniform(1, 3))
        self.took.append((what, act(*args, **more)))


if __name__ == "__main__":
    main()
