"""A patch: the pair of Sentinel-2 squares around one event, how it is named, built and stored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import config, grid
from app.bands import BANDS, CLOUD_MASK, DEFAULT_BANDS, HEIGHT, SCENE_COUNT, TRUTH
from app.errors import BandMissingError, DateOrderError, InputError, PatchFileError
from app.files import digest, written_whole
from app.grid import BBox, Grid

if TYPE_CHECKING:
    import xarray as xr

CLEAR, CLOUDY, NODATA = 0, 1, 255
FIRST_DAY, LAST_DAY = "1900-01-01", "2199-12-31"  # what a time of nanoseconds holds with room to spare
SPAN = "/"  # between the first and the last day of a span
_SPANS = re.compile(r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d")
WARNINGS = "warnings"  # the attribute that holds what a reader should doubt, a sentence a line
_SAID = ("0", "1", "0.0", "1.0", "true", "false", "yes", "no")  # of being simulated
_ADDED = (
    "event_end",
    "heights",
    "on",
    "light",
    "t1_from",
    "t2_to",
    "composite",
)  # later than the first names of patches: in one only where set
COMPOSITES = {  # how the clear pixels of a span's scenes become one image: name -> what is taken of each pixel
    "median": "the median of each band",
    "greenest": "the scene of the highest NDVI",
    "latest": "the latest scene",
}
Span = tuple[date, date]  # first and last day, both included
Progress = Callable[[float, str], object]  # share done 0 to 1, what is being done; may raise Cancelled


def no_progress(share: float, doing: str) -> None:
    """Ignore progress: the default where nobody watches."""


@dataclass(frozen=True)
class PatchSpec:
    """All that changes a patch's pixels; two equal specs mean the same patch."""

    source: str
    event_id: str
    bbox: BBox
    t1: date
    t2: date
    event_date: date | None = None
    bands: tuple[str, ...] = DEFAULT_BANDS
    resolution_deg: float = grid.RESOLUTION_DEG
    options: tuple[tuple[str, str], ...] = ()  # what only one source understands, sorted by name
    event_end: date | None = None  # the last day, where the event may have happened on any from ``event_date`` on
    heights: bool = False  # whether the heights of the ground (DEM) are in it
    on: Grid | None = None  # the pixels of files that have their own; ``bbox`` is then the box that holds them
    light: str = ""  # how light is evened out over slopes (see ``app.terrain.correction``); empty: as measured
    t1_from: date | None = None  # the first day of T1 where that is a span; ``t1`` is its last
    t2_to: date | None = None  # the last day of T2 where that is a span; ``t2`` is its first
    composite: str = ""  # how the scenes of a span become one image, a name of COMPOSITES; empty without a span

    def __post_init__(self) -> None:
        require_days(self.t1, self.t2)
        if self.t1 >= self.t2:
            raise DateOrderError(f"T1 ({self.when[0]}) must come before T2 ({self.when[1]}); swap them.")
        self._require_spans()
        unknown = [name for name in self.bands if name not in BANDS]
        if unknown or not self.bands:
            raise BandMissingError(
                f"Sentinel-2 L2A has no band {', '.join(unknown) or '(none named)'}. Choose from {', '.join(BANDS)}."
            )
        if self.on is None:
            grid.for_bbox(self.bbox, self.resolution_deg)

    def _require_spans(self) -> None:
        """Raise DateOrderError for a span that runs backwards or over the event, InputError for a composite unknown."""
        for name, span in zip(("T1", "T2"), self.spans, strict=True):
            if span is None:
                continue
            require_days(*span)
            if span[0] > span[1]:
                raise DateOrderError(f"The span of {name}, {_span_words(span)}, runs backwards; swap its days.")
            happened = self.event_date, self.event_end or self.event_date
            if happened[0] and happened[1] and span[0] <= happened[1] and span[1] >= happened[0]:
                raise DateOrderError(
                    f"The span of {name}, {_span_words(span)}, reaches over the event ({happened[0]}), and would mix "
                    "the ground before it with that after; end it before or begin it after."
                )
        if any(self.spans) and self.composite not in COMPOSITES:
            raise InputError(
                f"There is no composite called {self.composite[:40]!r}. Choose from {', '.join(COMPOSITES)}."
            )

    @property
    def spans(self) -> tuple[Span | None, Span | None]:
        """First and last day of T1 and of T2, None for one that is a single day."""
        first = (self.t1_from, self.t1) if self.t1_from else None
        return first, ((self.t2, self.t2_to) if self.t2_to else None)

    @property
    def when(self) -> tuple[str, str]:
        """T1 and T2 as text: a day, or FROM/TO for a span."""
        first, second = (
            _span_words(span) if span else str(day) for span, day in zip(self.spans, (self.t1, self.t2), strict=True)
        )
        return first, second

    @property
    def grid(self) -> Grid:
        """The pixel grid this patch has: the same from every source, unless it is of files with their own."""
        return self.on or grid.for_bbox(self.bbox, self.resolution_deg)

    @cached_property  # a page asks for it some fifty times
    def key(self) -> str:
        """A short name of this spec, equal for equal specs, safe in file names and links."""
        held = {one.name: getattr(self, one.name) for one in fields(self)}
        held["on"] = asdict(self.on) if self.on else None
        named = {name: value for name, value in held.items() if value or name not in _ADDED}
        text = json.dumps(named, default=str, sort_keys=True)
        return digest(text)[:20]

    @property
    def nbytes(self) -> int:
        """Size of the loaded patch in bytes: two dates of float32 bands and the cloud mask, and heights where asked."""
        height, width = self.grid.shape
        return height * width * (2 * (4 * len(self.bands) + 1) + 4 * self.heights)


