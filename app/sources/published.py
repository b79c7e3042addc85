"""The published data sets, from a folder or a zip: GLaD4CD v1 and v2, and the thesis's own folders."""

import logging
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import config, grid
from app.bands import ALL_BANDS, CLOUD_MASK, TRUTH
from app.errors import BandMissingError, ScarpError, SceneMissingError, SourceError
from app.grid import Grid
from app.patches import (
    NODATA,
    PatchSpec,
    Progress,
    assemble,
    band_names,
    grid_of,
    is_simulated,
    no_progress,
    told_simulated,
    warnings,
    with_warnings,
)
from app.sources import SourceInfo, thesis_pair
from app.sources.published_files import StoredFile, index, on_disk
from app.truth import UNKNOWN

if TYPE_CHECKING:
    import xarray as xr


_SUMMARY = "The pairs and the hand-drawn truth that Leonardi et al. published, from disk."
_SIMULATED_SUMMARY = "Pairs laid out as Leonardi et al. published theirs, from disk; their files say SIMULATED."
_log = logging.getLogger(__name__)

ATTRIBUTION = "GLaD4CD, Leonardi et al., CC BY 4.0. Contains modified Copernicus Sentinel data"
SIMULATED_ATTRIBUTION = "SIMULATED, as the files say; not Sentinel-2 data and no record of any real landslide"


class PublishedSource:
    """GLaD4CD (Leonardi et al., CC BY 4.0) and the thesis's NetCDF and GT folders."""

    def describe(self) -> SourceInfo:
        """Return what a person should know; looks into the folder, opens no connection."""
        place = config.settings().published
        bands, simulated = _first_held(place)
        return SourceInfo(
            name="published",
            title="Published data (GLaD4CD)",
            summary=_SIMULATED_SUMMARY if simulated else _SUMMARY,
            needs=f"The files, as a folder or zip at {place}; `python -m app fetch glad4cd` downloads them.",
            cost="Free; version 1 is 2.0 GB, version 2 is 295 MB.",
            limits="Their events and dates only. Files do not say their place or dates: both are the inventory's.",
            attribution=f"{SIMULATED_ATTRIBUTION if simulated else ATTRIBUTION}.",
            bands=bands,
            simulated=simulated,
            local=True,
            cacheable=False,
        )

    def open(self, spec: PatchSpec, progress: Progress = no_progress) -> "xr.Dataset":
        """Return the published pair of ``spec.event_id`` on the spec's grid, with truth where there is one.

        Nearest neighbour; outside of the files NaN and CLM 255. Whether values were reflectance
        or digital numbers is detected and stated in the attribute ``reading``.
        Raises SourceError where the files or the event are not there, BandMissingError.
        """
        place = config.settings().published
        found = index(place)
        files = found.get(spec.event_id)
        if files is None:
            raise (SceneMissingError if found else SourceError)(_absent(place, spec.event_id, found))
        progress(0.0, "opening the published files")
        with on_disk(files) as paths:
            progress(0.3, "reading")
            patch = _glad4cd(paths, spec) if "A" in paths else thesis_pair.read(paths, spec)
        progress(0.8, "placing on the grid")
        placed = _placed(patch, spec)
        progress(1.0, "done")
        return placed


def source() -> PublishedSource:
    """Return the source."""
    return PublishedSource()


def _first_held(place: Path) -> tuple[tuple[str, ...], bool]:
    """Return the bands of the first event found, and whether its files call themselves simulated.

    Where nothing readable is there, the bands of version 1. Nothing is unpacked: what a zip holds says
    of itself what it is when it is opened.
    """
    from app.datasets import CHANNELS

    names: Sequence[str] = CHANNELS[5]
    simulated = False
    try:
        first = next(iter(index(place).values()), {})
        if first and any(stored.zipped for stored in first.values()):
            names = _zipped_bands(first)
        elif first:
            names, simulated = _described(first)
    except (ScarpError, OSError, ValueError, RuntimeError) as error:
        _log.warning("%s", error)
    return tuple(name for name in names if name != CLOUD_MASK), simulated


def _zipped_bands(first: Mapping[str, StoredFile]) -> Sequence[str]:
    from app.datasets import CHANNELS

    if "A" not in first:
        return ALL_BANDS
    # version 2 calls its parts TRAIN and TEST
    return CHANNELS[5] if re.search(r"(TRAINING|VALIDATION)/", first["A"].name) else CHANNELS[13]


