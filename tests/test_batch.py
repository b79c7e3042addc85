"""A batch: every event ends as done, skipped or failed; what is there is not done again; nothing is lost or twice."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pyarrow.dataset
import pytest

from app import __main__ as command_line
from app import config, sources
from app.batch import event, lease, pauses, plan, results, running
from app.batch.outputs import Outputs
from app.batch.running import Here
from app.errors import BatchError, SceneMissingError, SourceBusyError, SourceError
from app.inventory import read
from tests import counted_source
from tests.counted_source import patch_of
from tests.servers.s3 import BUCKET, s3_server

OPEN = counted_source.CountedSource.open
METHOD = "band-difference:B04:0.05"
HEAD = "id,event_date,latitude,longitude,pre2,post1\n"


def rows_of(count: int) -> str:
    return "".join(f"{n},2020-06-01,{40 + n / 100},9.0,2020-01-01,2021-01-01\n" for n in range(count))


@pytest.fixture(scope="module")
def s3():
    pytest.importorskip("moto", reason="needs moto[server]")
    with s3_server() as environment:
        yield environment


@pytest.fixture(autouse=True)
def counted(monkeypatch, tmp_path):
    """A source of small patches that counts its openings, as ``counted``."""
    monkeypatch.setitem(sources.SOURCES, "counted", ("tests.counted_source", ""))
    monkeypatch.setenv("SCARP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(counted_source, "pause_s", 0.0)
    counted_source.opened.clear()
    config.settings.cache_clear()
    yield
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture(params=["folder", "s3"])
def out(request, tmp_path, monkeypatch) -> str:
    """An output of each kind, empty."""
    if request.param == "folder":
        return str(tmp_path / "out")
    for name, value in request.getfixturevalue("s3").items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture
def inventory(tmp_path) -> Path:
    path = tmp_path / "five.csv"
    path.write_text(HEAD + rows_of(5))
    return path


def made(methods=(METHOD,), count: int = 5, **more):
    """The tasks and the plan of so many events."""
    asked = plan.planned("counted", methods, **more)
    events = read((HEAD + rows_of(count)).encode(), "many.csv").events
    return list(plan.tasks(events, asked)), asked


def outcomes(place: Outputs) -> dict[str, str]:
    """Event -> outcome in the data set; fails where an event stands twice."""
    found = [row for name in results.files(place) for row in results.read(place, name)]
    assert len({row.event for row in found}) == len(found)
    return {row.event: row.outcome for row in found}


def failing(self, spec, progress=None):
    """What opens in the source's place: event 1 has no scene, event 2 fails, event 3 has a fault nobody foresaw."""
    if spec.event_id == "1":
        raise SceneMissingError("No scene there; choose another date.")
    if spec.event_id == "2":
        raise SourceError("It is out of reach; try again.")
    if spec.event_id == "3":
        raise ValueError("a fault of ours")
    return patch_of(spec)


def test_every_event_ends_as_done_skipped_or_failed_and_one_that_fails_takes_no_other_along(monkeypatch, out):
    monkeypatch.setattr(counted_source.CountedSource, "open", failing)
    tasks, asked = made()
    told = running.run(tasks, asked, Outputs(out), Here())
    assert outcomes(Outputs(out)) == {"0": "done", "1": "skipped", "2": "failed", "3": "failed", "4": "done"}
    assert dict(told.counts) == {"done": 2, "skipped": 1, "failed": 2}
    said = {row.event: row.reason for name in results.files(Outputs(out)) for row in results.read(Outputs(out), name)}
    assert said["2"] == "It is out of reach; try again." and "ValueError" in said["3"]


def test_run_again_it_does_only_what_is_missing_or_failed(monkeypatch, out):
    monkeypatch.setattr(counted_source.CountedSource, "open", failing)
    tasks, asked = made()
    running.run(tasks, asked, Outputs(out), Here())
    monkeypatch.setattr(counted_source.CountedSource, "open", OPEN)
    counted_source.opened.clear()
    told = running.run(tasks, asked, Outputs(out), Here())
    assert told.had == 3 and len(counted_source.opened) == 2
    assert outcomes(Outputs(out)) == {"0": "done", "1": "skipped", "2": "done", "3": "done", "4": "done"}


