"""GeoTIFF pairs in, masks and scores out; nothing but local files is ever opened."""

import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import config
from app.bands import BANDS, CLOUD_MASK, normalise
from app.errors import BandMissingError, DateOrderError, GridError, InputError
from app.files import local, written_whole
from app.grid import Grid, plane, require_on_earth
from app.limits import require_bearable
from app.patches import require_days, told_simulated
from app.truth import UNKNOWN
from app.values.units import OFFSET_DAY, StoredBand

if TYPE_CHECKING:
    import xarray as xr
    from rasterio.io import DatasetReader

    from app.values.units import Date

TIFF_ENDINGS = (".tif", ".tiff")

_DATE_TAGS = ("date", "acquisition_date", "acquisitiondatetime", "sensing_time", "datetime")
_BASELINE_TAGS = ("processing_baseline", "s2:processing_baseline", "processing:version", "baseline")
_MASK_BANDS = ("alpha", "datamask", "valid", "validmask", "validity", "validpixels")  # 0 where there is no data


@dataclass(frozen=True)
class _File:
    """One file of a pair: what its header says, and its bands as it stores them."""

    name: str
    grid: Grid
    placed: bool
    day: str  # ISO date, or NaT
    newer: bool | None  # whether its processing adds 1000 to digital numbers; None where nothing says so
    simulated: bool
    bands: dict[str, StoredBand]
    masked: int  # pixels that an alpha band or a mask band leaves out
    clm: np.ndarray | None


def read_pair(
    t1: Path | str,
    t2: Path | str,
    band_names: Sequence[str] | None = None,
    *,
    placed: bool = True,
    attrs: Mapping[str, object] | None = None,
) -> tuple["xr.Dataset", tuple[str, ...]]:
    """Return two GeoTIFFs of one place as a patch in reflectance, with notes on how they were read.

    ``band_names`` names every channel of both files in order (``CLM`` for the cloud mask, ``-``
    for one to leave out); without it the files' band descriptions do. What the numbers mean is
    told for each file and band (see ``app.values.units``), and what came out is looked at: what is
    to be doubted of it is among the patch's warnings. Alpha bands and mask bands leave pixels
    out. Without CLM every pixel with data counts as clear. Where the files carry no position,
    ``placed=False`` reads them all the same, on a plane of pixels. ``attrs`` are added to the patch's.
    Raises InputError, GridError, BandMissingError or DateOrderError with one sentence.
    """
    named = _names(t1, t2)
    pair = [_read_file(path, name, band_names, placed) for path, name in zip((t1, t2), named, strict=True)]
    _same_grid(*pair)
    names = tuple(name for name in BANDS if all(name in one.bands for one in pair))
    if not names:
        raise BandMissingError(f"{pair[0].name} and {pair[1].name} have no band in common; give --band-names.")
    return _patch(pair, names, attrs or {})


def _patch(
    pair: Sequence[_File], names: Sequence[str], attrs: Mapping[str, object]
) -> tuple["xr.Dataset", tuple[str, ...]]:
    """Return the bands of both files in reflectance as a patch that was looked at, and how they were read."""
    from app import patches
    from app.values import offsets, plausible, units

    dates = [
        units.Date(date_name, {name: one.bands[name] for name in names})
        for date_name, one in zip(("T1", "T2"), pair, strict=True)
    ]
    empty = _empty_zeros(dates, pair)
    units.to_reflectance(dates)
    clm = np.stack([_cloud_mask(one, names) for one in pair])
    offset_notes = offsets.take_off(dates, (clm == patches.CLEAR).all(axis=0), [one.newer for one in pair])
    notes = [*units.readings(dates), *_masked(pair), *offset_notes, *empty]
    if any(one.clm is None for one in pair):
        notes.append("There is no cloud mask (CLM): every pixel with data counts as clear.")
    labels = {**_labels(pair), "reading": " ".join(notes), **attrs}
    labels = patches.with_warnings(labels, [doubt for one in dates for doubt in one.doubts])
    dates.clear()
    stacked = {name: _both(pair, name) for name in names}
    patch = patches.build(pair[0].grid, [one.day for one in pair], stacked, clm, labels)
    return plausible.told(patch), tuple(notes)


def channels_described(path: Path | str) -> tuple[bool, int]:
    """Return whether a GeoTIFF says which bands it holds, and its number of channels; reads no pixels."""
    with opened(path) as source:
        return any(_described(text) in BANDS for text in source.descriptions), source.count


