"""What a patch holds at one pixel, or on average over some: reflectance, indices, mask, truth and scores."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.bands import CLOUD_MASK, HEIGHT, TRUTH
from app.detection import methods
from app.detection.indices import TABLE, at_both_dates, evaluate
from app.errors import InputError
from app.grid import Grid
from app.patches import CLEAR, CLOUDY, NODATA, band_names, clear_mask, grid_of
from app.pictures.compositions import INDICES
from app.terrain import heights, slopes
from app.truth import LANDSLIDE, UNKNOWN, split

if TYPE_CHECKING:
    import xarray as xr

    from app.detection.run import Detection

CLM_WORDS = {CLEAR: "clear", CLOUDY: "cloud or shadow", NODATA: "nodata"}
CHANGED, UNCHANGED, NOT_JUDGED = "change", "no change", "not judged"


@dataclass(frozen=True)
class BothDates:
    """One quantity at T1 and T2, NaN where nodata or undefined; with its spread over the pixels of an area."""

    t1: float
    t2: float
    t1_spread: float = math.nan
    t2_spread: float = math.nan

    @property
    def change(self) -> float:
        """T2 minus T1."""
        return self.t2 - self.t1


@dataclass(frozen=True)
class Reading:
    """What a patch holds at a pixel, or on average over the ``used`` of an area's ``pixels``."""

    bands: dict[str, BothDates]  # reflectance, in the order of wavelength
    indices: dict[str, BothDates]  # of an area: the mean of its pixels' indices, not the index of their mean
    clm: tuple[str, str]  # T1 and T2 in words
    truth: str  # in words; empty where the patch has none
    latitude: float
    longitude: float
    column: int  # of an area: its middle
    row: int
    pixels: int = 1
    used: int = 1  # an area's pixels that are clear at both dates
    ground: tuple[float, float, float] | None = None  # height in metres, slope and where it faces in degrees, or NaN


@dataclass(frozen=True)
class Judged:
    """What one method says of a pixel or an area."""

    method: str  # what ran, in canonical form with this threshold
    score: float  # an area's mean
    threshold: float
    unit: str
    verdict: str
    share: float = math.nan  # of an area's judged pixels, those at or above the threshold


def at(patch: xr.Dataset, column: int, row: int) -> Reading:
    """Return what a patch holds at a pixel; raises InputError where there is none."""
    height, width = patch.sizes["y"], patch.sizes["x"]
    if not (0 <= column < width and 0 <= row < height):
        raise InputError(f"There is no pixel {column}, {row}; the patch has {width} columns and {height} rows.")
    spot = patch.isel(y=slice(row, row + 1), x=slice(column, column + 1))
    bands = {name: BothDates(*(float(one) for one in spot[name].values[:, 0, 0])) for name in band_names(patch)}
    indices = {name: BothDates(*(float(one[0, 0]) for one in at_both_dates(spot, name))) for name in _possible(patch)}
    first, second = (CLM_WORDS[int(one)] for one in spot[CLOUD_MASK].values[:, 0, 0])
    truth = _truth_words(int(spot[TRUTH].values[0, 0])) if TRUTH in patch else ""
    place, lies = _degrees(grid_of(patch), column, row), _ground(patch, slice(row, row + 1), slice(column, column + 1))
    return Reading(bands, indices, (first, second), truth, *place, column, row, ground=lies)


def over(patch: xr.Dataset, mask: np.ndarray) -> Reading:
    """Return the means over the pixels of ``mask``, bool (y, x), that are clear at both dates.

    They are NaN where no pixel is. Raises InputError for a mask of another shape, or an empty one.
    """
    grid = grid_of(patch)
    if mask.shape != grid.shape or not mask.any():
        raise InputError("The area holds no pixel of this patch; draw it over the picture.")
    rows, columns = (slice(int(one.min()), int(one.max()) + 1) for one in np.nonzero(mask))
    part, inside = patch.isel(y=rows, x=columns), mask[rows, columns]
    used = inside & clear_mask(part)
    spots = np.flatnonzero(used)
    held = {name: [one.ravel()[spots] for one in part[name].values] for name in band_names(patch)}
    bands = {name: _mean(*values) for name, values in held.items()}
    indices = {
        name: _mean(*(evaluate(name, {band: values[when] for band, values in held.items()}) for when in (0, 1)))
        for name in _possible(patch)
    }
    first, second = (f"{share:.0%} clear" for share in (part[CLOUD_MASK].values[:, inside] == CLEAR).mean(axis=1))
    truth = _share_slid(part[TRUTH].values[inside]) if TRUTH in patch else ""
    column, row = (columns.start + columns.stop - 1) // 2, (rows.start + rows.stop - 1) // 2
    place = _degrees(grid, column, row)
    ground = _ground(patch, rows, columns, inside)
    return Reading(
        bands, indices, (first, second), truth, *place, column, row, int(inside.sum()), int(used.sum()), ground
    )


