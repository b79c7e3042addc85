"""What the outlines of an inventory say of a patch: where it slid between its dates, and where that is not known."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.bands import TRUTH
from app.errors import InputError, TruthMissingError
from app.files import digest
from app.grid import BUFFERS_DEG, EPSG_4326, Grid, transformer
from app.inventory.events import Event
from app.masks.outlines import laid
from app.truth import LANDSLIDE, UNKNOWN

if TYPE_CHECKING:
    import xarray as xr

AS_UNKNOWN, AS_BACKGROUND, AS_LANDSLIDE = "unknown", "background", "landslide"
OTHERS = (AS_UNKNOWN, AS_BACKGROUND, AS_LANDSLIDE)  # what outlines of other days, or of none, may count as
CENTRE, TOUCHED = "centre", "all touched"  # which pixels an outline takes

LEAST_OUTSIDE = 0.0005  # of an outline, what is said to be cut off
_STEP_DEG = 0.001  # sizes of patches that an outline asks for
_MARGIN_DEG = 0.001  # some 100 m of ground around it, which did not slide
_ROUND_DEG = 360.0
_SIMULATED = (
    "The scene is SIMULATED and knows nothing of the inventory's outlines: a score against them says nothing of a "
    "method. Choose a source of real scenes."
)


@dataclass(frozen=True)
class Rule:
    """How outlines become pixels: by their middle or wherever they are touched, and what those of other days are."""

    all_touched: bool = False
    others: str = AS_UNKNOWN  # one of OTHERS

    def __post_init__(self) -> None:
        if self.others not in OTHERS:
            raise InputError(f"Outlines of other days can count as {', '.join(OTHERS)}, not as {self.others!r}.")

    @property
    def pixels(self) -> str:
        """CENTRE or TOUCHED."""
        return TOUCHED if self.all_touched else CENTRE

    @property
    def words(self) -> str:
        """The same for a sentence."""
        return "every pixel they touch" if self.all_touched else "pixels whose middle lies inside"


@dataclass(frozen=True)
class Meeting:
    """Which outlines meet a patch, as places among the events: ``slid`` between its dates, and the ``others``.

    ``pointed`` are events on the patch that may have slid between its dates and have no area, ``outside`` the share of
    the event's own outline beyond the patch.
    """

    slid: tuple[int, ...]
    others: tuple[int, ...]
    pointed: tuple[int, ...] = ()
    outside: float = 0.0


@dataclass(frozen=True, eq=False)
class Mapped:
    """The truth that outlines give a patch, uint8 (y, x): 1 landslide, 0 not, 255 unknown; and what it was made of."""

    truth: np.ndarray
    meeting: Meeting
    rule: Rule

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to say of it: rule and numbers, and what is missing of it."""
        return sentences(self.meeting, self.rule)


