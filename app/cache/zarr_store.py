"""Where cached patches lie: published whole, checked when read, evicted when long unused.

entries/KEY.json      the manifest of an entry, written last: without it nothing counts
data/KEY-ID.zarr/     its Zarr group, never changed once written
used/KEY              touched at each reading
held/KEY.ID           there while somebody reads
damaged/KEY-ID.json   the manifest of an entry set aside
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import xarray as xr

from app import limits
from app.cache import entry as cache_entry
from app.cache.entry import DamagedError, Entry
from app.cache.place import CachePlace, age_s, base, modified, unique, without_unique
from app.errors import CacheError, InputError, PatchFileError
from app.patches import PatchSpec, Progress, no_progress
from app.stored import zarr_files

LEASE_S = 900  # a reader's mark older than this belonged to a process that died
LEFTOVER_S = 3600  # files without a manifest are somebody's unfinished work for this long

_log = logging.getLogger(__name__)


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
        self.url, self.limit_bytes, self._place = url, limit_bytes, CachePlace(url)
        self._known: dict[tuple[str, str], Entry | None] = {}  # (manifest, its state) -> what it says
        self._tidied = False

    def has(self, key: str) -> bool:
        """Whether an entry of that key is published; its files are checked when it is read."""
        with self._place.said("read"):
            return self._place.exists(_manifest(key))

    def read(self, key: str) -> xr.Dataset | None:
        """Return the patch in memory, or None where there is none or it was damaged; InputError over the limit.

        A damaged entry is set aside and a warning logged, so that it is fetched again.
        """
        with self._place.said("read"), self._holding(key):
            entry = self._entry_or_set_aside(key)
            if entry is None:
                return None
            try:
                patch = self._load(entry)
            except DamagedError as error:
                self._set_aside(entry.key, str(error))
                return None
            self._place.touch(f"used/{key}")
            return patch

    def publish(self, key: str, spec: PatchSpec, patch: xr.Dataset) -> None:
        """Store the patch; it appears whole or not at all, and an entry already there stays.

        Raises CacheError where the cache cannot be written.
        """
        with self._place.said("written"):
            files = zarr_files.to_files(patch)
            entry = cache_entry.describe(key, f"{key}-{unique()}.zarr", spec, patch, files)
            if entry.nbytes > self.limit_bytes:
                raise CacheError(
                    f"Patch {key} takes {entry.nbytes / 1e9:.2f} GB, more than the whole cache may hold "
                    f"({self.limit_bytes / 1e9:.2f} GB). Raise SCARP_CACHE_GB to keep it."
                )
            self._write(entry, files)
            self._place.touch(f"used/{key}")
            self._evict(keep=key)

    def entries(self) -> tuple[ListedEntry, ...]:
        """Return what is published, most recently used first."""
        with self._place.said("read"):
            used = self._place.times("used")
            listed = []
            for entry in self._entries():
                when = used.get(entry.key, datetime.fromisoformat(entry.created))
                listed.append(ListedEntry(entry, when, self._place.path(_location(entry))))
            return tuple(sorted(listed, key=lambda each: each.used, reverse=True))

    def verify(self, progress: Progress = no_progress) -> Verification:
        """Read every file of every entry, set aside what is damaged, remove leftovers."""
        whole, damaged = [], {}
        with self._place.said("read"):
            keys = [_key_of(info["name"]) for info in self._manifests()]
        for done, key in enumerate(keys):
            progress(done / len(keys), f"checking {key}")
            with self._place.said("read"), self._holding(key):
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
        with self._place.said("cleared"):
            if listed.entry.key in self._held():
                return False
            self._delete(listed.entry)
            return True

    def remove_damaged(self) -> int:
        """Delete what was set aside and leftovers; return how many entries that was."""
        with self._place.said("cleared"):
            names = self._place.names("damaged")
            for name in names:
                self._place.discard(f"data/{name.removesuffix('.json')}.zarr", f"damaged/{name}")
            self._tidy()
            return len(names)

    # One entry

    def _entry(self, key: str) -> Entry | None:
        content = self._manifest_content(key)
        return _entry_of(key, content) if content is not None else None

    def _manifest_content(self, key: str) -> bytes | None:
        """Return a manifest's bytes, None where it is none; of one too long to be one, the first part."""
        return self._place.head(_manifest(key), cache_entry.MOST_MANIFEST_BYTES)

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
        folder = _location(entry)
        found = self._place.heads({f"{folder}/{name}": entry.files[name][0] + 1 for name in names})  # + 1: it grew
        return {name.removeprefix(f"{folder}/"): content for name, content in found.items()}

    def _write(self, entry: Entry, files: Mapping[str, bytes]) -> None:
        folder = _location(entry)
        try:
            self._place.write({f"{folder}/{name}": content for name, content in files.items()})
            if self._entry_or_set_aside(entry.key) is not None:  # another writer was quicker
                self._place.discard(f"data/{entry.data}")
                return
            self._place.publish(_manifest(entry.key), cache_entry.to_json(entry))
        except BaseException:
            self._place.discard(f"data/{entry.data}")
            raise

    def _set_aside(self, key: str, reason: str) -> None:
        """Take an entry out of use and keep it for a look; readers find nothing from now on."""
        _log.warning("Cache entry %s is damaged (%s); it is set aside and fetched again.", key, reason)
        with suppress(FileNotFoundError):
            content = self._manifest_content(key) or b""
            data = f"{key}-{unique()}"
            with suppress(DamagedError):
                entry = _entry_of(key, content)
                data = entry.data.removesuffix(".zarr") if entry else data
            self._place.put_aside(_manifest(key), f"damaged/{data}.json", content)

    def _delete(self, entry: Entry) -> None:
        self._place.remove(_manifest(entry.key))
        self._place.discard(f"data/{entry.data}", f"used/{entry.key}")

    # The whole cache

    def _manifests(self) -> list[dict]:
        infos = ((base(info["name"]), info) for info in self._place.infos("entries"))
        # a backslash is in no name that Scarp gives, and leads out of the folder on Windows
        return [
            info for name, info in infos if name.endswith(".json") and not name.startswith(".") and "\\" not in name
        ]

    def _entries(self) -> list[Entry]:
        """Return the readable entries, reading only the manifests that are new."""
        known, found = self._known, {}
        for info in self._manifests():
            state = (info["name"], f"{info.get('ETag') or info.get('ino')} {modified(info)}")
            found[state] = known[state] if state in known else self._readable(info["name"])
        self._known = found
        return [entry for entry in found.values() if entry is not None]

    def _readable(self, manifest: str) -> Entry | None:
        key = _key_of(manifest)
        content = self._manifest_content(key)
        try:
            return _entry_of(key, content) if content is not None else None
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
                self._delete(each.entry)
                total -= each.entry.nbytes
                _log.info("Evicted cache entry %s, last used %s.", each.entry.key, each.used)

    def _tidy(self) -> int:
        """Remove what processes that died left behind; return how many unfinished entries."""
        entries = self._entries()
        kept = {entry.data for entry in entries}
        kept |= {name.removesuffix(".json") + ".zarr" for name in self._place.names("damaged")}
        # A manifest that says nothing to this version of Scarp may say something to another.
        unread = {_key_of(info["name"]) for info in self._manifests()} - {entry.key for entry in entries}
        left = [
            name
            for name in self._place.names("data")
            if name not in kept and without_unique(name) not in unread and age_s(name) > LEFTOVER_S
        ]
        for name in left:
            self._place.discard(f"data/{name}")
        for name in self._place.names("held"):
            if age_s(name) > LEASE_S:
                self._place.discard(f"held/{name}")
        for name in self._place.names("entries"):
            if name.endswith(".part") and age_s(name) > LEFTOVER_S:  # as earlier versions called theirs
                self._place.discard(f"entries/{name}")
        self._place.sweep("entries")
        return len(left)

    def _held(self) -> set[str]:
        return {name.partition(".")[0] for name in self._place.names("held") if age_s(name) <= LEASE_S}

    @contextmanager
    def _holding(self, key: str) -> Iterator[None]:
        """Keep an entry from eviction while it is read; a cache that is only readable needs none."""
        mark = f"held/{key}.{unique()}"
        marked = self._place.touch(mark)
        try:
            yield
        finally:
            if marked:
                self._place.discard(mark)


def _entry_of(key: str, manifest: bytes) -> Entry | None:
    """Return what a manifest found under a key says; raises DamagedError where it speaks of another entry."""
    entry = cache_entry.from_json(manifest)
    if entry is not None and entry.key != key:
        raise DamagedError("its manifest is another entry's")
    return entry


def _location(entry: Entry) -> str:
    return f"data/{entry.data}"


def _manifest(key: str) -> str:
    return f"entries/{key}.json"


def _key_of(manifest: str) -> str:
    return base(manifest).removesuffix(".json")
