"""Heights of the ground from a STAC catalogue: the tiles of the Copernicus DEM GLO-30, laid on a patch's grid."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from app import config
from app.errors import SourceError
from app.patches import PatchSpec, Progress
from app.sources import stac_catalogue as catalogues
from app.sources import stac_search, waiting
from app.sources.stac_catalogue import GLO_30, Catalogue
from app.sources.waiting import Deadline
from app.terrain import heights
from app.terrain.heights import Heights

if TYPE_CHECKING:
    from pystac import Item

TITLE = "Copernicus DEM GLO-30"
DATUM = "EGM2008 (EPSG:3855)"  # Copernicus DEM Product Handbook, 2.1
ASSET = "data"  # as both catalogues call the file
_KIND: dict[str, Any] = {"data_type": "float32", "nodata": float("nan")}
ReadItem = Callable[..., np.ndarray]


def read(where: Catalogue, spec: PatchSpec, read_item: ReadItem, progress: Progress) -> Heights:
    """Return a catalogue's heights on the grid of a spec: bilinear, tiles side by side, NaN where there is none.

    Tiles of open sea do not exist. Raises SourceError where the catalogue has no heights, none here, or does not
    answer, and Cancelled from ``progress``.
    """
    if not where.heights:
        have = ", ".join(one.name for one in catalogues.catalogues().values() if one.heights)
        raise SourceError(
            f"{where.title} has no heights of the ground that Scarp knows of. Choose the catalogue {have}, or give a "
            "file of heights on the command line (--dem FILE.tif)."
        )
    own, deadline = replace(where, collection=where.heights), Deadline(config.settings().deadline_s, "Fetching heights")
    search = partial(stac_search.search_heights, own, spec.grid.bbox)
    [tiles] = waiting.run_all([search], waiting.part(progress, 0, 0.2), "searching heights", deadline)
    if not tiles:
        raise SourceError(f"{where.title} has no heights ({where.heights}) of this place; it may be open sea.")
    [sign] = waiting.run_all(
        [partial(catalogues.signer, own)], waiting.part(progress, 0.2, 0.3), "asking for access", deadline
    )
    readings = [partial(_tile, tile, spec, read_item, sign) for tile in tiles]
    layers = waiting.run_all(readings, waiting.part(progress, 0.3, 1), "reading heights", deadline)
    values = layers[0]
    for layer in layers[1:]:
        values = np.where(np.isnan(values), layer, values)
    return _said(where, values)


def _tile(tile: Item, spec: PatchSpec, read_item: ReadItem, sign: Callable[[str], str]) -> np.ndarray:
    import rasterio

    asset = ASSET if ASSET in tile.assets else next(iter(tile.assets), "")
    try:
        return read_item(tile, asset, spec.grid, _KIND, "bilinear", sign)
    except rasterio.errors.RasterioError as error:
        status = re.search(r"(?:response code|HTTP error code)\D*(\d{3})", f"{error} {error.__cause__ or ''}")
        reason = f"HTTP {status[1]}" if status else "no answer or a damaged file"
        raise SourceError(f"The heights in tile {tile.id} could not be read ({reason}); try again.") from None


def _said(where: Catalogue, values: np.ndarray) -> Heights:
    taken, _ = heights.taken(values)
    title = TITLE if where.heights == GLO_30 else where.heights
    notes = heights.unknown(taken)
    return Heights(taken, f"{title}, {where.title}", DATUM, notes=tuple(f"Heights: {note}" for note in notes))
