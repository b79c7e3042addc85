"""The folder or bucket a cache lies in: its files by name, none outside of it, and what went wrong in one sentence."""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.errors import CacheError, InputError
from app.files import put, sweep
from app.files.addresses import shown, storage_options

_ID = re.compile(r"[.-](\d{8}T\d{6})-[0-9a-f]{8}(\.zarr)?(\.json|\.part)?$")


class CachePlace:
    """What lies under an fsspec URL; names are those inside of it, with ``/`` between folder and file."""

    def __init__(self, url: str) -> None:
        from fsspec.core import url_to_fs

        self.url = url
        with self.said("opened"):
            self._fs, self._root = url_to_fs(url, use_listings_cache=False, **storage_options(url))
        self._local = "file" in self._fs.protocol

    @contextmanager
    def said(self, done: str) -> Iterator[None]:
        """Turn what file systems and services raise into one CacheError: the cache cannot be ``done``."""
        try:
            yield
        except (CacheError, InputError):
            raise
        except Exception as error:
            reason = getattr(error, "strerror", None) or str(error).splitlines()[0] if str(error) else ""
            raise CacheError(
                f"The cache {shown(self.url)} cannot be {done} ({reason or type(error).__name__}). "
                "Check that SCARP_CACHE names a folder or bucket that exists and may be written."
            ) from error

    def path(self, name: str) -> str:
        """Return where a name lies; raises CacheError for one that leads out, so that nothing there is met."""
        if {"", ".", ".."} & set(name.split("/")) or "\\" in name:
            raise CacheError(f"The cache {shown(self.url)} holds the name {name[:80]!r}, which leads out of it.")
        return f"{self._root}/{name}"

    def exists(self, name: str) -> bool:
        """Whether there is a file or folder of that name."""
        return self._fs.exists(self.path(name))

    def head(self, name: str, most: int) -> bytes | None:
        """Return the first ``most`` bytes of a file, None where it is not there or is none of the cache's own."""
        if self._local and not _is_own_file(self.path(name), self.path(name.partition("/")[0])):
            return None
        try:
            return self._fs.cat_file(self.path(name), start=0, end=most)
        except FileNotFoundError:
            return None

    def heads(self, most: Mapping[str, int]) -> dict[str, bytes | None]:
        """Return the first bytes of many files, name -> how many at the most; None as ``head`` has it."""
        if not self._fs.async_impl:
            return {name: self.head(name, count) for name, count in most.items()}
        paths = {self.path(name): name for name in most}  # all at once: one by one, each would wait for the one before
        found = dict(zip(paths, self._fs.cat_ranges([*paths], [0] * len(paths), [*most.values()]), strict=True))
        for value in found.values():
            if isinstance(value, Exception) and not isinstance(value, FileNotFoundError):
                raise value
        return {name: found[path] if isinstance(found[path], bytes) else None for path, name in paths.items()}

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files by name; who lists the place meanwhile may meet half of them."""
        self._fs.pipe({self.path(name): content for name, content in files.items()})

    def publish(self, name: str, content: bytes) -> None:
        """Write one file so that it is there whole or not at all."""
        path = self.path(name)
        if not self._local:  # object stores show an object only once it is whole
            self._fs.pipe_file(path, content)
            return
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        put(Path(path), content)

    def put_aside(self, name: str, beside: str, content: bytes) -> None:
        """Write ``content`` as the file ``beside`` and take ``name`` away; FileNotFoundError where it is gone."""
        self._fs.makedirs(self.path(beside.rpartition("/")[0]), exist_ok=True)
        self._fs.pipe_file(self.path(beside), content)
        self._fs.rm_file(self.path(name))

    def remove(self, name: str) -> None:
        """Delete a file, unless it is gone already."""
        with suppress(FileNotFoundError):
            self._fs.rm_file(self.path(name))

    def discard(self, *names: str) -> None:
        """Delete files and folders that are of no more use; what cannot be deleted is left for the next tidying."""
        for name in names:
            with suppress(Exception):
                self._fs.rm(self.path(name), recursive=True)

    def touch(self, name: str) -> bool:
        """Make a mark; returns whether it could be made, for that is no reason to lose a patch."""
        with suppress(Exception):
            self._fs.makedirs(self.path(name.rpartition("/")[0]), exist_ok=True)
            self._fs.touch(self.path(name), truncate=True)
            return True
        return False

    def infos(self, folder: str) -> list[dict]:
        """Return what the file system says of each thing in a folder; nothing where there is no folder."""
        try:
            return self._fs.ls(self.path(folder), detail=True)
        except FileNotFoundError:
            if self._fs.exists(self.path(folder)):  # a file went while its folder was listed
                raise
            return []

    def names(self, folder: str) -> list[str]:
        """Return what lies in a folder, without the folder's name."""
        return [base(info["name"]) for info in self.infos(folder)]

    def times(self, folder: str) -> dict[str, datetime]:
        """Return when each thing in a folder was last written, in UTC."""
        return {base(info["name"]): modified(info) for info in self.infos(folder)}

    def sweep(self, folder: str) -> None:
        """Remove half-written files that processes of this machine left in a folder."""
        if self._local:
            sweep(Path(self.path(folder)))


def unique() -> str:
    """Return a name that no other process gives, which says when it was made."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def age_s(name: str) -> float:
    """Return the seconds since a name that ends with ``unique()`` was made; endless for any other name."""
    match = _ID.search(name)
    if match is None:
        return float("inf")
    made = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return (datetime.now(UTC) - made).total_seconds()


def without_unique(name: str) -> str:
    """Return what stands before ``unique()`` in a name."""
    return _ID.sub("", name)


def base(path: str) -> str:
    """Return the last part of a path."""
    return path.rstrip("/").rpartition("/")[2]


def modified(info: Mapping[str, Any]) -> datetime:
    """Return the time of a listed file; each file system names it in its own way."""
    when = info.get("mtime") or info.get("LastModified") or info.get("created") or 0.0
    if isinstance(when, datetime):
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(when), UTC)


def _is_own_file(path: str, root: str) -> bool:
    """Whether a path is a plain file, reached without a link below ``root``: a device has no end."""
    import os
    import stat

    below = os.path.relpath(path, root).split(os.sep)
    steps = [os.path.join(root, *below[:count]) for count in range(1, len(below) + 1)]
    try:
        kinds = [os.lstat(step).st_mode for step in steps]
    except OSError:
        return False
    return all(map(stat.S_ISDIR, kinds[:-1])) and stat.S_ISREG(kinds[-1])
