"""How each object on the ground lies: its slope, where it faces, how far it drops and how long it is."""

import numpy as np

from app.grid import Grid
from app.terrain import slopes

# what is told of an object, in this order, and in words
MEASURES: dict[str, str] = {
    "mean_slope_deg": "mean slope (°)",
    "aspect_deg": "faces (°)",
    "height_range_m": "H (m)",
    "length_m": "L (m)",
    "h_over_l": "H/L",
    "drop_deg": "drops to (°)",
}


def of_objects(labels: np.ndarray, number: int, height: np.ndarray, on: Grid) -> dict[str, np.ndarray]:
    """Return the ``MEASURES`` of every labelled object, each float64 (number,), NaN where it is not known.

    ``labels`` is int (y, x), 0 outside of the objects, 1 to ``number`` in them; ``height`` float (y, x) in metres, NaN
    where unknown. The slope is the mean of the pixels', and it faces where their mean gradient falls. H is the highest
    pixel's height above the lowest one's, L how far apart the two lie on level ground, and it drops from the one
    towards the other: H/L as of the reach of a slide (Heim 1932), for the outline as it was detected. Raises GridError
    where ``on`` lies at no known place.
    """
    from scipy import ndimage

    east, north = slopes.gradient(height, on)
    every, inside = np.arange(1, number + 1), np.where(np.isfinite(height), labels, 0)
    sloping = np.where(np.isfinite(east), labels, 0)
    mean = [_mean(values, sloping, every) for values in (slopes.steep_deg(east, north), east, north)]
    known = np.isin(every, inside)
    held = np.where(np.isfinite(height), height, 0)
    (top, high), (bottom, low) = (_extreme(find, held, inside, every) for find in (
        (ndimage.maximum, ndimage.maximum_position), (ndimage.minimum, ndimage.minimum_position)))  # fmt: skip
    width, length = on.sizes_m(*((high + low) / 2).T)
    eastward, northward = (low[:, 1] - high[:, 1]) * width, (high[:, 0] - low[:, 0]) * length
    drop, reach = top - bottom, np.hypot(eastward, northward)
    apart = known & (drop > 0) & (reach > 0)
    values = (
        mean[0],
        slopes.facing_deg(mean[1], mean[2]).astype(float),
        np.where(known, drop, np.nan),
        np.where(apart, reach, np.nan),
        np.divide(drop, reach, out=np.full(number, np.nan), where=apart),
        np.where(apart, np.degrees(np.arctan2(eastward, northward)) % 360, np.nan),
    )
    return dict(zip(MEASURES, values, strict=True))


def _mean(values: np.ndarray, labels: np.ndarray, every: np.ndarray) -> np.ndarray:
    """Return the mean over each object, NaN where it has no pixel."""
    counts = np.bincount(labels.ravel(), minlength=len(every) + 1)[1:]
    sums = np.bincount(labels.ravel(), np.where(labels, values, 0).ravel(), len(every) + 1)[1:]
    return np.divide(sums, counts, out=np.full(len(every), np.nan), where=counts > 0)


def _extreme(find: tuple, height: np.ndarray, labels: np.ndarray, every: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the extreme height of each object and its (row, column), float64 (number,) and (number, 2)."""
    value, position = (one(height, labels, every) for one in find)
    return np.asarray(value, float), np.asarray(position, float).reshape(len(every), 2)
