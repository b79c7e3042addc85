"""The cache: each patch once, never half of one, and never a lost one."""

import logging
import os
import threading
import time
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app import cache, config, sources
from app.bands import ALL_BANDS
from app.cache import entry as cache_entry
from app.cache import loading, place, zarr_store
from app.cache.zarr_store import Store
from app.errors import CacheError, Cancelled, InputError
from app.stored import zarr_files
from tests import counted_source
from tests.counted_source import patch_of, spec_of
from tests.servers.s3 import BUCKET, s3_server


@pytest.fixture(scope="module")
def s3():
    pytest.importorskip("moto", reason="needs moto[server]")
    with s3_server() as environment:
        yield environment


@pytest.fixture(params=["folder", "s3"])
def url(request, tmp_path, monkeypatch) -> str:
    """A cache of each kind, empty."""
    monkeypatch.setitem(sources.SOURCES, "counted", ("tests.counted_source", ""))
    monkeypatch.setattr(counted_source, "pause_s", 0.0)
    counted_source.opened.clear()
    url = str(tmp_path / "cache")
    if request.param == "s3":
        for name, value in request.getfixturevalue("s3").items():
            monkeypatch.setenv(name, value)
        url = f"s3://{BUCKET}/{tmp_path.name}"
    monkeypatch.setenv("SCARP_CACHE", url)
    _renew_settings()
    yield url
    monkeypatch.undo()
    _renew_settings()


def _renew_settings() -> None:
    config.settings.cache_clear()
    loading._store.cache_clear()


only_folder = pytest.mark.parametrize("url", ["folder"], indirect=True)


def _files(url: str) -> list[Path]:
    return sorted(path for path in Path(url).glob("data/*/**/*") if path.is_file())


def _chunk(url: str) -> Path:
    return next(path for path in _files(url) if path.parent.name == "B04" and path.name[0].isdigit())


def test_a_patch_is_fetched_once_and_comes_back_identical(url):
    spec = spec_of()
    assert not cache.cached(spec)
    first, second = cache.load(spec), cache.load(spec)
    assert cache.cached(spec)
    xr.testing.assert_identical(first, patch_of(spec))
    xr.testing.assert_identical(second, first)
    assert second["B04"].encoding["grid_mapping"] == "spatial_ref"
    assert counted_source.opened[spec.key] == 1


def test_an_entry_opens_in_plain_xarray(url):
    spec = spec_of()
    cache.load(spec)
    [listed] = cache.entries()
    place = f"s3://{listed.location}" if url.startswith("s3") else listed.location
    with xr.open_zarr(place, decode_coords="all") as opened:
        xr.testing.assert_identical(opened.load(), patch_of(spec))


def test_an_all_clear_mask_is_stored_and_not_left_to_the_reader_s_fill_value(url):
    cache.load(spec_of())
    [listed] = cache.entries()
    assert {"CLM/0.0.0", "CLM/1.0.0"} <= set(listed.entry.files)


def test_specs_that_differ_in_anything_have_entries_of_their_own(url):
    specs = [
        spec_of(),
        spec_of("2"),
        spec_of(t2=date(2021, 1, 2)),
        spec_of(bands=("B04",)),
        spec_of(resolution_deg=0.0002),
        spec_of(options=(("catalogue", "x"),)),
    ]
    for spec in specs:
        cache.load(spec)
    assert len(cache.entries()) == len(specs)
    for spec in specs:
        xr.testing.assert_identical(cache.load(spec), patch_of(spec))


def test_a_source_s_variant_is_part_of_the_key(url, monkeypatch):
    spec = spec_of()
    cache.load(spec)
    info = counted_source.CountedSource().describe()
    monkeypatch.setattr(counted_source.CountedSource, "describe", lambda self: replace(info, variant="elsewhere"))
    assert not cache.cached(spec)


