"""Write a checkpoint as one .onnx file: ``python -m models.export bit|cdrl|scar --checkpoint FILE --out FILE``."""

import io
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app import bands as sentinel2
from app import config, files
from app.arguments import DONE, Parser, refused
from app.detection.network import scaling
from app.detection.network.contract import Contract
from app.errors import NetworkError, ScarpError

if TYPE_CHECKING:
    import onnx
    from torch import nn

    from models.checkpoints import Checkpoint

CALLED = "python -m models.export"
OPSET = 17  # the newest that torch's tracing exporter writes and every onnxruntime in use reads
LARGEST_DIFFERENCE, RMS_DIFFERENCE = 3e-5, 6e-6  # for answers within -1 to 1; in proportion beyond

# What the published weights were trained on: 8-bit pictures. Reflectance 0 to 0.3 is the usual
# true-colour stretch of Sentinel-2; bit's normalisation is its paper's, cdrl's is ImageNet's as its code has it
PUBLISHED = {
    "bit": Contract(
        name="bit",
        bands=("B04", "B03", "B02"),
        output="logits",
        threshold=0.5,
        high=(0.3,),
        mean=(0.5,),
        std=(0.5,),
        size_multiple=8,
        source="Chen, Qi and Shi 2021, doi:10.1109/TGRS.2021.3095166",
    ),
    "cdrl": Contract(
        name="cdrl",
        bands=("B02", "B03", "B04"),
        output="reconstruction",
        threshold=0.35,  # the published 0.7 of a difference that reaches 2
        high=(0.3,),
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
        overlap=64,  # InstanceNorm and the channel gates make tiles differ: blend over a wide seam
        size_multiple=256,
        source="Noh et al. 2022, arXiv:2204.01200",
    ),
    "scar": Contract(  # never published elsewhere: its checkpoints say the rest themselves
        name="scar",
        bands=("B02", "B03", "B04"),
        output="logits",
        threshold=0.5,
        inputs=("t2",),
        dates=("t2",),
        stretch="percentile",
        low=(1.0,),
        high=(99.0,),
        mean=(0.4,),
        std=(0.25,),
        size_multiple=16,
        source="Scarp",
    ),
}
# The usual sets of bands by their number, where neither the file nor the person says which
USUAL_BANDS = {4: ("B02", "B03", "B04", "B08"), 12: sentinel2.ALL_BANDS}


@dataclass(frozen=True)
class Agreement:
    """How far the answers of the file and of torch lie apart, over all compared inputs."""

    largest: float
    rms: float
    amplitude: float  # largest absolute answer
    flips: int  # pixels put into another class
    pixels: int

    @property
    def holds(self) -> bool:
        """Whether the two differ by rounding alone."""
        scale = max(1.0, self.amplitude)
        return self.largest <= LARGEST_DIFFERENCE * scale and self.rms <= RMS_DIFFERENCE * scale


@dataclass(frozen=True)
class Exported:
    """What was written."""

    path: Path
    contract: Contract
    channels: int
    agreement: Agreement
    sha256: str


def export(network: str, checkpoint: Path, out: Path, contract_changes: dict[str, object] | None = None) -> Exported:
    """Write the checkpoint of ``network`` ("bit", "cdrl" or "scar") to ``out`` and return what was written.

    The graph is the bare network: float32 inputs as its contract names them (N, C, H, W), any N, H and W in
    multiples of the contract's ``size_multiple``. The contract is the checkpoint's own or that of the
    published weights, with ``contract_changes`` (field -> value) on top. The file is compared with torch before it is
    put in place, whole. Raises NetworkError where the checkpoint is refused, the file cannot be
    written, or the two do not agree.
    """
    from models import checkpoints

    loaded = checkpoints.read(checkpoint, network)
    contract = _contract(network, loaded, contract_changes or {})
    content = with_contract(_trace(network, loaded.network, contract), contract)
    agreement = compare(content, loaded.network, contract)
    if not agreement.holds:
        raise NetworkError(
            f"The exported graph differs from torch by up to {agreement.largest:.1e} (rms {agreement.rms:.1e}), more "
            "than rounding explains, so nothing was written; check the checkpoint for weights that are not finite."
        )
    _write(content, out)
    return Exported(out, contract, _bands(loaded.network, contract), agreement, files.digest(content))


