"""STAC catalogues asked for scenes and heights of a place, and what is read of a scene before any of its files."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from app import grid
from app.bands import BANDS
from app.errors import SourceError
from app.grid import BBox
from app.sources import scl
from app.sources.stac_catalogue import CONNECT_S, READ_S, SCL, Catalogue, file_names, host, require_login
from app.sources.stac_failures import plain_words
from app.terrain import light

if TYPE_CHECKING:
    from pystac import Item
    from pystac_client import Client

MOST_ITEMS = 400  # of one search


@dataclass(frozen=True)
class Scene:
    """One tile of one acquisition, with where its files are."""

    id: str
    day: date
    taken: str  # names the overpass, whatever tile or processing
    baseline: tuple[int, int]
    tile_cloud_pct: float
    item: Item
    assets: Mapping[str, str]  # band or SCL -> key of the item's asset

    def offset(self, band: str) -> float:
        """What has to be added to the band's reflectance: 0 or -0.1."""
        return scl.offset_of(self.item.properties, self._fields(band))

    @property
    def sun(self) -> str:
        """Where the sun stood, as a patch says it; empty where the catalogue does not."""
        said = self.item.properties
        angles = said.get("view:sun_elevation"), said.get("view:sun_azimuth")
        if None in angles and isinstance(said.get("s2:mean_solar_zenith"), (int, float)):
            angles = 90 - said["s2:mean_solar_zenith"], said.get("s2:mean_solar_azimuth")
        try:
            return light.sun_words(*map(float, angles))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return ""

    def scale(self, band: str) -> float:
        """The factor from the band's digital numbers to reflectance."""
        return scl.stated_scale(self._fields(band))

    def _fields(self, band: str) -> Mapping[str, object]:
        return self.item.assets[self.assets[band]].extra_fields


def search(where: Catalogue, bbox: BBox, first: date, last: date) -> list[Scene]:
    """Return the scenes that touch the box from one day to another, both included, oldest first.

    Raises SourceError in plain words where the catalogue does not answer.
    """
    with plain_words(where.title, host(where)):
        span = f"{first}T00:00:00Z/{last}T23:59:59Z"
        scenes = [_scene(item, where) for item in _items(where, where.collection, bbox, span)]
    return sorted((each for each in scenes if SCL in each.assets), key=lambda each: (each.day, each.id))


def search_heights(where: Catalogue, bbox: BBox) -> list[Item]:
    """Return the tiles of heights that touch the box, by name; raises SourceError as ``search`` does."""
    with plain_words(where.title, host(where)):
        return sorted(_items(where, where.heights, bbox), key=lambda item: item.id)


def _items(where: Catalogue, collection: str, bbox: BBox, span: str | None = None) -> list[Item]:
    """Return what touches a box, once each, whichever side of the 180th meridian it touches it on."""
    require_login(where)
    found = {}
    for box in grid.boxes(bbox):
        asked = _client(where.url).search(
            collections=[collection], bbox=box, datetime=span, limit=100, max_items=MOST_ITEMS
        )
        found.update({item.id: item for item in asked.items()})
    return list(found.values())


def require_bands(scene: Scene, bands: Sequence[str], where: Catalogue) -> None:
    """Raise SourceError unless the scene has a file for each band."""
    missing = [band for band in bands if band not in scene.assets]
    if missing:
        held = [band for band in BANDS if band in scene.assets]
        raise SourceError(
            f"Scene {scene.id} of {where.title} has no {', '.join(missing)}; it has {', '.join(held)}. "
            "Choose among these or another catalogue."
        )


@lru_cache(maxsize=8)
def _client(url: str) -> Client:
    import pystac_client
    from pystac_client.stac_api_io import StacApiIO

    from app.sources import limits_told

    # Each retry is logged as a warning, with the address; what a person hears is one sentence.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    retry = limits_told.TellingRetry(
        total=5,  # a connection that the catalogue closed meanwhile counts as well
        status=3,
        connect=1,
        backoff_factor=0.5 * limits_told.at_once(),
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=None,
        respect_retry_after_header=False,
    )
    return pystac_client.Client.open(url, stac_io=StacApiIO(timeout=(CONNECT_S, READ_S), max_retries=retry))


def _scene(item: Item, where: Catalogue) -> Scene:
    properties = item.properties
    taken = re.sub(r"_N\d\d\.\d\d$", "", str(properties.get("s2:datatake_id") or properties.get("platform") or ""))
    day = item.datetime.date()  # type: ignore[union-attr]  # what has no moment is no scene, and ends in a sentence
    return Scene(
        id=item.id,
        day=day,
        taken=f"{day} {taken}",
        baseline=scl.baseline(properties),
        tile_cloud_pct=float(properties.get("eo:cloud_cover", float("nan"))),
        item=item,
        assets={name: key for name in (*BANDS, SCL) if (key := _asset(item, name, where))},
    )


def _asset(item: Item, name: str, where: Catalogue) -> str | None:
    return next((key for key in file_names(where, name) if key in item.assets), None)
