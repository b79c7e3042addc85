"""Does a network file fit its contract, what is missing, and how is a scene cut for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.bands import ALL_BANDS
from app.detection.network import answers, tiles
from app.detection.network.answers import AnswersSeen
from app.detection.network.contract import CHANNELS, DATES, DIGITAL, DTYPES, TERRAIN, Contract
from app.detection.network.graph import Graph, Tensor
from app.detection.network.tiles import Tiling
from app.errors import NetworkError

SMALLEST_TILE, LARGEST_TILE = 8, 2048  # pixels a side that a network may ask for
MOST_CHANNELS = 64  # of an answer
MOST_BATCH, LARGEST_BATCH_PX = 256, LARGEST_TILE**2  # tiles that a network asks for at once, and their pixels together
ROOM = 3  # times the side a network was trained on that a tile may have where any size is taken
USUAL_BANDS = {3: ("B04", "B03", "B02"), 4: ("B02", "B03", "B04", "B08"), 12: ALL_BANDS, 14: (*ALL_BANDS, *TERRAIN)}
_BEFORE, _AFTER = {"pre", "before", "prior", "earlier", "old", "past"}, {"post", "after", "later", "new"}
_TOGETHER = {"pair", "pairs", "both", "stack", "stacked", "bitemporal"}
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


def suggest(name: str, graph: Graph) -> Contract:
    """Return a contract that ``graph`` would fit, guessed from its inputs and output, for a person to correct.

    Three bands are taken for the true colours of the published networks: reflectance 0 to 0.3, then -1 to 1. What it
    answers with is for ``refined`` to tell, once it has run.
    """
    inputs, _ = in_time_order(tuple(tensor.name for tensor in graph.inputs))
    if len(inputs) not in (1, 2) or any(len(tensor.shape) != 4 for tensor in graph.inputs):
        raise NetworkError(_wanted_inputs(graph))
    first, layout = graph.inputs[0], _guessed_layout(graph.inputs[0].shape, len(inputs))
    _, channels, height, width = _turned(first.shape, layout)
    dates = _guessed_dates(inputs, channels)
    stacked = len(inputs) == 1 and dates == DATES
    dtype, side = first.dtype if first.dtype in DTYPES else "float32", height or width
    scaled = dtype == "float32"
    return Contract(
        name=name,
        bands=USUAL_BANDS.get((channels or 0) // (2 if stacked else 1), ()),
        output="logits",
        threshold=0.5,
        inputs=inputs,
        dates=dates,
        layout=layout,
        dtype=dtype,
        high=(1.0,) if dtype in DIGITAL else (0.3,),
        mean=(0.5,) if scaled else (0.0,),
        std=(0.5,) if scaled else (1.0,),
        tile=side or 256,
        overlap=min(32, (side or 256) // 4),
        size_multiple=1 if side else 32,
    )


def refined(guess: Contract, graph: Graph, output: str, seen: AnswersSeen, channels: int) -> Contract:
    """Return a guess with what a run on noise showed of its ``output``: what kind of answers it gives."""
    tensor = next(tensor for tensor in graph.outputs if tensor.name == output)
    whole_type = tensor.dtype == "bool" or "int" in tensor.dtype
    rebuilds = channels > 2 and channels == len(guess.bands)
    kind, threshold, changed = answers.guessed(seen, tensor.made_by, whole_type, rebuilds)
    answer = output if len(graph.outputs) > 1 else ""
    return replace(guess, output=kind, threshold=threshold, changed=changed, answer=answer)


def in_time_order(names: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Return two input names with T1's first, and whether the names themselves tell; others as they are, and False.

    Words tell (pre and post, before and after, a and b), or numbers in names that are otherwise alike.
    """
    if len(names) != 2:
        return names, False
    parts = [_parts(name) for name in names]
    later = [_is_later(one, other) for one, other in (parts, parts[::-1])]
    if later[0] == later[1]:
        return names, False
    return (names[::-1] if later[0] else names), True


