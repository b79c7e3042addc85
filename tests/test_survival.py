"""What fails around Scarp takes nothing with it: a full disk, rubbish of a service, a wrong clock, a server killed."""

import signal
import sqlite3
import time
from datetime import UTC, date, datetime

import pytest
import xarray as xr

from app import cache, config, review, sources, workspace
from app.cache import loading
from app.errors import SourceError
from app.files import whole
from app.review import verdicts
from app.sources import stac, stac_search
from app.ui import pair_asking
from tests import counted_source
from tests.counted_source import patch_of, spec_of
from tests.full_disk import files_up_to
from tests.many_reviewers import verdict
from tests.servers.scarp import served
from tests.servers.session import Session
from tests.servers.stac import StacServer, stac_server
from tests.test_sources_stac import SPEC


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty cache in a folder of its own, and the source that counts what it opens."""
    monkeypatch.setitem(sources.SOURCES, "counted", ("tests.counted_source", ""))
    monkeypatch.setattr(counted_source, "pause_s", 0.0)
    counted_source.opened.clear()
    monkeypatch.setenv("SCARP_CACHE", str(tmp_path / "cache"))
    config.settings.cache_clear()
    loading._store.cache_clear()
    yield tmp_path / "cache"
    monkeypatch.undo()
    config.settings.cache_clear()
    loading._store.cache_clear()


# --- a full disk ---------------------------------------------------------------------------


def test_a_cache_disk_that_is_full_loses_no_patch_and_holds_none_by_half(store, caplog):
    with files_up_to(100):
        xr.testing.assert_identical(cache.load(spec_of()), patch_of(spec_of()))
    assert "SCARP_CACHE" in caplog.text and not cache.cached(spec_of())
    cache.load(spec_of())
    assert cache.cached(spec_of()) and cache.verify().damaged == {}
    xr.testing.assert_identical(cache.load(spec_of()), patch_of(spec_of()))
    assert counted_source.opened.total() == 2


# --- a service that answers rubbish --------------------------------------------------------

RUBBISH = {
    "a page": b"<html><body>Log in to the hotel's network</body></html>",
    "nothing": b"",
    "half of it": b'{"type": "FeatureCollection", "features": [{"ty',
    "a list": b"[1, 2, 3]",
    "another thing": b'{"type": "FeatureCollection"}',
    "items without all": b'{"type": "FeatureCollection", "features": [{}, null, 7]}',
    "no text": bytes(range(256)),
}


@pytest.fixture(scope="module")
def catalogue():
    with stac_server() as running:
        yield running


@pytest.mark.parametrize("body", RUBBISH.values(), ids=RUBBISH)
def test_a_catalogue_that_answers_rubbish_is_said_in_one_sentence(catalogue: StacServer, body, monkeypatch):
    monkeypatch.setenv("SCARP_STAC_URL", catalogue.address)
    monkeypatch.setattr(catalogue, "rubbish", {"/search": body})
    config.settings.cache_clear()
    stac_search._client.cache_clear()
    try:
        with pytest.raises(SourceError) as raised:
            stac.source().open(SPEC)
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()
    assert "Traceback" not in str(raised.value) and len(str(raised.value)) < 400


# --- a wrong clock -------------------------------------------------------------------------

WRONG = [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)]


def clock_at(monkeypatch, now: datetime) -> None:
    """Set the clock that what keeps, sweeps and judges looks at."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz=None):
            return now

    class Day(date):
        @classmethod
        def today(cls):
            return now.date()

    monkeypatch.setattr(time, "time", lambda: now.timestamp())
    for module in (verdicts, cache.place, cache.zarr_store, cache.entry):
        monkeypatch.setattr(module, "datetime", Wrong)
    monkeypatch.setattr(pair_asking, "date", Day)


@pytest.mark.parametrize("now", WRONG, ids=["1970", "2099"])
def test_under_a_wrong_clock_the_cache_keeps_and_finds(store, now, monkeypatch):
    clock_at(monkeypatch, now)
    cache.load(spec_of())
    cache.load(spec_of())
    assert counted_source.opened.total() == 1 and cache.verify().damaged == {}


@pytest.mark.parametrize("now", WRONG, ids=["1970", "2099"])
def test_a_verdict_given_last_counts_whatever_the_clock_said(now, monkeypatch, tmp_path):
    reviews = review.Reviews(f"sqlite:///{tmp_path / 'review.sqlite'}")
    reviews.add(verdict(verdict="confirmed"))
    clock_at(monkeypatch, now)
    reviews.add(verdict(verdict="rejected"))
    monkeypatch.undo()
    ((_, counts),) = review.standing(reviews.all()).items()
    assert counts.verdict == "rejected" and reviews.count() == 2


def test_a_clock_that_goes_back_sweeps_nothing_of_readers(monkeypatch, tmp_path):
    mine = workspace.Workspace(workspace.new_id(), tmp_path)
    mine.keep("name", "Ada")
    draft = tmp_path / ".part-0123456789abcdef-file"
    draft.write_text("being written")
    clock_at(monkeypatch, WRONG[0])
    assert workspace.sweep(tmp_path, 90) == 0
    whole.sweep(tmp_path)
    assert mine.held("name") == "Ada" and draft.exists()


# --- a server that is killed ---------------------------------------------------------------


def test_a_server_killed_while_it_fetches_and_is_judged_on_loses_no_verdict(tmp_path, catalogue, monkeypatch):
    monkeypatch.setattr(catalogue, "latency_s", 1.0)  # still under way when the server dies
    with (
        served(tmp_path, SCARP_STAC_URL=catalogue.address) as one, Session(one) as fetching, Session(one) as judging
    ):  # fmt: skip
        fetching.open("patches", "event=171&source=stac&catalogue=own")
        asked = len(catalogue.requests)
        fetching.press("-prefetch.start")
        judging.open("review", "event=171&source=demo")
        judging.change("-held.reviewer", string_value="Ada")
        judging.press(judging.named("-review.confirmed."))
        assert "Kept" in judging.words()
        assert len(catalogue.requests) > asked
        one.process.send_signal(signal.SIGKILL)
        one.process.wait(timeout=30)
    with sqlite3.connect(tmp_path / "home" / "review.sqlite") as held:
        assert held.execute("select reviewer, event from verdicts").fetchall() == [("Ada", "171")]
    kept = cache.zarr_store.Store(str(tmp_path / "home" / "cache"), 10**9)
    assert kept.verify().damaged == {}
