"""GeoTIFF pairs in, masks and scores out; nothing but local files is ever opened."""

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
from app.grid import Grid
from app.limits import require_bearable
from app.truth import UNKNOWN

if TYPE_CHECKING:
    import xarray as xr
    from rasterio.io import DatasetReader

DN_PER_REFLECTANCE = 10_000  # Sentinel-2 L2A's quantification value
TIFF_ENDINGS = (".tif", ".tiff")

_DATE_TAGS = ("date", "acquisition_date", "acquisitiondatetime", "sensing_time", "datetime")
# a plane of pixels for images without a position: areas on it would mean nothing
UNPLACED = (
    'ENGCRS["Image pixels, position unknown",EDATUM["image"],CS[Cartesian,2],'
    'AXIS["x",east],AXIS["y",north],LENGTHUNIT["pixel",1]]'
)


@dataclass(frozen=True)
class _Date:
    """One file of a pair: what its header says, and its bands once they are read."""

    name: str
    grid: Grid
    placed: bool
    integer: bool
    day: str  # ISO date, or NaT
    simulated: bool
    bands: dict[str, np.ndarray]  # as stored, float32 (y, x), NaN where nodata
    scaled: bool  # whether the file's own scale and offset were applied
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
    for one to leave out); without it the files' band descriptions do. Integers are digital
    numbers, 10,000 to a reflectance of 1; so are floats far above 1. Without CLM every pixel
    with data counts as clear. Where the files carry no position, ``placed=False`` reads them
    all the same, on a plane of pixels. ``attrs`` are added to the patch's.
    Raises InputError, GridError, BandMissingError or DateOrderError with one sentence.
    """
    named = _names(t1, t2)
    pair = [_read_date(path, name, band_names, placed) for path, name in zip((t1, t2), named, strict=True)]
    _same_grid(*pair)
    names = tuple(name for name in BANDS if all(name in one.bands for one in pair))
    if not names:
        raise BandMissingError(f"{pair[0].name} and {pair[1].name} have no band in common; give --band-names.")
    notes = _convert(pair, names)
    from app import patches

    clm = np.stack([_cloud_mask(one, names) for one in pair])
    if any(one.clm is None for one in pair):
        notes.append("There is no cloud mask (CLM): every pixel with data counts as clear.")
    labels = {**_labels(pair), "reading": " ".join(notes), **(attrs or {})}
    stacked = {name: np.stack([one.bands[name] for one in pair]) for name in names}
    patch = patches.build(pair[0].grid, [one.day for one in pair], stacked, clm, labels)
    return patch, tuple(notes)


def channels_described(path: Path | str) -> tuple[bool, int]:
    """Return whether a GeoTIFF says which bands it holds, and its number of channels; reads no pixels."""
    with opened(path) as source:
        return any(_described(text) in BANDS for text in source.descriptions), source.count


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


def _labels(pair: Sequence[_Date]) -> dict[str, object]:
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


def _read_date(path: Path | str, name: str, band_names: Sequence[str] | None, placed: bool) -> _Date:
    with opened(path) as source:
        channels = _channels(name, source, band_names)
        spectral = {band: index for band, index in channels.items() if band != CLOUD_MASK}
        require_bearable(2 * source.width * source.height * (4 * len(spectral) + 1), f"A pair like {name}")
        kinds = {source.dtypes[index - 1] for index in spectral.values()}
        if "uint8" in kinds:
            raise InputError(f"{name} holds 8-bit values, a picture's; give reflectance or 16-bit digital numbers.")
        tags = tags_in(source)
        return _Date(
            name=name,
            grid=grid_in(name, source, placed),
            placed=source.crs is not None,
            integer=all(np.issubdtype(kind, np.integer) for kind in kinds),
            day=_day(tags),
            simulated=tags.get("simulated", "").lower() in ("true", "yes", "1"),
            bands={band: _stored(source, index) for band, index in spectral.items()},
            scaled=any(_has_scale(source, index) for index in spectral.values()),
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
            return Grid(0.0, 0.0, 1.0, 1.0, source.width, source.height, UNPLACED)
        raise GridError(f"{name} has no coordinate reference system; assign one (gdal_edit.py -a_srs EPSG:...).")
    a, b, c, d, e, f = tuple(source.transform)[:6]
    if b or d or a <= 0 or e >= 0:
        raise GridError(f"{name} is not north-up; warp it first (gdalwarp -t_srs).")
    code = source.crs.to_epsg()
    crs = f"EPSG:{code}" if code else source.crs.to_wkt()
    return Grid(c, f + e * source.height, a, -e, source.width, source.height, crs)


def tags_in(source: "DatasetReader") -> dict[str, str]:
    return {name.lower(): text for space in ("IMAGERY", None) for name, text in source.tags(ns=space).items()}


def _day(tags: Mapping[str, str]) -> str:
    """Return the date a file's tags give, else NaT; TIFF's own DateTime is when it was written, not seen."""
    for name in _DATE_TAGS:
        try:
            return str(date.fromisoformat(tags.get(name, "")[:10]))
        except ValueError:
            continue
    return "NaT"


def _has_scale(source: "DatasetReader", index: int) -> bool:
    return source.scales[index - 1] != 1 or source.offsets[index - 1] != 0


def _stored(source: "DatasetReader", index: int) -> np.ndarray:
    """Return one channel as float32 (y, x), NaN where nodata, with the file's own scale and offset applied."""
    values = source.read(index, masked=True).astype(np.float32).filled(np.nan)
    if _has_scale(source, index):
        values = values * np.float32(source.scales[index - 1]) + np.float32(source.offsets[index - 1])
    return values


