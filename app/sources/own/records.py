"""Pairs that were brought: what is known of each beside its pixels, by its name, kept for every link to it."""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app import config
from app.errors import InputError, SourceError
from app.files import AlteredError, put, seal, unseal
from app.grid import Grid
from app.inventory import Event
from app.patches import PatchSpec
from app.sources.own import stated
from app.sources.own.stated import PairStated
from app.visitors import Deed, require

SOURCE = "files"  # the name of the source that opens them
_NAME = re.compile(r"pair-[0-9a-f]{16}")
_MOST_BYTES = 1_000_000
_MOST_LISTED = 3
_TOLD = 6  # characters of a pair's digest: two pairs of one reader hardly share them


@dataclass(frozen=True)
class PairRecord:
    """One pair: the names of its files, its days, its pixels, and how it was read."""

    name: str  # see ``reading.name_of``
    t1: str  # ISO date
    t2: str
    t1_files: tuple[str, ...]
    t2_files: tuple[str, ...]
    truth_file: str  # empty without a truth
    bands: tuple[str, ...]
    grid: Grid
    stated: PairStated
    notes: tuple[str, ...] = ()
    paths: tuple[tuple[str, ...], ...] = ((), (), (), (), ())  # T1, T2, truth, heights, further dates; empty: uploaded
    dem_file: str = ""  # empty without heights
    more: tuple[str, ...] = ()  # ISO dates brought beside T1 and T2, oldest first

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise InputError("That is no name of a pair.")

    @property
    def place(self) -> tuple[float, float]:
        """Latitude and longitude of its middle."""
        west, south, east, north = self.grid.bbox_deg
        longitude = (west + east) / 2
        return round((south + north) / 2, 5), round((longitude + 180) % 360 - 180, 5)

    @property
    def days(self) -> tuple[date, ...]:
        """Every date it holds, oldest first."""
        return tuple(sorted({date.fromisoformat(day) for day in (self.t1, self.t2, *self.more)}))

    @property
    def files(self) -> str:
        """The files of both dates in a few words."""
        return f"{_few(self.t1_files)} and {_few(self.t2_files)}"

    def event(self, row: int) -> Event:
        """Return it as an event of an inventory."""
        latitude, longitude = self.place
        days = date.fromisoformat(self.t1), date.fromisoformat(self.t2)
        return Event(self.name, row, None, latitude, longitude, "your pair", "", "your files", (days[0],), days[1])

    def spec(self) -> PatchSpec:
        """Return the patch it is."""
        days = date.fromisoformat(self.t1), date.fromisoformat(self.t2)
        return PatchSpec(SOURCE, self.name, self.grid.bbox_deg, *days, bands=self.bands, on=self.grid)


def is_name(text: object) -> bool:
    """Whether a text names a pair as ``reading.name_of`` does."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def title(name: str) -> str:
    """Return a short name of a pair for a reader, by how its digest begins."""
    return f"Your pair {name.removeprefix('pair-')[:_TOLD]}"


def keep(record: PairRecord) -> None:
    """Keep what is known of a pair, for all who have its name; raises SourceError where that cannot be written."""
    require(Deed.FILES)
    path = _path(record.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, seal("pair", json.dumps(asdict(record))), mode=0o600)
    except OSError as error:
        raise SourceError(f"What is known of the pair cannot be kept ({error.strerror or error}).") from error


def find(name: str) -> PairRecord | None:
    """Return what is known of a pair, None where it was not brought here or cannot be read any more."""
    if not is_name(name):
        return None
    try:
        data = _path(name).read_bytes()
        return _read(json.loads(unseal("pair", data))) if len(data) <= _MOST_BYTES else None
    except (OSError, ValueError, KeyError, TypeError, IndexError, AlteredError, InputError):
        return None


def forget(name: str) -> None:
    """Forget what is known of a pair, where anything is."""
    if is_name(name):
        with suppress(OSError):
            _path(name).unlink()


def required(name: str, files: str = "") -> PairRecord:
    """Return what is known of a pair; raises SourceError, with the ``files`` to bring, where that is nothing."""
    found = find(name)
    if found is None:
        which = f": {files}" if files else ""
        raise SourceError(f"The pair {name} was brought elsewhere, and is not kept here. Bring its files{which}.")
    return found


def gone(record: PairRecord) -> SourceError:
    """Return the error of a pair whose pixels are no longer kept."""
    return SourceError(
        f"The images of this pair are no longer kept here. Bring them again: T1 {_few(record.t1_files)} ({record.t1}), "
        f"T2 {_few(record.t2_files)} ({record.t2})."
    )


def told(record: PairRecord) -> str:
    """Return which files a link's reader has to bring: names and days."""
    return f"T1 {_few(record.t1_files)} ({record.t1}), T2 {_few(record.t2_files)} ({record.t2})"


def _few(names: tuple[str, ...]) -> str:
    """Return the names of files, their folders left out; of many the first."""
    plain = [Path(name).name[:60] for name in names]
    more = f" and {len(plain) - _MOST_LISTED} more" if len(plain) > _MOST_LISTED else ""
    return ", ".join(plain[:_MOST_LISTED]) + more


def _path(name: str) -> Path:
    return config.settings().home / "pairs" / f"{name}.json"


def _read(said: dict[str, Any]) -> PairRecord:
    grid = Grid(**said["grid"])
    if not all(math.isfinite(one) for one in grid.bbox) or min(grid.shape) < 1:
        raise ValueError("it has no pixels")
    paths: list[tuple[str, ...]] = [tuple(map(str, one)) for one in said["paths"]]
    none: list[tuple[str, ...]] = [()] * (5 - len(paths))  # records of old know no heights and no further dates
    t1, t2, truth, dem, more = paths + none
    further = tuple(str(date.fromisoformat(day)) for day in said.get("more", ()))
    return PairRecord(
        said["name"], said["t1"], said["t2"], tuple(said["t1_files"]), tuple(said["t2_files"]), said["truth_file"],
        tuple(said["bands"]), grid, stated.from_json(said["stated"]), tuple(said["notes"]),
        (t1, t2, truth, dem, more), str(said.get("dem_file", "")), further,
    )  # fmt: skip
