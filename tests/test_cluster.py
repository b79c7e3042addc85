"""A batch on real Dask clusters of processes on loopback: killed workers, a scheduler that is started again."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from app import config
from app.batch import cluster, plan, results, running
from app.batch.outputs import Outputs
from app.errors import BatchError
from app.inventory import read

METHOD = "band-difference:B04:0.05"
HEAD = "id,event_date,latitude,longitude,pre2,post1\n"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A source of small patches, as ``counted``, here and in every process that is begun from here."""
    monkeypatch.setenv("SCARP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COUNTED_LOG", str(tmp_path / "opened.log"))
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


def made(count: int, source: str = "demo", methods=(METHOD,)):
    """The tasks and the plan of so many events."""
    text = HEAD + "".join(f"{n},2020-06-01,{40 + n / 100},9.0,2020-01-01,2021-01-01\n" for n in range(count))
    asked = plan.planned(source, methods)
    return list(plan.tasks(read(text.encode(), "many.csv").events, asked)), asked


def of_all(place: Outputs) -> list:
    return [row for name in results.files(place) for row in results.read(place, name)]


@pytest.fixture(scope="module")
def two():
    """A cluster of two processes, for all tests that leave it whole."""
    asked = plan.planned("demo", [METHOD])
    with cluster.local(2, asked) as found:
        yield found


def test_two_processes_share_the_events_and_each_stands_once(two, tmp_path):
    place = Outputs(str(tmp_path / "out"))
    told = running.run(*made(8), place, two)
    rows = of_all(place)
    assert told.counts["done"] == 8 and sorted(row.event for row in rows) == [str(n) for n in range(8)]
    assert len({row.worker for row in rows}) == 2


def test_a_worker_killed_in_the_middle_loses_nothing_and_does_nothing_twice(two, tmp_path):
    place = Outputs(str(tmp_path / "out"))
    killed = []

    def kill(share, doing):
        if not killed and share > 0.2:
            killed.append(next(iter(of_all_workers(two))))
            os.kill(killed[0], signal.SIGKILL)

    told = running.run(*made(12), place, two, kill)
    rows = of_all(place)
    assert killed and told.counts["done"] == 12
    assert sorted(int(row.event) for row in rows) == list(range(12))


def test_a_worker_that_took_the_place_of_another_passes_over_ctrl_c_too(two):
    before, after, patience = of_all_workers(two), [], time.monotonic() + 60
    os.kill(before[0], signal.SIGKILL)
    while len(after) < 2 or before[0] in after:
        if time.monotonic() > patience:  # Dask does not always bring one back where the machine is busy
            two._again()
            patience = float("inf")
        time.sleep(0.2)
        with suppress(OSError):  # nobody has noticed yet that it is gone
            after = of_all_workers(two)
    for pid in after:
        os.kill(pid, signal.SIGINT)  # as a terminal does
    time.sleep(0.5)
    assert sorted(of_all_workers(two)) == sorted(after)


def test_workers_that_are_all_gone_are_started_anew(tmp_path):
    from distributed import Nanny

    place = Outputs(str(tmp_path / "out"))
    tasks, asked = made(8)
    with cluster.local(2, asked) as found:
        gone = []

        def lose(share, doing):
            if not gone and share > 0.2:
                gone.extend(of_all_workers(found))
                for nanny in [one for one in Nanny._instances if one.pid in gone]:
                    nanny.loop.add_callback(nanny.close)  # as where Dask fails to bring a process back

        told = running.run(tasks, asked, place, found, lose)
    assert gone and told.counts["done"] == 8


def of_all_workers(found: cluster.Cluster) -> list[int]:
    return list(found._client.run(os.getpid).values())


def kills(task, asked, place):
    """Do an event as a worker does, but for one that ends its process."""
    if task.event == "2":
        os._exit(9)
    return cluster.event.run(task, asked, place)


def test_an_event_that_ends_its_worker_three_times_is_recorded_and_left(two, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "_do", kills)
    place = Outputs(str(tmp_path / "out"))
    told = running.run(*made(5), place, two)
    assert dict(told.counts) == {"done": 4, "failed": 1}
    (left,) = [row for row in of_all(place) if row.outcome == "failed"]
    assert left.event == "2" and "ended 3 workers" in left.reason


def test_a_stop_leaves_the_rest_for_the_next_call(two, tmp_path):
    place = Outputs(str(tmp_path / "out"))

    def stops(share, doing):
        if share >= 0.25:
            raise KeyboardInterrupt

    told = running.run(*made(12), place, two, stops)
    assert told.stopped and told.over < 12
    again = running.run(*made(12), place, two)
    assert again.had >= told.over and again.counts["done"] == 12
    assert sorted(int(row.event) for row in of_all(place)) == list(range(12))


