"""Pictures of the ground's shape: hillshade, slope, a shading to lie over others, and contours."""

import numpy as np

from app.errors import InputError
from app.grid import Grid
from app.pictures import colours
from app.terrain import light, slopes

STEEP_DEG = 45.0  # the dark end of a picture of slope
_INTERVALS_M = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_MOST_LINES = 15  # contours between the lowest and the highest ground
_DARKEST = 0.85  # of a shading: what it lies over stays to be seen


def picture(name: str, height: np.ndarray, on: Grid) -> np.ndarray:
    """Return a picture of heights, uint8: ``hillshade`` and ``slope`` (y, x, 3), ``shading`` (y, x, 4).

    ``height`` is float (y, x) in metres, NaN where unknown, which is grey in the first two and clear in the last.
    Raises InputError for another name, and GridError where ``on`` lies at no known place.
    """
    if name == "slope":
        slope = slopes.slope_deg(height, on)
        steps = np.clip(np.nan_to_num(slope) / STEEP_DEG * 255, 0, 255).astype(np.uint8)
        return _unknown(np.take(colours.SCORE, 255 - steps, axis=0), slope)
    if name not in ("hillshade", "shading"):
        raise InputError(f"There is no picture of the ground called {name!r}; choose hillshade, slope or shading.")
    shade = light.hillshade(height, on)
    if name == "hillshade":
        bright = np.clip(np.nan_to_num(shade) * 255, 0, 255).astype(np.uint8)
        return _unknown(np.repeat(bright[..., None], 3, axis=-1), shade)
    return _shading(shade, float(np.sin(np.radians(light.MAPMAKERS.elevation_deg))))


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
