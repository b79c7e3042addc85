"""Dates for an event that has none: scenes clear over its patch, near the event, in one season."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

import numpy as np

from app import config, grid
from app.bands import SENTINEL2_LAUNCH
from app.errors import DateOrderError
from app.grid import BBox
from app.inventory import Event
from app.patches import Progress, no_progress
from app.pictures import compositions, render
from app.pictures.contrast import scaled
from app.sources import scl, stac, stac_looks, stac_search, waiting
from app.sources import stac_catalogue as catalogues
from app.sources.stac import Reader
from app.sources.stac_failures import needing_packages
from app.sources.stac_looks import Look
from app.sources.stac_search import Scene
from app.sources.waiting import Deadline

NEAR_DAYS = 120  # before T1 and after T2: close to the event, so little else has changed
YEAR_DAYS = 365
SEASON_DAYS = 45  # around the same day of the year before or after
_FIRST_YEAR, _LAST_YEAR = 1900, 2200  # of an event; beyond, a search has no sense
LOOKED_AT = 12  # days a side whose scene classes are read
PROPOSED = 6
THUMBNAIL_PX = 96
_CLOUDY_TILE_PCT = 90.0

_SHOWN = compositions.PRESETS["true-colour"]  # through its fixed range, so that days can be compared
_GAMMA = 1.4


@dataclass(frozen=True)
class Candidate:
    """One day that could be T1 or T2."""

    day: date
    scenes: tuple[str, ...]
    clear_share: float  # of the patch: seen, and neither cloud nor shadow
    tile_cloud_pct: float  # what the catalogue says of the whole tile
    score: float  # 0 to 1, higher is better
    thumbnail: np.ndarray | None = field(default=None, repr=False, compare=False)  # uint8 (y, x, 3)


@dataclass(frozen=True)
class Proposal:
    """Candidates for both dates, the best first."""

    t1: tuple[Candidate, ...]
    t2: tuple[Candidate, ...]
    catalogue: str

    @property
    def best(self) -> tuple[date, date] | None:
        """The pair that is clear on both dates and of one season, None where a side is empty."""
        best = self.best_beside(None, None)
        return (best[0].day, best[1].day) if best else None

    def best_beside(self, t1: date | None, t2: date | None) -> tuple[Candidate, Candidate] | None:
        """The best pair where one of its dates may stand already, as a candidate of which nothing is known."""
        firsts, seconds = ((_standing(day),) if day else found for day, found in ((t1, self.t1), (t2, self.t2)))
        pairs = [(first, second) for first in firsts for second in seconds if first.day < second.day]
        return max(pairs, key=lambda pair: _pair_score(*pair), default=None)


def _standing(day: date) -> Candidate:
    return Candidate(day, (), 1.0, math.nan, 1.0)


def date_search(
    event: Event,
    bbox: BBox | None = None,
    catalogue: str | None = None,
    *,
    thumbnails: bool = True,
    progress: Progress = no_progress,
) -> Proposal:
    """Propose dates before and after an event from a STAC catalogue.

    Looked at are the days nearest to the event and those one year off, so that T1 and T2 can
    be of one season; cloud is counted over ``bbox`` (default +-0.01 degrees) from the scene
    classes. An empty side means that nothing clear enough was found. Without ``thumbnails``
    only the scene classes are read. Raises DateOrderError
    for an event without a date, SourceError in plain words, and Cancelled from ``progress``.
    """
    day, last_day = event.date, event.last_day
    if day is None or last_day is None:
        raise DateOrderError(f"Event {event.id} has no date, so nothing is before or after it; give T1 and T2 by hand.")
    if not _FIRST_YEAR <= day.year <= last_day.year <= _LAST_YEAR:
        raise DateOrderError(
            f"Event {event.id} is of {event.when}, and Sentinel-2's scenes begin in {SENTINEL2_LAUNCH:%B %Y}; "
            "give T1 and T2 by hand."
        )
    where = catalogues.catalogue(catalogue)
    on = grid.for_bbox(bbox or grid.around(event.latitude, event.longitude))
    deadline = Deadline(config.settings().deadline_s, f"The date search for event {event.id}")
    spans = _spans(day, last_day)
    jobs = [partial(stac_search.search, where, on.bbox, first, last) for first, last in spans]
    found = waiting.run_all(
        [needing_packages(job) for job in jobs], waiting.part(progress, 0, 0.2), "searching scenes", deadline
    )
    reader = Reader(where, catalogues.signer(where), deadline, stac.THREADS)
    t1, t2 = (
        _candidates(reader, on, end, scenes, thumbnails, waiting.part(progress, start, start + 0.4))
        for start, scenes, end in ((0.2, found[0] + found[1], day), (0.6, found[2] + found[3], last_day))
    )
    return Proposal(t1, t2, where.title)


def _spans(event: date, last: date) -> list[tuple[date, date]]:
    """Return the spans searched: for T1 near and a year before the first day, for T2 after the ``last``."""
    one, near, year, season = (timedelta(days=count) for count in (1, NEAR_DAYS, YEAR_DAYS, SEASON_DAYS))
    return [
        (event - near, event - one),
        (event - year - season, event - year + season),
        (last + one, last + near),
        (last + year - season, last + year + season),
    ]


def _candidates(
    reader: Reader, on: grid.Grid, event: date, scenes: Sequence[Scene], thumbnails: bool, tell: Progress
) -> tuple[Candidate, ...]:
    chosen = _worth_a_look(scenes, event)
    looks = reader.looks(chosen, on, waiting.part(tell, 0, 0.6))
    days: dict[date, list[Look]] = {}
    for look in looks:
        if look.seen:
            days.setdefault(look.scene.day, []).append(look)
    found = [_candidate(stac_looks.ranked(of_day), event) for of_day in days.values()]
    best = sorted((each for each in found if each[0].clear_share > 0), key=lambda each: -each[0].score)[:PROPOSED]
    if not thumbnails:
        return tuple(candidate for candidate, _ in best)
    return _with_thumbnails(reader, on, best, waiting.part(tell, 0.6, 1.0))


def _worth_a_look(scenes: Sequence[Scene], event: date) -> list[Scene]:
    """Return the scenes of the days that promise most, by the tile's cloud and the distance in time."""
    days: dict[date, float] = {}
    for scene in scenes:
        if not scene.tile_cloud_pct > _CLOUDY_TILE_PCT:
            promise = _score(1 - np.nan_to_num(scene.tile_cloud_pct, nan=50.0) / 100, scene.day, event)
            days[scene.day] = max(promise, days.get(scene.day, 0.0))
    kept = sorted(days, key=lambda day: -days[day])[:LOOKED_AT]
    return [scene for scene in scenes if scene.day in kept]


