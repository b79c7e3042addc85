"""What a batch does with every event, and the task of each: named by its data, methods and networks."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.detection import methods as naming
from app.detection import steep
from app.errors import BatchError, ScarpError
from app.files import digest, file_word
from app.inventory import Event
from app.patches import PatchSpec
from app.scoring import evaluate, store
from app.sources import open_source, require_known, spec_for

HERE_ALONE = ("files",)  # sources of pairs that a reader brought, which only this installation can open


@dataclass(frozen=True)
class Plan:
    """What is done with every event; ``versions`` names each method with the hash of its network."""

    source: str
    methods: tuple[str, ...]
    versions: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()
    min_slope_deg: float = 0.0
    truth: str = ""  # the file of outlines, by its name in the batch's own folder
    scores: bool = False  # whether scores are written beside the masks
    device: str = "auto"
    at_once: int = 1  # events under way together: as many processes may ask one service

    @property
    def networks(self) -> tuple[str, ...]:
        """The methods that are networks."""
        return tuple(one for one in self.methods if naming.KINDS[naming.parse(one).kind].target == "network")

    def as_json(self) -> dict[str, Any]:
        """Return what a person may read of it."""
        return {
            "source": self.source, "methods": list(self.methods), "options": dict(self.options),
            "min_slope_deg": self.min_slope_deg, "truth": self.truth, "device": self.device,
        }  # fmt: skip


@dataclass(frozen=True)
class Task:
    """One event of a batch. Without a ``spec`` there is nothing to open, and ``reason`` says why."""

    event: str
    key: str
    folder: str  # inside events/
    spec: PatchSpec | None
    reason: str
    date: str
    latitude: float
    longitude: float


def planned(
    source: str,
    methods: Iterable[str],
    *,
    options: Mapping[str, str] | None = None,
    min_slope_deg: float = 0.0,
    truth: str = "",
    scores: bool = False,
    device: str = "auto",
) -> Plan:
    """Return the plan, checked: raises InputError or SourceError for a name that stands for nothing.

    BatchError for a source or a method of which only this installation has the files.
    """
    require_known(open_source(source).describe(), options or {})
    if source in HERE_ALONE:
        raise BatchError(f"The source {source} holds pairs that were brought one by one; choose another for a batch.")
    steep.require_usable(min_slope_deg)
    names = tuple(evaluate.canonical(list(methods)))
    versions = tuple(store.method_version(name) for name in names)
    for name, version in zip(names, versions, strict=True):
        if not version:
            raise BatchError(f"The files of {name} cannot be read; `python -m app models list` shows what there is.")
    chosen = tuple(sorted((options or {}).items()))
    return Plan(source, names, versions, chosen, min_slope_deg, truth, scores, device)


def tasks(events: Iterable[Event], plan: Plan) -> Iterator[Task]:
    """Yield the task of each event, in order."""
    common = digest(repr((plan.versions, plan.min_slope_deg, plan.truth, plan.scores, plan.device)))
    for event in events:
        yield _task(event, plan, common)


def _undated(event: Event) -> str:
    """Return that an event lacks a date, in the same words for all that do; empty where it has both."""
    missing = " and ".join(name for name, day in (("T1", event.t1), ("T2", event.t2)) if day is None)
    advice = "`python -m app inventory FILE --propose-dates --out DATED.gpkg` proposes what is missing."
    return f"The inventory has no date for {missing}. {advice}" if missing else ""


def _task(event: Event, plan: Plan, common: str) -> Task:
    spec, reason, data = None, _undated(event), ""
    try:
        spec = spec_for(event, plan.source, options=dict(plan.options), heights=plan.min_slope_deg > 0)
        data = store.spec_key(spec) or spec.key
    except ScarpError as error:
        reason = reason or str(error)
    key = digest(f"{data or reason} {common}")[:20]
    when, folder = str(event.date or ""), file_word(event.id)
    places = (one if math.isfinite(one) else math.nan for one in (event.latitude, event.longitude))
    return Task(event.id, key, folder, spec, reason, when, *places)
