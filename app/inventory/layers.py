"""Files of shapes and workbooks become a table: read by a process of its own, which a hostile file may bring down."""

import io
import json
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import config
from app.errors import InventoryError
from app.inventory import encodings, geometries
from app.inventory.csv_table import Table
from app.inventory.given import Given
from app.inventory.kinds import KIND_WORDS, Brought, several_layers
from app.processes.once import ended

if TYPE_CHECKING:
    import pyarrow as pa

_NO_TABLE = (
    "The shapefile came without its .dbf, which holds dates, names and all other columns; bring that part along to "
    "have them."
)
GEOMETRY = "geometry"  # the title under which the shapes of a file are its last column
_MOST_BYTES = 6_000_000_000  # of memory: some ten times what an archive may unpack to
_PATIENCE_S = 180
_DRIVERS = {  # kind of file -> what GDAL reads it with; it does not read the others
    "geopackage": ("GPKG",), "shapefile": ("ESRI Shapefile",), "flatgeobuf": ("FlatGeobuf",), "geojson": ("GeoJSON",),
    "kml": ("LIBKML", "KML"),
}  # fmt: skip
_NO_LANGUAGE = 29  # the byte of a .dbf that names its encoding, 0 where it does not


def table(brought: Brought, name: str, given: Given) -> Table:
    """Return the attributes as a table, with ``shapes`` where the file has geometries; ``name`` stands in messages.

    Raises InventoryError where it cannot be read, LayerNeededError where a layer has to be chosen, and CrsNeededError
    where the file does not say in which reference system its coordinates are.
    """
    told, held = _asked(brought, name, given)
    titles = held.column_names[:-1]
    columns = [held.column(number).to_pylist() for number in range(len(titles))]
    shapes = held.column(len(titles)).to_pylist()
    notes = _layer_notes(brought, told)
    if held.num_rows == 0 and _links(brought):
        raise InventoryError(
            f"{name} holds a link to a map on the web instead of places, and no link is followed. Export the map as "
            "KML again, without keeping it up to date by a network link, or open the link and bring the file behind it."
        )
    if held.num_rows == 0:
        raise InventoryError(f"{name} is {KIND_WORDS[brought.kind]} without any landslide. Add one, or bring another.")
    if not any(shapes):
        return Table(tuple(titles), _rows(columns, held.num_rows), "", notes, held.num_rows + 1)
    placed = geometries.placed(shapes, told.get("crs") or "", given.crs, name)
    rows = _rows([*columns, [""] * held.num_rows], held.num_rows)
    return Table((*titles, _free(titles)), rows, "", notes, held.num_rows + 1, placed)


def _kml_notes(brought: Brought, told: dict[str, Any]) -> tuple[str, ...]:
    links = "The file links to maps on the web as well; no link is followed, so what lies there is not read."
    named = ", ".join(repr(str(one)[:60]) for one in (told.get("described") or [])[:8])
    lines = f"Lines of the descriptions were read as columns: {named}."
    return (*((links,) if _links(brought) else ()), *((lines,) if named else ()))


def _links(brought: Brought) -> bool:
    """Whether a KML links to others."""
    return brought.kind == "kml" and b"<NetworkLink" in brought.files[brought.first]


def _rows(columns: list[list[str]], number: int) -> Iterator[list[str]]:
    return map(list, zip(*columns, strict=True)) if columns else iter([[]] * number)


def _free(titles: list[str]) -> str:
    """Return a title for the shapes that no attribute has."""
    return GEOMETRY if GEOMETRY not in titles else f"{GEOMETRY} of the file"


def _layer_notes(brought: Brought, told: dict[str, Any]) -> tuple[str, ...]:
    if brought.kind == "kml":
        return _kml_notes(brought, told)
    others = [one for one in brought.layers if one != brought.layer] or told.get("others") or []
    dated = (told["dated"],) if told.get("dated") else ()
    if brought.kind == "shapefile" and "a.dbf" not in brought.files:
        dated = (_NO_TABLE, *dated)
    if not others:
        return dated
    listed = ", ".join(repr(one[:60]) for one in others[:8]) + (", ..." if len(others) > 8 else "")
    return (f"The layer {(brought.layer or told['layer'])[:60]!r} was read; the file holds {listed} as well.", *dated)


def _asked(brought: Brought, name: str, given: Given) -> tuple[dict[str, Any], "pa.Table"]:
    """Have the file read; returns what is known of the layer, and its cells with the geometries as last column."""
    with tempfile.TemporaryDirectory(prefix="scarp-") as folder:
        for part, data in brought.files.items():
            Path(folder, part).write_bytes(data)
        answer = _run(brought, Path(folder, brought.first), name, "" if brought.layers else given.layer)
    line, _, rest = answer.partition(b"\n")
    told = json.loads(line)
    if told.get("layers"):
        raise several_layers(name, tuple(map(str, told["layers"])), told["error"].removeprefix("it "))
    if "error" in told:
        raise InventoryError(
            f"{name} is {KIND_WORDS[brought.kind]} that cannot be read ({told['error']}). Save it again, or as CSV."
        )
    import pyarrow as pa

    with pa.ipc.open_stream(io.BytesIO(rest)) as stream:
        return told, stream.read_all()


def _run(brought: Brought, path: Path, name: str, layer: str) -> bytes:
    asked = [brought.kind, str(path), layer, _encoding(brought), str(_MOST_BYTES)]
    try:
        done = ended("app.inventory.layer_worker", *asked, patience_s=_PATIENCE_S, environ=_environment(brought.kind))
    except TimeoutError:
        raise InventoryError(
            f"{name} was not read within {_PATIENCE_S} seconds. Bring fewer landslides, or simpler outlines."
        ) from None
    if not done.wrote.partition(b"\n")[1]:
        raise InventoryError(
            f"{name} is {KIND_WORDS[brought.kind]} that cannot be read: it is damaged, or takes more memory than "
            "a file may. Save it again, or as CSV."
        )
    return done.wrote


def _environment(kind: str) -> dict[str, str]:
    """Return the surroundings in which GDAL knows no other format, so that nothing else is opened, and no address."""
    nowhere = "127.0.0.1:9"
    return config.without_secrets() | {
        "GDAL_SKIP": ",".join(_drivers_beside(kind)) if kind in _DRIVERS else "",
        "GDAL_HTTP_PROXY": nowhere, "GDAL_HTTPS_PROXY": nowhere, "NO_PROXY": "", "no_proxy": "",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "PROJ_NETWORK": "OFF",
    }  # fmt: skip


@cache
def _drivers_beside(kind: str) -> tuple[str, ...]:
    import pyogrio

    return tuple(sorted(set(pyogrio.list_drivers()) - set(_DRIVERS[kind])))


def _encoding(brought: Brought) -> str:
    """Return the encoding of a shapefile's attributes where the file itself names none; else an empty text."""
    attributes = brought.files.get("a.dbf", b"")
    if (
        brought.kind != "shapefile"
        or "a.cpg" in brought.files
        or attributes[_NO_LANGUAGE : _NO_LANGUAGE + 1] != b"\x00"
    ):
        return ""
    words = attributes[32:1_000_000].replace(b"\x00", b" ")
    try:
        words.decode()
        return "utf-8"
    except UnicodeDecodeError:
        return encodings.decoded(words, lambda line: 0)[1]
