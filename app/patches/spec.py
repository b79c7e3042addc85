"""What a patch is asked to be: source, place, days, bands and pixels, which together name it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import cached_property

from app import grid
from app.bands import BANDS, DEFAULT_BANDS
from app.errors import BandMissingError, DateOrderError, InputError, wrong_order
from app.files import digest
from app.grid import BBox, Grid

FIRST_DAY, LAST_DAY = "1900-01-01", "2199-12-31"  # what a time of nanoseconds holds with room to spare
SPAN = "/"  # between the first and the last day of a span
_ADDED = (
    "event_end",
    "heights",
    "on",
    "light",
    "t1_from",
    "t2_to",
    "composite",
)  # later than the first names of patches: in one only where set
COMPOSITES = {  # how the clear pixels of a span's scenes become one image: name -> what is taken of each pixel
    "median": "the median of each band",
    "greenest": "the scene of the highest NDVI",
    "latest": "the latest scene",
}
Span = tuple[date, date]  # first and last day, both included
Progress = Callable[[float, str], object]  # share done 0 to 1, what is being done; may raise Cancelled


def no_progress(share: float, doing: str) -> None:
    """Ignore progress: the default where nobody watches."""


@dataclass(frozen=True)
class PatchSpec:
    """All that changes a patch's pixels; two equal specs mean the same patch."""

    source: str
    event_id: str
    bbox: BBox
    t1: date
    t2: date
    event_date: date | None = None
    bands: tuple[str, ...] = DEFAULT_BANDS
    resolution_deg: float = grid.RESOLUTION_DEG
    options: tuple[tuple[str, str], ...] = ()  # what only one source understands, sorted by name
    event_end: date | None = None  # the last day, where the event may have happened on any from ``event_date`` on
    heights: bool = False  # whether the heights of the ground (DEM) are in it
    on: Grid | None = None  # the pixels of files that have their own; ``bbox`` is then the box that holds them
    light: str = ""  # how light is evened out over slopes (see ``app.terrain.correction``); empty: as measured
    t1_from: date | None = None  # the first day of T1 where that is a span; ``t1`` is its last
    t2_to: date | None = None  # the last day of T2 where that is a span; ``t2`` is its first
    composite: str = ""  # how the scenes of a span become one image, a name of COMPOSITES; empty without a span

    def __post_init__(self) -> None:
        require_days(self.t1, self.t2)
        if self.t1 >= self.t2:
            raise wrong_order(f"T1 ({self.when[0]}) must come before T2 ({self.when[1]})", self.t1, self.t2)
        self._require_spans()
        unknown = [name for name in self.bands if name not in BANDS]
        if unknown or not self.bands:
            raise BandMissingError(
                f"Sentinel-2 L2A has no band {', '.join(unknown) or '(none named)'}. Choose from {', '.join(BANDS)}."
            )
        if self.on is None:
            grid.for_bbox(self.bbox, self.resolution_deg)

    def _require_spans(self) -> None:
        """Raise DateOrderError for a span that runs backwards or over the event, InputError for a composite unknown."""
        for name, span in zip(("T1", "T2"), self.spans, strict=True):
            if span is None:
                continue
            require_days(*span)
            if span[0] > span[1]:
                raise DateOrderError(f"The span of {name}, {_span_words(span)}, runs backwards; swap its days.")
            happened = self.event_date, self.event_end or self.event_date
            if happened[0] and happened[1] and span[0] <= happened[1] and span[1] >= happened[0]:
                raise DateOrderError(
                    f"The span of {name}, {_span_words(span)}, reaches over the event ({happened[0]}), and would mix "
                    "the ground before it with that after; end it before or begin it after."
                )
        if any(self.spans) and self.composite not in COMPOSITES:
            raise InputError(
                f"There is no composite called {self.composite[:40]!r}. Choose from {', '.join(COMPOSITES)}."
            )

    @property
    def spans(self) -> tuple[Span | None, Span | None]:
        """First and last day of T1 and of T2, None for one that is a single day."""
        first = (self.t1_from, self.t1) if self.t1_from else None
        return first, ((self.t2, self.t2_to) if self.t2_to else None)

    @property
    def when(self) -> tuple[str, str]:
        """T1 and T2 as text: a day, or FROM/TO for a span."""
        first, second = (
            _span_words(span) if span else str(day) for span, day in zip(self.spans, (self.t1, self.t2), strict=True)
        )
        return first, second

    @property
    def grid(self) -> Grid:
        """The pixel grid this patch has: the same from every source, unless it is of files with their own."""
        return self.on or grid.for_bbox(self.bbox, self.resolution_deg)

    @cached_property  # a page asks for it some fifty times
    def key(self) -> str:
        """A short name of this spec, equal for equal specs, safe in file names and links."""
        held = {one.name: getattr(self, one.name) for one in fields(self)}
        held["on"] = asdict(self.on) if self.on else None
        named = {name: value for name, value in held.items() if value or name not in _ADDED}
        text = json.dumps(named, default=str, sort_keys=True)
        return digest(text)[:20]

    @property
    def nbytes(self) -> int:
        """Size of the loaded patch in bytes: two dates of float32 bands and the cloud mask, and heights where asked."""
        height, width = self.grid.shape
        return height * width * (2 * (4 * len(self.bands) + 1) + 4 * self.heights)


def require_days(*days: date | str, name: str = "The patch") -> None:
    """Raise DateOrderError for a day of other centuries than satellites'; NaT, which is not known, is none."""
    for day in map(str, days):
        if day != "NaT" and not FIRST_DAY <= day <= LAST_DAY:
            raise DateOrderError(f"{name} is said to be of {day}, when no satellite saw it; give the day of the scene.")


def _span_words(span: Span) -> str:
    return f"{span[0]}{SPAN}{span[1]}"
