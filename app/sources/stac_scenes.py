"""Every scene a STAC catalogue has of a place, listed a stretch of time after the other."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from statistics import fmean

from app import config
from app.errors import SourceError
from app.grid import BBox
from app.patches import Progress
from app.sources import stac_search, waiting
from app.sources.scenes import SceneInfo, ScenesBrokenOffError, one_a_day, stretches
from app.sources.stac_catalogue import Catalogue
from app.sources.stac_failures import needing_packages
from app.sources.stac_search import Scene
from app.sources.waiting import Deadline

_AND = "+"  # between the tiles of one day
_MOST_HELD = 1500  # tiles whose addresses are remembered, some 30 kB each
_SENSORS = {"sentinel-2a": "S2A", "sentinel-2b": "S2B", "sentinel-2c": "S2C"}


def listed(where: Catalogue, bbox: BBox, first: date, last: date, progress: Progress) -> tuple[SceneInfo, ...]:
    """Return the days on which a scene touches the box, oldest first, with the catalogue's own share of cloud.

    Raises ScenesBrokenOffError where a search fails after others answered, with what these gave; SourceError where
    the first does; Cancelled from progress.
    """
    deadline = Deadline(config.settings().deadline_s, "Listing the scenes")
    spans, found = stretches(first, last), list[SceneInfo]()
    for number, (start, end) in enumerate(spans):
        tell = waiting.part(progress, number / len(spans), (number + 1) / len(spans))
        try:
            found += _days(_search(where, bbox, start, end, tell, deadline))
        except SourceError as error:
            if not found:
                raise
            raise ScenesBrokenOffError(f"The list ends with {found[-1].date}: {error}", one_a_day(found)) from error
    return one_a_day(found)


def tiles(where: Catalogue, bbox: BBox, scene: SceneInfo) -> list[Scene]:
    """Return the tiles of one day, from memory or searched again; raises SourceError where they are gone."""
    names = scene.id.split(_AND)
    held = [_held.get((where.url, name)) for name in names]
    if all(held):
        return [one for one in held if one is not None]
    again = [one for one in stac_search.search(where, bbox, scene.date, scene.date) if one.id in names]
    if not again:
        raise SourceError(f"{where.title} no longer has the scene {scene.id} of {scene.date}; list the scenes again.")
    return again


def joined(scenes: Sequence[Scene]) -> str:
    """Return the name of one day's tiles."""
    return _AND.join(one.id for one in scenes)


class _Memory:
    """The tiles that were listed last, so that opening one does not search again."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._tiles: OrderedDict[tuple[str, str], Scene] = OrderedDict()

    def get(self, key: tuple[str, str]) -> Scene | None:
        with self._lock:
            return self._tiles.get(key)

    def keep(self, key: tuple[str, str], scene: Scene) -> None:
        with self._lock:
            self._tiles[key] = scene
            self._tiles.move_to_end(key)
            while len(self._tiles) > self._most:
                self._tiles.popitem(last=False)


_held = _Memory(_MOST_HELD)


def _search(where: Catalogue, bbox: BBox, first: date, last: date, tell: Progress, deadline: Deadline) -> list[Scene]:
    job = needing_packages(lambda: stac_search.search(where, bbox, first, last))
    [scenes] = waiting.run_all([job], tell, f"listing scenes from {first} to {last}", deadline)
    for scene in scenes:
        _held.keep((where.url, scene.id), scene)
    return scenes


def _days(scenes: Sequence[Scene]) -> list[SceneInfo]:
    days: dict[date, list[Scene]] = {}
    for scene in scenes:
        days.setdefault(scene.day, []).append(scene)
    return [_day(of_day) for of_day in days.values()]


def _day(of_day: Sequence[Scene]) -> SceneInfo:
    clouds = [one.tile_cloud_pct for one in of_day if one.tile_cloud_pct == one.tile_cloud_pct]
    platforms = (str(one.item.properties.get("platform", "")).lower() for one in of_day)
    sensors = dict.fromkeys(_SENSORS.get(name, name) for name in platforms if name)
    cloud_pct = fmean(clouds) if clouds else None
    return SceneInfo(of_day[0].day, joined(of_day), cloud_pct=cloud_pct, sensor=", ".join(sensors))
