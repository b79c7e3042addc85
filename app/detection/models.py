"""The networks there are: files in the project's models/ and the installation's own folder, with their contracts."""

import os
import re
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app import config
from app.detection import contract as contracts
from app.detection import fitting, methods, model_process, scaling
from app.detection.contract import Contract
from app.detection.fitting import Fit
from app.detection.graph import Graph
from app.detection.methods import Method
from app.detection.model_process import Budget, Watch
from app.errors import InputError, ModelError
from app.files import at_home
from app.patches import Progress, no_progress

ENDING = ".onnx"
PUBLISHED = "@published"  # after a name: a reconstruction compared in CDRL's own arithmetic
TRIED_CHANNELS = 64  # of an answer that a check looks at; more are refused
CHECK_S = 60.0  # longest a file may take to be looked through and run once
IN_FILE, BESIDE, GIVEN = "the file", "the .json beside it", "the form"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,79}")
_saving = threading.Lock()


@dataclass(frozen=True)
class ModelFile:
    """A model as a method names it."""

    path: Path
    published: bool = False  # whether CDRL's own arithmetic is asked for

    @property
    def name(self) -> str:
        """The name it goes by."""
        return self.path.stem


@dataclass(frozen=True)
class Listed:
    """A model file and what it says of itself; ``unusable`` is why it cannot be run, empty where it can."""

    name: str
    path: Path
    size: int
    sha256: str = ""
    contract: Contract | None = None
    origin: str = ""  # where the contract was found
    card: Path | None = None
    unusable: str = ""

    @property
    def title(self) -> str:
        """What to call it on a page."""
        return f"{self.contract.name} {self.contract.version}" if self.contract else self.name

    @property
    def kind(self) -> str:
        """What it answers with: logits, probability or reconstruction."""
        return self.contract.output if self.contract else ""


@dataclass(frozen=True)
class Checked:
    """What a look and one run on a tile of noise showed of a file."""

    path: Path
    graph: Graph
    contract: Contract  # the one stated, else a guess
    origin: str  # where it was stated; empty for a guess
    problem: str  # why it cannot be run yet
    seconds: float  # of the run
    lowest: float  # of its answer
    highest: float
    notes: tuple[str, ...]


def is_name(text: str) -> bool:
    """Whether ``text`` names a model of this installation, rather than a path that only the command line may open."""
    name = text.removesuffix(PUBLISHED)
    return bool(_NAME.fullmatch(name)) and not name.lower().endswith(ENDING) and ".." not in name


def find(target: str) -> ModelFile:
    """Return the file of ``NAME``, or of ``path/to/model.onnx``; either may end in ``@published``.

    Raises ModelError naming the models there are.
    """
    published, named = target.endswith(PUBLISHED), target.removesuffix(PUBLISHED)
    if not is_name(named):
        return ModelFile(_path(named), published)
    found = _files().get(named)
    if found is None:
        there = ", ".join(_files())
        choice = f"Choose from {there}, or put" if there else "There is none yet; put"
        raise ModelError(
            f"There is no model called {named}. {choice} {named}{ENDING} into the folder that SCARP_MODELS names."
        )
    return ModelFile(found, published)


def file_state(method: Method) -> str:
    """Return what changes whenever the file of a method's network does, or the contract beside it.

    Empty where the method is none, or its network is not there.
    """
    if methods.KINDS[method.kind].target != "model":
        return ""
    try:
        path = find(method.target).path
        files = [path.stat(), *(one.stat() for one in [path.with_suffix(".json")] if one.is_file())]
    except (ModelError, OSError):
        return ""
    return " ".join(f"{file.st_size} {file.st_mtime_ns}" for file in files)


def listing() -> tuple[Listed, ...]:
    """Return every model, by name; each is read in a process of its own the first time and after it changes."""
    return tuple(_listed(name, path) for name, path in _files().items())


def contract_of(path: Path, graph: Graph) -> tuple[Contract | None, str]:
    """Return a file's contract and where it was found: the .json beside it, else its own metadata, else None.

    What lies beside it comes first, for somebody put it there later; an empty file is what a shell makes
    before ``check --suggest`` fills it, so it counts as none. Raises ModelError where it is wrong.
    """
    beside = path.with_suffix(".json")
    if beside.is_file() and beside.stat().st_size:
        if beside.stat().st_size > 1_000_000:
            raise ModelError(f"{beside.name} is too large to be a contract.")
        try:
            return contracts.from_json(beside.read_text(encoding="utf-8-sig"), beside.name), BESIDE
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(f"{beside.name} cannot be read; write it as UTF-8 text.") from error
    return contracts.from_metadata(graph.metadata, "its contract"), IN_FILE