def compare(content: bytes, network: "nn.Module", contract: Contract) -> Agreement:
    """Run ``content`` (an .onnx file's bytes) and ``network`` on the same inputs: two sizes, two batches."""
    import onnxruntime
    import torch

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    differences, amplitude, flips = [], 0.0, 0
    for t1, t2 in _samples(_bands(network, contract), contract):
        given = scaling.arranged(contract, t1, t2)
        (found,) = session.run(None, dict(zip(contract.inputs, given, strict=True)))
        with torch.inference_mode():
            wanted = network(*map(torch.from_numpy, given)).numpy()
        differences.append((found.astype(np.float64) - wanted).ravel())
        amplitude = max(amplitude, float(np.abs(wanted).max()))
        if contract.output == "logits":
            flips += int(np.count_nonzero(found.argmax(1) != wanted.argmax(1)))
    all_differences = np.concatenate(differences)
    largest, rms = float(np.abs(all_differences).max()), float(np.sqrt(np.mean(all_differences**2)))
    return Agreement(largest, rms, amplitude, flips, all_differences.size // wanted.shape[1])


def _bands(network: "nn.Module", contract: Contract) -> int:
    """Return how many bands of a date a network reads; one that is given both dates stacked counts them twice."""
    return network.bands // 2 if contract.stacked else network.bands


def _samples(channels: int, contract: Contract) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield pairs of normalised noise whose left halves are equal, so that mixed-up dates would show."""
    generator = np.random.default_rng(0)
    step = max(contract.size_multiple, 64)
    for batch, height, width in ((1, 256, 256), (2, step, 2 * step)):
        shape = (batch, channels, height, width)
        t1, t2 = (generator.uniform(-1, 1, shape).astype(np.float32) for _ in range(2))
        t2[..., : width // 2] = t1[..., : width // 2]
        yield t1, t2


def _contract(network: str, loaded: "Checkpoint", changes: dict[str, Any]) -> Contract:
    """Return the file's own contract, or the published one fitted to the number of input bands."""
    graph = PUBLISHED[network]  # what the graph fixes, whatever the checkpoint says
    stated = loaded.contract or _published(network, loaded.network.bands)
    channels = _bands(loaded.network, stated)
    contract = replace(
        stated,
        inputs=stated.inputs if network == "scar" else graph.inputs,
        dtype=graph.dtype,
        output=graph.output,
        size_multiple=graph.size_multiple,
        **changes,
    )
    if contract.bands and len(contract.bands) != channels:
        raise NetworkError(
            f"The checkpoint takes {channels} bands, but {len(contract.bands)} are named "
            f"({', '.join(contract.bands)}); name {channels} with --bands, in the order it was trained on."
        )
    return contract


def _published(network: str, channels: int) -> Contract:
    contract = PUBLISHED[network]
    if len(contract.bands) == channels:
        return contract
    # ImageNet's statistics belong to three colours; other numbers of bands get the plain -1 to 1
    return replace(contract, bands=USUAL_BANDS.get(channels, ()), mean=(0.5,), std=(0.5,))


def _trace(network: str, module: "nn.Module", contract: Contract) -> bytes:
    """Return the bare graph of ``module``, rearranged for speed, as an .onnx file's bytes."""
    import torch

    from models import deploy

    deployed: dict[str, type[nn.Module]] = {"bit": deploy.DeployedBIT, "cdrl": deploy.DeployedGenerator}
    arranged = (deployed[network](module) if network in deployed else module).eval()
    dates = tuple(torch.zeros(1, module.bands, 256, 256) for _ in contract.inputs)
    names, answer = list(contract.inputs), contract.output
    axes = {name: {0: "batch", 2: "height", 3: "width"} for name in (*names, answer)}
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracing exporter announces its successor, ten times slower here
        torch.onnx.export(
            arranged,
            dates,
            buffer,
            dynamo=False,
            opset_version=OPSET,
            input_names=names,
            output_names=[answer],
            dynamic_axes=axes,
        )
    return buffer.getvalue()


def with_contract(content: bytes, contract: Contract) -> bytes:
    """Return an .onnx file's bytes with ``contract`` in place of whatever it said of itself."""
    import onnx

    return finished(onnx.load_from_string(content), contract)


def finished(model: "onnx.ModelProto", contract: Contract) -> bytes:
    """Return a network as the bytes of an .onnx file that says ``contract`` of itself."""
    import onnx

    onnx.helper.set_model_props(model, contract.to_metadata())
    model.producer_name, model.producer_version = "Scarp", config.version()
    model.doc_string = f"{contract.name}: {contract.source}"
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _write(content: bytes, out: Path) -> None:
    try:
        files.put(out, content)
    except OSError as error:
        raise NetworkError(
            f"{out} cannot be written ({error.strerror}); choose a file in a folder you may write to."
        ) from error


def parser() -> Parser:
    """Return the command line's parser."""
    main_parser = Parser(
        prog=CALLED,
        description="Write a checkpoint (the published forms or Scarp's own) as one .onnx file that Scarp can run.",
    )
    main_parser.add_argument("network", choices=tuple(PUBLISHED), help="which network the checkpoint is of")
    main_parser.add_argument("--checkpoint", type=Path, required=True, metavar="FILE", help="the .pt or .pth file")
    main_parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the .onnx file to write")
    main_parser.add_argument("--bands", metavar="B04,B03,B02", help="the bands it was trained on, in order")
    main_parser.add_argument("--name", help="a name to know the network by")
    main_parser.add_argument("--version", help="which of its versions this is")
    main_parser.add_argument("--licence", help="what may be done with the weights")
    main_parser.add_argument("--training-data", help="what the weights were trained on")
    return main_parser


def main(argv: list[str] | None = None) -> int:
    """Export, say what was written, and return the exit code: 0 done, 2 refused."""
    args = parser().parse_args(argv)
    try:
        changes = {
            field: value
            for field in ("name", "version", "licence", "training_data")
            if (value := getattr(args, field)) is not None
        }
        if args.bands is not None:
            changes["bands"] = sentinel2.parse(args.bands)
        print(_told(export(args.network, args.checkpoint, args.out, changes)))
    except ModuleNotFoundError as error:
        return refused(CALLED, f"{error.name} is not installed. Run `pip install -r requirements-models.txt`.")
    except ScarpError as error:
        return refused(CALLED, error)
    return DONE


def _told(done: Exported) -> str:
    named = ", ".join(done.contract.bands) or f"{done.channels} bands nobody named: say which with --bands"
    agreement = done.agreement
    flips = f", {agreement.flips} of {agreement.pixels} pixels in another class" * (done.contract.output == "logits")
    return (
        f"Wrote {done.path}: {done.contract.name} for {named}; {done.path.stat().st_size / 1e6:.1f} MB, "
        f"sha256 {done.sha256}.\n"
        f"Agrees with torch: largest difference {agreement.largest:.1e}, rms {agreement.rms:.1e}{flips}."
    )


if __name__ == "__main__":
    sys.exit(main())