def test_redo_does_all_of_it_again_and_each_event_stands_once(tmp_path):
    tasks, asked = made()
    place = Outputs(str(tmp_path / "out"))
    first = running.run(tasks, asked, place, Here())
    again = running.run(tasks, asked, place, Here(), redo=True)
    assert (first.had, again.had, again.counts["done"]) == (0, 0, 5)
    assert set(outcomes(place).values()) == {"done"}


def test_another_method_is_another_task(tmp_path):
    place = Outputs(str(tmp_path / "out"))
    running.run(*made(), place, Here())
    told = running.run(*made((METHOD, "index-drop:NDVI:0.2")), place, Here())
    assert told.had == 0
    (row,) = [row for name in results.files(place) for row in results.read(place, name) if row.event == "3"]
    assert [one.method for one in row.methods] == [METHOD, "index-drop:NDVI:0.2"]


def test_what_a_killed_batch_had_done_is_taken_up_from_the_events_own_folders(tmp_path):
    tasks, asked = made()
    place = Outputs(str(tmp_path / "out"))
    for task in tasks[:2]:
        event.run(task, asked, place)  # as before a kill: no table was written
    counted_source.opened.clear()
    told = running.run(tasks, asked, place, Here())
    assert told.had == 2 and len(counted_source.opened) == 3
    assert len(outcomes(place)) == 5


def test_a_stop_keeps_what_is_done_and_the_next_call_goes_on(tmp_path):
    tasks, asked = made()
    place = Outputs(str(tmp_path / "out"))

    def stops(share, doing):
        if share >= 0.6:
            raise KeyboardInterrupt

    told = running.run(tasks, asked, place, Here(), stops)
    assert told.stopped and told.over == 3
    assert len(outcomes(place)) == 3 and place.get(lease.RUNNING) is None
    assert running.run(tasks, asked, place, Here()).had == 3


@pytest.mark.parametrize("after", [False, True])
def test_a_stop_in_the_middle_of_a_flush_loses_no_row_and_writes_none_twice(monkeypatch, tmp_path, after):
    put, stopped = Outputs.put, []

    def interrupted(self, name, data):
        first = name.startswith("results/") and not stopped
        if first:
            stopped.append(name)
        if not first or after:
            put(self, name, data)
        if first:
            raise KeyboardInterrupt

    monkeypatch.setattr(Outputs, "put", interrupted)
    monkeypatch.setattr(running, "FLUSH_ROWS", 2)
    monkeypatch.setattr(running, "FLUSH_S", 999.0)  # by number alone, however slow the machine
    place = Outputs(str(tmp_path / "out"))
    told = running.run(*made(), place, Here())
    assert told.stopped and told.over == 2 and len(outcomes(place)) == 2


def test_the_files_of_an_event_say_what_they_are(tmp_path):
    tasks, asked = made(count=1, scores=True)
    place = Outputs(str(tmp_path / "out"))
    running.run(tasks, asked, place, Here())
    stem = "band-difference_B04_0_05"
    wanted = [f"mask_{stem}.tif", f"polygons_{stem}.geojson", f"score_{stem}.tif", "SIMULATED_thumbnail.jpg"]
    assert set(place.names("events/0")) == {*wanted, "provenance.json", "result.json"}
    told = json.loads(place.get("events/0/provenance.json"))
    assert told["simulated"] and told["spec"]["t1"] == "2020-01-01" and told["versions"] == [METHOD]
    assert json.loads(place.get("events/0/result.json"))["bytes"] > 1000


def test_the_results_are_one_data_set(tmp_path):
    place = Outputs(str(tmp_path / "out"))
    running.run(*made(count=3), place, Here())
    running.run(*made(count=5), place, Here())
    held = pyarrow.dataset.dataset(place.folder / "results").to_table()
    assert held.num_rows == 5 and len(results.files(place)) == 2
    assert held["methods"][0][0]["clear"].as_py() > 0


