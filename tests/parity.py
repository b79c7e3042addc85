"""What the parity tests share: seeded weights and inputs, and the published networks' answers to them.

``python -m tests.parity``, in the environment of requirements-models.txt, writes the seeded networks as
build/parity/bit.onnx and cdrl.onnx, with which the tests of the files run where torch is not installed, and in the
folder ``plain`` there the same networks as torch's exporter writes them, for ``bench.bench_tiles``.
"""

import importlib.util
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT, SHARED

SEED = 7
LARGEST, RMS, FLIPS = 3e-5, 6e-6, 4
BUILT = ROOT / "build" / "parity"
WITHOUT_TORCH = "torch is not installed: run this in the environment of requirements-models.txt"
NETWORKS = ("bit", "cdrl")


@lru_cache(maxsize=1)
def seeded():
    """Return the module that fills checkpoints from a seed; skips where the shared data is not there."""
    if not SHARED.is_dir():
        pytest.skip("the parity data is not here: a folder called shared is expected beside the project")
    spec = importlib.util.spec_from_file_location("seeded_checkpoint", SHARED / "parity" / "seeded_checkpoint.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keys(name: str, replacing: dict[str, list[int]] | None = None) -> list:
    """Return the published (key, shape, dtype) of ``name``, some shapes replaced."""
    listed = seeded().load_keys(SHARED / "parity" / f"{name}_keys.json")
    return [[key, (replacing or {}).get(key, shape), dtype] for key, shape, dtype in listed]


def state(listed: list, seed: int = SEED) -> dict:
    """Return the seeded weights of ``listed`` as tensors by name."""
    import torch

    return {key: torch.from_numpy(value) for key, value in seeded().make_state(listed, seed).items()}


def inputs(name: str, seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """Return the seeded pair as its network wants it, float32 (1, 3, 256, 256)."""
    return tuple(normalised(name, picture) for picture in seeded().noise_pair(seed))


def normalised(name: str, rgb: np.ndarray) -> np.ndarray:
    """Return uint8 RGB (H, W, 3) as ``name`` wants it, float32 (1, 3, H, W)."""
    if name == "bit":
        scaled = (rgb / 255 - 0.5) / 0.5
    else:
        scaled = (rgb[..., ::-1] / 255 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], np.float32)


def published(name: str) -> np.ndarray:
    """Return what the published network answers to ``inputs(name)``."""
    with np.load(SHARED / "parity" / f"{name}_seed{SEED}.npz") as answers:
        return answers["logits" if name == "bit" else "gen_bgr"][None]


def assert_agrees(found: np.ndarray, wanted: np.ndarray) -> None:
    """Fail where two answers (N, C, H, W) differ by more than rounding."""
    difference = found.astype(np.float64) - wanted
    assert np.abs(difference).max() <= LARGEST
    assert np.sqrt((difference**2).mean()) <= RMS


def assert_stage(found: np.ndarray, stage: dict) -> None:
    """Fail where a module's output differs from the published network's record of it."""
    close = LARGEST * max(1.0, stage["absmax"])
    assert list(found.shape) == stage["shape"], stage["module"]
    assert abs(np.abs(found).max() - stage["absmax"]) <= close, stage["module"]
    assert abs(found.mean(dtype=np.float64) - stage["mean"]) <= close, stage["module"]
    assert abs(found.std(dtype=np.float64, ddof=1) - stage["std"]) <= close, stage["module"]
    assert np.abs(found.ravel()[stage["flat_index"]] - stage["values"]).max() <= close, stage["module"]


def run(path: Path, t1: np.ndarray, t2: np.ndarray) -> np.ndarray:
    """Return the answer of the .onnx file at ``path``."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"t1": t1, "t2": t2})[0]


def write_checkpoint(name: str, path: Path, listed: list | None = None, seed: int = SEED) -> Path:
    """Write seeded weights in the published form of ``name``."""
    import torch

    weights = state(listed or keys(name), seed)
    # as BIT_CD writes it: the best score is a numpy number, the scheduler and the optimiser have states
    surrounded = {
        "epoch_id": 199,
        "best_val_acc": np.float64(0.9),
        "best_epoch_id": 150,
        "model_G_state_dict": weights,
        "optimizer_G_state_dict": {"state": {0: {"momentum_buffer": torch.zeros(2)}}, "param_groups": [{"lr": 0.01}]},
        "exp_lr_scheduler_G_state_dict": {"last_epoch": 199, "lr_lambdas": [None]},
    }
    torch.save(surrounded if name == "bit" else weights, path)
    return path


def build(folder: Path = BUILT) -> None:
    """Export the seeded networks into ``folder``."""
    from models.export import export

    folder.mkdir(parents=True, exist_ok=True)
    for name in NETWORKS:
        checkpoint = write_checkpoint(name, folder / f"{name}.pt")
        export(name, checkpoint, folder / f"{name}.onnx")
        _write_plain(name, checkpoint, folder / "plain" / f"{name}.onnx")
        checkpoint.unlink()


def _write_plain(name: str, checkpoint: Path, path: Path) -> None:
    import torch

    from models import checkpoints
    from models.export import OPSET

    path.parent.mkdir(exist_ok=True)
    pair = (torch.zeros(1, 3, 256, 256), torch.zeros(1, 3, 256, 256))
    network = checkpoints.read(checkpoint, name).network.eval()
    torch.onnx.export(network, pair, path, input_names=["t1", "t2"], opset_version=OPSET, dynamo=False)


if __name__ == "__main__":
    build()
    print(f"Wrote {', '.join(f'{name}.onnx' for name in NETWORKS)} to {BUILT}.", file=sys.stderr)