def tells_simulated(path: Path | str) -> bool:
    """Return whether a GeoTIFF says that what it shows is simulated; reads no pixels."""
    with opened(path) as source:
        return told_simulated(tags_in(source).get("simulated", ""))


def write_mask(
    path: Path | str, mask: np.ndarray, clear: np.ndarray, grid: Grid, tags: Mapping[str, object] | None = None
) -> None:
    """Write bool (y, x) as a GeoTIFF: 1 changed, 0 not, 255 (nodata) where not ``clear``."""
    values = np.where(clear, mask, UNKNOWN).astype(np.uint8)
    _write(path, values, grid, UNKNOWN, "change: 1 yes, 0 no, 255 not clear", tags or {})


def write_score(path: Path | str, score: np.ndarray, grid: Grid, tags: Mapping[str, object] | None = None) -> None:
    """Write float32 (y, x) as a GeoTIFF whose nodata is NaN."""
    _write(path, np.asarray(score, np.float32), grid, float("nan"), "score", tags or {})


def local_raster(path: Path | str, endings: tuple[str, ...]) -> Path:
    """Return the path of an existing local file."""
    found = local(path)
    if found.suffix.lower() not in endings:
        raise InputError(f"{found.name} should be a file ending in {' or '.join(endings)}.")
    if found.is_dir():
        raise InputError(f"{found.name} is a folder, not a file; name the file in it.")
    if found.is_symlink() and not found.exists():
        raise InputError(f"{found.name} is a link to a file that is not there; check where it leads.")
    if not found.is_file():
        raise InputError(f"There is no file {found}; check the path.")
    return found


@contextmanager
def opened(path: Path | str) -> Iterator["DatasetReader"]:
    """Open a local GeoTIFF of bearable size, and nothing that only ends like one."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    found = local_raster(path, TIFF_ENDINGS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(found, driver="GTiff") as source:
                check_size(found.name, source.width, source.height)
                yield source
    except RasterioError as error:
        raise InputError(f"{found.name} cannot be read as a GeoTIFF ({error}).") from error


def check_size(name: str, width: int, height: int) -> None:
    limit = config.settings().max_raster_mpx
    if width * height > limit * 1_000_000:
        raise InputError(f"{name} is {width} x {height} pixels, over the limit of {limit} million; cut a part out.")


def _labels(pair: Sequence[_File]) -> dict[str, object]:
    return {
        "title": f"Pair of {pair[0].name} and {pair[1].name}",
        "source": "files",
        "t1_file": pair[0].name,
        "t2_file": pair[1].name,
        "simulated": any(one.simulated for one in pair),
    }


def _names(*paths: Path | str) -> list[str]:
    """Return what messages call the files: their names, with the folder where those are the same."""
    names = [Path(path).name for path in paths]
    return names if len(set(names)) == len(names) else [f"{Path(path).parent.name}/{Path(path).name}" for path in paths]


def _read_file(path: Path | str, name: str, band_names: Sequence[str] | None, placed: bool) -> _File:
    with opened(path) as source:
        channels = _channels(name, source, band_names)
        spectral = {band: index for band, index in channels.items() if band != CLOUD_MASK}
        require_bearable(2 * source.width * source.height * (4 * len(spectral) + 1), f"A pair like {name}")
        if {source.dtypes[index - 1] for index in spectral.values()} & {"uint8", "int8"}:
            raise InputError(f"{name} holds 8-bit values, a picture's; give reflectance or 16-bit digital numbers.")
        tags = tags_in(source)
        bands = {band: _stored(source, index, channels) for band, index in spectral.items()}
        hidden = _hidden(source, channels)
        if hidden is not None:
            for stored in bands.values():
                stored.values[hidden] = np.nan
        day = _day(name, tags)
        return _File(
            name=name,
            grid=grid_in(name, source, placed),
            placed=source.crs is not None,
            day=day,
            newer=_newer(Path(path).name, tags, day),
            simulated=told_simulated(tags.get("simulated", "")),
            bands=bands,
            masked=0 if hidden is None else int(np.count_nonzero(hidden)),
            clm=_stored_clm(source, channels[CLOUD_MASK]) if CLOUD_MASK in channels else None,
        )


def _channels(name: str, source: "DatasetReader", band_names: Sequence[str] | None) -> dict[str, int]:
    """Return band -> channel number from 1, by the names given or the file's descriptions."""
    if band_names is not None:
        given = [normalise(part) for part in band_names]
        unknown = [part for part in given if part not in BANDS and part not in (CLOUD_MASK, "-")]
        if unknown or len(given) != source.count:
            wrong = f"{', '.join(unknown)} is no band" if unknown else f"{len(given)} were given"
            raise InputError(
                f"{name} has {source.count} channels and {wrong}: name each in order, for example "
                "B02,B03,B04,B08,CLM, with - for one to leave out."
            )
    else:
        given = [_described(text) for text in source.descriptions]
    channels = {band: number for number, band in enumerate(given, 1) if band in BANDS or band == CLOUD_MASK}
    if not channels.keys() - {CLOUD_MASK}:
        raise BandMissingError(
            f"{name} does not say which bands its {source.count} channels are; give --band-names, "
            "for example --band-names B02,B03,B04,B08,CLM."
        )
    return channels