class OutlineIndex:
    """The outlines of events, found by place: fifty thousand take under a second to take up, a patch no time."""

    def __init__(self, events: Sequence[Event]) -> None:
        import shapely

        self.events = tuple(events)
        self._held = np.array([n for n, event in enumerate(self.events) if event.outline], int)
        self._shapes = shapely.from_wkb(np.array([self.events[n].outline for n in self._held], object))
        self._is_area = shapely.area(self._shapes) > 0
        self._tree = shapely.STRtree(self._shapes)
        self._at = {int(n): place for place, n in enumerate(self._held)}
        self._numbers = {event.id: n for n, event in enumerate(self.events)}
        self._first, self._last = (_days(getattr(event, end) for event in self.events) for end in ("date", "last_day"))
        self._without = np.setdiff1d(np.arange(len(self.events)), self._held[self._is_area])

    def __len__(self) -> int:
        return int(self._is_area.sum())

    @property
    def outlined(self) -> tuple[Event, ...]:
        """The events that have the outline of an area, in the order of the inventory."""
        return tuple(self.events[n] for n in self._held[self._is_area])

    def has(self, event_id: str) -> bool:
        """Whether an event has the outline of an area."""
        place = self._at.get(self._numbers.get(event_id, -1))
        return place is not None and bool(self._is_area[place])

    def meeting(self, on: Grid, t1: date | None, t2: date | None, event_id: str, rule: Rule = Rule()) -> Meeting:
        """Return which outlines meet the pixels of the event's patch; raises TruthMissingError where it has none.

        The event's own outline slid between T1 and T2, whatever its day: that is what the pair is of. So did those of
        the very same days, and those that happened after T1 and before T2: the whole of a span, since one that only
        reaches into that time may have ended before it or begun after it. Dates that are None are not known.
        """
        own = self._numbers.get(event_id, -1)
        if not self.has(event_id):
            kind = "a line" if own in self._at else "no outline"
            raise TruthMissingError(f"Event {event_id} has {kind} in the inventory, so what slid there is not known.")
        met = self._here(on)
        between = self._between(met, t1, t2) | (met == own) | self._as(own, met)
        areas = np.array([self._is_area[self._at[int(n)]] for n in met], bool)
        slid = met[areas & (between | (rule.others == AS_LANDSLIDE))]
        return Meeting(
            tuple(map(int, slid)), tuple(map(int, np.setdiff1d(met[areas], slid))),
            self._pointed(on, t1, t2), self._outside(own, on),
        )  # fmt: skip

    def truth(self, on: Grid, t1: date | None, t2: date | None, event_id: str, rule: Rule = Rule()) -> Mapped:
        """Return what is known of the event's patch.

        Raises TruthMissingError as ``meeting`` does, and GridError for a grid without a place. Where outlines of both
        kinds lie, it slid. A line that is drawn says where and not how far: the pixels that it touches are unknown.
        """
        meeting = self.meeting(on.required_place(), t1, t2, event_id, rule)
        made = np.zeros(on.shape, np.uint8)
        if rule.others == AS_UNKNOWN:
            made[laid(self._moved(meeting.others, on), on, rule.all_touched)] = UNKNOWN
        lines = [n for n in meeting.pointed if n in self._at]
        made[laid(self._moved(lines, on), on, all_touched=True)] = UNKNOWN
        made[laid(self._moved(meeting.slid, on), on, rule.all_touched)] = LANDSLIDE
        return Mapped(made, meeting, rule)

    def all_on(self, on: Grid, all_touched: bool = False) -> tuple[np.ndarray, int]:
        """Return every outline of an area on a grid, bool (y, x), whatever its day, and how many these are."""
        met = [int(n) for n in self._here(on.required_place()) if self._is_area[self._at[int(n)]]]
        return laid(self._moved(met, on), on, all_touched), len(met)

    def named(self, meeting: Meeting, rule: Rule) -> str:
        """Return a digest of all that decides a truth on given pixels."""
        parts = (meeting.slid, meeting.others, meeting.pointed)
        return digest(repr((rule, [sorted(self.events[n].outline for n in part) for part in parts])))[:24]

    def _here(self, on: Grid) -> np.ndarray:
        """Return places of the events whose outline meets a grid, in the order of the inventory: int (n,)."""
        return np.array(sorted({n for n, _ in self._met(on)}), int)

    def _met(self, on: Grid) -> list[tuple[int, float]]:
        """Return places of the events whose outline meets a grid, and by how many degrees each is to be moved there."""
        import shapely

        west, south, east, north = on.bbox_deg
        return [
            (int(self._held[place]), -shift)
            for shift in (0.0, _ROUND_DEG, -_ROUND_DEG)  # of outlines beyond the antimeridian
            for place in self._tree.query(shapely.box(west + shift, south, east + shift, north), "intersects")
        ]

    def _moved(self, wanted: Iterable[int], on: Grid) -> np.ndarray:
        """Return the outlines of events in the units of a grid, one for each time they lie there."""
        import shapely

        chosen = set(wanted)
        met = [(self._at[n], shift) for n, shift in self._met(on) if n in chosen] if chosen else []
        shapes = self._shapes[np.array([place for place, _ in met], int)]
        for n, (_, shift) in enumerate(met):
            if shift:
                shapes[n] = shapely.transform(shapes[n], lambda points, by=shift: points + np.array([by, 0]))
        if on.in_degrees:
            return shapes
        across = transformer(EPSG_4326, on.crs)
        return shapely.transform(shapes, lambda points: np.column_stack(across.transform(*points.T)))

    def _between(self, met: np.ndarray, t1: date | None, t2: date | None) -> np.ndarray:
        """Whether events happened after T1 and before T2; on the very day of a scene nobody knows."""
        if t1 is None or t2 is None:
            return np.zeros(met.shape, bool)
        return (self._first[met] > np.datetime64(t1)) & (self._last[met] < np.datetime64(t2))

    def _as(self, own: int, met: np.ndarray) -> np.ndarray:
        """Whether events have the very days of another; NaT, a day that is not known, is like none."""
        return (self._first[met] == self._first[own]) & (self._last[met] == self._last[own])

    def _pointed(self, on: Grid, t1: date | None, t2: date | None) -> tuple[int, ...]:
        """Return events on a grid that have no area and may have happened between two dates."""
        west, south, east, north = on.bbox_deg
        lon = np.array([self.events[n].longitude for n in self._without])
        lat = np.array([self.events[n].latitude for n in self._without])
        here = self._without[(lat >= south) & (lat <= north) & ((lon - west) % _ROUND_DEG <= east - west)]
        first, last = self._first[here], self._last[here]
        never = (first >= np.datetime64(t2)) | (last <= np.datetime64(t1)) if t1 and t2 else np.zeros(here.shape, bool)
        return tuple(map(int, here[~never]))

    def _outside(self, own: int, on: Grid) -> float:
        """Return the share of an event's outline beyond a grid, 0 to 1."""
        import shapely

        shapes = self._moved([own], on)
        whole = shapely.area(shapes).sum()
        inside = shapely.area(shapely.intersection(shapes, shapely.box(*on.bbox))).sum()
        return float(1 - inside / whole) if whole else 1.0


