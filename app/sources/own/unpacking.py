"""What a person brought as one date becomes a list of files: themselves, a folder's, or those in a zip archive."""

import os
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app import config
from app.errors import InputError
from app.files import UNREADABLE, local, size_words

RASTER_ENDINGS = (".tif", ".tiff", ".jp2", ".j2k")
CUBE_ENDINGS = (".nc", ".nc4", ".zarr")
ENDINGS = (*RASTER_ENDINGS, *CUBE_ENDINGS)
MOST_FILES = 5_000  # in one folder or archive
_MOST_RATIO = 200  # of what an entry unpacks to, to what it takes: Sentinel-2's own nodata packs to a hundredth
_SMALL = 100_000_000  # bytes that may be packed as tightly as they are
_ZARR_FILES = (".zgroup", "zarr.json")


@dataclass(frozen=True)
class BroughtFile:
    """One file of a date: where it lies, and what it is called to whoever brought it."""

    path: Path
    name: str  # with the folders inside of what was brought: they may name the product


def listed(given: Sequence[Path | str], into: Path) -> tuple[BroughtFile, ...]:
    """Return the images among files, folders and zip archives; archives are unpacked below ``into``.

    Raises InputError for an address, for what is not there or holds no image, and for an archive that is damaged or
    unpacks to more than may be opened.
    """
    found: list[BroughtFile] = []
    for number, one in enumerate(given):
        found += _of_one(local(one), into / str(number))
    if len(found) > MOST_FILES:
        raise InputError(f"{len(found):,} images are too many for one date, over {MOST_FILES:,}; bring only its bands.")
    return tuple(found)


def _of_one(path: Path, into: Path) -> list[BroughtFile]:
    if path.is_dir():
        return _in_folder(path)
    if path.is_symlink() and not path.exists():
        raise InputError(f"{path.name} is a link to a file that is not there; check where it leads.")
    if not path.is_file():
        raise InputError(f"There is no file {path}; check the path.")
    ending = path.suffix.lower()
    if ending == ".zip" or (ending not in ENDINGS and zipfile.is_zipfile(path)):
        return _unpacked(path, into)
    _require_kind(path.name)
    return [BroughtFile(path, path.name)]


def _require_kind(name: str) -> None:
    ending = PurePosixPath(name).suffix.lower()
    if ending == ".vrt":
        raise InputError(f"{name} only names other files; bring those, or write it as one GeoTIFF (gdal_translate).")
    if ending not in ENDINGS:
        raise InputError(f"{name} should be a file ending in {', '.join(ENDINGS)} or .zip.")


def _in_folder(folder: Path) -> list[BroughtFile]:
    if _is_zarr(folder):
        return [BroughtFile(folder, folder.name)]
    found: list[BroughtFile] = []
    seen = 0
    for place, folders, names in os.walk(folder):
        groups = [name for name in folders if _is_zarr(Path(place, name))]
        folders[:] = sorted(set(folders) - set(groups))
        seen += len(names)
        if seen > 20 * MOST_FILES:
            raise InputError(f"{folder.name} holds more than {20 * MOST_FILES:,} files; name the folder of one scene.")
        images = [name for name in names if name.lower().endswith(ENDINGS) and not name.startswith(".")]
        for name in sorted([*images, *groups]):
            path = Path(place, name)
            found.append(BroughtFile(path, path.relative_to(folder.parent).as_posix()))
    if not found:
        raise InputError(f"The folder {folder.name} holds no image; its files should end in {', '.join(ENDINGS)}.")
    return found


def _is_zarr(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _ZARR_FILES)


def _unpacked(path: Path, into: Path) -> list[BroughtFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir() and _wanted(one.filename)]
            _check(archive.infolist(), entries, path.name)
            found = _placed(archive, entries, path.stem, into)
    except UNREADABLE as error:
        raise InputError(
            f"{path.name} is a damaged zip archive, or has a password ({str(error)[:80]}); pack it again."
        ) from error
    if not found:
        raise InputError(f"{path.name} holds no image; its files should end in {', '.join(ENDINGS)}.")
    return found


def _wanted(name: str) -> bool:
    parts = PurePosixPath(name).parts
    image = name.lower().endswith(ENDINGS) or _zarr_part(name) is not None
    return image and "__MACOSX" not in parts and not parts[-1].startswith("._")


def _zarr_part(name: str) -> int | None:
    """Return which folder of a path is a Zarr group, None where none is."""
    parts = PurePosixPath(name).parts
    return next((n for n, part in enumerate(parts[:-1]) if part.lower().endswith(".zarr")), None)


def _check(all_entries: Sequence[zipfile.ZipInfo], entries: Iterable[zipfile.ZipInfo], name: str) -> None:
    """Refuse an archive before it is unpacked; zipfile unpacks no more of an entry than it declares."""
    most = config.settings().patch_gb * 1e9
    total = sum(one.file_size for one in entries)
    tight = any(one.file_size > _SMALL and one.file_size > _MOST_RATIO * one.compress_size for one in entries)
    if total > most or tight or len(all_entries) > 20 * MOST_FILES:
        raise InputError(
            f"{name} unpacks to {size_words(total)} in {len(all_entries):,} files; Scarp unpacks images of up to "
            f"{size_words(most)}, packed no more than {_MOST_RATIO} to 1. Pack only the bands that are needed."
        )


def _placed(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], stem: str, into: Path) -> list[BroughtFile]:
    """Unpack under names of our own, so that no name leads elsewhere; a Zarr group keeps those inside of it."""
    found: dict[Path, BroughtFile] = {}
    for number, one in enumerate(sorted(entries, key=lambda entry: entry.filename)):
        parts = PurePosixPath(one.filename).parts
        at = _zarr_part(one.filename)
        if at is None:
            target = top = into / str(number) / f"image{PurePosixPath(one.filename).suffix.lower()}"
        else:
            inside = parts[at + 1 :]
            if not all(re.fullmatch(r"[A-Za-z0-9_.-]+", part) and part.strip(".") for part in inside):
                raise ValueError(f"it holds {one.filename[:60]!r}")
            group = "-".join(re.sub(r"[^A-Za-z0-9_]+", "_", part) for part in parts[: at + 1])
            top = into / f"{group}.zarr"
            target = top.joinpath(*inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(one) as packed, target.open("xb") as out:
            while block := packed.read(1 << 20):
                out.write(block)
        name = one.filename if at is None else "/".join(parts[: at + 1])
        found.setdefault(top, BroughtFile(top, f"{stem}/{name}" if len(entries) > 1 else name))
    return list(found.values())