def assemble(
    spec: PatchSpec,
    bands: Mapping[str, np.ndarray],
    clm: np.ndarray,
    attrs: Mapping[str, object],
    truth: np.ndarray | None = None,
    counts: np.ndarray | None = None,
) -> xr.Dataset:
    """Build the patch that ``spec`` names from arrays already on its grid.

    ``bands`` maps each band of the spec to float32 reflectance (2, height, width), T1 first,
    NaN where nodata. ``clm`` is uint8 of the same shape: 0 clear, 1 cloud or shadow, 255
    nodata. ``truth``, where known, is uint8 (height, width): 1 landslide, 0 not, 255 unknown.
    ``attrs`` must hold ``simulated`` (bool) and may hold ``t1_scenes``, ``t2_scenes``,
    ``processing_baseline`` and anything else worth keeping with the pixels.
    ``counts``, of a composite, is uint16 like ``clm``: how many clear scenes each pixel is made of.
    Raises BandMissingError where a band of the spec is not there.
    """
    missing = [name for name in spec.bands if name not in bands]
    if missing:
        raise BandMissingError(
            f"The source {spec.source} gave no {', '.join(missing)}; choose among {', '.join(bands)}."
        )
    simulated = "SIMULATED " if told_simulated(attrs.get("simulated", 0)) else ""
    labels = {
        "title": f"{simulated}Sentinel-2 L2A pair around event {spec.event_id}",
        "source": spec.source,
        "event_id": spec.event_id,
        "event_date": str(spec.event_date or ""),
        "t1": spec.when[0],
        "t2": spec.when[1],
        **({"composite": spec.composite} if spec.composite else {}),
        **({"event_end": str(spec.event_end)} if spec.event_end else {}),
        **attrs,
    }
    dates = [spec.t1, spec.t2]
    patch = build(spec.grid, dates, {name: bands[name] for name in spec.bands}, clm, labels, truth)
    if counts is None:
        return patch
    meaning = {"long_name": "clear scenes a pixel is made of", "units": "1"}
    patch[SCENE_COUNT] = (("time", "y", "x"), np.asarray(counts, np.uint16), meaning)
    patch[SCENE_COUNT].encoding["grid_mapping"] = "spatial_ref"
    return patch