def told(slid: int, others: int, rule: Rule) -> str:
    """Return in one sentence by which rule outlines became a truth, and how many of each kind they were."""
    first = f"Truth: outlines of the inventory, by {rule.words}; {slid:,} {_are(slid)} landslide"
    if rule.others == AS_LANDSLIDE:
        return f"{first}, whatever their day."
    what = "unknown" if rule.others == AS_UNKNOWN else "no landslide"
    return f"{first}, {others:,} of other days or of none {_are(others)} {what}."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def sentences(meeting: Meeting, rule: Rule) -> tuple[str, ...]:
    """Return what to say of a truth made of outlines: rule and numbers, and what is missing of it."""
    said = [told(len(meeting.slid), len(meeting.others), rule)]
    if meeting.pointed:
        count = len(meeting.pointed)
        said.append(
            f"{count:,} {'event' if count == 1 else 'events'} here {'has' if count == 1 else 'have'} no outline of an "
            "area: what slid there counts as no landslide."
        )
    return (*said, *_cut(meeting.outside))


def cut(event: Event, on: Grid) -> tuple[str, ...]:
    """Return what to say of an event's outline that does not lie whole on a grid; nothing of one that does."""
    index = OutlineIndex((event,))
    return _cut(index.meeting(on, None, None, event.id).outside) if index.has(event.id) else ()


def _cut(outside: float) -> tuple[str, ...]:
    if outside < LEAST_OUTSIDE:
        return ()
    return (f"{outside:.1%} of the event's own outline lies outside the patch and is cut off.",)


def onto(patch: "xr.Dataset", mapped: Mapped) -> "xr.Dataset":
    """Return a patch with a truth of outlines as its own, and a warning where the scene is simulated."""
    meaning = {
        "long_name": "landslide", "flag_values": [0, 1, 255], "flag_meanings": "no yes unknown",
        "comment": " ".join(mapped.sentences),
    }  # fmt: skip
    doubts = [_SIMULATED] if patches.is_simulated(patch) else []
    labelled = patch.assign({TRUTH: (("y", "x"), mapped.truth, meaning)})
    return labelled.assign_attrs(patches.with_warnings(patch.attrs, doubts))


def buffer_deg(event: Event, usual: float) -> float:
    """Return how far a patch reaches from an event to its edge, in degrees: as ``usual``, or as its outline asks.

    The outline and a little ground around it lie inside, up to the largest patch there is; beyond that it is cut.
    """
    if not event.outline:
        return usual
    wanted = math.ceil((_reach_deg(event) + _MARGIN_DEG) / _STEP_DEG - 1e-6) * _STEP_DEG
    return max(usual, round(min(wanted, BUFFERS_DEG[1], 90 - abs(event.latitude)), 6))  # no box reaches over a pole


def _reach_deg(event: Event) -> float:
    """Return the largest distance in degrees, along either axis, from an event to the edge of its outline's box."""
    import shapely

    west, south, east, north = shapely.bounds(shapely.from_wkb(event.outline))
    shift = _ROUND_DEG * round((event.longitude - (west + east) / 2) / _ROUND_DEG)
    longitude = event.longitude - shift
    return float(max(longitude - west, east - longitude, event.latitude - south, north - event.latitude))


def _days(days: Iterable[date | None]) -> np.ndarray:
    return np.array(list(days), dtype="datetime64[D]")
