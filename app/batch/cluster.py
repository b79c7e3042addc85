"""A batch on a Dask cluster: processes on this machine, or workers anywhere that know Scarp.

No more events are under way than there are threads: one that ends its worker is told from one that only waited there.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from itertools import count
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any

from app import config
from app.batch import event
from app.batch.outputs import Outputs
from app.batch.plan import Plan, Task
from app.batch.rows import EventRow
from app.batch.running import MOST_REFUSALS, Ask
from app.errors import BatchError

if TYPE_CHECKING:
    import distributed

NETWORK, GPU = "MODEL", "GPU"  # what workers offer, as in `dask worker --resources "MODEL=1"`
MOST_KILLED = 3  # workers that one event may end before it is recorded and left
REACH_S = 15.0  # until a scheduler answers
JOIN_S = 15.0  # until a cluster that was there before has a worker
BEGIN_S = 180.0  # until a process that was begun here works: a slow or busy machine imports for long
BACK_S = 120.0  # how long a scheduler that went away is waited for
ALONE_S = 10.0  # without a worker, until those on this machine are started anew
LOOK_S = 0.5  # how often a stop is looked for
_log = logging.getLogger(__name__)


@contextmanager
def local(workers: int, plan: Plan) -> Iterator[Cluster]:
    """Yield a cluster of as many processes on this machine, each with its share of the cores."""
    import dask
    from distributed import LocalCluster

    _quiet()
    share = max(1, config.available_cores() // workers)
    environment = {"SCARP_CORES": str(share)}
    with dask.config.set(_settings()), _deaf_to_interrupts():
        made = LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False}, resources={NETWORK: 1}, env=environment,
            silence_logs=logging.CRITICAL, memory_limit="auto",
        )  # fmt: skip

    def again() -> None:  # Dask starts a process that ended anew, but now and then none of them comes back
        with dask.config.set(_settings()):
            made.scale(len(made.worker_spec) + workers)  # beside those that are gone
            _wait(client, BEGIN_S, "No process that was begun on this machine works; is it out of memory?")

    try:
        with (
            _connected(made.scheduler_address) as client,
            closing(Cluster(client, plan, f"{workers} processes on this machine", again)) as found,
        ):
            yield found
    finally:
        with suppress(Exception):
            made.close(timeout=5)


@contextmanager
def at(address: str, plan: Plan) -> Iterator[Cluster]:
    """Yield the cluster whose scheduler listens at an address; it stays. Raises BatchError where it cannot be used."""
    with _connected(address) as client, closing(Cluster(client, plan, f"the Dask cluster at {address}")) as found:
        found.require_scarp()
        yield found


class Cluster:
    """Does tasks on the workers of a client, which is connected anew where its scheduler was started again."""

    def __init__(
        self, client: distributed.Client, plan: Plan, words: str, again: Callable[[], None] | None = None
    ) -> None:
        self.words, self._client, self._plan = words, client, plan
        self._again = again  # starts workers anew, where they are ours to start
        self._alone_since: float | None = None  # without a worker
        self._turn = count()

    def rows(self, tasks: Sequence[Task], plan: Plan, place: Outputs, stopping: Ask) -> Iterator[EventRow]:
        """Yield each row as it ends; what a lost scheduler knew of is asked for again."""
        left = {task.key + task.folder: task for task in tasks}
        refused = 0
        while left and not stopping():
            self._open_networks()
            try:
                for name, row, fault in self._ended(list(left.values()), place, stopping):
                    refused = refused + 1 if fault else 0
                    if refused >= MOST_REFUSALS:
                        raise BatchError(fault)
                    left.pop(name)
                    yield row
            except _LostError:
                self._reconnect()

    def close(self) -> None:
        """Leave the scheduler: the client may be another one than at the beginning."""
        with suppress(Exception):  # gone already
            self._client.close(timeout=5)

    def require_scarp(self) -> None:
        """Raise BatchError unless there are workers, and they and the scheduler, which reads tasks, run this Scarp."""
        self._workers()
        found = set(self._asked("workers", lambda: self._client.run(_version)).values())
        found.add(self._asked("scheduler", lambda: self._client.run_on_scheduler(_version)))
        others = sorted(found - {_version()})
        if others:
            raise BatchError(f"Parts of {self.words} run {', '.join(others)}, and this is {_version()}; use one.")

    def _asked(self, who: str, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except Exception as error:
            raise BatchError(
                f"The {who} of {self.words} cannot import Scarp ({type(error).__name__}). Start scheduler and workers "
                "with its folder in PYTHONPATH."
            ) from error

    def _ended(self, tasks: list[Task], place: Outputs, stopping: Ask) -> Iterator[tuple[str, EventRow, str]]:
        """Yield the name, row and fault of the place of each task as it ends; raises _LostError."""
        import distributed

        threads, needed = self._workers()
        self._plan = replace(self._plan, at_once=threads)
        waiting, under_way = iter(tasks), dict[distributed.Future, Task]()
        ended = _AsCompleted(self._client)
        try:
            while True:
                while len(under_way) < threads and not stopping() and (task := next(waiting, None)):
                    future = self._submit(task, place, needed)
                    under_way[future] = task
                    ended.add(future)
                if not under_way:
                    return
                over = ended.some(LOOK_S)
                for future in over:
                    task = under_way.pop(future)
                    yield task.key + task.folder, *self._row(future, task, place)
                if not over:
                    self._look_after_workers()
                if stopping() and under_way:
                    continue  # what is under way is let end
        finally:
            with suppress(Exception):
                self._client.cancel(list(under_way), force=True)

    def _submit(self, task: Task, place: Outputs, needed: dict[str, float] | None) -> distributed.Future:
        name = f"scarp-{task.folder[:40]}-{task.key}-{next(self._turn)}"
        return self._client.submit(_do, task, self._plan, place, key=name, pure=False, resources=needed)

    def _row(self, future: distributed.Future, task: Task, place: Outputs) -> tuple[EventRow, str]:
        """Return how a task ended, and why its place refused it, empty where it did not."""
        from distributed import KilledWorker

        if future.status not in ("finished", "error"):
            raise _LostError
        with _or_lost():  # what a task returned or raised is fetched now, and the scheduler may have gone since
            if future.status == "finished":
                return future.result(), ""
            error = future.exception()
        if isinstance(error, KilledWorker):
            why = (
                f"It ended {MOST_KILLED} workers, one after another (out of memory, or a library's fault); it is left."
            )
            return event.failed(task, self._plan, place, why), ""
        if isinstance(error, BatchError):
            return event.unrecorded(task, self._plan, str(error)), str(error)
        why = f"The worker could not do it ({type(error).__name__}: {' '.join(str(error).split())[:200]})."
        return event.failed(task, self._plan, place, why), ""

    def _workers(self) -> tuple[int, dict[str, float] | None]:
        """Return how many events may be under way, and what a worker has to offer for one. Raises BatchError."""
        found = self._client.scheduler_info(n_workers=-1)["workers"].values()
        if not found:
            self._joined()
            found = self._client.scheduler_info(n_workers=-1)["workers"].values()
        wanted = [GPU] if self._plan.device == "gpu" else [NETWORK] if self._plan.networks else []
        for name in wanted:
            able = [one for one in found if one["resources"].get(name)]
            if able:
                return int(sum(min(one["nthreads"], one["resources"][name]) for one in able)), {name: 1}
            if name == GPU:
                raise BatchError(f"No worker of {self.words} offers {GPU}; start some with --resources {GPU}=1.")
        return sum(one["nthreads"] for one in found), None

    def _look_after_workers(self) -> None:
        """Start workers anew where all are gone for good; raises BatchError where they are not ours to start."""
        if self._client.scheduler_info(n_workers=-1)["workers"]:
            self._alone_since = None
            return
        now = time.monotonic()
        self._alone_since = self._alone_since or now
        if now - self._alone_since < (ALONE_S if self._again else BACK_S):
            return
        self._alone_since = None
        if self._again is None:
            raise BatchError(
                f"{self.words.capitalize()} has lost all its workers. What was done is kept: start some, and call it "
                "again to go on."
            )
        _log.warning("%s are gone; starting them anew.", self.words.capitalize())
        self._again()

    def _joined(self) -> None:
        said = f"{self.words.capitalize()} has no worker; start some and call it again."
        _wait(self._client, BEGIN_S if self._again else JOIN_S, said)

    def _open_networks(self) -> None:
        if self._plan.networks:
            self._client.register_plugin(_plugin(self._plan))

    def _reconnect(self) -> None:
        """Wait for the scheduler that went away; raises BatchError where it does not come back."""
        from distributed import Client

        address, until = self._client.scheduler.address, time.monotonic() + BACK_S
        _log.warning("%s is out of reach; waiting for it to come back.", self.words)
        with suppress(Exception):
            self._client.close(timeout=1)
        while time.monotonic() < until:
            with suppress(OSError, TimeoutError):
                self._client = Client(address, timeout=LOOK_S * 4, set_as_default=False)
                self._joined()
                return
            time.sleep(LOOK_S)
        raise BatchError(
            f"{self.words.capitalize()} went away and did not come back in {BACK_S:.0f} s. What was done is kept: call "
            "it again to go on."
        )


class _LostError(Exception):
    """What was under way is not known to a scheduler any more."""


@contextmanager
def _or_lost() -> Iterator[None]:
    """Raise _LostError for futures that were cancelled and a connection that is gone; all else as it comes."""
    try:
        yield
    except Exception as error:
        if type(error).__name__ not in ("CancelledError", "FuturesCancelledError", "CommClosedError"):
            raise
        raise _LostError from error


class _AsCompleted:
    """Futures as they end, asked for a little while at a time, and a look at whether the scheduler is there."""

    def __init__(self, client: distributed.Client) -> None:
        self._client = client
        self._futures: list[distributed.Future] = []

    def add(self, future: distributed.Future) -> None:
        """Wait for one more."""
        self._futures.append(future)

    def some(self, seconds: float) -> list[distributed.Future]:
        """Return those that ended, none after so many seconds; raises _LostError without a scheduler."""
        from distributed import wait

        with suppress(TimeoutError), _or_lost(), self._client.as_current():
            wait(self._futures, timeout=seconds, return_when="FIRST_COMPLETED")
        if self._client.status not in ("running", "connecting") or any(
            one.status == "cancelled" for one in self._futures
        ):
            raise _LostError
        over = [one for one in self._futures if one.status != "pending"]
        self._futures = [one for one in self._futures if one.status == "pending"]
        return over


def _wait(client: distributed.Client, seconds: float, otherwise: str) -> None:
    """Wait for a first worker; raises BatchError with these words where none comes."""
    try:
        client.wait_for_workers(1, timeout=seconds)
    except TimeoutError as error:
        raise BatchError(otherwise) from error


@contextmanager
def _connected(address: str) -> Iterator[distributed.Client]:
    from distributed import Client

    _quiet()
    try:
        client = Client(address, timeout=REACH_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise BatchError(
            f"No Dask scheduler answers at {address} ({type(error).__name__}); give the address it printed when it was "
            "started, for example tcp://127.0.0.1:8786."
        ) from error
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=5)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let threads that begin now, and all processes they ever begin, pass over Ctrl-C: a terminal sends it to all.

    Dask begins its workers in such a thread, those too that take the place of one that ended. Who began them ends them,
    and a Ctrl-C that comes meanwhile is heard afterwards. Where signals cannot be held back (Windows), nothing changes.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it lets the signal through again in the thread that begins it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _settings() -> dict[str, Any]:
    return {
        "distributed.scheduler.allowed-failures": MOST_KILLED - 1,
        "distributed.admin.tick.limit": "1h",  # a network that is being opened holds a worker's loop; nobody need hear
        "logging": {"distributed": "critical"},
        # not Dask's MALLOC_TRIM_THRESHOLD_, with which every larger array is mapped anew: an event takes twice the time
        "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1},
    }


def _quiet() -> None:
    """Keep what Dask tells of its processes out of the log: a person is told in a sentence what matters."""
    for name in ("distributed", *(one for one in logging.root.manager.loggerDict if one.startswith("distributed."))):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _do(task: Task, plan: Plan, place: Outputs) -> EventRow:
    """Do one event on a worker; what another did meanwhile is not done again."""
    return event.run(task, plan, place)


def _version() -> str:
    return config.software()


def _plugin(plan: Plan) -> Any:
    from app.batch.networks import Networks

    return Networks(plan.networks, plan.device)
