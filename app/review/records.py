"""A verdict as it is given: what is judged, how it is judged, and what was on the screen."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from app.errors import ReviewError
from app.files import digest

if TYPE_CHECKING:
    from app.inventory import Event, Inventory

VERDICTS = {
    "confirmed": "Confirmed",
    "rejected": "Rejected",
    "other-change": "Other change",
    "uncertain": "Uncertain",
    "wrong-place": "Wrong place",
    "wrong-date": "Wrong date",
    "cloud": "Cloud",
    "bad-label": "Bad label",
}
MEANINGS = {
    "confirmed": "A landslide between the dates",
    "rejected": "No landslide, and no other change",
    "other-change": "A change, but not a landslide",
    "uncertain": "Cannot tell",
    "wrong-place": "A landslide, but not where the inventory has it",
    "wrong-date": "A landslide, but not between these dates",
    "cloud": "Cloud, shadow or haze hides it",
    "bad-label": "The outline or mask is shifted, incomplete or too large",
}
# what could be said up to Scarp 0.8; such verdicts stay as they were given
FORMER = {
    "landslide": "A landslide between the dates",
    "no-change": "No change to be seen",
    "unsure": "Cannot tell",
    "unusable": "The pictures are unusable (cloud, haze, wrong place)",
}
_SAME = {"landslide": "confirmed", "no-change": "rejected", "unsure": "uncertain"}
UNDONE = "undone"  # an entry that takes another one back
KNOWN = {**VERDICTS, **FORMER, UNDONE: "Taken back"}
KINDS = {"event": "event", "polygon": "detected polygon", "truth": "outline of the truth", "mask": "whole label mask"}
DECISION = "decision"  # the role of a third reviewer's entry on what others judged apart
ROLES = ("", DECISION)  # empty: an entry of one's own judgement
CONFIDENCES = ("low", "medium", "high")

REVIEWER_LENGTH = 100
NOTE_LENGTH = 2000
NAME_LENGTH = 200  # of an inventory or an event
GEOMETRY_LENGTH = 1_000_000
_AREAS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class Seen:
    """What a reviewer has before them: which patch, of which event of which inventory, and how it is shown."""

    inventory: str
    event: str
    source: str
    t1: str
    t2: str
    simulated: bool | None  # None: an odd row of a database does not say
    latitude: float | None = None  # of the event, degrees; None in verdicts of Scarp's first edition
    longitude: float | None = None
    event_date: str = ""  # empty: not known
    inventory_id: str = ""  # what the inventory holds, whatever it is called
    kind: str = "event"  # a key of KINDS
    subject: str = ""  # which polygon, outline or mask of the event; empty for the event itself
    composition: str = ""  # as a link writes it; empty in verdicts of earlier editions, as all that follows
    stretch: str = ""
    method: str = ""
    threshold: float | None = None
    model_sha256: str = ""
    link: str = ""  # what follows the address of the page: opens what was seen


@dataclass(frozen=True)
class Verdict:
    """What one reviewer judged of one patch, or of a part of it, and which patch that was.

    ``geometry`` is a GeoJSON geometry (Polygon or MultiPolygon, longitude and latitude) as text; ``seconds`` how long
    it was looked at. Raises ReviewError for one that nobody could use, unless ``odd`` says what is wrong with it: so
    it stands in a database, and is shown as it is.
    """

    reviewer: str
    inventory: str
    event: str
    verdict: str  # a key of KNOWN
    note: str
    source: str
    t1: str
    t2: str
    simulated: bool | None
    made_at: datetime | None = None  # set when it is stored
    latitude: float | None = None
    longitude: float | None = None
    event_date: str = ""
    inventory_id: str = ""
    kind: str = "event"
    subject: str = ""
    composition: str = ""
    stretch: str = ""
    method: str = ""
    threshold: float | None = None
    model_sha256: str = ""
    link: str = ""
    confidence: str = ""  # one of CONFIDENCES; empty: not said
    geometry: str = ""
    seconds: float | None = None
    undoes: str = ""  # the uid of the entry that this one takes back
    role: str = ""  # one of ROLES
    uid: str = field(default="", compare=False)  # names the entry in every database; set when it is stored
    odd: str = ""

    def __post_init__(self) -> None:
        found = _fault(self)
        if found and not self.odd:
            raise ReviewError(found)

    @property
    def title(self) -> str:
        """The verdict in words, one that Scarp does not know as it stands."""
        return KNOWN.get(self.verdict, self.verdict)

    @property
    def meaning(self) -> str:
        """The verdict in today's words: a key of VERDICTS where an earlier edition's says the same."""
        return _SAME.get(self.verdict, self.verdict)


def judge(
    seen: Seen, reviewer: str, verdict: str, note: str, *, confidence: str = "", geometry: str = "",
    seconds: float | None = None, role: str = "",
) -> Verdict:  # fmt: skip
    """Return a reviewer's verdict on what they have before them; raises ReviewError as ``Verdict`` does."""
    return Verdict(
        reviewer=reviewer.strip(), verdict=verdict, note=note.strip(), confidence=confidence, geometry=geometry,
        seconds=seconds, role=role, **asdict(seen),
    )  # fmt: skip


