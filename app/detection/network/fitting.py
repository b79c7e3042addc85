"""Does a network file fit its contract, what is missing, and how is a scene cut for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.detection.network import tiles
from app.detection.network.contract import DTYPES, Contract
from app.detection.network.graph import Graph, Tensor
from app.detection.network.naming import in_time_order
from app.detection.network.tiles import Tiling
from app.errors import NetworkError

SMALLEST_TILE, LARGEST_TILE = 8, 2048  # pixels a side that a network may ask for
MOST_CHANNELS = 64  # of an answer
MOST_BATCH, LARGEST_BATCH_PX = 256, LARGEST_TILE**2  # tiles that a network asks for at once, and their pixels together
ROOM = 3  # times the side a network was trained on that a tile may have where any size is taken
_NORMALISES = {"InstanceNormalization"}  # operators whose answer depends on the whole tile


@dataclass(frozen=True)
class Fit:
    """What a graph fixes: None where any number is taken. ``output`` is the tensor to ask for.

    ``order`` says which date goes where, ``doubts`` what a reader should know that the names say otherwise.
    """

    contract: Contract
    output: str
    batch: int | None
    height: int | None
    width: int | None
    order: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def tile(self) -> tuple[int, int]:
        """Height and width of the tile the network was made for."""
        return self.height or self.contract.tile, self.width or self.contract.tile


def fit(contract: Contract, graph: Graph, guessed: bool = False) -> Fit:
    """Return how to run ``graph`` by ``contract``; raises NetworkError saying what does not fit and what to write.

    Where the contract is ``guessed``, any output with an answer for each pixel will do.
    """
    said, contract = contract.inputs, _with_names(contract, graph)
    if contract.alone and len(contract.inputs) > 1:
        raise NetworkError(
            f"it has the inputs {', '.join(contract.inputs)}, and its contract says that it reads T2 alone. "
            'Write "dates": ["t1", "t2"], or export it with one input.'
        )
    given = [_input(graph, name) for name in contract.inputs]
    surplus = [tensor.name for tensor in graph.inputs if tensor.name not in contract.inputs]
    if surplus:
        raise NetworkError(f"it also wants the input {', '.join(surplus)}, which Scarp cannot give; export it without.")
    for tensor in given:
        _check_sort(tensor, contract)
    shapes = {_sides(tensor, contract) for tensor in given}
    if len({shape[1:] for shape in shapes}) > 1:
        raise NetworkError(f"its inputs {given[0]} and {given[1]} are not alike, as T1 and T2 have to be.")
    batch, channels, height, width = _sides(given[0], contract)
    if not contract.bands:
        raise NetworkError(_unnamed(channels, contract))
    _check_channels(given[0], contract)
    _check_sizes(contract, batch, height, width)
    output = _output(graph, contract, (height, width), guessed)
    order, doubts = _order(contract, named=said == contract.inputs != Contract.inputs)
    return Fit(contract, output.name, batch, height, width, order, doubts)


def tiling(found: Fit, shape: tuple[int, int], careful: bool = False) -> Tiling:
    """Return how a scene of ``shape`` is cut for a network.

    Where it takes any size, tiles have up to three times the side it was trained on: fewer overlaps, so
    less work, and normalisation over a tile differs less from one tile to the next. ``careful`` keeps to
    the trained size, one tile at a time, for when memory is short.
    """
    contract = found.contract
    largest = contract.tile if careful else min(ROOM * contract.tile, LARGEST_TILE)
    rows, columns = (
        tiles.fixed(side, fixed, contract.overlap)
        if fixed
        else tiles.fitted(side, contract.overlap, contract.size_multiple, largest)
        for side, fixed in zip(shape, (found.height, found.width), strict=True)
    )
    batch = found.batch or (1 if careful else tiles.batch_for(rows, columns))
    return Tiling(rows, columns, batch)


def depends_on_tile(graph: Graph) -> bool:
    """Whether the network normalises over its whole input, so that its answer depends on how a scene is cut."""
    return bool(_NORMALISES & set(graph.operators))


def _order(contract: Contract, named: bool) -> tuple[str, tuple[str, ...]]:
    """Return which date goes where, in words, and a doubt where a contract that names the inputs goes against them."""
    if contract.alone:
        return f"Its one input {contract.inputs[0]} takes T2 alone; T1 is not looked at.", ()
    if contract.stacked:
        return f"Its one input {contract.inputs[0]} takes the channels of T1 first, then those of T2.", ()
    (t1, t2), (ordered, told) = contract.inputs, in_time_order(contract.inputs)
    goes = f"T1 goes into {t1} and T2 into {t2}"
    if told and ordered != contract.inputs:
        right = f'"inputs": ["{ordered[0]}", "{ordered[1]}"]'
        return f"{goes}, as the contract says.", (f"{goes}, though their names say otherwise; else write {right}.",)
    if told:
        return f"{goes}, as their names say.", ()
    return f"{goes}, {'as the contract says' if named else 'in the order of the file'}; their names do not tell.", ()


def turned(shape: tuple, layout: str) -> tuple:
    """Return four sides as (N, channels, height, width)."""
    return shape if layout == "channels-first" else (shape[0], shape[3], shape[1], shape[2])


def channels(graph: Graph, contract: Contract) -> int | None:
    """Return how many channels the first input that a contract names has; None where any number will do."""
    tensor = next((one for one in graph.inputs if one.name in contract.inputs), graph.inputs[0])
    return _sides(tensor, contract)[1] if len(tensor.shape) == 4 else None


def _sides(tensor: Tensor, contract: Contract) -> tuple:
    return turned(tensor.shape, contract.layout)


def _with_names(contract: Contract, graph: Graph) -> Contract:
    """Return the contract with the graph's own input names where it leaves them at their default."""
    names = tuple(tensor.name for tensor in graph.inputs)
    if contract.inputs == Contract.inputs and set(names) != set(contract.inputs) and len(names) in (1, 2):
        return replace(contract, inputs=in_time_order(names)[0])
    return contract


