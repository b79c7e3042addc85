"""Slope, aspect and curvature of heights on a grid, with true ground distances at every row.

North and east are those of the grid, which on a projected one may turn from true north by a degree or two.
"""

import numpy as np

from app.grid import Grid

HILLSIDE_M = 30.0  # ground over which a hillside's steepness is taken: no global model of heights knows finer
LEVEL_DEG = 0.05  # flatter ground falls nowhere in particular
_WEIGHTS = ((1.0, 2.0, 1.0), 8.0)


def gradient(height: np.ndarray, on: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return how heights rise towards east and towards north, each float32 (y, x), metres a metre.

    ``height`` is float (y, x) in metres, NaN where it is not known; what has a neighbour of unknown height is NaN. At
    the edge the neighbour beyond is the one within, mirrored through the pixel. Raises GridError where ``on`` lies at
    no known place. Source: Horn (1981), doi:10.1109/PROC.1981.11918: the eight neighbours, the nearer ones twice.
    """
    width, length = _pixel_m(on)
    near, (weights, of) = _framed(height), _WEIGHTS
    rows, columns = height.shape
    east, north = np.zeros(height.shape), np.zeros(height.shape)
    for step, weight in enumerate(weights):
        along, down = slice(step, step + columns), slice(step, step + rows)
        east += weight * (near[down, 2:] - near[down, :-2])
        north += weight * (near[:-2, along] - near[2:, along])
    return _of_whole(east / of / width, near), _of_whole(north / of / length, near)


def slope_deg(height: np.ndarray, on: Grid) -> np.ndarray:
    """Return the slope in degrees, float32 (y, x), 0 to 90, NaN as ``gradient`` has it; raises GridError as it does."""
    return steep_deg(*gradient(height, on))


def steep_deg(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Return the slope in degrees of what rises by ``east`` and ``north``, of their shape and type."""
    return np.degrees(np.arctan(np.hypot(east, north)))


def aspect_deg(height: np.ndarray, on: Grid) -> np.ndarray:
    """Return where the ground falls to, degrees clockwise from north, float32 (y, x), 0 to 360.

    NaN as ``gradient`` has it, and where the ground is level. Raises GridError as ``gradient`` does.
    """
    return facing_deg(*gradient(height, on))


def facing_deg(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Return in which direction what rises by ``east`` and ``north`` falls; NaN where it is level."""
    facing = np.degrees(np.arctan2(-east, -north)) % 360
    return np.where(steep_deg(east, north) < LEVEL_DEG, np.float32(np.nan), facing).astype(np.float32)


def curvature(height: np.ndarray, on: Grid) -> np.ndarray:
    """Return how much the ground bulges, float32 (y, x), 1/m: above 0 on ridges, below in hollows, 0 on any plane.

    Twice the mean of the two second derivatives with its sign turned; NaN and GridError as of ``gradient``. Source:
    Zevenbergen and Thorne (1987), doi:10.1002/esp.3290120107, D and E of their surface.
    """
    width, length = _pixel_m(on)
    near = _framed(height)
    middle = near[1:-1, 1:-1]
    across = (near[1:-1, 2:] + near[1:-1, :-2]) / 2 - middle
    along = (near[2:, 1:-1] + near[:-2, 1:-1]) / 2 - middle
    return _of_whole(-2 * (across / width**2 + along / length**2), near)


def hillside_deg(slope: np.ndarray, on: Grid) -> np.ndarray:
    """Return how steep the hillside around each pixel is: the mean slope over about 30 m, float32 (y, x).

    ``slope`` is in degrees, NaN where unknown, which is left out of the mean and stays NaN. A landslide is as wide as a
    hillside, and heights in whole metres make steps of one pixel. Raises GridError where ``on`` lies at no known place.
    """
    return mean_around(slope, on)


def mean_around(values: np.ndarray, on: Grid) -> np.ndarray:
    """Return the mean of values over about 30 m around each pixel, float32 (y, x); NaN is left out, and stays NaN."""
    from scipy.ndimage import uniform_filter

    pixels = around_px(on)
    known = np.isfinite(values)
    share = uniform_filter(known.astype(np.float32), pixels, mode="nearest")
    mean = uniform_filter(np.where(known, values, 0).astype(np.float32), pixels, mode="nearest")
    return np.divide(mean, share, out=np.full(values.shape, np.nan, np.float32), where=known)


def around_px(on: Grid) -> tuple[int, int]:
    """Return how many rows and columns are about 30 m on the ground, odd; raises GridError without a place."""
    across, along = on.required_place().pixel_m
    return _odd(HILLSIDE_M / along), _odd(HILLSIDE_M / across)


def _odd(pixels: float) -> int:
    """Return the odd whole number that is nearest to ``pixels``, at least 1."""
    return max(1, 2 * round((pixels - 1) / 2) + 1)


def _pixel_m(on: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return width and length of every pixel on the ground in metres; in degrees, one column stands for all."""
    rows, columns = np.arange(on.required_place().height), np.arange(1 if on.in_degrees else on.width)
    return on.sizes_m(*np.meshgrid(rows, columns, indexing="ij"))


def _framed(height: np.ndarray) -> np.ndarray:
    """Return heights with a frame of one pixel, float64, in which the ground goes on as it does at the edge."""
    framed = np.pad(np.asarray(height, np.float64), 1, mode="edge")
    inner = framed[1:-1, 1:-1]
    for edge, near in ((0, 1), (-1, -2)):
        if height.shape[0] > 1:
            framed[edge, 1:-1] = 2 * inner[edge] - inner[near]
    for edge, near in ((0, 2), (-1, -3)):
        if height.shape[1] > 1:
            framed[:, edge] = 2 * framed[:, 1 if edge == 0 else -2] - framed[:, near]
    return framed


def _of_whole(values: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Return values as float32, NaN where any of the nine heights they are made of is not known."""
    rows, columns = values.shape
    whole = np.ones(values.shape, bool)
    known = np.isfinite(near)
    for down in range(3):
        for along in range(3):
            whole &= known[down : down + rows, along : along + columns]
    return np.where(whole, values, np.nan).astype(np.float32)
