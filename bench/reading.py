"""What the benchmarks of many readers share: a reader in a thread of its own, and the memory of the server."""

import random
import threading
import time
from collections.abc import Sequence

from tests.servers.scarp import Served
from tests.servers.session import Session


class Reader(threading.Thread):
    """Somebody with a session of their own who, once let go, does the same again and again for a while.

    Who derives from it says with ``begin`` what is opened first, ahead of the others, and with ``again`` what is done.
    """

    def __init__(self, server: Served, seed: int) -> None:
        super().__init__(daemon=True)
        self.server, self.seed, self.chance = server, seed, random.Random(seed)
        self.ready, self._begin = threading.Event(), threading.Event()
        self._ends: float = 0.0
        self.fault: Exception | None = None

    def go(self, ends: float) -> None:
        """Let them begin, and go on until this moment of ``time.monotonic``."""
        self._ends = ends
        self._begin.set()

    def run(self) -> None:
        """Open, wait for the others, and go on till the end; what breaks is kept in ``fault``."""
        try:
            with Session(self.server) as mine:
                self.begin(mine)
                self.ready.set()
                self._begin.wait()
                self.at_once(mine)
                while time.monotonic() < self._ends:
                    self.again(mine)
        except Exception as error:
            self.fault = error
        self.ready.set()

    def begin(self, mine: Session) -> None:
        """Open the first page."""
        raise NotImplementedError

    def at_once(self, mine: Session) -> None:
        """Do what all do in the same moment; nothing, where nobody says otherwise."""

    def again(self, mine: Session) -> None:
        """Do one round, with the pauses of somebody who looks."""
        raise NotImplementedError


def all_ready(readers: Sequence[Reader]) -> None:
    """Start readers, and return when each has its first page; raises nothing, see ``fault``."""
    for one in readers:
        one.start()
    for one in readers:
        one.ready.wait()


def resident_mb(server: Served) -> float:
    """Return the memory of the server with the processes that it started, that of its networks among them."""
    import psutil

    here = psutil.Process(server.process.pid)
    return sum(one.memory_info().rss for one in (here, *here.children(recursive=True))) / 1e6
