"""Every patch once: opened from the cache, or from its source and then kept."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

import xarray as xr

from app import config, limits
from app.bands import CLOUD_MASK, HEIGHT
from app.cache import mended
from app.cache.zarr_store import ListedEntry, Store, Verification
from app.errors import CacheError, SourceError
from app.files import digest
from app.patches import PatchSpec, Progress, is_simulated, no_progress, with_warnings
from app.sources import open_heights, open_source
from app.sources.own import records
from app.sources.scenes import SceneInfo, source_of_scenes
from app.terrain import correction
from app.terrain.heights import Heights, as_dataset, heights_in, onto
from app.values import plausible

Opening = Callable[[PatchSpec, Progress], xr.Dataset]

_log = logging.getLogger(__name__)
_fetches: dict[str, tuple[threading.Lock, int]] = {}  # key -> its lock, how many hold or await it
_fetches_lock = threading.Lock()
_MOSTLY = 0.9  # of the wait is for the scenes, where heights come along


def from_source(spec: PatchSpec, progress: Progress) -> xr.Dataset:
    """Open a pair as its source does."""
    return open_source(spec.source).open(spec, progress)


def load(spec: PatchSpec, progress: Progress = no_progress, opening: Opening = from_source) -> xr.Dataset:
    """Return the patch that ``spec`` names, in memory, from the cache or else from its source.

    What is fetched is kept for the next time; where it cannot be kept, a warning is logged
    and the patch returned all the same. Threads asking for the same patch fetch it once.
    What is to be doubted of it is among its warnings, looked for anew at every opening.
    ``opening`` opens what is not kept yet: a pair of days, or one with composites.
    Heights that are asked for are kept apart, once for a place whatever the dates; a source without them gives the
    patch all the same, with a warning.
    Raises what the source raises (SourceError, BandMissingError), InputError for a patch over the
    limit of memory before anything is asked for, and Cancelled from progress.
    """
    require_bearable(spec)
    if not spec.heights and not spec.light:
        return plausible.told(_opened(_key(spec), spec, progress, opening))
    bare = _bare(spec)
    patch = plausible.told(_opened(_key(bare), bare, _part(progress, 0, _MOSTLY), opening))
    patch = with_heights(spec, patch, _part(progress, _MOSTLY, 1))
    return correction.corrected(patch, spec.light) if spec.light and HEIGHT in patch else patch


def _bare(spec: PatchSpec) -> PatchSpec:
    """Return the spec of what is kept: the scenes as they were measured, without heights."""
    return replace(spec, heights=False, light="")


def _opened(key: str | None, spec: PatchSpec, progress: Progress, opening: Opening) -> xr.Dataset:
    """Return what is kept under a key, else what ``opening`` gives, which is then kept; without a key nothing is."""
    if key is None:
        return opening(spec, progress)
    held = _kept(key, spec)
    if held is not None:
        return held
    with _only_fetch(key, progress):
        held = _kept(key, spec)  # another thread may have kept it while this one waited
        if held is None:
            held = opening(spec, progress)
            _keep(key, spec, held)
        return held


def with_heights(spec: PatchSpec, patch: xr.Dataset, progress: Progress = no_progress) -> xr.Dataset:
    """Return a patch with the heights its source has for its place; without them, and a warning, where it has none.

    A pair that was brought with heights of its own keeps these.
    """
    if HEIGHT in patch:
        return patch
    try:
        return onto(patch, _heights(spec, progress))
    except SourceError as error:
        return patch.assign_attrs(with_warnings(patch.attrs, [f"There are no heights, so no slope: {error}"]))


def load_scene(spec: PatchSpec, scene: SceneInfo, progress: Progress = no_progress) -> xr.Dataset:
    """Return one scene on the spec's grid, dims (time, y, x) with one time, from the cache or else from its source.

    Each scene is kept by itself, under its source, catalogue, grid and bands, whatever the spec's event and dates.
    Raises what the source raises, and Cancelled from progress.
    """
    if spec.source == records.SOURCE and (whole := records.required(spec.event_id).bands) != spec.bands:
        opened = load_scene(replace(spec, bands=whole), scene, progress)  # kept once, whatever bands are wanted
        return opened[[*spec.bands, CLOUD_MASK]]
    source = source_of_scenes(spec.source)
    return _opened(scene_key(spec, scene), spec, progress, lambda spec, tell: source.open_scene(spec, scene, tell))


def keep_scene(spec: PatchSpec, scene: SceneInfo, one: xr.Dataset) -> None:
    """Keep a scene that was read already; where it cannot be kept, a warning is logged."""
    key = scene_key(spec, scene)
    if key is not None:
        _keep(key, spec, one)


def has_scene(spec: PatchSpec, scene: SceneInfo) -> bool:
    """Whether ``load_scene`` would find a scene without its source. Raises CacheError."""
    key = scene_key(spec, scene)
    return key is not None and store().has(key)


def _heights(spec: PatchSpec, progress: Progress) -> Heights:
    key = heights_key(spec)
    if key is None:
        return open_heights(spec, progress)
    with _only_fetch(key, progress):
        held = _read(key)
        if held is not None and HEIGHT in held:
            return heights_in(held)
        found = open_heights(spec, progress)
        _keep(key, spec, as_dataset(found, spec.grid))
        return found


def keep(spec: PatchSpec, patch: xr.Dataset) -> None:
    """Keep a patch that its source cannot open by itself; where it cannot be kept, a warning is logged."""
    key = _key(spec)
    if key is not None:
        _keep(key, spec, patch)


def require_bearable(spec: PatchSpec) -> None:
    """Raise InputError, in a sentence that says what to change, where the patch is larger than one may be."""
    height, width = spec.grid.shape
    limits.require_small(width, height)
    what = f"A patch of {width} x {height} pixels and {len(spec.bands)} bands"
    limits.require_bearable(spec.nbytes, what)


def cached(spec: PatchSpec) -> bool:
    """Whether ``load`` would find the patch without its source; False for sources not cached."""
    keys = [_key(_bare(spec))]
    if spec.heights and open_source(spec.source).describe().heights:
        keys.append(heights_key(spec))
    try:
        return all(key is not None and store().has(key) for key in keys)
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
    if spec.source == records.SOURCE and spec.composite:
        return digest(f"{spec.key} of measured scenes")[:20]  # earlier ones may be made of fill: made anew, of files
    if not info.variant:
        return spec.key
    return digest(f"{spec.key} {info.variant}")[:20]


def heights_key(spec: PatchSpec) -> str | None:
    """Return the name of a place's heights: of source, catalogue and grid, not of dates; None as for ``_key``."""
    info = open_source(spec.source).describe()
    asked = [(name, value) for name, value in spec.options if name == "catalogue"]
    named = f"heights {spec.source} {asked} {spec.bbox} {spec.resolution_deg} {info.variant}"
    return digest(named)[:20] if info.cacheable else None


def scene_key(spec: PatchSpec, scene: SceneInfo) -> str | None:
    """Return the name of one scene's entry: of source, catalogue, grid, bands and the scene; None as for ``_key``."""
    info = open_source(spec.source).describe()
    asked = [(name, value) for name, value in spec.options if name == "catalogue"]
    place = spec.on or (spec.bbox, spec.resolution_deg)
    named = f"scene {spec.source} {asked} {place} {spec.bands} {scene.date} {scene.id} {info.variant}"
    return digest(named)[:20] if info.cacheable else None


def _read(key: str) -> xr.Dataset | None:
    try:
        patch = store().read(key)
        return None if patch is None else _titled(patch)
    except CacheError as error:
        _log.warning("%s The patch is taken from its source.", error)
        return None


def _kept(key: str, spec: PatchSpec) -> xr.Dataset | None:
    """Return what is kept of a spec as it would be made now; None where nothing is."""
    held = _read(key)
    return mended.without_fill(held) if held is not None and spec.source == records.SOURCE else held


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


def _part(progress: Progress, low: float, high: float) -> Progress:
    """Return the progress of a part of the work."""
    return lambda share, doing: progress(low + (high - low) * share, doing)


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
