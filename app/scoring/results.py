"""What scoring gives: one event, one method over events, all of an evaluation, and two methods compared."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from app.inventory import json_id
from app.scoring import curves, metrics
from app.scoring.boundary import Boundary
from app.scoring.curves import Curve, Left
from app.scoring.facts import NO_FACTS, Facts
from app.scoring.metrics import Confusion, Macro
from app.scoring.objects import Objects
from app.values.plain import plain

_NAMED = 5  # events a sentence names; of more it says how many


@dataclass(frozen=True)
class EventScore:
    """One event's counts for one method, with what else was measured of it."""

    event: str
    counts: Confusion
    ran: str
    threshold: float
    fallback: str = ""
    simulated: bool = False
    curve: Curve | None = None  # None for masks made elsewhere, which have no threshold to move
    objects: Objects | None = None
    boundary: Boundary | None = None
    facts: Facts = NO_FACTS
    not_counted: int = 0  # pixels of the region that are unclear, not measured, or of unknown truth
    warnings: tuple[str, ...] = ()  # what to doubt of the event's data and of what the method found


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

    @property
    def curves(self) -> dict[str, Curve]:
        """Event -> curve; empty unless every event has one of the same unit and thresholds."""
        held = {score.event: score.curve for score in self.events if score.curve is not None}
        kinds = {(curve.unit, len(curve)) for curve in held.values()}
        return held if len(held) == len(self.events) and len(kinds) == 1 else {}

    @property
    def pooled_curve(self) -> Curve | None:
        """Pooled counts at every threshold; None where there is no curve, or another method ran on some event."""
        held = self.curves
        return curves.total(held.values()) if held else None

    @property
    def average_precision(self) -> float:
        """Area under the pooled precision against recall; NaN without a curve."""
        pooled = self.pooled_curve
        return math.nan if pooled is None else curves.average_precision(pooled)

    @property
    def interval_average_precision(self) -> tuple[float, float]:
        """95 % bootstrap interval over events of the average precision; NaN without curves of two events."""
        return curves.bootstrap_average_precision(tuple(self.curves.values()))

    @property
    def leave_one_out(self) -> tuple[Left, ...]:
        """Each event at the threshold chosen on the others; empty without curves of two events."""
        return curves.leave_one_out(self.curves)

    @property
    def leave_one_out_f1(self) -> float:
        """Pooled F1 with every event at the threshold chosen on the others; NaN where one has none."""
        left = self.leave_one_out
        if not left or any(math.isnan(one.threshold) for one in left):
            return math.nan
        return metrics.micro([one.counts for one in left]).f1

    @property
    def objects(self) -> Objects | None:
        """The objects of all events together; None where they were not counted."""
        held = [score.objects for score in self.events if score.objects is not None]
        return sum(held[1:], held[0]) if held and len(held) == len(self.events) else None


@dataclass(frozen=True)
class Paired:
    """How much better one method is than another on the same events; pooled F1 of the change class."""

    one: str
    other: str
    difference: float  # F1 of one minus F1 of the other, NaN where undefined
    low: float  # 95 % bootstrap interval over events, NaN with fewer than two
    high: float
    n: int  # events both were scored on

    @property
    def told_apart(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


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
    left_out: tuple[Skipped, ...] = ()  # events scored, and then left out for their doubtful truth

    def as_json(self) -> dict[str, object]:
        """Return plain values for JSON, undefined numbers as None."""
        document: dict[str, object] = {
            "region": self.region,
            "methods": [_method_json(score) for score in self.methods],
            "paired": [_paired_json(pair) for pair in self.paired()],
            "skipped": [
                {"event": json_id(one.event), "method": one.method, "reason": one.reason} for one in self.skipped
            ],
            "left_out": [{"event": json_id(one.event), "reason": one.reason} for one in self.left_out],
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }
        return {name: plain(part) for name, part in document.items()}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to doubt, a sentence each with the events it holds for, whatever the method."""
        told: dict[str, dict[str, None]] = {}
        for score in (score for method in self.methods for score in method.events):
            for sentence in score.warnings:
                told.setdefault(sentence, {})[score.event] = None
        return tuple(f"{_events(list(events))}: {sentence}" for sentence, events in told.items())

    def paired(self) -> tuple[Paired, ...]:
        """Return the difference between every two methods."""
        return tuple(
            paired(one, other) for number, one in enumerate(self.methods) for other in self.methods[number + 1 :]
        )


def _events(names: Sequence[str]) -> str:
    """Return the names of a few events, or how many there are."""
    return f"{len(names)} events" if len(names) > _NAMED else f"Event {', '.join(names)}"


def paired(one: MethodScore, other: MethodScore) -> Paired:
    """Return how much higher the pooled F1 of ``one`` is, over the events both were scored on.

    The interval draws events with replacement, the same ones for both methods: what makes an
    event hard for both does not blur their difference.
    """
    theirs = {score.event: score.counts for score in other.events}
    both = [(score.counts, theirs[score.event]) for score in one.events if score.event in theirs]
    mine, others = [pair[0] for pair in both], [pair[1] for pair in both]
    low, high = metrics.bootstrap_difference(mine, others)
    return Paired(one.method, other.method, metrics.micro(mine).f1 - metrics.micro(others).f1, low, high, len(both))


def without_doubtful(evaluation: Evaluation, doubtful: Mapping[str, str]) -> Evaluation:
    """Return the evaluation without the events in ``doubtful`` (event -> reason); ``left_out`` names them."""
    scored = dict.fromkeys(score.event for method in evaluation.methods for score in method.events)
    left_out = tuple(Skipped(event, doubtful[event]) for event in scored if event in doubtful)
    methods = tuple(
        replace(method, events=tuple(score for score in method.events if score.event not in doubtful))
        for method in evaluation.methods
    )
    return replace(evaluation, methods=methods, left_out=(*evaluation.left_out, *left_out))


def _method_json(score: MethodScore) -> dict[str, object]:
    objects = score.objects
    return {
        "method": score.method,
        "n": len(score.events),
        "simulated": any(event.simulated for event in score.events),
        "micro": score.micro.as_dict(),
        "macro": score.macro.as_dict(),
        "both_class_micro": metrics.both_class(score.micro),
        "interval_f1": list(score.interval_f1),
        "average_precision": score.average_precision,
        "interval_average_precision": list(score.interval_average_precision),
        "leave_one_out_f1": score.leave_one_out_f1,
        **({"objects": objects.as_dict()} if objects else {}),
        "events": [_event_json(event) for event in score.events],
    }


def _event_json(score: EventScore) -> dict[str, object]:
    about = {
        "event": json_id(score.event),
        "ran": score.ran,
        "threshold": score.threshold,
        "simulated": score.simulated,
    }
    measured = {
        **({"objects": score.objects.as_dict()} if score.objects else {}),
        **({"boundary": score.boundary.as_dict()} if score.boundary else {}),
        "facts": asdict(score.facts),
    }
    fallback = {"fallback": score.fallback} if score.fallback else {}
    counts = {**score.counts.as_dict(), "not_counted": score.not_counted}
    return {**about, **fallback, **counts, **measured, "warnings": list(score.warnings)}


def _paired_json(pair: Paired) -> dict[str, object]:
    return {
        "one": pair.one,
        "other": pair.other,
        "difference_f1": pair.difference,
        "interval": [pair.low, pair.high],
        "n": pair.n,
    }
