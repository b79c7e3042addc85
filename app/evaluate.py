"""Score methods against mapped landslides: per event, pooled, averaged, with what could not be scored."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from app import datasets, metrics, patches
from app.bands import TRUTH
from app.detection import methods as naming
from app.detection import run
from app.errors import Cancelled, InputError, ScarpError, TruthMissingError
from app.grid import EPSG_4326
from app.inventory import json_id
from app.metrics import BOX, REGIONS, WHOLE, Confusion, Macro
from app.patches import Progress, no_progress
from app.rasters import LANDSLIDE, UNKNOWN

if TYPE_CHECKING:
    import xarray as xr

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Compared:
    """One method's mask beside the truth of one event; all bool (y, x)."""

    detected: np.ndarray
    truth: np.ndarray
    valid: np.ndarray  # clear at both dates, measured, and of known truth
    pixel_deg: tuple[float, float] | None = None
    ran: str = ""
    threshold: float = math.nan
    fallback: str = ""
    simulated: bool = False


class Comparable(Protocol):
    """An opened event: the notes on its reading, and one comparison for each method."""

    notes: tuple[str, ...]

    def compare(self, method: str, device: str, progress: Progress) -> Compared:
        """Return the method's mask beside the truth."""


@dataclass(frozen=True)
class Case:
    """One event with truth; ``open`` is called when its turn comes, so that one is in memory at a time."""

    event: str
    open: Callable[[], Comparable]


@dataclass(frozen=True, eq=False)
class PatchWithTruth:
    """A patch whose variable ``truth`` is known (uint8: 1 landslide, 0 not, 255 unknown)."""

    patch: "xr.Dataset"
    notes: tuple[str, ...] = ()

    def compare(self, method: str, device: str = "auto", progress: Progress = no_progress) -> Compared:
        """Run the method and return its mask beside the truth; raises TruthMissingError without one."""
        if TRUTH not in self.patch:
            raise TruthMissingError("This patch has no mapped landslides to score against; use one that has truth.")
        detection = run.detect(self.patch, method, device, progress)
        truth, grid = self.patch[TRUTH].values, patches.grid_of(self.patch)
        return Compared(
            detected=run.mask(detection),
            truth=truth == LANDSLIDE,
            valid=detection.clear & (truth != UNKNOWN),
            pixel_deg=(grid.res_x, grid.res_y) if grid.crs == EPSG_4326 else None,
            ran=detection.ran,
            threshold=detection.threshold,
            fallback=detection.fallback,
            simulated=patches.is_simulated(self.patch),
        )


@dataclass(frozen=True, eq=False)
class MasksWithTruth:
    """A mask made elsewhere and the truth, uint8 (y, x) of one size: 1 landslide, 0 not, 255 unknown."""

    predicted: np.ndarray
    truth: np.ndarray
    notes: tuple[str, ...] = ()

    def compare(self, method: str, device: str = "auto", progress: Progress = no_progress) -> Compared:
        """Return the mask beside the truth; nothing runs, ``method`` only names where it came from."""
        valid = (self.predicted != UNKNOWN) & (self.truth != UNKNOWN)
        return Compared(self.predicted == LANDSLIDE, self.truth == LANDSLIDE, valid, ran=method)


@dataclass(frozen=True)
class EventScore:
    """One event's counts for one method."""

    event: str
    counts: Confusion
    ran: str
    threshold: float
    fallback: str = ""
    simulated: bool = False


@dataclass(frozen=True)
class MethodScore:
    """One method over all events it could be scored on."""

    method: str
    events: tuple[EventScore, ...]

    @property
    def counts(self) -> list[Confusion]:
        """The confusion matrices, in the order of the events."""
        return [score.counts for score in self.events]

    @property
    def micro(self) -> Confusion:
        """Pooled counts: every pixel weighs the same."""
        return metrics.micro(self.counts)

    @property
    def macro(self) -> Macro:
        """Means over events: every event weighs the same."""
        return metrics.macro(self.counts)

    @property
    def interval_f1(self) -> tuple[float, float]:
        """95 % bootstrap interval over events of the pooled F1; NaN with fewer than two events."""
        return metrics.bootstrap_f1(self.counts)


@dataclass(frozen=True)
class Skipped:
    """An event that a method, or every method where ``method`` is empty, could not be scored on."""

    event: str
    reason: str
    method: str = ""


