"""The process that opens and runs one network; it may be killed at any moment and takes nothing with it.

It reads jobs from standard input and answers on standard output, in the form of ``frames``: ``read``
a file, ``open`` it on a device, ``run`` it. Memory, processor time and files are limited where the
system can. It ends when its input closes, which also happens when Scarp itself is killed.
"""

import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from app.detection.network import frames, graph
from app.errors import NetworkError
from app.processes import child

if TYPE_CHECKING:
    import onnxruntime

IDLE_S = 300.0  # a worker nobody used for that long gives its memory back
CPU = "CPUExecutionProvider"
# onnxruntime's names, best first; TensorRT is left out, for it compiles every network for minutes
GPU_PROVIDERS = (
    "CUDAExecutionProvider",
    "MIGraphXExecutionProvider",
    "ROCMExecutionProvider",
    "DmlExecutionProvider",
    "CoreMLExecutionProvider",
)
HELPERS = ("OpenVINOExecutionProvider",)  # quicker than plain CPU code, but not known to be a GPU
_OUT_OF_MEMORY = re.compile(r"alloc|out of memory|OOM", re.IGNORECASE)


def providers(device: str, available: list[str]) -> list[str]:
    """Return the execution providers to ask onnxruntime for, best first, for ``auto``, ``gpu`` or ``cpu``."""
    wanted = {"cpu": (), "gpu": GPU_PROVIDERS, "auto": GPU_PROVIDERS + HELPERS}[device]
    return [*[name for name in wanted if name in available][:1], CPU]


class Job:
    """What the process holds: the file read last, and the session made of it."""

    def __init__(self) -> None:
        self.content = b""
        self.session: Any = None  # onnxruntime's, once a file was opened

    def read(self, header: dict, _: list) -> tuple[dict, list]:
        """Read a file and answer what its graph says; refuses one above ``most_bytes``."""
        with open(header["path"], "rb") as file:
            content = file.read(header["most_bytes"] + 1)
        if len(content) > header["most_bytes"]:
            raise NetworkError("it grew while it was read.")
        described = graph.read(content).to_values()
        self.content, self.session = content, None
        return {"graph": described}, []

    def open(self, header: dict, _: list) -> tuple[dict, list]:
        """Make a session of the file read last; answers the providers asked for and those in use."""
        import onnxruntime

        available = onnxruntime.get_available_providers()
        asked = header.get("providers") or providers(header["device"], available)
        if asked != [CPU]:
            limit_resources(None)
        self.session = onnxruntime.InferenceSession(self.content, _options(header["threads"]), providers=asked)
        self.content = b""
        return {"asked": asked, "available": available, "providers": self.session.get_providers()}, []

    def run(self, header: dict, arrays: list[np.ndarray]) -> tuple[dict, list]:
        """Run the session once; the answer is float32."""
        inputs = dict(zip(header["inputs"], arrays, strict=True))
        started = time.perf_counter()
        (answer,) = self.session.run([header["output"]], inputs)
        seconds = time.perf_counter() - started
        return {"seconds": seconds}, [np.asarray(answer).astype(np.float32, copy=False)]

    def score(self, header: dict, arrays: list[np.ndarray]) -> tuple[dict, list]:
        """Run the session once on T1 and T2 and answer the score of the first ``wanted`` tiles, and what was seen.

        What a contract asks for beyond the network, blurring for one, thus falls under the limits of this process, and
        no more than a score a pixel leaves it. Without ``judged`` any answer a pixel will do, and no score is made.
        """
        from app.detection.network import answers, contract, fitting, scaling

        said, (t1, t2) = contract.from_json(header["contract"]), arrays
        inputs = dict(zip(said.inputs, scaling.arranged(said, t1, t2), strict=True))
        started = time.perf_counter()
        (answer,) = self.session.run([header["output"]], inputs)
        told: dict[str, object] = {"seconds": time.perf_counter() - started}
        answer = np.asarray(answer)
        check = fitting.check_answer if header["judged"] else fitting.check_places
        check(answer.shape, said, t1.shape[2:], len(t1))
        answer = scaling.turned(said, answer)
        told |= {"channels": answer.shape[1], "seen": asdict(answers.seen(answer[: header["wanted"]]))}
        if not header["judged"]:
            return told, []
        scores = scaling.score(said, answer, t1, t2, header["published"])
        return told, [scores[: header["wanted"]].astype(np.float32, copy=False)]


def _options(threads: int) -> "onnxruntime.SessionOptions":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_mem_pattern = False  # it keeps a second block for every size of tile, and saves no time here
    options.log_severity_level = 4  # fatal only: what matters is in the exception
    options.add_session_config_entry("session.load_model_format", "ONNX")
    return options


def limit_resources(memory_bytes: int | None) -> None:
    """Hold the process to ``memory_bytes`` beyond what it has now, and let it write no file; None lifts both.

    A GPU's driver reserves address space without end and keeps a cache of its own on disk, so there
    neither limit can stand.
    """
    try:
        import resource
    except ImportError:  # Windows has none; time is still limited from outside
        return
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_AS: None}
    if memory_bytes:
        limits[resource.RLIMIT_AS] = child.held_bytes() + memory_bytes
    for kind, wanted in limits.items():
        hard = resource.getrlimit(kind)[1]
        soft = hard if wanted is None or not memory_bytes else wanted
        try:
            resource.setrlimit(kind, (soft, hard))
        except (ValueError, OSError):  # macOS knows the name of the limit but not the limit
            continue


def limit_processor_time(seconds: float) -> None:
    """Let the system end the process once it has used ``seconds`` more: for when nobody is left to kill it."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = int(used.ru_utime + used.ru_stime + seconds) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (end if hard == resource.RLIM_INFINITY else min(end, hard), hard))


def explain(error: BaseException) -> dict[str, str]:
    """Return why a job failed: ``error`` is refused, memory or failed, ``detail`` a short text."""
    if isinstance(error, NetworkError):
        return {"error": "refused", "detail": str(error)}
    if isinstance(error, OSError):
        return {"error": "refused", "detail": f"it cannot be read ({error.strerror})."}
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", " ".join(str(error).split()))
    text = re.sub(r"(/[\w.+-]+){2,}[\w.:+-]*", "", text)[:200].strip()
    if isinstance(error, MemoryError) or _OUT_OF_MEMORY.search(text):
        return {"error": "memory", "detail": text}
    return {"error": "failed", "detail": text or type(error).__name__}


def serve(jobs: Iterable[tuple[dict, list]], answer: Callable[[dict, list], None]) -> None:
    """Do jobs as long as any come."""
    job = Job()
    for header, arrays in jobs:
        try:
            limit_processor_time(header["cpu_s"])
            result, answers = getattr(job, header["do"])(header, arrays)
        except BaseException as error:
            result, answers = explain(error), []
        answer(result, answers)


def main() -> None:
    """Serve until standard input closes."""
    answers = child.own_output()
    jobs = child.jobs(lambda: frames.receive(sys.stdin.buffer), IDLE_S)
    limit_resources(int(sys.argv[1]))
    serve(jobs, lambda header, arrays: frames.send(answers, header, arrays))
    os._exit(0)


if __name__ == "__main__":
    main()
