"""Score methods against mapped landslides: per event, pooled, averaged, with what could not be scored."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from app.detection import methods as naming
from app.errors import Cancelled, InputError, ScarpError
from app.patches import Progress, no_progress
from app.scoring import boundary, curves, metrics, objects
from app.scoring import store as score_store
from app.scoring.cases import (
    Case,
    Comparable,
    Compared,
    MasksWithTruth,
    PatchWithTruth,
    compared,
    dataset_cases,
    mask_cases,
)
from app.scoring.facts import NO_FACTS, Facts
from app.scoring.metrics import BOX, REGIONS, WHOLE
from app.scoring.results import Evaluation, EventScore, MethodScore, Paired, Skipped, paired, without_doubtful
from app.scoring.store import Kept, ScoreStore

T = TypeVar("T")
_log = logging.getLogger(__name__)
_MOSTLY = 0.6  # of a whole patch: more landslide than that is a truth written the other way round, or it may be

__all__ = [
    "BOX",
    "REGIONS",
    "WHOLE",
    "Case",
    "Comparable",
    "Compared",
    "Evaluation",
    "EventScore",
    "MasksWithTruth",
    "MethodScore",
    "Paired",
    "PatchWithTruth",
    "Skipped",
    "canonical",
    "compared",
    "dataset_cases",
    "evaluate",
    "event_score",
    "mask_cases",
    "paired",
    "region_of",
    "without_doubtful",
]


def region_of(compared: Compared, event: str, region: str) -> np.ndarray:
    """Return bool (y, x): the valid pixels that count in ``region``.

    Raises TruthMissingError for an event without a box or another one of the same id, and GridError for a patch a
    box does not fit.
    """
    return compared.valid & _asked(compared, event, region)


def _asked(compared: Compared, event: str, region: str) -> np.ndarray:
    """Return bool (y, x): the pixels of the region, whether they can be judged or not."""
    if region != BOX:
        return np.ones_like(compared.valid)
    return metrics.box_region(event, compared.valid.shape, compared.pixel_deg, compared.corner_deg)


def _doubts(counts: metrics.Confusion, not_counted: int, mostly: float) -> tuple[str, ...]:
    """Return what to doubt of a score whose truth is of one class, or landslide beyond the share ``mostly``."""
    of_all = f"{not_counted:,} of {not_counted + counts.n:,} pixels were not counted"
    if not counts.n:
        return (f"No pixel could be judged: {of_all}.",) if not_counted else ()
    slid = (counts.tp + counts.fn) / counts.n
    if counts.fp or counts.tn:
        told = f"{slid:.0%} of the counted pixels are landslide by the truth: see that its 1 stands for landslide."
        return (told,) if slid > mostly else ()
    if not not_counted:
        return (f"All {counts.n:,} pixels are landslide by the truth, so no false alarm can show.",)
    return (
        f"All {counts.n:,} counted pixels are landslide by the truth, so no false alarm can show: {of_all}; where "
        "unknown, transparent or nodata stands for no landslide, write it as 0.",
    )


def event_score(compared: Compared, event: str, region: str = WHOLE, known: Facts = NO_FACTS) -> EventScore:
    """Return all that is measured of one method on one event; raises as ``region_of`` does."""
    detected, truth, valid = compared.detected, compared.truth, region_of(compared, event, region)
    counts = metrics.confusion(detected, truth, valid)
    not_counted = metrics.count(_asked(compared, event, region)) - counts.n
    curve = None
    if compared.score is not None:
        curve = curves.count_of_method(compared.score, truth, valid, compared.ran, compared.unit)
    return EventScore(
        event=event,
        counts=counts,
        ran=compared.ran,
        threshold=compared.threshold,
        fallback=compared.fallback,
        simulated=compared.simulated,
        curve=curve,
        objects=objects.count(detected, truth, valid, compared.ground),
        boundary=boundary.measure(detected, truth, valid, compared.ground),
        facts=known,
        not_counted=not_counted,
        warnings=(*compared.warnings, *_doubts(counts, not_counted, _MOSTLY if region != BOX else 1.0)),
    )


def evaluate(
    cases: Sequence[Case],
    methods: Sequence[str],
    region: str = WHOLE,
    progress: Progress = no_progress,
    device: str = "auto",
    store: ScoreStore | None = None,
) -> Evaluation:
    """Score every method on every case, in the whole patch or inside the published boxes (``box``).

    An event that cannot be read or scored is skipped with its reason; the rest goes on. What
    ``store`` holds of the same method, data and code is taken from there without opening the
    event, and what is new is kept in it. Raises
    InputError for another region, the first reason where nothing at all could be scored, and
    Cancelled from ``progress``. Check names with ``canonical`` first.
    """
    if region not in REGIONS:
        raise InputError(f"There is no region {region!r}; choose {' or '.join(REGIONS)}.")
    scores: dict[str, list[EventScore]] = {method: [] for method in methods}
    skipped: list[Skipped] = []
    notes: dict[str, set[str]] = {}
    first: ScarpError | None = None
    for method, event, outcome, said in _outcomes(cases, tuple(scores), region, progress, device, store):
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


def canonical(names: Sequence[str]) -> list[str]:
    """Return canonical method names, each once; raises MethodError for one that cannot run here."""
    parsed = [naming.parse(name) for name in names]
    for method in parsed:
        naming.runner(method)
    return list(dict.fromkeys(str(method) for method in parsed))


class _Turn:
    """One event while its methods run: opened when the first of them has to, and then once."""

    def __init__(self, case: Case) -> None:
        self._case = case

    @cached_property
    def _opened(self) -> Comparable | ScarpError:
        return _or_error(self._case.open)

    @cached_property
    def _facts(self) -> Facts:
        opened = self._opened
        assert not isinstance(opened, ScarpError)  # only what opened is compared
        return opened.facts

    def score(self, method: str, region: str, device: str, progress: Progress) -> tuple[Kept | ScarpError, tuple]:
        """Return the score or what went wrong, and the notes on reading the event."""
        opened = self._opened
        if isinstance(opened, ScarpError):
            return opened, ()

        def scored() -> Kept:
            compared = opened.compare(method, device, progress)
            notes = (*opened.notes, *compared.notes)
            return Kept(event_score(compared, self._case.event, region, self._facts), notes)

        return _or_error(scored), opened.notes


def _outcomes(
    cases: Sequence[Case],
    methods: Sequence[str],
    region: str,
    progress: Progress,
    device: str,
    store: ScoreStore | None,
) -> Iterator[tuple[str, str, EventScore | ScarpError, tuple[str, ...]]]:
    """Yield (method, event, score or what went wrong, notes) for every case and method."""
    versions = {method: score_store.method_version(method) for method in methods} if store is not None else {}
    for done, case in enumerate(cases):
        progress(done / len(cases), f"Event {case.event}")
        turn = _Turn(case)
        for number, method in enumerate(methods):
            key = score_store.key(versions[method], case.key, region, device) if versions else ""
            kept = store.get(key) if store is not None and key else None
            if kept is not None:
                yield method, case.event, _about(kept.score, case), kept.notes
                continue
            within = _within(progress, done * len(methods) + number, len(cases) * len(methods), case.event, method)
            outcome, notes = turn.score(method, region, device, within)
            if isinstance(outcome, ScarpError):
                yield method, case.event, outcome, notes
                continue
            if store is not None and key and not outcome.score.fallback:  # what failed today may run tomorrow
                store.put(key, outcome)
            yield method, case.event, _about(outcome.score, case), outcome.notes
    progress(1.0, "Done")


def _about(score: EventScore, case: Case) -> EventScore:
    """Return the score as that of ``case``: its event, and what is known of it beside what the patch itself says.

    A patch may be of other dates than its inventory's row.
    """
    return replace(score, event=case.event, facts=score.facts.known_from(case.facts))


def _or_error(action: Callable[[], T]) -> T | ScarpError:
    """Return what ``action`` does, or the error it raises; a request to stop goes through.

    What nobody foresaw becomes a sentence too, with its details in the log: one bad file must not
    take the scores of the others with it.
    """
    try:
        return action()
    except Cancelled:
        raise
    except ScarpError as error:
        return error
    except Exception as error:
        _log.exception("an event could not be scored")
        said = " ".join(str(error).split())[:200]
        return InputError(f"It could not be read or scored ({type(error).__name__}: {said}); the log says more.")


def _within(progress: Progress, step: int, steps: int, event: str, method: str) -> Progress:
    """Return the progress of one step among many."""
    return lambda share, doing: progress((step + share) / steps, f"Event {event}, {method}: {doing}")
