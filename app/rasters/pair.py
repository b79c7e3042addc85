"""Two GeoTIFFs of one place read as a patch, and how their numbers were understood."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.bands import BANDS, CLOUD_MASK, normalise
from app.errors import BandMissingError, GridError, InputError, wrong_order
from app.grid import Grid
from app.limits import require_bearable
from app.patches import told_simulated
from app.rasters.opening import grid_in, opened
from app.stored import channels as stored_channels
from app.stored.channels import tags_in
from app.truth import UNKNOWN
from app.values.units import StoredBand

if TYPE_CHECKING:
    import xarray as xr
    from rasterio.io import DatasetReader

    from app.values.units import Date


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
        said = f"{first.name} ({first.day}) is not before {second.name} ({second.day})"
        raise wrong_order(said, first.day, second.day)


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
