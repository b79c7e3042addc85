"""Many scenes of one place made into one image: of each pixel the median, the greenest or the latest clear one."""

from collections.abc import Callable, Mapping

import numpy as np

RED, NEAR_INFRARED = "B04", "B08"
Layers = Mapping[str, np.ndarray]  # band -> float32 reflectance (scenes, y, x), NaN nodata


def needed(way: str) -> tuple[str, ...]:
    """Return the bands a way of compositing reads, whatever bands are wanted."""
    return (RED, NEAR_INFRARED) if way == "greenest" else ()


def composed(bands: Layers, clear: np.ndarray, way: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return each band as one image, float32 (y, x), NaN where no scene is clear, and the count of scenes (y, x).

    ``clear`` is bool (scenes, y, x), the scenes oldest first; a pixel counts as clear where it is measured in every
    band as well. The count, uint16, is of the clear scenes, however many the way then takes its value from: the
    median of each band, of an even count the mean of the two in the middle; the scene of the highest NDVI; the
    latest scene. ``way`` is a name of ``patches.COMPOSITES``; greenest needs B04 and B08.
    """
    usable = clear & np.logical_and.reduce([np.isfinite(values) for values in bands.values()])
    count = usable.sum(axis=0, dtype=np.uint16)
    take = _WAYS[way](bands, usable)
    return {name: np.where(count > 0, take(values), np.float32(np.nan)) for name, values in bands.items()}, count


Take = Callable[[np.ndarray], np.ndarray]


def _median(bands: Layers, usable: np.ndarray) -> Take:
    """Return what takes the median: sorted with gaps last, the middle of as many as are clear."""
    count = usable.sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(usable) - 1)

    def take(values: np.ndarray) -> np.ndarray:
        ranked = np.sort(np.where(usable, values, np.float32(np.inf)), axis=0)
        return (_at(ranked, low) + _at(ranked, high)) / np.float32(2)

    return take


def _greenest(bands: Layers, usable: np.ndarray) -> Take:
    red, infrared = bands[RED], bands[NEAR_INFRARED]
    total = infrared + red
    green = np.divide(infrared - red, total, out=np.full_like(total, -1), where=total > 0)
    best = np.where(usable, green, -np.inf).argmax(axis=0)
    return lambda values: _at(values, best)


def _latest(bands: Layers, usable: np.ndarray) -> Take:
    last = len(usable) - 1 - usable[::-1].argmax(axis=0)
    return lambda values: _at(values, last)


def _at(values: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """Return of each pixel (y, x) the value of its own scene."""
    return np.take_along_axis(values, scene[None], axis=0)[0]


_WAYS: dict[str, Callable[[Layers, np.ndarray], Take]] = {"median": _median, "greenest": _greenest, "latest": _latest}
