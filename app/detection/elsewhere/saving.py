"""Take in detections that a reader brings: every file is read first, and all are kept, or none."""

import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from app.detection.elsewhere import collections
from app.detection.elsewhere.collections import ENDINGS, MOST_FILES, Collection
from app.errors import DetectionsError, InputError
from app.files import UNREADABLE, size_words
from app.masks import MASK_ENDINGS
from app.processes.once import ended
from app.visitors import Deed, require

MOST_OWN = 20  # collections a reader may keep
MOST_BYTES = 500_000_000  # of all files of one, unpacked
_MEMORY = 4_000_000_000  # bytes a process that reads rasters may take
_PATIENCE_S = 300
Given = Sequence[tuple[str, bytes]]  # name and bytes of each file


def save(folder: Path, name: str, given: Given) -> Collection:
    """Keep files that a reader brought as the collection ``name`` in their ``folder``; returns it.

    Zip archives of rasters are unpacked, the parts of a shapefile go together. Raises DetectionsError where the name
    is unusable or taken, or any of the files: then nothing is kept.
    """
    require(Deed.FILES)
    name = name.strip()
    _check_name(folder, name)
    files = _unpacked(given)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".scarp-", dir=folder) as made:
        into = Path(made, "kept")
        into.mkdir()
        _keep_rasters([one for one in files if _is_raster(one[0])], into)
        _keep_outlines([one for one in files if not _is_raster(one[0])], into)
        shutil.move(into, folder / name)
    return collections.find(name)


def replaced(folder: Path, name: str, given: Given) -> Collection:
    """Keep files as ``save`` does, in place of the collection of that name where there is one."""
    with tempfile.TemporaryDirectory(prefix=".scarp-", dir=folder.parent if folder.is_dir() else None) as beside:
        former = folder / name
        if collections.is_name(name) and former.is_dir():
            shutil.move(former, beside)
        try:
            return save(folder, name, given)
        except BaseException:
            if Path(beside, name).is_dir():
                shutil.move(Path(beside, name), former)
            raise


def _check_name(folder: Path, name: str) -> None:
    if not collections.is_name(name):
        raise DetectionsError(
            f"{name[:80]!r} cannot be a name of detections; use letters, digits, dots, dashes, up to 80 of them."
        )
    held = [one.name for one in folder.iterdir() if one.is_dir()] if folder.is_dir() else []
    if name in held:
        raise DetectionsError(f"There are detections called {name} already; choose another name.")
    if len(held) >= MOST_OWN:
        raise DetectionsError(f"You keep {MOST_OWN} collections of detections already; take one away first.")


def _is_raster(name: str) -> bool:
    return name.lower().endswith(MASK_ENDINGS)


def _unpacked(given: Given) -> Given:
    """Return the files with archives of rasters unpacked and the parts of a shapefile as one archive."""
    from app.inventory import kinds

    parts = {name: data for name, data in given if name.lower().endswith(kinds.SHAPEFILE_BESIDE)}
    if any(name.lower().endswith(".shp") for name in parts):
        packed = [(f"{next(n for n in parts if n.lower().endswith('.shp'))[:-4]}.zip", kinds.packed(parts))]
        given = [*(one for one in given if one[0] not in parts), *packed]
    files = [inside for one in given for inside in (_inside(*one) if one[1][:4] == b"PK\x03\x04" else [one])]
    total = sum(len(data) for _, data in files)
    if total > MOST_BYTES or len(files) > MOST_FILES:
        raise _too_much(total, len(files))
    for name, _ in files:
        if not name.lower().endswith(ENDINGS):
            raise DetectionsError(f"{name[:80]} is no file of detections; bring {', '.join(ENDINGS)}.")
    return files


def _too_much(total: int, number: int) -> DetectionsError:
    return DetectionsError(
        f"These are {number:,} files with {size_words(total)}; up to {MOST_FILES:,} with {size_words(MOST_BYTES)} are "
        "taken. Bring those of fewer events."
    )


def _inside(name: str, data: bytes) -> Given:
    """Return the rasters in an archive; one without any as it is, for it may be of shapes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            held = [one for one in archive.infolist() if _is_raster(one.filename) and "__MACOSX" not in one.filename]
            total = sum(one.file_size for one in held)
            if total > MOST_BYTES or len(held) > MOST_FILES:
                raise _too_much(total, len(held))
            return [(one.filename, archive.read(one)) for one in held] or [(name, data)]
    except UNREADABLE as error:
        raise DetectionsError(f"{name[:80]} is a damaged zip archive, or has a password. Pack it again.") from error


def _plain_names(names: Iterable[str]) -> list[str]:
    """Return names without folders; raises DetectionsError where two files are then of one name."""
    plain = [PurePosixPath(name.replace("\\", "/")).name.lstrip(".") for name in names]
    odd = next((name for name in plain if len(name.encode()) > 200 or not name.isprintable()), "")
    if odd:
        raise DetectionsError("A file has a name that is too long or cannot be shown; name it after its event.")
    stems = [PurePosixPath(name).stem for name in plain]
    if len(set(stems)) < len(stems):
        twice = next(stem for stem in stems if stems.count(stem) > 1)
        raise DetectionsError(f"Two files are called {twice[:80]}; name each after its event, like 41.tif.")
    return plain


def _keep_rasters(files: Given, into: Path) -> None:
    if not files:
        return
    with tempfile.TemporaryDirectory(prefix="scarp-") as made:
        for plain, (_, data) in zip(_plain_names(name for name, _ in files), files, strict=True):
            Path(made, plain).write_bytes(data)
        told = _asked(Path(made), into)
    refused = [one["error"] for one in told if "error" in one]
    if refused or len(told) < len(files):
        more = f" So are {len(refused) - 1:,} others." if len(refused) > 1 else ""
        raise DetectionsError(
            (refused[0] + more) if refused else "A file is damaged, or takes more memory than one may."
        )


def _asked(given: Path, into: Path) -> list[dict[str, str]]:
    try:
        done = ended("app.detection.elsewhere.worker", str(given), str(into), str(_MEMORY), patience_s=_PATIENCE_S)
    except TimeoutError:
        raise DetectionsError(
            f"The files were not read within {_PATIENCE_S} seconds. Bring fewer, or smaller."
        ) from None
    return [json.loads(line) for line in done.wrote.splitlines() if line.endswith(b"}")]


def _keep_outlines(files: Given, into: Path) -> None:
    from app import inventory
    from app.inventory.mapped import OutlineIndex

    for plain, (_, data) in zip(_plain_names(name for name, _ in files), files, strict=True):
        try:
            index = OutlineIndex(inventory.read(data, plain).events)
        except InputError as error:
            raise DetectionsError(str(error)) from error
        if not len(index):
            raise DetectionsError(f"{plain[:80]} holds no outline of an area; draw what was detected as polygons.")
        (into / plain).write_bytes(data)
