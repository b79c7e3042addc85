"""Seconds a 256 x 256 pair takes BIT and CDRL: torch as published, onnxruntime on the exported file, and their ratio.

``python -m bench.bench_models``, in the environment of requirements-models.txt. Weights are random:
they do not change the work. Runs are interleaved, so that a busy machine slows all of them alike, and
the pools are put to rest before each run, so that none is timed while another's threads still spin.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np

NETWORKS = ("bit", "cdrl")
REST_S = 0.05


def exported(name: str, folder: Path, threads: int) -> tuple:
    """Return the network with random weights and an onnxruntime session on its exported file."""
    import onnxruntime
    import torch

    from models import bit, cdrl, checkpoints
    from models.export import PUBLISHED, export

    torch.manual_seed(0)
    torch.set_num_threads(threads)
    network = {"bit": bit.BIT, "cdrl": cdrl.Generator}[name]().eval()
    checkpoints.save(folder / f"{name}.pt", name, network, PUBLISHED[name])
    done = export(name, folder / f"{name}.pt", folder / f"{name}.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return network, onnxruntime.InferenceSession(done.path, options, providers=["CPUExecutionProvider"])


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


def measure(name: str, batch: int, repeats: int, network, session) -> str:
    """Return one line: seconds a pair of both, and their ratio."""
    import torch

    t1, t2 = np.random.default_rng(0).uniform(-1, 1, (2, batch, 3, 256, 256)).astype(np.float32)

    def eager():
        with torch.inference_mode():
            return network(torch.from_numpy(t1), torch.from_numpy(t2))

    runs = {"torch": eager, "onnxruntime": lambda: session.run(None, {"t1": t1, "t2": t2})}
    taken = {key: value / batch for key, value in interleaved(runs, repeats).items()}
    ratio = taken["onnxruntime"] / taken["torch"]
    return f"{name:6}{batch:6}{taken['torch']:12.4f}{taken['onnxruntime']:14.4f}{ratio:8.2f}"


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--repeats", type=int, default=15)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    arguments.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    chosen = arguments.parse_args()
    if find_spec("torch") is None:
        print("skipped: torch is not installed here; run it in the environment of requirements-models.txt")
        return
    print(f"seconds a pair, medians of {chosen.repeats} interleaved runs, {chosen.threads} threads")
    print(f"{'model':6}{'batch':>6}{'torch':>12}{'onnxruntime':>14}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.networks:
            network, session = exported(name, Path(folder), chosen.threads)
            for batch in chosen.batches:
                print(measure(name, batch, chosen.repeats, network, session), flush=True)


if __name__ == "__main__":
    main()
