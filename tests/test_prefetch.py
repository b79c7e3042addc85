"""Prefetching: bounded, watched, stopped and resumed, and killed at any moment without harm."""

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import xarray as xr

from app import cache, config, sources
from app.cache import prefetch
from app.cache.prefetch import Prefetch, State
from app.errors import SourceError
from tests import counted_source, killed_prefetch
from tests.counted_source import patch_of, spec_of


@pytest.fixture(autouse=True)
def counted(monkeypatch, tmp_path):
    monkeypatch.setitem(sources.SOURCES, "counted", ("tests.counted_source", ""))
    monkeypatch.setenv("SCARP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(counted_source, "pause_s", 0.0)
    monkeypatch.setattr(counted_source, "most_at_once", 0)
    counted_source.opened.clear()
    config.settings.cache_clear()
    yield
    monkeypatch.undo()
    config.settings.cache_clear()


def _states(statuses) -> list[str]:
    return [str(each.state) for each in statuses]


def test_everything_is_fetched_once_and_the_second_time_nothing():
    specs = [spec_of(str(number)) for number in range(10)]
    assert _states(prefetch.prefetch(specs)) == ["fetched"] * 10
    assert _states(prefetch.prefetch(specs)) == ["had"] * 10
    assert set(counted_source.opened.values()) == {1}
    assert all(cache.cached(spec) for spec in specs)


def test_no_more_than_asked_run_at_once(monkeypatch):
    three = threading.Barrier(3, timeout=120)
    monkeypatch.setattr(counted_source, "patch_of", lambda spec: (three.wait(), patch_of(spec))[1])
    assert _states(prefetch.prefetch([spec_of(str(number)) for number in range(9)], at_once=3)) == ["fetched"] * 9
    assert counted_source.most_at_once == 3


def test_large_patches_run_fewer_at_once():
    large = spec_of(bbox=(9.0, 45.0, 9.02, 45.02), resolution_deg=0.00001, bands=sources.ALL_BANDS)
    assert prefetch._within_memory([large], 6) == 3
    assert prefetch._within_memory([spec_of()], 6) == 6


def test_one_that_fails_is_told_and_the_others_go_on(monkeypatch):
    def fails(self, spec, progress=None):
        if spec.event_id == "1":
            raise SourceError("No scene there; choose another date.")
        if spec.event_id == "2":
            raise ValueError("a fault of ours")
        return patch_of(spec)

    monkeypatch.setattr(counted_source.CountedSource, "open", fails)
    statuses = prefetch.prefetch([spec_of(str(number)) for number in range(4)])
    assert _states(statuses) == ["fetched", "failed", "failed", "fetched"]
    assert statuses[1].error == "No scene there; choose another date."
    assert "ValueError" in statuses[2].error


def test_a_stop_keeps_what_is_there_and_resuming_fetches_only_the_rest(monkeypatch):
    monkeypatch.setattr(counted_source, "endless_from", 3)
    specs = [spec_of(str(number)) for number in range(12)]
    running = Prefetch(specs, at_once=2).start()
    while sum(each.state == State.FETCHED for each in running.statuses) < 3:
        time.sleep(0.01)
    running.stop()
    assert running.wait(60)
    assert sorted(_states(running.statuses)) == ["fetched"] * 3 + ["stopped"] * 9
    monkeypatch.setattr(counted_source, "endless_from", None)
    there = [each.spec.key for each in running.statuses if each.state == State.FETCHED]
    assert _states(prefetch.prefetch(specs)).count("had") == len(there)
    assert all(counted_source.opened[key] == 1 for key in there)
    assert cache.verify().damaged == {}


def test_the_watcher_sees_every_patch_and_its_share(monkeypatch):
    monkeypatch.setattr(counted_source, "pause_s", 0.3)
    seen = []
    prefetch.prefetch([spec_of(str(number)) for number in range(4)], 2, lambda running: seen.append(running))
    assert seen[-1].share == 1.0
    assert len(seen) > 2


def test_an_interrupt_in_the_watcher_stops_the_rest(monkeypatch):
    monkeypatch.setattr(counted_source, "endless_from", 0)

    def interrupt(running):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prefetch.prefetch([spec_of(str(number)) for number in range(20)], 2, interrupt)
    assert len(counted_source.opened) <= 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_ten_moments_every_entry_is_whole_and_none_is_fetched_twice(tmp_path):
    log = tmp_path / "opened.txt"
    log.touch()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.killed_prefetch"],
        cwd=Path(__file__).resolve().parents[1],
        env={**os.environ, "COUNTED_LOG": str(log)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    chance = random.Random(4)
    with process:
        for _ in range(10):
            there, opened_before = {each.entry.key for each in cache.entries()}, len(log.read_text().split())
            process.stdin.write(f"{chance.randint(4, 8)} {chance.uniform(0, 0.03)}\n")
            process.stdin.flush()
            assert process.stdout.readline() == "killed\n"
            found = cache.verify()
            assert found.damaged == {}
            assert there <= set(found.whole)
            assert not there & set(log.read_text().split()[opened_before:])
        process.stdin.close()
    assert 0 < len(cache.entries()) < killed_prefetch.EVENTS  # it was killed in the middle
    specs = killed_prefetch.specs()
    assert set(_states(prefetch.prefetch(specs))) <= {"had", "fetched"}
    for spec in specs:
        xr.testing.assert_identical(cache.load(spec), patch_of(spec))
