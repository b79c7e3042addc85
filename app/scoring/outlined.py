"""The events of an inventory that have outlines, with these as truth of the patches that a source gives of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.errors import ScarpError
from app.files import digest
from app.grid import BUFFERS_DEG
from app.inventory import Event, Inventory, json_id, mapped
from app.inventory.mapped import Mapped, Meeting, OutlineIndex, Rule
from app.patches import PatchSpec
from app.scoring import known as facts
from app.scoring import store
from app.scoring.cases import Case, Comparable
from app.scoring.facts import NO_FACTS
from app.scoring.results import Skipped

Opened = Callable[[PatchSpec, Mapped], Comparable]  # opens the patch of an event whose truth was made of outlines


@dataclass(frozen=True, eq=False)
class OutlinedCases:
    """Events to score against outlines, those that cannot be scored with the reason, and what the truth is made of."""

    cases: list[Case]
    skipped: tuple[Skipped, ...]
    meetings: dict[str, Meeting]
    rule: Rule
    without: int  # events that have no outline of an area
    overlapping: int  # events on whose patch ground of another's lies
    key: str  # equal for equal patches with equal truths

    @property
    def used(self) -> int:
        """How many outlines are landslide on any patch."""
        return len({n for meeting in self.meetings.values() for n in meeting.slid})

    @property
    def others(self) -> int:
        """How many outlines of other days, or of none, lie on any patch."""
        return len({n for meeting in self.meetings.values() for n in meeting.others})

    @property
    def cut(self) -> tuple[str, ...]:
        """The events whose own outline does not lie whole on their patch."""
        return tuple(name for name, meeting in self.meetings.items() if meeting.outside >= mapped.LEAST_OUTSIDE)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to say of the truth of them all."""
        said = [mapped.told(self.used, self.others, self.rule)]
        if self.without:
            said.append(f"{self.without:,} events have no outline of an area and are not scored.")
        if self.cut:
            said.append(
                f"The outlines of {len(self.cut):,} events reach beyond their patch and are cut off there; a patch "
                f"reaches at most {BUFFERS_DEG[1]:g}° from the event to its edge."
            )
        if self.overlapping:
            said.append(f"The patches of {self.overlapping:,} events share ground with others: it counts in each.")
        return tuple(said)

    def as_json(self, document: dict) -> dict[str, object]:
        """Return the document of an evaluation with what its truth was made of, as a whole and event by event."""
        by_id = {json_id(name): _json(meeting, self.rule) for name, meeting in self.meetings.items()}
        methods = [
            {**one, "events": [{**event, "outlines": by_id[event["event"]]} for event in one["events"]]}
            for one in document["methods"]
        ]
        unknown = self.others if self.rule.others == mapped.AS_UNKNOWN else 0
        outlines = {"used": self.used, "unknown": unknown, "cut": len(self.cut), "events_without": self.without}
        told = {"truth": "outlines", "rule": self.rule.pixels, "others": self.rule.others, "outlines": outlines}
        return {**document, **told, "methods": methods}


def outline_cases(
    inventory: Inventory,
    index: OutlineIndex,
    rule: Rule,
    spec_of: Callable[[Event], PatchSpec],
    opened: Opened,
    events: tuple[Event, ...] | None = None,
) -> OutlinedCases:
    """Return the cases of ``events``, by default all that have outlines; a patch is opened when its turn comes.

    ``spec_of`` says which patch an event has, and raises ScarpError where there is none, which becomes the reason.
    """
    known, cases, skipped, meetings, boxes, keys = facts.of_inventory(inventory), [], [], {}, [], []
    for event in index.outlined if events is None else events:
        try:
            spec = spec_of(event)
            meeting = index.meeting(spec.grid, spec.t1, spec.t2, event.id, rule)
        except ScarpError as error:
            skipped.append(Skipped(event.id, str(error)))
            continue
        kept, name = store.spec_key(spec), index.named(meeting, rule)
        key = outlined_key(kept, name)
        opener = partial(_open, spec, index, rule, opened)
        cases.append(Case(event.id, opener, known.get(event.id, NO_FACTS), key))
        keys.append(f"{spec.key} {name}")
        meetings[event.id] = meeting
        boxes.append(spec.grid.bbox)
    without = len(inventory.events) - len(index)
    whole = digest("\n".join([*keys, *(one.reason for one in skipped)]))[:20]
    return OutlinedCases(cases, tuple(skipped), meetings, rule, without, _overlapping(boxes), whole)


def outlined_key(patch: str, truth: str) -> str:
    """Return what names a patch with a truth of outlines for a store of scores; empty where the patch has no name."""
    return f"{patch} outlines {truth}" if patch else ""


def _open(spec: PatchSpec, index: OutlineIndex, rule: Rule, opened: Opened) -> Comparable:
    return opened(spec, index.truth(spec.grid, spec.t1, spec.t2, spec.event_id, rule))


def _overlapping(boxes: list) -> int:
    """Return how many boxes (west, south, east, north) share ground with another."""
    import numpy as np
    import shapely

    if not boxes:
        return 0
    held = shapely.box(*np.array(boxes).T)
    one, other = shapely.STRtree(held).query(held, "intersects")
    shared = shapely.area(shapely.intersection(held[one], held[other])) > 0
    return len(np.unique(one[(one != other) & shared]))


def _json(meeting: Meeting, rule: Rule) -> dict[str, object]:
    unknown = len(meeting.others) if rule.others == mapped.AS_UNKNOWN else 0
    return {"used": len(meeting.slid), "unknown": unknown, "outside": round(meeting.outside, 6)}
