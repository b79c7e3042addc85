"""A pair of scenes too large to be held: looked at in blocks, then read window by window, as a patch like any other.

What the numbers mean is told once, from blocks all over the scene (``units``, ``offsets``, ``plausible``); the steps
that made reflectance of these are done to every window that is read. A pair that fits into the blocks comes out the
same, number by number, as one that is read at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from app import patches
from app.bands import CLOUD_MASK
from app.grid import Grid
from app.patches import Progress, no_progress
from app.rasters import DateFile, assembled
from app.sources.own import frames, headers, reading
from app.sources.own.frames import Frame
from app.sources.own.naming import QA60, SCL
from app.sources.own.pairing import DateUnderstood
from app.sources.own.stated import PairStated
from app.values import units
from app.values.units import Step

if TYPE_CHECKING:
    import xarray as xr

AT_ONCE_PX = 4096 * 4096  # a pair of no more is read at once
BLOCK_PX, BLOCKS = 512, 5  # a side of a block that is looked at, and blocks a side of the scene
STRIP_ROWS = 512  # read together at most
CACHE_MB = 256  # of unpacked tiles: a strip's of four bands, two dates and two threads; GDAL takes a 20th of all memory
Late = Callable[[], tuple[str, ...]]  # what is to be doubted, once all windows were read
LargeOpened = tuple["xr.Dataset", tuple[str, ...], Late]


def fits(first: DateUnderstood, second: DateUnderstood, stated: PairStated) -> bool:
    """Whether a pair is large, and can be read by windows: rasters of the same pixels, no clouds to be searched for."""
    on, _ = reading.grid_of(first, second, stated)
    names = reading.in_common(first, second)
    same = all(frames.same(reading.finest(one, names), on) for one in (first, second))
    cubes = any(file.cube for one in (first, second) for file in one.files)
    return on.width * on.height > AT_ONCE_PX and same and not cubes and not stated.clouds


@contextmanager
def opened(
    first: DateUnderstood, second: DateUnderstood, stated: PairStated, progress: Progress = no_progress
) -> Iterator[LargeOpened]:
    """Yield a pair as a patch whose bands are read whenever they are asked for as long as this lasts, and notes on how.

    Its cloud mask, where the files have none, is 0 everywhere: where a band holds no number nothing is measured. What
    is called last returns doubts that only reading all of it could raise. Raises as ``reading.read``.
    """
    import rasterio

    names = reading.in_common(first, second)
    on, said = reading.grid_of(first, second, stated)
    progress(0.0, "finding out what the numbers mean")
    with rasterio.Env(GDAL_CACHEMAX=CACHE_MB), headers.kept_open():
        blocks = _blocks(on)
        seen = [_seen(one, names, blocks, unit) for one, unit in zip((first, second), stated.units, strict=True)]
        held = [dict(one.bands) for one in seen]
        shown, notes = _looked_at(seen, names, on, reading.notes_on(first, second, stated, said))
        dates = [
            _Windows(one, names, unit, {band: tuple(stored.steps) for band, stored in bands.items()}, len(blocks) > 1)
            for one, unit, bands in zip((first, second), stated.units, held, strict=True)
        ]
        if len(blocks) > 1:
            notes = (*notes, _glance(on, len(blocks)))
        patch = reading.with_levels(_patch(dates, shown, names, on), first, second)
        yield patch, notes, lambda: tuple(doubt for one in dates for doubt in one.doubts())


def part(on: Grid, rows: slice, columns: slice) -> Grid:
    """Return the grid of some rows and columns."""
    south = on.south + (on.height - rows.stop) * on.res_y
    west = on.west + columns.start * on.res_x
    return replace(on, west=west, south=south, width=columns.stop - columns.start, height=rows.stop - rows.start)


def _blocks(on: Grid) -> list[Grid]:
    """Return the blocks that are looked at: the whole where it holds no more, else spread evenly."""
    if on.width * on.height <= (BLOCKS * BLOCK_PX) ** 2 or min(on.shape) < BLOCK_PX:
        return [on]
    rows, columns = (np.linspace(0, (side - BLOCK_PX) // BLOCK_PX, BLOCKS).astype(int) * BLOCK_PX for side in on.shape)
    return [
        part(on, slice(row, row + BLOCK_PX), slice(column, column + BLOCK_PX))
        for row, column in product(map(int, rows), map(int, columns))
    ]


def _seen(one: DateUnderstood, names: Sequence[str], blocks: Sequence[Grid], unit: str) -> DateFile:
    """Return the blocks of a date, below one another, as the files store them."""
    frame = reading.finest(one, names)
    parts = [reading.date_on(one, names, reading.needed(frame, block), unit) for block in blocks]
    first = parts[0]
    if len(parts) == 1:
        return first
    bands = {
        band: replace(stored, values=np.concatenate([each.bands[band].values for each in parts]), steps=[])
        for band, stored in first.bands.items()
    }
    clm = None if first.clm is None else np.concatenate([each.clm for each in parts if each.clm is not None])
    return replace(first, bands=bands, clm=clm, masked=sum(each.masked for each in parts))


def _looked_at(
    seen: Sequence[DateFile], names: Sequence[str], on: Grid, said: Sequence[str]
) -> tuple[xr.Dataset, tuple[str, ...]]:
    """Return the blocks as a patch in reflectance, and how that was done."""

    def laid(pair: Sequence[DateFile]) -> list[DateFile]:
        height, width = next(iter(pair[0].bands.values())).values.shape
        return [replace(one, grid=replace(on, width=width, height=height)) for one in pair]

    return assembled(seen, names, {}, laid, said)


def _glance(on: Grid, blocks: int) -> str:
    return (
        f"The scene of {on.width:,} x {on.height:,} pixels is read by windows; what its numbers mean was told from "
        f"{blocks} blocks of {BLOCK_PX} x {BLOCK_PX} pixels, and numbers of pixels in notes on that are of these."
    )


def _patch(dates: Sequence[_Windows], shown: xr.Dataset, names: Sequence[str], on: Grid) -> xr.Dataset:
    import xarray as xr

    clear = np.broadcast_to(np.uint8(patches.CLEAR), (2, *on.shape))  # takes no memory
    patch = patches.build(on, [one.day for one in (dates[0].one, dates[1].one)], {}, clear, shown.attrs)
    lazy = {name: _lazy(_reading(dates, name), on, np.float32) for name in names}
    if any(one.masked for one in dates):
        lazy[CLOUD_MASK] = _lazy(lambda at, window: dates[at].clm(window), on, np.uint8)
    dims = ("time", "y", "x")
    return patch.assign({
        name: xr.Variable(dims, values, shown[name].attrs, {"grid_mapping": "spatial_ref"})
        for name, values in lazy.items()
    })  # fmt: skip


def _reading(dates: Sequence[_Windows], band: str) -> Callable[[int, Grid], np.ndarray]:
    return lambda at, window: dates[at].values(band, window)


@dataclass
class _Windows:
    """One date, read window by window, in any number of threads."""

    one: DateUnderstood
    names: tuple[str, ...]
    unit: str
    steps: dict[str, tuple[Step, ...]]
    partly: bool  # whether not all of it was looked at before
    found: Counter[float] = field(default_factory=Counter)  # fill that is first met here -> its pixels
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.frame: Frame = reading.finest(self.one, self.names)
        self.masked = bool({CLOUD_MASK, SCL, QA60} & set(self.one.channels))
        self.hides = any(any(file.hides) for file in self.one.files) or "valid" in self.one.channels

    def values(self, band: str, on: Grid) -> np.ndarray:
        """Return a band in reflectance, float32 (y, x), NaN where nothing was measured."""
        held = reading.needed(self.frame, on)
        stored = reading.band_on(self.one, band, held, self.unit)
        values = stored.values
        if self.hides and (hidden := reading.hidden_on(self.one, self.names, held)) is not None:
            values[hidden] = np.nan
        if len(self.names) > 2:
            for number in units.EMPTY:
                self._without_empty(values, band, held, number)
        if self.partly:
            self._without_strays(values, band)
        return units.redone(values, self.steps[band])

    def clm(self, on: Grid) -> np.ndarray:
        """Return the cloud mask, uint8 (y, x); clear where the files of this date have none."""
        found = reading.clm_on(self.one, reading.needed(self.frame, on))
        return np.full(on.shape, patches.CLEAR, np.uint8) if found is None else found

    def doubts(self) -> tuple[str, ...]:
        """Return what was found while it was read."""
        return tuple(
            f"{self.one.name}: {count:,} values are {value:g}, which no tag declares; they were taken as nodata."
            for value, count in self.found.items()
        )

    def _without_empty(self, values: np.ndarray, band: str, held: Frame, number: int) -> None:
        """Make NaN of what is the same ``number`` in every band; others are read only where this one holds it."""
        empty = values == number
        for other in self.names:
            if not empty.any():
                return
            if other != band:
                empty &= reading.band_on(self.one, other, held, self.unit).values == number
        values[empty] = np.nan

    def _without_strays(self, values: np.ndarray, band: str) -> None:
        """Make NaN of known fill that no block held."""
        edges = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
        for value in units.strays(self.steps[band]):
            if edges[0] <= value <= edges[1] and (count := int(np.count_nonzero(same := values == value))):
                values[same] = np.nan
                with self.lock:
                    self.found[value] += count


def _lazy(read: Callable[[int, Grid], np.ndarray], on: Grid, dtype: Any) -> Any:
    """Return what xarray reads (time, y, x) from when it is asked: ``read`` gets the date and the grid of a window."""
    from xarray.backends import BackendArray
    from xarray.core import indexing

    class Read(BackendArray):
        """Reads strips of rows, one after the other."""

        def __init__(self) -> None:
            self.shape, self.dtype = (2, *on.shape), np.dtype(dtype)

        def __getitem__(self, key: indexing.ExplicitIndexer) -> np.ndarray:
            return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._picked)

        def _picked(self, key: tuple[int | slice, ...]) -> np.ndarray:
            times, rows, columns = (
                range(side)[one] if isinstance(one, slice) else range(one, one + 1)
                for one, side in zip(key, self.shape, strict=True)
            )
            out = np.empty((len(times), len(rows), len(columns)), self.dtype)
            step = max(1, STRIP_ROWS // rows.step)
            for at, first in product(range(len(times)), range(0, len(rows) if len(columns) else 0, step)):
                some = rows[first : first + step]
                window = part(on, slice(some[0], some[-1] + 1), slice(columns[0], columns[-1] + 1))
                out[at, first : first + step] = read(times[at], window)[:: rows.step, :: columns.step]
            return out[tuple(slice(None) if isinstance(one, slice) else 0 for one in key)]

    # a part is read once, however often its values are asked for
    return indexing.MemoryCachedArray(indexing.LazilyIndexedArray(Read()))