def test_an_event_without_dates_is_skipped_with_the_reason(tmp_path):
    asked = plan.planned("counted", [METHOD])
    events = read((HEAD + "7,2020-06-01,40,9,,\n").encode(), "one.csv").events
    place = Outputs(str(tmp_path / "out"))
    told = running.run(list(plan.tasks(events, asked)), asked, place, Here())
    (row,) = running.ended(place, {"7"})
    assert told.counts["skipped"] == 1 and "no date for T1 and T2. " in row.reason


# --- one output, several batches ------------------------------------------------------------


def test_a_second_batch_on_the_same_output_is_refused_while_the_first_lives(monkeypatch, out):
    monkeypatch.setattr(lease, "BEAT_S", 0.05)
    monkeypatch.setattr(lease, "WATCH_S", 5.0)
    place = Outputs(out)
    with lease.taken(place, dict), pytest.raises(BatchError, match="being written to by another batch"):
        running.run(*made(), place, Here())
    assert results.files(place) == []
    assert running.run(*made(), place, Here()).counts["done"] == 5


def test_the_place_of_a_batch_that_died_is_taken_over(monkeypatch, tmp_path):
    monkeypatch.setattr(lease, "WATCH_S", 0.2)
    monkeypatch.setattr(lease, "BEAT_S", 0.1)
    place = Outputs(str(tmp_path / "out"))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = {"name": "x", "host": "elsewhere", "pid": gone.pid, "beat": 3}
    place.put(lease.RUNNING, json.dumps(left).encode())
    assert running.run(*made(count=1), place, Here()).counts["done"] == 1


def test_a_batch_whose_place_was_taken_over_ends_and_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(lease, "BEAT_S", 0.02)
    monkeypatch.setattr(counted_source, "pause_s", 0.1)
    place = Outputs(str(tmp_path / "out"))

    def another(share, doing):
        place.put(lease.RUNNING, b'{"name": "another"}')

    with pytest.raises(BatchError, match="Another batch has taken"):
        running.run(*made(count=30), place, Here(), another)
    assert place.get(lease.RUNNING) == b'{"name": "another"}'


def test_a_batch_that_is_asked_to_stop_ends_after_the_event_under_way(monkeypatch, out):
    monkeypatch.setattr(lease, "BEAT_S", 0.02)
    monkeypatch.setattr(counted_source, "pause_s", 0.2)
    place = Outputs(out)
    told = running.run(*made(count=30), place, Here(), lambda share, doing: share and lease.ask_to_stop(place))
    assert told.stopped and 0 < told.over < 30
    assert place.get(lease.STOP) is None


# --- what goes wrong with the output --------------------------------------------------------


@pytest.mark.parametrize("where", ["out", "/proc/scarp-batch"])  # the latter is writable for nobody, root included
def test_an_output_that_cannot_be_written_is_said_before_anything_is_opened(tmp_path, where):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(BatchError, match="cannot be written"):
        running.run(*made(), Outputs(str(tmp_path / where)), Here())
    assert not counted_source.opened


def test_a_bucket_that_is_not_there_is_said_in_a_sentence(s3, monkeypatch):
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BatchError, match="cannot be written"):
        running.run(*made(), Outputs("s3://no-such-bucket/x"), Here())


def test_a_place_that_refuses_half_way_ends_the_batch_and_the_next_call_goes_on(monkeypatch, tmp_path):
    place, put, refused = Outputs(str(tmp_path / "out")), Outputs.put, []

    def refuses(self, name, data):
        if name.startswith("events/") and len(refused) < 9 and len(counted_source.opened) > 2:
            refused.append(name)
            raise BatchError("It cannot be written.")
        put(self, name, data)

    monkeypatch.setattr(Outputs, "put", refuses)
    with pytest.raises(BatchError, match="cannot be written"):
        running.run(*made(count=9), place, Here())
    monkeypatch.setattr(Outputs, "put", put)
    told = running.run(*made(count=9), place, Here())
    assert told.had == 2 and told.counts["done"] == 9
    assert len(outcomes(place)) == 9


def refuse_after(s3: dict[str, str], requests: bytes) -> None:
    """Have the S3 server refuse every request after so many (403), as where a key was withdrawn; ``inf`` for none."""
    asked = f"{s3['AWS_ENDPOINT_URL']}/moto-api/reset-auth"
    urllib.request.urlopen(urllib.request.Request(asked, requests, {"Content-Type": "text/plain"})).close()


