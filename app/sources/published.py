"""The published data sets, from a folder or a zip: GLaD4CD v1 and v2, and the thesis's own folders."""

import logging
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import config, grid, limits
from app.bands import ALL_BANDS, CLOUD_MASK, TRUTH, normalise
from app.errors import BandMissingError, ScarpError, SceneMissingError, SourceError
from app.files import UNREADABLE
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
from app.sources import SourceInfo
from app.truth import UNKNOWN

if TYPE_CHECKING:
    import xarray as xr

    from app.values import units

_SUMMARY = "The pairs and the hand-drawn truth that Leonardi et al. published, from disk."
_SIMULATED_SUMMARY = "Pairs laid out as Leonardi et al. published theirs, from disk; their files say SIMULATED."
_log = logging.getLogger(__name__)

ATTRIBUTION = "GLaD4CD, Leonardi et al., CC BY 4.0. Contains modified Copernicus Sentinel data"
SIMULATED_ATTRIBUTION = "SIMULATED, as the files say; not Sentinel-2 data and no record of any real landslide"

# how the data sets name their files, wherever in a folder or zip these lie
_GLAD4CD = re.compile(r"(?:^|/)(A|B|LABEL)/[^/]*?(\d+)\.tiff?$")
_THESIS = re.compile(r"(?:^|/)(pre1|pre2|post)_(\d+)\.nc$")
_THESIS_TRUTH = re.compile(r"(?:^|/)GT_(\d+)\.(tif|png)$")


@dataclass(frozen=True)
class StoredFile:
    """One published file: in a folder, or a member of a zip."""

    container: Path
    name: str

    @property
    def zipped(self) -> bool:
        """Whether it has to be taken out of a zip first."""
        return self.container.suffix.lower() == ".zip"


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
        with _on_disk(files) as paths:
            progress(0.3, "reading")
            patch = _glad4cd(paths, spec) if "A" in paths else _thesis(paths, spec)
        progress(0.8, "placing on the grid")
        placed = _placed(patch, spec)
        progress(1.0, "done")
        return placed


def source() -> PublishedSource:
    """Return the source."""
    return PublishedSource()


def index(place: Path) -> dict[str, dict[str, StoredFile]]:
    """Return event -> role -> file, of a folder (and the zips in it) or a zip.

    Roles are A, B and LABEL of GLaD4CD, or pre1, pre2, post and GT of the thesis. An event
    without both dates is left out. Raises SourceError for a zip that is none.
    """
    events: dict[str, dict[str, StoredFile]] = {}
    for stored in _files(place):
        for role, event in _roles(stored.name):
            events.setdefault(event, {}).setdefault(role, stored)
    return {event: roles for event, roles in events.items() if {"A", "B"} <= set(roles) or _is_thesis(roles)}


def _roles(name: str) -> Iterator[tuple[str, str]]:
    if match := _GLAD4CD.search(name) or _THESIS.search(name):
        yield match[1], match[2]
    elif match := _THESIS_TRUTH.search(name):
        yield f"GT.{match[2]}", match[1]


def _is_thesis(roles: Mapping[str, StoredFile]) -> bool:
    return "post" in roles and bool({"pre1", "pre2"} & set(roles))


def _files(place: Path) -> Iterator[StoredFile]:
    if place.is_dir():
        yield from _in_folder(place)
    elif place.is_file():
        yield from _members(place)


def _in_folder(place: Path) -> Iterator[StoredFile]:
    """Yield the files of a folder and of the zips in it; a zip that is none spoils nothing where others are whole."""
    held, broken = False, []
    for path in sorted(place.rglob("*")):
        try:
            if path.suffix.lower() == ".zip":
                found = list(_members(path))
            else:
                found = [StoredFile(place, path.relative_to(place).as_posix())] if path.is_file() else []
        except SourceError as error:
            _log.warning("%s", error)
            broken.append(error)
            continue
        held = held or bool(found)
        yield from found
    if broken and not held:
        raise broken[0]


def _members(path: Path) -> Iterator[StoredFile]:
    try:
        with zipfile.ZipFile(path) as opened:
            names = sorted(info.filename for info in opened.infolist() if not info.is_dir())
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(
            f"{path.name} is no whole zip ({error}); delete it and run `python -m app fetch glad4cd` again."
        ) from error
    yield from (StoredFile(path, name) for name in names)


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
        before = first["A"].container / first["A"].name
        return CHANNELS.get(rasters.channels_described(before)[1], CHANNELS[5]), rasters.tells_simulated(before)
    role = next(role for role in ("pre2", "pre1", "post") if role in first)
    with netcdf.opened(first[role].container / first[role].name) as opened:
        return ALL_BANDS, told_simulated(opened.attrs.get("simulated", 0))


@contextmanager
def _on_disk(files: Mapping[str, StoredFile]) -> Iterator[dict[str, Path]]:
    """Yield role -> path of a file that can be opened; what is zipped is unpacked for as long."""
    with tempfile.TemporaryDirectory(prefix="scarp-") as folder:
        paths = {}
        for role, stored in files.items():
            if stored.zipped:
                paths[role] = _unpacked(stored, Path(folder) / role)
            else:
                paths[role] = stored.container / stored.name
        yield paths