def stated(path: Path, graph: Graph) -> Contract:
    """Return a file's contract; raises ModelError where it has none."""
    contract, _ = contract_of(path, graph)
    if contract is None:
        raise ModelError(
            "the file does not say which bands it takes and what it answers. `python -m app models check "
            f"{path.name} --suggest > {path.stem}.json` writes that beside it, to be corrected."
        )
    return contract


def check(path: Path, contract: Contract | None = None, progress: Progress = no_progress) -> Checked:
    """Look a file through and run it once on noise; ``contract`` goes before what it says itself.

    Raises ModelError where it is refused, fails, or answers otherwise than its contract says, and what
    ``progress`` raises.
    """

    def watch() -> None:
        progress(0.5, f"Checking {path.name}")

    budget = Budget(min(CHECK_S, config.settings().model_budget_s))
    with (
        model_process.one_at_a_time(progress),
        model_process.opened(path, "cpu", budget, watch, keep=False) as model,
    ):
        origin = GIVEN
        if contract is None:
            contract, origin = contract_of(path, model.graph)
        guessed = contract or fitting.suggest(path.stem, model.graph)
        problem = _missing(guessed, contract, model.graph)
        found = fitting.fit(_with_some_bands(guessed, model.graph), model.graph)
        answer, seconds = _tried(found, model, watch, judged=not problem)
    notes = _notes(found, model.graph, answer, origin)
    low, high = (float(edge) for edge in (np.nanmin(answer), np.nanmax(answer)))
    return Checked(path, model.graph, guessed, origin if contract else "", problem, seconds, low, high, notes)


def looked_through(content: bytes, name: str) -> tuple[Contract | None, Contract]:
    """Return the contract a file states (None where it states none) and the one its graph suggests.

    The file is written into a folder of its own for that, read in a process of its own, and not
    kept. Raises ModelError where it is refused.
    """
    with tempfile.TemporaryDirectory(prefix="scarp-model-") as folder:
        path = Path(folder) / f"model{ENDING}"
        path.write_bytes(content)
        found = model_process.describe(path)
        return contract_of(path, found)[0], fitting.suggest(name, found)


def save(content: bytes, name: str, contract: Contract | None = None, progress: Progress = no_progress) -> Listed:
    """Check an uploaded file and put it into the installation's folder as ``name``, with ``contract`` beside it.

    Nothing is kept of a file that is refused, and no model that is there is replaced: results made
    with it would be taken for those of another. Raises ModelError, or InputError for an unusable name.
    """
    name = name.removesuffix(ENDING).strip()
    if not is_name(name):
        raise InputError(f"{name!r} cannot be a model's name; use letters, digits, dots, dashes, up to 80 of them.")
    most = int(config.settings().model_max_mb * 1e6)
    if len(content) > most:
        raise ModelError(
            f"The file has {len(content) / 1e6:,.0f} MB, and files of up to {most / 1e6:,.0f} MB are opened."
        )
    folder = _own()
    part = folder / f".{name}.{os.getpid()}.{threading.get_ident()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        _check_upload(part, name, contract, progress)
        return _placed(part, folder / f"{name}{ENDING}", contract)
    except OSError as error:
        raise ModelError(f"The model cannot be kept in {folder} ({error.strerror}); set SCARP_MODELS.") from error
    finally:
        part.unlink(missing_ok=True)


def _check_upload(part: Path, name: str, contract: Contract | None, progress: Progress) -> None:
    try:
        problem = check(part, contract, lambda share, _: progress(share, f"Checking {name}")).problem
    except ModelError as error:
        problem = str(error)
    if problem:
        raise ModelError(f"{name} is not kept: {problem}")


def _placed(part: Path, path: Path, contract: Contract | None) -> Listed:
    with _saving:
        if path.stem in _files():
            raise ModelError(f"There is a model called {path.stem} already; choose another name.")
        beside = path.with_suffix(".json")
        if contract is None:
            beside.unlink(missing_ok=True)  # one left by a model that was taken away
        else:
            written = part.with_suffix(".json.part")
            written.write_text(contract.to_json(), encoding="utf-8")
            written.replace(beside)
        part.replace(path)
    return _listed(path.stem, path)


