"""Downloads: resumed, checked, never half there, and plain words without a network."""

import json
import random

import pytest

from app import __main__ as command_line
from app import cache, config, sources
from app.errors import Cancelled, InputError, InventoryError, SourceError
from app.sources import download as fetch
from app.sources.download import Remote, download
from tests import counted_source
from tests.counted_source import spec_of
from tests.servers.files import FileServer, file_server

CONTENT = random.Random(1).randbytes(3_000_000)
CSV = b"id,event_date,latitude,longitude,pre2,post1\n0,2022-11-26,40.73708,13.90127,2022-04-12,2023-03-28\n"


@pytest.fixture
def server(monkeypatch):
    with file_server() as running:
        running.files["LANDSLIDE_DATASET.zip"] = CONTENT
        monkeypatch.setattr(fetch, "ZENODO", f"{running.address}/records")
        monkeypatch.setattr(fetch, "INVENTORY_URL", f"{running.address}/inventory.csv")
        monkeypatch.setattr(fetch, "PAUSE_S", 0.01)
        yield running


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SCARP_HOME", str(tmp_path / "home"))
    for name in ("SCARP_CACHE", "SCARP_PUBLISHED"):
        monkeypatch.delenv(name, raising=False)
    config.settings.cache_clear()
    yield tmp_path / "home"
    monkeypatch.undo()
    config.settings.cache_clear()


def remote(server: FileServer, **changes) -> Remote:
    fields = {"name": "data.zip", "url": f"{server.address}/LANDSLIDE_DATASET.zip", "size": len(CONTENT)}
    return Remote(**{**fields, **changes})


def test_a_file_comes_whole_with_its_size_and_checksum_compared(server, tmp_path):
    [found] = fetch.glad4cd(1, tmp_path)
    assert found.path.read_bytes() == CONTENT
    assert found.note == "size and checksum as published"
    assert not list(tmp_path.glob("*.part"))


def test_a_whole_file_is_not_downloaded_again(server, tmp_path):
    fetch.glad4cd(1, tmp_path)
    [found] = fetch.glad4cd(1, tmp_path)
    assert found.had
    assert len(server.asked) == 1


def test_a_broken_connection_is_resumed_where_it_broke(server, tmp_path):
    server.break_after = [1_000_000, 500_000]
    [found] = fetch.glad4cd(1, tmp_path)
    assert found.path.read_bytes() == CONTENT
    starts = [span for _, span in server.asked]
    assert starts[0] is None
    assert [int(span[6:-1]) > 0 for span in starts[1:]] == [True, True]


def test_a_stopped_download_goes_on_later(server, tmp_path):
    def stop(share: float, doing: str) -> None:
        if share > 0.3:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        fetch.glad4cd(1, tmp_path, stop)
    kept = (tmp_path / "LANDSLIDE_DATASET.zip.part").stat().st_size
    assert 0 < kept < len(CONTENT)
    [found] = fetch.glad4cd(1, tmp_path)
    assert found.path.read_bytes() == CONTENT
    assert server.asked[-1][1] == f"bytes={kept}-"


def test_a_server_without_ranges_begins_anew(server, tmp_path):
    server.ranges = False
    server.break_after = [1_000_000]
    [found] = fetch.glad4cd(1, tmp_path)
    assert found.path.read_bytes() == CONTENT


