"""Pictures of the ground's shape: hillshade, slope, aspect, curvature, a shading to lie over others, and contours."""

import numpy as np

from app.errors import InputError
from app.grid import Grid
from app.pictures import colours
from app.terrain import light, slopes
from app.terrain.light import SunAngles

STEEP_DEG = 45.0  # the dark end of a picture of slope
LEAST_BEND = 1e-5  # 1/m: less bent ground is even, and its noise is no ridge
LEVEL = (226, 226, 226)  # of ground that faces nowhere
NAMES = ("hillshade", "slope", "aspect", "curvature")
_INTERVALS_M = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_MOST_LINES = 15  # contours between the lowest and the highest ground
_DARKEST = 0.85  # of a shading: what it lies over stays to be seen


def picture(name: str, height: np.ndarray, on: Grid, sun: SunAngles = light.MAPMAKERS) -> np.ndarray:
    """Return a picture of heights, uint8: one of ``NAMES`` (y, x, 3), or ``shading`` (y, x, 4).

    ``height`` is float (y, x) in metres, NaN where unknown, which is grey in all but the last, where it is clear. The
    light of hillshade and shading comes from ``sun``. Raises InputError for another name, and GridError where ``on``
    lies at no known place.
    """
    if name == "shading":
        return _shading(light.hillshade(height, on, sun), float(np.sin(np.radians(sun.elevation_deg))))
    if name == "hillshade":
        return _drawn(light.hillshade(height, on, sun), colours.GREY, 0, 1)
    if name == "slope":
        return _drawn(slopes.slope_deg(height, on), colours.SCORE[::-1], 0, STEEP_DEG)
    if name == "curvature":
        bend, limit = bending(height, on)
        return _drawn(bend, colours.CHANGE, -limit, limit)
    if name != "aspect":
        raise InputError(f"There is no picture of the ground called {name!r}; choose {', '.join(NAMES)} or shading.")
    facing = slopes.aspect_deg(height, on)
    made = _drawn(facing, colours.FACING, 0, 360)
    made[np.isnan(facing) & np.isfinite(slopes.slope_deg(height, on))] = LEVEL
    return made


def bending(height: np.ndarray, on: Grid) -> tuple[np.ndarray, float]:
    """Return curvature over about 30 m, float32 (y, x), 1/m, above 0 on ridges, and the value at the colours' ends.

    The ends are at the 98th percentile of its size. Heights laid on a finer grid bend only where their own pixels
    meet; the mean over such a pixel is the bend of the ground they know. Raises GridError where ``on`` is not placed.
    """
    bend = slopes.mean_around(slopes.curvature(height, on), on)
    sizes = np.abs(bend[np.isfinite(bend)])
    return bend, max(float(np.percentile(sizes, 98)) if sizes.size else 0.0, LEAST_BEND)


def _drawn(values: np.ndarray, ramp: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return values through a ramp, uint8 (y, x, 3); unknown ones grey."""
    share = (np.nan_to_num(values, nan=low) - low) / (high - low)
    steps = np.rint(np.clip(share, 0, 1) * (len(ramp) - 1)).astype(int)
    return _unknown(np.take(ramp, steps, axis=0), values)


def contours(height: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the interval in metres and bool (y, x): pixels where the ground crosses a multiple of it.

    The interval is the least of 1, 2, 5, 10, ... that leaves at most fifteen lines between the lowest and the highest.
    """
    known = np.isfinite(height)
    if not known.any():
        return float(_INTERVALS_M[0]), np.zeros(height.shape, bool)
    span = float(np.nanmax(height) - np.nanmin(height))
    step = float(next((one for one in _INTERVALS_M if span / one <= _MOST_LINES), _INTERVALS_M[-1]))
    band = np.floor(np.where(known, height, 0) / step)
    lines = np.zeros(height.shape, bool)
    lines[:, 1:] |= (band[:, 1:] != band[:, :-1]) & known[:, 1:] & known[:, :-1]
    lines[1:] |= (band[1:] != band[:-1]) & known[1:] & known[:-1]
    return step, lines


def _shading(shade: np.ndarray, level: float) -> np.ndarray:
    """Return black where slopes turn from the light, white where they face it, and nothing on level ground."""
    known = np.isfinite(shade)
    darker = np.where(known, (level - np.nan_to_num(shade)) / level, 0)
    brighter = np.where(known, (np.nan_to_num(shade) - level) / (1 - level), 0)
    out = np.zeros((*shade.shape, 4), np.uint8)
    out[..., :3] = np.where(brighter > 0, 255, 0)[..., None]
    cover = np.where(brighter > 0, 0.5 * brighter, np.clip(darker, 0, 1) * _DARKEST)
    out[..., 3] = np.rint(255 * np.clip(cover, 0, 1))
    return out


def _unknown(made: np.ndarray, values: np.ndarray) -> np.ndarray:
    made[np.isnan(values)] = 128
    return made