def build(
    on: Grid,
    dates: Sequence[date | str],
    bands: Mapping[str, np.ndarray],
    clm: np.ndarray,
    attrs: Mapping[str, object],
    truth: np.ndarray | None = None,
) -> xr.Dataset:
    """Build a patch on any grid (see ``assemble`` for the arrays); used for files as well."""
    import xarray as xr

    require_days(*dates)

    variables: dict[str, tuple] = {
        name: (("time", "y", "x"), np.asarray(values, np.float32), _band_attrs(name)) for name, values in bands.items()
    }
    clm_attrs = {"long_name": "cloud mask", "flag_values": [0, 1, 255], "flag_meanings": "clear cloud nodata"}
    variables[CLOUD_MASK] = (("time", "y", "x"), np.asarray(clm, np.uint8), clm_attrs)
    if truth is not None:
        meaning = {"long_name": "landslide", "flag_values": [0, 1, 255], "flag_meanings": "no yes unknown"}
        variables[TRUTH] = (("y", "x"), np.asarray(truth, np.uint8), meaning)
    patch = xr.Dataset(variables, coords=_coordinates(on, dates), attrs=_plain(attrs))
    patch.attrs["crs"] = on.crs
    return _georeferenced(patch, on)


def band_names(patch: xr.Dataset) -> tuple[str, ...]:
    """Return the spectral bands a patch holds, in the order of wavelength."""
    return tuple(name for name in BANDS if name in patch.data_vars)


def require_bands(patch: xr.Dataset, *needed: str) -> None:
    """Raise BandMissingError unless the patch holds every band in ``needed``."""
    held = band_names(patch)
    missing = [name for name in needed if name not in held]
    if missing:
        raise BandMissingError(
            f"This patch holds {', '.join(held) or 'no bands'} but not {', '.join(missing)}. "
            f"Open it again with {', '.join(missing)} among the bands."
        )


def clear_mask(patch: xr.Dataset, read: Sequence[int] = (0, 1)) -> np.ndarray:
    """Return bool (y, x): True where the dates ``read``, both or T2 alone, are clear (neither cloud nor nodata)."""
    return (patch[CLOUD_MASK].values[list(read)] == CLEAR).all(axis=0)


def clear_shares(patch: xr.Dataset) -> tuple[float, float]:
    """Return the share of clear pixels at T1 and at T2, each 0 to 1."""
    first, second = (patch[CLOUD_MASK].values == CLEAR).mean(axis=(1, 2))
    return float(first), float(second)


def share_words(patch: xr.Dataset) -> tuple[str, str]:
    """Return in words how much of T1 and of T2 is clear, cloud or shadow, and without data; nothing of what is none."""
    kinds = {CLEAR: "clear", CLOUDY: "cloud or shadow", NODATA: "without data"}
    first, second = (
        ", ".join(f"{_percent(count, date.size)} {kinds[kind]}" for kind, count in _counts(date).items() if count)
        for date in patch[CLOUD_MASK].values
    )
    return first, second


def _counts(date: np.ndarray) -> dict[int, int]:
    clear, empty = (int(np.count_nonzero(date == kind)) for kind in (CLEAR, NODATA))
    return {CLEAR: clear, CLOUDY: date.size - clear - empty, NODATA: empty}


def _percent(count: int, of: int) -> str:
    """Return a share that is whole only where it is, and never none where there is some."""
    share = 100 * count / of
    if count == of:
        return "100%"
    return "over 99.9%" if share > 99.9 else "under 0.1%" if share < 0.1 else f"{share:.1f}%"


def file_word(text: str) -> str:
    """Return text as it stands where a file may be called so, else a safe name that differs for every text."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", text)[:40]
    return plain if plain and plain == text else f"{plain}-{digest(text)[:8]}"


def is_simulated(patch: xr.Dataset) -> bool:
    """Whether any pixel of the patch was simulated rather than measured."""
    return told_simulated(patch.attrs.get("simulated", 0))


def told_simulated(value: object) -> bool:
    """Return what a file says of being simulated, in whatever way it is written; a word nobody knows is a yes."""
    text = str(value).strip().lower()
    return text not in ("", "false", "no", "n", "f", "none", "nan", "0", "0.0", "[0]", "[false]")


def require_days(*days: date | str, name: str = "The patch") -> None:
    """Raise DateOrderError for a day of other centuries than satellites'; NaT, which is not known, is none."""
    for day in map(str, days):
        if day != "NaT" and not FIRST_DAY <= day <= LAST_DAY:
            raise DateOrderError(f"{name} is said to be of {day}, when no satellite saw it; give the day of the scene.")