def test_a_bucket_that_refuses_half_way_ends_the_batch_in_a_sentence_and_nothing_done_is_lost(
    s3, monkeypatch, tmp_path
):
    def withdrawn(self, spec, progress=None):
        if spec.event_id == "1":
            refuse_after(s3, b"0")
        return OPEN(self, spec, progress) if progress else OPEN(self, spec)

    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    place = Outputs(f"s3://{BUCKET}/{tmp_path.name}")
    monkeypatch.setattr(counted_source.CountedSource, "open", withdrawn)
    try:
        with pytest.raises(BatchError, match=r"cannot be \w+ .*name another --out"):
            running.run(*made(count=3), place, Here())
    finally:
        refuse_after(s3, b"inf")
    monkeypatch.setattr(counted_source.CountedSource, "open", OPEN)
    told = running.run(*made(count=3), place, Here())
    assert told.had == 1 and outcomes(place) == dict.fromkeys("012", "done")


def test_a_damaged_table_is_named_with_what_to_do(tmp_path):
    place = Outputs(str(tmp_path / "out"))
    running.run(*made(count=2), place, Here())
    (name,) = results.files(place)
    place.put(f"results/{name}", b"PAR1 and no more")
    with pytest.raises(BatchError, match="Delete it"):
        running.run(*made(count=2), place, Here())
    place.remove(f"results/{name}")
    assert running.run(*made(count=2), place, Here()).had == 2


def test_an_event_that_stands_twice_is_put_right(tmp_path):
    place = Outputs(str(tmp_path / "out"))
    running.run(*made(count=2), place, Here())
    (name,) = results.files(place)
    results.flush(place, results.read(place, name))
    running.run(*made(count=2), place, Here())
    assert len(outcomes(place)) == 2


@pytest.mark.parametrize("place", ["http://example.org/x", "zip://x"])
def test_a_place_of_another_kind_is_refused(place):
    with pytest.raises(BatchError, match="no place a batch can write to"):
        Outputs(place)


def test_a_name_with_a_path_in_it_stays_in_its_folder(tmp_path):
    asked = plan.planned("counted", [METHOD])
    events = read((HEAD + "../../x,2020-06-01,40,9,2020-01-01,2021-01-01\n").encode(), "one.csv").events
    place = Outputs(str(tmp_path / "out"))
    running.run(list(plan.tasks(events, asked)), asked, place, Here())
    (folder,) = place.names("events")
    assert "/" not in folder and ".." not in folder and not (tmp_path / "x").exists()


# --- a service that asks for fewer requests -------------------------------------------------


def busy(times: int, after_s: float):
    """What opens in the source's place: it is busy so many times, then all is well. ``asked`` are the moments."""
    asked: list[float] = []

    def opens(self, spec, progress=None):
        asked.append(time.time())
        if len(asked) <= times:
            raise SourceBusyError("It asks for fewer requests.", after_s)
        return patch_of(spec)

    return opens, asked


def test_a_service_that_asks_for_fewer_requests_is_left_alone_and_asked_again(monkeypatch, tmp_path):
    opens, asked = busy(2, 0.2)
    monkeypatch.setattr(counted_source.CountedSource, "open", opens)
    told = running.run(*made(count=1), Outputs(str(tmp_path / "out")), Here())
    assert told.counts["done"] == 1 and len(asked) == 3
    assert asked[1] - asked[0] >= 0.2 and asked[2] - asked[1] >= 0.4  # each refusal doubles what it named


def test_what_one_worker_was_told_is_heeded_by_all(monkeypatch, out):
    opens, asked = busy(0, 0.0)
    monkeypatch.setattr(counted_source.CountedSource, "open", opens)
    place = Outputs(out)
    pauses.tell(place, "counted", 0.5)
    until = json.loads(place.get("waits/counted.json"))["until"]
    running.run(*made(count=1), place, Here())
    assert asked[0] >= until


