"""Where a batch writes: a folder or an object store, every file whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from app.errors import BatchError
from app.files import put, unwritable
from app.files.addresses import shown, storage_options

_KNOWN = ("s3", "s3a", "file", "local", "memory")


class Outputs:
    """A folder, or a prefix such as ``s3://bucket/prefix``; any number of processes may use it at once.

    Names are relative, with ``/`` between their parts. Everything raises BatchError, in one sentence, where the place
    cannot be used.
    """

    def __init__(self, url: str) -> None:
        scheme = url.partition("://")[0] if "://" in url else "file"
        if scheme not in _KNOWN:
            raise BatchError(f"{shown(url)} is no place a batch can write to; give a folder or s3://bucket/prefix.")
        self.url = url.rstrip("/") if "://" in url else str(Path(url).expanduser().absolute())
        self.local = scheme in ("file", "local")

    def __reduce__(self) -> tuple[type["Outputs"], tuple[str]]:
        return Outputs, (self.url,)  # another process opens its own connection

    def __str__(self) -> str:
        return shown(self.url)

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs

        with self._said("opened"):
            return url_to_fs(self.url, use_listings_cache=False, **storage_options(self.url))

    @property
    def folder(self) -> Path:
        """The folder on this machine; only of a ``local`` place."""
        return Path(self._opened[1])

    def require_writable(self) -> None:
        """Raise BatchError unless files can be written here."""
        if self.local:
            why = unwritable(self.folder)
            if why:
                raise BatchError(f"{self} cannot be written ({why}); name another --out.")
            return
        self.put(".writable", b"")
        self.remove(".writable")

    def put(self, name: str, data: bytes) -> None:
        """Put a file in place, instead of one that is there; it appears whole or not at all."""
        with self._said("written"):
            if self.local:
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                put(path, data)
            else:
                self._opened[0].pipe_file(self._path(name), data)

    def create(self, name: str, data: bytes) -> bool:
        """Put a file in place unless one is there already; returns whether it was put. One of many callers succeeds."""
        with self._said("written"):
            try:
                if self.local:
                    path = self.folder / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with open(path, "xb") as file:
                        file.write(data)
                else:
                    self._opened[0].pipe_file(self._path(name), data, mode="create")
            except FileExistsError:
                return False
            return True

    def get(self, name: str) -> bytes | None:
        """Return what a file holds, None where there is none."""
        with self._said("read"):
            try:
                return self._opened[0].cat_file(self._path(name))
            except (FileNotFoundError, NotADirectoryError):
                return None

    def names(self, folder: str) -> list[str]:
        """Return the names of the files right inside a folder, in order; none where there is no such folder."""
        with self._said("read"):
            try:
                found = self._opened[0].ls(self._path(folder), detail=False, refresh=True)
            except (FileNotFoundError, NotADirectoryError):
                return []
        return sorted(name for one in found if (name := one.rstrip("/").rpartition("/")[2])[:1] not in ("", "."))

    def remove(self, name: str) -> None:
        """Take a file away; nothing happens where there is none."""
        with self._said("written"), suppress(FileNotFoundError):
            if self.local:
                os.unlink(self.folder / name)
            else:
                self._opened[0].rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._opened[1]}/{name}"

    @contextmanager
    def _said(self, done: str) -> Iterator[None]:
        """Turn what a file system raises into a sentence; botocore's errors are no OSErrors."""
        try:
            yield
        except BatchError:
            raise
        except Exception as error:
            reason = getattr(error, "strerror", None) or str(error).partition("\n")[0][:200] or type(error).__name__
            raise BatchError(
                f"{self} cannot be {done} ({reason}). Check that it exists, is reached and may be written, or name "
                "another --out."
            ) from error
