"""Write a network in 8-bit integers where its F1 stays the same: ``python -m models.quantise IN.onnx --out OUT.onnx``.

Weights and activations of the convolutions become 8-bit integers (static quantisation, scales from calibration
pairs of the training places); the transformer, its softmax and convolutions that answer with scores
stay float32. The F1 of both files on the validation pairs decides whether it is kept.
"""

import argparse
import logging
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import files
from app.arguments import DONE, Parser, refused
from app.detection import run
from app.detection.network import fitting, graph, scaling, stating
from app.detection.network.contract import Contract
from app.errors import InputError, NetworkError, ScarpError
from app.grid import BUFFER_DEG
from app.scoring import metrics
from app.testsets import real
from app.testsets.scars import Pair
from models import data, suited
from models.export import finished

if TYPE_CHECKING:
    import onnx
    import xarray as xr

CALLED = "python -m models.quantise"
MOST_MOVED = 0.005  # of F1
NARROW = 16  # convolutions with fewer channels out give scores (attention, classes), not features: they stay float32
FOLLOWING = ("Add", "Concat", "DepthToSpace", "MaxPool", "Relu")  # operators that can stay 8-bit between convolutions
OLDEST_OPSET = 13  # the first with a scale for each output channel
SEED = 4
MOVED = 1  # exit code


@dataclass(frozen=True)
class Quantised:
    """What was made, and F1 (micro, clear pixels) of both files on the same validation pairs."""

    path: Path
    contract: Contract
    sha256: str
    size: int
    size_before: int
    f1: float
    f1_before: float
    pairs: int

    @property
    def moved(self) -> float:
        """How far F1 moved, in either direction; NaN where it is undefined."""
        return abs(self.f1 - self.f1_before)

    @property
    def holds(self) -> bool:
        """Whether F1 stayed where it was."""
        return self.moved < MOST_MOVED


def quantise(
    source: Path, out: Path, calibration: Iterable[Pair], validation: list[Pair], keep: bool = False
) -> Quantised:
    """Write the network of ``source`` in 8-bit integers to ``out`` and return what was made.

    ``calibration`` gives the ranges of the activations, ``validation`` the F1 of both; no place should be in
    both. Where F1 moves by ``MOST_MOVED`` or more the file is not written, unless ``keep``. The contract goes
    along, its name and version saying int8. Raises NetworkError where the file is refused, BandMissingError
    where it reads bands the pairs lack, InputError where ``out`` cannot be written.
    """
    content, contract, found = _read(source)
    if files.local(out, "written").resolve() == source.resolve():
        raise InputError(f"{out} is the file to quantise; choose another --out, so that both are there to choose from.")
    patches = (suited.as_patch(pair, contract) for pair in calibration)
    with _about(source):
        made = quantised(content, _named(contract), (_inputs(patch, found) for patch in patches))
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / "int8.onnx"
        trial.write_bytes(made)
        before, after = (f1(path, contract, validation) for path in (source, trial))
    digest = files.digest(made)
    done = Quantised(out, _named(contract), digest, len(made), len(content), after, before, len(validation))
    if done.holds or keep:
        with files.written_whole(out) as part:
            part.write_bytes(made)
    return done


def quantised(content: bytes, contract: Contract, feeds: Iterable[dict[str, np.ndarray]]) -> bytes:
    """Return the .onnx file ``content`` with wide convolutions in 8-bit integers, carrying ``contract``.

    ``feeds`` are calibration inputs by tensor name. Weights have a scale for each output channel and 7 bits:
    with 8, products of processors without VNNI overflow, and answers would differ from one machine to the next.
    Raises NetworkError where there is nothing to quantise.
    """
    import onnx
    from onnxruntime import quantization

    model = onnx.load_from_string(content)
    if any(opset.version < OLDEST_OPSET for opset in model.opset_import if opset.domain in ("", "ai.onnx")):
        raise NetworkError(
            f"it is written for an opset older than {OLDEST_OPSET}; export it anew with that or a later one."
        )
    chosen = _chosen(model.graph)
    if not chosen:
        raise NetworkError(f"it has no convolution of {NARROW} channels or more, so 8-bit integers would gain nothing.")
    _unshare_biases(model.graph)
    with tempfile.TemporaryDirectory() as folder, _quietly():
        target = Path(folder) / "int8.onnx"
        quantization.quantize_static(
            model,
            target,
            _Feeds(feeds),
            quant_format=quantization.QuantFormat.QDQ,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_quantize=chosen,
            op_types_to_quantize=["Conv", *FOLLOWING],
        )
        return finished(onnx.load(target), contract)


