"""Train a network on pairs made on the fly: ``python -m models.train bit|cdrl --out FILE.pt``."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from app import metrics
from app.detection.contract import Contract
from app.errors import InputError, ModelError, ScarpError
from models import checkpoints, data, real
from models.paint import Pair
from models.runs import RUNS, Options, Run

BUFFER_DEG = 0.0115  # 256 pixels, the largest tile


def train(network: str, options: Options, out: Path, device: str = "cpu", resume: bool = False) -> Contract:
    """Train ``network`` and write the averaged weights to ``out``, with the threshold chosen on validation data.

    Beside it lie ``out``.log (one JSON object a line) and, until the run is done, ``out``.state to resume from.
    Returns the contract that was written. Raises ModelError or InputError.
    """
    run, state_file, log = RUNS[network](options, device), Path(f"{out}.state"), Log(Path(f"{out}.log"), not resume)
    if resume and state_file.is_file():
        run.resume(torch.load(state_file, map_location=device, weights_only=True))
    log.write(event="start", network=network, step=run.step, device=device, **asdict(options))
    maker = data.Maker(list(_pool(options, log)), real.places("train") if options.real else [], options.seed, run.side)
    checks = data.validation_pairs(options.seed, options.simulated_checks, options.real_checks * options.real)
    losses: list[float] = []
    batches = maker.batches(options.batch, run.step)
    contract = run.contract
    while run.step < options.steps:
        losses.append(run.advance(next(batches)))
        if run.step % options.check_every == 0 or run.step == options.steps:
            contract = _checked(run, checks, losses, log)
            losses.clear()
            checkpoints.save(out, network, run.kept.module, contract)
            _save(run.state(), state_file)
    state_file.unlink(missing_ok=True)
    log.write(event="done", step=run.step, threshold=contract.threshold)
    return contract


def best_level(found: list[np.ndarray], pairs: list[Pair], levels: tuple[float, ...]) -> tuple[float, float]:
    """Return the threshold with the best pooled F1 over the pairs' clear pixels, and that F1."""
    swept = [metrics.sweep(score, pair.truth, pair.clear, levels) for score, pair in zip(found, pairs, strict=True)]
    f1 = [metrics.micro([counts[k] for counts in swept]).f1 for k in range(len(levels))]
    best = int(np.nanargmax(f1))
    return levels[best], f1[best]


class Log:
    """Lines of JSON in a file and on standard error, each with the seconds since the start."""

    def __init__(self, path: Path, anew: bool = True) -> None:
        self.path, self.started = path, time.monotonic()
        try:
            path.open("w" if anew else "a").close()
        except OSError as error:
            raise ModelError(f"{path} cannot be written ({error.strerror}); choose another --out.") from error

    def write(self, **values: object) -> None:
        """Write one line."""
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
    found = [run.score(pair) for pair in checks]
    level, f1 = best_level(found, checks, run.levels)
    halves = {"simulated": slice(0, run.options.simulated_checks), "painted": slice(run.options.simulated_checks, None)}
    parts = {name: best_level(found[at], checks[at], (level,))[1] for name, at in halves.items() if checks[at]}
    log.write(event="check", step=run.step, loss=float(np.mean(losses)), threshold=level, f1=f1, f1_of=parts)
    return replace(run.contract, threshold=level)


def _save(state: dict[str, object], path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    torch.save(state, part)
    os.replace(part, path)


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    made = argparse.ArgumentParser(prog="python -m models.train", description="Train a network on pairs it makes.")
    made.add_argument("network", choices=tuple(RUNS), help="which network")
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
        options = Options(**given, real=args["real"] == "shared")
        train(args["network"], options, args["out"], _device(args["device"]), args["resume"])
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
