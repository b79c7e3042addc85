"""Whose work comes next where one piece runs at a time: by turns among readers, with a share of time each.

A reader who asks for much waits for others after each piece, and a piece that takes long, or never ends, stands still
after its share while others have theirs.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from app import config
from app.errors import QueueError
from app.patches import Progress, no_progress

TICK_S = 0.1  # how often who waits may change their mind
SHARE_S = 10.0  # how long one piece may go on while others wait
MOST_BEGUN = 3  # pieces under way, all but one standing still: each keeps its memory
_reader: ContextVar[str] = ContextVar("reader", default="")


def belong_to(reader: str) -> None:
    """Let what this thread asks for be that of one reader; until then it is that of nobody in particular."""
    _reader.set(reader)


class Turn:
    """One piece of work: it waits, runs, stands still for others, and runs again."""

    def __init__(self, turns: "Turns", tell: Progress) -> None:
        self.reader, self.begun, self.since = _reader.get(), False, 0.0
        self._turns, self._tell, self._share = turns, tell, 0.0

    def told(self, share: float, doing: str) -> None:
        """Hand on how far the work is, and remember it."""
        self._share = share
        self._tell(share, doing)

    def give_way(self, pause: Callable[[], None], go_on: Callable[[], None]) -> float:
        """Stand still where the share of time is up and others wait; returns for how many seconds.

        ``pause`` is called before and ``go_on`` once it is this piece's turn again. Raises what telling raises.
        """
        if not self._turns.is_due(self):
            return 0.0
        stopped = time.monotonic()
        pause()
        self._turns.leave(self)
        self.wait()
        go_on()
        return time.monotonic() - stopped

    def wait(self) -> None:
        """Wait until it may run; raises QueueError after the longest wait of the settings."""
        most = config.settings().queue_s
        ends = time.monotonic() + most
        self._turns.join(self)
        while not self._turns.may_run(self, TICK_S):
            ahead = self._turns.ahead(self)
            if time.monotonic() > ends and not self.begun:
                raise QueueError(
                    f"{ahead} before you after {most:g} seconds of waiting for the networks of others (SCARP_QUEUE_S). "
                    "Try again later, or choose a band difference or an index, which do not wait."
                )
            self._tell(self._share, f"Waiting for networks to finish: {ahead} before you")


class Turns:
    """Lets one piece of work run at a time; any thread may ask."""

    def __init__(self, share_s: float = SHARE_S) -> None:
        self.share_s = share_s
        self._changed = threading.Condition()
        self._running: Turn | None = None
        self._waiting: list[Turn] = []  # in the order they came, within one reader
        self._served: dict[str, int] = {}  # reader in line -> the number of turns when they came or had one last
        self._turn = 0

    @contextmanager
    def one(self, tell: Progress = no_progress) -> Iterator[Turn]:
        """Wait for a turn, and have it until the block ends; ``tell`` hears of the waiting and may raise to give up."""
        turn = Turn(self, tell)
        try:
            turn.wait()
            yield turn
        finally:
            self._forget(turn)

    def join(self, turn: Turn) -> None:
        """Wait in line; what has begun goes before what the same reader asked for since."""
        with self._changed:
            self._waiting.insert(0 if turn.begun else len(self._waiting), turn)
            self._served.setdefault(turn.reader, self._turn)

    def may_run(self, turn: Turn, seconds: float) -> bool:
        """Whether it is that piece's turn, within so many seconds; then it runs."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._running is None and self._next() is turn, seconds):
                return False
            self._waiting.remove(turn)
            self._running, self._turn = turn, self._turn + 1
            turn.begun, turn.since = True, time.monotonic()
            self._served[turn.reader] = self._turn
            return True

    def is_due(self, turn: Turn) -> bool:
        """Whether a running piece has had its share while another reader could go on."""
        if time.monotonic() - turn.since < self.share_s:
            return False
        with self._changed:
            return any(one.reader != turn.reader for one in self._able())

    def leave(self, turn: Turn) -> None:
        """Let the next one run."""
        with self._changed:
            if self._running is turn:
                self._running = None
            self._changed.notify_all()

    def ahead(self, turn: Turn) -> int:
        """Return how many turns come before: the one that runs, and those of the line in its order."""
        with self._changed:
            order = self._order(self._waiting)
            return order.index(turn) + (self._running is not None)

    def _forget(self, turn: Turn) -> None:
        with self._changed:
            if turn in self._waiting:
                self._waiting.remove(turn)
            turn.begun = False
            if turn.reader not in {one.reader for one in self._waiting}:
                self._served.pop(turn.reader, None)  # who comes back joins those who come now
        self.leave(turn)

    def _next(self) -> Turn | None:
        order = self._order(self._able())
        return order[0] if order else None

    def _able(self) -> list[Turn]:
        """Return those that may run: where enough have begun, no other one."""
        begun = [one for one in self._waiting if one.begun]
        under_way = len(begun) + (self._running is not None)
        return begun if under_way >= MOST_BEGUN else self._waiting

    def _order(self, waiting: list[Turn]) -> list[Turn]:
        """Return the line: readers by turns, who had one longest ago first, each with their own in their order."""
        rounds: dict[str, int] = {}
        keyed = []
        for at, one in enumerate(waiting):
            rounds[one.reader] = rounds.get(one.reader, -1) + 1
            keyed.append(((rounds[one.reader], self._served[one.reader], at), one))
        return [one for _, one in sorted(keyed, key=lambda each: each[0])]