# --- a scheduler that is there --------------------------------------------------------------


class Outside:
    """A scheduler and workers of their own, as somebody else would start them."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.address, self._folder = port, f"tcp://127.0.0.1:{port}", folder
        self._processes: list[subprocess.Popen] = []

    def start(self, workers: int = 2) -> None:
        run = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
        self._begin(*run, "--port", str(self.port), "--no-dashboard", "--dashboard-address", "127.0.0.1:0")
        for _ in range(workers):
            run = [sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--nthreads", "1"]
            self._begin(*run, "--no-dashboard", "--no-nanny", "--death-timeout", "60", "--host", "127.0.0.1")

    def _begin(self, *command: str) -> None:
        quiet = subprocess.DEVNULL
        environment = {**os.environ, "PYTHONPATH": str(config.ROOT), "DASK_TEMPORARY_DIRECTORY": str(self._folder)}
        self._processes.append(subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet))

    def kill(self) -> None:
        for one in self._processes:
            one.kill()
            one.wait()
        self._processes.clear()


@pytest.fixture
def outside(tmp_path):
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = Outside(port, tmp_path)
    yield found
    found.kill()


def test_a_batch_goes_on_when_its_scheduler_was_started_again(outside, tmp_path, monkeypatch):
    for name in ("REACH_S", "JOIN_S", "BACK_S"):
        monkeypatch.setattr(cluster, name, 240.0)  # four processes begin at once
    outside.start()
    place, tasks_and_plan, restarted = Outputs(str(tmp_path / "out")), made(10), threading.Event()

    def restart():
        outside.kill()
        time.sleep(1)
        outside.start()

    def in_the_middle(share, doing):
        if share > 0.2 and not restarted.is_set():
            restarted.set()
            threading.Thread(target=restart).start()

    with cluster.at(outside.address, tasks_and_plan[1]) as found:
        told = running.run(*tasks_and_plan, place, found, in_the_middle)
    assert restarted.is_set() and told.counts["done"] == 10
    assert found._client.status == "closed"  # the one that was made anew
    assert sorted(int(row.event) for row in of_all(place)) == list(range(10))


@pytest.mark.parametrize("status", ["finished", "error"])
def test_a_scheduler_that_goes_while_a_row_is_fetched_is_waited_for_like_any_other(status):
    from distributed.comm.core import CommClosedError

    class Ended:
        def __init__(self):
            self.status = status

        def result(self):
            raise CommClosedError("gone")

        exception = result

    held = cluster.Cluster(client=None, plan=None, words="a cluster")
    with pytest.raises(cluster._LostError):
        held._row(Ended(), task=None, place=None)


def test_an_address_without_a_scheduler_is_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr(cluster, "REACH_S", 0.5)
    asked = plan.planned("demo", [METHOD])
    with pytest.raises(BatchError, match="No Dask scheduler answers at"), cluster.at("tcp://127.0.0.1:9", asked):
        pass


@pytest.mark.parametrize("lost", ["workers", "scheduler"])
def test_a_cluster_that_does_not_find_scarp_is_told_what_makes_it(lost):
    class Strange:
        def scheduler_info(self, n_workers):
            return {"workers": {"one": {"nthreads": 1, "resources": {}}}}

        def run(self, function):
            return {"one": self.answer("workers")}

        def run_on_scheduler(self, function):
            return self.answer("scheduler")

        def answer(self, who):
            if who == lost:
                raise ModuleNotFoundError("No module named 'app'")
            return config.software()

    held = cluster.Cluster(client=Strange(), plan=plan.planned("demo", [METHOD]), words="the cluster")
    with pytest.raises(BatchError, match=rf"The {lost} of .* cannot import Scarp .* its folder in PYTHONPATH\."):
        held.require_scarp()


def test_a_cluster_without_workers_is_said_in_a_sentence(outside, monkeypatch):
    outside.start(workers=0)
    asked = plan.planned("demo", [METHOD])
    monkeypatch.setattr(cluster, "REACH_S", 240.0)
    monkeypatch.setattr(cluster, "JOIN_S", 1.0)
    with pytest.raises(BatchError, match="has no worker"), cluster.at(outside.address, asked):
        pass


def test_a_gpu_is_asked_of_workers_that_offer_one(two, monkeypatch):
    monkeypatch.setattr(cluster, "JOIN_S", 240.0)  # a test before may have ended them
    asked = plan.planned("demo", [METHOD], device="gpu")
    found = cluster.Cluster(two._client, asked, "the cluster")
    with pytest.raises(BatchError, match="offers GPU"):
        found._workers()
