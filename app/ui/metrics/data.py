"""The data that methods are scored on: each kind with its name, its identity and its cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app import config, datasets
from app.errors import InputError, TruthMissingError
from app.files import at_home, digest
from app.patches import PatchSpec
from app.scoring import evaluate, store
from app.scoring.evaluate import Case, Skipped
from app.sources import spec_for
from app.ui import state, widgets
from app.ui.metrics import shelved

EVENT, SIMULATED, FOLDER, MASKS = "event", "simulated", "folder", "masks"
SET = "set-"  # before a test set's name
TITLES = {
    EVENT: "This event",
    SIMULATED: "Simulated pairs of this inventory",
    FOLDER: "A folder in GLaD4CD layout",
    MASKS: "Two folders of masks",
}
Cases = tuple[list[Case], tuple[Skipped, ...]]


@dataclass(frozen=True, eq=False)
class Data:
    """One set of events with truth; ``key`` is equal for equal data."""

    kind: str
    label: str  # for a reader and for files: never a path
    key: str
    cases: Callable[[], Cases]
    size: int | None = None  # how many events, where that is known before they are opened
    methods: tuple[str, ...] = ()  # given, where nothing is left to choose: masks made elsewhere


def kinds() -> dict[str, str]:
    """Return kind -> title of all that can be scored on this installation."""
    from app.testsets import SETS

    sets = {f"{SET}{one.name}": f"Test set {one.name}" for one in SETS.values()}
    local = {FOLDER: TITLES[FOLDER], MASKS: TITLES[MASKS]} if widgets.at_this_machine() else {}
    return {EVENT: TITLES[EVENT], SIMULATED: TITLES[SIMULATED], **sets, **local}


def event(spec: PatchSpec) -> Data:
    """Return the chosen patch as data of one event; the page has opened it already."""
    return Data(EVENT, f"event {spec.event_id}", spec.key, lambda: ([shelved.case(spec)], ()), 1)


def no_truth(spec: PatchSpec) -> str:
    """Return why a patch cannot be scored, and what can."""
    return (
        f"The truth of event {spec.event_id} is not known in the source {spec.source}, so nothing can be scored. "
        "Choose the source demo, or other data above."
    )


def simulated(most: int) -> Data:
    """Return simulated pairs of the first ``most`` events of the session's inventory."""
    events = state.inventory().events[:most]
    specs, faults = [], []
    for one in events:
        try:
            specs.append(spec_for(one, "demo"))
        except InputError as error:
            faults.append(Skipped(one.id, str(error)))
    left = len(state.inventory().events) - len(events)
    if left > 0:
        faults.append(Skipped("list", f"only the first {most} events were asked for; {left} more are in the inventory"))

    def cases() -> Cases:
        if not specs:
            raise TruthMissingError("No event of this inventory has the dates a simulated pair needs.")
        return [shelved.case(spec) for spec in specs], tuple(faults)

    name = f"simulated pairs of {state.inventory().name}"
    key = _hash(_known(), *(spec.key for spec in specs), *(one.reason for one in faults))
    return Data(SIMULATED, name, key, cases, len(specs))


def test_set(name: str, most: int) -> Data:
    """Return up to ``most`` cases of a test set; raises InputError where there is no such set."""
    from app.testsets import SETS

    if name not in SETS:
        raise InputError(f"There is no test set {name!r}; choose among {', '.join(SETS)}.")
    one = SETS[name]
    files = store.files_key([config.settings().data / file for file in one.files]) if one.files else name

    def cases() -> Cases:
        return [replace(case, key=f"{SET}{name} {case.event} {files}") for case in one.cases(most)], ()

    return Data(f"{SET}{name}", f"test set {name}", _hash(name, str(most), files), cases)


def folder(text: str) -> Data:
    """Return the labelled pairs of a folder in GLaD4CD's layout; raises InputError for any other folder."""
    path = _local_folder(text)
    inventory = state.inventory()
    pairs, _ = datasets.labelled_pairs(path, {one.id for one in inventory.events})
    files = [file for pair in pairs for file in (pair.t1, pair.t2, pair.label)]
    return Data(
        FOLDER,
        f"folder {path.name}",
        _hash(_known(), _stated(files)),
        lambda: evaluate.dataset_cases(path, inventory=inventory),
        len(pairs),
    )


def masks(predicted: str, truth: str) -> Data:
    """Return the masks of two folders, matched by event; raises InputError where nothing matches."""
    made, known = _local_folder(predicted), _local_folder(truth)
    inventory = state.inventory()
    pairs, _ = datasets.mask_pairs(made, known, {one.id for one in inventory.events})
    files = [file for pair in pairs for file in (pair.predicted, pair.truth)]
    return Data(
        MASKS, f"masks in {made.name} against {known.name}", _hash(_known(), _stated(files)),
        lambda: evaluate.mask_cases(made, known, inventory), len(pairs), (f"masks:{made.name}",),
    )  # fmt: skip


def _local_folder(text: str) -> Path:
    """Return a folder's path; addresses and GDAL's virtual file systems are no folders, and others' paths not read."""
    widgets.require_own_paths()
    if not text.strip() or "://" in text or text.strip().startswith("/vsi"):
        raise InputError("Give the path of a folder on this machine, not an address.")
    path = at_home(text)
    if not path.is_dir():
        raise InputError(f"There is no folder {text.strip()}; check the path.")
    return path


def _known() -> str:
    """Return what names the session's inventory: labels, what is known of events and sizes of pixels come from it."""
    return f"{state.inventory().name} {state.listing().key}"


def _stated(files: list[Path]) -> str:
    """Return a digest of files: another one as soon as one is changed, added or taken away."""
    return _hash(*map(_state, files))


def _state(file: Path) -> str:
    try:
        held = file.stat()
    except OSError as error:  # a link that leads nowhere, or no right to look: the event is skipped with the reason
        return f"{file} {error.errno}"
    return f"{file} {held.st_size} {held.st_mtime_ns}"


def _hash(*parts: str) -> str:
    return digest("\n".join(parts))[:20]
