"""Many files as one: what is written into a folder, zipped for a browser to keep."""

import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

_PACKED = (".tif", ".gif", ".png", ".zip", ".pdf")  # compressed already


def zipped(fill: Callable[[Path], object]) -> bytes:
    """Return all that ``fill`` writes into the folder it is given, as a zip; folders in it stay folders."""
    out = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="scarp-") as held, zipfile.ZipFile(out, "w") as archive:
        folder = Path(held)
        fill(folder)
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            way = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
            archive.write(path, path.relative_to(folder), compress_type=way)
    return out.getvalue()
