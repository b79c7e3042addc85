"""Every scene of a place: which days a source has, and one day opened by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol, cast

from app.bands import SENTINEL2_LAUNCH
from app.errors import DateOrderError, SourceError
from app.patches import PatchSpec, Progress, no_progress
from app.sources import SOURCES, PatchSource, open_source

if TYPE_CHECKING:
    import xarray as xr

SNOW = "snow_share"  # the attribute of an opened scene that holds how much of it is snow, where its classes tell it
STRETCH_DAYS = 180  # of one search: some 150 tiles at most, where four meet


@dataclass(frozen=True)
class SceneInfo:
    """One day on which a place was seen; tiles of one day are one scene."""

    date: date
    id: str  # as the source knows it; ids of several tiles of a day joined by "+"
    clear: float | None = None  # share of the patch that is clear, 0 to 1; None where nobody has looked
    cloud_pct: float | None = None  # what the catalogue says of the whole tile, 0 to 100
    sensor: str = ""  # such as S2A
    snow: float | None = None  # share of the patch that is snow, 0 to 1; None where nothing tells it


class WithScenes(PatchSource, Protocol):
    """A source that lists its scenes and opens each by itself."""

    def scenes(
        self, spec: PatchSpec, first: date, last: date, progress: Progress = no_progress
    ) -> tuple[SceneInfo, ...]:
        """Return the scenes that touch the patch from one day to another, both included, oldest first, one a day.

        Raises ScenesBrokenOffError, with those that came, where the catalogue stops half-way; SourceError; and
        Cancelled from progress.
        """

    def open_scene(self, spec: PatchSpec, scene: SceneInfo, progress: Progress = no_progress) -> xr.Dataset:
        """Return bands and CLM of one scene on ``spec.grid``, dims (time, y, x) with one time.

        Raises SourceError, and Cancelled from progress.
        """


class ScenesBrokenOffError(SourceError):
    """A catalogue stopped before its list was whole; ``scenes`` are those that came."""

    def __init__(self, message: str, scenes: tuple[SceneInfo, ...]) -> None:
        super().__init__(message)
        self.scenes = scenes


def can_list(name: str) -> bool:
    """Whether the source called ``name`` lists its scenes."""
    return open_source(name).describe().scenes


def sources_with_scenes() -> tuple[str, ...]:
    """Return the names of the sources that list their scenes."""
    return tuple(name for name in SOURCES if can_list(name))


def source_of_scenes(name: str) -> WithScenes:
    """Return the source called ``name`` if it lists its scenes; raises SourceError naming those that do."""
    source = open_source(name)
    if not source.describe().scenes:
        raise SourceError(
            f"The source {name} opens pairs and lists no scenes; choose from {', '.join(sources_with_scenes())}."
        )
    return cast(WithScenes, source)


def open_scenes(spec: PatchSpec, first: date, last: date, progress: Progress = no_progress) -> tuple[SceneInfo, ...]:
    """Return the scenes of a patch's source from one day to another, both included, oldest first, one a day.

    Raises DateOrderError for days that no search can span, and what the source's ``scenes`` raises.
    """
    if first > last:
        raise DateOrderError(f"The span {first}/{last} runs backwards; swap its days.")
    if last < SENTINEL2_LAUNCH:
        raise DateOrderError(
            f"The span {first}/{last} ends before Sentinel-2's first scenes ({SENTINEL2_LAUNCH}); choose later days."
        )
    return source_of_scenes(spec.source).scenes(spec, first, last, progress)


def one_a_day(scenes: Iterable[SceneInfo]) -> tuple[SceneInfo, ...]:
    """Return scenes oldest first, the first of each day alone."""
    days: dict[date, SceneInfo] = {}
    for scene in sorted(scenes, key=lambda one: (one.date, one.id)):
        days.setdefault(scene.date, scene)
    return tuple(days.values())


def stretches(first: date, last: date) -> list[tuple[date, date]]:
    """Return the days cut into stretches that one search of a catalogue bears, first and last day of each."""
    spans, start = [], first
    while start <= last:
        end = min(start + timedelta(days=STRETCH_DAYS - 1), last)
        spans.append((start, end))
        start = end + timedelta(days=1)
    return spans
