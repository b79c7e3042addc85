"""Read one layer of a file of shapes, or a sheet of a workbook, in a process that a hostile file may bring down.

``python -m app.inventory.layer_worker KIND PATH LAYER ENCODING BYTES``. On standard output comes one line of JSON,
``error``, or ``layers`` to choose from, or what is known of the layer; after the last, its cells as text and its
geometries as WKB, in Arrow's stream format.
"""

import html
import json
import os
import re
import sys
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.inventory import rapid_mapping
from app.inventory.given import MAX_ROWS
from app.inventory.kinds import IMAGES
from app.processes import child

if TYPE_CHECKING:
    import pyarrow as pa

GEOMETRY = "wkb"  # the last column of the answer
MAX_COLUMNS = 2_000
_KML_DATES = {"timestamp": "date", "begin": "start date", "end": "end date"}


class Refused(Exception):
    """The file cannot be read, for the reason given; ``layers`` where one of them has to be chosen."""

    def __init__(self, reason: str, layers: list[str] | None = None) -> None:
        super().__init__(reason)
        self.layers = layers


def main(kind: str, path: str, layer: str, encoding: str, most_bytes: int) -> None:
    """Answer for one file."""
    out = child.own_output()
    child.limit_memory(most_bytes)
    try:
        told, table = _READ[kind](path, layer, encoding)
    except Refused as error:
        told, table = {"error": str(error), "layers": error.layers}, None
    except MemoryError:
        told, table = {"error": "it takes more memory than a file may"}, None
    except Exception as error:  # the libraries' own kinds, told to whoever asked
        told, table = {"error": _words(error, path)}, None
    out.write(json.dumps(told).encode() + b"\n")
    if table is not None:
        import pyarrow as pa

        with pa.ipc.new_stream(out, table.schema) as stream:
            stream.write_table(table)
    out.flush()


def _words(error: Exception, path: str) -> str:
    """Return what a library says in a line, without the place where the file lies for it."""
    said = f"{error}".strip().partition("\n")[0].replace(path, "the file")
    return said[:200] or type(error).__name__


# --- what GDAL reads -----------------------------------------------------------------------


def _vector(path: str, layer: str, encoding: str) -> tuple[dict[str, Any], "pa.Table"]:
    name, others = _chosen(_layers(path), layer)
    meta, columns, shapes = _read_layer(path, name, encoding)
    dated = rapid_mapping.dated(columns, _images(path, name, others, encoding))
    told = {"crs": meta["crs"], "layer": name, "others": others, "dated": rapid_mapping.note(dated)}
    return told, _table(columns | dated, shapes)


def _images(path: str, layer: str, others: list[str], encoding: str) -> dict[str, list[str]]:
    """Return the table of images of a rapid mapping, which lies beside the file or is one of its layers."""
    beside = next(iter(sorted(Path(path).parent.glob(f"{IMAGES}.*"))), None)
    if beside is not None:
        where, inside = str(beside), _layers(str(beside))[0][0]
    else:
        where, inside = path, rapid_mapping.source_of(layer, others)
    return _read_layer(where, inside, encoding)[1] if inside else {}


def _geopackage(path: str, layer: str, encoding: str) -> tuple[dict[str, Any], "pa.Table"]:
    _require_plain_tables(path)
    return _vector(path, layer, encoding)


def _kml(path: str, layer: str, encoding: str) -> tuple[dict[str, Any], "pa.Table"]:
    try:
        return _folders(path, layer, encoding)
    except Refused:
        raise
    except Exception:
        if not re.search(rb"</([\w.-]+:)?kml\s*>", Path(path).read_bytes()):
            raise Refused("it is cut off: its end is missing") from None
        raise


def _folders(path: str, layer: str, encoding: str) -> tuple[dict[str, Any], "pa.Table"]:
    """Read all folders of a KML as one layer, for they only sort its places; or the one that is named."""
    names = [name for name, _ in _layers(path)]
    if layer and layer not in names:
        raise Refused(f"it has no layer {layer!r}", names)
    together: dict[str, list[str]] = {}
    shapes: list[bytes | None] = []
    for name in [layer] if layer else names:
        _, columns, more = _read_layer(path, name, encoding)
        for title, texts in columns.items():
            held = together.setdefault(_KML_DATES.get(title, title), [])
            held += [""] * (len(shapes) - len(held)) + texts
        shapes += more
    full = {title: texts + [""] * (len(shapes) - len(texts)) for title, texts in together.items()}
    used = {title: texts for title, texts in full.items() if title not in _KML_LOOKS and any(texts)}
    described = _described(used)
    told = {"crs": "OGC:CRS84", "layer": "", "others": [], "described": list(described)}
    return told, _table(used | described, shapes)


