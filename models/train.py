"""Train a network on pairs made on the fly: ``python -m models.train bit|cdrl --out FILE.pt``."""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path

import numpy as np
import torch

from app.arguments import DONE, Parser, refused
from app.detection.network.contract import Contract
from app.errors import InputError, NetworkError, ScarpError
from app.files import placed
from app.scoring import metrics
from app.testsets import real
from app.testsets.scars import Pair
from models import checkpoints, data
from models.runs import RUNS, Options, Run

CALLED = "python -m models.train"
NEARLY = 0.01  # of F1, below the best
BUFFER_DEG = 0.0115  # 256 pixels, the largest tile


def train(
    network: str, options: Options, out: Path, device: str = "cpu", resume: bool = False, start: Path | None = None
) -> Contract:
    """Train ``network`` and write the averaged weights to ``out``, with the threshold chosen on validation data.

    ``start`` is a checkpoint whose weights to begin with; without one they are drawn at random. With 0 steps only
    its threshold is chosen anew. The validation pairs are the same in every run, and those ``models.score`` uses.

    Beside it lie ``out``.log (one JSON object a line) and, until the run is done, ``out``.state to resume from.
    Returns the contract that was written. Raises NetworkError or InputError.
    """
    run, state_file, log = RUNS[network](options, device), Path(f"{out}.state"), Log(Path(f"{out}.log"), not resume)
    if not (options.steps or start):
        raise InputError("Without steps there has to be a checkpoint to choose a threshold for; name it with --start.")
    if start:
        if checkpoints.exported(start) and not run.frozen:
            raise InputError(f"{network} begins with a checkpoint; only a bit-scarred goes on from an .onnx file.")
        run.begin(checkpoints.read(start, run.network_name).network)
    if resume and state_file.is_file():
        run.resume(torch.load(state_file, map_location=device, weights_only=True))
    begun = start.name if start else ""
    log.write(event="start", network=network, step=run.step, device=device, start=begun, **asdict(options))
    places = real.places("train") if options.real else []
    maker = run.maker(list(_pool(options, run.maker, log)), places, options.seed, run.side)
    checks = run.checks()
    losses: list[float] = []
    batches = maker.batches(options.batch, run.step)
    contract = run.contract if options.steps else _kept(run, checks, losses, out, log)
    while run.step < options.steps:
        losses.append(run.advance(next(batches)))
        if run.step % options.check_every == 0 or run.step == options.steps:
            contract = _kept(run, checks, losses, out, log)
            losses.clear()
    state_file.unlink(missing_ok=True)
    log.write(event="done", step=run.step, threshold=contract.threshold)
    return contract


def chosen_level(
    found: list[np.ndarray], pairs: list[Pair], levels: tuple[float, ...], wary: bool = False, nearly: float = NEARLY
) -> tuple[float, float]:
    """Return the lowest threshold whose pooled F1 over the pairs' clear pixels is nearly the best, and that F1.

    The curve is flat near its top, and a person sees a false alarm more easily than a miss. With ``wary`` it is the
    highest such threshold; with ``nearly`` 0 the best one itself.
    """
    swept = [metrics.sweep(score, pair.truth, pair.clear, levels) for score, pair in zip(found, pairs, strict=True)]
    f1 = np.array([metrics.micro([counts[k] for counts in swept]).f1 for k in range(len(levels))])
    chosen = int(np.flatnonzero(f1 >= np.nanmax(f1) - nearly)[-1 if wary else 0])
    return levels[chosen], float(f1[chosen])


class Log:
    """Lines of JSON in a file and on standard error, each with the seconds since the start."""

    def __init__(self, path: Path, anew: bool = True) -> None:
        self.path, self.started = path, time.monotonic()
        try:
            path.open("w" if anew else "a").close()
        except OSError as error:
            raise NetworkError(f"{path} cannot be written ({error.strerror}); choose another --out.") from error

    def write(self, **values: object) -> None:
        """Write one line."""
        line = json.dumps({"seconds": round(time.monotonic() - self.started, 1), **values})
        print(line, file=sys.stderr, flush=True)
        with self.path.open("a") as file:
            file.write(line + "\n")


