"""A patch as the files of a Zarr group in memory: format 2, readable by zarr 2 and zarr 3 alike."""

from collections.abc import Iterable, Mapping
from typing import Any

import xarray as xr

from app.stored import zarr_checks

CHUNK_PX = 1024


def to_files(patch: xr.Dataset) -> dict[str, bytes]:
    """Return the files of the patch's Zarr group, consolidated, by their path inside the group.

    The patch is compressed as it is; nothing touches a disk, so that whoever stores the files
    can count and check them first.
    """
    store = _new_store()
    # Empty chunks are written too: zarr 3 would leave out an all-clear CLM, and zarr 2, which
    # finds no fill value for it, would then show whatever its memory holds.
    patch.to_zarr(store, mode="w", zarr_format=2, consolidated=True, write_empty_chunks=True, encoding=_encoding(patch))
    held = store if isinstance(store, dict) else store._store_dict
    files = {}
    while held:  # emptied as it is read: the compressed patch is not held twice
        name, value = held.popitem()
        files[name] = value if isinstance(value, bytes) else value.to_bytes()
    return files


def from_files(files: Mapping[str, bytes], name: str = "the patch", consolidated: bool | None = True) -> xr.Dataset:
    """Return the patch, in memory, whose ``needed`` files are given; all of it is looked through first.

    Raises PatchFileError for what no patch holds (see ``zarr_checks``), InputError for one that is
    over the limit, and whatever zarr and its codecs raise. ``consolidated`` None takes any group.
    """
    zarr_checks.require_plain(files, name)
    with xr.open_zarr(_store_of(files), consolidated=consolidated, chunks=None, decode_coords="all") as opened:
        return opened.load()


def needed(names: Iterable[str]) -> list[str]:
    """Return those of a group's files that ``from_files`` reads.

    The consolidated metadata says what the metadata of each array says, so that a third of
    the requests to a remote store can be spared.
    """
    return [name for name in names if "/" not in name or not name.rpartition("/")[2].startswith(".z")]


def _encoding(patch: xr.Dataset) -> dict[str, dict[str, object]]:
    from numcodecs import Blosc

    compressor = Blosc("lz4", clevel=5, shuffle=Blosc.SHUFFLE)  # opens in half of zstd's time, 8 % larger
    key = "compressors" if _is_zarr_3() else "compressor"
    encoding: dict[str, dict[str, object]] = {}
    for name, variable in patch.data_vars.items():
        chunks = tuple(min(CHUNK_PX, size) if dim in ("y", "x") else 1 for dim, size in variable.sizes.items())
        encoding[str(name)] = {key: compressor, "chunks": chunks}
        if "grid_mapping" in variable.encoding:  # what is named here replaces the variable's own encoding
            encoding[str(name)]["grid_mapping"] = variable.encoding["grid_mapping"]
    return encoding


def _is_zarr_3() -> bool:
    import zarr

    return int(zarr.__version__.partition(".")[0]) >= 3


def _new_store() -> Any:
    if not _is_zarr_3():
        return {}
    from zarr.storage import MemoryStore

    return MemoryStore()


def _store_of(files: Mapping[str, bytes]) -> Any:
    if not _is_zarr_3():
        return dict(files)
    from zarr.core.buffer import default_buffer_prototype
    from zarr.storage import MemoryStore

    buffer = default_buffer_prototype().buffer
    return MemoryStore({name: buffer.from_bytes(value) for name, value in files.items()})