def warnings(patch: xr.Dataset) -> tuple[str, ...]:
    """Return what a reader of this patch should doubt, one sentence each; kept with its pixels, in every format."""
    return tuple(line for line in str(patch.attrs.get(WARNINGS, "")).splitlines() if line)


def with_warnings(attrs: Mapping[str, object], sentences: Iterable[str]) -> dict[str, object]:
    """Return a patch's attributes with more sentences among its warnings, each once."""
    held = str(attrs.get(WARNINGS, "")).splitlines()
    told = dict.fromkeys([*held, *(" ".join(one.split()) for one in sentences)])
    return {**attrs, WARNINGS: "\n".join(one for one in told if one)}


def dates(patch: xr.Dataset) -> tuple[str, str]:
    """Return the two dates as ISO text, T1 first."""
    first, second = (str(value)[:10] for value in patch["time"].values)
    return first, second


def when(patch: xr.Dataset) -> tuple[str, str]:
    """Return T1 and T2 as text: the day of a scene, or FROM/TO for the composite of a span."""
    first, second = (
        str(patch.attrs[name]) if _SPANS.fullmatch(str(patch.attrs.get(name, ""))) else day
        for name, day in zip(("t1", "t2"), dates(patch), strict=True)
    )
    return first, second


def said_when(patch: xr.Dataset) -> tuple[str, str]:
    """Return T1 and T2 in words, a composite with what it is: what stands on a picture."""
    said = str(patch.attrs.get("composite", ""))
    made = said if said in COMPOSITES else "composite"
    first, second = (f"{made} of {day.replace(SPAN, ' to ')}" if SPAN in day else day for day in when(patch))
    return first, second


def origin(patch: xr.Dataset) -> dict[str, str]:
    """Return what every file made from a patch says of its scenes, as text; nothing of what is not known."""
    names = ("event_date", "t1_scenes", "t2_scenes", "processing_baseline", "cloud_mask", "attribution")
    said = {name: str(patch.attrs.get(name, "")) for name in names}
    return {name: text for name, text in said.items() if text}


def file_stem(spec: PatchSpec, patch: xr.Dataset) -> str:
    """Return how names of files begin that hold something of a patch: simulated or not, event, spans of a composite."""
    simulated = "SIMULATED_" if is_simulated(patch) else ""
    spans = "_".join([spec.composite, *(day.replace("-", "").replace(SPAN, "-") for day in spec.when)])
    return f"{simulated}event{file_word(spec.event_id)}{f'_{spans}' if spec.composite else ''}"


def _span_words(span: Span) -> str:
    return f"{span[0]}{SPAN}{span[1]}"


def grid_of(patch: xr.Dataset) -> Grid:
    """Return the grid of a patch from its own coordinates."""
    crs = patch.attrs.get("crs", grid.EPSG_4326)
    return Grid.of_centres(patch["x"].values, patch["y"].values, crs, alone=1.0)


def resized(patch: xr.Dataset, shape: tuple[int, int]) -> xr.Dataset:
    """Return a patch of the same ground in (height, width) pixels: of each variable the nearest one."""
    held, on = (patch.sizes["y"], patch.sizes["x"]), grid_of(patch).resized(shape)
    rows, columns = (grid.nearest(*sizes) for sizes in zip(held, shape, strict=True))
    places = {"y": ("y", on.y, patch["y"].attrs), "x": ("x", on.x, patch["x"].attrs)}
    return patch.isel(y=rows, x=columns).assign_coords(places)


