"""Add what changed to a network of T2 alone: ``python -m models.rise --start scar-rgb.pt --out pair-rgb.pt``.

By how much a rise of brightness counts is the best of a few on the validation pairs, whose scars the network has not
seen, and then by how much what looked like a scar at T1 is taken off, where pairs in which nothing slid count too. The
threshold is the best one on the validation pairs. The weights of the network stay as they are.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from app.arguments import DONE, Parser, refused
from app.detection.network.contract import Contract
from app.errors import NetworkError, ScarpError
from app.testsets.scars import Pair
from models import checkpoints, chips, mountains, runs, train
from models.scar import RisenScar, ScarNet

CALLED = "python -m models.rise"
COUNTS = tuple(0.25 * k for k in range(17))  # logits for one standard deviation of the input, 0.25 of the stretch
TAKEN = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # shares of the logit of T1

LEVELS = tuple(np.round(np.arange(-4, 10.01, 0.1), 1).tolist())  # logits among which a threshold is chosen

Look = tuple[np.ndarray, np.ndarray, np.ndarray]  # of a pair: the logit of T2, the rise, how old; float32 (y, x)
Tried = tuple[float, float, float, float]  # rise, share taken off, logit chosen as threshold, F1 there


def added(start: Path, out: Path, pairs: list[Pair], unchanged: list[Pair]) -> tuple[Contract, list[Tried]]:
    """Write the network of ``start`` with what is best on ``pairs``; return its contract and what was tried.

    F1 is that of ``pairs`` while nothing is taken off, then of these and of the ``unchanged`` together. What is written
    is shifted so that the threshold, the best on ``pairs`` alone, is 0.5. Raises NetworkError where
    ``start`` is no network of T2 alone.
    """
    scar, contract = _alone(start)
    network, run = RisenScar(scar).eval(), _run(contract)
    every = [*pairs, *unchanged]
    looks = _looks(network, run, every)
    tried = [(count, 0.0, *_chosen(looks[: len(pairs)], pairs, count, 0.0)) for count in COUNTS]
    count = max(tried, key=lambda one: one[3])[0]
    old = [(count, taken, *_chosen(looks, every, count, taken)) for taken in TAKEN]
    taken = max(old, key=lambda one: one[3])[1]
    level, _ = _chosen(looks[: len(pairs)], pairs, count, taken)
    with torch.no_grad():
        network.rise.copy_(torch.tensor([count, -level, taken]))
    name = "pair-slope" if contract.terrain else "pair-rgb"
    made = replace(run.contract, name=name, threshold=0.5, training_data=contract.training_data)
    checkpoints.save(out, "scar", network, made)
    return made, [*tried, *old]


def _alone(start: Path) -> tuple[ScarNet, Contract]:
    loaded = checkpoints.read(start, "scar")
    if not isinstance(loaded.network, ScarNet) or loaded.contract is None or not loaded.contract.alone:
        raise NetworkError(f"{start} is no network of T2 alone; train one with `python -m models.train scar-rgb`.")
    return loaded.network, loaded.contract


def _run(contract: Contract) -> runs.StackedRun:
    kind = runs.StackedSlopeRun if contract.terrain else runs.StackedRun
    return kind(runs.Options(bands=contract.bands), "cpu")


def pairs_for(start: Path, scenes: int) -> tuple[list[Pair], list[Pair]]:
    """Return validation pairs for the network of ``start``, and pairs in which nothing slid; with slopes if it has."""
    if _alone(start)[1].terrain:
        return mountains.validation_pairs(False, scenes), mountains.unchanged_pairs()
    return chips.validation_pairs(False, scenes, 0)["real scars"], chips.unchanged_pairs()


@torch.inference_mode()
def _looks(network: RisenScar, run: runs.StackedRun, pairs: list[Pair]) -> list[Look]:
    found = []
    for pair in pairs:
        (x,) = run.dates([pair])
        t1, t2 = x.chunk(2, 1)
        logits = network.scar(t2)[0]
        rise, old = network.brighter(t1, t2)[0, 0], network.older(network.scar(t1))[0, 0]
        found.append(((logits[1] - logits[0]).numpy(), rise.numpy(), old.numpy()))
    return found


def _chosen(looks: list[Look], pairs: list[Pair], count: float, taken: float) -> tuple[float, float]:
    scores = [logit + np.float32(count) * rise - np.float32(taken) * old for logit, rise, old in looks]
    return train.chosen_level(scores, pairs, LEVELS, nearly=0)


def main(argv: list[str] | None = None) -> int:
    """Add, print each amount tried as a line of JSON, and return the exit code: 0 done, 2 refused."""
    made = Parser(prog=CALLED, description=(__doc__ or "").partition("\n\n")[2])
    made.add_argument("--start", type=Path, required=True, metavar="FILE.pt", help="a checkpoint of T2 alone")
    made.add_argument("--out", type=Path, required=True, metavar="FILE.pt", help="the checkpoint to write")
    made.add_argument("--validation", type=int, default=100, metavar="N", help="scenes to choose on (100)")
    args = made.parse_args(argv)
    torch.set_num_threads(1)  # on a busy machine more wait for each other
    try:
        contract, tried = added(args.start, args.out, *pairs_for(args.start, args.validation))
    except ScarpError as error:
        return refused(CALLED, error)
    for count, taken, level, f1 in tried:
        print(json.dumps({"rise": count, "taken": taken, "logit": level, "f1": round(f1, 4)}))
    count, taken, *_, f1 = max(tried[-len(TAKEN) :], key=lambda one: one[3])
    print(f"{args.out}: {contract.name}, a rise of {count:g}, {taken:g} of T1 off, F1 {f1:.4f} with unchanged ground.")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