def _stored_clm(source: "DatasetReader", index: int) -> np.ndarray:
    """Return the cloud mask as uint8 (y, x): 0 clear, 1 cloud, 255 nodata.

    Read without the file's nodata value: that is often 0, which here means clear.
    """
    values = source.read(index).astype(np.float32)
    missing = ~np.isfinite(values) | (values == UNKNOWN)
    return np.where(missing, UNKNOWN, values != 0).astype(np.uint8)


def _same_grid(first: _Date, second: _Date) -> None:
    """Raise unless both dates lie on one grid, to a hundredth of a pixel, and in order of time."""
    both = f"{first.name} and {second.name}"
    if first.grid.shape != second.grid.shape:
        sizes = " and ".join(f"{one.grid.width} x {one.grid.height}" for one in (first, second))
        raise GridError(f"{both} differ in size ({sizes} pixels); cut them to the same pixels.")
    if first.grid.crs != second.grid.crs:
        raise GridError(f"{both} differ in coordinate reference system; warp one to the other's (gdalwarp -t_srs).")
    apart = np.abs(np.subtract(first.grid.bbox, second.grid.bbox)).max()
    if apart > 0.01 * first.grid.res_x:
        raise GridError(f"{both} do not cover the same ground; resample one onto the other's pixels (gdalwarp -te).")
    if "NaT" not in (first.day, second.day) and first.day >= second.day:
        raise DateOrderError(f"{first.name} ({first.day}) is not before {second.name} ({second.day}); swap them.")


def _convert(pair: list[_Date], names: Sequence[str]) -> list[str]:
    """Bring every band of both dates to reflectance in place and return what was done, in words."""
    floats = [one for one in pair if not one.integer and not one.scaled]
    large = any(_high(one.bands[name]) > 2 for one in floats for name in names)
    done = []
    for one in pair:
        if one.scaled:
            done.append("scaled to reflectance by the scale and offset the file states.")
        elif one.integer or large:
            kind = "integers" if one.integer else "floats far above 1"
            done.append(f"{kind} read as digital numbers, divided by {DN_PER_REFLECTANCE:,} to reflectance.")
            for name in names:
                one.bands[name] /= DN_PER_REFLECTANCE
        else:
            done.append("values read as reflectance.")
    said = [f"Both dates: {done[0]}"] if done[0] == done[1] else [f"T1: {done[0]}", f"T2: {done[1]}"]
    return said + _doubts(pair, names)


def _doubts(pair: list[_Date], names: Sequence[str]) -> list[str]:
    """Return what the files cannot tell and a person should check."""
    doubts = []
    if all(one.integer and not one.scaled for one in pair) and pair[0].day < "2022-01-25" <= pair[1].day < "NaT":
        doubts.append(
            "T2 is from after 2022-01-25, when digital numbers began to carry +1000 (baseline 04.00); "
            "subtract it first unless that was done."
        )
    for date_name, one in zip(("T1", "T2"), pair, strict=True):
        empty = np.logical_and.reduce([one.bands[name] == 0 for name in names])
        if len(names) > 1 and one.clm is None and empty.any():
            doubts.append(
                f"{date_name}: pixels that are 0 in every band were taken as measured; declare nodata if not."
            )
    return doubts


def _high(values: np.ndarray) -> float:
    """Return the 99th percentile of about 10,000 of the values, 0 where all are nodata."""
    some = values.ravel()[:: max(1, values.size // 10_000)]
    some = some[np.isfinite(some)]
    return float(np.percentile(some, 99)) if some.size else 0.0


def _cloud_mask(one: _Date, names: Sequence[str]) -> np.ndarray:
    clm = np.zeros(one.grid.shape, np.uint8) if one.clm is None else one.clm.copy()
    clm[np.logical_and.reduce([np.isnan(one.bands[name]) for name in names])] = UNKNOWN
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
