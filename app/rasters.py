"""GeoTIFF pairs in, masks and scores out; nothing but local files is ever opened."""

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import config
from app.bands import BANDS, CLOUD_MASK, normalise
from app.errors import BandMissingError, DateOrderError, GridError, InputError
from app.files import local, written_whole
from app.grid import Grid, plane, require_on_earth
from app.limits import require_bearable
from app.patches import band_names, grid_of, told_simulated
from app.stored import channels as stored_channels
from app.stored.channels import tags_in
from app.truth import UNKNOWN
from app.values.units import StoredBand

if TYPE_CHECKING:
    import xarray as xr
    from rasterio.io import DatasetReader, DatasetWriter

    from app.values.units import Date

TIFF_ENDINGS = (".tif", ".tiff")
RGBA = tuple[int, int, int, int]
# what a mask's numbers look like where nothing else says so; 255, which is nodata, is not drawn
MASK_COLOURS: dict[int, RGBA] = {0: (226, 226, 226, 255), 1: (255, 176, 0, 255), UNKNOWN: (0, 0, 0, 0)}


@dataclass(frozen=True)
class DateFile:
    """One date of a pair: what its files say, and its bands as they store them."""

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
    return assembled(pair, names, attrs or {})


def assembled(
    pair: Sequence[DateFile],
    names: Sequence[str],
    attrs: Mapping[str, object],
    laid: Callable[[Sequence[DateFile]], Sequence[DateFile]] | None = None,
    said: Sequence[str] = (),
) -> tuple["xr.Dataset", tuple[str, ...]]:
    """Return the bands ``names`` of both dates in reflectance as a patch that was looked at, and how they were read.

    Dates that lie on other pixels than each other are brought to the same by ``laid``, once their numbers are
    reflectance and their fill is NaN. ``said`` are notes that come first. Raises as ``read_pair`` does.
    """
    from app import patches
    from app.values import offsets, plausible, units

    dates = [
        units.Date(date_name, {name: one.bands[name] for name in names})
        for date_name, one in zip(("T1", "T2"), pair, strict=True)
    ]
    empty = _empty_zeros(dates, pair)
    units.to_reflectance(dates)
    pair = laid(pair) if laid else pair
    clm = np.stack([_cloud_mask(one, names) for one in pair])
    offset_notes = offsets.take_off(dates, (clm == patches.CLEAR).all(axis=0), [one.newer for one in pair])
    notes = [*said, *units.readings(dates), *_masked(pair), *offset_notes, *empty]
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
        return any(stored_channels.described(text) in BANDS for text in source.descriptions), source.count


def tells_simulated(path: Path | str) -> bool:
    """Return whether a GeoTIFF says that what it shows is simulated; reads no pixels."""
    with opened(path) as source:
        return told_simulated(tags_in(source).get("simulated", ""))


def write_mask(
    path: Path | str, mask: np.ndarray, clear: np.ndarray, grid: Grid, tags: Mapping[str, object] | None = None
) -> None:
    """Write bool (y, x) as a GeoTIFF with a table of colours: 1 changed, 0 not, 255 (nodata) where not ``clear``."""
    values = np.where(clear, mask.view(np.uint8), np.uint8(UNKNOWN))
    about = ("change: 1 yes, 0 no, 255 not clear",)
    _write(path, values[None], grid, UNKNOWN, about, tags or {}, colours=MASK_COLOURS)


def write_score(path: Path | str, score: np.ndarray, grid: Grid, tags: Mapping[str, object] | None = None) -> None:
    """Write float32 (y, x) as a GeoTIFF whose nodata is NaN."""
    _write(path, np.asarray(score, np.float32)[None], grid, float("nan"), ("score",), tags or {})


def write_date(path: Path | str, patch: "xr.Dataset", at: int, tags: Mapping[str, object]) -> None:
    """Write one date of a patch as a GeoTIFF that ``read_pair`` reads: its bands in reflectance, then ``CLM``.

    Each band says what it is, its unit, its wavelength and its scale, which is 1.
    """
    names = (*band_names(patch), CLOUD_MASK)
    values = np.stack([patch[name].values[at].astype(np.float32) for name in names])
    day = str(patch["time"].values[at])[:10]
    said = {**tags, **({} if day == "NaT" else {"date": day})}
    about = [{**patch[name].attrs, "scale": 1, "offset": 0} for name in names]
    _write(path, values, grid_of(patch), float("nan"), names, said, each=about)


def write_picture(
    path: Path | str, picture: np.ndarray, seen: np.ndarray, grid: Grid, tags: Mapping[str, object] | None = None
) -> None:
    """Write uint8 (y, x, 3) as a GeoTIFF of red, green, blue and alpha, transparent where not ``seen``, bool (y, x)."""
    alpha = np.where(seen, np.uint8(255), np.uint8(0))
    values = np.concatenate([np.moveaxis(picture, -1, 0), alpha[None]])
    _write(path, values, grid, None, ("red", "green", "blue", "alpha"), tags or {})


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
        raise InputError(f"{found.name} cannot be read as a GeoTIFF ({why_not(found, error)}).") from error


def why_not(path: Path, error: Exception) -> str:
    """Return in a line why a raster cannot be read, without the folder: an upload lies where nobody put it."""
    if path.is_file():
        with path.open("rb") as file:
            if file.read(200).lstrip().startswith(b"<VRTDataset"):  # whatever its ending
                return "it only names other files; bring those"
    return " ".join(str(error).replace(str(path), path.name).split())[:200] or type(error).__name__


