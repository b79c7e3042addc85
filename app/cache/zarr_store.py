"""Where cached patches lie: published whole, checked when read, evicted when long unused.

entries/KEY.json      the manifest of an entry, written last: without it nothing counts
data/KEY-ID.zarr/     its Zarr group, never changed once written
used/KEY              touched at each reading
held/KEY.ID           there while somebody reads
damaged/KEY-ID.json   the manifest of an entry set aside
"""

import logging
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xarray as xr

from app import limits
from app.cache import entry as cache_entry
from app.cache.entry import DamagedError, Entry
from app.errors import CacheError, InputError, PatchFileError
from app.files import put, sweep
from app.files.addresses import shown, storage_options
from app.patches import PatchSpec, Progress, no_progress
from app.stored import zarr_files

LEASE_S = 900  # a reader's mark older than this belonged to a process that died
LEFTOVER_S = 3600  # files without a manifest are somebody's unfinished work for this long

_log = logging.getLogger(__name__)
_ID = re.compile(r"[.-](\d{8}T\d{6})-[0-9a-f]{8}(\.zarr)?(\.json|\.part)?$")


@dataclass(frozen=True)
class ListedEntry:
    """An entry as ``Store.entries`` lists it."""

    entry: Entry
    used: datetime
    location: str  # the Zarr group, for xarray.open_zarr


@dataclass(frozen=True)
class Verification:
    """What a look at every file of the cache found."""

    whole: tuple[str, ...]  # keys
    damaged: Mapping[str, str]  # key -> what is wrong; these were set aside
    leftovers: int  # unfinished writings removed


