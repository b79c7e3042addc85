"""Files and folders that appear whole or not at all: written beside, under a name nobody else uses, then renamed.

``.part-`` and a random word begin such a name, so that several writers of one target do not meet, listings that pass
over hidden files see none, and what a process that died left behind is found again.
"""

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from app.errors import InputError
from app.files.paths import local, unwritable

STALE_S = 3600.0  # what nobody has written to for so long was left by a process that died
_PART = ".part-"
_PROBED = 16_000_000  # bytes; what is written at once is rarely more
_MOST_BYTES = 200  # of the target's name that a draft carries: a name may have 255


@contextmanager
def draft(target: Path) -> Iterator[Path]:
    """Yield a path beside ``target``, of the same ending, for one writer alone; what is left there is removed."""
    beside = target.with_name(f"{_PART}{secrets.token_hex(8)}-{_end(target)}")
    try:
        yield beside
    finally:
        _discard(beside)


@contextmanager
def placed(target: Path, former: str = "") -> Iterator[Path]:
    """Yield the path to write a file or folder to; it takes the target's place when all is written, or never.

    Old drafts of the same target are swept first; ``former`` is the name that earlier versions gave theirs.
    Raises what writing and renaming raise, OSError mostly.
    """
    _sweep_drafts(target, former)
    with draft(target) as beside:
        yield beside
        beside.replace(target)


def put(target: Path, data: bytes, lasting: bool = False, mode: int = 0o666) -> None:
    """Put a file of these bytes in place, whole or not at all; raises OSError.

    ``lasting``: it is on the disk when this returns. ``mode``: who may read and write it, as far as the umask lets.
    """
    with draft(target) as beside:
        with open(beside, "xb", opener=partial(os.open, mode=mode)) as out:
            out.write(data)
            if lasting:
                out.flush()
                os.fsync(out.fileno())
        beside.replace(target)


@contextmanager
def written_whole(path: Path | str, refused: type[InputError] = InputError, former: str = "") -> Iterator[Path]:
    """Yield the path to write to; what a person asked for takes its place when all is written, or never.

    Raises ``refused`` where the place cannot be written. ``former`` as in ``placed``.
    """
    target = local(path, "written")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with placed(target, former or f"{_PART}{target.name}") as beside:
            try:
                yield beside
            except RuntimeError as error:  # pyogrio's and netCDF4's do not say that a disk is full: while it is, see
                raise OSError(0, unwritable(target.parent, _PROBED) or str(error)) from error
    except OSError as error:
        reason = error.strerror or error
        raise refused(f"{target} cannot be written ({reason}); choose another place.") from error


def sweep(folder: Path) -> None:
    """Remove the drafts in a folder that were left by processes that died."""
    for path in folder.glob(f"{_PART}*"):
        _discard_stale(path)


def _sweep_drafts(target: Path, former: str) -> None:
    mine = re.compile(rf"{re.escape(_PART)}[0-9a-f]{{16}}-{re.escape(_end(target))}")
    with suppress(OSError):
        for path in target.parent.iterdir():
            if mine.fullmatch(path.name) or path.name == former:
                _discard_stale(path)


def _end(target: Path) -> str:
    return os.fsencode(target.name)[-_MOST_BYTES:].decode("utf-8", "ignore")


def _discard_stale(path: Path) -> None:
    with suppress(OSError):
        if path.lstat().st_mtime < time.time() - STALE_S:
            _discard(path)


def _discard(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