@dataclass(frozen=True)
class Evaluation:
    """What ``evaluate`` found; ``as_json`` is the document of the command line."""

    region: str
    methods: tuple[MethodScore, ...]
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return plain values for JSON, undefined numbers as None."""
        document = {
            "region": self.region,
            "methods": [_method_json(score) for score in self.methods],
            "skipped": [
                {"event": json_id(one.event), "method": one.method, "reason": one.reason} for one in self.skipped
            ],
            "notes": list(self.notes),
        }
        return _plain(document)


def evaluate(
    cases: Sequence[Case],
    methods: Sequence[str],
    region: str = WHOLE,
    progress: Progress = no_progress,
    device: str = "auto",
) -> Evaluation:
    """Score every method on every case, in the whole patch or inside the published boxes (``box``).

    An event that cannot be read or scored is skipped with its reason; the rest goes on. Raises
    InputError for another region, the first reason where nothing at all could be scored, and
    Cancelled from ``progress``. Check names with ``canonical`` first.
    """
    if region not in REGIONS:
        raise InputError(f"There is no region {region!r}; choose {' or '.join(REGIONS)}.")
    scores: dict[str, list[EventScore]] = {method: [] for method in methods}
    skipped: list[Skipped] = []
    notes: dict[str, set[str]] = {}
    first: ScarpError | None = None
    for method, event, outcome, said in _outcomes(cases, tuple(scores), region, progress, device):
        for note in said:
            notes.setdefault(note, set()).add(event)
        if isinstance(outcome, EventScore):
            scores[method].append(outcome)
        else:
            first = first or outcome
            skipped.append(Skipped(event, str(outcome), method))
    if first and not any(scores.values()):
        raise first
    whole = tuple(MethodScore(name, tuple(got)) for name, got in scores.items())
    counted = tuple(f"{note} ({len(events)} of {len(cases)} events)" for note, events in notes.items())
    return Evaluation(region, whole, tuple(skipped), counted)


def patch_case(patch: "xr.Dataset", event: str = "") -> Case:
    """Return a case from a patch already in memory."""
    return Case(event or str(patch.attrs.get("event_id", "")), lambda: PatchWithTruth(patch))


def dataset_cases(
    directory: Path | str, band_names: Sequence[str] | None = None
) -> tuple[list[Case], tuple[Skipped, ...]]:
    """Return the cases of a folder in GLaD4CD's layout, and the events whose files are not whole."""
    pairs, faults = datasets.labelled_pairs(directory)
    cases = [Case(pair.event, _opener(pair, band_names)) for pair in pairs]
    return cases, tuple(Skipped(event, reason) for event, reason in faults)


def mask_cases(predicted: Path | str, truth: Path | str) -> tuple[list[Case], tuple[Skipped, ...]]:
    """Return the cases of two folders of masks named by event, and the events without a prediction."""
    pairs, faults = datasets.mask_pairs(predicted, truth)
    cases = [Case(pair.event, lambda pair=pair: MasksWithTruth(*datasets.open_masks(pair))) for pair in pairs]
    return cases, tuple(Skipped(event, reason) for event, reason in faults)


def canonical(names: Sequence[str]) -> list[str]:
    """Return canonical method names, each once; raises MethodError for one that cannot run here."""
    parsed = [naming.parse(name) for name in names]
    for method in parsed:
        naming.runner(method)
    return list(dict.fromkeys(str(method) for method in parsed))


def _opener(pair: datasets.LabelledPair, band_names: Sequence[str] | None) -> Callable[[], PatchWithTruth]:
    return lambda: PatchWithTruth(*datasets.open_pair(pair, band_names))


def _outcomes(
    cases: Sequence[Case], methods: Sequence[str], region: str, progress: Progress, device: str
) -> Iterator[tuple[str, str, EventScore | ScarpError, tuple[str, ...]]]:
    """Yield (method, event, score or what went wrong, notes) for every case and method."""
    for done, case in enumerate(cases):
        progress(done / len(cases), f"Event {case.event}")
        opened = _or_error(case.open)
        for number, method in enumerate(methods):
            if isinstance(opened, ScarpError):
                yield method, case.event, opened, ()
                continue
            within = _within(progress, done * len(methods) + number, len(cases) * len(methods), case.event, method)
            outcome = _or_error(partial(_score, opened, case.event, method, region, device, within))
            yield method, case.event, outcome, opened.notes
    progress(1.0, "Done")


def _or_error(action: Callable[[], T]) -> T | ScarpError:
    """Return what ``action`` does, or the error it raises; a request to stop goes through."""
    try:
        return action()
    except Cancelled:
        raise
    except ScarpError as error:
        return error


def _within(progress: Progress, step: int, steps: int, event: str, method: str) -> Progress:
    """Return the progress of one step among many."""
    return lambda share, doing: progress((step + share) / steps, f"Event {event}, {method}: {doing}")


def _score(opened: Comparable, event: str, method: str, region: str, device: str, progress: Progress) -> EventScore:
    compared = opened.compare(method, device, progress)
    valid = compared.valid
    if region == BOX:
        valid = valid & metrics.box_region(event, valid.shape, compared.pixel_deg)
    counts = metrics.confusion(compared.detected, compared.truth, valid)
    return EventScore(event, counts, compared.ran, compared.threshold, compared.fallback, compared.simulated)


def _method_json(score: MethodScore) -> dict[str, object]:
    return {
        "method": score.method,
        "n": len(score.events),
        "simulated": any(event.simulated for event in score.events),
        "micro": score.micro.as_dict(),
        "macro": score.macro.as_dict(),
        "interval_f1": list(score.interval_f1),
        "events": [_event_json(event) for event in score.events],
    }


def _event_json(score: EventScore) -> dict[str, object]:
    about = {
        "event": json_id(score.event),
        "ran": score.ran,
        "threshold": score.threshold,
        "simulated": score.simulated,
    }
    return {**about, **({"fallback": score.fallback} if score.fallback else {}), **score.counts.as_dict()}


def _plain(value: object) -> object:
    """Return the same structure with NaN and infinities, which JSON lacks, as None."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
