"""Every patch once: opened from the cache, or from its source and then kept."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import xarray as xr

from app import config, limits
from app.cache.zarr_store import ListedEntry, Store, Verification
from app.errors import CacheError, SourceError
from app.files import digest
from app.patches import PatchSpec, Progress, is_simulated, no_progress
from app.sources import open_source
from app.values import plausible

_log = logging.getLogger(__name__)
_fetches: dict[str, tuple[threading.Lock, int]] = {}  # key -> its lock, how many hold or await it
_fetches_lock = threading.Lock()


def load(spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
    """Return the patch that ``spec`` names, in memory, from the cache or else from its source.

    What is fetched is kept for the next time; where it cannot be kept, a warning is logged
    and the patch returned all the same. Threads asking for the same patch fetch it once.
    What is to be doubted of it is among its warnings, looked for anew at every opening.
    Raises what the source raises (SourceError, BandMissingError), InputError for a patch over the
    limit of memory before anything is asked for, and Cancelled from progress.
    """
    require_bearable(spec)
    return plausible.told(_opened(spec, progress))


def _opened(spec: PatchSpec, progress: Progress) -> xr.Dataset:
    key = _key(spec)
    if key is None:
        return open_source(spec.source).open(spec, progress)
    patch = _read(key)
    if patch is not None:
        return patch
    with _only_fetch(key, progress):
        patch = _read(key)
        if patch is None:
            patch = open_source(spec.source).open(spec, progress)
            _keep(key, spec, patch)
        return patch


def require_bearable(spec: PatchSpec) -> None:
    """Raise InputError, in a sentence that says what to change, where the patch would take more than one may."""
    height, width = spec.grid.shape
    what = f"A patch of {width} x {height} pixels and {len(spec.bands)} bands"
    limits.require_bearable(spec.nbytes, what)


def cached(spec: PatchSpec) -> bool:
    """Whether ``load`` would find the patch without its source; False for sources not cached."""
    key = _key(spec)
    try:
        return key is not None and store().has(key)
    except CacheError as error:
        _log.warning("%s", error)
        return False


def entries() -> tuple[ListedEntry, ...]:
    """Return what the cache holds, most recently used first. Raises CacheError."""
    return store().entries()


def verify(progress: Progress = no_progress) -> Verification:
    """Check every file of the cache; what is damaged is set aside and fetched anew when asked for.

    Raises CacheError where the cache cannot be read, and Cancelled from progress.
    """
    return store().verify(progress)


def clear(source: str | None = None, event_id: str | None = None) -> tuple[int, int]:
    """Delete entries, all or those of a source or event; return how many went and their bytes.

    An entry that is being read stays. Raises CacheError.
    """
    chosen = [
        each for each in entries() if source in (None, each.entry.source) and event_id in (None, each.entry.event_id)
    ]
    removed = [each.entry.nbytes for each in chosen if store().remove(each)]
    if source is None and event_id is None:
        store().remove_damaged()
    return len(removed), sum(removed)


def store() -> Store:
    """Return the cache the settings name."""
    settings = config.settings()
    return _store(settings.cache_url, settings.cache_gb * 1e9)


@lru_cache(maxsize=4)
def _store(url: str, limit_bytes: float) -> Store:
    return Store(url, limit_bytes)


def _key(spec: PatchSpec) -> str | None:
    """Return the entry's name, None where the source is as quick as a cache would be."""
    try:
        info = open_source(spec.source).describe()
    except SourceError:
        return spec.key  # not installed here: what was fetched before can still be opened
    if not info.cacheable:
        return None
    if not info.variant:
        return spec.key
    return digest(f"{spec.key} {info.variant}")[:20]


def _read(key: str) -> xr.Dataset | None:
    try:
        patch = store().read(key)
        return None if patch is None else _titled(patch)
    except CacheError as error:
        _log.warning("%s The patch is taken from its source.", error)
        return None


def _titled(patch: xr.Dataset) -> xr.Dataset:
    """Return a kept patch with the title it would get now: earlier versions did not mark a simulated one in it."""
    title = str(patch.attrs.get("title", ""))
    if not is_simulated(patch) or "SIMULATED" in title:
        return patch
    return patch.assign_attrs(title=f"SIMULATED {title}")


def _keep(key: str, spec: PatchSpec, patch: xr.Dataset) -> None:
    try:
        store().publish(key, spec, patch)
    except CacheError as error:
        _log.warning("%s The patch is used without being kept.", error)


@contextmanager
def _only_fetch(key: str, progress: Progress) -> Iterator[None]:
    """Let one thread at a time fetch a key; who waits can still cancel."""
    with _fetches_lock:
        lock, count = _fetches.get(key, (threading.Lock(), 0))
        _fetches[key] = lock, count + 1
    try:
        while not lock.acquire(timeout=0.2):
            progress(0.0, "waiting for the same patch, which is being fetched already")
        try:
            yield
        finally:
            lock.release()
    finally:
        with _fetches_lock:
            count = _fetches[key][1] - 1
            if count:
                _fetches[key] = lock, count
            else:
                del _fetches[key]
