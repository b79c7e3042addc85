"""Bytes or a file in, an inventory out; the built-in one among them."""

import os
import stat
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from app import config
from app.errors import InventoryError
from app.files import size_words
from app.inventory.events import Inventory
from app.inventory.given import NOTHING, Given

BUILT_IN = config.DATA / "inventory.csv"


def read(data: bytes, name: str, given: Given = NOTHING) -> Inventory:
    """Return the inventory in the bytes of a file; ``name`` stands in messages, ``given`` is said beside the file.

    Raises InventoryError where the bytes are too many, no table, or hold no positions; LayerNeededError and
    CrsNeededError where a layer, or the reference system, has to be given.
    """
    from app.inventory.rows import read_table

    _check_size(len(data), name)
    return replace(read_table(data, name, given), raw=data, given=given)


def read_file(path: Path, given: Given = NOTHING) -> Inventory:
    """Return the inventory in a file; raises InventoryError as ``read`` and ``load`` do."""
    return read(load(path), Path(path).name, given)


def load(path: Path) -> bytes:
    """Return a file as ``read`` takes it, a shapefile with its parts; raises InventoryError where it cannot be opened.

    Only a regular file is opened: a device or a pipe may never end, or wait for ever.
    """
    path = Path(path)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "a device or a pipe"
            raise InventoryError(f"{_brief(path)} is {what}, no file. Name a list of landslides.")
        _check_size(found.st_size, path.name)  # before reading it: the file may not fit into memory
        data = _bounded(path) if found.st_size else b""  # what the system makes up while it is read claims 0 bytes
    except FileNotFoundError:
        raise InventoryError(f"{_brief(path)} does not exist. Name a list of landslides.") from None
    except (OSError, ValueError) as error:  # ValueError: a path no system can have
        reason = getattr(error, "strerror", None) or error
        raise InventoryError(
            f"{_brief(path)} cannot be opened ({reason}). Name a list of landslides that can be read."
        ) from error
    if path.suffix.lower() == ".shp":
        data = _with_its_parts(path, data)
    return data


@lru_cache(maxsize=1)
def builtin() -> Inventory:
    """Return the ten published events that ship with Scarp (Leonardi et al., GLaD4CD, CC BY 4.0)."""
    from app.inventory.rows import read_table

    return read_table(BUILT_IN.read_bytes(), "The built-in list")


def _with_its_parts(path: Path, data: bytes) -> bytes:
    """Return a shapefile with the parts that lie beside it, as one archive."""
    from app.inventory import kinds

    parts = {path.name: data}
    for ending in kinds.SHAPEFILE_PARTS[1:]:
        beside = next(
            (one for one in (path.with_suffix(ending), path.with_suffix(ending.upper())) if one.is_file()), None
        )
        if beside:
            _check_size(beside.stat().st_size, beside.name)
            parts[path.stem + ending] = _bounded(beside)
    return kinds.packed(parts)


def _bounded(path: Path) -> bytes:
    """Read a regular file, no more than one byte beyond what is taken; never waits for anything."""
    most = config.settings().max_csv_mb * 1_000_000
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):  # it may have been exchanged since it was looked at
            raise OSError("it is no regular file")
        return file.read(most + 1)


def _brief(path: Path) -> str:
    return str(path)[:200]


def _check_size(size: int, name: str) -> None:
    most = config.settings().max_csv_mb
    if size > most * 1_000_000:
        raise InventoryError(
            f"{name} is {size_words(size)}; Scarp reads tables of up to {most} MB. "
            "Keep only the rows or columns that are needed."
        )
