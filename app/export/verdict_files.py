"""Files of verdicts: written as CSV, Parquet or GeoJSON, and read again as they were."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from app.errors import InputError
from app.export.tables import VERDICT_COLUMNS, parquet, verdicts_csv
from app.files import written_whole
from app.review import Verdict
from app.review.rows import verdict_of

ENDINGS = (".csv", ".parquet", ".geojson")
MOST_BYTES = 500_000_000

_FIELDS = {one.name for one in fields(Verdict)}
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
    made = {".csv": verdicts_csv, ".parquet": _parquet, ".geojson": _geojson}[ending(path)](entries)
    with written_whole(path) as beside:
        beside.write_bytes(made)


def read(path: Path) -> tuple[list[Verdict], list[str]]:
    """Return the entries of a file that ``write`` made, and why others in it cannot be used, a sentence each.

    Raises InputError for a file that is none.
    """
    kind = ending(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path.name} is larger than {MOST_BYTES / 1e6:,.0f} MB, which is no file of verdicts.")
        rows = {".csv": _csv_rows, ".parquet": _parquet_rows, ".geojson": _geojson_rows}[kind](path)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{path.name} cannot be read as verdicts ({type(error).__name__}: {error}).") from error
    missing = {"uid", "made_at", "reviewer", "event", "verdict"} - set().union(*rows) if rows else set[str]()
    if missing:
        raise InputError(
            f"{path.name} lacks the columns {', '.join(sorted(missing))}: it is no file of verdicts, or of a Scarp "
            "before 0.8. Bring that Scarp's database instead: SCARP_DATABASE."
        )
    return _entries(rows)


def _entries(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Verdict], list[str]]:
    found, faults = [], []
    for n, row in enumerate(rows):
        one = verdict_of({"simulated": None, "made_at": None, **row})
        if one.odd or not row.get("uid"):
            faults.append(f"row {n}: {one.odd or 'it has no uid'}")
        else:
            found.append(one)
    return found, faults


def _record(one: Verdict) -> dict[str, Any]:
    return {name: value(one) for name, value in VERDICT_COLUMNS.items()}


def _parquet(entries: Sequence[Verdict]) -> bytes:
    import pandas as pd

    frame = pd.DataFrame([_record(one) for one in entries], columns=list(VERDICT_COLUMNS), dtype=object)
    numbers = ("latitude", "longitude", "threshold", "seconds")
    return parquet(frame.astype(dict.fromkeys(numbers, float)))


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
    named = {{"T1": "t1", "T2": "t2"}.get(name, name): value for name, value in row.items()}
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


def _geojson_rows(path: Path) -> list[dict[str, Any]]:
    held = json.loads(path.read_text(encoding="utf-8"))
    features = held.get("features") if isinstance(held, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise ValueError("no FeatureCollection")
    told = [one.get("properties") for one in features]
    return [_named(one) for one in told if isinstance(one, dict)]