def _described(columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return what descriptions say in lines such as ``date: 2018-09-06``, or in a table of two columns, by its names.

    Only where a file has nothing else than names and descriptions, and each description says something so.
    """
    (title, *others) = [one for one in columns if one.lower() != "name"] or [""]
    if others or title.lower() != "description":
        return {}
    told = [dict(_pairs(text)) for text in columns[title]]
    if not all(said or not text for said, text in zip(told, columns[title], strict=True)):
        return {}
    names = dict.fromkeys(name for said in told for name in said if name.lower() not in ("name", "description"))
    return {name: [said.get(name, "") for said in told] for name in list(names)[:MAX_COLUMNS]}


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return name and value of each line of a description in HTML."""
    lines = re.split(
        r"<br\s*/?>|</(?:tr|li|p|div)>|\n", re.sub(r"</t[dh]>\s*<t[dh][^>]*>", ": ", text), flags=re.IGNORECASE
    )
    plain = (html.unescape(re.sub(r"<[^>]*>", "", line)) for line in lines)
    found = (re.fullmatch(r"\s*([^\W\d][^:]{0,40}?)\s*:\s*(\S.*?)\s*", line) for line in plain)
    return [(one[1], one[2]) for one in found if one and not one[2].startswith("//")]


_KML_LOOKS = {"altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon", "snippet"}


def _require_plain_tables(path: str) -> None:
    """Refuse virtual tables other than indexes: SQLite would ask other code, or other files, for their rows."""
    import sqlite3

    held = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        found = held.execute("SELECT sql FROM sqlite_master WHERE sql LIKE '%virtual%table%'").fetchall()
    except sqlite3.DatabaseError as error:
        raise Refused(f"it is damaged ({error})") from error
    finally:
        held.close()
    words = [str(sql).lower().split() for (sql,) in found]
    if any(one[:3] == ["create", "virtual", "table"] and "using rtree" not in " ".join(one) for one in words):
        raise Refused("it holds virtual tables, which may take their rows from elsewhere")


def _layers(path: str) -> list[tuple[str, bool]]:
    """Return the names of the layers, and whether each has geometries."""
    import pyogrio

    return [(str(name), kind is not None) for name, kind in pyogrio.list_layers(path)]


def _chosen(layers: list[tuple[str, bool]], wanted: str) -> tuple[str, list[str]]:
    """Return the layer to read, and the others; of several with geometries one has to be named."""
    names = [name for name, _ in layers]
    placed = [name for name, has_shapes in layers if has_shapes]
    if wanted and wanted not in names:
        raise Refused(f"it has no layer {wanted!r}", names)
    if not names:
        raise Refused("it holds no layer")
    drawn = rapid_mapping.observed(placed)
    if not wanted and len(placed or names) > 1 and len(drawn) != 1:
        raise Refused("it holds several layers", [*drawn, *(one for one in placed or names if one not in drawn)])
    name = wanted or (drawn or placed or names)[0]
    return name, [other for other in names if other != name]


_AS_WRITTEN = {"DATE_AS_STRING": "YES"}  # a text that looks like a date stays the text it is


def _read_layer(path: str, name: str, encoding: str) -> tuple[dict[str, Any], dict[str, list[str]], list[bytes | None]]:
    import numpy as np
    import pyogrio.raw

    meta, _, geometries, fields = pyogrio.raw.read(
        path, layer=name, encoding=encoding or None, max_features=MAX_ROWS + 1, force_2d=True, datetime_as_string=True,
        **(_AS_WRITTEN if path.endswith(".geojson") else {}),
    )  # fmt: skip
    number = len(geometries) if geometries is not None else len(fields[0]) if fields else 0
    shapes = [None] * number if geometries is None else list(geometries)
    titles = [str(title) for title in meta["fields"]]
    columns = {
        title: [_text(one) for one in np.asarray(held).tolist()] for title, held in zip(titles, fields, strict=True)
    }
    return meta, columns, shapes


# --- what other libraries read --------------------------------------------------------------


def _parquet(path: str, layer: str, encoding: str) -> tuple[dict[str, Any], "pa.Table"]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    rows = file.metadata.num_rows
    if rows > MAX_ROWS:
        raise Refused(f"it has {rows:,} rows, over {MAX_ROWS:,}")
    geo = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    primary = geo.get("primary_column", "")
    about = geo.get("columns", {}).get(primary, {})
    if about and str(about.get("encoding")) != "WKB":
        raise Refused(f"its geometries are written as {about.get('encoding')!r}; write them as WKB")
    held = file.read()
    shapes = held.column(primary).to_pylist() if about else [None] * rows
    titles = [title for title in held.column_names if title != primary or not about]
    columns = {title: [_text(one) for one in held.column(title).to_pylist()] for title in titles}
    crs = about.get("crs", "OGC:CRS84") if about else None
    return {"crs": json.dumps(crs) if isinstance(crs, dict) else crs, "layer": "", "others": []}, _table(
        columns, shapes
    )


def _workbook(path: str, layer: str, encoding: str) -> tuple[dict[str, Any], "pa.Table"]:
    """Read one sheet: the one named, or the first that holds anything; its header is its first row with two cells."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)  # what formulas gave when it was saved
    sheets = [sheet.title for sheet in book.worksheets]
    if layer and layer not in sheets:
        raise Refused(f"it has no sheet {layer!r}", sheets)
    tables = {title: _rows(book[title]) for title in ([layer] if layer else sheets)}
    full = [title for title, rows in tables.items() if len(rows) > 1]
    if not full:
        raise Refused("it holds no table")
    if len(full) > 1:
        raise Refused("it holds several sheets with tables", full)
    header, *rows = tables[full[0]]
    return {"crs": None, "layer": full[0], "others": [one for one in sheets if one != full[0]]}, _sheet(header, rows)


def _rows(sheet: Any) -> list[list[str]]:
    """Return the rows of a sheet as texts, from the first with two cells on; rows without any are left out."""
    sheet.reset_dimensions()  # what a sheet says of its size need not be true
    rows: list[list[str]] = []
    empty = 0
    for cells in sheet.iter_rows(values_only=True):
        texts = [_text(cell) for cell in cells[:MAX_COLUMNS]]
        filled = sum(map(bool, texts))
        empty = 0 if filled else empty + 1
        if max(empty, len(rows)) > MAX_ROWS + 1:
            break
        if filled > (0 if rows else 1):
            rows.append(texts)
    return rows


def _sheet(header: list[str], rows: list[list[str]]) -> "pa.Table":
    wide = max(number + 1 for number, title in enumerate(header) if title)
    columns: dict[str, list[str]] = {}
    for number, title in enumerate(header[:wide]):
        name = title if title and title not in columns else f"{title or 'column'} ({number + 1})"
        columns[name] = [row[number] if number < len(row) else "" for row in rows]
    return _table(columns, [None] * len(rows))


# --- cells ------------------------------------------------------------------------------------


def _table(columns: dict[str, list[str]], shapes: list[bytes | None]) -> "pa.Table":
    import pyarrow as pa

    held = [pa.array(texts, pa.large_string()) for texts in columns.values()]
    return pa.Table.from_arrays([*held, pa.array(shapes, pa.large_binary())], names=[*columns, GEOMETRY])


def _text(value: object) -> str:
    """Return a value as a cell of a table: whole numbers without a point, days without midnight, lists with commas."""
    if hasattr(value, "tolist"):  # of numpy
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat()
    if isinstance(value, bytes):
        return ""
    return str(value).replace("\x00", "").strip()


_READ = {
    "geopackage": _geopackage, "shapefile": _vector, "flatgeobuf": _vector, "geojson": _vector, "kml": _kml,
    "geoparquet": _parquet, "workbook": _workbook,
}  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
    os._exit(0)  # a library's own end may hang after it ran out of memory