def _pool(options: Options, maker: type[data.Maker], log: Log) -> Iterator[Pair]:
    places = data.simulated_places("train", options.scenes if options.steps else 0, options.seed)
    for number, place in enumerate(places, start=1):
        pair = maker.simulated(place if maker.slides else replace(place, event=None), BUFFER_DEG)
        yield replace(pair, t1=pair.t1.astype(np.float16), t2=pair.t2.astype(np.float16))  # half the memory
        if number % 100 == 0 or number == len(places):
            log.write(event="simulated", scenes=number)


def _kept(run: Run, checks: dict[str, list[Pair]], losses: list[float], out: Path, log: Log) -> Contract:
    """Score the averaged weights on the validation pairs, and write them with the threshold these choose."""
    found = {name: [run.score(pair) for pair in pairs] for name, pairs in checks.items() if pairs}
    level, f1 = chosen_level(list(chain(*found.values())), list(chain(*checks.values())), run.levels, run.wary)
    parts = {name: chosen_level(scores, checks[name], (level,))[1] for name, scores in found.items()}
    loss = float(np.mean(losses)) if losses else None
    log.write(event="check", step=run.step, loss=loss, threshold=level, f1=f1, f1_of=parts)
    contract = replace(run.contract, threshold=level)
    checkpoints.save(out, run.network_name, run.kept.module, contract)
    _save_state(run, out)
    return contract


def _save_state(run: Run, out: Path) -> None:
    state = out.with_name(f"{out.name}.state")
    with placed(state, former=f"{state.name}.part") as part:
        torch.save(run.state(), part)


def parser() -> Parser:
    """Return the command line's parser."""
    made = Parser(prog=CALLED, description="Train a network on pairs it makes.")
    made.add_argument("network", choices=tuple(RUNS), help="which network")
    made.add_argument("--out", type=Path, required=True, metavar="FILE.pt", help="the checkpoint to write")
    made.add_argument(
        "--start",
        type=Path,
        metavar="FILE.pt",
        help="a checkpoint whose weights to begin with; bit-scarred takes a bit.onnx too",
    )
    made.add_argument("--resume", action="store_true", help="go on with an interrupted run of the same options")
    made.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    made.add_argument("--threads", type=int, default=1, help="processor threads (1)")
    made.add_argument("--real", choices=("shared", "none"), default="shared", help="use the real images, or none")
    for name in ("steps", "batch", "scenes", "seed", "check_every", "simulated_checks", "real_checks"):
        made.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(Options, name), metavar="N")
    made.add_argument("--bands", help="the bands it reads (B02,B03,B04,B08; stacked-rgb and scar-rgb: B02,B03,B04)")
    made.add_argument("--rate", type=float, default=Options.rate, help="largest learning rate")
    return made


def main(argv: list[str] | None = None) -> int:
    """Train, and return the exit code: 0 done, 2 wrong use or unusable input."""
    args = vars(parser().parse_args(argv))
    torch.set_num_threads(max(1, args["threads"]))
    try:
        given = {name: args[name] for name in Options.__dataclass_fields__ if name not in ("real", "bands")}
        asked = args["bands"]
        bands = RUNS[args["network"]].contract.bands if asked is None else tuple(asked.split(","))
        options = Options(**given, real=args["real"] == "shared", bands=bands)
        train(args["network"], options, args["out"], _device(args["device"]), args["resume"], args["start"])
    except ScarpError as error:
        return refused(CALLED, error)
    return DONE


def _device(asked: str) -> str:
    if asked == "cuda" and not torch.cuda.is_available():
        raise InputError("There is no GPU that torch can use; choose --device cpu.")
    return "cuda" if asked != "cpu" and torch.cuda.is_available() else "cpu"


if __name__ == "__main__":
    sys.exit(main())
