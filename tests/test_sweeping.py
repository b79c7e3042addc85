"""What lasts is left out of the search for garbage, once for every load of modules that came."""

import gc
import math
import sys
import weakref
from types import SimpleNamespace

import pytest

from app.ui import sweeping


@pytest.fixture(autouse=True)
def thawed():
    gc.freeze()  # what other tests left is looked through only where a test says so: it is much
    yield
    gc.unfreeze()


def test_what_is_alive_is_spared_once_and_again_where_many_modules_came(monkeypatch):
    gc.unfreeze()
    monkeypatch.setattr(sweeping, "_seen", 0)
    sweeping.spare()
    spared = gc.get_freeze_count()
    assert spared > 10_000
    kept = [[] for _ in range(1000)]
    sweeping.spare()
    assert gc.get_freeze_count() <= spared and len(kept) == 1000
    monkeypatch.setattr(sweeping, "_seen", len(sys.modules) - sweeping._MANY)
    sweeping.spare()
    assert gc.get_freeze_count() > spared


def test_garbage_made_later_is_still_found(monkeypatch):
    monkeypatch.setattr(sweeping, "_seen", 0)
    sweeping.spare()
    circle: list = []
    circle.append(circle)
    del circle
    assert gc.collect() >= 1


class Circle:
    def __init__(self):
        self.itself = self


def test_a_run_leaves_no_garbage_of_its_own_though_everything_is_not_looked_through(monkeypatch):
    monkeypatch.setattr(sweeping, "_next", math.inf)
    circle = Circle()
    ended = weakref.ref(circle)
    del circle
    sweeping.after_run()
    assert ended() is None


def test_everything_is_looked_through_once_the_last_time_is_twenty_times_as_long_past_as_it_took(monkeypatch):
    monkeypatch.setattr(sweeping, "_next", -math.inf)
    clock = iter([100.0, 100.5, 110.4, 110.6, 110.7])  # a search of half a second, a run too soon, one late enough
    monkeypatch.setattr(sweeping, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    sweeping.after_run()
    circle = Circle()
    ended = weakref.ref(circle)
    gc.collect()  # as what lived through a run or two: it is not new
    del circle
    sweeping.after_run()
    assert ended() is not None
    sweeping.after_run()
    assert ended() is None


def test_what_has_ended_is_found_by_a_sweep_though_it_was_left_out():
    circle = Circle()
    ended = weakref.ref(circle)
    gc.freeze()
    del circle
    gc.collect()
    assert ended() is not None
    sweeping.sweep()
    assert ended() is None and gc.get_freeze_count() > 10_000