def test_a_damaged_file_never_appears(server, tmp_path):
    server.md5["LANDSLIDE_DATASET.zip"] = "0" * 32
    with pytest.raises(SourceError, match=r"another checksum.*doi.org/10.5281/zenodo.10800338"):
        fetch.glad4cd(1, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_part_longer_than_the_file_is_not_trusted(server, tmp_path):
    target = tmp_path / "data.zip"
    (tmp_path / "data.zip.part").write_bytes(b"x" * (len(CONTENT) + 1))
    assert download(remote(server), target).path.read_bytes() == CONTENT


def test_a_server_that_recovers_is_asked_again(server, tmp_path):
    server.faults = [503, 429]
    assert download(remote(server), tmp_path / "data.zip").path.read_bytes() == CONTENT


def test_a_server_that_stays_broken_is_given_up_and_what_came_is_kept(server, tmp_path):
    server.break_after = [1_000_000]
    target = tmp_path / "data.zip"

    def then_fail(share: float, doing: str) -> None:
        if doing.endswith("trying again"):
            server.faults = [500] * 20

    with pytest.raises(SourceError, match=r"HTTP 500.*\d (kB|MB) are kept.*Advice"):
        download(remote(server), target, then_fail, "Advice.")
    assert not target.exists()


def test_a_missing_file_is_said_at_once(server, tmp_path):
    with pytest.raises(SourceError, match="HTTP 404"):
        download(remote(server, url=f"{server.address}/nothing"), tmp_path / "x")
    assert len(server.asked) == 1


def test_offline_it_is_said_where_to_get_the_file_and_where_to_put_it(monkeypatch, tmp_path):
    monkeypatch.setattr(fetch, "ZENODO", "http://127.0.0.1:9/records")
    monkeypatch.setattr(fetch, "INVENTORY_URL", "http://127.0.0.1:9/inventory.csv")
    monkeypatch.setattr(fetch, "PAUSE_S", 0.001)
    with pytest.raises(SourceError, match=r"cannot be reached.*zenodo.14226448.*SCARP_PUBLISHED"):
        fetch.glad4cd(2, tmp_path / "p")
    with pytest.raises(SourceError, match=r"cannot be reached.*--inventory"):
        fetch.inventory(tmp_path / "inventory.csv")


def test_there_are_two_versions(tmp_path):
    with pytest.raises(InputError, match="choose from 1, 2"):
        fetch.glad4cd(3, tmp_path)


def test_a_full_disk_is_said_before_anything_comes(server, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(InputError, match="still to come"):
        fetch.glad4cd(1, tmp_path)
    assert server.asked == []


def test_the_inventory_is_read_before_it_takes_its_place(server, tmp_path):
    server.files["inventory.csv"] = CSV
    found = fetch.inventory(tmp_path / "inventory.csv")
    assert found.note.startswith("1 events, another version")
    server.files["inventory.csv"] = b"<html>not found</html>"
    with pytest.raises(InventoryError):
        fetch.inventory(tmp_path / "inventory.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["inventory.csv"]
    assert found.path.read_bytes() == CSV


def test_the_published_inventory_is_known_by_its_checksum(server, shared, tmp_path):
    server.files["inventory.csv"] = (shared / "data" / "inventory.csv").read_bytes()
    assert fetch.inventory(tmp_path / "i.csv").note == "174 events, the version Scarp was tested with"


def test_the_command_says_what_came_and_where(server, home, capsys):
    server.files["inventory.csv"] = CSV
    assert command_line.main(["fetch", "inventory", "--json"]) == 0
    [file] = json.loads(capsys.readouterr().out)["files"]
    assert file["path"] == str(home / "inventory.csv")
    assert command_line.main(["fetch", "glad4cd"]) == 0
    assert (home / "published" / "LANDSLIDE_DATASET.zip").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["inventory", "--event", "3"], "--event goes with `fetch patches`"),
        (["glad4cd", "--source", "demo"], "--source goes with `fetch patches`"),
        (["inventory", "--version", "2"], "--version goes with `fetch glad4cd`"),
        (["patches", "--version", "2"], "--version goes with `fetch glad4cd`"),
        (["patches", "--out", "here"], "--out goes with inventory and glad4cd"),
    ],
)
def test_what_would_be_passed_over_is_refused_before_anything_is_asked_for(server, capsys, words, said):
    assert command_line.main(["fetch", *words]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1


def test_the_command_offline_ends_with_two_and_one_line(monkeypatch, home, capsys):
    monkeypatch.setattr(fetch, "ZENODO", "http://127.0.0.1:9/records")
    assert command_line.main(["fetch", "glad4cd"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.fixture
def counted(home, monkeypatch):
    monkeypatch.setitem(sources.SOURCES, "counted", ("tests.counted_source", ""))
    monkeypatch.setattr(counted_source, "pause_s", 0.0)
    counted_source.opened.clear()


ASK = ["--source", "counted", "--bands", "B04", "--buffer", "0.001", "--json"]


def test_patches_of_all_events_are_fetched_once(counted, capsys):
    assert command_line.main(["fetch", "patches", *ASK]) == 0
    first = json.loads(capsys.readouterr().out)
    assert (first["fetched"], first["had"], first["failed"]) == (10, 0, 0)
    assert command_line.main(["fetch", "patches", *ASK, "--event", "2", "--event", "3"]) == 0
    assert json.loads(capsys.readouterr().out)["had"] == 2


def test_events_without_dates_are_told_and_the_rest_is_fetched(counted, capsys, tmp_path):
    listing = tmp_path / "list.csv"
    listing.write_bytes(CSV + b"1,2022-01-01,10.0,20.0,,\n")
    assert command_line.main(["fetch", "patches", *ASK, "--inventory", str(listing)]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["fetched"], said["failed"]) == (1, 1)
    assert said["patches"][-1]["event"] == "1"


def test_a_source_that_is_not_cached_has_nothing_to_fetch(counted, capsys):
    assert command_line.main(["fetch", "patches", "--source", "published"]) == 2
    assert "nothing to fetch" in capsys.readouterr().err


def test_the_cache_command_lists_verifies_and_clears(counted, capsys, home):
    for event in "12":
        cache.load(spec_of(event))
    assert command_line.main(["cache", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {row["event"] for row in listed["entries"]} == {"1", "2"}
    assert listed["bytes"] == sum(row["bytes"] for row in listed["entries"])
    assert command_line.main(["cache", "list"]) == 0
    assert "SIMULATED" in capsys.readouterr().out
    assert command_line.main(["cache", "verify"]) == 0
    chunk = next(home.glob("cache/data/*/B04/0.0.0"))
    chunk.write_bytes(b"")
    assert command_line.main(["cache", "verify", "--json"]) == 1
    [reason] = json.loads(capsys.readouterr().out.splitlines()[-1])["damaged"].values()
    assert reason.startswith("B04/0.0.0 has 0 of")
    assert command_line.main(["cache", "clear", "--source", "stak"]) == 2  # it would clear nothing, and seem to have
    assert "no source called 'stak'" in capsys.readouterr().err
    assert command_line.main(["cache", "clear", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == 1
    assert command_line.main(["cache", "list", "--event", "1"]) == 2