def _input(graph: Graph, name: str) -> Tensor:
    for tensor in graph.inputs:
        if tensor.name == name:
            return tensor
    raise NetworkError(f"it has no input {name}. {wanted_inputs(graph)}")


def wanted_inputs(graph: Graph) -> str:
    """Return as two sentences which inputs a network has, and which it would need."""
    held = "; ".join(str(tensor) for tensor in graph.inputs) or "none"
    return f'Its inputs are {held}; Scarp gives one or two of (N, channels, height, width), named by "inputs".'


def _unnamed(channels: int | None, contract: Contract) -> str:
    number = "the" if channels is None else str(channels // (2 if contract.stacked else 1))
    return f'it does not say which {number} bands it reads. Name them in order as "bands", for example B04, B03, B02.'


def _check_sort(tensor: Tensor, contract: Contract) -> None:
    """Refuse an input of another type, or without four sides."""
    if tensor.dtype not in DTYPES:
        raise NetworkError(
            f"its input {tensor.name} is {tensor.dtype or 'no tensor'}, and Scarp gives {', '.join(DTYPES[:-1])} or "
            f"{DTYPES[-1]}; export it with one of these."
        )
    if tensor.dtype != contract.dtype:
        raise NetworkError(
            f"its input {tensor.name} is {tensor.dtype}, but the contract says {contract.dtype}. "
            f'Write "dtype": "{tensor.dtype}".'
        )
    if len(tensor.shape) != 4:
        raise NetworkError(f"its input is {tensor}; four sides are needed: (N, channels, height, width).")


def _check_channels(tensor: Tensor, contract: Contract) -> None:
    wanted, channels = len(contract.bands) * (2 if contract.stacked else 1), _sides(tensor, contract)[1]
    if channels in (None, wanted):
        return
    other = next(one for one in ("channels-first", "channels-last") if one != contract.layout)
    if turned(tensor.shape, other)[1] == wanted:
        raise NetworkError(f'its input is {tensor}: {other.replace("-", " ")}. Write "layout": "{other}".')
    what = "both dates stacked" if contract.stacked else "T2 alone" if contract.alone else "one date"
    raise NetworkError(
        f"its input {tensor.name} has {channels} channels, but {what} of {', '.join(contract.bands)} "
        f"make {wanted}. {_other_dates(contract, channels)}"
    )


def _other_dates(contract: Contract, channels: int) -> str:
    """Return what to write where the channels of the one input are not as many as the contract's bands and dates."""
    if contract.alone and channels == 2 * len(contract.bands):
        return 'As many as both dates make: write "dates": ["t1", "t2"].'
    if contract.stacked and (channels == len(contract.bands) or channels % 2):
        bands = "" if channels == len(contract.bands) else ' and correct "bands"'
        return f'So it takes one date alone: write "dates": ["t2"]{bands}, and it is given T2.'
    return 'Correct "bands".'


def _output(graph: Graph, contract: Contract, size: tuple[int | None, int | None], guessed: bool) -> Tensor:
    """Return the output to use: the one the contract names, else the first that fits it; the first says why none."""
    if contract.answer:
        named = [tensor for tensor in graph.outputs if tensor.name == contract.answer]
        if not named:
            names = ", ".join(tensor.name for tensor in graph.outputs)
            raise NetworkError(f'it has no output {contract.answer}. Write one of {names} as "answer".')
        _check_output(named[0], contract, size, guessed)
        return named[0]
    refused = []
    for tensor in graph.outputs:
        try:
            _check_output(tensor, contract, size, guessed)
            return tensor
        except NetworkError as error:
            refused.append(error)
    raise refused[0]


def _check_output(tensor: Tensor, contract: Contract, size: tuple[int | None, int | None], guessed: bool) -> None:
    if not tensor.dtype or len(tensor.shape) not in (0, 3, 4):  # 0: the file does not say
        raise NetworkError(
            f"its output is {tensor}; (N, channels, height, width) is needed, an answer for each pixel. A network that "
            "names what a whole picture shows cannot be used."
        )
    if tensor.shape:
        (check_places if guessed else check_answer)(tensor.shape, contract, size)


def check_answer(
    shape: tuple[int | None, ...],
    contract: Contract,
    size: tuple[int | None, int | None],
    batch: int | None = None,
) -> None:
    """Raise NetworkError unless an answer of ``shape`` is what the contract says for ``batch`` tiles of ``size``."""
    shape = check_places(shape, contract, size, batch)
    channels, wanted = shape[1], _channels(contract)
    if channels is not None and channels not in wanted:
        raise NetworkError(
            f"it answers with {channels} channels, but {contract.output} has {_listed(wanted)}. "
            'Correct "output", "changed" or "bands".'
        )


def check_places(
    shape: tuple[int | None, ...], contract: Contract, size: tuple[int | None, int | None], batch: int | None = None
) -> tuple[int | None, ...]:
    """Return the sides of an answer as (N, channels, height, width); raises NetworkError unless it is one a pixel."""
    if len(shape) == 3 and contract.output != "reconstruction":
        shape = (shape[0], 1, *shape[1:]) if contract.layout == "channels-first" else (*shape, 1)
    if len(shape) != 4:
        raise NetworkError(f"it answers with {len(shape)} sides; (N, channels, height, width) is needed.")
    shape = turned(shape, contract.layout)
    if batch is not None and shape[0] != batch:
        raise NetworkError(
            f"it answers {shape[0]} times for {batch} tiles; export it with an open batch, or a batch of 1."
        )
    if any(None not in (own, given) and own != given for own, given in zip(shape[2:], size, strict=True)):
        raise NetworkError(
            f"it answers with {shape[3]} x {shape[2]} pixels for {size[1]} x {size[0]}; export it with its answer "
            "enlarged to the size of its input."
        )
    return shape


def _channels(contract: Contract) -> range | tuple[int, ...]:
    if contract.output == "reconstruction":
        return (len(contract.bands),)
    if contract.output == "logits":
        return (1, 2) if contract.changed < 2 else ()
    if contract.output == "decided":
        return (1,)
    return (1, *range(contract.changed + 1, MOST_CHANNELS + 1))


def _listed(wanted: Sequence[int]) -> str:
    if len(wanted) > 2:
        return f"1, or more than {wanted[1] - 1}"
    return " or ".join(str(number) for number in wanted) or '0 or 1 as "changed"'


def _check_sizes(contract: Contract, batch: int | None, height: int | None, width: int | None) -> None:
    if contract.output == "reconstruction" and contract.dtype != "float32":
        raise NetworkError(
            f"a reconstruction of {contract.dtype} input cannot be compared with it; export it with float32 input."
        )
    sides = height or contract.tile, width or contract.tile
    if max(sides) > LARGEST_TILE:
        raise NetworkError(f"it wants tiles of {max(sides)} pixels a side; at most {LARGEST_TILE} are possible.")
    if min(sides) < SMALLEST_TILE:
        raise NetworkError(f"it wants tiles of {min(sides)} pixels a side; at least {SMALLEST_TILE} are needed.")
    if (batch or 1) > MOST_BATCH or (batch or 1) * sides[0] * sides[1] > LARGEST_BATCH_PX:
        raise NetworkError(
            f"it wants {batch:,} tiles of {sides[1]} x {sides[0]} pixels at once; export it with batch 1."
        )
