"""What a pixel or an area measured on every date of a stack: any band or index, and whether it was clear."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np

from app import bands
from app.bands import CLOUD_MASK
from app.cache.stacking import SCENE
from app.detection import indices
from app.errors import BandMissingError, InputError
from app.grid import Grid, transformer
from app.patches import CLEAR, NODATA, band_names, is_simulated
from app.series import breaks
from app.series.breaks import Break

if TYPE_CHECKING:
    import xarray as xr

HALF = 0.5  # of an area's pixels has to be clear on a day, or its middle is that of another area
_SUMMED: dict[str, Callable[[np.ndarray], np.floating]] = {"median": np.median, "mean": np.mean}


@dataclass(frozen=True)
class Point:
    """One date of a series; ``value`` is NaN where nothing was measured."""

    date: date
    value: float
    clear: bool  # neither cloud nor shadow; of an area: at least half of its pixels
    scene: str  # its id, as the source knows it


@dataclass(frozen=True)
class Series:
    """What one place measured over time, oldest first."""

    of: str  # a band, in reflectance, or an index
    points: tuple[Point, ...]
    simulated: bool = False

    @property
    def clear(self) -> tuple[Point, ...]:
        """The points that can be relied on: clear, with a value."""
        return tuple(one for one in self.points if one.clear)

    def broke(self) -> Break | None:
        """Return when the place changed, None where it cannot be told (see ``why_none``)."""
        return breaks.one([one.value for one in self.points], self._days, self._clear)

    def why_none(self) -> str:
        """Return in words why no break is told."""
        return breaks.why_none(self._days, self._clear)

    @property
    def _days(self) -> list[date]:
        return [one.date for one in self.points]

    @property
    def _clear(self) -> list[bool]:
        return [one.clear for one in self.points]


def named(of: str) -> str:
    """Return the standard name of a band or an index; raises InputError naming the choices."""
    index = {name.lower(): name for name in indices.TABLE}.get(of.strip().lower())
    if index:
        return index
    try:
        (band,) = bands.parse(of)
    except (InputError, ValueError):
        choices = ", ".join([*indices.TABLE, *bands.ALL_BANDS])
        raise InputError(f"There is no band or index {of.strip()[:40]!r}. Choose one from {choices}.") from None
    return band


def needed(of: str) -> tuple[str, ...]:
    """Return the bands that a band or an index, by its standard name, is made of."""
    return indices.TABLE[of].bands if of in indices.TABLE else (of,)


def possible(held: tuple[str, ...]) -> tuple[str, ...]:
    """Return what can be followed with the bands held: indices first, then the bands."""
    return (*(name for name in indices.TABLE if set(needed(name)) <= set(held)), *held)


def layers(stack: xr.Dataset, of: str, where: tuple[slice, slice] | None = None) -> np.ndarray:
    """Return a band or index on every date, float32 (time, y, x), NaN where nodata.

    ``where`` takes some rows and columns alone. Raises BandMissingError naming what is to be opened as well.
    """
    missing = [name for name in needed(of) if name not in band_names(stack)]
    if missing:
        raise BandMissingError(
            f"{of} needs {', '.join(needed(of))}, and these scenes were opened without {', '.join(missing)}; "
            f"choose {', '.join(missing)} among the bands, or follow one of {', '.join(possible(band_names(stack)))}."
        )
    part = (slice(None), *(where or (slice(None), slice(None))))
    held = {name: stack[name].values[part] for name in needed(of)}
    return held[of] if of in held else indices.evaluate(of, held)


def at(stack: xr.Dataset, of: str, row: int, column: int) -> Series:
    """Return what one pixel measured; raises InputError where there is none, and as ``layers``."""
    height, width = stack.sizes["y"], stack.sizes["x"]
    if not (0 <= row < height and 0 <= column < width):
        raise InputError(f"There is no pixel {column}, {row}; the scenes have {width} columns and {height} rows.")
    mask = np.zeros((height, width), bool)
    mask[row, column] = True
    return over(stack, of, mask)


def over(stack: xr.Dataset, of: str, mask: np.ndarray, statistic: Literal["median", "mean"] = "median") -> Series:
    """Return the median (or mean) of what the pixels of ``mask``, bool (y, x), measured on each date.

    On a clear date of the clear pixels alone; on a cloudy one of all that were measured, so that it can be shown.
    Raises InputError for a mask of another shape or without a pixel, and as ``layers``.
    """
    if mask.shape != (stack.sizes["y"], stack.sizes["x"]) or not mask.any():
        raise InputError("The area holds no pixel of these scenes; draw it over the picture.")
    rows, columns = (slice(int(one.min()), int(one.max()) + 1) for one in np.nonzero(mask))
    inside = mask[rows, columns]
    values = layers(stack, of, (rows, columns))[:, inside]
    clear = (stack[CLOUD_MASK].values[:, rows, columns][:, inside] == CLEAR) & np.isfinite(values)
    there = np.isfinite(values) & (stack[CLOUD_MASK].values[:, rows, columns][:, inside] != NODATA)
    relied = clear.mean(axis=1) >= HALF
    summed = _SUMMED[statistic]
    points = []
    for day, scene, value, clear_here, there_here, is_clear in zip(
        _days(stack), _scenes(stack), values, clear, there, relied, strict=True
    ):
        used = value[clear_here if is_clear else there_here]
        points.append(Point(day, float(summed(used)) if used.size else math.nan, bool(is_clear), scene))
    return Series(of, tuple(points), is_simulated(stack))


def pixel_of(on: Grid, latitude: float, longitude: float) -> tuple[int, int]:
    """Return row and column of the pixel a place lies in; raises InputError with the patch's box where it lies in none.

    ``latitude`` and ``longitude`` are degrees in EPSG:4326. A patch across the 180th meridian counts its own longitudes
    on beyond it, and meets those of the other side all the same.
    """
    x, y = transformer("EPSG:4326", on.required_place().crs).transform(longitude, latitude)
    west, south, east, north = on.bbox
    if on.in_degrees and not west <= x < east:
        x = west + (x - west) % 360
    if not (west <= x < east and south < y <= north):
        west, south, east, north = on.bbox_deg
        raise InputError(
            f"{latitude:g}, {longitude:g} lies outside of the patch, which reaches from {south:.5f} to {north:.5f} "
            f"degrees north and from {west:.5f} to {east:.5f} east; give a place in it, or a larger patch."
        )
    return int((north - y) / on.res_y), int((x - west) / on.res_x)


def _days(stack: xr.Dataset) -> list[date]:
    return [date.fromisoformat(str(one)[:10]) for one in stack["time"].values]


def _scenes(stack: xr.Dataset) -> list[str]:
    return [str(one) for one in stack[SCENE].values]
