"""Folders that say what is in them: an event's files as a STAC item, many events as a collection over them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from app import config, grid
from app.grid import BBox

if TYPE_CHECKING:
    import pystac

COLLECTION = "collection.json"
_COG = "image/tiff; application=geotiff; profile=cloud-optimized"
# ending -> media type, role of the file
_KINDS = {
    ".tif": (_COG, "data"),
    ".nc": ("application/netcdf", "data"),
    ".zarr": ("application/vnd+zarr", "data"),
    ".geojson": ("application/geo+json", "data"),
    ".gpkg": ("application/geopackage+sqlite3", "data"),
    ".fgb": ("application/vnd.flatgeobuf", "data"),
    ".zip": ("application/zip", "data"),
    ".parquet": ("application/vnd.apache.parquet", "data"),
    ".qml": ("application/xml", "metadata"),
    ".qgs": ("application/xml", "metadata"),
    ".json": ("application/json", "metadata"),
    ".png": ("image/png", "overview"),
    ".jpg": ("image/jpeg", "thumbnail"),
    ".svg": ("image/svg+xml", "overview"),
    ".pdf": ("application/pdf", "overview"),
    ".gif": ("image/gif", "overview"),
    ".apng": ("image/apng", "overview"),
}


@dataclass(frozen=True)
class Described:
    """One event's folder: what it is called, where and when it is of, what is said of it, and its files.

    ``bbox`` is in degrees, None at no known place; ``first`` and ``last`` are ISO days, empty or ``unknown`` where not
    known; ``files`` are names inside the folder; ``bands`` is, for some of them, what their bands are called.
    """

    name: str
    bbox: BBox | None
    first: str
    last: str
    said: Mapping[str, str]
    files: Sequence[str]
    bands: Mapping[str, Sequence[str]] = field(default_factory=dict)


def item(one: Described) -> dict[str, Any]:
    """Return a folder's STAC item (1.1) as a document, with each file as an asset; what is said begins ``scarp:``."""
    return _item(one).to_dict(include_self_link=False, transform_hrefs=False)


def collection(name: str, about: str, folders: Iterable[tuple[str, Described]]) -> dict[str, Any]:
    """Return the STAC collection over folders, each with the address of its item, as a document.

    Its extent is that of all of them; an inventory without a place has the whole earth's.
    """
    import pystac

    every = list(folders)
    boxes = [box for _, one in every if one.bbox is not None for box in grid.boxes(one.bbox)]
    days = [day for _, one in every for day in (_moment(one.first), _moment(one.last)) if day is not None]
    made = pystac.Collection(
        id=name,
        description=about,
        extent=pystac.Extent(
            pystac.SpatialExtent([list(_around(boxes))]),
            pystac.TemporalExtent([[min(days, default=None), max(days, default=None)]]),
        ),
        license="other",
        providers=_providers(one.said.get("attribution", "") for _, one in every),
    )
    document = made.to_dict(include_self_link=False, transform_hrefs=False)
    links = [{"rel": "root", "href": f"./{COLLECTION}", "type": "application/json"}]
    links += [{"rel": "item", "href": href, "type": "application/geo+json", "title": one.name} for href, one in every]
    return {**document, "links": links}


def text(document: Mapping[str, Any]) -> bytes:
    """Return a document as it is written."""
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode()


def _item(one: Described) -> "pystac.Item":
    import pystac

    first, last = _moment(one.first), _moment(one.last)
    now = datetime.now(UTC).replace(microsecond=0)
    known = first is not None and last is not None
    made = pystac.Item(
        id=one.name,
        geometry=_outline(one.bbox) if one.bbox else None,
        bbox=_box(one.bbox) if one.bbox else None,
        datetime=None if known else now,
        start_datetime=first if known else None,
        end_datetime=last if known else None,
        properties={
            "title": one.said.get("title", one.name),
            "created": now.isoformat().replace("+00:00", "Z"),
            **({} if known else {"scarp:days": "T1 and T2 are not known; the time is when this was written"}),
            **{f"scarp:{name}": value for name, value in one.said.items()},
            "scarp:software": config.software(),
        },
    )
    for name in one.files:
        made.add_asset(_key(name, one.name), _asset(name, one))
    return made


def _asset(name: str, one: Described) -> "pystac.Asset":
    import pystac

    ending = f".{name.rpartition('.')[2].lower()}"
    media, role = _KINDS.get(ending, ("application/octet-stream", "data"))
    more = {"bands": [{"name": band} for band in one.bands[name]]} if name in one.bands else {}
    return pystac.Asset(f"./{name}", title=name, media_type=media, roles=[role], extra_fields=more)


def _key(name: str, stem: str) -> str:
    return name.removeprefix(stem).lstrip("_.") or name


def _box(bbox: BBox) -> list[float]:
    """Return a box as GeoJSON has it: across the 180th meridian its west is greater than its east (RFC 7946, 5.2)."""
    (west, south, *_), (*_, east, north) = (grid.boxes(bbox)[at] for at in (0, -1))
    return [west, south, east, north]


def _outline(bbox: BBox) -> dict[str, Any]:
    """Return a box as a geometry, cut at the 180th meridian (RFC 7946, 3.1.9)."""
    from shapely.geometry import MultiPolygon, box, mapping

    parts = [box(*one) for one in grid.boxes(bbox)]
    return mapping(parts[0] if len(parts) == 1 else MultiPolygon(parts))


def _around(boxes: Sequence[BBox]) -> BBox:
    if not boxes:
        return (-180.0, -90.0, 180.0, 90.0)
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _moment(day: str) -> datetime | None:
    try:
        return datetime.combine(datetime.fromisoformat(day[:10]).date(), time(), UTC)
    except ValueError:
        return None


def _providers(said: Iterable[str]) -> "list[pystac.Provider] | None":
    import pystac

    return [pystac.Provider(name) for name in dict.fromkeys(said) if name] or None
