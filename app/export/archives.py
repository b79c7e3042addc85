"""Many files as one: what is written into a folder, zipped for a browser to keep."""

import io
import tempfile
import zipfile
from collections.abc import Callable, Collection
from pathlib import Path

_PACKED = (".tif", ".gif", ".png", ".zip", ".pdf")  # compressed already


def zipped(fill: Callable[[Path], object]) -> bytes:
    """Return all that ``fill`` writes into the folder it is given, as a zip; folders in it stay folders."""
    with tempfile.TemporaryDirectory(prefix="scarp-") as held:
        folder = Path(held)
        fill(folder)
        return of_folder(folder, {one.name for one in folder.iterdir()})


def of_folder(folder: Path, names: Collection[str]) -> bytes:
    """Return what lies in a folder under these names, files and folders, as a zip; all else there is left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            inside = path.relative_to(folder)
            if inside.parts[0] in names:
                way = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
                archive.write(path, inside, compress_type=way)
    return out.getvalue()