def test_a_source_as_quick_as_a_cache_is_not_cached(url, monkeypatch):
    info = counted_source.CountedSource().describe()
    monkeypatch.setattr(counted_source.CountedSource, "describe", lambda self: replace(info, cacheable=False))
    cache.load(spec_of())
    assert cache.entries() == ()
    assert not cache.cached(spec_of())


def test_two_writers_of_one_entry_both_succeed_and_leave_one(url):
    spec, patch = spec_of(), patch_of(spec_of())
    stores = [Store(url, 1e9) for _ in range(4)]
    threads = [threading.Thread(target=each.publish, args=(spec.key, spec, patch)) for each in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in stores:
        xr.testing.assert_identical(each.read(spec.key), patch)
    assert len(cache.entries()) == 1
    assert cache.verify().damaged == {}


def test_threads_that_ask_for_one_patch_fetch_it_once(url, monkeypatch):
    monkeypatch.setattr(counted_source, "pause_s", 0.2)
    spec, patches = spec_of(), []
    threads = [threading.Thread(target=lambda: patches.append(cache.load(spec))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted_source.opened[spec.key] == 1
    assert len(patches) == 6


@only_folder
def test_who_waits_for_another_s_fetch_can_cancel(url, monkeypatch):
    spec = spec_of()

    def stop(share: float, doing: str) -> None:
        raise Cancelled("Stopped.")

    with loading._only_fetch(spec.key, lambda share, doing: None), pytest.raises(Cancelled):
        cache.load(spec, stop)
    cache.load(spec)


@pytest.mark.parametrize("harm", ["altered", "cut", "gone", "manifest cut", "manifest altered"])
@only_folder
def test_a_damaged_entry_is_noticed_set_aside_and_fetched_again(url, harm, caplog):
    spec = spec_of()
    cache.load(spec)
    chunk, manifest = _chunk(url), next(Path(url).glob("entries/*.json"))
    if harm == "altered":
        content = bytearray(chunk.read_bytes())
        content[len(content) // 2] ^= 1
        chunk.write_bytes(content)
    elif harm == "cut":
        chunk.write_bytes(chunk.read_bytes()[:-1])
    elif harm == "gone":
        chunk.unlink()
    elif harm == "manifest cut":
        manifest.write_bytes(manifest.read_bytes()[:-20])
    else:
        manifest.write_text(manifest.read_text().replace("counted", "Counted"))
    with caplog.at_level(logging.WARNING):
        xr.testing.assert_identical(cache.load(spec), patch_of(spec))
    assert counted_source.opened[spec.key] == 2
    assert "damaged" in caplog.text
    assert len(list(Path(url).glob("damaged/*.json"))) == 1
    assert cache.load(spec) is not None
    assert counted_source.opened[spec.key] == 2


def test_a_damaged_object_is_noticed_by_verify(url):
    import fsspec

    for event in "12":
        cache.load(spec_of(event))
    fs, root = fsspec.url_to_fs(url, use_listings_cache=False)
    harmed = next(path for path in sorted(fs.find(f"{root}/data")) if path.endswith("/B04/0.0.0"))
    fs.pipe_file(harmed, fs.cat_file(harmed)[:-4] + b"oops")
    found = cache.verify()
    assert len(found.whole) == 1
    assert list(found.damaged.values()) == ["B04/0.0.0 was altered"]
    assert len(cache.entries()) == 1


@only_folder
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.floats(0, 1, exclude_max=True), where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_changed_bit_goes_unnoticed(url, which, where, bit):
    """Whatever single bit of what is read changes, the reader finds nothing rather than something else."""
    spec = spec_of()
    store = Store(url, 1e9)
    store.publish(spec.key, spec, patch_of(spec))
    [listed] = store.entries()
    needed = [Path(listed.location) / name for name in zarr_files.needed(listed.entry.files)]
    files = [Path(url) / "entries" / f"{spec.key}.json", *needed]
    file = files[int(which * len(files))]
    content = bytearray(file.read_bytes())
    content[int(where * len(content))] ^= 1 << bit
    file.write_bytes(content)
    assert store.read(spec.key) is None
    store.remove_damaged()


@only_folder
def test_files_without_a_manifest_are_not_an_entry(url):
    spec = spec_of()
    cache.load(spec)
    next(Path(url).glob("entries/*.json")).unlink()
    assert not cache.cached(spec)
    assert cache.entries() == ()
    xr.testing.assert_identical(cache.load(spec), patch_of(spec))


@only_folder
def test_leftovers_of_dead_writers_go_once_nobody_can_be_writing_them(url):
    cache.load(spec_of())
    names = ["data/x-20200101T000000-0123abcd.zarr", f"data/x-{place.unique()}.zarr"]
    for name in names:
        (Path(url) / name / "B04").mkdir(parents=True)
        (Path(url) / name / "B04" / "0.0.0").write_bytes(b"half")
    assert cache.verify().leftovers == 1
    assert [(Path(url) / name).exists() for name in names] == [False, True]


@only_folder
def test_half_a_manifest_goes_by_the_name_of_this_version_and_of_earlier_ones(url):
    cache.load(spec_of())
    entries = Path(url) / "entries"
    (entries / ".x-20200101T000000-0123abcd.zarr.part").write_bytes(b"half")
    (entries / f".x-{place.unique()}.zarr.part").write_bytes(b"half")
    for age, name in ((0, "young"), (zarr_store.LEFTOVER_S + 60, "old")):
        draft = entries / f".part-{name}-x.json"
        draft.write_bytes(b"half")
        os.utime(draft, (time.time() - age,) * 2)
    cache.verify()
    left = sorted(path.name for path in entries.glob(".*"))
    assert len(left) == 2 and left[0] == ".part-young-x.json" and left[1].startswith(".x-2")
    assert not left[1].startswith(".x-2020")


@only_folder
def test_a_file_beside_the_manifests_that_no_entry_can_be_called_is_passed_over(url):
    cache.load(spec_of())
    (Path(url) / "entries" / "a\\data.json").write_text("{}")
    assert len(cache.entries()) == 1 and cache.verify().damaged == {}


@only_folder
def test_entries_of_another_version_of_scarp_are_left_alone(url, monkeypatch):
    cache.load(spec_of())
    monkeypatch.setattr(zarr_store, "LEFTOVER_S", -1)
    monkeypatch.setattr(cache_entry, "VERSION", 2)
    [folder] = Path(url).glob("data/*")
    assert Store(url, 1e9).verify().leftovers == 0
    assert folder.exists()
    assert Store(url, 1e9).read(spec_of().key) is None


def _limit(url: str, patches: float) -> Store:
    """A store for about that many patches of ``spec_of``."""
    store = Store(url, 1e9)
    store.publish("probe", spec_of("probe"), patch_of(spec_of("probe")))
    [listed] = store.entries()
    assert store.remove(listed)
    return Store(url, patches * listed.entry.nbytes)


def _publish(store: Store, *events: str) -> None:
    for event in events:
        spec = spec_of(event)
        store.publish(event, spec, patch_of(spec))


def _age(url: str, *events: str) -> None:
    """Say that the events were last used long ago, the first named the longest."""
    for hours, event in enumerate(reversed(events), start=1):
        os.utime(Path(url) / "used" / event, (1e9 - 3600 * hours,) * 2)


@only_folder
def test_the_least_recently_used_leaves_when_the_cache_is_full(url):
    store = _limit(url, 3.5)
    _publish(store, "a", "b", "c")
    _age(url, "a", "b", "c")
    assert store.read("a") is not None  # which makes b the oldest
    _publish(store, "d")
    assert {each.entry.key for each in store.entries()} == {"a", "c", "d"}
    assert not list(Path(url).glob("data/b-*"))


@only_folder
def test_what_is_being_read_is_never_evicted(url):
    store, reader = _limit(url, 2.5), Store(url, 1e9)
    _publish(store, "a", "b")
    _age(url, "a", "b")
    with reader._holding("a"):
        _publish(store, "c")
        assert {each.entry.key for each in store.entries()} == {"a", "c"}
        assert reader.read("a") is not None


@only_folder
def test_a_reader_that_died_holds_nothing_for_ever(url):
    store = _limit(url, 2.5)
    _publish(store, "a", "b")
    _age(url, "a", "b")
    (Path(url) / "held").mkdir(exist_ok=True)
    (Path(url) / "held" / "a.20200101T000000-0123abcd").touch()
    _publish(store, "c")
    assert {each.entry.key for each in store.entries()} == {"b", "c"}


def test_a_full_store_keeps_to_its_limit_everywhere(url):
    store = _limit(url, 2.5)
    _publish(store, "a", "b", "c", "d")
    listed = store.entries()
    assert len(listed) == 2
    assert sum(each.entry.nbytes for each in listed) <= store.limit_bytes


def test_a_patch_larger_than_the_cache_is_returned_all_the_same(url, monkeypatch, caplog):
    monkeypatch.setenv("SCARP_CACHE_GB", "0.000001")
    _renew_settings()
    spec = spec_of()
    with caplog.at_level(logging.WARNING):
        xr.testing.assert_identical(cache.load(spec), patch_of(spec))
    assert "SCARP_CACHE_GB" in caplog.text
    assert cache.entries() == ()


@only_folder
def test_a_cache_that_cannot_be_written_loses_no_patch(url, monkeypatch, caplog, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("SCARP_CACHE", str(blocked / "cache"))
    _renew_settings()
    with caplog.at_level(logging.WARNING):
        xr.testing.assert_identical(cache.load(spec_of()), patch_of(spec_of()))
    assert "SCARP_CACHE" in caplog.text


@only_folder  # the bucket is no other for the cache that a test has
def test_an_unreachable_bucket_loses_no_patch_and_says_so(url, monkeypatch, caplog):
    monkeypatch.setenv("SCARP_CACHE", "s3://a.b/c")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    _renew_settings()
    with caplog.at_level(logging.WARNING, logger="app"):
        xr.testing.assert_identical(cache.load(spec_of()), patch_of(spec_of()))
    said = [record.getMessage() for record in caplog.records if record.name.startswith("app")]
    assert any("SCARP_CACHE" in text for text in said)
    assert not any("very-secret" in text for text in said)
    with pytest.raises(CacheError, match="SCARP_CACHE"):
        cache.entries()
    s3fs.S3FileSystem.clear_instance_cache()


@only_folder
def test_a_source_that_is_not_installed_still_opens_what_was_fetched(url, monkeypatch):
    spec = spec_of()
    cache.load(spec)
    monkeypatch.setitem(sources.SOURCES, "counted", ("tests.no_such_module", "pip install nothing"))
    xr.testing.assert_identical(cache.load(spec), patch_of(spec))


def test_clearing_takes_all_or_a_source_s_or_an_event_s(url):
    for event in "123":
        cache.load(spec_of(event))
    assert cache.clear(event_id="2")[0] == 1
    assert cache.clear(source="demo")[0] == 0
    assert {each.entry.event_id for each in cache.entries()} == {"1", "3"}
    assert cache.clear()[0] == 2
    assert cache.entries() == ()


@only_folder
def test_a_file_a_manifest_should_not_name_is_out_of_reach(url):
    spec, other = spec_of(), spec_of("2")
    cache.load(spec)
    manifest = next(Path(url).glob("entries/*.json"))
    (manifest.parent / f"{other.key}.json").write_bytes(manifest.read_bytes())
    xr.testing.assert_identical(cache.load(other), patch_of(other))


def _forge(url: str, **changes) -> None:
    """Write an entry's manifest anew, whole and with its checksum right, as anybody who can write the cache could."""
    import fsspec

    fs, root = fsspec.url_to_fs(url, use_listings_cache=False)
    [manifest] = [path for path in fs.find(f"{root}/entries") if path.endswith(".json")]
    entry = cache_entry.from_json(fs.cat_file(manifest))
    fs.pipe_file(manifest, cache_entry.to_json(replace(entry, **changes)))


DIGEST = "0" * 64
FORGED = [
    {"data": ".."}, {"data": "."}, {"data": ""}, {"data": "../.."}, {"data": "../precious"}, {"data": "/precious"},
    {"data": "other-20200101T000000-0123abcd.zarr"}, {"key": ".."}, {"key": "../.."}, {"files": {"../x": (1, DIGEST)}},
    {"files": {"/etc/passwd": (1, DIGEST)}}, {"files": {"B04/../../x": (1, DIGEST)}},
    {"files": {".zattrs": (-1, DIGEST)}}, {"files": {".zattrs": (1, "short")}},
    {"created": "yesterday"}, {"bands": (1, 2)}, {"height": "tall"},
]  # fmt: skip


@pytest.mark.parametrize("forged", FORGED, ids=str)
def test_a_forged_manifest_reaches_nothing_but_itself(url, tmp_path, forged):
    import fsspec

    fs, root = fsspec.url_to_fs(url, use_listings_cache=False)
    precious = [f"{root}/precious/thesis.txt", f"{root.rpartition('/')[0]}/precious/thesis.txt"]
    for path in precious:
        fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        fs.pipe_file(path, b"the only copy")
    spec = spec_of()
    cache.load(spec)
    _forge(url, **forged)
    assert cache.clear() == (0, 0)
    assert cache.entries() == ()
    xr.testing.assert_identical(cache.load(spec), patch_of(spec))
    cache.verify()
    assert cache.clear()[0] == 1
    assert all(fs.cat_file(path) == b"the only copy" for path in precious)


@pytest.mark.parametrize("what", ["folder", "file"])
@only_folder
def test_a_link_inside_the_cache_is_neither_read_nor_followed_when_deleting(url, tmp_path, what):
    spec, outside = spec_of(), tmp_path / "outside"
    cache.load(spec)
    [folder] = Path(url).glob("data/*")
    inside = folder if what == "folder" else folder / "B04" / "0.0.0"
    inside.rename(outside)
    inside.symlink_to(outside)
    assert Store(url, 1e9).read(spec.key) is None
    cache.clear()
    assert outside.exists()
    assert not inside.is_symlink()


@only_folder
def test_an_entry_over_the_limit_is_left_where_it_is_and_said(url, monkeypatch):
    cache.load(spec_of())
    monkeypatch.setenv("SCARP_PATCH_GB", "0.000001")
    config.settings.cache_clear()
    with pytest.raises(InputError, match="SCARP_PATCH_GB"):
        Store(url, 1e9).read(spec_of().key)
    assert len(cache.entries()) == 1


@only_folder
def test_a_patch_over_the_limit_is_refused_before_its_source_is_asked(url):
    wide = spec_of(bbox=(9.0, 45.0, 9.1, 45.1), resolution_deg=0.00001, bands=ALL_BANDS)
    with pytest.raises(InputError, match="SCARP_PATCH_GB"):
        cache.load(wide)
    assert counted_source.opened[wide.key] == 0


@only_folder
def test_a_cache_that_an_earlier_version_made_is_read(url):
    zipfile.ZipFile(Path(__file__).parent / "old_cache.zip").extractall(url)
    spec = spec_of()
    assert cache.cached(spec)
    old, new = cache.load(spec), patch_of(spec)
    xr.testing.assert_equal(old, new)
    assert old.attrs | {"title": ""} == new.attrs | {"title": ""}  # which says SIMULATED only since
    assert counted_source.opened[spec.key] == 0
    assert cache.verify().damaged == {}
    assert cache.clear()[0] == 1


def test_values_and_nodata_survive_to_the_bit(url):
    spec = spec_of()
    cache.load(spec)
    read = cache.load(spec)
    assert np.isnan(read["B04"].values[0, 0, 0])
    np.testing.assert_array_equal(read["B04"].values.view(np.uint32), patch_of(spec)["B04"].values.view(np.uint32))
