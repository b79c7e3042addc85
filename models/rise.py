"""Add what changed to a network of T2 alone: ``python -m models.rise --start scar-rgb.pt --out pair-rgb.pt``.

By how much a rise of brightness counts is the best of a few on the validation pairs, whose scars the network has not
seen; with it goes a threshold. The weights of the network stay as they are.
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
from models import checkpoints, chips, runs, train
from models.scar import RisenScar, ScarNet

CALLED = "python -m models.rise"
COUNTS = tuple(0.25 * k for k in range(17))  # logits for one standard deviation of the input, 0.25 of the stretch

LEVELS = tuple(np.round(np.arange(-4, 10.01, 0.1), 1).tolist())  # logits among which a threshold is chosen


def added(start: Path, out: Path, pairs: list[Pair]) -> tuple[Contract, list[tuple[float, float, float]]]:
    """Write the network of ``start`` with the rise that is best on ``pairs``; return its contract and what was tried.

    That is, for each amount: the amount, the logit chosen as threshold, and F1 there. What is written is shifted so
    that the threshold is 0.5. Raises NetworkError where
    ``start`` is no network of T2 alone.
    """
    loaded = checkpoints.read(start, "scar")
    if not isinstance(loaded.network, ScarNet) or loaded.contract is None or not loaded.contract.alone:
        raise NetworkError(f"{start} is no network of T2 alone; train one with `python -m models.train scar-rgb`.")
    network = RisenScar(loaded.network).eval()
    looks = _looks(network, loaded.contract, pairs)
    tried = [(count, *_chosen(looks, pairs, count)) for count in COUNTS]
    count, level, _ = max(tried, key=lambda one: one[2])
    with torch.no_grad():
        network.rise[0], network.rise[1] = count, -level
    contract = replace(
        runs.StackedRun.contract,
        name="pair-rgb",
        threshold=0.5,
        training_data=loaded.contract.training_data,
    )
    checkpoints.save(out, "scar", network, contract)
    return contract, tried


@torch.inference_mode()
def _looks(network: RisenScar, contract: Contract, pairs: list[Pair]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return for each pair the logit of T2 alone and the rise, float32 (y, x) each."""
    run = runs.StackedRun(runs.Options(bands=contract.bands), "cpu")
    found = []
    for pair in pairs:
        (x,) = run.dates([pair])
        t1, t2 = x.chunk(2, 1)
        logits = network.scar(t2)[0]
        found.append(((logits[1] - logits[0]).numpy(), network.brighter(t1, t2)[0, 0].numpy()))
    return found


def _chosen(looks: list[tuple[np.ndarray, np.ndarray]], pairs: list[Pair], count: float) -> tuple[float, float]:
    return train.chosen_level([logit + np.float32(count) * rise for logit, rise in looks], pairs, LEVELS)


def main(argv: list[str] | None = None) -> int:
    """Add, print each amount tried as a line of JSON, and return the exit code: 0 done, 2 refused."""
    made = Parser(prog=CALLED, description=(__doc__ or "").partition("\n\n")[2])
    made.add_argument("--start", type=Path, required=True, metavar="FILE.pt", help="a checkpoint of T2 alone")
    made.add_argument("--out", type=Path, required=True, metavar="FILE.pt", help="the checkpoint to write")
    made.add_argument("--validation", type=int, default=100, metavar="N", help="scenes to choose on (100)")
    args = made.parse_args(argv)
    torch.set_num_threads(1)  # on a busy machine more wait for each other
    try:
        pairs = chips.validation_pairs(False, args.validation, 0)["real scars"]
        contract, tried = added(args.start, args.out, pairs)
    except ScarpError as error:
        return refused(CALLED, error)
    for count, level, f1 in tried:
        print(json.dumps({"rise": count, "logit": level, "f1": round(f1, 4)}))
    best = max(tried, key=lambda one: one[2])
    print(f"{args.out}: {contract.name}, a rise of {best[0]:g}, F1 {best[2]:.4f} on {len(pairs)} validation pairs.")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
