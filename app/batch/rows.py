"""What is known of one event of a batch once it is over: a plain row, and a table of many."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from app.values.plain import plain

if TYPE_CHECKING:
    import pyarrow

DONE, SKIPPED, FAILED = "done", "skipped", "failed"
OUTCOMES = (DONE, SKIPPED, FAILED)


@dataclass(frozen=True)
class MethodRow:
    """What one method found on one event; pixels are counted where clear, rates are None where there is no truth."""

    method: str
    ran: str = ""
    device: str = ""
    fallback: str = ""
    threshold: float | None = None
    seconds: float = 0.0
    clear: int = 0
    changed: int = 0
    area_m2: float | None = None
    polygons: int = 0
    model_sha256: str = ""
    stem: str = ""  # of its files in the event's folder: mask_STEM.tif, polygons_STEM.geojson, score_STEM.tif
    tp: int | None = None
    fp: int | None = None
    fn: int | None = None
    tn: int | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    iou: float | None = None


@dataclass(frozen=True)
class EventRow:
    """How one event ended. ``key`` says of which data, methods and networks; ``bytes`` were written for it."""

    event: str
    outcome: str
    key: str = ""
    reason: str = ""
    seconds: float = 0.0
    bytes: int = 0
    units: float = 0.0  # processing units of an account
    requests: int = 0  # of that account
    simulated: bool = False
    source: str = ""
    t1: str = ""
    t2: str = ""
    date: str = ""
    latitude: float = math.nan
    longitude: float = math.nan
    folder: str = ""  # inside events/
    worker: str = ""
    finished: str = ""  # when, UTC
    warnings: tuple[str, ...] = ()
    methods: tuple[MethodRow, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Return plain values, undefined numbers as None."""
        return {name: plain(value) for name, value in asdict(self).items()}


def from_json(held: Mapping[str, Any]) -> EventRow | None:
    """Return the row in what ``as_json`` gave, None for what is not of that form; what is not known is left out."""
    names, inner = {one.name for one in fields(EventRow)}, {one.name for one in fields(MethodRow)}
    try:
        values = {name: value for name, value in held.items() if name in names and value is not None}
        values["methods"] = tuple(
            MethodRow(**{name: value for name, value in one.items() if name in inner}) for one in held["methods"] or ()
        )
        values["warnings"] = tuple(map(str, held["warnings"] or ()))
        row = EventRow(**values)
        return row if row.outcome in OUTCOMES and isinstance(row.event, str) else None
    except (TypeError, KeyError, AttributeError):
        return None


def from_bytes(content: bytes | None) -> EventRow | None:
    """Return the row in a ``result.json``; None for one that is not there or cannot be read."""
    try:
        return from_json(json.loads(content)) if content else None
    except (ValueError, AttributeError, RecursionError):
        return None


def table(rows: Iterable[EventRow]) -> "pyarrow.Table":
    """Return rows as a table whose columns have the same types in every file of a data set."""
    import pyarrow

    return pyarrow.Table.from_pylist([row.as_json() for row in rows], schema=schema())


def schema() -> "pyarrow.Schema":
    """Return the columns of a data set of results."""
    import pyarrow

    methods = pyarrow.list_(pyarrow.struct(_columns(MethodRow)))
    columns = [(name, kind) for name, kind in _columns(EventRow) if name not in ("warnings", "methods")]
    return pyarrow.schema([*columns, ("warnings", pyarrow.list_(pyarrow.string())), ("methods", methods)])


def _columns(kind: type) -> list[tuple[str, Any]]:
    import pyarrow

    kinds: dict[Any, Any] = {
        str: pyarrow.string(),
        int: pyarrow.int64(),
        float: pyarrow.float64(),
        bool: pyarrow.bool_(),
    }
    named: dict[Any, Any] = {int | None: int, float | None: float}
    found = ((one.name, named.get(one.type, one.type)) for one in fields(kind))
    return [(name, kinds.get(held, pyarrow.null())) for name, held in found]
