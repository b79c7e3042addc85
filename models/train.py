"""Train a network on pairs made on the fly: ``python -m models.train bit --out FILE.pt``."""

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from app import metrics
from app.detection.contract import Contract
from app.errors import InputError, ModelError, ScarpError
from models import checkpoints, data, real
from models.bit import BIT
from models.paint import Pair

LICENCE = "MIT"
TRAINING_DATA = (
    "Simulated scenes of Scarp's simulator; scars painted on real Sentinel-2 images (eo-learn, MIT; TerraMind "
    "examples, Apache-2.0) in simulated and hand-drawn outlines. Contains modified Copernicus Sentinel data "
    "(2015-2023)."
)
CONTRACT = Contract(
    name="bit",
    bands=real.BANDS,
    output="logits",
    threshold=0.5,
    high=(0.3, 0.35, 0.4, 0.6),
    mean=(0.2, 0.22, 0.2, 0.4),
    std=(0.12, 0.12, 0.15, 0.2),
    tile=data.TILE,
    overlap=32,
    size_multiple=8,
    licence=LICENCE,
    training_data=TRAINING_DATA,
    source="Chen, Qi and Shi 2021, doi:10.1109/TGRS.2021.3095166; weights trained by Scarp",
)
LEVELS = tuple(np.round(np.linspace(0.02, 0.98, 49), 2).tolist())
AVERAGING = 0.997  # of the weights that are kept, a step
CHANGED_WEIGHT = 3.0  # changed pixels are one in forty
BUFFER_DEG = 0.0115  # 256 pixels, twice a tile


@dataclass(frozen=True)
class Options:
    """What decides a training run; equal options on one machine give equal weights."""

    steps: int = 3000
    batch: int = 8
    scenes: int = 400  # simulated pairs to cut tiles from
    rate: float = 1e-3
    seed: int = 0
    real: bool = True
    check_every: int = 500
    simulated_checks: int = 60
    real_checks: int = 60

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "scenes", "check_every", "simulated_checks"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; give 1 or more.")