def _described(text: str | None) -> str:
    """Return the band a description begins with, as in ``B4`` or ``B04 red``, or ``-``."""
    words = (text or "").split()
    return normalise(words[0]) if words else "-"


def grid_in(name: str, source: "DatasetReader", placed: bool) -> Grid:
    if source.crs is None:
        if not placed:
            return plane((source.height, source.width))
        raise GridError(f"{name} has no coordinate reference system; assign one (gdal_edit.py -a_srs EPSG:...).")
    a, b, c, d, e, f = tuple(source.transform)[:6]
    code = source.crs.to_epsg()
    crs = f"EPSG:{code}" if code else source.crs.to_wkt()
    on = Grid(c, f + e * source.height, a, -e, source.width, source.height, crs)
    if not all(math.isfinite(part) for part in (a, b, c, d, e, f)) or a == 0 or e == 0:
        require_on_earth(on, name)
    if b or d or a <= 0 or e >= 0:
        raise GridError(f"{name} is not north-up; warp it first (gdalwarp -t_srs).")
    require_on_earth(on, name)
    return on


def tags_in(source: "DatasetReader") -> dict[str, str]:
    return {name.lower(): text for space in ("IMAGERY", None) for name, text in source.tags(ns=space).items()}


def _day(name: str, tags: Mapping[str, str]) -> str:
    """Return the date a file's tags give, else NaT; TIFF's own DateTime is when it was written, not seen."""
    for tag in _DATE_TAGS:
        try:
            day = date.fromisoformat(tags.get(tag, "")[:10])
        except ValueError:
            continue
        require_days(day, name=name)
        return str(day)
    return "NaT"


def _newer(file_name: str, tags: Mapping[str, str], day: str) -> bool | None:
    """Return whether a file's processing adds 1000 to digital numbers: as it states, else as its day suggests."""
    stated = next((tags[name] for name in _BASELINE_TAGS if name in tags), "")
    match = re.search(r"(\d{1,2})\.(\d{1,2})", stated) or re.search(r"_N(\d\d)(\d\d)_", f"{file_name}_")
    if match:
        return (int(match[1]), int(match[2])) >= (4, 0)
    return None if day == "NaT" else day >= OFFSET_DAY


def _stored(source: "DatasetReader", index: int, channels: Mapping[str, int]) -> StoredBand:
    """Return one channel as its file stores it, float32 (y, x), NaN where the file declares nodata or masks it."""
    from rasterio.enums import MaskFlags

    alpha = MaskFlags.alpha in source.mask_flag_enums[index - 1] and _alpha(source) in channels.values()
    read = source.read(index, masked=not alpha)  # a band in the place of an alpha band masks nothing
    integer = np.issubdtype(read.dtype, np.integer)
    with np.errstate(over="ignore"):
        values = read.astype(np.float32)
    values = values if alpha else values.filled(np.nan)
    largest = np.finfo(np.float32).max
    np.clip(values, -largest, largest, out=values)  # an infinite value is fill like any other
    return StoredBand(values, integer, float(source.scales[index - 1]), float(source.offsets[index - 1]))


def _alpha(source: "DatasetReader") -> int:
    """Return the number of the alpha band, 0 where there is none."""
    from rasterio.enums import ColorInterp

    return next((n for n, kind in enumerate(source.colorinterp, 1) if kind == ColorInterp.alpha), 0)


