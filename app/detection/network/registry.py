"""The networks there are: the project's, the installation's and a reader's own, with their contracts."""

import logging
import re
import threading
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

from app import config
from app.detection import methods
from app.detection.methods import Method
from app.detection.network import checking, fitting, looking, stating
from app.detection.network import contract as contracts
from app.detection.network.contract import Contract
from app.detection.network.graph import Graph
from app.detection.network.stating import ENDING
from app.errors import InputError, NetworkError
from app.files import at_home, draft, put, size_words
from app.patches import Progress, no_progress
from app.visitors import Deed, require

log = logging.getLogger(__name__)

PUBLISHED = "@published"  # after a name: a reconstruction compared in CDRL's own arithmetic
MOST_OWN = 20  # networks a reader may keep
LARGEST_CARD = 100_000  # characters of a model card that are shown
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,79}")
_saving = threading.Lock()
_own: ContextVar[Path | None] = ContextVar("own_networks", default=None)


@dataclass(frozen=True)
class NetworkFile:
    """A network as a method names it."""

    path: Path
    published: bool = False  # whether CDRL's own arithmetic is asked for

    @property
    def name(self) -> str:
        """The name it goes by."""
        return self.path.stem


@dataclass(frozen=True)
class ListedNetwork:
    """A network file and what it says of itself; ``unusable`` is why it cannot be run, empty where it can."""

    name: str
    path: Path
    size: int
    sha256: str = ""
    contract: Contract | None = None
    origin: str = ""  # where the contract was found
    card: Path | None = None
    unusable: str = ""
    doubts: tuple[str, ...] = ()  # of its contract

    @property
    def title(self) -> str:
        """What to call it on a page."""
        return f"{self.contract.name} {self.contract.version}" if self.contract else self.name

    @property
    def kind(self) -> str:
        """What it answers with: logits, probability or reconstruction."""
        return self.contract.output if self.contract else ""


def is_name(text: str) -> bool:
    """Whether ``text`` names a network of this installation, rather than a path that only the command line may open."""
    name = text.removesuffix(PUBLISHED)
    return bool(_NAME.fullmatch(name)) and not name.lower().endswith(ENDING) and ".." not in name


def belong_to(folder: Path | None) -> None:
    """Let this thread's networks be those of a reader whose own lie in ``folder``, beside those everybody has.

    Nobody else sees or runs them. None: no reader in particular, as on the command line.
    """
    _own.set(folder)


def find(target: str) -> NetworkFile:
    """Return the file of ``NAME``, the reader's own first, or of ``path/to/model.onnx``.

    Either may end in ``@published``. Raises NetworkError naming the networks there are.
    """
    published, named = target.endswith(PUBLISHED), target.removesuffix(PUBLISHED)
    if not is_name(named):
        return NetworkFile(_path(named), published)
    found = _files().get(named)
    if found is None:
        raise NetworkError(f"There is no network called {named}. {_where_to_put(named)}")
    return NetworkFile(found, published)


def names() -> tuple[str, ...]:
    """Return the name of every network, whether it can be run or not; none is opened for that."""
    return tuple(_files())


def is_own(name: str) -> bool:
    """Whether a network is the reader's own, to be taken away again."""
    folder, found = _own.get(), _files().get(name.removesuffix(PUBLISHED))
    return folder is not None and found is not None and found.parent == folder


def remove(name: str) -> None:
    """Take one of the reader's own networks away; raises NetworkError where it is not theirs."""
    if not is_own(name):
        raise NetworkError(f"{name} is not one of the networks you brought, so it cannot be taken away here.")
    path = _files()[name]
    try:
        with _saving:
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
    except OSError as error:
        raise NetworkError(f"{name} cannot be taken away ({error.strerror}).") from error


def gave(target: str, sha256: str) -> bool:
    """Whether the file of ``target``, as this reader has it, is the one of that SHA-256."""
    try:
        return looking.describe(find(target).path).sha256 == sha256
    except NetworkError:
        return False


def file_state(method: Method) -> str:
    """Return what changes whenever the file of a method's network does, or the contract beside it.

    Readers may have different files of one name, so it says which. Empty where the method is none, or its network is
    not there.
    """
    if methods.KINDS[method.kind].target != "network":
        return ""
    try:
        path = find(method.target).path
        files = [path.stat(), *(one.stat() for one in [path.with_suffix(".json")] if one.is_file())]
    except (NetworkError, OSError):
        return ""
    return " ".join([str(path), *(f"{file.st_size} {file.st_mtime_ns}" for file in files)])


def listing() -> tuple[ListedNetwork, ...]:
    """Return every network, by name; what is new or has changed is looked through in a process of its own."""
    found = _files()
    described = looking.described(tuple(found.values()))
    return tuple(_listed(name, path, described[path]) for name, path in found.items())