def rate_share(step: int, steps: int) -> float:
    """Return the learning rate's share of its largest: a twentieth of the run up, then half a cosine down."""
    rising = max(1, steps // 20)
    if step < rising:
        return (step + 1) / rising
    return 0.5 + 0.5 * math.cos(math.pi * (step - rising) / max(1, steps - rising))


def as_input(image: np.ndarray, contract: Contract) -> np.ndarray:
    """Return reflectance (bands, y, x) as the network's float32 input, as the contract says."""
    low, high, mean, std = (np.asarray(getattr(contract, f), np.float32) for f in ("low", "high", "mean", "std"))
    low, high, mean, std = (values[:, None, None] for values in (low, high, mean, std))
    return ((np.clip((image - low) / (high - low), 0, 1) - mean) / std).astype(np.float32)


def tensors(pairs: list[Pair], contract: Contract, device: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return T1, T2 (N, bands, y, x), truth and weight (N, y, x); the weight is 0 where a date is not clear."""
    stacked = (
        np.stack([as_input(pair.t1, contract) for pair in pairs]),
        np.stack([as_input(pair.t2, contract) for pair in pairs]),
        np.stack([pair.truth for pair in pairs]).astype(np.int64),
        np.stack([pair.clear for pair in pairs]).astype(np.float32),
    )
    return tuple(torch.from_numpy(values).to(device) for values in stacked)


def loss(logits: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Return cross entropy, changed pixels weighing more, plus soft Dice, both over clear pixels.

    Dice (Milletari et al. 2016) keeps the rare class from drowning; cross entropy keeps the score a probability.
    """
    entropy = functional.cross_entropy(logits, truth, reduction="none")
    weighed = weight * (1 + (CHANGED_WEIGHT - 1) * truth)
    changed = logits.softmax(1)[:, 1]
    both, either = (weight * changed * truth).sum(), (weight * (changed + truth)).sum()
    return (entropy * weighed).sum() / weighed.sum().clamp(min=1) + 1 - (2 * both + 1) / (either + 1)


def scores(network: nn.Module, pairs: list[Pair], contract: Contract, device: str) -> list[np.ndarray]:
    """Return the probability of change, float32 (y, x), of each pair; leaves the network in evaluation mode."""
    network.eval()
    found = []
    with torch.inference_mode():
        for pair in pairs:
            t1, t2, _, _ = tensors([pair], contract, device)
            found.append(network(t1, t2).softmax(1)[0, 1].float().cpu().numpy())
    return found


def best_level(found: list[np.ndarray], pairs: list[Pair], levels: tuple[float, ...] = LEVELS) -> tuple[float, float]:
    """Return the threshold with the best pooled F1 over the pairs' clear pixels, and that F1."""
    swept = [metrics.sweep(score, pair.truth, pair.clear, levels) for score, pair in zip(found, pairs, strict=True)]
    f1 = [metrics.micro([counts[k] for counts in swept]).f1 for k in range(len(levels))]
    best = int(np.nanargmax(f1))
    return levels[best], f1[best]


class Run:
    """One training run: its network, the averaged weights that are kept, and where it stands."""

    def __init__(self, options: Options, device: str) -> None:
        torch.manual_seed(options.seed)
        self.options, self.device, self.step = options, device, 0
        self.network = BIT(bands=len(CONTRACT.bands)).to(device, memory_format=torch.channels_last)
        self.kept = AveragedModel(self.network, multi_avg_fn=get_ema_multi_avg_fn(AVERAGING), use_buffers=True)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), options.rate, weight_decay=0.01)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, partial(rate_share, steps=options.steps))

    def advance(self, pairs: list[Pair]) -> float:
        """Take one step on a batch and return its loss; the network computes in bfloat16 (no loss scale needed)."""
        t1, t2, truth, weight = tensors(pairs, CONTRACT, self.device)
        self.network.train()
        with torch.autocast(self.device, dtype=torch.bfloat16):
            logits = self.network(t1, t2)
        value = loss(logits.float(), truth, weight)
        self.optimiser.zero_grad(set_to_none=True)
        value.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
        self.kept.update_parameters(self.network)
        self.step += 1
        return float(value.detach())

    def state(self) -> dict[str, object]:
        """Return all that a later process needs to go on as if nothing had happened."""
        parts = ("network", "kept", "optimiser", "schedule")
        held = {name: getattr(self, name).state_dict() for name in parts}
        return {**held, "step": self.step, "options": asdict(self.options)}

    def resume(self, state: dict) -> None:
        """Go on from ``state``; raises InputError where it belongs to a run with other options."""
        if state["options"] != asdict(self.options):
            raise InputError(
                f"The run to resume has other options ({state['options']}); give the same, or another --out."
            )
        for name in ("network", "kept", "optimiser", "schedule"):
            getattr(self, name).load_state_dict(state[name])
        self.step = state["step"]


def train(options: Options, out: Path, device: str = "cpu", resume: bool = False) -> Contract:
    """Train BIT and write the averaged weights to ``out``, with the threshold chosen on validation data.

    Beside it lie ``out``.log (one JSON object a line) and, until the run is done, ``out``.state to resume from.
    Returns the contract that was written. Raises ModelError or InputError.
    """
    run, state_file, log = Run(options, device), Path(f"{out}.state"), Log(Path(f"{out}.log"), anew=not resume)
    if resume and state_file.is_file():
        run.resume(torch.load(state_file, map_location=device, weights_only=True))
    log.write(event="start", step=run.step, device=device, threads=torch.get_num_threads(), **asdict(options))
    pool = list(_pool(options, log))
    maker = data.Maker(pool, real.places("train") if options.real else [], options.seed)
    checks = data.validation_pairs(options.seed, options.simulated_checks, options.real_checks * options.real)
    contract = CONTRACT
    losses: list[float] = []
    batches = maker.batches(options.batch, run.step)
    while run.step < options.steps:
        losses.append(run.advance(next(batches)))
        if run.step % options.check_every == 0 or run.step == options.steps:
            contract = _checked(run, checks, losses, log)
            losses.clear()
            checkpoints.save(out, "bit", run.kept.module, contract)
            _save(run.state(), state_file)
    state_file.unlink(missing_ok=True)
    log.write(event="done", step=run.step, threshold=contract.threshold)
    return contract


