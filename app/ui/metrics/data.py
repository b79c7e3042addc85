"""The data that methods are scored on: each kind with its name, its identity and its cases."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from app import config, datasets
from app.errors import InputError, ScarpError, TruthMissingError
from app.files import at_home, digest
from app.inventory import Event
from app.inventory.mapped import Mapped
from app.patches import PatchSpec
from app.scoring import evaluate, judged, store
from app.scoring.evaluate import Case, Skipped
from app.scoring.outlined import OutlinedCases, outline_cases
from app.sources import spec_for
from app.ui import cached, choices, chosen_patch, outlined, state, widgets, words
from app.ui.metrics import shelved

EVENT, OUTLINES, SIMULATED, FOLDER, MASKS = "event", "outlines", "simulated", "folder", "masks"
SET = "set-"  # before a test set's name
LIST = "list"  # in the place of an event: what is said of those beyond the number asked for
TITLES = {
    EVENT: "This event",
    OUTLINES: "Outlines of this inventory",
    SIMULATED: "Simulated pairs of this inventory",
    FOLDER: "A folder in GLaD4CD layout",
    MASKS: "Two folders of masks",
}
_HELD = "held.outlined_cases"
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
    notes: tuple[str, ...] = ()  # what its truth is made of
    cost: str = ""  # of opening its patches, in words


def kinds() -> dict[str, str]:
    """Return kind -> title of all that can be scored on this installation."""
    from app.testsets import SETS

    sets = {f"{SET}{one.name}": f"Test set {one.name}" for one in SETS.values()}
    local = {FOLDER: TITLES[FOLDER], MASKS: TITLES[MASKS]} if widgets.at_this_machine() else {}
    drawn = {OUTLINES: TITLES[OUTLINES]} if any(one.outline for one in state.inventory().events) else {}
    return {EVENT: TITLES[EVENT], **drawn, SIMULATED: TITLES[SIMULATED], **sets, **local}


def event(spec: PatchSpec, outlines: Mapped | None = None) -> Data:
    """Return the chosen patch as data of one event, by ``outlines`` where it has no truth of its own.

    The page has opened it already.
    """
    made = outlined.index().named(outlines.meeting, outlines.rule) if outlines else ""
    return Data(EVENT, f"event {spec.event_id}", spec.key + made, lambda: ([shelved.case(spec, outlines)], ()), 1)


def of_outlines(most: int) -> Data:
    """Return the first ``most`` events with an outline, on patches of the chosen source; it opens none.

    Raises InputError where the source holds one place only, and TruthMissingError where no event has a patch.
    """
    used, index, source = state.inventory(), outlined.index(), st.session_state[choices.SOURCE]
    if chosen_patch.own_event() is not None or cached.source_info(source).brought:
        holds = "the pairs you brought" if chosen_patch.own_event() is None else "one place"
        raise InputError(f"The source {source} holds {holds} only; choose another on the Patches page.")
    events = index.outlined[:most]
    found = _outlined(events)
    if not found.cases:
        raise TruthMissingError(found.skipped[0].reason if found.skipped else "No event has the outline of an area.")
    faults = list(found.skipped)
    if left := len(index) - len(events):
        faults.append(Skipped(LIST, f"only the first {most} outlines were asked for; {left} more are there"))
    key = _hash(_known(), found.key, str(left))
    return Data(
        OUTLINES, f"outlines of {used.name}", key, lambda: (found.cases, tuple(faults)), len(found.cases),
        notes=found.notes, cost=_cost(events),
    )  # fmt: skip


def _outlined(events: tuple[Event, ...]) -> OutlinedCases:
    """Return the cases of events with outlines, made once for the same patches and the same rule."""
    index, rule, names = outlined.index(), outlined.rule(), []
    for one in events:
        try:
            names.append(outlined.spec_of(one).key)
        except ScarpError as error:
            names.append(str(error))
    asked = (rule, tuple(names))
    held = st.session_state.get(_HELD)
    if held is None or held[0] is not index or held[1] != asked:
        found = outline_cases(state.inventory(), index, rule, outlined.spec_of, _on_shelf, events)
        held = st.session_state[_HELD] = (index, asked, found)
    return held[2]


def _on_shelf(spec: PatchSpec, made: Mapped) -> shelved.Shelved:
    return shelved.Shelved(spec, outlines=made)


def _cost(events: tuple[Event, ...]) -> str:
    """Return what opening the patches of events takes, in words; nothing for a source that asks nobody."""
    info = cached.source_info(st.session_state[choices.SOURCE])
    if info.local:
        return ""
    asked = []
    for one in events:
        with suppress(ScarpError):
            asked.append(outlined.spec_of(one))
    cost = cached.cost(*asked) or f"Cost: {info.cost}"
    return f"{words.counted(len(asked), 'event')} of {info.title} that may have to be opened. {cost}"


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
        faults.append(Skipped(LIST, f"only the first {most} events were asked for; {left} more are in the inventory"))

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


def without_rejected(whole: Data) -> Data:
    """Return data without the events that reviewers rejected; raises ReviewError where the database cannot be used."""
    from app.ui.review import hiding

    rejected = sorted(one for one, how in hiding.outcomes(state.inventory()).items() if how == "rejected")

    def cases() -> Cases:
        found, skipped = whole.cases()
        left, out = judged.without(found, rejected)
        return left, (*skipped, *out)

    label = f"{whole.label}, without {words.counted(len(rejected), 'rejected event')} of the inventory"
    return replace(whole, key=_hash(whole.key, "without", *rejected), label=label, cases=cases)


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