def judged_at(detection: Detection, threshold: float, column: int, row: int) -> Judged:
    """Return what a method says of a pixel at a threshold in the unit of its scores."""
    score = detection.score[row, column]  # of its own precision, to which the threshold is rounded as for a mask
    verdict = NOT_JUDGED
    if detection.clear[row, column] and math.isfinite(score):
        verdict = CHANGED if score >= float(threshold) else UNCHANGED
    return Judged(_named(detection, threshold), float(score), threshold, detection.unit, verdict)


def judged_over(detection: Detection, threshold: float, mask: np.ndarray) -> Judged:
    """Return what a method says of an area, bool (y, x): its mean score, and the share it calls change."""
    scores = detection.score[mask & detection.clear]
    scores = scores[np.isfinite(scores)]
    if scores.size == 0:
        return Judged(_named(detection, threshold), math.nan, threshold, detection.unit, NOT_JUDGED)
    share = float((scores >= float(threshold)).mean())
    return Judged(
        _named(detection, threshold), float(scores.mean()), threshold, detection.unit, f"{share:.0%} {CHANGED}", share
    )


def record(reading: Reading, judged: list[Judged]) -> dict[str, object]:
    """Return a reading as one line of a table: column name to value, NaN where there is none."""
    line: dict[str, object] = {
        "latitude": round(reading.latitude, 7),
        "longitude": round(reading.longitude, 7),
        "column": reading.column,
        "row": reading.row,
        "pixels": reading.pixels,
        "clear_pixels": reading.used,
        "clm_t1": reading.clm[0],
        "clm_t2": reading.clm[1],
        "truth": reading.truth,
    }
    if reading.ground is not None:
        names = ("height_m", "slope_deg", "aspect_deg")
        line |= {name: round(value, 2) for name, value in zip(names, reading.ground, strict=True)}
    for name, pair in {**reading.bands, **reading.indices}.items():
        line |= {f"{name}_t1": round(pair.t1, 4), f"{name}_t2": round(pair.t2, 4)}
    for one in judged:
        line |= {f"{one.method} score": round(one.score, 4), f"{one.method} verdict": one.verdict}
    return line


def compass(degrees: float) -> str:
    """Return the nearest of the eight directions of the compass, ``N`` to ``NW``."""
    return ("N", "NE", "E", "SE", "S", "SW", "W", "NW")[round(degrees / 45) % 8]


def _ground(
    patch: xr.Dataset, rows: slice, columns: slice, inside: np.ndarray | None = None
) -> tuple[float, float, float] | None:
    """Return mean height, slope and where it faces of some pixels; None without heights or without a place.

    ``inside`` is bool over the rows and columns, all of them where it is None.
    """
    on = grid_of(patch)
    if HEIGHT not in patch or not on.placed:
        return None
    around = [slice(max(0, one.start - 1), one.stop + 1) for one in (rows, columns)]
    part = patch[[HEIGHT]].isel(y=around[0], x=around[1])
    if min(part.sizes["y"], part.sizes["x"]) < 2:
        return float(np.nanmean(heights.of(part))), math.nan, math.nan
    inner = tuple(slice(one.start - wide.start, one.stop - wide.start)
                  for one, wide in zip((rows, columns), around, strict=True))  # fmt: skip
    held = Grid.of_centres(part["x"].values, part["y"].values, on.crs)
    high, (east, north) = heights.of(part), slopes.gradient(heights.of(part), held)
    chosen = np.ones(high[inner].shape, bool) if inside is None else inside
    values = [one[inner][chosen] for one in (high, slopes.steep_deg(east, north), east, north)]
    height, slope, eastward, northward = (_mean_known(one) for one in values)
    return height, slope, float(slopes.facing_deg(np.array([eastward]), np.array([northward]))[0])


def _mean_known(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean(dtype=np.float64)) if known.size else math.nan


def _named(detection: Detection, threshold: float) -> str:
    usable = math.isfinite(threshold) and threshold > 0
    return str(methods.parse(detection.ran).at(threshold)) if usable else detection.ran


def _possible(patch: xr.Dataset) -> tuple[str, ...]:
    held = set(band_names(patch))
    return tuple(name for name in INDICES if set(TABLE[name].bands) <= held)


def _mean(t1: np.ndarray, t2: np.ndarray) -> BothDates:
    values = [one[np.isfinite(one)] for one in (t1, t2)]
    means = [float(one.mean(dtype=np.float64)) if one.size else math.nan for one in values]
    spreads = [float(one.std(dtype=np.float64)) if one.size else math.nan for one in values]
    return BothDates(*means, *spreads)


def _truth_words(value: int) -> str:
    return {LANDSLIDE: "landslide", UNKNOWN: "unknown"}.get(value, "no landslide")


def _share_slid(truth: np.ndarray) -> str:
    landslide, known = split(truth)
    return f"{landslide[known].mean():.0%} landslide" if known.any() else _truth_words(UNKNOWN)


def _degrees(grid: Grid, column: int, row: int) -> tuple[float, float]:
    """Return latitude and longitude of a pixel's centre."""
    x, y = float(grid.x[column]), float(grid.y[row])
    longitude, latitude = grid.degrees(x, y) if grid.placed else (math.nan, math.nan)
    return float(latitude), float(longitude - 360 * np.round(longitude / 360))  # a patch may reach beyond 180 degrees