def _listed(name: str, path: Path) -> Listed:
    card = path.with_suffix(".md")
    known = {"name": name, "path": path, "card": card if card.is_file() else None}
    size, graph = 0, None
    with suppress(OSError):
        size = path.stat().st_size
    try:
        graph = model_process.describe(path, Budget(CHECK_S))
        contract, origin = contract_of(path, graph)
        fitting.fit(stated(path, graph), graph)
    except ModelError as error:
        return Listed(**known, size=size, sha256=graph.sha256 if graph else "", unusable=str(error))
    return Listed(**known, size=size, sha256=graph.sha256, contract=contract, origin=origin)


def _files() -> dict[str, Path]:
    """Return the path of every model by name; the project's own go before the installation's."""
    found: dict[str, Path] = {}
    for folder in (config.ROOT / "models", _own()):
        for path in sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else ():
            if is_name(path.stem):
                found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def _own() -> Path:
    return config.settings().models


def _path(text: str) -> Path:
    if not text.lower().endswith(ENDING):
        raise ModelError(
            f"{text} is neither a model's name nor an {ENDING} file; `python -m app models list` shows the names."
        )
    try:
        return at_home(text)
    except InputError as error:
        raise ModelError(str(error)) from error


def _missing(guessed: Contract, said: Contract | None, graph: Graph) -> str:
    """Return what has to be written before a file can be run, empty where nothing is missing."""
    if said is None:
        return (
            "it does not say which bands it takes, how they are scaled and what it answers. Below is a guess from its "
            "inputs and output: correct it and put it beside the file, under its name with .json at the end."
        )
    try:
        fitting.fit(guessed, graph)
    except ModelError as error:
        if guessed.bands:
            raise
        return str(error)
    return ""


def _with_some_bands(contract: Contract, graph: Graph) -> Contract:
    """Return the contract with stand-in bands where it names none, so that the file can be tried."""
    if contract.bands:
        return contract
    channels = graph.inputs[0].shape[1] if len(graph.inputs[0].shape) == 4 else None
    count = (channels or 3) // (2 if len(graph.inputs) == 1 else 1)
    if not 1 <= count <= len(fitting.ALL_BANDS):
        raise ModelError(
            f"its input has {channels} channels, and Sentinel-2 L2A has {len(fitting.ALL_BANDS)} bands a date; "
            "a network for other data cannot be run."
        )
    return contract.with_bands(fitting.ALL_BANDS[:count])


def _tried(found: Fit, model: model_process.Opened, watch: Watch, judged: bool) -> tuple[np.ndarray, float]:
    """Return the answer to one batch of noise and how long it took; raises ModelError where it is not as promised."""
    contract, (height, width) = found.contract, found.tile
    noise = np.random.default_rng(0).random((2, found.batch or 1, len(contract.bands), height, width), np.float32)
    t1, t2 = np.rint(255 * noise).astype(np.uint8) if contract.dtype == "uint8" else 2 * noise - 1
    started = time.perf_counter()
    most_bytes = 4 * TRIED_CHANNELS * noise[0, :, 0].size
    answer = model.run(scaling.arranged(contract, t1, t2), contract.inputs, found.output, most_bytes, watch)
    seconds = time.perf_counter() - started
    if judged:
        fitting.check_answer(answer.shape, contract, (height, width))
        scaling.score(contract, answer, t1, t2)
    return answer, seconds


def _notes(found: Fit, graph: Graph, answer: np.ndarray, origin: str) -> tuple[str, ...]:
    notes = []
    if not np.isfinite(answer).all():
        notes.append("Some of its answers to noise are not numbers; its weights may be damaged.")
    elif found.contract.output == "probability" and (answer.min() < -0.01 or answer.max() > 1.01):
        notes.append('Its answers leave 0 to 1, so they are no probabilities: write "output": "logits".')
    if fitting.depends_on_tile(graph):
        notes.append("It normalises over each tile, so where tiles lie shows a little in large scenes.")
    if len(graph.outputs) > 1:
        names = ", ".join(tensor.name for tensor in graph.outputs)
        notes.append(f'Of its outputs {names}, {found.output} is used; "answer" names another.')
    return tuple(notes)
