"""What a Zarr group says of itself, looked at as bounded JSON before zarr opens any of it.

zarr runs the codecs that a group's metadata names, makes arrays as large as it declares and
unpacks whatever a chunk holds. A group may be anybody's, so all three are held against what a
patch can be: plain numbers, codecs that only pack, and sizes within the limit of ``app.limits``.
"""

import json
import math
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app import limits
from app.errors import PatchFileError
from app.stored import unpacking

# format 2 names one compressor, format 3 one of its codecs; each says or shows what it unpacks to
PACKERS = ("blosc", "zstd", "lz4", "zlib", "gzip", "bz2")
FILTERS = ("delta", "fixedscaleoffset", "quantize", "bitround", "shuffle")
CODECS = ("bytes", "transpose", "crc32c")  # of format 3, beside its packers
MOST_FILES = 200_000
_MOST_JSON_BYTES = 32_000_000
_METADATA = (".zarray", ".zattrs", ".zgroup", ".zmetadata", "zarr.json")
_TYPE_2 = re.compile(r"[<>|=]?([biufMmSU])(\d{1,6})(\[\d{0,6}[A-Za-z]{1,3}\])?")
_TYPE_3 = re.compile(r"(bool|int|uint|float)(8|16|32|64)?")


@dataclass(frozen=True)
class Layout:
    """What the metadata of one array comes to."""

    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    kind: str  # numpy's letter
    itemsize: int  # bytes of a value as stored
    packer: str  # empty: not packed
    filled: bool  # whether a fill value is declared, which xarray takes for nodata

    @property
    def chunk_bytes(self) -> int:
        """Bytes of one whole chunk, unpacked."""
        return math.prod(self.chunks) * self.itemsize

    def nbytes(self, attrs: Mapping[str, object]) -> int:
        """Bytes of the array as xarray will hold it: whole numbers with nodata or a scale become floats."""
        size = self.itemsize
        if self.kind in "iu" and " since " in str(attrs.get("units", "")):
            size = 8
        elif self.kind in "iu" and (self.filled or {"scale_factor", "add_offset", "_FillValue"} & set(attrs)):
            size = 4 if size <= 2 and "add_offset" not in attrs else 8
        return math.prod(self.shape) * size


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their path inside it, in memory; at most what a patch may take.

    Raises PatchFileError where there is a link or a device among them, which could lead anywhere,
    and InputError where they are larger together than may be read.
    """
    sizes: dict[str, int] = {}
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(place, name)
            status = path.lstat()
            if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
                raise PatchFileError(
                    f"{folder.name} holds {path.relative_to(folder)}, a link or device that may lead out of it; "
                    "copy the group with its links followed (cp -rL) if you know where they lead."
                )
            if stat.S_ISREG(status.st_mode):
                sizes[path.relative_to(folder).as_posix()] = status.st_size
        if len(sizes) > MOST_FILES:
            raise PatchFileError(f"{folder.name} holds over {MOST_FILES:,} files, more than any patch; choose another.")
    limits.require_bearable(sum(sizes.values()), folder.name)
    return {name: _first(folder / name, size) for name, size in sizes.items()}


def require_plain(files: Mapping[str, bytes], name: str) -> None:
    """Raise unless the group of these files can be opened without running, making or unpacking too much.

    Raises PatchFileError where a codec or type is not among those allowed or a chunk unpacks to
    more than its array declares, and InputError where the arrays together are over the limit.
    """
    layouts: dict[str, Layout] = {}
    attrs: dict[str, dict[str, object]] = {}
    for path, document in _documents(files, name):
        array, _, file = path.rpartition("/")
        if file == ".zattrs" or (file == "zarr.json" and isinstance(document.get("attributes"), dict)):
            attrs.setdefault(array, {}).update(document if file == ".zattrs" else document["attributes"])
        if file == ".zarray" or (file == "zarr.json" and document.get("node_type") == "array"):
            layout = _layout(document, f"{name}, array {array or '/'}", 2 if file == ".zarray" else 3)
            if layouts.setdefault(array, layout) != layout:
                raise PatchFileError(f"{name} describes its array {array} in two ways; write it again.")
    _require_bearable(layouts, attrs, name)
    _require_honest_chunks(files, layouts, name)


def _first(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _documents(files: Mapping[str, bytes], name: str) -> Iterator[tuple[str, dict]]:
    """Yield each piece of metadata under the path it speaks of, those gathered in one file too."""
    for path, content in files.items():
        folder, _, file = path.rpartition("/")
        if file not in _METADATA:
            continue
        document = _json(content, f"{path} in {name}")
        gathered = document
        if file == "zarr.json":
            yield path, document
            gathered = document.get("consolidated_metadata") or {}
        elif file != ".zmetadata":
            yield path, document
            continue
        prefix = f"{folder}/" if folder else ""
        for inner, part in _object(gathered.get("metadata") or {}, path).items():
            yield prefix + (inner if file == ".zmetadata" else f"{inner}/zarr.json"), _object(part, path)


def _json(content: bytes, where: str) -> dict:
    if len(content) > _MOST_JSON_BYTES:
        raise PatchFileError(f"{where} is too long to be the metadata of a patch.")
    try:
        return _object(json.loads(content), where)
    except (ValueError, RecursionError) as error:
        raise PatchFileError(f"{where} is not readable as JSON ({type(error).__name__}).") from error


def _object(value: object, where: str) -> dict:
    if not isinstance(value, dict):
        raise PatchFileError(f"{where} is not the metadata of a Zarr group.")
    return value


def _layout(document: dict, where: str, version: int) -> Layout:
    try:
        return _layout_2(document, where) if version == 2 else _layout_3(document, where)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PatchFileError(f"{where}: its metadata is not that of a Zarr array; write it again.") from error


def _layout_2(document: dict, where: str) -> Layout:
    found = _TYPE_2.fullmatch(document["dtype"]) if isinstance(document["dtype"], str) else None
    if found is None:
        raise _refused(where, f"values of type {document['dtype']}", "numbers and dates")
    for one in document.get("filters") or ():
        wrong = [one.get(key) for key in ("dtype", "astype") if not _TYPE_2.fullmatch(one.get(key) or "f4")]
        if one["id"] not in FILTERS or wrong:
            raise _refused(where, f"the filter {one['id']}", ", ".join(FILTERS))
    packer = (document.get("compressor") or {"id": ""})["id"]
    if packer not in ("", *PACKERS):
        raise _refused(where, f"the codec {packer}", ", ".join(PACKERS))
    shape, chunks = _sides(document["shape"], document["chunks"])
    filled = document.get("fill_value") is not None
    itemsize = max(1, int(found[2])) * (4 if found[1] == "U" else 1)
    return Layout(shape, chunks, found[1], itemsize, packer, filled)


def _layout_3(document: dict, where: str) -> Layout:
    found = _TYPE_3.fullmatch(document["data_type"]) if isinstance(document["data_type"], str) else None
    if found is None:
        raise _refused(where, f"values of type {document['data_type']}", "numbers")
    packers = []
    for codec in document["codecs"]:
        known = codec if isinstance(codec, str) else codec["name"]
        if known not in (*CODECS, *PACKERS):
            raise _refused(where, f"the codec {known}", ", ".join((*CODECS, *PACKERS)))
        packers += [known] * (known in PACKERS)
    if len(packers) > 1 or document.get("storage_transformers"):
        raise _refused(where, "data packed more than once", "one codec")
    if document["chunk_grid"]["name"] != "regular":
        raise _refused(where, "an irregular grid of chunks", "a regular one")
    shape, chunks = _sides(document["shape"], document["chunk_grid"]["configuration"]["chunk_shape"])
    kind = {"bool": "b", "int": "i", "uint": "u", "float": "f"}[found[1]]
    return Layout(shape, chunks, kind, int(found[2] or 8) // 8, packers[0] if packers else "", filled=False)


def _sides(shape: list, chunks: list) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if len(shape) != len(chunks) or not all(type(side) is int for side in (*shape, *chunks)):
        raise ValueError("shape and chunks do not go together")
    if min(shape, default=0) < 0 or min(chunks, default=1) < 1:
        raise ValueError("sides below zero")
    return tuple(shape), tuple(chunks)


def _refused(where: str, what: str, allowed: str) -> PatchFileError:
    return PatchFileError(f"{where}: {str(what)[:100]} is not opened, only {allowed}; write it again with one of them.")


def _require_bearable(layouts: Mapping[str, Layout], attrs: Mapping[str, dict], name: str) -> None:
    whole = sum(layout.nbytes(attrs.get(array, {})) for array, layout in layouts.items())
    largest = max((layout.chunk_bytes for layout in layouts.values()), default=0)
    limits.require_bearable(max(whole, largest), name)
    chunks = sum(
        math.prod(-(-side // step) for side, step in zip(layout.shape, layout.chunks, strict=True))
        for layout in layouts.values()
    )
    if chunks > MOST_FILES:
        raise PatchFileError(f"{name} is cut into {chunks:,} chunks, more than any patch; write it with larger ones.")


def _require_honest_chunks(files: Mapping[str, bytes], layouts: Mapping[str, Layout], name: str) -> None:
    for path, content in files.items():
        layout = _layout_over(path, layouts)
        if layout is None or path.rpartition("/")[2] in _METADATA:
            continue
        most = layout.chunk_bytes // layout.itemsize * max(layout.itemsize, 8) + 1024  # a filter may widen values
        if not unpacking.at_most(content, layout.packer, most):
            raise PatchFileError(f"{path} in {name} unpacks to more than its array declares; the file is not opened.")


def _layout_over(path: str, layouts: Mapping[str, Layout]) -> Layout | None:
    """Return the layout of the array in whose folder a file lies, however deep."""
    while path:
        path = path.rpartition("/")[0]
        if path in layouts:
            return layouts[path]
    return None
