"""Inventories to take away, as CSV, GeoPackage and GeoJSON: what was read, what came along, what was changed.

Any of them read again by ``app.inventory`` is the same inventory.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import config
from app.errors import InputError
from app.export.tables import csv_safe
from app.grid import EPSG_4326
from app.inventory import log, ours
from app.inventory.csv_table import MAX_CELL_CHARACTERS
from app.inventory.doubts import UNREADABLE
from app.inventory.events import Event, Inventory

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

LAYER = "landslides"
_NUMBERS = ("latitude", "longitude")


def as_csv(inventory: Inventory) -> bytes:
    """Return the events as CSV: in the published schema where nothing else is known of them, else with all there is.

    Outlines are WKT, degrees, longitude first. Raises InputError where one is too long for a cell.
    """
    import pandas as pd

    columns = _published(inventory)
    if _has_more(inventory):
        columns |= {ours.OUTLINE: [_outline_text(event) for event in inventory.events]}
        columns |= _told(inventory) | _along(inventory)
    return csv_safe(pd.DataFrame(columns, dtype=object))


def as_geojson(inventory: Inventory) -> bytes:
    """Return the events as GeoJSON (RFC 7946), each its outline or its point, with all that is known of it."""
    import shapely

    columns = _all(inventory)
    said = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    features = [
        {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}
        for properties, shape in zip(said, _shapes(inventory), strict=True)
    ]
    document = {"type": "FeatureCollection", "software": config.software(), "features": features}
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def as_geopackage(inventory: Inventory) -> bytes:
    """Return the events as a GeoPackage of one layer, each its outline or its point, with all that is known of it."""
    import numpy as np
    import pyogrio.raw
    import shapely

    columns = _all(inventory)
    data = [np.array(cells, float if name in _NUMBERS else object) for name, cells in columns.items()]
    with tempfile.TemporaryDirectory(prefix="scarp-") as folder:
        path = Path(folder, "inventory.gpkg")
        pyogrio.raw.write(
            path, shapely.to_wkb(np.array(list(_shapes(inventory)), object)), data, list(columns), layer=LAYER,
            driver="GPKG", geometry_type="Unknown", crs=EPSG_4326, layer_metadata={"software": config.software()},
        )  # fmt: skip
        return path.read_bytes()


# ending of a file -> what writes it
WRITERS: dict[str, Callable[[Inventory], bytes]] = {
    ".csv": as_csv, ".gpkg": as_geopackage, ".geojson": as_geojson
}  # fmt: skip


def write(inventory: Inventory, path: Path) -> None:
    """Write an inventory as the ending of ``path`` says, whole or not at all. Raises InputError for another one."""
    from app.files.whole import written_whole

    data = writer(path)(inventory)
    with written_whole(path) as beside:
        beside.write_bytes(data)


def writer(path: Path) -> Callable[[Inventory], bytes]:
    """Return what writes a file of this name. Raises InputError where none does."""
    made = WRITERS.get(path.suffix.lower())
    if made is None:
        raise InputError(f"{path.name} should end in {', '.join(list(WRITERS)[:-1])} or {list(WRITERS)[-1]}.")
    return made


def too_long_for_csv(inventory: Inventory) -> str:
    """Return why an inventory cannot be CSV, empty where it can."""
    most = MAX_CELL_CHARACTERS
    long = [one for one in inventory.events if len(one.outline) > most // 5 and len(_wkt(one)) > most]
    if not long:
        return ""
    return (
        f"The outline of event {long[0].id} has more corners than a cell of a table can hold; "
        "take a GeoPackage or GeoJSON instead."
    )


def _has_more(inventory: Inventory) -> bool:
    """Whether there is anything to write beyond the published schema."""
    lost = any(warning.code == UNREADABLE and " is no date " in warning.message for warning in inventory.warnings)
    outlined = any(event.outline for event in inventory.events)
    return bool(inventory.along.titles or inventory.changes) or outlined or lost


def _all(inventory: Inventory) -> dict[str, list[Any]]:
    return _published(inventory) | _told(inventory) | _along(inventory)


def _published(inventory: Inventory) -> dict[str, list[Any]]:
    rows = [_cells(event) for event in inventory.events]
    columns = zip(*rows, strict=True) if rows else [[] for _ in ours.PUBLISHED]
    return {name: list(cells) for name, cells in zip(ours.PUBLISHED, columns, strict=True)}


def _cells(event: Event) -> tuple[object, ...]:
    # a single T1 is written as pre2, the one the thesis's notebooks take
    pre1, pre2 = (None, None, *event.t1_options)[-2:]
    when = _day(event.date) if event.date_end is None else f"{event.date}/{event.date_end}"  # ISO 8601's interval
    where = (event.latitude, event.longitude)
    return (
        event.id, when, event.accuracy, event.category, *where, event.source, _day(pre1), _day(pre2), _day(event.t2)
    )  # fmt: skip


def _day(day: date | None) -> str:
    return str(day) if day else ""


def _told(inventory: Inventory) -> dict[str, list[Any]]:
    """Return what Scarp says of each event: its doubts, and what was changed, by whom and when at last."""
    rows = [_told_of(event, inventory) for event in inventory.events]
    columns = zip(*rows, strict=True) if rows else [[] for _ in ours.TOLD]
    return {name: list(cells) for name, cells in zip(ours.TOLD, columns, strict=True)}


def _told_of(event: Event, inventory: Inventory) -> tuple[str, ...]:
    changes = inventory.changes.get(event.id, ())
    doubts = "; ".join(warning.message for warning in inventory.warnings_for(event.id))
    changed = ", ".join(dict.fromkeys(change.field for change in changes))
    people = ", ".join(dict.fromkeys(change.by for change in changes if change.by))
    last = max((change.when for change in changes), default="")
    return doubts, changed, people, last, log.to_text(changes), config.software()


def _along(inventory: Inventory) -> dict[str, list[Any]]:
    along, empty = inventory.along, ("",) * len(inventory.along.titles)
    rows = [along.rows.get(event.row, empty) for event in inventory.events]
    titles = ours.written(along.titles)
    columns = zip(*rows, strict=True) if rows else [[] for _ in titles]
    return {title: list(cells) for title, cells in zip(titles, columns, strict=True)}


def _shapes(inventory: Inventory) -> Iterator["BaseGeometry"]:
    import shapely

    for event in inventory.events:
        yield shapely.from_wkb(event.outline) if event.outline else shapely.Point(event.longitude, event.latitude)


def _outline_text(event: Event) -> str:
    text = _wkt(event)
    if len(text) > MAX_CELL_CHARACTERS:
        raise InputError(
            f"The outline of event {event.id} has more corners than a cell of a table can hold; "
            "write a GeoPackage (.gpkg) or GeoJSON (.geojson) instead."
        )
    return text


def _wkt(event: Event) -> str:
    """Return an outline as WKT that is read as exactly the same numbers: GEOS itself rounds some of them."""
    import shapely

    return _as_wkt(shapely.geometry.mapping(shapely.from_wkb(event.outline))) if event.outline else ""


def _as_wkt(shape: dict[str, Any]) -> str:
    if shape["type"] == "GeometryCollection":
        return f"GEOMETRYCOLLECTION ({', '.join(map(_as_wkt, shape['geometries']))})"
    return f"{shape['type'].upper()} {_in_brackets(shape['coordinates'])}"


def _in_brackets(held: Any) -> str:
    if not held:
        return "EMPTY"
    if isinstance(held[0], float):
        return f"({held[0]!r} {held[1]!r})"
    if isinstance(held[0][0], float):
        return "(" + ", ".join(f"{x!r} {y!r}" for x, y in held) + ")"
    return f"({', '.join(map(_in_brackets, held))})"