def taking_back(entry: Verdict, reviewer: str) -> Verdict:
    """Return the entry that takes another one back. Raises ReviewError where it is not this reviewer's own."""
    if entry.reviewer.strip() != reviewer.strip():
        raise ReviewError(f"The verdict is {entry.reviewer}'s; only {entry.reviewer} can take it back.")
    return replace(entry, verdict=UNDONE, undoes=entry.uid, note="", geometry="", seconds=None, made_at=None, uid="")


def derived_uid(verdict: Verdict) -> str:
    """Return what names an entry that an earlier edition stored without a name: it follows from what it says."""
    when = verdict.made_at.isoformat() if verdict.made_at else ""
    said = (verdict.reviewer, verdict.inventory, verdict.event, verdict.verdict, verdict.note, verdict.source)
    return digest(repr((when, *said, verdict.t1, verdict.t2)))[:32]


def is_on(verdict: Verdict, event: Event, *inventories: str) -> bool:
    """Whether a verdict is on an event: at the same place, with the same id, or of another inventory and the same day.

    One inventory may hold two events of a place and day, and two may name one differently; ``inventories`` are the
    names of the event's own. A verdict without a place is on the event of its id under one of them.
    """
    if verdict.latitude is None or verdict.longitude is None:
        return verdict.event == event.id and verdict.inventory in inventories
    if not event.is_at(verdict.latitude, verdict.longitude):
        return False
    elsewhere = event.date is not None and verdict.inventory not in inventories
    return verdict.event == event.id or (elsewhere and verdict.event_date == str(event.date))


def event_of(verdict: Verdict, inventory: Inventory) -> str | None:
    """Return the id of the event of an inventory that a verdict is on (see ``is_on``), None where it is on none."""
    if verdict.event in inventory and is_on(verdict, inventory.event(verdict.event), inventory.name):
        return verdict.event
    if verdict.latitude is None or verdict.longitude is None:
        return None
    near = inventory.near(verdict.latitude, verdict.longitude)
    return next((one.id for one in near if is_on(verdict, one, inventory.name)), None)


def _fault(verdict: Verdict) -> str:
    """Return why nobody could use a verdict, as a sentence; empty where all is well."""
    if verdict.verdict not in KNOWN:
        return f"There is no verdict {verdict.verdict!r}. Choose from {', '.join(VERDICTS)}."
    if not verdict.reviewer.strip() or len(verdict.reviewer) > REVIEWER_LENGTH:
        return f"Give your name or initials, up to {REVIEWER_LENGTH} characters, so that the verdict has an author."
    if len(verdict.note) > NOTE_LENGTH:
        return f"The note has {len(verdict.note)} characters; at most {NOTE_LENGTH} are kept."
    if verdict.kind not in KINDS:
        return f"Nothing of the kind {verdict.kind!r} is judged. Choose from {', '.join(KINDS)}."
    if verdict.confidence and verdict.confidence not in CONFIDENCES:
        return f"There is no confidence {verdict.confidence!r}. Choose from {', '.join(CONFIDENCES)}, or say none."
    if (verdict.verdict == UNDONE) != bool(verdict.undoes):
        return "A verdict is taken back by an entry that names it, and no other entry names one."
    if verdict.role not in ROLES:
        return f"There is no role {verdict.role!r}. Choose {DECISION}, or none."
    return _geometry_fault(verdict.geometry)


def _geometry_fault(geometry: str) -> str:
    if not geometry:
        return ""
    if len(geometry) > GEOMETRY_LENGTH:
        return f"The outline takes {len(geometry):,} characters; at most {GEOMETRY_LENGTH:,} are kept. Simplify it."
    try:
        held = json.loads(geometry)
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict) or held.get("type") not in _AREAS or not isinstance(held.get("coordinates"), list):
        return "The outline is no GeoJSON geometry of the type Polygon or MultiPolygon."
    return ""