class Log:
    """Lines of JSON in a file and on standard error, each with the seconds since the start."""

    def __init__(self, path: Path, anew: bool = True) -> None:
        self.path, self.started = path, time.monotonic()
        try:
            path.open("w" if anew else "a").close()
        except OSError as error:
            raise ModelError(f"{path} cannot be written ({error.strerror}); choose another --out.") from error

    def write(self, **values: object) -> None:
        line = json.dumps({"seconds": round(time.monotonic() - self.started, 1), **values})
        print(line, file=sys.stderr, flush=True)
        with self.path.open("a") as file:
            file.write(line + "\n")


def _pool(options: Options, log: Log) -> Iterator[Pair]:
    places = data.simulated_places("train", options.scenes, options.seed)
    for number, place in enumerate(places, start=1):
        pair = data.simulate(place, BUFFER_DEG)
        yield replace(pair, t1=pair.t1.astype(np.float16), t2=pair.t2.astype(np.float16))  # half the memory
        if number % 100 == 0 or number == len(places):
            log.write(event="simulated", scenes=number)


def _checked(run: Run, checks: list[Pair], losses: list[float], log: Log) -> Contract:
    """Score the averaged weights on the validation pairs and return the contract with the threshold they choose."""
    found = scores(run.kept.module, checks, CONTRACT, run.device)
    level, f1 = best_level(found, checks)
    halves = {"simulated": slice(0, run.options.simulated_checks), "painted": slice(run.options.simulated_checks, None)}
    parts = {name: best_level(found[at], checks[at], (level,))[1] for name, at in halves.items() if checks[at]}
    log.write(event="check", step=run.step, loss=float(np.mean(losses)), threshold=level, f1=f1, f1_of=parts)
    return replace(CONTRACT, threshold=level)


def _save(state: dict[str, object], path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    torch.save(state, part)
    os.replace(part, path)


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    made = argparse.ArgumentParser(prog="python -m models.train", description="Train a network on pairs it makes.")
    made.add_argument("network", choices=("bit",), help="which network")
    made.add_argument("--out", type=Path, required=True, metavar="FILE.pt", help="the checkpoint to write")
    made.add_argument("--resume", action="store_true", help="go on with an interrupted run of the same options")
    made.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    made.add_argument("--threads", type=int, default=1, help="processor threads (1)")
    made.add_argument("--real", choices=("shared", "none"), default="shared", help="use the real images, or none")
    for name in ("steps", "batch", "scenes", "seed", "check_every", "simulated_checks", "real_checks"):
        made.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(Options, name), metavar="N")
    made.add_argument("--rate", type=float, default=Options.rate, help="largest learning rate")
    return made


def main(argv: list[str] | None = None) -> int:
    """Train, and return the exit code: 0 done, 2 wrong use or unusable input."""
    args = vars(parser().parse_args(argv))
    torch.set_num_threads(max(1, args["threads"]))
    try:
        given = {name: args[name] for name in Options.__dataclass_fields__ if name != "real"}
        train(Options(**given, real=args["real"] == "shared"), args["out"], _device(args["device"]), args["resume"])
    except ScarpError as error:
        print(f"python -m models.train: {error}", file=sys.stderr)
        return 2
    return 0


def _device(asked: str) -> str:
    if asked == "cuda" and not torch.cuda.is_available():
        raise InputError("There is no GPU that torch can use; choose --device cpu.")
    return "cuda" if asked != "cpu" and torch.cuda.is_available() else "cpu"


if __name__ == "__main__":
    sys.exit(main())