class Store:
    """A cache under an fsspec URL; any number of threads and processes may use it at once."""

    def __init__(self, url: str, limit_bytes: float) -> None:
        from fsspec.core import url_to_fs

        self.url, self.limit_bytes = url, limit_bytes
        with self._said("opened"):
            self._fs, self._root = url_to_fs(url, use_listings_cache=False, **storage_options(url))
        self._local = "file" in self._fs.protocol
        self._known: dict[tuple[str, str], Entry | None] = {}  # (manifest, its state) -> what it says
        self._tidied = False

    def has(self, key: str) -> bool:
        """Whether an entry of that key is published; its files are checked when it is read."""
        with self._said("read"):
            return self._fs.exists(self._manifest(key))

    def read(self, key: str) -> xr.Dataset | None:
        """Return the patch in memory, or None where there is none or it was damaged; InputError over the limit.

        A damaged entry is set aside and a warning logged, so that it is fetched again.
        """
        with self._said("read"), self._holding(key):
            entry = self._entry_or_set_aside(key)
            if entry is None:
                return None
            try:
                patch = self._load(entry)
            except DamagedError as error:
                self._set_aside(entry.key, str(error))
                return None
            self._touch(f"used/{key}")
            return patch

    def publish(self, key: str, spec: PatchSpec, patch: xr.Dataset) -> None:
        """Store the patch; it appears whole or not at all, and an entry already there stays.

        Raises CacheError where the cache cannot be written.
        """
        with self._said("written"):
            files = zarr_files.to_files(patch)
            entry = cache_entry.describe(key, f"{key}-{_unique()}.zarr", spec, patch, files)
            if entry.nbytes > self.limit_bytes:
                raise CacheError(
                    f"Patch {key} takes {entry.nbytes / 1e9:.2f} GB, more than the whole cache may hold "
                    f"({self.limit_bytes / 1e9:.2f} GB). Raise SCARP_CACHE_GB to keep it."
                )
            self._write(entry, files)
            self._touch(f"used/{key}")
            self._evict(keep=key)

    def entries(self) -> tuple[ListedEntry, ...]:
        """Return what is published, most recently used first."""
        with self._said("read"):
            used = self._times("used")
            listed = []
            for entry in self._entries():
                when = used.get(entry.key, datetime.fromisoformat(entry.created))
                listed.append(ListedEntry(entry, when, self._location(entry)))
            return tuple(sorted(listed, key=lambda each: each.used, reverse=True))

    def verify(self, progress: Progress = no_progress) -> Verification:
        """Read every file of every entry, set aside what is damaged, remove leftovers."""
        whole, damaged = [], {}
        with self._said("read"):
            keys = [_key_of(info["name"]) for info in self._manifests()]
        for done, key in enumerate(keys):
            progress(done / len(keys), f"checking {key}")
            with self._said("read"), self._holding(key):
                try:
                    entry = self._entry(key)
                    if entry is not None:
                        cache_entry.check(entry, self._contents(entry, entry.files))
                        whole.append(key)
                except DamagedError as error:
                    self._set_aside(key, str(error))
                    damaged[key] = str(error)
        return Verification(tuple(whole), damaged, self._tidy())

    def remove(self, listed: ListedEntry) -> bool:
        """Delete one entry and its files, unless somebody is reading it."""
        with self._said("cleared"):
            if listed.entry.key in self._held():
                return False
            self._delete(listed.entry, self._manifest(listed.entry.key))
            return True

    def remove_damaged(self) -> int:
        """Delete what was set aside and leftovers; return how many entries that was."""
        with self._said("cleared"):
            names = self._names("damaged")
            for name in names:
                self._discard(f"data/{name.removesuffix('.json')}.zarr", f"damaged/{name}")
            self._tidy()
            return len(names)

    # One entry

    def _entry(self, key: str) -> Entry | None:
        content = self._manifest_content(self._manifest(key))
        return _entry_of(key, content) if content is not None else None

    def _manifest_content(self, path: str) -> bytes | None:
        """Return a manifest's bytes, None where it is none; of one too long to be one, the first part."""
        if self._local and not _is_own_file(path, self._path("entries")):
            return None
        try:
            return self._fs.cat_file(path, start=0, end=cache_entry.MOST_MANIFEST_BYTES)
        except FileNotFoundError:
            return None

    def _entry_or_set_aside(self, key: str) -> Entry | None:
        try:
            return self._entry(key)
        except DamagedError as error:
            self._set_aside(key, str(error))
            return None

    def _load(self, entry: Entry) -> xr.Dataset:
        limits.require_bearable(entry.nbytes, f"Entry {entry.key}")
        found = self._contents(entry, zarr_files.needed(entry.files))
        cache_entry.check(entry, found)
        files = {name: content for name, content in found.items() if content is not None}  # all of them
        try:
            return zarr_files.from_files(files, f"entry {entry.key}")
        except PatchFileError as error:
            raise DamagedError(str(error)) from error
        except InputError:  # whole, and larger than may be opened here
            raise
        except Exception as error:  # zarr and its codecs raise many kinds
            raise DamagedError(f"Zarr cannot read it ({type(error).__name__})") from error

    def _contents(self, entry: Entry, names: Iterable[str]) -> dict[str, bytes | None]:
        """Return the named files of an entry, None for one that is not there."""
        paths = {f"{self._location(entry)}/{name}": name for name in names}
        most = {path: entry.files[name][0] + 1 for path, name in paths.items()}  # one more says that it grew
        if self._fs.async_impl:  # all at once, as the entry's reader would otherwise wait for each
            starts = [0] * len(most)
            found = dict(zip(most, self._fs.cat_ranges(list(most), starts, [*most.values()]), strict=True))
        else:
            found = {path: self._cat(path, most[path]) for path in paths}
        for value in found.values():
            if isinstance(value, Exception) and not isinstance(value, FileNotFoundError):
                raise value
        wanted = ((name, found.get(path)) for path, name in paths.items())
        return {name: value if isinstance(value, bytes) else None for name, value in wanted}

    def _cat(self, path: str, most: int) -> bytes | None:
        """Return the first ``most`` bytes of a file, None where it is not there or is none of the entry's own."""
        if self._local and not _is_own_file(path, self._path("data")):
            return None
        try:
            return self._fs.cat_file(path, start=0, end=most)
        except FileNotFoundError:
            return None

    def _write(self, entry: Entry, files: Mapping[str, bytes]) -> None:
        folder = self._location(entry)
        try:
            self._fs.pipe({f"{folder}/{name}": content for name, content in files.items()})
            if self._entry_or_set_aside(entry.key) is not None:  # another writer was quicker
                self._discard(f"data/{entry.data}")
                return
            self._publish_manifest(entry)
        except BaseException:
            self._discard(f"data/{entry.data}")
            raise

    def _publish_manifest(self, entry: Entry) -> None:
        manifest = self._manifest(entry.key)
        if not self._local:  # object stores show an object only once it is whole
            self._fs.pipe_file(manifest, cache_entry.to_json(entry))
            return
        Path(manifest).parent.mkdir(parents=True, exist_ok=True)
        put(Path(manifest), cache_entry.to_json(entry))

    def _set_aside(self, key: str, reason: str) -> None:
        """Take an entry out of use and keep it for a look; readers find nothing from now on."""
        _log.warning("Cache entry %s is damaged (%s); it is set aside and fetched again.", key, reason)
        manifest = self._manifest(key)
        with suppress(FileNotFoundError):
            content = self._manifest_content(manifest) or b""
            data = f"{key}-{_unique()}"
            with suppress(DamagedError):
                entry = _entry_of(key, content)
                data = entry.data.removesuffix(".zarr") if entry else data
            self._fs.makedirs(self._path("damaged"), exist_ok=True)
            self._fs.pipe_file(self._path(f"damaged/{data}.json"), content)
            self._fs.rm_file(manifest)

    def _delete(self, entry: Entry, manifest: str) -> None:
        with suppress(FileNotFoundError):
            self._fs.rm_file(manifest)
        self._discard(f"data/{entry.data}", f"used/{entry.key}")

    # The whole cache

    def _manifests(self) -> list[dict]:
        infos = ((_base(info["name"]), info) for info in self._infos("entries"))
        return [info for name, info in infos if name.endswith(".json") and not name.startswith(".")]

    def _entries(self) -> list[Entry]:
        """Return the readable entries, reading only the manifests that are new."""
        known, found = self._known, {}
        for info in self._manifests():
            state = (info["name"], f"{info.get('ETag') or info.get('ino')} {_modified(info)}")
            found[state] = known[state] if state in known else self._readable(info["name"])
        self._known = found
        return [entry for entry in found.values() if entry is not None]

    def _readable(self, manifest: str) -> Entry | None:
        content = self._manifest_content(manifest)
        try:
            return _entry_of(_key_of(manifest), content) if content is not None else None
        except DamagedError:
            return None

    def _evict(self, keep: str) -> None:
        """Delete what was set aside, then the longest unused, until the rest fits."""
        if not self._tidied:
            self._tidied = True
            self._tidy()
        listed = self.entries()
        total = sum(each.entry.nbytes for each in listed)
        if total <= self.limit_bytes:
            return
        self.remove_damaged()
        held = {keep, *self._held()}
        for each in reversed(listed):
            if total > self.limit_bytes and each.entry.key not in held:
                self._delete(each.entry, self._manifest(each.entry.key))
                total -= each.entry.nbytes
                _log.info("Evicted cache entry %s, last used %s.", each.entry.key, each.used)

    def _tidy(self) -> int:
        """Remove what processes that died left behind; return how many unfinished entries."""
        entries = self._entries()
        kept = {entry.data for entry in entries}
        kept |= {name.removesuffix(".json") + ".zarr" for name in self._names("damaged")}
        # A manifest that says nothing to this version of Scarp may say something to another.
        unread = {_key_of(info["name"]) for info in self._manifests()} - {entry.key for entry in entries}
        left = [
            name
            for name in self._names("data")
            if name not in kept and _ID.sub("", name) not in unread and _age_s(name) > LEFTOVER_S
        ]
        for name in left:
            self._discard(f"data/{name}")
        for name in self._names("held"):
            if _age_s(name) > LEASE_S:
                self._discard(f"held/{name}")
        for name in self._names("entries"):
            if name.endswith(".part") and _age_s(name) > LEFTOVER_S:  # as earlier versions called theirs
                self._discard(f"entries/{name}")
        if self._local:
            sweep(Path(self._path("entries")))
        return len(left)

    def _held(self) -> set[str]:
        return {name.partition(".")[0] for name in self._names("held") if _age_s(name) <= LEASE_S}

    @contextmanager
    def _holding(self, key: str) -> Iterator[None]:
        """Keep an entry from eviction while it is read; a cache that is only readable needs none."""
        mark = f"held/{key}.{_unique()}"
        marked = self._touch(mark)
        try:
            yield
        finally:
            if marked:
                self._discard(mark)

    # Files

    def _path(self, name: str) -> str:
        """Return the path of a name inside the cache; nothing outside is read, written or deleted."""
        if {"", ".", ".."} & set(name.split("/")) or "\\" in name:
            raise CacheError(f"The cache {shown(self.url)} holds the name {name[:80]!r}, which leads out of it.")
        return f"{self._root}/{name}"

    def _manifest(self, key: str) -> str:
        return self._path(f"entries/{key}.json")

    def _location(self, entry: Entry) -> str:
        return self._path(f"data/{entry.data}")

    def _touch(self, name: str) -> bool:
        with suppress(Exception):  # a mark that cannot be made is no reason to lose a patch
            self._fs.makedirs(self._path(name.rpartition("/")[0]), exist_ok=True)
            self._fs.touch(self._path(name), truncate=True)
            return True
        return False

    def _discard(self, *names: str) -> None:
        for name in names:
            with suppress(Exception):  # gone already, or left for the next tidying
                self._fs.rm(self._path(name), recursive=True)

    def _infos(self, folder: str) -> list[dict]:
        try:
            return self._fs.ls(self._path(folder), detail=True)
        except FileNotFoundError:
            if self._fs.exists(self._path(folder)):  # a file went while its folder was listed
                raise
            return []

    def _names(self, folder: str) -> list[str]:
        return [_base(info["name"]) for info in self._infos(folder)]

    def _times(self, folder: str) -> dict[str, datetime]:
        return {_base(info["name"]): _modified(info) for info in self._infos(folder)}

    @contextmanager
    def _said(self, done: str) -> Iterator[None]:
        """Turn what file systems and services raise into one sentence."""
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


def _entry_of(key: str, manifest: bytes) -> Entry | None:
    """Return what a manifest found under a key says; raises DamagedError where it speaks of another entry."""
    entry = cache_entry.from_json(manifest)
    if entry is not None and entry.key != key:
        raise DamagedError("its manifest is another entry's")
    return entry


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


def _unique() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def _age_s(name: str) -> float:
    """Return the seconds since a name made with ``_unique``; endless for any other name."""
    match = _ID.search(name)
    if match is None:
        return float("inf")
    made = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return (datetime.now(UTC) - made).total_seconds()


def _base(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _key_of(manifest: str) -> str:
    return _base(manifest).removesuffix(".json")


def _modified(info: Mapping[str, Any]) -> datetime:
    """Return the time of a listed file; each file system names it in its own way."""
    when = info.get("mtime") or info.get("LastModified") or info.get("created") or 0.0
    if isinstance(when, datetime):
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(when), UTC)
