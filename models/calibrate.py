"""Make a network's scores mean what they say: ``python -m models.calibrate FILE.onnx`` (Platt 1999), torch not needed.

A slope and a shift of the logit are fitted on the validation pairs and kept in the file's contract. The threshold moves
with them, so that the mask stays what it was; the weights are not touched.
"""

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import overload

import numpy as np

from app import files
from app.arguments import DONE, Parser, refused
from app.detection import run
from app.detection.network import graph, stating
from app.detection.network.contract import Contract
from app.errors import NetworkError, ScarpError
from app.testsets.scars import Pair
from models import suited
from models.export import with_contract

SUREST = 1e-7  # a score nearer to 0 or 1 is taken for this far from it
CERTAIN = 1e-6  # surprise a pixel, in nats, below which the scores leave nothing in doubt


@overload
def logit(score: float) -> float: ...


@overload
def logit(score: np.ndarray) -> np.ndarray: ...


def logit(score: np.ndarray | float) -> np.ndarray | float:
    """Return the logit of a score in 0 to 1."""
    kept = np.clip(np.asarray(score, np.float64), SUREST, 1 - SUREST)
    return np.log(kept / (1 - kept))


def sigmoid(value: np.ndarray | float) -> np.ndarray | float:
    """Return the score of a logit."""
    return 1 / (1 + np.exp(-np.clip(value, -500, 500)))


def platt(values: np.ndarray, slid: np.ndarray) -> tuple[float, float]:
    """Return slope and shift under which the sigmoid of ``values`` (float, any shape) is likeliest ``slid`` (bool).

    Raises NetworkError where all or none slid, or the values tell the two apart without an exception: no slope is steep
    enough then.
    """
    from scipy.optimize import minimize

    def unlikely(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        sure = parameters[0] * values + parameters[1]
        wrong = sigmoid(sure) - slid
        return np.mean(np.logaddexp(0, sure) - slid * sure), np.array([np.mean(wrong * values), np.mean(wrong)])

    best = minimize(unlikely, (1.0, 0.0), jac=True, method="BFGS", options={"gtol": 1e-9})
    if best.fun < CERTAIN:
        raise NetworkError("no calibration fits its scores; give it more validation pairs.")
    return float(best.x[0]), float(best.x[1])


def calibrated(contract: Contract, score: np.ndarray, slid: np.ndarray) -> Contract:
    """Return the contract with slope, shift and threshold by which ``score`` (0 to 1) is a share of ``slid`` (bool).

    Raises NetworkError for a network that does not answer with logits.
    """
    if contract.output != "logits":
        raise NetworkError(f"it answers with a {contract.output}; only logits are calibrated.")
    slope, shift = platt(logit(score), slid)
    if slope <= 0:
        raise NetworkError("its scores are higher where nothing slid; calibration would turn them round.")
    return replace(
        contract,
        slope=slope * contract.slope,
        shift=slope * contract.shift + shift,
        threshold=float(sigmoid(slope * logit(contract.threshold) + shift)),
    )


def scored(network: Path, pairs: Iterable[Pair]) -> tuple[np.ndarray, np.ndarray]:
    """Return the network's score of every clear pixel of the pairs, and whether it slid, by the application's call."""
    scores, slid = [], []
    contract = stating.stated(network, graph.read(_content(network)))
    for pair in pairs:
        found = run.detect(suited.as_patch(pair, contract), f"onnx:{network.resolve()}", "cpu")
        if found.fallback:
            raise NetworkError(f"it did not run: {found.fallback}")
        scores.append(found.score[found.clear])
        slid.append(pair.truth[found.clear])
    return np.concatenate(scores), np.concatenate(slid)


def calibrate(network: Path, pairs: Iterable[Pair]) -> Contract:
    """Calibrate the file ``network`` in place on ``pairs`` and return its new contract; raises NetworkError."""
    content = _content(network)
    before = stating.stated(network, graph.read(content))
    after = calibrated(before, *scored(network, pairs))
    with files.written_whole(network) as part:
        part.write_bytes(with_contract(content, after))
    return after


def _content(network: Path) -> bytes:
    try:
        return files.local(network).read_bytes()
    except OSError as error:
        raise NetworkError(f"it cannot be read ({error.strerror}); name an .onnx file.") from error


def main(argv: list[str] | None = None) -> int:
    """Calibrate, say what came of it, and return the exit code: 0 done, 2 refused."""
    made = Parser(prog="python -m models.calibrate", description=(__doc__ or "").partition("\n\n")[2])
    made.add_argument("network", type=Path, metavar="FILE.onnx", help="the file, which is changed")
    made.add_argument("--validation", type=int, default=60, metavar="N", help="pairs to fit on, of each kind (60)")
    made.add_argument("--real", choices=("shared", "none"), default="shared", help="use the real images, or none")
    args = made.parse_args(argv)
    try:
        contract = stating.stated(args.network, graph.read(_content(args.network)))
        pairs = suited.held_back(contract, args.validation, args.validation * (args.real == "shared"))
        found = calibrate(args.network, pairs)
    except ScarpError as error:
        return refused(made.prog, f"{args.network.name}: {error}")
    print(f"{args.network}: slope {found.slope:.4f}, shift {found.shift:.4f}, threshold {found.threshold:.4f}.")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
