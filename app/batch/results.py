"""The results of a batch as one data set: a Parquet file a flush, in which every event stands once."""

import io
import secrets
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.batch import rows
from app.batch.outputs import Outputs
from app.batch.rows import EventRow
from app.errors import BatchError

if TYPE_CHECKING:
    import pyarrow

FOLDER = "results"
_ENDING = ".parquet"
_STATE = ("event", "key", "outcome")


def new_name() -> str:
    """Return the name of a file that is not there yet; names are in the order of time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}{_ENDING}"


def flush(place: Outputs, made: Collection[EventRow], name: str = "") -> None:
    """Write rows as one file, instead of one of that name; nothing for none."""
    if made:
        _put(place, name or new_name(), rows.table(made))


def state(place: Outputs) -> dict[str, tuple[str, str]]:
    """Return event -> key and outcome of all that is in the data set. Raises BatchError for a file that is damaged."""
    found: dict[str, tuple[str, str]] = {}
    for name in files(place):
        held = _read(place, name, _STATE).to_pydict()
        found.update(zip(held["event"], zip(held["key"], held["outcome"], strict=True), strict=True))
    return found


def read(place: Outputs, name: str) -> list[EventRow]:
    """Return the rows in one file of the data set."""
    found = (rows.from_json(one) for one in _read(place, name).to_pylist())
    return [row for row in found if row]


def files(place: Outputs) -> list[str]:
    """Return the names of the data set's files, the oldest first."""
    return [name for name in place.names(FOLDER) if name.endswith(_ENDING)]


def forget(place: Outputs, events: Collection[str]) -> None:
    """Take the rows of events out, before they are done anew: an event stands in one file only."""
    gone = set(events)
    for name in files(place) if gone else ():
        held = _read(place, name)
        kept = [one not in gone for one in held["event"].to_pylist()]
        if all(kept):
            continue
        if any(kept):
            _put(place, name, held.filter(kept))
        else:
            place.remove(f"{FOLDER}/{name}")


def once(place: Outputs) -> None:
    """See that no event stands twice, which it does where two wrote at once: the newest row stays."""
    seen: set[str] = set()
    for name in reversed(files(place)):
        held = _read(place, name)
        names = held["event"].to_pylist()
        keep = _newest(names, seen)
        seen.update(names)
        if not all(keep):
            _put(place, name, held.filter(keep)) if any(keep) else place.remove(f"{FOLDER}/{name}")


def _newest(names: list[str], seen: Collection[str]) -> list[bool]:
    last = {name: at for at, name in enumerate(names)}
    return [name not in seen and last[name] == at for at, name in enumerate(names)]


def _put(place: Outputs, name: str, held: "pyarrow.Table") -> None:
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(held, out, compression="zstd")
    place.put(f"{FOLDER}/{name}", out.getvalue())


def _read(place: Outputs, name: str, columns: Iterable[str] | None = None) -> "pyarrow.Table":
    import pyarrow
    import pyarrow.parquet

    content = place.get(f"{FOLDER}/{name}")
    if content is None:  # taken away meanwhile
        return rows.schema().empty_table()
    try:
        return pyarrow.parquet.read_table(pyarrow.BufferReader(content), columns=list(columns) if columns else None)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise BatchError(
            f"{place}/{FOLDER}/{name} is damaged ({str(error).partition(chr(10))[0][:120]}). Delete it: its events are "
            "taken from their own folders again."
        ) from error
