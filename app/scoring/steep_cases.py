"""Events scored on steep ground alone: their patches with heights, and detections held to a smallest slope."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from app import patches
from app.bands import HEIGHT
from app.errors import HeightsMissingError, InputError
from app.masks import matching
from app.rasters import TIFF_ENDINGS
from app.scoring import store
from app.scoring.cases import Case, Comparable, PatchWithTruth
from app.terrain import heights


def held_to(cases: Sequence[Case], least_deg: float, dem: Path | None = None) -> list[Case]:
    """Return the cases, each with its method's mask held to hillsides of ``least_deg`` degrees and more.

    ``dem`` is a GeoTIFF of heights for all events, or a folder with one named by each event; without it the patches
    have to hold heights themselves. An event without is not scored, which the evaluation says. Raises InputError where
    ``dem`` is not there.
    """
    found = _files(dem)
    return [_held(case, least_deg, dem, found) for case in cases] if least_deg else list(cases)


def _files(dem: Path | None) -> dict[str, Path]:
    """Return which file of a folder is of which event; nothing for a single file, or none."""
    if dem is None:
        return {}
    if not dem.exists():
        raise InputError(f"There is no {dem}; --dem names a GeoTIFF of heights, or a folder of them named by event.")
    if not dem.is_dir():
        return {}
    files = sorted(path for path in dem.iterdir() if path.suffix.lower() in TIFF_ENDINGS)
    return {matching.event_of(path.stem): path for path in files}


def _held(case: Case, least_deg: float, dem: Path | None, found: dict[str, Path]) -> Case:
    path = found.get(case.event) if dem is not None and dem.is_dir() else dem
    told = store.files_key([path], least_deg) if path else f"slope {least_deg!r}"
    key = f"{case.key} {told}" if case.key and told else ""
    return replace(case, open=partial(_opened, case, least_deg, path, dem), key=key)


def _opened(case: Case, least_deg: float, path: Path | None, dem: Path | None) -> Comparable:
    opened = case.open()
    if not isinstance(opened, PatchWithTruth):
        raise InputError("Masks made elsewhere have no slope; a smallest slope goes with --dataset or --source.")
    patch = opened.patch
    if path is not None:
        on = patches.grid_of(patch)
        patch = heights.onto(patch, heights.from_file(path, opened.assumed or on))
    elif dem is not None and HEIGHT not in patch:
        raise HeightsMissingError(f"{dem.name} holds no heights of event {case.event}; name the file after the event.")
    heights.of(patch)
    return replace(opened, patch=patch, min_slope_deg=least_deg)
