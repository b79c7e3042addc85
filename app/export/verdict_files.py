"""Files of verdicts: CSV, Parquet, GeoJSON, GeoPackage or COCO, and read again as they were."""

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from app import config
from app.errors import InputError
from app.export import coco
from app.export.tables import VERDICT_COLUMNS, parquet, verdicts_csv
from app.files import written_whole
from app.grid import EPSG_4326
from app.review import Verdict
from app.review.rows import verdict_of

ENDINGS = (".csv", ".parquet", ".geojson", ".gpkg", ".json")  # the last one is COCO
LAYER = "verdicts"  # of a GeoPackage
MOST_BYTES = 500_000_000

_RENAMED = {"T1": "t1", "T2": "t2"}
_OUTLINE = "outline"  # what a GeoPackage calls the text of the geometry, whose name the features' own one has
_FIELDS = {one.name for one in fields(Verdict)}
_NUMBERS = ("latitude", "longitude", "threshold", "seconds")
_GUARDED = re.compile(r"'[=+\-@\t\r\n＝＋－＠]")  # what ``csv_safe`` puts an apostrophe in front of


def ending(path: Path) -> str:
    """Return the ending of a file of verdicts; raises InputError for another one."""
    found = path.suffix.lower()
    if found not in ENDINGS:
        raise InputError(f"{path.name} should end in {', '.join(ENDINGS)}.")
    return found


def write(entries: Sequence[Verdict], path: Path) -> None:
    """Write every entry, also those that were taken back and those that say so.

    A feature of GeoJSON is the outline of the verdict or else the event's point, or nothing. The file appears whole
    or not at all; raises InputError where it cannot be written.
    """
    made = as_bytes(entries, ending(path))
    with written_whole(path) as beside:
        beside.write_bytes(made)


def as_bytes(entries: Sequence[Verdict], kind: str) -> bytes:
    """Return a file of every entry; ``kind`` is one of ENDINGS."""
    ways: dict[str, Callable[[Sequence[Verdict]], bytes]] = {
        ".csv": verdicts_csv, ".parquet": _parquet, ".geojson": _geojson, ".gpkg": _geopackage,
        ".json": lambda each: coco.document(each, VERDICT_COLUMNS),
    }  # fmt: skip
    return ways[kind](entries)


def read(path: Path) -> tuple[list[Verdict], list[str]]:
    """Return the entries of a file that ``write`` made, and why others in it cannot be used, a sentence each.

    Raises InputError for a file that is none.
    """
    kind = ending(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path.name} is larger than {MOST_BYTES / 1e6:,.0f} MB, which is no file of verdicts.")
        rows = _READERS[kind](path)
    except (OSError, ValueError, TypeError, RecursionError, RuntimeError) as error:  # pyogrio's is a RuntimeError
        said = f"{type(error).__name__}: {error}".replace(str(path), path.name)
        why = "no such file, or a damaged one" if isinstance(error, RuntimeError) else said
        raise InputError(f"{path.name} cannot be read as verdicts ({why}).") from error
    missing = {"reviewer", "event", "verdict", "made_at"} - set().union(*rows) if rows else set[str]()
    if missing:
        lacking = ", ".join("when" if name == "made_at" else name for name in sorted(missing))
        raise InputError(f"{path.name} lacks the columns {lacking}: it is no file of verdicts that Scarp wrote.")
    return _entries(rows)


def _entries(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Verdict], list[str]]:
    found, faults = [], []
    for n, row in enumerate(rows):
        one = verdict_of({"simulated": None, "made_at": None, **row})
        if one.odd:
            faults.append(f"row {n}: {one.odd}")
        else:
            found.append(one)
    return found, faults


def _record(one: Verdict) -> dict[str, Any]:
    return {name: value(one) for name, value in VERDICT_COLUMNS.items()}


def _parquet(entries: Sequence[Verdict]) -> bytes:
    import pandas as pd

    frame = pd.DataFrame([_record(one) for one in entries], columns=list(VERDICT_COLUMNS), dtype=object)
    return parquet(frame.astype(dict.fromkeys(_NUMBERS, float)))


def _geojson(entries: Sequence[Verdict]) -> bytes:
    features = [{"type": "Feature", "geometry": _place(one), "properties": _record(one)} for one in entries]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def _place(one: Verdict) -> object:
    if one.geometry and not one.odd:
        return json.loads(one.geometry)
    if one.latitude is None or one.longitude is None:
        return None
    return {"type": "Point", "coordinates": [one.longitude, one.latitude]}


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row by the names of a verdict's fields, what is not known as None."""
    named = {_RENAMED.get(name, name): value for name, value in row.items()}
    if "made_at" not in named and "when" in named:  # of a Scarp before 0.8, in whole seconds and without a uid
        named["made_at"] = named["when"]
    return {name: None if value in ("", None) or value != value else value
            for name, value in named.items() if name in _FIELDS and name != "odd"}  # fmt: skip


def _csv_rows(path: Path) -> list[dict[str, Any]]:
    import pandas as pd

    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    return [_named({name: _unguarded(cell) for name, cell in row.items()}) for row in frame.to_dict("records")]


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell


def _parquet_rows(path: Path) -> list[dict[str, Any]]:
    import pandas as pd

    return [_named(row) for row in pd.read_parquet(path).to_dict("records")]


def _geopackage(entries: Sequence[Verdict]) -> bytes:
    import pandas as pd
    import pyogrio
    import shapely

    frame = pd.DataFrame([_record(one) for one in entries], columns=list(VERDICT_COLUMNS), dtype=object)
    frame = frame.rename(columns={"geometry": _OUTLINE}).astype(dict.fromkeys(_NUMBERS, float))
    frame["simulated"] = [None if held is None else str(held) for held in frame["simulated"]]
    places = [_place(one) for one in entries]
    shapes = [None if place is None else shapely.to_wkb(shapely.from_geojson(json.dumps(place))) for place in places]
    with tempfile.TemporaryDirectory(prefix="scarp-") as folder:
        path = Path(folder, "verdicts.gpkg")
        columns = [frame[name].to_numpy() for name in frame]
        pyogrio.raw.write(
            path, np.array(shapes, object), columns, list(frame), layer=LAYER, driver="GPKG", geometry_type="Unknown",
            crs=EPSG_4326, layer_metadata={"software": config.software()},
        )  # fmt: skip
        return path.read_bytes()


def _geopackage_rows(path: Path) -> list[dict[str, Any]]:
    import pyogrio

    frame = pyogrio.read_dataframe(path, layer=LAYER, read_geometry=False)
    frame = frame.rename(columns={_OUTLINE: "geometry"})
    return [_named(row) for row in frame.to_dict("records")]


def _coco_rows(path: Path) -> list[dict[str, Any]]:
    return [_named(row) for row in coco.rows(path.read_bytes())]


def _geojson_rows(path: Path) -> list[dict[str, Any]]:
    held = json.loads(path.read_text(encoding="utf-8"))
    features = held.get("features") if isinstance(held, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise ValueError("no FeatureCollection")
    told = [one.get("properties") for one in features]
    return [_named(one) for one in told if isinstance(one, dict)]


_READERS: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    ".csv": _csv_rows, ".parquet": _parquet_rows, ".geojson": _geojson_rows, ".gpkg": _geopackage_rows,
    ".json": _coco_rows,
}  # fmt: skip