def _unpacked(stored: StoredFile, folder: Path) -> Path:
    """Return the member of a zip as a file; its own path is not believed, only its last part."""
    folder.mkdir()
    target = folder / Path(stored.name).name
    try:
        with zipfile.ZipFile(stored.container) as opened:
            size = opened.getinfo(stored.name).file_size  # zipfile gives no byte more, whatever is packed
            limits.require_bearable(size, f"{stored.name} in {stored.container.name}")
            with opened.open(stored.name) as packed, target.open("wb") as out:
                shutil.copyfileobj(packed, out, 1 << 20)
    except UNREADABLE as error:
        raise SourceError(f"{stored.name} in {stored.container.name} cannot be unpacked ({error}).") from error
    return target


def _glad4cd(paths: Mapping[str, Path], spec: PatchSpec) -> "xr.Dataset":
    from app import datasets, rasters

    if "LABEL" in paths:
        pair = datasets.LabelledPair(spec.event_id, paths["A"], paths["B"], paths["LABEL"])
        return datasets.open_pair(pair)[0]
    described, count = rasters.channels_described(paths["A"])
    names = None if described else datasets.CHANNELS.get(count)
    return rasters.read_pair(paths["A"], paths["B"], names, placed=False)[0]


def _thesis(paths: Mapping[str, Path], spec: PatchSpec) -> "xr.Dataset":
    """Return the thesis's pair: T1 is the file of the spec's date, else pre2, which the thesis used."""
    from app import masks, patches
    from app.values import units

    options = {role: _cube(paths[role]) for role in ("pre2", "pre1") if role in paths}
    before = next((cube for cube in options.values() if cube["day"] == str(spec.t1)), next(iter(options.values())))
    after = _cube(paths["post"])
    if before["grid"].shape != after["grid"].shape:
        raise SourceError(f"The files of event {spec.event_id} differ in size; get them again from where they came.")
    names = [name for name in ALL_BANDS if all(name in each["bands"] for each in (before, after))]
    dates = [
        units.Date(date_name, {name: each["bands"][name] for name in names})
        for date_name, each in zip(("T1", "T2"), (before, after), strict=True)
    ]
    units.to_reflectance(dates)
    bands = {name: np.stack([each.bands[name].values for each in dates]) for name in names}
    clm = np.stack([_mask(each) for each in (before, after)])
    days = [each["day"] for each in (before, after)]
    attrs = {"simulated": before["simulated"] or after["simulated"], "reading": " ".join(units.readings(dates))}
    attrs = with_warnings(attrs, [doubt for each in dates for doubt in each.doubts])
    patch = patches.build(before["grid"], days, bands, clm, attrs)
    for role in ("GT.tif", "GT.png"):
        if role in paths:
            mask = masks.read(paths[role])
            truth = masks.to_shape(mask.values, before["grid"].shape)
            attrs = {"simulated": int(is_simulated(patch) or mask.simulated)}
            return patch.assign({TRUTH: (("y", "x"), truth)}).assign_attrs(attrs)
    return patch


def _cube(path: Path) -> dict:
    """Return the bands (y, x), cloud mask, day and grid of one of the thesis's NetCDF files."""
    from app.stored import netcdf

    try:
        with netcdf.opened(path) as opened:
            cube = opened.squeeze(drop=False).load()
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceError(f"{path.name} cannot be read as NetCDF ({error}).") from error
    y, x = (next((name for name in names if name in cube.dims), None) for names in (("lat", "y"), ("lon", "x")))
    bands = {normalise(name): name for name in map(str, cube.data_vars) if normalise(name) in ALL_BANDS}
    if y is None or x is None or not bands:
        raise SourceError(f"{path.name} is not one of the thesis's files: it needs bands over lat and lon.")
    if cube[y].values[0] < cube[y].values[-1]:
        cube = cube.isel({y: slice(None, None, -1)})
    cube = cube.transpose(..., y, x)
    values = {name: _stored(cube[own]) for name, own in bands.items()}
    day = str(np.atleast_1d(cube["time"].values)[0])[:10] if "time" in cube.coords else "NaT"
    return {
        "bands": values,
        "clm": cube[CLOUD_MASK].values.astype(np.float32) if CLOUD_MASK in cube else None,
        "day": day,
        "grid": Grid.of_centres(cube[x].values, cube[y].values),
        "simulated": told_simulated(cube.attrs.get("simulated", 0)),
    }


def _stored(band: "xr.DataArray") -> "units.StoredBand":
    """Return a band as its file stores it, with the scale and offset that xarray has applied taken back."""
    from app.values import units

    held = band.encoding
    scale, offset = (float(held.get(name, default)) for name, default in (("scale_factor", 1.0), ("add_offset", 0.0)))
    stored = (band.values.astype(np.float64) - offset) / scale if (scale, offset) != (1.0, 0.0) else band.values
    integer = np.issubdtype(np.dtype(held.get("dtype", band.dtype)), np.integer)
    return units.StoredBand(stored.astype(np.float32), integer, scale, offset)


def _mask(each: dict) -> np.ndarray:
    empty = np.logical_and.reduce([np.isnan(stored.values) for stored in each["bands"].values()])
    if each["clm"] is None:
        return np.where(empty, NODATA, 0).astype(np.uint8)
    stored = each["clm"]
    known = np.isfinite(stored) & (stored != NODATA) & ~empty
    return np.where(known, stored != 0, NODATA).astype(np.uint8)


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