def check_size(name: str, width: int, height: int) -> None:
    limit = config.settings().max_raster_mpx
    if width * height > limit * 1_000_000:
        raise InputError(f"{name} is {width} x {height} pixels, over the limit of {limit} million; cut a part out.")


def _labels(pair: Sequence[DateFile]) -> dict[str, object]:
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


def _read_file(path: Path | str, name: str, band_names: Sequence[str] | None, placed: bool) -> DateFile:
    with opened(path) as source:
        channels = _channels(name, source, band_names)
        spectral = {band: index for band, index in channels.items() if band != CLOUD_MASK}
        require_bearable(2 * source.width * source.height * (4 * len(spectral) + 1), f"A pair like {name}")
        if {source.dtypes[index - 1] for index in spectral.values()} & {"uint8", "int8"}:
            raise InputError(f"{name} holds 8-bit values, a picture's; give reflectance or 16-bit digital numbers.")
        tags = tags_in(source)
        used = set(channels.values())
        bands = {band: stored_channels.stored(source, index, used) for band, index in spectral.items()}
        hidden = stored_channels.hidden(source, used)
        if hidden is not None:
            for stored in bands.values():
                stored.values[hidden] = np.nan
        day = stored_channels.day_in(name, tags)
        return DateFile(
            name=name,
            grid=grid_in(name, source, placed),
            placed=source.crs is not None,
            day=day,
            newer=stored_channels.newer(Path(path).name, tags, day),
            simulated=told_simulated(tags.get("simulated", "")),
            bands=bands,
            masked=0 if hidden is None else int(np.count_nonzero(hidden)),
            clm=stored_channels.stored_clm(source, channels[CLOUD_MASK]) if CLOUD_MASK in channels else None,
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
        given = [stored_channels.described(text) for text in source.descriptions]
    channels = {band: number for number, band in enumerate(given, 1) if band in BANDS or band == CLOUD_MASK}
    if not channels.keys() - {CLOUD_MASK}:
        raise BandMissingError(
            f"{name} does not say which bands its {source.count} channels are; give --band-names, "
            "for example --band-names B02,B03,B04,B08,CLM."
        )
    return channels


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


def _same_grid(first: DateFile, second: DateFile) -> None:
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


def _masked(pair: Sequence[DateFile]) -> list[str]:
    return [
        f"{date_name}: {one.masked:,} pixels are left out by an alpha or mask band."
        for date_name, one in zip(("T1", "T2"), pair, strict=True)
        if one.masked
    ]


def _empty_zeros(dates: Sequence["Date"], pair: Sequence[DateFile]) -> list[str]:
    """Return what two bands alone cannot tell: whether 0 in both was measured."""
    doubts = []
    for one, file in zip(dates, pair, strict=True):
        empty = np.logical_and.reduce([stored.values == 0 for stored in one.bands.values()])
        if len(one.bands) == 2 and file.clm is None and empty.any():
            doubts.append(f"{one.name}: pixels that are 0 in every band were taken as measured; declare nodata if not.")
    return doubts


def _both(pair: Sequence[DateFile], name: str) -> np.ndarray:
    """Return one band of both dates, (2, y, x), and let go of the files' own, so that not all is held twice."""
    return np.stack([one.bands.pop(name).values for one in pair])


def _cloud_mask(one: DateFile, names: Sequence[str]) -> np.ndarray:
    clm = np.zeros(one.grid.shape, np.uint8) if one.clm is None else one.clm.copy()
    clm[np.logical_and.reduce([np.isnan(one.bands[name].values) for name in names])] = UNKNOWN
    return clm


def _write(
    path: Path | str,
    values: np.ndarray,
    grid: Grid,
    nodata: float | None,
    about: Sequence[str],
    tags: Mapping[str, object],
    each: Sequence[Mapping[str, object]] = (),
    colours: Mapping[int, RGBA] | None = None,
) -> None:
    """Write bands (band, y, x), described in ``about``, as a cloud-optimised GeoTIFF, whole or not at all.

    ``each`` holds what is said of every band, ``colours`` what its numbers look like.
    """
    from affine import Affine
    from rasterio.io import MemoryFile

    path = Path(path)
    if path.suffix.lower() not in TIFF_ENDINGS:
        raise InputError(f"{path.name} should end in .tif.")
    if values.shape[1:] != grid.shape:
        raise GridError(
            f"Values of {values.shape[1:]} pixels do not lie on a grid of {grid.shape}; use the patch's grid."
        )
    profile = {
        "driver": "COG",
        "count": len(values),
        "height": grid.height,
        "width": grid.width,
        "dtype": values.dtype.name,
        "crs": grid.crs,
        "transform": Affine(*grid.transform),
        "nodata": nodata,
        "compress": "deflate",
        "overview_resampling": "nearest",  # no overview shows a number that was not there
    }
    with MemoryFile() as made:  # GDAL says nothing where the end of a file finds no room on the disk
        with made.open(**profile) as target:
            _fill(target, values, about, tags, each, colours)
        with written_whole(path) as beside:
            beside.write_bytes(made.getbuffer())


def _fill(
    target: "DatasetWriter",
    values: np.ndarray,
    about: Sequence[str],
    tags: Mapping[str, object],
    each: Sequence[Mapping[str, object]],
    colours: Mapping[int, RGBA] | None,
) -> None:
    target.write(values)
    target.descriptions = tuple(about)
    target.update_tags(**{name: str(value) for name, value in tags.items()})
    for band, said in enumerate(each, start=1):
        target.update_tags(band, **{name: str(value) for name, value in said.items()})
    if about[-1] == "alpha":
        from rasterio.enums import ColorInterp

        target.colorinterp = [ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha]
    if colours is not None:
        target.write_colormap(1, dict(colours))