@pytest.mark.parametrize("said", [b'{"until": 9e12}', b'{"until": "x"}', b"[]", b"{", b'{"until": 1}'])
def test_a_wait_that_cannot_be_meant_is_no_wait(said, tmp_path):
    place = Outputs(str(tmp_path / "out"))
    place.put("waits/counted.json", said)
    assert running.run(*made(count=1), place, Here()).counts["done"] == 1


def test_a_service_that_stays_busy_fails_the_event_with_its_own_words(monkeypatch, tmp_path):
    opens, asked = busy(99, 0.01)
    monkeypatch.setattr(counted_source.CountedSource, "open", opens)
    place = Outputs(str(tmp_path / "out"))
    assert running.run(*made(count=1), place, Here()).counts["failed"] == 1
    (row,) = running.ended(place, {"0"})
    assert row.reason == "It asks for fewer requests." and len(asked) == pauses.TRIES


# --- networks -------------------------------------------------------------------------------


def test_a_network_that_is_another_file_than_at_the_beginning_is_not_run(tmp_path, monkeypatch):
    tasks, asked = made(count=1)
    place = Outputs(str(tmp_path / "out"))
    changed = plan.Plan("counted", asked.methods, (f"{METHOD} 0123",))
    row = event.run(tasks[0], changed, place)
    assert row.outcome == "failed" and "another file" in row.reason


# --- the command ----------------------------------------------------------------------------


def command(*args: str, capsys) -> tuple[int, str, str]:
    code = command_line.main(["batch", *args])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command_prints_the_document_and_says_by_its_code_how_it_went(monkeypatch, tmp_path, inventory, capsys):
    monkeypatch.setattr(counted_source.CountedSource, "open", failing)
    args = ("--inventory", str(inventory), "--source", "counted", "--method", METHOD, "--out", str(tmp_path / "out"))
    code, out, _ = command(*args, "--json", capsys=capsys)
    told = json.loads(out)
    assert code == 1
    assert {name: told[name] for name in ("events", "done", "skipped", "failed")} == {
        "events": 5, "done": 2, "skipped": 1, "failed": 2,
    }  # fmt: skip
    assert [one["event"] for one in told["results"]] == [0, 1, 2, 3, 4]
    assert told["results"][0]["methods"][METHOD]["clear"] > 0
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["failed"] == 2
    monkeypatch.setattr(counted_source.CountedSource, "open", lambda self, spec, progress=None: patch_of(spec))
    code, out, _ = command(*args, capsys=capsys)
    assert code == 0
    assert "SIMULATED" in out and "4 done, 1 skipped, 0 failed (3 of them before)" in out


def test_where_no_event_was_done_the_last_line_says_so_with_the_commonest_reason(tmp_path, capsys):
    path = tmp_path / "undated.csv"
    path.write_text(HEAD + "a,2020-06-01,40,9,,\nb,2020-06-01,41,9,,\nc,2020-06-01,42,9,2021-01-01,2020-01-01\n")
    args = ("--inventory", str(path), "--source", "counted", "--method", METHOD, "--out", str(tmp_path / "out"))
    code, out, _ = command(*args, capsys=capsys)
    last = out.splitlines()[-1]
    assert code == 0 and "3 skipped" in out
    assert last.startswith("Nothing was detected: no event could be done. Of 2 of 3: The inventory has no date for T1")
    code, out, told = command(*args, "--json", capsys=capsys)
    assert json.loads(out)["done"] == 0 and told.splitlines()[-1] == last


@pytest.fixture
def heard_as_in_a_terminal():
    """Have signals do what they do in a terminal, whose handler is returned: what runs behind one ignores SIGINT."""
    before = {}

    def heard(number: int):
        before[number] = signal.getsignal(number)
        usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, usual)
        return usual

    yield heard
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows ends a process without asking it")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_batch_that_is_told_to_end_keeps_what_is_done_says_so_and_goes_on(
    monkeypatch, tmp_path, inventory, capsys, heard_as_in_a_terminal, name
):
    number, usual = getattr(signal, name), OPEN
    was = heard_as_in_a_terminal(number)

    def ended(self, spec, progress=None):
        if spec.event_id == "2":
            os.kill(os.getpid(), number)
        return usual(self, spec)

    args = ("--inventory", str(inventory), "--source", "counted", "--method", METHOD, "--out", str(tmp_path / "out"))
    with monkeypatch.context() as patched:
        patched.setattr(counted_source.CountedSource, "open", ended)
        code, out, told = command(*args, capsys=capsys)
    assert code == 1 and out.endswith("Stopped with 3 events left; call it again to go on.\n") and "Warning" not in told
    assert signal.getsignal(number) is was
    code, out, _ = command(*args, capsys=capsys)
    assert code == 0 and "5 done, 0 skipped, 0 failed (2 of them before)" in out


