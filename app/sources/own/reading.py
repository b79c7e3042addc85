"""A pair of one's own images read: the bands both dates hold, on one grid, in reflectance, with how that was done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.bands import BANDS, CLOUD_MASK
from app.errors import BandMissingError, wrong_order
from app.files import digest, file_digest
from app.grid import Grid
from app.limits import require_bearable
from app.patches import Progress, no_progress, told_simulated, with_warnings
from app.rasters import DateFile, assembled
from app.sources import scl
from app.sources.own import clouds, cubes, frames, headers, pairing
from app.sources.own.frames import Frame
from app.sources.own.headers import ImageHeader
from app.sources.own.naming import QA60, SCL, VALID
from app.sources.own.pairing import ChannelUsed, DateUnderstood
from app.sources.own.stated import UNITS, PairStated
from app.sources.own.unpacking import BroughtFile
from app.stored import channels as stored
from app.truth import UNKNOWN
from app.values.units import StoredBand

if TYPE_CHECKING:
    import xarray as xr
    from rasterio.windows import Window

_QA60_CLOUD = (1 << 10) | (1 << 11)  # opaque cloud, cirrus


def understand(
    t1: Sequence[BroughtFile], t2: Sequence[BroughtFile], stated: PairStated
) -> tuple[DateUnderstood, DateUnderstood]:
    """Return what the files of both dates hold, from their headers alone; raises InputError (see ``pairing``)."""
    return understand_headers([headers.read(one) for one in t1], [headers.read(one) for one in t2], stated)


def understand_headers(
    t1: Sequence[ImageHeader], t2: Sequence[ImageHeader], stated: PairStated
) -> tuple[DateUnderstood, DateUnderstood]:
    """Return what files hold whose headers were read; raises as ``understand``."""
    first, second = (pairing.understood(name, files, stated) for name, files in (("T1", t1), ("T2", t2)))
    if "NaT" not in (first.day, second.day) and first.day >= second.day:
        said = f"T1 ({_called(first)}, {first.day}) is not before T2 ({_called(second)}, {second.day})"
        raise wrong_order(said, first.day, second.day)
    return first, second


def in_common(first: DateUnderstood, second: DateUnderstood) -> tuple[str, ...]:
    """Return the bands that both dates hold; raises BandMissingError where there is none."""
    names = tuple(band for band in BANDS if band in first.bands and band in second.bands)
    if not names:
        raise BandMissingError(
            f"T1 holds {', '.join(first.bands)} and T2 {', '.join(second.bands)}: no band in common; "
            "name their channels (--band-names)."
        )
    return names


def grid_of(first: DateUnderstood, second: DateUnderstood, stated: PairStated) -> tuple[Grid, tuple[str, ...]]:
    """Return the grid on which both dates will lie, and what is to be said of it; reads no pixels."""
    names = in_common(first, second)
    return frames.common(finest(first, names), finest(second, names), ("T1", "T2"), stated)


def read(
    first: DateUnderstood, second: DateUnderstood, stated: PairStated, attrs: Mapping[str, object] | None = None,
    progress: Progress = no_progress, on: Grid | None = None,
) -> tuple[xr.Dataset, tuple[str, ...]]:  # fmt: skip
    """Return a pair that was understood as a patch in reflectance, with notes on how it was read.

    With ``on`` it is laid on that grid instead of its own, NaN where a date does not reach.

    The bands both dates hold, on the pixels of ``grid_of``: as they are stored where these are a date's own, each
    mixed from its neighbours where not (masks take the nearest). Raises InputError where numbers are in no known
    unit, or where the pair would take more memory than one may.
    """
    names = in_common(first, second)
    if stated.clouds:
        clouds.require(names)
    on, said = (on, ()) if on else grid_of(first, second, stated)
    require_bearable(2 * on.width * on.height * (4 * len(names) + 1), f"A pair of {on.width} x {on.height} pixels")
    dates, held = [], []
    for number, one in enumerate((first, second)):
        progress(0.1 + 0.35 * number, f"reading {one.name}")
        frame = needed(finest(one, names), on)
        dates.append(date_on(one, names, frame, stated.units[number]))
        held.append(frame)
    progress(0.8, "finding out what the numbers mean")
    notes = notes_on(first, second, stated, said)

    def laid(pair: Sequence[DateFile]) -> list[DateFile]:
        on_grid = [_laid(one, frame, on) for one, frame in zip(pair, held, strict=True)]
        if not stated.clouds:
            return on_grid
        return [_searched(found, one, notes, progress) for found, one in zip(on_grid, (first, second), strict=True)]

    patch, told = assembled(dates, names, attrs or {}, laid, notes)
    return with_levels(patch, first, second), told


def with_levels(patch: xr.Dataset, first: DateUnderstood, second: DateUnderstood) -> xr.Dataset:
    """Return a pair with a warning where its products are of two levels: the air is in one and not in the other."""
    levels = [_level(one) for one in (first, second)]
    if not all(levels) or levels[0] == levels[1]:
        return patch
    return patch.assign_attrs(with_warnings(patch.attrs, [
        f"T1 is a product of level {levels[0]} and T2 of {levels[1]}: L1C is as seen through the air, L2A with the air "
        "taken off, so that all bands differ, blue most. Take both of one level; do not trust small differences.",
    ]))  # fmt: skip


def _level(one: DateUnderstood) -> str:
    return one.product.split("_MSI")[1][:3] if "_MSI" in one.product else ""


def notes_on(first: DateUnderstood, second: DateUnderstood, stated: PairStated, said: Sequence[str]) -> list[str]:
    """Return what is to be said of a pair before its numbers were looked at; ``said`` is that of its grid."""
    return [*first.notes, *second.notes, *said, *_clouds(first, second), *_stated(stated)]


def name_of(
    first: DateUnderstood, second: DateUnderstood, stated: PairStated, truth: bytes = b"", heights: bytes = b""
) -> str:
    """Return the name of a pair: the same for the same content of its files, read in the same way.

    ``truth`` and ``heights`` are the content of the files laid beside it. Reads every file once.
    """
    held: dict[Path, str] = {}
    dates = [
        [
            one.day,
            one.at,
            sorted((role, _content(used.header, held), used.number) for role, used in one.channels.items()),
        ]
        for one in (first, second)
    ]
    rest: list[object] = [stated.units, stated.pixels, stated.box, stated.all_touched, digest(truth) if truth else ""]
    rest += ["clouds"] if stated.clouds else []
    rest += [f"heights {digest(heights)}"] if heights else []
    return f"pair-{digest(json.dumps([dates, rest]))[:16]}"


def name_of_many(dates: Sequence[DateUnderstood], stated: PairStated) -> str:
    """Return the name of many dates of one place, as ``name_of`` does of two."""
    return f"pair-{digest(' '.join(name_of(dates[0], one, stated) for one in dates))[:16]}"


def _content(header: ImageHeader, held: dict[Path, str]) -> str:
    path = header.brought.path
    if path not in held:
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        held[path] = digest(" ".join(f"{each.relative_to(path)} {file_digest(each)}" for each in files))
    return held[path]


def _called(one: DateUnderstood) -> str:
    files = one.files
    return files[0].name if len(files) == 1 else f"{len(files)} files"


def finest(one: DateUnderstood, names: Sequence[str]) -> Frame:
    """Return the frame of the band with the smallest pixels."""
    return min((frames.of(one.channels[band].header) for band in names), key=lambda frame: np.prod(frame.pixel))


def needed(whole: Frame, on: Grid) -> Frame:
    """Return the pixels of a date that ``on`` is made of, north-up where the image is not askew."""
    exact = frames.same(whole, on)
    return whole.cut(*whole.window(on, 0 if exact else frames.MARGIN_PX)).righted


def date_on(one: DateUnderstood, names: Sequence[str], held: Frame, unit: str) -> DateFile:
    """Return one date as its files store it, all bands on the pixels of ``held``, the finest of them."""
    size = held.width * held.height
    require_bearable(size * (4 * len(names) + 5), f"{one.name}, {held.width} x {held.height} pixels")
    bands = {band: band_on(one, band, held, unit) for band in names}
    hidden = hidden_on(one, names, held)
    if hidden is not None:
        for band in bands.values():
            band.values[hidden] = np.nan
    return DateFile(
        name=_called(one), grid=Grid(0, 0, 1, 1, held.width, held.height, held.crs), placed=True, day=one.day,
        newer=one.newer, simulated=any(map(_simulated, one.files)), bands=bands,
        masked=0 if hidden is None else int(np.count_nonzero(hidden)), clm=clm_on(one, held),
    )  # fmt: skip


def _simulated(header: ImageHeader) -> bool:
    return header.simulated or told_simulated(header.tags.get("simulated", ""))


def band_on(one: DateUnderstood, band: str, held: Frame, unit: str) -> StoredBand:
    """Return one band on the pixels of ``held``, the nearest of its own, with the scale that is known of it."""
    found = _stored(one, one.channels[band], held)
    if unit:
        found.scale, found.offset = UNITS[unit]
    elif one.product and found.integer and not found.tagged and one.newer:
        found.scale, found.offset = UNITS["digital numbers with 1000 added"]  # a product's own files: no guess
    return found


def _stored(one: DateUnderstood, used: ChannelUsed, held: Frame) -> StoredBand:
    own = frames.of(used.header)
    rows, columns = own.window(held, 0 if own.righted.same_pixels(held) else 1)
    header, part = used.header, own.cut(rows, columns)
    if header.cube:
        with cubes.opened(header.brought.path, header.name) as cube:
            found = cubes.values(cube, header.titles[used.number - 1], _time(one, header), rows, columns)
    else:
        roles = {each.number for each in one.channels.values() if each.header is header}
        with headers.opened(header.brought) as source, headers.readable(header):
            found = stored.stored(source, used.number, roles, _window(rows, columns))
    found.values = _onto(found.values, part, held, np.nan)
    return found


def _time(one: DateUnderstood, header: ImageHeader) -> int:
    return one.at if len(header.days) > 1 else 0


def _window(rows: slice, columns: slice) -> Window:
    from rasterio.windows import Window

    return Window(columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start)


def _onto(values: np.ndarray, part: Frame, held: Frame, outside: float) -> np.ndarray:
    """Return values (y, x) of ``part``, as stored, at the pixels of ``held``: themselves, or the nearest ones."""
    if part.upright:
        values = values[:: -1 if part.transform[4] > 0 else 1, :: -1 if part.transform[0] < 0 else 1]
        part = part.righted
    if part.same_pixels(held) and (part.height, part.width) == (held.height, held.width):
        return np.ascontiguousarray(values)
    return frames.warped(values, part, held, outside, "nearest")


def hidden_on(one: DateUnderstood, names: Sequence[str], held: Frame) -> np.ndarray | None:
    """Return bool (y, x), True where an alpha band or a band of valid pixels leaves a pixel out; None without any."""
    found = None
    used = {one.channels[band].header.name: one.channels[band].header for band in names}
    parts = [_alpha(one, header, held) for header in used.values() if any(header.hides)]
    if VALID in one.channels:
        parts.append(_classes(one, one.channels[VALID], held, 0) == 0)
    for part in parts:
        if part is not None:
            found = part if found is None else found | part
    return found


def _alpha(one: DateUnderstood, header: ImageHeader, held: Frame) -> np.ndarray | None:
    own = frames.of(header)
    rows, columns = own.window(held, 0 if own.righted.same_pixels(held) else 1)
    used = {each.number for each in one.channels.values() if each.header is header}
    if header.cube:
        return None  # a cube's own nodata says it
    with headers.opened(header.brought) as source, headers.readable(header):
        missing = stored.hidden(source, used, _window(rows, columns))
    return None if missing is None else _onto(missing.astype(np.float32), own.cut(rows, columns), held, 1.0) > 0.5


def clm_on(one: DateUnderstood, held: Frame) -> np.ndarray | None:
    """Return the cloud mask of a date, uint8 (y, x): its own, or that which its scene classes or QA60 stand for."""
    if CLOUD_MASK in one.channels:
        values = _classes(one, one.channels[CLOUD_MASK], held, UNKNOWN)
        missing = ~np.isfinite(values) | (values == UNKNOWN)
        return np.where(missing, UNKNOWN, values != 0).astype(np.uint8)
    if SCL in one.channels:
        return scl.cloud_mask(_whole(_classes(one, one.channels[SCL], held, 0), 0))
    if QA60 in one.channels:
        return ((_whole(_classes(one, one.channels[QA60], held, 0), 0) & _QA60_CLOUD) != 0).astype(np.uint8)
    return None


def _whole(values: np.ndarray, outside: int) -> np.ndarray:
    return np.where(np.isfinite(values), values, outside).astype(np.int64)


def _classes(one: DateUnderstood, used: ChannelUsed, held: Frame, outside: float) -> np.ndarray:
    """Return the numbers of a mask, whatever the file calls nodata: that is often a class of it."""
    header, own = used.header, frames.of(used.header)
    rows, columns = own.window(held, 0 if own.righted.same_pixels(held) else 1)
    if header.cube:
        with cubes.opened(header.brought.path, header.name) as cube:
            title = header.titles[used.number - 1]
            values = cubes.values(cube, title, _time(one, header), rows, columns).values
    else:
        with headers.opened(header.brought) as source, headers.readable(header):
            values = source.read(used.number, window=_window(rows, columns)).astype(np.float32)
    return _onto(values, own.cut(rows, columns), held, outside)


def _laid(one: DateFile, held: Frame, on: Grid) -> DateFile:
    """Return a date on the grid of both, its bands changed in place."""
    row, column = (frames.offset(held, on) if frames.same(held, on) else None) or (0, 0)
    if frames.same(held, on) and 0 <= row <= held.height - on.height and 0 <= column <= held.width - on.width:
        part = (slice(row, row + on.height), slice(column, column + on.width))
        for band in one.bands.values():
            band.values = band.values[part]
        return replace(one, grid=on, clm=None if one.clm is None else one.clm[part])
    wanted = Frame(on.transform, on.width, on.height, on.crs)
    for band in one.bands.values():
        band.values = frames.warped(band.values, held, wanted, np.nan, "bilinear")
    clm = None if one.clm is None else frames.warped(one.clm, held, wanted, UNKNOWN, "nearest")
    return replace(one, grid=on, clm=clm)


def _searched(found: DateFile, one: DateUnderstood, notes: list[str], progress: Progress) -> DateFile:
    """Return a date with the clouds found in it, unless it has a cloud mask; what was done joins ``notes``."""
    if found.clm is not None:
        return found
    progress(0.85, f"looking for clouds at {one.name}")
    level = (_level(one) or "L2A").lower()
    clm = clouds.find({band: stored_band.values for band, stored_band in found.bands.items()}, level)
    notes.append(
        f"{one.name}: clouds and shadows ({clm.mean():.1%} of the pixels) were found by ukis-csmask, a network, in "
        f"reflectance taken for {level.upper()}."
    )
    return replace(found, clm=clm)


def _clouds(first: DateUnderstood, second: DateUnderstood) -> list[str]:
    """Return what the cloud mask of each date was made of, where it is not its own."""
    notes = []
    for one in (first, second):
        made_of = next((role for role in (CLOUD_MASK, SCL, QA60) if role in one.channels), "")
        if made_of == SCL:
            notes.append(f"{one.name}: the scene classes (SCL) say what is cloud, shadow and without data.")
        if made_of == QA60:
            notes.append(
                f"{one.name}: QA60 says what is cloud; it knows no shadow, and was left empty from January 2022 to "
                "February 2024."
            )
    return notes


def _stated(stated: PairStated) -> list[str]:
    """Return what whoever brought the pair said of it."""
    notes = [f"{name} was said to hold {unit}." for name, unit in zip(("T1", "T2"), stated.units, strict=True) if unit]
    if any(stated.days):
        notes.append("The days are as they were given.")
    return notes
