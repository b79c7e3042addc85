"""Runs networks in processes of their own: one can crash, fill memory or never end, and Scarp goes on.

A process that did its job is kept a while for the next one, so that a network is read and set up
once. One network runs at a time: onnxruntime uses every core, and two at once take longer than one
after the other. Whose comes next goes by turns among readers; one that runs on while others wait is stopped in the
middle and goes on later (POSIX; on Windows it keeps its turn).
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from app import config
from app.detection.network import frames
from app.detection.network.answers import AnswersSeen
from app.detection.network.contract import Contract, clean
from app.detection.network.graph import Graph
from app.detection.network.worker import GPU_PROVIDERS
from app.errors import NetworkBudgetError, NetworkError, NetworkRunError
from app.files import size_words
from app.patches import Progress, no_progress
from app.processes.idle import Idle
from app.processes.parent import EndedError, LateError, Worker
from app.visitors.turns import Turn, Turns

KEEP_S = 240.0  # shorter than the worker's own patience, so that none is handed out while it ends
KEPT = 2  # networks that stay set up
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # the memory of numpy's own threads would count against the limit
    "MALLOC_MMAP_THRESHOLD_": "131072",  # glibc: weights that were parsed are given back to the system
    "ORT_LOAD_CONFIG_FROM_MODEL": "0",  # a stranger's file sets no options
}
Watch = Callable[[], None]  # called several times a second; what it raises ends the process


def no_watch() -> None:
    """Watch nothing: the default where nobody waits."""


class Budget:
    """The time a network may take, from now."""

    def __init__(self, seconds: float | None = None) -> None:
        self.seconds = config.settings().model_budget_s if seconds is None else seconds
        self.ends = time.monotonic() + self.seconds

    @property
    def left_s(self) -> float:
        """Seconds that are left, 0 when it is spent."""
        return max(0.0, self.ends - time.monotonic())

    def lengthen(self, seconds: float) -> None:
        """Leave out so many seconds, in which it stood still."""
        self.ends += seconds


class NetworkWorker(Worker[tuple[dict, list[np.ndarray]]]):
    """One process that reads, opens and runs networks; not shared between threads while it works."""

    def __init__(self, memory_bytes: int) -> None:
        self.busy, self._most_bytes = False, frames.MOST_BYTES
        command = [sys.executable, "-B", "-m", "app.detection.network.worker", str(memory_bytes)]
        super().__init__(command, self._read_message, {**config.without_secrets(), **ENVIRONMENT})

    def ask(
        self, header: dict, arrays: Sequence[np.ndarray], budget: Budget, watch: Watch, most_bytes: int = 0
    ) -> tuple[dict, list[np.ndarray]]:
        """Return the answer to one job; its arrays may hold ``most_bytes`` together.

        Raises NetworkError where the file is refused, NetworkRunError where it fails, NetworkBudgetError
        where the time is up, and what ``watch`` raises. After any of them but the first the worker stays ``busy``:
        kill it. A budget that is spent already asks nothing.
        """
        if budget.left_s == 0:
            raise _over(budget)
        self._most_bytes, self.busy = most_bytes, True
        header = {**header, "cpu_s": (budget.left_s + 5) * config.available_cores()}
        self.send(lambda stream: frames.send(stream, header, arrays))
        try:
            return self._judged(*self._answer_in_time(budget, watch))
        except LateError:
            raise _over(budget) from None
        except EndedError:
            raise NetworkRunError(self._ended()) from None

    def _answer_in_time(self, budget: Budget, watch: Watch) -> tuple[dict, list[np.ndarray]]:
        def watch_and_give_way() -> None:
            watch()
            turn = _turn.get()
            if turn is not None and _CAN_STOP:
                budget.lengthen(turn.give_way(partial(self._signal, "SIGSTOP"), partial(self._signal, "SIGCONT")))

        while True:  # what was stopped for others has longer than was said when it was asked
            try:
                return self.answer(budget.ends, watch_and_give_way)
            except LateError:
                if budget.left_s == 0:
                    raise

    def _signal(self, name: str) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(getattr(signal, name))

    def _read_message(self, stream: BinaryIO) -> tuple[dict, list[np.ndarray]] | None:
        return frames.receive(stream, lambda: self._most_bytes)

    def _judged(self, header: dict, arrays: list[np.ndarray]) -> tuple[dict, list[np.ndarray]]:
        kind, detail = header.get("error"), clean(str(header.get("detail", "")))
        self.busy = kind not in (None, "", "refused")
        if kind == "refused":
            raise NetworkError(detail)
        if kind == "memory":
            raise NetworkRunError(f"it ran out of memory ({_limit()}). Choose a smaller patch, or allow it more.")
        if kind:
            raise NetworkRunError(f"onnxruntime could not run it: {detail.rstrip('.')}.")
        return header, arrays

    def _ended(self) -> str:
        """Return why the process is gone, as far as can be told."""
        if isinstance(self.fault, frames.BrokenFrameError):
            return f"it answered with {self.fault} and was stopped."
        words = " ".join(self.last_words())
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=1.0)
        if "bad_alloc" in words or "MemoryError" in words:
            return f"it ran out of memory ({_limit()}). Choose a smaller patch, or allow it more."
        code = self.process.returncode
        return f"its process ended without an answer (code {code}). The file may be damaged, or memory ran out."


@dataclass(eq=False)
class Opened:
    """A network set up in its process, on ``provider``; ``graph`` is what the file said of itself."""

    graph: Graph
    provider: str
    asked: str  # the provider asked for first
    available: tuple[str, ...]
    worker: NetworkWorker
    budget: Budget

    @property
    def device(self) -> str:
        """``gpu`` or ``cpu``: where it runs."""
        return "gpu" if self.provider in GPU_PROVIDERS else "cpu"

    def run(
        self, inputs: Sequence[np.ndarray], names: Sequence[str], output: str, most_bytes: int, watch: Watch = no_watch
    ) -> np.ndarray:
        """Return the output, float32, for the named inputs; raises NetworkRunError or NetworkBudgetError."""
        header = {"do": "run", "inputs": list(names), "output": output}
        _, (answer,) = self.worker.ask(header, inputs, self.budget, watch, most_bytes)
        return answer

    def score(self, contract: Contract, dates: Sequence[np.ndarray], output: str, wanted: int, published: bool = False,
              watch: Watch = no_watch) -> tuple[np.ndarray, AnswersSeen]:  # fmt: skip
        """Return the score of the first ``wanted`` tiles, float32 (wanted, height, width), and what its answers showed.

        ``dates`` are T1 and T2 as the network wants them, (N, bands, height, width). All that the contract asks for is
        done in the network's process. Raises as ``run``, and NetworkError where the answer is not as the contract says.
        """
        header = {"do": "score", "contract": contract.to_json(), "output": output, "wanted": wanted,
                  "published": published, "judged": True}  # fmt: skip
        size = (wanted, *dates[0].shape[2:])
        told, scores = self.worker.ask(header, dates, self.budget, watch, 4 * wanted * size[1] * size[2])
        if len(scores) != 1 or scores[0].shape != size or scores[0].dtype != np.float32:
            raise NetworkRunError("its process answered otherwise than it was asked.")
        return scores[0], _seen(told)

    def tried(self, contract: Contract, dates: Sequence[np.ndarray], output: str, judged: bool,
              watch: Watch = no_watch) -> tuple[AnswersSeen, int]:  # fmt: skip
        """Return what the answer to ``dates`` shows and how many channels it has; raises as ``score``.

        Without ``judged`` any answer for each pixel will do.
        """
        header = {"do": "score", "contract": contract.to_json(), "output": output, "wanted": len(dates[0]),
                  "published": False, "judged": judged}  # fmt: skip
        told, _ = self.worker.ask(header, dates, self.budget, watch, 4 * dates[0][:, 0].size)
        return _seen(told), int(told.get("channels", 0))


def _seen(told: dict) -> AnswersSeen:
    return AnswersSeen.from_values(told.get("seen") or {})


_CAN_STOP = hasattr(signal, "SIGSTOP")
_turns = Turns()
_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)
_warm: Idle[Opened] = Idle(KEEP_S, KEPT)


@contextlib.contextmanager
def one_at_a_time(tell: Progress = no_progress) -> Iterator[Progress]:
    """Wait for a turn; ``tell`` hears of the waiting and may raise to give up. Yields what to tell meanwhile.

    Raises QueueError where it waits too long.
    """
    with _turns.one(tell) as turn:
        held = _turn.set(turn)
        try:
            yield turn.told
        finally:
            _turn.reset(held)


@contextlib.contextmanager
def opened(
    path: Path,
    device: str,
    budget: Budget,
    watch: Watch = no_watch,
    providers: Sequence[str] = (),
    keep: bool = True,
) -> Iterator[Opened]:
    """Yield the network of a file, set up on ``device`` (``auto``, ``gpu`` or ``cpu``), warm if it was used lately.

    The file is read and looked through first, in the same process. One that is left in the middle of
    a job is killed, others stay warm unless ``keep`` is False. ``providers`` names onnxruntime's
    execution providers instead of a device.
    Raises NetworkError where the file is missing or refused.
    """
    key = (*identity(path), device if not providers else tuple(providers))
    network = _warm.take(key)
    worker = network.worker if network else NetworkWorker(memory_bytes())
    try:
        if network is None:
            graph = read_graph(worker, path, budget, watch)
            network = _open(worker, graph, device, budget, watch, providers)
        network.budget = budget
        yield network
    finally:
        if network is None or worker.busy or not keep:
            worker.kill()
        else:
            _warm.keep(key, network, worker)


def kept() -> list[int]:
    """Return the ids of the processes that are kept for the next job."""
    return [worker.process.pid for worker in _warm.workers() if worker.alive()]


def close() -> None:
    """End the processes that are kept."""
    _warm.close()


def read_graph(worker: NetworkWorker, path: Path, budget: Budget, watch: Watch) -> Graph:
    """Return what a file says of itself, read by ``worker``, which then can open it; raises as ``ask``."""
    job = {"do": "read", "path": str(path.resolve()), "most_bytes": most_bytes()}
    answer, _ = worker.ask(job, (), budget, watch)
    try:
        return Graph.from_values(answer["graph"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NetworkRunError("its process answered otherwise than it was asked.") from error


def _open(
    worker: NetworkWorker, graph: Graph, device: str, budget: Budget, watch: Watch, providers: Sequence[str]
) -> Opened:
    job = {"do": "open", "device": device, "threads": config.available_cores(), "providers": list(providers)}
    answer, _ = worker.ask(job, (), budget, watch)
    return Opened(graph, answer["providers"][0], answer["asked"][0], tuple(answer["available"]), worker, budget)


def identity(path: Path) -> tuple:
    """Return what changes whenever the file does; raises NetworkError where it is missing, or too large to open."""
    try:
        held = os.stat(path)
    except OSError as error:
        raise NetworkError(
            f"There is no network file {path.name}. `python -m app models list` shows those there are."
        ) from error
    if not path.is_file():
        raise NetworkError(f"{path.name} is not a file; give the path of an .onnx file.")
    if held.st_size > most_bytes():
        raise NetworkError(
            f"it has {size_words(held.st_size)}, and files of up to {size_words(most_bytes())} are opened. "
            "Export a smaller network, or raise SCARP_MODEL_MAX_MB."
        )
    return str(path.resolve()), held.st_ino, held.st_size, held.st_mtime_ns, held.st_ctime_ns


def _over(budget: Budget) -> NetworkBudgetError:
    return NetworkBudgetError(
        f"it took longer than {budget.seconds:g} seconds and was stopped. Choose a smaller patch, or allow more time "
        "with SCARP_MODEL_BUDGET_S."
    )


def _limit() -> str:
    return f"{config.settings().model_memory_gb:g} GB are allowed, SCARP_MODEL_MEMORY_GB"


def memory_bytes() -> int:
    """Return how much memory the process of a network may take (SCARP_MODEL_MEMORY_GB)."""
    return int(config.settings().model_memory_gb * 1e9)


def most_bytes() -> int:
    """Return how large the file of a network may be (SCARP_MODEL_MAX_MB)."""
    return int(config.settings().model_max_mb * 1e6)