def _hidden(source: "DatasetReader", channels: Mapping[str, int]) -> np.ndarray | None:
    """Return bool (y, x), True where an alpha band or a band that says which pixels hold data is 0; None without."""
    numbers = {n for n, text in enumerate(source.descriptions, 1) if _plain(text) in _MASK_BANDS} | {_alpha(source)}
    hidden = None
    for number in sorted(numbers - {0, *channels.values()}):
        missing = source.read(number) == 0
        hidden = missing if hidden is None else hidden | missing
    return hidden


def _plain(text: str | None) -> str:
    return re.sub(r"[^a-z]", "", (text or "").lower())


def _stored_clm(source: "DatasetReader", index: int) -> np.ndarray:
    """Return the cloud mask as uint8 (y, x): 0 clear, 1 cloud, 255 nodata.

    Read without the file's nodata value: that is often 0, which here means clear.
    """
    values = source.read(index).astype(np.float32)
    missing = ~np.isfinite(values) | (values == UNKNOWN)
    return np.where(missing, UNKNOWN, values != 0).astype(np.uint8)


def _same_grid(first: _File, second: _File) -> None:
    """Raise unless both dates lie on one grid, to a hundredth of a pixel, and in order of time."""
    both = f"{first.name} and {second.name}"
    if first.grid.shape != second.grid.shape:
        sizes = " and ".join(f"{one.grid.width} x {one.grid.height}" for one in (first, second))
        raise GridError(f"{both} differ in size ({sizes} pixels); cut them to the same pixels.")
    if first.grid.crs != second.grid.crs:
        raise GridError(f"{both} differ in coordinate reference system; warp one to the other's (gdalwarp -t_srs).")
    if not first.grid.same_as(second.grid):
        raise GridError(f"{both} do not cover the same ground; resample one onto the other's pixels (gdalwarp -te).")
    if "NaT" not in (first.day, second.day) and first.day >= second.day:
        raise DateOrderError(f"{first.name} ({first.day}) is not before {second.name} ({second.day}); swap them.")


def _masked(pair: Sequence[_File]) -> list[str]:
    return [
        f"{date_name}: {one.masked:,} pixels are left out by an alpha or mask band."
        for date_name, one in zip(("T1", "T2"), pair, strict=True)
        if one.masked
    ]


def _empty_zeros(dates: Sequence["Date"], pair: Sequence[_File]) -> list[str]:
    """Return what two bands alone cannot tell: whether 0 in both was measured."""
    doubts = []
    for one, file in zip(dates, pair, strict=True):
        empty = np.logical_and.reduce([stored.values == 0 for stored in one.bands.values()])
        if len(one.bands) == 2 and file.clm is None and empty.any():
            doubts.append(f"{one.name}: pixels that are 0 in every band were taken as measured; declare nodata if not.")
    return doubts


def _both(pair: Sequence[_File], name: str) -> np.ndarray:
    """Return one band of both dates, (2, y, x), and let go of the files' own, so that not all is held twice."""
    return np.stack([one.bands.pop(name).values for one in pair])


def _cloud_mask(one: _File, names: Sequence[str]) -> np.ndarray:
    clm = np.zeros(one.grid.shape, np.uint8) if one.clm is None else one.clm.copy()
    clm[np.logical_and.reduce([np.isnan(one.bands[name].values) for name in names])] = UNKNOWN
    return clm


def _write(
    path: Path | str, values: np.ndarray, grid: Grid, nodata: float, about: str, tags: Mapping[str, object]
) -> None:
    """Write one band, whole or not at all."""
    from affine import Affine
    from rasterio.io import MemoryFile

    path = Path(path)
    if path.suffix.lower() not in TIFF_ENDINGS:
        raise InputError(f"{path.name} should end in .tif.")
    if values.shape != grid.shape:
        raise GridError(f"Values of {values.shape} pixels do not lie on a grid of {grid.shape}; use the patch's grid.")
    profile = {
        "driver": "GTiff",
        "count": 1,
        "height": grid.height,
        "width": grid.width,
        "dtype": values.dtype.name,
        "crs": grid.crs,
        "transform": Affine(*grid.transform),
        "nodata": nodata,
        "compress": "deflate",
    }
    with MemoryFile() as made:  # GDAL says nothing where the end of a file finds no room on the disk
        with made.open(**profile) as target:
            target.write(values, 1)
            target.set_band_description(1, about)
            target.update_tags(**{name: str(value) for name, value in tags.items()})
        with written_whole(path) as beside:
            beside.write_bytes(made.getbuffer())