def _described(first: Mapping[str, StoredFile]) -> tuple[Sequence[str], bool]:
    """Return what the first file of an event says of itself: bands, and whether it is simulated; reads no pixels."""
    from app import rasters
    from app.datasets import CHANNELS
    from app.stored import netcdf

    if "A" in first:
        before = first["A"].path
        return CHANNELS.get(rasters.channels_described(before)[1], CHANNELS[5]), rasters.tells_simulated(before)
    role = next(role for role in ("pre2", "pre1", "post") if role in first)
    with netcdf.opened(first[role].path) as opened:
        return ALL_BANDS, told_simulated(opened.attrs.get("simulated", 0))


def _glad4cd(paths: Mapping[str, Path], spec: PatchSpec) -> "xr.Dataset":
    from app import datasets, rasters

    if "LABEL" in paths:
        pair = datasets.LabelledPair(spec.event_id, paths["A"], paths["B"], paths["LABEL"])
        return datasets.open_pair(pair)[0]
    described, count = rasters.channels_described(paths["A"])
    names = None if described else datasets.CHANNELS.get(count)
    return rasters.read_pair(paths["A"], paths["B"], names, placed=False)[0]


def _placed(patch: "xr.Dataset", spec: PatchSpec) -> "xr.Dataset":
    """Return the patch on the spec's grid, under the spec's dates where the files say none."""
    missing = [name for name in spec.bands if name not in patch]
    if missing:
        raise BandMissingError(
            f"The published files of event {spec.event_id} hold {', '.join(band_names(patch))} "
            f"but not {', '.join(missing)}; choose among these."
        )
    held, note = _where(patch, spec)
    rows, columns, inside = held.pixels_of(spec.grid)
    if not inside.any():
        raise SourceError(
            f"The published files of event {spec.event_id} do not cover the box asked for; "
            "choose the event from the inventory they belong to."
        )

    def put(name: str, outside: float) -> np.ndarray:
        return np.where(inside, patch[name].values[..., rows, columns], outside)

    bands = {name: put(name, np.nan).astype(np.float32) for name in spec.bands}
    clm = put(CLOUD_MASK, NODATA).astype(np.uint8)
    truth = put(TRUTH, UNKNOWN).astype(np.uint8) if TRUTH in patch else None
    days, said = _days(patch, spec)
    simulated = is_simulated(patch)
    attrs = {
        "simulated": simulated,
        "reading": patch.attrs.get("reading", ""),
        "position": note,
        "dates": said,
        **{f"{when}_scenes": _scene(patch.attrs.get(f"{when}_file", ""), simulated) for when in ("t1", "t2")},
        "processing_baseline": "SIMULATED, as the files say" if simulated else "not stated by the files",
        "attribution": SIMULATED_ATTRIBUTION if simulated else ATTRIBUTION,
    }
    attrs = with_warnings(attrs, warnings(patch))
    return assemble(replace(spec, t1=days[0], t2=days[1]), bands, clm, attrs, truth)


def _scene(file: str, simulated: bool) -> str:
    return f"SIMULATED {file}".strip() if simulated else file


def _where(patch: "xr.Dataset", spec: PatchSpec) -> tuple[Grid, str]:
    """Return the grid of the files; files without a position cover the thesis's box."""
    held = grid_of(patch)
    if held.placed:
        return held, "as the files say"
    middle = [(low + high) / 2 for low, high in ((spec.bbox[1], spec.bbox[3]), (spec.bbox[0], spec.bbox[2]))]
    assumed = Grid.spanning(grid.thesis_bbox(*middle), held.shape)
    return assumed, "not in the files; the thesis's box around the event is assumed"


def _days(patch: "xr.Dataset", spec: PatchSpec) -> tuple[tuple[date, date], str]:
    stated = [str(value)[:10] for value in patch["time"].values]
    if "NaT" in stated or stated[0] >= stated[1]:
        return (spec.t1, spec.t2), "the inventory's; the files state none"
    return (date.fromisoformat(stated[0]), date.fromisoformat(stated[1])), "as the files say"


def _absent(place: Path, event_id: str, found: Mapping[str, object]) -> str:
    if not found:
        return (
            f"There are no published pairs at {place}. `python -m app fetch glad4cd` downloads them, "
            "or set SCARP_PUBLISHED to the folder or zip that holds them."
        )
    some = sorted(found, key=lambda event: (len(event), event))
    shown = ", ".join(some[:12]) + (f" and {len(some) - 12} more" if len(some) > 12 else "")
    zips = sorted(place.rglob("*.zip")) if place.is_dir() else []
    broken = [path.name for path in zips if not zipfile.is_zipfile(path)]
    unread = f" {' and '.join(broken[:3])} could not be read: fetch it again." if broken else ""
    return f"The published files at {place} hold no pair of event {event_id}; they hold {shown}.{unread}"