def f1(network: Path, contract: Contract, pairs: Iterable[Pair]) -> float:
    """Return a network's F1 at its own threshold, pooled over the clear pixels of the pairs, by Scarp's own call.

    ``contract`` says what it reads.
    """
    counts = []
    for pair in pairs:
        found = run.detect(suited.as_patch(pair, contract), f"onnx:{network.resolve()}", "cpu")
        if found.fallback:
            raise NetworkError(f"{network.name} did not run: {found.fallback}")
        counts.append(metrics.confusion(run.mask(found), pair.truth, found.clear))
    return metrics.micro(counts).f1


def calibration_pairs(
    count: int, with_real: bool = True, kind: type[data.Maker] = data.Maker, seed: int = SEED
) -> Iterator[Pair]:
    """Yield pairs as in training, of training places only; the mixture is that of the maker's ``kind``."""
    places = data.simulated_places("train", max(1, count // 4), seed)
    pool = [kind.simulated(place, BUFFER_DEG) for place in places]
    maker = kind(pool, real.places("train") if with_real else [], seed)
    return (maker.pair(number) for number in range(count))


def _read(source: Path) -> tuple[bytes, Contract, fitting.Fit]:
    """Return a network file's bytes, its contract and how it is fed; raises NetworkError where it cannot be used."""
    try:
        content = files.local(source).read_bytes()
    except OSError as error:
        raise NetworkError(f"{source} cannot be read ({error.strerror}); name an .onnx file.") from error
    with _about(source):
        held = graph.read(content)
        if "QuantizeLinear" in held.operators:
            raise NetworkError("it is in 8-bit integers already; start from the float32 file.")
        contract = stating.stated(source, held)
        suited.require(contract)
        return content, contract, fitting.fit(contract, held)


@contextmanager
def _about(source: Path) -> Iterator[None]:
    """Put the file's name before what is wrong with it."""
    try:
        yield
    except NetworkError as error:
        raise NetworkError(f"{source.name}: {error}") from error


def _named(contract: Contract) -> Contract:
    return replace(contract, name=f"{contract.name}-int8", version=f"{contract.version} int8")


def _inputs(patch: "xr.Dataset", found: fitting.Fit) -> dict[str, np.ndarray]:
    """Return the first tile of a patch as the network's inputs, by tensor name."""
    tiling = fitting.tiling(found, (patch.sizes["y"], patch.sizes["x"]))
    dates = scaling.Inputs(patch, found.contract, tiling).dates([(0, 0)] * (found.batch or 1))
    return dict(zip(found.contract.inputs, scaling.arranged(found.contract, *dates), strict=True))


def _chosen(network: "onnx.GraphProto") -> list[str]:
    """Return the names of the nodes to compute in 8 bits: wide convolutions and what lies between them."""
    shape = {tensor.name: tensor.dims for tensor in network.initializer}
    wide = [node for node in network.node if node.op_type == "Conv" and _wide(shape.get(node.input[1], ()))]
    chosen = [node.name for node in wide]
    held = {name for node in wide for name in (node.input[0], node.output[0])}  # tensors that are 8-bit anyway
    for node in network.node:
        if node.op_type in FOLLOWING and held.issuperset(node.input):
            chosen.append(node.name)
            held.update(node.output)
    return chosen


def _unshare_biases(network: "onnx.GraphProto") -> None:
    """Give every convolution a bias of its own: exporters keep equal ones once, and a bias takes its layer's scale."""
    biases, copied = {tensor.name: tensor for tensor in network.initializer}, set()
    for node in network.node:
        if node.op_type == "Conv" and len(node.input) == 3 and node.input[2] in biases:
            copied.add(node.input[2])
            own = network.initializer.add()
            own.CopyFrom(biases[node.input[2]])
            own.name = node.input[2] = f"{node.output[0]}.bias"
    unread = copied.difference(name for node in network.node for name in node.input)
    left = [tensor for tensor in network.initializer if tensor.name not in unread]
    del network.initializer[:]
    network.initializer.extend(left)


def _wide(kernel: tuple[int, ...]) -> bool:
    return len(kernel) == 4 and kernel[0] >= NARROW


class _Feeds:
    """Calibration inputs in the form onnxruntime asks for them."""

    def __init__(self, feeds: Iterable[dict[str, np.ndarray]]) -> None:
        self.feeds = iter(feeds)

    def get_next(self) -> dict[str, np.ndarray] | None:
        """Return the next inputs, None when there are no more."""
        return next(self.feeds, None)


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep onnxruntime's advice on shape inference, which changes nothing here, off the screen."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is less than 1")
    return value


def parser() -> Parser:
    """Return the command line's parser."""
    made = Parser(
        prog=CALLED,
        description="Write a network with its wide convolutions in 8-bit integers; exit code 1 where F1 moved too far.",
    )
    made.add_argument(
        "source", type=Path, metavar="IN.onnx", help="the float32 file, of some of B02, B03, B04, B08, or with SLOPE"
    )
    made.add_argument("--out", type=Path, required=True, metavar="OUT.onnx", help="the file to write")
    made.add_argument("--calibration", type=_count, default=64, metavar="N", help="pairs to take ranges from (64)")
    made.add_argument("--validation", type=_count, default=60, metavar="N", help="pairs to score, of each kind (60)")
    made.add_argument("--real", choices=("shared", "none"), default="shared", help="use the real images, or none")
    made.add_argument("--keep", action="store_true", help=f"write it even where F1 moves by {MOST_MOVED} or more")
    return made


def main(argv: list[str] | None = None) -> int:
    """Quantise, say what came of it, and return the exit code: 0 done, 1 F1 moved too far, 2 refused."""
    args = parser().parse_args(argv)
    with_real = args.real == "shared"
    try:
        _, contract, _ = _read(args.source)  # before pairs are made, which takes half a minute
        pairs = suited.held_back(contract, args.validation, args.validation * with_real)
        shown = calibration_pairs(args.calibration, with_real, suited.maker(contract))
        done = quantise(args.source, args.out, shown, pairs, args.keep)
    except ModuleNotFoundError as error:
        return refused(CALLED, f"{error.name} is not installed. Run `pip install -r requirements-models.txt`.")
    except ScarpError as error:
        return refused(CALLED, error)
    print(told(done, done.holds or args.keep))
    if not done.holds:
        refused(CALLED, f"F1 moved by {MOST_MOVED} or more{_WHAT_NOW[args.keep]}")
    return DONE if done.holds else MOVED


_WHAT_NOW = {
    True: "; the file was written all the same, as --keep asks.",
    False: ", so nothing was written; use the float32 file, give more --calibration pairs, or insist with --keep.",
}


def told(done: Quantised, written: bool) -> str:
    """Return what was made, in two lines."""
    return (
        f"{'Wrote' if written else 'Made, but did not keep,'} {done.path}: {done.contract.name}; "
        f"{done.size / 1e6:.1f} MB, {done.size_before / 1e6:.1f} MB before; sha256 {done.sha256}.\n"
        f"F1 (micro, clear pixels) on {done.pairs} validation pairs at threshold {done.contract.threshold:g}: "
        f"{done.f1_before:.4f} in float32, {done.f1:.4f} in int8, moved by {done.moved:.4f}."
    )


if __name__ == "__main__":
    sys.exit(main())