def _candidate(order: Sequence[Look], event: date) -> tuple[Candidate, list[Scene]]:
    clear = stac_looks.clear_share(stac_looks.mosaic([look.classes for look in order]))
    first = order[0].scene
    scenes = [look.scene for look in order]
    score = _score(clear, first.day, event)
    return Candidate(first.day, tuple(scene.id for scene in scenes), clear, first.tile_cloud_pct, score), scenes


def _with_thumbnails(
    reader: Reader, on: grid.Grid, best: Sequence[tuple[Candidate, list[Scene]]], tell: Progress
) -> tuple[Candidate, ...]:
    small = on.coarser(THUMBNAIL_PX)
    wanted = [(scene, band) for _, scenes in best for scene in scenes for band in _SHOWN.bands if band in scene.assets]
    read = reader.read(wanted, small, tell, "drawing thumbnails")
    pixels = {(scene.id, band): values for (scene, band), values in zip(wanted, read, strict=True)}
    return tuple(
        Candidate(**{**vars(candidate), "thumbnail": _thumbnail(scenes, pixels, small.proportions)})
        for candidate, scenes in best
    )


def _thumbnail(
    scenes: Sequence[Scene], pixels: dict[tuple[str, str], np.ndarray], pixel: tuple[float, float]
) -> np.ndarray | None:
    """Return true colour (y, x, 3) uint8 with one fixed stretch, so that days can be compared, as on the ground."""
    layers = []
    for band in _SHOWN.bands:
        parts = [
            scl.reflectance(pixels[scene.id, band], scene.offset(band), scene.scale(band))
            for scene in scenes
            if (scene.id, band) in pixels
        ]
        if not parts:
            return None
        top = parts[0]
        for below in parts[1:]:
            np.copyto(top, below, where=np.isnan(top))
        layers.append(top)
    return render.in_proportion(scaled(np.stack(layers, axis=-1), *_SHOWN.fixed, _GAMMA), pixel)


def _score(clear: float, day: date, event: date) -> float:
    """Return 0 to 1: clear counts most, then the season of the event, then nearness to it."""
    apart = abs((day - event).days)
    return (
        0.7 * clear + 0.15 * (1 - _season_apart(day, event)) + 0.15 * (1 - min(apart, 2 * YEAR_DAYS) / (2 * YEAR_DAYS))
    )


def _pair_score(first: Candidate, second: Candidate) -> float:
    """Rank pairs: another season changes the ground, and so does every year that passes."""
    years = (second.day - first.day).days / YEAR_DAYS
    return first.clear_share * second.clear_share - 0.3 * _season_apart(first.day, second.day) - 0.08 * years


def _season_apart(first: date, second: date) -> float:
    """Return 0 for the same day of the year to 1 for half a year off."""
    days = abs(first.timetuple().tm_yday - second.timetuple().tm_yday)
    return min(days, YEAR_DAYS - days) / (YEAR_DAYS / 2)
