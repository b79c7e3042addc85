"""What lasts is left out of the search for garbage, once for every load of modules that came."""

import gc
import sys

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
