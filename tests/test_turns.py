"""One piece of work at a time, by turns among readers, and none holds the others for long."""

import threading
import time
from contextlib import contextmanager

import pytest

from app import config
from app.detection.network import process
from app.detection.network.process import Budget
from app.errors import Cancelled, NetworkBudgetError, QueueError
from app.visitors import turns
from app.visitors.turns import Turns
from tests import tiny_networks as tiny
from tests.test_network_files import TILE, run_once

WAIT_S = 120


class Line:
    """Readers who each want a turn, one thread each; ``done`` says in which order they had theirs."""

    def __init__(self) -> None:
        self.turns, self.done, self.told, self.threads = Turns(), [], {}, []

    @contextmanager
    def held(self):
        """Have the turn until all that is asked for meanwhile is in line, then until the block ends."""
        with self.turns.one():
            yield
            self.until(lambda: len(self.turns._waiting) == len(self.threads))

    def ask(self, reader: str, name: str) -> None:
        asked = len(self.threads)

        def work() -> None:
            turns.belong_to(reader)
            with self.turns.one(lambda _, doing: self.told.setdefault(name, []).append(doing)):
                self.done.append(name)

        self.threads.append(threading.Thread(target=work, daemon=True))
        self.threads[-1].start()
        self.until(lambda: len(self.turns._waiting) > asked)

    def until(self, true) -> None:
        end = time.monotonic() + WAIT_S
        while not true():
            assert time.monotonic() < end
            time.sleep(0.005)

    def ended(self) -> list[str]:
        for one in self.threads:
            one.join(WAIT_S)
        return self.done


def test_readers_come_by_turns_however_much_one_asks_for():
    line = Line()
    with line.held():
        for reader, name in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")]:
            line.ask(reader, name)
    assert line.ended() == ["a1", "b1", "c1", "a2", "a3"]


def test_who_waits_is_told_how_many_come_before():
    line = Line()
    with line.held():
        for reader, name in [("a", "a1"), ("a", "a2"), ("b", "b1")]:
            line.ask(reader, name)
        line.until(lambda: {"a1", "a2", "b1"} <= set(line.told))
        line.until(lambda: line.told["a2"][-1].endswith("3 before you"))
        said = {name: told[-1] for name, told in line.told.items()}
    assert said == {
        "a1": "Waiting for networks to finish: 1 before you", "b1": "Waiting for networks to finish: 2 before you",
        "a2": "Waiting for networks to finish: 3 before you",
    }  # fmt: skip
    line.ended()


def test_newcomers_do_not_push_who_waits_longer_back():
    line = Line()
    turns.belong_to("a")
    with line.held():
        line.ask("b", "b1")
        line.ask("new", "n1")
        line.ask("newer", "n2")
    turns.belong_to("")
    assert line.ended() == ["b1", "n1", "n2"] and line.turns._served == {}


def test_who_gives_up_leaves_the_line():
    line = Line()

    def give_up(_share: float, _doing: str) -> None:
        raise Cancelled("Stopped.")

    with line.held():

        def leave() -> None:
            with pytest.raises(Cancelled), line.turns.one(give_up):
                raise AssertionError("two at once")

        other = threading.Thread(target=leave)
        other.start()
        other.join(WAIT_S)
        assert line.turns._waiting == []


def test_the_longest_wait_ends_with_a_sentence(monkeypatch):
    monkeypatch.setenv("SCARP_QUEUE_S", "0.2")
    config.settings.cache_clear()
    said = []

    def wait(line: Turns) -> None:
        with pytest.raises(QueueError) as refused, line.one():
            pass
        said.append(str(refused.value))

    line = Turns()
    with line.one():
        other = threading.Thread(target=wait, args=(line,))
        other.start()
        other.join(WAIT_S)
    monkeypatch.undo()
    config.settings.cache_clear()
    assert said and said[0].startswith("1 before you after 0.2 seconds") and "band difference" in said[0]


def test_no_more_than_so_many_have_begun_at_once():
    line, begun, most, all_here = Turns(share_s=0.0), set(), [], threading.Event()

    def work(reader: str) -> None:
        turns.belong_to(reader)
        with line.one() as turn:
            assert all_here.wait(WAIT_S)
            begun.add(reader)
            for _ in range(5):
                most.append(len(begun))
                turn.give_way(lambda: None, lambda: None)
            begun.discard(reader)

    threads = [threading.Thread(target=work, args=(str(n),), daemon=True) for n in range(6)]
    for one in threads:
        one.start()
    Line().until(lambda: len(line._waiting) == 5)
    all_here.set()
    for one in threads:
        one.join(WAIT_S)
    assert 2 <= max(most) <= turns.MOST_BEGUN and not begun


@pytest.mark.skipif(not process._CAN_STOP, reason="Windows stops no process in the middle")
def test_an_endless_network_of_one_reader_holds_nobody_for_its_budget(folder, monkeypatch):
    monkeypatch.setattr(process, "_turns", Turns(share_s=0.3))
    endless, quick = tiny.put(folder, tiny.never_ending(), "endless"), tiny.put(folder, tiny.difference(), "quick")
    running, ended = threading.Event(), threading.Event()
    heard: list[str] = []

    def first() -> None:
        turns.belong_to("eve")
        budget = Budget(120)

        def watch() -> None:
            running.set()
            if ended.is_set():
                raise Cancelled("Stopped.")

        with pytest.raises(Cancelled), process.one_at_a_time(lambda _, doing: heard.append(doing)):
            run_once(endless, budget=budget, watch=watch)

    other = threading.Thread(target=first, daemon=True)
    other.start()
    assert running.wait(WAIT_S)
    with process.one_at_a_time():
        run_once(quick)
        assert any("1 before you" in one for one in heard)  # the endless one stands still
    ended.set()
    other.join(WAIT_S)
    assert not other.is_alive()


@pytest.mark.skipif(not process._CAN_STOP, reason="Windows stops no process in the middle")
def test_what_stood_still_for_others_has_its_whole_time(folder, monkeypatch):
    monkeypatch.setattr(process, "_turns", Turns(share_s=0.2))
    path = tiny.put(folder, tiny.never_ending())
    ready, spans = threading.Event(), []

    def first() -> None:
        turns.belong_to("ada")
        with pytest.raises(NetworkBudgetError), process.one_at_a_time(), process.opened(path, "cpu", Budget(60)) as one:
            ready.set()
            Line().until(lambda: process._turns._waiting)
            one.budget, began = Budget(1.0), time.monotonic()
            try:
                one.run([TILE, TILE + 1], ["t1", "t2"], "score", 10**8, lambda: None)
            finally:
                spans.append(time.monotonic() - began)

    other = threading.Thread(target=first, daemon=True)
    other.start()
    assert ready.wait(WAIT_S)
    with process.one_at_a_time():
        time.sleep(1.5)
    other.join(WAIT_S)
    assert spans and spans[0] >= 2.4
