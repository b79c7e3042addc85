"""What one reader brought or made, kept in a folder on this machine until it is forgotten."""

import json
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from app import config, files
from app.errors import InputError, WorkspaceError
from app.visitors import Deed, require

log = logging.getLogger(__name__)

VALUE_BYTES = 1_000_000  # one small value, written as JSON
MOST_ITEMS = 5000
ID_FORM = "[0-9a-f]{32}"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_USED = "used"  # an empty file: when it was written is when the folder was used last
_STEP_S = 600.0  # how exactly that is known
_LEAVING = ".leaving-"


@dataclass(frozen=True)
class Workspace:
    """A folder of one reader's; made on disk when something is first kept. Whoever has the id reads what is in it."""

    id: str = field(repr=False)
    root: Path  # the folder of all workspaces
    most_bytes: int = 1_000_000_000  # this one may hold
    most_bytes_together: int = 20_000_000_000

    def __post_init__(self) -> None:
        if not is_id(self.id):
            raise InputError("That is no workspace's id; let Scarp make one.")

    @property
    def folder(self) -> Path:
        """Where it lies, there or not: named by a digest, so that no message and no log gives the id away."""
        return self.root / files.digest(self.id)[:32]

    def keep(self, name: str, value: object) -> None:
        """Keep a value that JSON can hold, whole or not at all; None forgets it. Raises WorkspaceError."""
        if value is None:
            return self.drop(name)
        data = json.dumps(value, allow_nan=False).encode()
        if len(data) > VALUE_BYTES:
            raise WorkspaceError(f"{len(data):,} bytes are too many for one thing to be kept.")
        self._write(self._value(name), data)

    def held(self, name: str) -> Any:
        """Return a value kept; None where there is none, or none that can be read."""
        path = self._value(name)
        try:
            return json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:  # ValueError: what is no JSON or no text
            log.warning("%s cannot be read: %s", path, error)
            return None

    def drop(self, name: str) -> None:
        """Forget a value."""
        with suppress(OSError):
            self._value(name).unlink(missing_ok=True)

    def keep_file(self, name: str, data: bytes) -> None:
        """Keep a file's bytes, whole or not at all. Raises WorkspaceError."""
        self._write(self._file(name), data)

    def file(self, name: str) -> bytes | None:
        """Return a file's bytes; None where it is not kept or cannot be read."""
        try:
            return self._file(name).read_bytes()
        except OSError:
            return None

    def stamp(self, name: str) -> int:
        """Return what changes whenever somebody keeps another value; 0 where none is kept."""
        try:
            return self._value(name).stat().st_mtime_ns
        except OSError:
            return 0

    def make_room(self, nbytes: int) -> None:
        """Raise WorkspaceError unless so many bytes more may be kept, here and in all workspaces together."""
        held, items = _size(self.folder)
        if held + nbytes > self.most_bytes or items >= MOST_ITEMS:
            raise WorkspaceError(
                f"{nbytes / 1e6:,.1f} MB more do not fit: {held / 1e6:,.1f} MB of the {self.most_bytes / 1e6:,.0f} MB "
                "kept for you are taken. Forget what you no longer need, on the Start page."
            )
        if _size(self.root)[0] + nbytes > self.most_bytes_together:
            raise WorkspaceError(
                "This machine keeps no more of what readers bring: all of it together is at its limit "
                "(SCARP_WORKSPACES_GB). It works until the page is closed."
            )

    @property
    def size(self) -> int:
        """Bytes kept."""
        return _size(self.folder)[0]

    @property
    def used(self) -> float:
        """When it was used last, in seconds since 1970; 0 where nothing is kept."""
        return _last_used(self.folder)

    def touch(self) -> None:
        """Count it as used now, where anything is kept."""
        if self.folder.is_dir() and time.time() - _last_used(self.folder) > _STEP_S:
            with suppress(OSError):
                (self.folder / _USED).touch()

    def remove(self) -> None:
        """Forget everything kept."""
        _remove(self.folder)

    def _value(self, name: str) -> Path:
        return self.folder / f"{_checked(name)}.json"

    def _file(self, name: str) -> Path:
        return self.folder / "files" / _checked(name)

    def _write(self, path: Path, data: bytes) -> None:
        require(Deed.FILES)
        self.make_room(len(data))
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            files.put(path, data, lasting=True, mode=0o600)  # two tabs may write the same thing
            (self.folder / _USED).touch()
        except OSError as error:
            raise WorkspaceError(f"What you brought cannot be kept ({error.strerror or error}).") from error


def new_id() -> str:
    """Return a fresh id that nobody can guess: 128 random bits."""
    return secrets.token_hex(16)


def is_id(text: object) -> TypeGuard[str]:
    """Whether a text is an id as ``new_id`` makes them; nothing else ever names a folder."""
    return isinstance(text, str) and re.fullmatch(ID_FORM, text) is not None


def find(workspace_id: str, settings: config.Settings | None = None) -> Workspace:
    """Return the workspace of an id in Scarp's own folder; raises InputError for what is no id."""
    chosen = settings or config.settings()
    return Workspace(
        workspace_id, chosen.home / "workspaces", int(chosen.workspace_gb * 1e9), int(chosen.workspaces_gb * 1e9)
    )


def sweep(root: Path, days: float) -> int:
    """Remove the workspaces under ``root`` that nobody has used for so many days; returns how many."""
    before, gone = time.time() - days * 86_400, 0
    for folder in _entries(root):
        if not folder.is_dir():
            continue
        if folder.name.startswith(_LEAVING):  # half removed by a process that died
            shutil.rmtree(folder, ignore_errors=True)
        elif _last_used(folder) < before:
            gone += _remove(folder)
        else:
            for place in (folder, *_entries(folder)):
                files.sweep(place)
    return gone


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(f"{name[:80]!r} is no name of a thing kept; use letters, digits, dots and dashes.")
    return name


def _remove(folder: Path) -> bool:
    aside = folder.with_name(f"{_LEAVING}{secrets.token_hex(8)}")
    try:
        folder.rename(aside)  # at once: who keeps something meanwhile begins a new one
    except OSError:
        return False
    shutil.rmtree(aside, ignore_errors=True)
    return True


def _last_used(folder: Path) -> float:
    for path in (folder / _USED, folder):
        with suppress(OSError):
            return path.stat().st_mtime
    return 0.0


def _size(folder: Path) -> tuple[int, int]:
    """Return bytes and files below a folder."""
    nbytes = items = 0
    for path in _walk(folder):
        with suppress(OSError):
            nbytes, items = nbytes + path.stat().st_size, items + 1
    return nbytes, items


def _walk(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        yield from (Path(where, name) for name in names)


def _entries(root: Path) -> list[Path]:
    try:
        return list(root.iterdir())
    except OSError:
        return []