def _guessed_dates(inputs: tuple[str, ...], channels: int | None) -> tuple[str, ...]:
    """Return which dates a network seems to read: of one input its name tells, else how many channels it has.

    An even number that is twice a usual one is of both dates; an odd one, or a usual one, is of T2 alone.
    """
    if len(inputs) == 2 or channels is None:
        return DATES
    if _of_dates(inputs[0]):
        return _of_dates(inputs[0])
    single = channels % 2 or (channels in USUAL_BANDS and channels // 2 not in USUAL_BANDS)
    return ("t2",) if single else DATES


def _of_dates(name: str) -> tuple[str, ...]:
    """Return which dates the name of a single input speaks of, empty where it does not tell."""
    words = set(_parts(name))
    first, second = (bool(re.search(rf"(?<![a-z0-9])t{n}(?![0-9])", name.lower())) for n in (1, 2))
    before, after = bool(_BEFORE & words) or first, bool(_AFTER & words) or second
    if _TOGETHER & words or (before and after):
        return DATES
    return ("t2",) if after else ()


def dates_doubt(guess: Contract, graph: Graph) -> str:
    """Return what to look at where the dates of one input were guessed from its channels; empty where nothing was."""
    count = channels(graph, guess)
    if len(guess.inputs) == 2 or not count or count % 2 or _of_dates(guess.inputs[0]):
        return ""
    if guess.alone:
        return (
            f"Its {count} channels are taken for those of T2; if they are {count // 2} of T1 and then {count // 2} of "
            'T2, write "dates": ["t1", "t2"].'
        )
    return (
        f"Its {count} channels are taken for {count // 2} of T1 and then {count // 2} of T2; if all are of T2, write "
        '"dates": ["t2"].'
    )


def _parts(name: str) -> list[str]:
    return re.findall(r"[a-z]+|[0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())


def _is_later(one: list[str], other: list[str]) -> bool | None:
    """Whether the name of these parts is that of T2; None where they do not tell."""
    votes = [bool(_AFTER & set(parts) or any(part.startswith("post") for part in parts))
             - bool(_BEFORE & set(parts) or any(part.startswith("pre") for part in parts))
             for parts in (one, other)]  # fmt: skip
    if votes[0] != votes[1]:
        return votes[0] > votes[1]
    differing = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    if len(one) != len(other) or len(differing) != 1:
        return None
    (mine, theirs) = differing[0]
    if mine.isdigit() and theirs.isdigit():
        return int(mine) > int(theirs)
    return mine == "b" if {mine, theirs} == {"a", "b"} else None


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


def _guessed_layout(shape: tuple[int | None, ...], inputs: int) -> str:
    """Return whether channels come first or last in a shape of four sides: they are few, and not as the other two."""
    _, first, middle, last = shape
    most = len(CHANNELS) * (2 if inputs == 1 else 1)
    few_first, few_last = (side is not None and side <= most for side in (first, last))
    if few_last and (not few_first or first == middle != last):
        return "channels-last"
    return "channels-first"


def _turned(shape: tuple, layout: str) -> tuple:
    """Return four sides as (N, channels, height, width)."""
    return shape if layout == "channels-first" else (shape[0], shape[3], shape[1], shape[2])


def channels(graph: Graph, contract: Contract) -> int | None:
    """Return how many channels the first input that a contract names has; None where any number will do."""
    tensor = next((one for one in graph.inputs if one.name in contract.inputs), graph.inputs[0])
    return _sides(tensor, contract)[1] if len(tensor.shape) == 4 else None


def _sides(tensor: Tensor, contract: Contract) -> tuple:
    return _turned(tensor.shape, contract.layout)


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
    raise NetworkError(f"it has no input {name}. {_wanted_inputs(graph)}")


def _wanted_inputs(graph: Graph) -> str:
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
    if _turned(tensor.shape, other)[1] == wanted:
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
    shape = _turned(shape, contract.layout)
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
