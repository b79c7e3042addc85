"""Does a model file fit its contract, what is missing, and how is a scene cut for it."""

from dataclasses import dataclass, replace

from app.bands import ALL_BANDS
from app.detection import tiles
from app.detection.contract import Contract
from app.detection.graph import Graph, Tensor
from app.detection.tiles import Tiling
from app.errors import ModelError

LARGEST_TILE = 2048  # pixels a side that a model may ask for
ROOM = 3  # times the side a network was trained on that a tile may have where any size is taken
USUAL_BANDS = {3: ("B04", "B03", "B02"), 4: ("B02", "B03", "B04", "B08"), 12: ALL_BANDS}
_NORMALISES = {"InstanceNormalization"}  # operators whose answer depends on the whole tile


@dataclass(frozen=True)
class Fit:
    """What a graph fixes: None where any number is taken. ``output`` is the tensor to ask for."""

    contract: Contract
    output: str
    batch: int | None
    height: int | None
    width: int | None

    @property
    def tile(self) -> tuple[int, int]:
        """Height and width of the tile the network was made for."""
        return self.height or self.contract.tile, self.width or self.contract.tile


def fit(contract: Contract, graph: Graph) -> Fit:
    """Return how to run ``graph`` by ``contract``; raises ModelError saying what does not fit and what to write."""
    contract = _with_names(contract, graph)
    given = [_input(graph, name) for name in contract.inputs]
    surplus = [tensor.name for tensor in graph.inputs if tensor.name not in contract.inputs]
    if surplus:
        raise ModelError(f"it also wants the input {', '.join(surplus)}, which Scarp cannot give; export it without.")
    if not contract.bands:
        raise ModelError(_unnamed(given[0], contract))
    for tensor in given:
        _check_input(tensor, contract)
    if len({tensor.shape[2:] for tensor in given}) > 1:
        raise ModelError("its two inputs differ in size; T1 and T2 have to be alike.")
    batch, _, height, width = given[0].shape
    output = _output(graph, contract)
    _check_output(output, contract, (height, width))
    _check_sizes(contract, height, width)
    return Fit(contract, output.name, batch, height, width)


def tiling(found: Fit, shape: tuple[int, int], careful: bool = False) -> Tiling:
    """Return how a scene of ``shape`` is cut for a network.

    Where it takes any size, tiles have up to three times the side it was trained on: fewer overlaps, so
    less work, and normalisation over a tile differs less from one tile to the next. ``careful`` keeps to
    the trained size, one tile at a time, for when memory is short.
    """
    contract = found.contract
    axes = []
    for side, fixed in zip(shape, (found.height, found.width), strict=True):
        if fixed:
            axes.append(tiles.fixed(side, fixed, contract.overlap))
        else:
            largest = contract.tile if careful else min(ROOM * contract.tile, LARGEST_TILE)
            axes.append(tiles.fitted(side, contract.overlap, contract.size_multiple, largest))
    batch = found.batch or (1 if careful else tiles.batch_for(*axes))
    return Tiling(*axes, batch)


def depends_on_tile(graph: Graph) -> bool:
    """Whether the network normalises over its whole input, so that its answer depends on how a scene is cut."""
    return bool(_NORMALISES & set(graph.operators))


