"""The contract that a network's file without one seems to have, for a person to correct."""

from dataclasses import replace

from app.bands import ALL_BANDS
from app.detection.network import answers
from app.detection.network.answers import AnswersSeen
from app.detection.network.contract import CHANNELS, DATES, DIGITAL, DTYPES, TERRAIN, Contract
from app.detection.network.fitting import channels, turned, wanted_inputs
from app.detection.network.graph import Graph
from app.detection.network.naming import dates_of, in_time_order
from app.errors import NetworkError

USUAL_BANDS = {3: ("B04", "B03", "B02"), 4: ("B02", "B03", "B04", "B08"), 12: ALL_BANDS, 14: (*ALL_BANDS, *TERRAIN)}


def suggest(name: str, graph: Graph) -> Contract:
    """Return a contract that ``graph`` would fit, guessed from its inputs and output, for a person to correct.

    Three bands are taken for the true colours of the published networks: reflectance 0 to 0.3, then -1 to 1. What it
    answers with is for ``refined`` to tell, once it has run.
    """
    inputs, _ = in_time_order(tuple(tensor.name for tensor in graph.inputs))
    if len(inputs) not in (1, 2) or any(len(tensor.shape) != 4 for tensor in graph.inputs):
        raise NetworkError(wanted_inputs(graph))
    first, layout = graph.inputs[0], _guessed_layout(graph.inputs[0].shape, len(inputs))
    _, channels, height, width = turned(first.shape, layout)
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


def _guessed_dates(inputs: tuple[str, ...], channels: int | None) -> tuple[str, ...]:
    """Return which dates a network seems to read: of one input its name tells, else how many channels it has.

    An even number that is twice a usual one is of both dates; an odd one, or a usual one, is of T2 alone.
    """
    if len(inputs) == 2 or channels is None:
        return DATES
    if dates_of(inputs[0]):
        return dates_of(inputs[0])
    single = channels % 2 or (channels in USUAL_BANDS and channels // 2 not in USUAL_BANDS)
    return ("t2",) if single else DATES


def dates_doubt(guess: Contract, graph: Graph) -> str:
    """Return what to look at where the dates of one input were guessed from its channels; empty where nothing was."""
    count = channels(graph, guess)
    if len(guess.inputs) == 2 or not count or count % 2 or dates_of(guess.inputs[0]):
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


def _guessed_layout(shape: tuple[int | None, ...], inputs: int) -> str:
    """Return whether channels come first or last in a shape of four sides: they are few, and not as the other two."""
    _, first, middle, last = shape
    most = len(CHANNELS) * (2 if inputs == 1 else 1)
    few_first, few_last = (side is not None and side <= most for side in (first, last))
    if few_last and (not few_first or first == middle != last):
        return "channels-last"
    return "channels-first"
