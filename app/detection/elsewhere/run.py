"""Lay detections that others made onto a patch: what lies outside of them, or is unknown in them, is not counted."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.detection.elsewhere import collections, rasters
from app.detection.elsewhere.collections import Collection
from app.detection.elsewhere.rasters import HALF, KEPT, Raster
from app.detection.methods import DECIDED, Method, Scored
from app.errors import DetectionsError, InputError
from app.grid import Grid
from app.masks import MASK_ENDINGS, to_shape
from app.patches import Progress, no_progress

if TYPE_CHECKING:
    import xarray as xr

    from app.inventory.mapped import OutlineIndex

FROM_FILE = "read from a file"  # where it ran


def score(patch: "xr.Dataset", method: Method, device: str = "auto", progress: Progress = no_progress) -> Scored:
    """Return what a collection says of the patch: 1 and 0 where it is decided, else its own score.

    ``measured`` is True where it says anything. Nothing runs, on whatever ``device``. Raises DetectionsError where
    nothing in it is of the patch's event or place.
    """
    held, event = collections.find(method.target), str(patch.attrs.get("event_id", ""))
    progress(0.0, "Laying detections on the patch")
    path, named = held.of_event(event)
    if path.suffix.lower() in (*MASK_ENDINGS, KEPT):
        return _scored(held, path, *_laid(path, patch, named or not event))
    return _of_outlines(held, path, patch)


def _scored(held: Collection, path: Path, found: Raster, values: np.ndarray, said: tuple[str, ...]) -> Scored:
    known = found.known(values)
    unknown = int(np.count_nonzero(~known))
    notes = [*said, *found.notes]
    if unknown:
        notes.append(f"{unknown:,} of {values.size:,} pixels lie outside of it or are unknown in it: not counted.")
    doubt = f"{_called(path)} says that it was made of a SIMULATED scene." if found.simulated else ""
    return Scored(
        score=np.where(known, values, np.nan).astype(np.float32),
        measured=known,
        threshold=found.threshold,
        unit=found.unit,
        provider=FROM_FILE,
        model_sha256=held.sha256,
        note=f"Laid beside from {_called(path)}: {' '.join(notes) or 'pixel for pixel.'}",
        warnings=(doubt,) if doubt else (),
    )


def _laid(path: Path, patch: "xr.Dataset", of_event: bool) -> tuple[Raster, np.ndarray, tuple[str, ...]]:
    """Return a raster, its values on the patch's pixels, and how they came there."""
    try:
        found = rasters.read(path)
    except DetectionsError:
        raise
    except InputError as error:
        raise DetectionsError(str(error)) from error
    on = patches.grid_of(patch)
    if found.grid is not None and on.placed:
        return found, *_by_place(found, found.grid, on, path)
    if not of_event:
        raise DetectionsError(
            f"{_called(path)} does not say where it lies, and its name does not say of which event it is. Name it "
            "after its event, like 41.png, or bring a GeoTIFF with its place."
        )
    if found.values.shape == on.shape:
        return found, found.values, ()
    change = f"{found.values.shape[0]} x {found.values.shape[1]} to {on.height} x {on.width} pixels"
    return found, to_shape(found.values, on.shape), (f"it does not say where it lies: stretched from {change}.",)


def _by_place(found: Raster, held: Grid, on: Grid, path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    if held.same_as(on):
        return found.values, ()
    values = held.sampled(found.values, on, found.unknown)
    if not found.known(values).any():
        raise DetectionsError(f"{_called(path)} lies in another place than this patch, or says nothing of it.")
    change = f"from {held.height} x {held.width} to {on.height} x {on.width} pixels"
    return values, (f"brought {change}, the nearest one on the ground.",)


def _of_outlines(held: Collection, path: Path, patch: "xr.Dataset") -> Scored:
    on, (index, total) = patches.grid_of(patch), _outlines(path)
    if not on.placed:
        raise DetectionsError(f"{_called(path)} holds outlines on the ground, and this patch does not say where it is.")
    mask, used = index.all_on(on)
    note = (
        f"Laid beside from {_called(path)}: {used:,} of {total:,} outlines lie here, by pixels whose middle lies "
        "inside; all else counts as not detected."
    )
    none = (
        f"No outline of {_called(path)} lies on this patch: it counts as nothing detected, if it was looked at at all."
    )
    return Scored(
        score=mask.astype(np.float32),
        measured=np.ones(mask.shape, bool),
        threshold=HALF,
        unit=DECIDED,
        provider=FROM_FILE,
        model_sha256=held.sha256,
        note=note,
        warnings=() if used else (none,),
    )


def _outlines(path: Path) -> tuple["OutlineIndex", int]:
    state = path.stat()
    return _indexed(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=8)
def _indexed(path: Path, size: int, changed: int) -> tuple["OutlineIndex", int]:
    """Return the outlines of a file, found by place; raises DetectionsError where it holds none."""
    from app.inventory import read_file
    from app.inventory.mapped import OutlineIndex

    try:
        index = OutlineIndex(read_file(path).events)
    except InputError as error:
        raise DetectionsError(str(error)) from error
    if not len(index):
        raise DetectionsError(f"{_called(path)} holds no outline of an area; draw what was detected as polygons.")
    return index, len(index)


def _called(path: Path) -> str:
    return path.stem if path.suffix == KEPT else path.name