def write(patch: xr.Dataset, out: Path) -> None:
    """Store a patch as NetCDF (``.nc``) or Zarr (a folder ending in ``.zarr``).

    The file appears whole or not at all, and says which Scarp wrote it (``software``). Raises
    PatchFileError for another ending, where the place cannot be written, or where a folder is
    there that no patch was stored in.
    """
    out, patch = Path(out), patch.assign_attrs(software=config.software())
    _require_replaceable(out)
    with written_whole(out, PatchFileError, former=f".{out.name}.part") as beside:
        if out.suffix == ".nc":
            patch.to_netcdf(beside, engine="netcdf4", encoding=_compression(patch))
        elif out.suffix == ".zarr":
            patch.to_zarr(beside, mode="w", consolidated=True, zarr_format=2)
        else:
            raise PatchFileError(f"{out.name} should end in .nc (NetCDF) or .zarr (Zarr folder).")
        _make_way(out)


def read(path: Path) -> xr.Dataset:
    """Return a patch stored by ``write``, in memory.

    Raises PatchFileError where the file is missing or is not a Scarp patch, and InputError where it
    would take more memory than one may.
    """
    path = Path(path)
    if not path.exists():
        raise PatchFileError(f"There is no {path}. `python -m app patch EVENT --out {path.name}` writes one.")
    try:
        patch = _read_zarr(path) if path.is_dir() else _read_netcdf(path)
    except InputError:
        raise
    except Exception as error:  # each format library raises its own kinds
        raise PatchFileError(f"{path.name} cannot be read as NetCDF or Zarr ({error}).") from error
    return checked(patch, path.name)


def _read_zarr(folder: Path) -> xr.Dataset:
    from app.stored import zarr_checks, zarr_files

    return zarr_files.from_files(zarr_checks.files_of(folder), folder.name, consolidated=None)


def _read_netcdf(path: Path) -> xr.Dataset:
    from app.stored import netcdf

    with netcdf.opened(path) as opened:
        return opened.load().copy()


def checked(patch: xr.Dataset, name: str) -> xr.Dataset:
    """Return the patch if it keeps the contract, else raise PatchFileError saying what is wrong."""
    if not band_names(patch) or CLOUD_MASK not in patch:
        raise PatchFileError(f"{name} is not a Scarp patch: it needs bands named like B04 and the mask CLM.")
    if patch.sizes.get("time") != 2 or not {"x", "y"} <= set(patch.sizes):
        raise PatchFileError(f"{name} is not a Scarp patch: it needs the dimensions time (two dates), y and x.")
    _check_layout(patch, name)
    if patch["time"].values[0] >= patch["time"].values[1]:
        raise PatchFileError(f"{name} holds its dates in the wrong order; T1 has to come first.")
    patch.attrs["simulated"] = int(is_simulated(patch))
    return patch


def _check_layout(patch: xr.Dataset, name: str) -> None:
    """Raise PatchFileError unless every variable holds numbers on one north-up grid, of days."""
    wanted: dict[str, tuple[str, ...]] = dict.fromkeys((*band_names(patch), CLOUD_MASK), ("time", "y", "x"))
    wanted |= {TRUTH: ("y", "x"), HEIGHT: ("y", "x")}
    for variable, dims in wanted.items():
        if variable in patch and (patch[variable].dims != dims or patch[variable].dtype.kind not in "fiu"):
            raise PatchFileError(f"{name} is not a Scarp patch: {variable} has to hold numbers over {', '.join(dims)}.")
    if patch["time"].dtype.kind == "O":  # what a time of nanoseconds cannot hold
        require_days(*dates(patch), name=name)
    if patch["time"].dtype.kind != "M":
        raise PatchFileError(f"{name} is not a Scarp patch: its times have to be dates.")
    if not ((np.diff(patch["x"].values) > 0).all() and (np.diff(patch["y"].values) < 0).all()):
        raise PatchFileError(f"{name} is not north up: x has to grow and y to fall; turn it first.")
    if not all(_even(patch[side].values) for side in "xy"):
        raise PatchFileError(f"{name} has pixels that are not evenly spaced; resample it to a regular grid first.")
    if str(patch.attrs.get("simulated", 0)).strip().lower() not in _SAID:
        raise PatchFileError(f"{name} does not say whether it is simulated: the attribute has to be 0 or 1.")
    _check_crs(str(patch.attrs.get("crs", grid.EPSG_4326)), name)
    require_days(*dates(patch), name=name)
    grid.require_on_earth(grid_of(patch), name)