def suggest(name: str, graph: Graph) -> Contract:
    """Return a contract that ``graph`` would fit, guessed from its inputs and output, for a person to correct.

    Three bands are taken for the true colours of the published networks: reflectance 0 to 0.3, then -1 to 1.
    """
    inputs = tuple(tensor.name for tensor in graph.inputs)
    if len(inputs) not in (1, 2) or any(len(tensor.shape) != 4 for tensor in graph.inputs):
        raise ModelError(_wanted_inputs(graph))
    _, channels, height, _ = graph.inputs[0].shape
    bands = USUAL_BANDS.get((channels or 0) // (2 if len(inputs) == 1 else 1), ())
    scaled = graph.inputs[0].dtype != "uint8"
    output, threshold = _guessed_output(graph.outputs[0], len(bands))
    return Contract(
        name=name,
        bands=bands,
        output=output,
        threshold=threshold,
        inputs=inputs,
        dtype="float32" if scaled else "uint8",
        high=(0.3,),
        mean=(0.5,) if scaled else (0.0,),
        std=(0.5,) if scaled else (1.0,),
        tile=height or 256,
        overlap=min(32, (height or 256) // 4),
        size_multiple=1 if height else 32,
    )


def _guessed_output(tensor: Tensor, bands: int) -> tuple[str, float]:
    channels = tensor.shape[1] if len(tensor.shape) == 4 else None
    if tensor.made_by in ("Softmax", "Sigmoid"):
        return "probability", 0.5
    if tensor.made_by == "Tanh" or (channels == bands and channels and channels > 2):
        return "reconstruction", 0.35
    return "logits", 0.5


def _with_names(contract: Contract, graph: Graph) -> Contract:
    """Return the contract with the graph's own input names where it leaves them at their default."""
    names = tuple(tensor.name for tensor in graph.inputs)
    if contract.inputs == Contract.inputs and set(names) != set(contract.inputs) and len(names) in (1, 2):
        return replace(contract, inputs=names)
    return contract


def _input(graph: Graph, name: str) -> Tensor:
    for tensor in graph.inputs:
        if tensor.name == name:
            return tensor
    raise ModelError(f"it has no input {name}. {_wanted_inputs(graph)}")


def _wanted_inputs(graph: Graph) -> str:
    held = "; ".join(str(tensor) for tensor in graph.inputs) or "none"
    return f'Its inputs are {held}; Scarp gives one or two of (N, channels, height, width), named by "inputs".'


def _unnamed(tensor: Tensor, contract: Contract) -> str:
    count = tensor.shape[1] if len(tensor.shape) == 4 else None
    number = "the" if count is None else str(count // (2 if contract.stacked else 1))
    return f'it does not say which {number} bands it reads. Name them in order as "bands", for example B04, B03, B02.'


def _check_input(tensor: Tensor, contract: Contract) -> None:
    if tensor.dtype != contract.dtype:
        raise ModelError(
            f"its input {tensor.name} is {tensor.dtype or 'no tensor'}, but the contract says {contract.dtype}. "
            'Write "dtype": "float32" or "uint8" as the file has it; other types have to be exported anew.'
        )
    if len(tensor.shape) != 4:
        raise ModelError(f"its input is {tensor}; four sides are needed: (N, channels, height, width).")
    wanted = len(contract.bands) * (2 if contract.stacked else 1)
    if tensor.shape[1] not in (None, wanted):
        what = "both dates stacked" if contract.stacked else "one date"
        raise ModelError(
            f"its input {tensor.name} has {tensor.shape[1]} channels, but {what} of {', '.join(contract.bands)} "
            f'make {wanted}. Correct "bands".'
        )


def _output(graph: Graph, contract: Contract) -> Tensor:
    if not contract.answer:
        return graph.outputs[0]
    for tensor in graph.outputs:
        if tensor.name == contract.answer:
            return tensor
    names = ", ".join(tensor.name for tensor in graph.outputs)
    raise ModelError(f'it has no output {contract.answer}. Write one of {names} as "answer".')


def _check_output(tensor: Tensor, contract: Contract, size: tuple[int | None, int | None]) -> None:
    if not tensor.dtype or len(tensor.shape) not in (0, 4):  # 0: the file does not say
        raise ModelError(
            f"its output is {tensor}; (N, channels, height, width) is needed. Export it before classes are chosen."
        )
    if tensor.shape:
        check_answer(tensor.shape, contract, size)


def check_answer(
    shape: tuple[int | None, ...],
    contract: Contract,
    size: tuple[int | None, int | None],
    batch: int | None = None,
) -> None:
    """Raise ModelError unless an answer of ``shape`` is what the contract promises for ``batch`` tiles of ``size``."""
    if len(shape) != 4:
        raise ModelError(f"it answers with {len(shape)} sides; (N, channels, height, width) is needed.")
    if batch is not None and shape[0] != batch:
        raise ModelError(
            f"it answers {shape[0]} times for {batch} tiles; export it with an open batch, or a batch of 1."
        )
    channels, wanted = shape[1], _channels(contract)
    if channels is not None and channels not in wanted:
        raise ModelError(
            f"it answers with {channels} channels, but {contract.output} has {_listed(wanted)}. "
            'Correct "output", "changed" or "bands".'
        )
    if any(None not in (own, given) and own != given for own, given in zip(shape[2:], size, strict=True)):
        raise ModelError(
            f"it answers with {shape[3]} x {shape[2]} pixels for {size[1]} x {size[0]}; export it with its answer "
            "enlarged to the size of its input."
        )


def most_channels(contract: Contract) -> int:
    """Return how many channels an answer may have: a stranger's network must not fill Scarp's memory with its own."""
    return max(16, len(contract.bands), 2 * contract.changed)


def _channels(contract: Contract) -> range | tuple[int, ...]:
    if contract.output == "reconstruction":
        return (len(contract.bands),)
    if contract.output == "logits":
        return (1, 2) if contract.changed < 2 else ()
    return (1, *range(contract.changed + 1, 1000))


def _listed(wanted: tuple[int, ...]) -> str:
    if len(wanted) > 2:
        return f"1, or more than {wanted[1] - 1}"
    return " or ".join(str(number) for number in wanted) or '0 or 1 as "changed"'


def _check_sizes(contract: Contract, height: int | None, width: int | None) -> None:
    if contract.output == "reconstruction" and contract.dtype == "uint8":
        raise ModelError("a reconstruction of uint8 input cannot be compared with it; export it with float32 input.")
    tallest = max(height or contract.tile, width or contract.tile)
    if tallest > LARGEST_TILE or min(height or 1, width or 1) < 1:
        raise ModelError(f"it wants tiles of {tallest} pixels a side; at most {LARGEST_TILE} are possible.")
