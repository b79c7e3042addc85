"""What lasts is left out of the search for garbage, once for every load of modules that came."""

import gc
import sys
import weakref

import pytest

from app.ui import sweeping


@pytest.fixture(autouse=True)
def thawed():
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


def test_what_has_ended_is_found_by_a_sweep_though_it_was_left_out():
    class Circle:
        pass

    circle = Circle()
    circle.itself, ended = circle, weakref.ref(circle)
    gc.freeze()
    del circle
    gc.collect()
    assert ended() is not None
    sweeping.sweep()
    assert ended() is None and gc.get_freeze_count() > 10_000