def _even(places: np.ndarray) -> bool:
    """Whether coordinates lie where a regular grid has them, to half a pixel; what is not finite is told elsewhere."""
    if len(places) < 3 or not np.isfinite(places).all():
        return True
    regular = np.linspace(places[0], places[-1], len(places))
    return bool(np.abs(places - regular).max() <= 0.5 * abs(places[-1] - places[0]) / (len(places) - 1))


def _check_crs(crs: str, name: str) -> None:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        CRS.from_user_input(crs)
    except CRSError as error:
        raise PatchFileError(f"{name} names no coordinate reference system that is known: {crs[:60]!r}.") from error


def _band_attrs(name: str) -> dict[str, object]:
    if name not in BANDS:
        return {"long_name": name, "units": "1"}
    band = BANDS[name]
    return {
        "long_name": f"{band.title} surface reflectance",
        "units": "1",
        "wavelength_nm": band.centre_nm,
        "native_resolution_m": band.native_m,
    }


def _coordinates(on: Grid, dates: Sequence[date | str]) -> dict[str, object]:
    degrees = on.geographic
    x_attrs = {"standard_name": "longitude" if degrees else "projection_x_coordinate", "axis": "X"}
    y_attrs = {"standard_name": "latitude" if degrees else "projection_y_coordinate", "axis": "Y"}
    unit = "m" if on.unit == "metre" else on.unit.replace(" ", "_")
    x_attrs["units"], y_attrs["units"] = ("degrees_east", "degrees_north") if on.unit == "degree" else (unit, unit)
    time = np.array([str(day) for day in dates], dtype="datetime64[ns]")
    return {"time": ("time", time), "y": ("y", on.y, y_attrs), "x": ("x", on.x, x_attrs)}


def _georeferenced(patch: xr.Dataset, on: Grid) -> xr.Dataset:
    """Record the CRS the CF way, which is what GDAL, QGIS and rioxarray look for."""
    from pyproj import CRS

    crs = CRS.from_user_input(on.crs)
    attrs = {**crs.to_cf(), "spatial_ref": crs.to_wkt()}
    a, b, c, d, e, f = on.transform
    attrs["GeoTransform"] = f"{c!r} {a!r} {b!r} {f!r} {d!r} {e!r}"
    patch = patch.assign_coords(spatial_ref=((), np.int32(0), attrs))
    for name in patch.data_vars:
        patch[name].encoding["grid_mapping"] = "spatial_ref"
    patch.attrs["Conventions"] = "CF-1.8"
    return patch


def _plain(attrs: Mapping[str, object]) -> dict[str, object]:
    """Return attributes that NetCDF and Zarr can both hold: text and numbers."""
    plain: dict[str, object] = {}
    for name, value in attrs.items():
        if isinstance(value, bool):
            value = int(value)
        elif isinstance(value, (list, tuple)):
            value = ", ".join(str(part) for part in value)
        elif value is None or isinstance(value, date):
            value = str(value or "")
        plain[name] = value
    return plain


def _compression(patch: xr.Dataset) -> dict[str, dict[str, object]]:
    packed = {"zlib": True, "complevel": 1, "grid_mapping": "spatial_ref"}  # what is given here replaces all of it
    return {str(name): packed for name in patch.data_vars}


def _require_replaceable(out: Path) -> None:
    """Raise PatchFileError where writing would take away a folder that holds anything but a Zarr group."""
    if not out.is_dir() or not any(out.iterdir()):
        return
    if out.suffix != ".zarr" or not any((out / name).is_file() for name in (".zgroup", "zarr.json")):
        raise PatchFileError(f"{out} is a folder with other things in it and is not replaced; choose another place.")


def _make_way(out: Path) -> None:
    """Take away the folder a new one is put in place of: unlike a file, it is not replaced in one step."""
    if out.is_dir():
        import shutil

        shutil.rmtree(out)