@pytest.mark.skipif(not hasattr(signal, "SIGTERM"), reason="there is no such signal")
@pytest.mark.parametrize("inside", ["distributed.gc", "distributed.deploy.local"])
def test_an_end_asked_for_in_what_dask_must_not_be_interrupted_in_comes_after_it(
    monkeypatch, tmp_path, inventory, capsys, heard_as_in_a_terminal, inside
):
    heard_as_in_a_terminal(signal.SIGTERM)
    said = {"__name__": inside, "os": os, "signal": signal}
    exec("def collect():\n    os.kill(os.getpid(), signal.SIGTERM)\n", said)

    def ended(self, spec, progress=None):
        if spec.event_id == "2":
            said["collect"]()  # raises nothing there: it would be lost, or leave processes half begun
        return patch_of(spec)

    monkeypatch.setattr(counted_source.CountedSource, "open", ended)
    args = ("--inventory", str(inventory), "--source", "counted", "--method", METHOD, "--out", str(tmp_path / "out"))
    code, out, _ = command(*args, capsys=capsys)
    assert code == 1 and out.endswith("Stopped with 2 events left; call it again to go on.\n")


def test_outlines_are_the_truth_where_they_are_named(tmp_path, capsys):
    ring = [[9.0, 40.0], [9.004, 40.0], [9.004, 40.004], [9.0, 40.004], [9.0, 40.0]]
    about = {"id": "a", "event_date": "2020-06-01", "pre2": "2020-01-01", "post1": "2021-01-01"}
    feature = {"type": "Feature", "properties": about, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    path = tmp_path / "mapped.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    args = ("--inventory", str(path), "--source", "counted", "--method", METHOD, "--truth", str(path))
    code, out, _ = command(*args, "--out", str(tmp_path / "out"), "--json", capsys=capsys)
    (found,) = json.loads(out)["results"]
    assert code == 0 and found["methods"][METHOD]["tp"] > 0
    assert json.loads(out)["scores"][METHOD]["n"] == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--source", "nowhere", "--method", METHOD), "no source called"),
        (("--source", "counted", "--method", "magic"), "magic"),
        (("--source", "files", "--method", METHOD), "brought one by one"),
        (("--source", "counted", "--method", METHOD, "--workers", "0"), "--workers is 0"),
        (("--source", "counted", "--method", METHOD, "--min-slope", "99"), "smallest slope"),
        (("--source", "counted", "--method", METHOD, "--event", "nobody"), "no event 'nobody'"),
        (("--source", "counted", "--method", METHOD, "--truth", "nothing.csv"), "nothing.csv"),
        (("--source", "counted", "--method", METHOD, "--option", "catalogue=cdse"), "takes no option 'catalogue'"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_writes_nothing(args, said, tmp_path, inventory, capsys):
    code, _, told = command("--inventory", str(inventory), "--out", str(tmp_path / "out"), *args, capsys=capsys)
    assert code == 2 and said in told and told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_real_sample_is_done_and_other_places_are_skipped(tmp_path, capsys):
    path = tmp_path / "two.csv"
    path.write_text(HEAD + "a,2018-06-01,45.20478,22.15221,2017-07-11,2019-07-06\n" + rows_of(1))
    args = ("--inventory", str(path), "--source", "sample", "--method", METHOD, "--out", str(tmp_path / "out"))
    code, out, _ = command(*args, "--json", capsys=capsys)
    told = json.loads(out)
    assert code == 0 and (told["done"], told["skipped"]) == (1, 1)
    assert not told["simulated"] and "outside this box" in json.dumps(told["reasons"])
