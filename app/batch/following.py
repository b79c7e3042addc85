"""A batch looked at from outside, by its folder alone: how far it is, how each event ended, what was stored of it."""

import io
import json
from collections import Counter, OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.batch import event, lease, results, running
from app.batch.outputs import Outputs
from app.batch.rows import OUTCOMES, EventRow, MethodRow
from app.errors import BatchError, ScarpError
from app.files import local

LOG = "log.txt"
_MOST_FILES = 2000  # of tables that are remembered
_LAST_WORDS = 2000  # bytes of a log
_CHANGED, _UNCHANGED, _UNKNOWN = (214, 69, 38), (226, 232, 228), (150, 150, 150)
_read: OrderedDict[tuple, list[EventRow]] = OrderedDict()


@dataclass(frozen=True)
class Standing:
    """How far a batch is; ``running`` is who works on it, empty where nobody does."""

    about: dict[str, Any]
    running: dict[str, Any]
    rows: tuple[EventRow, ...]
    summary: dict[str, Any]
    log: str = ""

    @property
    def total(self) -> int:
        """How many events it is of."""
        return int(self.about.get("events") or len(self.rows))

    @property
    def counts(self) -> Counter:
        """How many events ended how: as whoever works on it says, else by the tables."""
        told = {one: self.running.get(one) for one in OUTCOMES}
        if all(isinstance(count, int) for count in told.values()):
            return Counter(told)
        return Counter(row.outcome for row in self.rows)

    @property
    def share(self) -> float:
        """Share of the events that are over, 0 to 1."""
        return min(1.0, sum(self.counts.values()) / max(1, self.total))


def look(place: Outputs) -> Standing:
    """Return how far the batch in a folder is; tables that were read are remembered until they change.

    Raises BatchError where the folder cannot be read, or no batch was ever begun there.
    """
    about, log = running.about(place), place.get(LOG)
    told = lease.running(place) or {}
    if not about and log is None and not told:
        raise BatchError(f"{place} holds no batch; choose the folder that --out named.")
    summary = _json(place.get(running.SUMMARY)) if not told else {}
    if str(summary.get("ended", "")) < str(about.get("begun", "")):
        summary = {}  # of an earlier run: the last one died before it could write its own
    rows = [row for name in results.files(place) for row in _rows(place, name)]
    newest = {row.event: row for row in rows}
    words = (log or b"")[-_LAST_WORDS:].decode("utf-8", "replace").strip()
    return Standing(about, told, tuple(newest.values()), summary, words)


def begun(folder: Path) -> list[Path]:
    """Return the folders in which batches were begun from a page, the newest first."""
    try:
        found = [one for one in folder.iterdir() if (one / LOG).is_file() or (one / running.ABOUT).is_file()]
        return sorted(found, key=lambda one: one.stat().st_mtime, reverse=True)
    except OSError:
        return []


def thumbnail(place: Outputs, row: EventRow) -> bytes | None:
    """Return the stored picture of both dates, a JPEG; None where there is none."""
    name = "SIMULATED_thumbnail.jpg" if row.simulated else "thumbnail.jpg"
    return place.get(f"{event.EVENTS}/{row.folder}/{name}")


def stored_mask(place: Outputs, row: EventRow, one: MethodRow) -> bytes:
    """Return the mask of one method as it was written, a GeoTIFF; raises BatchError where it is not there."""
    name = f"{event.EVENTS}/{row.folder}/mask_{one.stem}.tif"
    content = place.get(name)
    if content is None:
        raise BatchError(f"{place}/{name} is not there any more; run the batch again with --redo.")
    return content


def mask(place: Outputs, row: EventRow, one: MethodRow) -> np.ndarray | None:
    """Return the stored detection as a picture, uint8 (y, x, 3): changed red, not changed pale, not clear grey.

    None where there is none. Raises InputError for a file that is no mask.
    """
    import rasterio

    name = f"{event.EVENTS}/{row.folder}/mask_{one.stem}.tif"
    content = place.get(name)
    if content is None:
        return None
    try:
        with rasterio.open(io.BytesIO(content)) as source:
            values = source.read(1)
    except rasterio.errors.RasterioError as error:
        raise BatchError(f"{place}/{name} cannot be read as a mask; run the batch again with --redo.") from error
    picture = np.empty((*values.shape, 3), np.uint8)
    picture[:] = _UNCHANGED
    picture[values == 1], picture[values == 255] = _CHANGED, _UNKNOWN
    return picture


def _rows(place: Outputs, name: str) -> list[EventRow]:
    key = _state(place, name)
    rows = _read.get(key)  # taken at once: another reader's look may let go of it meanwhile
    if rows is None:
        rows = _read[key] = results.read(place, name)
        while len(_read) > _MOST_FILES:
            _read.popitem(last=False)
    return rows


def _state(place: Outputs, name: str) -> tuple:
    if not place.local:
        return place.url, name
    try:
        held = local(place.folder / results.FOLDER / name).stat()
    except (OSError, ScarpError):
        return place.url, name, 0
    return place.url, name, held.st_size, held.st_mtime_ns


def _json(content: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(content) if content else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
