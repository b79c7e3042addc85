"""The files of the published data sets: found by their names in a folder or in zips, and made ready to be opened."""

import logging
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app import limits
from app.errors import SourceError
from app.files import UNREADABLE

_log = logging.getLogger(__name__)

# how the data sets name their files, wherever in a folder or zip these lie
_GLAD4CD = re.compile(r"(?:^|/)(A|B|LABEL)/[^/]*?(\d+)\.tiff?$")
_THESIS = re.compile(r"(?:^|/)(pre1|pre2|post)_(\d+)\.nc$")
_THESIS_TRUTH = re.compile(r"(?:^|/)GT_(\d+)\.(tif|png)$")


@dataclass(frozen=True)
class StoredFile:
    """One published file: in a folder, or a member of a zip."""

    container: Path
    name: str

    @property
    def zipped(self) -> bool:
        """Whether it has to be taken out of a zip first."""
        return self.container.suffix.lower() == ".zip"

    @property
    def path(self) -> Path:
        """Where it lies in its folder; there is no such place in a zip."""
        return self.container / self.name


def index(place: Path) -> dict[str, dict[str, StoredFile]]:
    """Return event -> role -> file, of a folder (and the zips in it) or a zip.

    Roles are A, B and LABEL of GLaD4CD, or pre1, pre2, post and GT of the thesis. An event
    without both dates is left out. Raises SourceError for a zip that is none.
    """
    events: dict[str, dict[str, StoredFile]] = {}
    for stored in _files(place):
        for role, event in _roles(stored.name):
            events.setdefault(event, {}).setdefault(role, stored)
    return {event: roles for event, roles in events.items() if {"A", "B"} <= set(roles) or _is_thesis(roles)}


def _roles(name: str) -> Iterator[tuple[str, str]]:
    if match := _GLAD4CD.search(name) or _THESIS.search(name):
        yield match[1], match[2]
    elif match := _THESIS_TRUTH.search(name):
        yield f"GT.{match[2]}", match[1]


def _is_thesis(roles: Mapping[str, StoredFile]) -> bool:
    return "post" in roles and bool({"pre1", "pre2"} & set(roles))


def _files(place: Path) -> Iterator[StoredFile]:
    if place.is_dir():
        yield from _in_folder(place)
    elif place.is_file():
        yield from _members(place)


def _in_folder(place: Path) -> Iterator[StoredFile]:
    """Yield the files of a folder and of the zips in it; a zip that is none spoils nothing where others are whole."""
    held, broken = False, []
    for path in sorted(place.rglob("*")):
        try:
            if path.suffix.lower() == ".zip":
                found = list(_members(path))
            else:
                found = [StoredFile(place, path.relative_to(place).as_posix())] if path.is_file() else []
        except SourceError as error:
            _log.warning("%s", error)
            broken.append(error)
            continue
        held = held or bool(found)
        yield from found
    if broken and not held:
        raise broken[0]


def _members(path: Path) -> Iterator[StoredFile]:
    try:
        with zipfile.ZipFile(path) as opened:
            names = sorted(info.filename for info in opened.infolist() if not info.is_dir())
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(
            f"{path.name} is no whole zip ({error}); delete it and run `python -m app fetch glad4cd` again."
        ) from error
    yield from (StoredFile(path, name) for name in names)


@contextmanager
def on_disk(files: Mapping[str, StoredFile]) -> Iterator[dict[str, Path]]:
    """Yield role -> path of a file that can be opened; what is zipped is unpacked for as long."""
    with tempfile.TemporaryDirectory(prefix="scarp-") as folder:
        paths = {}
        for role, stored in files.items():
            if stored.zipped:
                paths[role] = _unpacked(stored, Path(folder) / role)
            else:
                paths[role] = stored.path
        yield paths


def _unpacked(stored: StoredFile, folder: Path) -> Path:
    """Return the member of a zip as a file; its own path is not believed, only its last part."""
    folder.mkdir()
    target = folder / Path(stored.name).name
    try:
        with zipfile.ZipFile(stored.container) as opened:
            size = opened.getinfo(stored.name).file_size  # zipfile gives no byte more, whatever is packed
            limits.require_bearable(size, f"{stored.name} in {stored.container.name}")
            with opened.open(stored.name) as packed, target.open("wb") as out:
                shutil.copyfileobj(packed, out, 1 << 20)
    except UNREADABLE as error:
        raise SourceError(f"{stored.name} in {stored.container.name} cannot be unpacked ({error}).") from error
    return target
