"""Looking a network's file through: what it says against one run of it on a tile of noise."""

import math
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app import config
from app.bands import ALL_BANDS
from app.detection.network import answers, fitting, guessing, process, scaling
from app.detection.network import contract as contracts
from app.detection.network.answers import AnswersSeen
from app.detection.network.contract import Contract
from app.detection.network.fitting import Fit
from app.detection.network.graph import Graph
from app.detection.network.process import Budget, Watch
from app.detection.network.stating import ENDING, GIVEN, contract_of
from app.errors import NetworkBudgetError, NetworkError, NetworkRunError
from app.patches import Progress, no_progress

TRIED_SIDE = 256  # pixels of the noise that a network of any size is tried on
CHECK_S = 60.0  # longest a file may take to be looked through and run once


@dataclass(frozen=True)
class Checked:
    """What a look and one run on a tile of noise showed of a file."""

    path: Path
    graph: Graph
    contract: Contract  # the one stated, else a guess
    origin: str  # where it was stated; empty for a guess
    problem: str  # why it cannot be run yet
    seconds: float  # of the run
    lowest: float  # of its answer, NaN where there is none
    highest: float
    notes: tuple[str, ...]


def check(path: Path, contract: Contract | None = None, progress: Progress = no_progress) -> Checked:
    """Look a file through and run it once on noise; ``contract`` goes before what it says itself.

    Raises NetworkError where it is refused, fails, or answers otherwise than its contract says, and what
    ``progress`` raises.
    """

    def watch() -> None:
        told(0.5, f"Checking {path.name}")

    budget = Budget(min(CHECK_S, config.settings().model_budget_s))
    with (
        process.one_at_a_time(progress) as told,
        process.opened(path, "cpu", budget, watch, keep=False) as network,
    ):
        origin = GIVEN
        if contract is None:
            contract, origin = contract_of(path, network.graph)
        return _checked(path, network, contract, origin, watch)


def _checked(path: Path, network: process.Opened, said: Contract | None, origin: str, watch: Watch) -> Checked:
    graph = network.graph
    guess = said or guessing.suggest(path.stem, graph)
    problem = _missing(guess, said, graph, path.stem)
    found, seen, channels, seconds = _tried(guess, network, judged=not problem, watch=watch)
    if said is None:
        guess = guessing.refined(guess, graph, found.output, seen, channels)
        found = replace(found, contract=guess)
    notes = _notes(found, graph, seen, "" if said else guessing.dates_doubt(guess, graph))
    return Checked(path, graph, guess, origin if said else "", problem, seconds, seen.lowest, seen.highest, notes)


def looked_through(content: bytes, name: str) -> tuple[Contract | None, Checked]:
    """Return the contract a file states (None where it states none), and what a run on noise showed of it.

    The file is written into a folder of its own for that, read and run in a process of its own, and not
    kept. Raises NetworkError where it is refused.
    """
    with tempfile.TemporaryDirectory(prefix="scarp-model-") as folder:
        path = Path(folder) / f"model{ENDING}"
        path.write_bytes(content)
        checked = check(path)
    if checked.origin:
        return checked.contract, checked
    return None, replace(checked, contract=replace(checked.contract, name=contracts.clean(name)[:80] or "network"))


def _missing(guessed: Contract, said: Contract | None, graph: Graph, stem: str) -> str:
    """Return what has to be written before a file can be run, empty where nothing is missing."""
    if said is None:
        return (
            "it does not say which bands it takes, how they are scaled and what it answers. Below is a guess from its "
            f"inputs and output: correct it and put it beside the file, as {stem}.json."
        )
    try:
        fitting.fit(guessed, graph)
    except NetworkError as error:
        if guessed.bands:
            raise
        return str(error)
    return ""


def _with_some_bands(contract: Contract, graph: Graph) -> Contract:
    """Return the contract with stand-in bands where it names none, so that the file can be tried."""
    if contract.bands:
        return contract
    count = (fitting.channels(graph, contract) or 3) // (2 if contract.stacked else 1)
    there = contracts.CHANNELS if contract.dtype not in contracts.DIGITAL else ALL_BANDS
    if not 1 <= count <= len(there):
        raise NetworkError(
            f"its input is {graph.inputs[0]}, {count} channels a date, and Sentinel-2 L2A has "
            f"{len(ALL_BANDS)} bands, beside which there are slope and elevation; a network for other data "
            "cannot be run."
        )
    return contract.with_bands(there[:count])


def _tried(guess: Contract, network: process.Opened, judged: bool, watch: Watch) -> tuple[Fit, AnswersSeen, int, float]:
    """Return what ran, what its answer to noise shows, its channels, and the seconds it took.

    Where nobody said which output counts, the first with an answer for each pixel does. Raises NetworkError where
    there is none, or where it is not as promised.
    """
    usable = _with_some_bands(guess, network.graph)
    refused: NetworkError | None = None
    first = fitting.fit(usable, network.graph, guessed=not judged)
    others = [] if judged or guess.answer else [one.name for one in network.graph.outputs if one.name != first.output]
    for output in (first.output, *others):
        found = replace(first, output=output)
        started = time.perf_counter()
        try:
            seen, channels = network.tried(found.contract, _noise(found), output, judged, watch)
            return found, seen, channels, time.perf_counter() - started
        except (NetworkRunError, NetworkBudgetError):
            raise
        except NetworkError as error:
            refused = refused or error
    assert refused is not None  # the loop ran at least once
    raise refused


def _noise(found: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Return two dates of noise as a network wants them; where it takes any size, they are small."""
    contract, sides = found.contract, []
    for fixed in (found.height, found.width):
        small = contract.size_multiple * max(1, TRIED_SIDE // contract.size_multiple)
        sides.append(fixed or min(contract.tile, small))
    noise = np.random.default_rng(0).random((2, found.batch or 1, len(contract.bands), *sides), np.float32)
    most = {"float32": 0, "uint8": 255}.get(contract.dtype, scaling.DIGITAL_ONE)
    t1, t2 = np.rint(most * noise).astype(contract.dtype) if most else 2 * noise - 1
    return t1, t2


def _notes(found: Fit, graph: Graph, seen: AnswersSeen, doubt: str) -> tuple[str, ...]:
    """Return what a person should know of a network beside its contract; ``doubt`` of the dates that were guessed."""
    notes = [found.order, *found.doubts, *([doubt] if doubt else [])]
    if seen.missing or math.isinf(seen.lowest) or math.isinf(seen.highest):
        notes.append("Some of its answers to noise are not numbers; its weights may be damaged.")
    notes += [doubt.replace("on this patch", "on noise") for doubt in answers.doubts(seen, found.contract)]
    if fitting.depends_on_tile(graph):
        notes.append("It normalises over each tile, so where tiles lie shows a little in large scenes.")
    if len(graph.outputs) > 1:
        there = ", ".join(tensor.name for tensor in graph.outputs)
        notes.append(f'Of its outputs {there}, {found.output} is used; "answer" names another.')
    return tuple(notes)
