"""The scenes of one place as one dataset over time, each opened by itself and kept by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from app import limits
from app.bands import CLOUD_MASK
from app.cache.loading import load_scene
from app.errors import InputError, SourceError
from app.patches import WARNINGS, PatchSpec, Progress, build, is_simulated, no_progress
from app.sources import waiting
from app.sources.scenes import SceneInfo, one_a_day

if TYPE_CHECKING:
    import xarray as xr

SCENE = "scene"  # the coordinate over time that holds each scene's id
_GIVEN_UP = 3  # scenes that fail one after the other: the catalogue is gone


def nbytes(spec: PatchSpec, scenes: int) -> int:
    """Return what so many scenes of a spec take in memory, in bytes: float32 bands and the cloud mask."""
    height, width = spec.grid.shape
    return scenes * height * width * (4 * len(spec.bands) + 1)


def require_bearable(spec: PatchSpec, scenes: int) -> None:
    """Raise InputError, with the figure, where so many scenes would take more memory than one may."""
    height, width = spec.grid.shape
    limits.require_small(width, height)
    limits.require_bearable(
        nbytes(spec, scenes), f"A stack of {scenes} scenes, {width} x {height} pixels and {len(spec.bands)} bands"
    )


def open_stack(spec: PatchSpec, scenes: Sequence[SceneInfo], progress: Progress = no_progress) -> xr.Dataset:
    """Return scenes on ``spec.grid``: bands as float32 reflectance (NaN nodata) and CLM, dims (time, y, x), ascending.

    The coordinate ``scene`` holds each scene's id. A scene that cannot be read is left out, and after three in a row
    the rest: the attribute ``warnings`` says so, and what came before is in the cache. Raises InputError without
    scenes and for a stack over the limit of memory, before anything is read; SourceError where no scene could be
    read; and Cancelled from progress.
    """
    chosen = one_a_day(scenes)
    if not chosen:
        raise InputError("There is no scene to open: choose a longer span or a higher limit of cloud.")
    require_bearable(spec, len(chosen))
    bands = {name: np.full((len(chosen), *spec.grid.shape), np.nan, np.float32) for name in spec.bands}
    clm = np.full((len(chosen), *spec.grid.shape), 255, np.uint8)
    opened, failures = list[tuple[SceneInfo, dict]](), list[SourceError]()
    in_a_row = 0
    for number, scene in enumerate(chosen):
        tell = waiting.part(progress, number / len(chosen), (number + 1) / len(chosen))
        try:
            one = load_scene(spec, scene, tell)
        except SourceError as error:
            failures.append(error)
            in_a_row += 1
            if in_a_row == _GIVEN_UP:
                break
            continue
        in_a_row = 0
        at = len(opened)
        for name, values in bands.items():
            values[at] = one[name].values[0]
        clm[at] = one[CLOUD_MASK].values[0]
        opened.append((scene, {**one.attrs, "simulated": is_simulated(one)}))
    if not opened:
        raise failures[0]
    return _stack(spec, opened, bands, clm, _told(len(chosen), len(opened), failures))


def _stack(
    spec: PatchSpec,
    opened: Sequence[tuple[SceneInfo, dict]],
    bands: dict[str, np.ndarray],
    clm: np.ndarray,
    told: str,
) -> xr.Dataset:
    simulated = any(attrs["simulated"] for _, attrs in opened)
    attrs = {
        "title": f"{'SIMULATED ' if simulated else ''}Sentinel-2 L2A scenes around event {spec.event_id}",
        "source": spec.source,
        "event_id": spec.event_id,
        "event_date": str(spec.event_date or ""),
        "simulated": simulated,
        "attribution": "; ".join(dict.fromkeys(str(each.get("attribution", "")) for _, each in opened)),
        WARNINGS: told,
    }
    count = len(opened)
    days = [scene.date for scene, _ in opened]
    stack = build(spec.grid, days, {name: values[:count] for name, values in bands.items()}, clm[:count], attrs)
    return stack.assign_coords({SCENE: ("time", [scene.id for scene, _ in opened])})


def _told(asked: int, came: int, failures: Sequence[SourceError]) -> str:
    """Return what is missing and why; empty where nothing is."""
    if not failures:
        return ""
    return f"{asked - came} of {asked} scenes could not be read and are left out: {failures[0]}"
