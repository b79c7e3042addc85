"""Events with truth, from wherever it comes: opened when their turn comes, and a method's mask laid beside it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from app import datasets, patches, truth
from app.detection import run, steep
from app.detection.elsewhere.run import FROM_FILE
from app.detection.methods import DECIDED
from app.grid import Grid
from app.patches import Progress, no_progress
from app.scoring import known as facts
from app.scoring import store
from app.scoring.facts import NO_FACTS, Facts
from app.scoring.results import Skipped

if TYPE_CHECKING:
    import xarray as xr

    from app.inventory import Event, Inventory

_ASSUMED = "The files do not say their place: a pixel's size is that of the thesis's box around the inventory's event."


@dataclass(frozen=True, eq=False)
class Compared:
    """One method's mask beside the truth of one event; all bool (y, x)."""

    detected: np.ndarray
    truth: np.ndarray
    valid: np.ndarray  # clear at the dates the method reads, measured, and of known truth
    pixel_deg: tuple[float, float] | None = None
    corner_deg: tuple[float, float] | None = None  # longitude and latitude of the south-west one
    ran: str = ""
    threshold: float = math.nan
    fallback: str = ""
    simulated: bool = False
    score: np.ndarray | None = None  # float32 (y, x) in ``unit``; None where only a mask is known
    unit: str = ""
    ground: Grid | None = None  # where the pixels lie, as they say or as is assumed; None where that is not known
    warnings: tuple[str, ...] = ()  # what to doubt of the patch and of what was found on it
    notes: tuple[str, ...] = ()  # how the method ran, where that decides which pixels count


class Comparable(Protocol):
    """An opened event: the notes on its reading, and one comparison for each method."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What to say of its reading."""

    @property
    def facts(self) -> Facts:
        """What the opened event shows of itself."""

    def compare(self, method: str, device: str, progress: Progress) -> Compared:
        """Return the method's mask beside the truth."""


@dataclass(frozen=True)
class Case:
    """One event with truth; ``open`` is called when its turn comes, so that one is in memory at a time."""

    event: str
    open: Callable[[], Comparable]
    facts: Facts = NO_FACTS  # known without opening it
    key: str = ""  # what the data is, for a store of scores; empty where that cannot be said


@dataclass(frozen=True, eq=False)
class PatchWithTruth:
    """A patch whose variable ``truth`` is known (uint8: 1 landslide, 0 not, 255 unknown)."""

    patch: "xr.Dataset"
    notes: tuple[str, ...] = ()
    assumed: Grid | None = None  # where the pixels of a patch that does not say its place are taken to lie
    min_slope_deg: float = 0.0  # the mask is held to hillsides as steep, where the patch has heights
    reading: "Callable[[xr.Dataset, str], xr.Dataset] | None" = None  # what adds to the patch what a method reads more

    @property
    def facts(self) -> Facts:
        """Area of the truth, days between the dates, cloud, and whether it is simulated."""
        return facts.of_patch(self.patch, self.assumed)

    def compare(self, method: str, device: str = "auto", progress: Progress = no_progress) -> Compared:
        """Run the method and return its mask beside the truth; raises TruthMissingError without one."""
        truth.read(self.patch)  # before a method runs in vain
        read = self.reading(self.patch, method) if self.reading else self.patch
        found = run.detect(read, method, device, progress)
        return compared(self.patch, steep.limited(found, self.patch, self.min_slope_deg, self.assumed), self.assumed)


@dataclass(frozen=True, eq=False)
class MasksWithTruth:
    """A mask made elsewhere and the truth, uint8 (y, x) of one size: 1 landslide, 0 not, 255 unknown."""

    predicted: np.ndarray
    truth: np.ndarray
    notes: tuple[str, ...] = ()
    grid: Grid | None = None  # of the truth, where it says where it lies
    simulated: bool = False
    assumed: Grid | None = None  # where it does not

    @property
    def facts(self) -> Facts:
        """Area of the truth, and whether it is of a simulated scene."""
        return Facts(area_m2=facts.area_m2(self.truth, facts.ground(self.grid, self.assumed)), simulated=self.simulated)

    def compare(self, method: str, device: str = "auto", progress: Progress = no_progress) -> Compared:
        """Return the mask beside the truth; nothing runs, ``method`` only names where it came from."""
        (detected, judged), (landslide, known) = truth.split(self.predicted), truth.split(self.truth)
        return Compared(
            detected=detected,
            truth=landslide,
            valid=judged & known,
            pixel_deg=None if self.grid is None else self.grid.pixel_deg,
            corner_deg=None if self.grid is None else self.grid.corner_deg,
            ran=method,
            simulated=self.simulated,
            ground=facts.ground(self.grid, self.assumed),
        )