def listed(name: str) -> ListedNetwork | None:
    """Return one network by name, with or without ``@published``; None where there is none."""
    path = _files().get(name.removesuffix(PUBLISHED))
    return None if path is None else _listed(path.stem, path, looking.described([path])[path])


def card_text(one: ListedNetwork) -> str:
    """Return the text of a model's card; empty where there is none to be read."""
    if one.card is None:
        return ""
    try:
        with open(one.card, encoding="utf-8", errors="replace") as file:
            return contracts.clean(file.read(LARGEST_CARD))
    except OSError:
        return ""


def save(
    content: bytes, name: str, contract: Contract | None = None, progress: Progress = no_progress
) -> ListedNetwork:
    """Check an uploaded file and put it into the reader's own folder as ``name``, with ``contract`` beside it.

    Where no reader is known it goes into the installation's folder, for everybody.

    Nothing is kept of a file that is refused, and no network that is there is replaced: results made
    with it would be taken for those of another. Raises NetworkError, or InputError for an unusable name.
    """
    require(Deed.NETWORKS)
    name = name.removesuffix(ENDING).strip()
    if not is_name(name):
        raise InputError(f"{name!r} cannot be a network's name; use letters, digits, dots, dashes, up to 80 of them.")
    most = int(config.settings().model_max_mb * 1e6)
    if len(content) > most:
        raise NetworkError(
            f"The file has {size_words(len(content))}, and files of up to {size_words(most)} are opened."
        )
    folder = _own.get() or config.settings().models
    if folder == _own.get() and len(_in(folder)) >= MOST_OWN:
        raise NetworkError(f"You keep {MOST_OWN} networks of your own already; take one away first.")
    path = folder / f"{name}{ENDING}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with draft(path) as part:
            part.write_bytes(content)
            _check_upload(part, name, contract, progress)
            return _placed(part, path, contract)
    except OSError as error:
        where = "" if folder == _own.get() else f" in {folder}; set SCARP_MODELS"
        raise NetworkError(f"The network cannot be kept ({error.strerror}){where}.") from error


def _check_upload(part: Path, name: str, contract: Contract | None, progress: Progress) -> None:
    try:
        problem = checking.check(part, contract, lambda share, _: progress(share, f"Checking {name}")).problem
    except NetworkError as error:
        problem = str(error)
    if problem:
        raise NetworkError(f"{name} is not kept: {problem}")


def _placed(part: Path, path: Path, contract: Contract | None) -> ListedNetwork:
    with _saving:
        if path.stem in _files():
            raise NetworkError(f"There is a network called {path.stem} already; choose another name.")
        beside = path.with_suffix(".json")
        if contract is None:
            beside.unlink(missing_ok=True)  # one left by a network that was taken away
        else:
            put(beside, contract.to_json().encode())
        part.replace(path)
    return _listed(path.stem, path, looking.described([path])[path])


def _listed(name: str, path: Path, described: Graph | NetworkError) -> ListedNetwork:
    """Return a network with what it says of itself; one that is broken, in whatever way, says only that."""
    listed = ListedNetwork(name, path, size=0)
    with suppress(OSError):
        card = path.with_suffix(".md")
        listed = replace(listed, size=path.stat().st_size, card=card if card.is_file() else None)
    if isinstance(described, NetworkError):
        return replace(listed, unusable=str(described))
    listed = replace(listed, sha256=described.sha256)
    try:
        contract, origin = stating.contract_of(path, described)
        found = fitting.fit(stating.stated(path, described), described)
    except NetworkError as error:
        return replace(listed, unusable=str(error))
    except Exception as error:  # a file nobody foresaw must not take the others off the list
        log.warning("%s cannot be listed", path, exc_info=True)
        return replace(listed, unusable=f"it cannot be understood ({type(error).__name__}); export it anew.")
    return replace(listed, contract=contract, origin=origin, doubts=found.doubts)


def _files() -> dict[str, Path]:
    """Return the path of each network by name; a reader's own go first, then the project's, then the installation's."""
    found: dict[str, Path] = {}
    for folder in (_own.get(), config.ROOT / "models", config.settings().models):
        for path in _in(folder) if folder is not None else ():
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def _in(folder: Path) -> list[Path]:
    """Return the networks in a folder that have a usable name; none where it is not there or may not be read."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ENDING and is_name(path.stem))
    except OSError:
        return []


def _where_to_put(name: str) -> str:
    there = names()
    choice = f"Choose from {', '.join(there[:20])}{', ...' if len(there) > 20 else ''}, or put" if there else "Put"
    return (
        f"{choice} {name}{ENDING} into the folder that SCARP_MODELS names. A network that another reader brought on "
        "the page is theirs alone: ask them for the file, and bring it yourself."
    )


def _path(text: str) -> Path:
    if not text.lower().endswith(ENDING):
        raise NetworkError(
            f"{text} is neither a network's name nor an {ENDING} file; `python -m app models list` shows the names."
        )
    try:
        return at_home(text)
    except InputError as error:
        raise NetworkError(str(error)) from error
