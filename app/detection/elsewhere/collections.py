"""Named collections of detections: one file for a whole inventory, or a folder with a file for each event."""

import re
import shutil
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.detection.elsewhere.rasters import KEPT
from app.errors import DetectionsError, InputError
from app.files import at_home, digest, file_digest
from app.masks import MASK_ENDINGS, matching

OUTLINE_ENDINGS = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".kml", ".kmz", ".fgb", ".parquet")
ENDINGS = (*MASK_ENDINGS, *OUTLINE_ENDINGS)
MOST_FILES = 2000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,79}")
_own: ContextVar[Path | None] = ContextVar("own_detections", default=None)


@dataclass(frozen=True)
class Collection:
    """Files that were detected by one method: one of them for a whole inventory, or one for each event."""

    name: str
    files: tuple[Path, ...]

    @property
    def sha256(self) -> str:
        """What changes with any of its files: of one its own SHA-256, of several that of all together."""
        return _sha256(tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in self.files))

    @property
    def nbytes(self) -> int:
        """Bytes on disk."""
        return sum(path.stat().st_size for path in self.files)

    def of_event(self, event: str) -> tuple[Path, bool]:
        """Return the file of an event, and whether its name says so: a single one may be of all events.

        Raises DetectionsError where there is none, or which of several is not plain.
        """
        try:
            found = matching.of_event(self.files, event)
        except InputError as error:
            raise DetectionsError(f"{self.name}: {error}") from error
        if found is not None or len(self.files) == 1:
            return found or self.files[0], found is not None
        listed = ", ".join(path.name for path in self.files[:3]) + (", ..." if len(self.files) > 3 else "")
        raise DetectionsError(
            f"{self.name} has no file of event {event or '(not named)'} among its {len(self.files):,} ({listed}). "
            "Name each after its event, like 41.tif, or bring one file for the whole inventory."
        )


def is_name(text: str) -> bool:
    """Whether ``text`` may name a collection that a reader brought, rather than a path."""
    return bool(_NAME.fullmatch(text)) and ".." not in text and not text.lower().endswith((*ENDINGS, KEPT))


def belong_to(folder: Path | None) -> None:
    """Let this thread's collections be those in a reader's ``folder``, and no path; None: paths, as in commands."""
    _own.set(folder)


def names() -> tuple[str, ...]:
    """Return the names of the reader's collections; none where no reader is known."""
    folder = _own.get()
    if folder is None:
        return ()
    try:
        return tuple(sorted(one.name for one in folder.iterdir() if one.is_dir() and is_name(one.name)))
    except OSError:
        return ()


def find(target: str) -> Collection:
    """Return the collection of a name, or of the path of a file or a folder where no reader is known.

    Raises DetectionsError where there is none.
    """
    folder = _own.get()
    if folder is None:
        return _at(target)
    if target not in names():
        there = ", ".join(names()[:20])
        ways = f"There are {there}; or bring them" if there else "Bring them"
        raise DetectionsError(
            f"There are no detections called {target}. {ways} on the Detect page. What another reader brought is "
            "theirs alone: ask them for the files."
        )
    return Collection(target, _files(folder / target))


def state(target: str) -> str:
    """Return what changes whenever a file of a collection does; empty where it is not there."""
    try:
        files = find(target).files
        return " ".join(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files)
    except (DetectionsError, OSError):
        return ""


def sha256(target: str) -> str:
    """Return the digest of a collection's files; empty where it is not there."""
    try:
        return find(target).sha256
    except (DetectionsError, OSError):
        return ""


def remove(name: str) -> None:
    """Forget one of the reader's collections; raises DetectionsError where it is none."""
    folder = _own.get()
    if folder is None or name not in names():
        raise DetectionsError(f"{name} is not one of the collections you brought, so it cannot be taken away here.")
    shutil.rmtree(folder / name, ignore_errors=True)


def _at(target: str) -> Collection:
    try:
        path = at_home(target)
    except InputError as error:
        raise DetectionsError(str(error)) from error
    if path.is_dir():
        return Collection(target, _files(path))
    if not path.is_file():
        raise DetectionsError(
            f"There is no {target}: give the path of a file or a folder of detections, like file:./masks or "
            "file:./detected.geojson."
        )
    if path.suffix.lower() not in ENDINGS:
        raise DetectionsError(f"{path.name} is no file of detections; give one that ends in {', '.join(ENDINGS)}.")
    return Collection(target, (path,))


def _files(folder: Path) -> tuple[Path, ...]:
    """Return the files of a folder that hold detections, by name; raises DetectionsError for none or too many."""
    try:
        found = [one for one in folder.iterdir() if one.is_file() and not one.name.startswith(".")]
    except OSError as error:
        raise DetectionsError(f"{folder.name} cannot be looked into ({error.strerror}).") from error
    held = sorted(one for one in found if one.suffix.lower() in (*ENDINGS, KEPT))
    if not held or len(held) > MOST_FILES:
        wanted = f"up to {MOST_FILES:,} files that end in {', '.join(ENDINGS)}"
        raise DetectionsError(f"{folder.name} holds {len(held):,} files of detections; give a folder with {wanted}.")
    return tuple(held)


@lru_cache(maxsize=64)
def _sha256(files: Sequence[tuple[str, int, int]]) -> str:
    digests = [(Path(path).name, file_digest(Path(path))) for path, _, _ in files]
    return digests[0][1] if len(digests) == 1 else digest("\n".join(f"{name} {told}" for name, told in digests))