def compared(patch: "xr.Dataset", detection: run.Detection, assumed: Grid | None = None) -> Compared:
    """Return what a method found on a patch beside the patch's truth; raises TruthMissingError without one.

    ``assumed`` is where the pixels are taken to lie if the patch itself does not say its place.
    """
    (landslide, known), grid = truth.read(patch), patches.grid_of(patch)
    return Compared(
        detected=run.mask(detection),
        truth=landslide,
        valid=detection.clear & known,
        pixel_deg=grid.pixel_deg,
        corner_deg=grid.corner_deg,
        ran=detection.ran,
        threshold=detection.threshold,
        fallback=detection.fallback,
        simulated=patches.is_simulated(patch),
        score=None if detection.unit == DECIDED else steep.ranked(detection),
        unit=detection.unit,
        ground=facts.ground(grid, assumed),
        warnings=(*patches.warnings(patch), *detection.warnings),
        notes=_counted_where(detection),
    )


def _counted_where(detection: run.Detection) -> tuple[str, ...]:
    if detection.provider == FROM_FILE:
        return (f"{detection.ran} was made elsewhere: what its files do not say of a patch is not counted.",)
    if detection.dates == (0, 1):
        return ()
    return (f"{detection.ran} reads T2 alone: it is scored on what is clear {detection.clear_at}.",)


def dataset_cases(
    directory: Path | str, band_names: Sequence[str] | None = None, inventory: "Inventory | None" = None
) -> tuple[list[Case], tuple[Skipped, ...]]:
    """Return the cases of a folder in GLaD4CD's layout, and the events whose files are not whole.

    ``inventory`` is the one its file names count, where it is known: what it says of an event
    becomes part of the event's facts.
    """
    known, events = facts.of_inventory(inventory), _by_id(inventory)
    pairs, faults = datasets.labelled_pairs(directory, events.keys())
    cases = []
    for pair in pairs:
        event = events.get(pair.event)
        key = store.files_key((pair.t1, pair.t2, pair.label), band_names, event and event.latitude)
        opener = partial(_pair, pair, band_names, event)
        cases.append(Case(pair.event, opener, known.get(pair.event, NO_FACTS), key))
    return cases, tuple(Skipped(event, reason) for event, reason in faults)


def mask_cases(
    predicted: Path | str, truth: Path | str, inventory: "Inventory | None" = None
) -> tuple[list[Case], tuple[Skipped, ...]]:
    """Return the cases of two folders of masks named by event, and the files that are in none, with the reason."""
    known, events = facts.of_inventory(inventory), _by_id(inventory)
    pairs, faults = datasets.mask_pairs(predicted, truth, events.keys())
    cases = []
    for pair in pairs:
        event = events.get(pair.event)
        key = store.files_key((pair.predicted, pair.truth), event and event.latitude)
        cases.append(Case(pair.event, partial(_masks, pair, event), known.get(pair.event, NO_FACTS), key))
    return cases, tuple(Skipped(event, reason) for event, reason in faults)


def _by_id(inventory: "Inventory | None") -> "dict[str, Event]":
    return {event.id: event for event in inventory.events} if inventory else {}


def _masks(pair: datasets.MaskPair, event: "Event | None") -> MasksWithTruth:
    predicted, truth, notes = datasets.open_masks(pair)
    found = MasksWithTruth(predicted.values, truth.values, notes, truth.grid, predicted.simulated or truth.simulated)
    if event is None or truth.grid is not None:
        return found
    return replace(found, notes=(*notes, _ASSUMED), assumed=facts.assumed_grid(truth.values.shape, event))


def _pair(pair: datasets.LabelledPair, band_names: Sequence[str] | None, event: "Event | None") -> PatchWithTruth:
    patch, notes = datasets.open_pair(pair, band_names)
    if event is None or patches.grid_of(patch).placed:
        return PatchWithTruth(patch, notes)
    return PatchWithTruth(patch, (*notes, _ASSUMED), facts.assumed_grid((patch.sizes["y"], patch.sizes["x"]), event))
