"""A small look at each scene of a place: how clear it is over the patch, and a picture of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from app import cache
from app.bands import CLOUD_MASK
from app.errors import SourceError
from app.patches import CLEAR, PatchSpec, Progress, band_names, no_progress
from app.pictures import compositions, render
from app.pictures.contrast import scaled
from app.sources import open_source, waiting
from app.sources.scenes import SNOW, SceneInfo

if TYPE_CHECKING:
    import xarray as xr

LOOK_PX = 96  # longer side of a look: a scene of three bands is then some 80 kB
_SHOWN = compositions.PRESETS["true-colour"]  # through its fixed range, so that days can be compared
_GAMMA = 1.4
_GIVEN_UP = 3  # scenes that fail one after the other: the catalogue is gone


@dataclass(frozen=True)
class Glance:
    """What one look at a scene gives."""

    scene: SceneInfo  # with the share of the patch that is clear
    thumbnail: np.ndarray | None = field(default=None, repr=False, compare=False)  # uint8 (y, x, 3), as on the ground


def look_spec(spec: PatchSpec) -> PatchSpec:
    """Return the spec that a look opens: the same ground in few pixels, the visible bands the source has."""
    info = open_source(spec.source).describe()
    held = spec.bands if info.brought else info.bands  # files of one's own are what they are, and kept whole
    bands = tuple(band for band in reversed(_SHOWN.bands) if band in held) or held[:1]
    on = spec.grid if info.brought else spec.grid.coarser(LOOK_PX)
    return replace(spec, on=on, bands=bands, heights=False, light="")


def glance(spec: PatchSpec, scene: SceneInfo, progress: Progress = no_progress) -> Glance:
    """Return a look at one scene over the patch of ``spec``, from the cache where it was looked at before.

    Raises SourceError, and Cancelled from progress.
    """
    small = look_spec(spec)
    opened = cache.load_scene(small, scene, progress)
    clear = scene.clear if scene.clear is not None else float(np.mean(opened[CLOUD_MASK].values == CLEAR))
    step = max(1, max(small.grid.shape) // LOOK_PX)
    return Glance(
        replace(scene, clear=clear, snow=_snow(opened, scene)),
        _thumbnail(opened.isel(y=slice(None, None, step), x=slice(None, None, step)), small),
    )


def _snow(opened: xr.Dataset, scene: SceneInfo) -> float | None:
    """Return how much of a scene is snow, as its classes or the list say; None where neither does."""
    share = opened.attrs.get(SNOW, math.nan)
    return float(share) if isinstance(share, (int, float)) and math.isfinite(share) else scene.snow


def with_clear(
    spec: PatchSpec, scenes: Sequence[SceneInfo], progress: Progress = no_progress
) -> tuple[tuple[SceneInfo, ...], str]:
    """Return scenes with the share of the patch that is clear, looking at those of which it is not known yet.

    The text says which could not be looked at, and why; these stay without the share. Raises Cancelled from progress.
    """
    found, failures, in_a_row = list(scenes), list[SourceError](), 0
    unknown = [number for number, scene in enumerate(scenes) if scene.clear is None]
    for done, number in enumerate(unknown):
        tell = waiting.part(progress, done / len(unknown), (done + 1) / len(unknown))
        try:
            found[number] = glance(spec, scenes[number], partial(_said, tell, scenes[number])).scene
            in_a_row = 0
        except SourceError as error:
            failures.append(error)
            in_a_row += 1
            if in_a_row == _GIVEN_UP:
                break
    lacking = sum(scene.clear is None for scene in found)
    told = f"{lacking} of {len(found)} scenes could not be looked at: {failures[0]}" if failures else ""
    return tuple(found), told


def _said(tell: Progress, scene: SceneInfo, share: float, doing: str) -> None:
    tell(share, f"looking at {scene.date}")


def _thumbnail(opened: xr.Dataset, spec: PatchSpec) -> np.ndarray | None:
    held = [band for band in _SHOWN.bands if band in opened] or [str(name) for name in band_names(opened)[:1]]
    if not held:
        return None
    shown = _SHOWN.bands if len(held) == len(_SHOWN.bands) else held[:1] * 3  # without all three the first one, grey
    layers = np.stack([opened[band].values[0] for band in shown], axis=-1)
    return render.in_proportion(scaled(layers, *_SHOWN.fixed, _GAMMA), spec.grid.proportions)
