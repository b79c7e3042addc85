"""Seconds a 256 x 256 pair takes BIT and CDRL: torch as published, the exported file, BIT in int8, and their ratios.

``python -m bench.bench_models``, in the environment of requirements-models.txt; with ``--device gpu`` (or ``cpu``)
pairs a second of BIT, pair-rgb's network and CDRL instead, by batch and kind of number. Weights are random:
they do not change the work. Runs are interleaved, so that a busy machine slows all of them alike, and
the pools are put to rest before each run, so that none is timed while another's threads still spin.
"""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from app.arguments import Parser
from bench import device_rates

if TYPE_CHECKING:
    import onnxruntime

NETWORKS = ("bit", "cdrl")
QUANTISED = ("bit",)  # offered in 8-bit integers
REST_S = 0.05


def exported(name: str, folder: Path, threads: int) -> tuple:
    """Return the network with random weights and an onnxruntime session on its exported file."""
    import torch

    from models import bit, cdrl, checkpoints
    from models.export import PUBLISHED, export

    torch.manual_seed(0)
    torch.set_num_threads(threads)
    network = {"bit": bit.BIT, "cdrl": cdrl.Generator}[name]().eval()
    checkpoints.save(folder / f"{name}.pt", name, network, PUBLISHED[name])
    done = export(name, folder / f"{name}.pt", folder / f"{name}.onnx")
    return network, session(done.path.read_bytes(), threads)


def in_int8(name: str, folder: Path, threads: int) -> "onnxruntime.InferenceSession":
    """Return a session on the exported file in 8-bit integers, its ranges from noise: they do not change the work."""
    from models.export import PUBLISHED
    from models.quantise import quantised

    t1, t2 = noise(1)
    return session(quantised((folder / f"{name}.onnx").read_bytes(), PUBLISHED[name], [{"t1": t1, "t2": t2}]), threads)


def session(content: bytes, threads: int) -> "onnxruntime.InferenceSession":
    """Return a session on the bytes of an .onnx file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def noise(batch: int) -> np.ndarray:
    """Return both dates as the networks take them, float32 (2, batch, 3, 256, 256) in -1 to 1."""
    return np.random.default_rng(0).uniform(-1, 1, (2, batch, 3, 256, 256)).astype(np.float32)


def interleaved(runs: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Return the median seconds of each run, all taken in turns after one unmeasured turn."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(repeats + 1):
        for name, run in runs.items():
            time.sleep(REST_S)
            start = time.perf_counter()
            run()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return {name: median(values) for name, values in seconds.items()}


def measure(name: str, batch: int, repeats: int, network, sessions: dict) -> str:
    """Return one line: seconds a pair of torch and of each session, and the ratio of each to torch."""
    import torch

    t1, t2 = noise(batch)

    def eager():
        with torch.inference_mode():
            return network(torch.from_numpy(t1), torch.from_numpy(t2))

    runs = {key: partial(held.run, None, {"t1": t1, "t2": t2}) for key, held in sessions.items()}
    taken = {key: value / batch for key, value in interleaved({"torch": eager, **runs}, repeats).items()}
    columns = (f"{taken[key]:14.4f}{taken[key] / taken['torch']:8.2f}" for key in sessions)
    return f"{name:6}{batch:6}{taken['torch']:12.4f}{''.join(columns)}"


def _by_device(device: str) -> None:
    if reason := device_rates.absent(device):
        raise SystemExit(reason)
    print(device_rates.HEAD)
    for line in device_rates.lines(device):
        print(line, flush=True)


def main() -> None:
    """Print the table."""
    arguments = Parser(description=__doc__.splitlines()[0])
    arguments.add_argument("--repeats", type=int, default=15)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    arguments.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    arguments.add_argument("--device", choices=("gpu", "cpu"), help="pairs a second there, by torch alone")
    chosen = arguments.parse_args()
    if find_spec("torch") is None:
        print("skipped: torch is not installed here; run it in the environment of requirements-models.txt")
        return
    if chosen.device:
        _by_device({"gpu": "cuda"}.get(chosen.device, chosen.device))
        return
    print(f"seconds a pair, medians of {chosen.repeats} interleaved runs, {chosen.threads} threads")
    print(f"{'model':6}{'batch':>6}{'torch':>12}{'onnxruntime':>14}{'ratio':>8}{'int8':>14}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.networks:
            network, float32 = exported(name, Path(folder), chosen.threads)
            sessions = {"onnxruntime": float32}
            if name in QUANTISED:
                sessions["int8"] = in_int8(name, Path(folder), chosen.threads)
            for batch in chosen.batches:
                print(measure(name, batch, chosen.repeats, network, sessions), flush=True)


if __name__ == "__main__":
    main()
