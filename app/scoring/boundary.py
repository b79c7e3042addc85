"""How far the detected outlines lie from the mapped ones, on the ground."""

import math
from dataclasses import asdict, dataclass

import numpy as np

from app.errors import GridError
from app.grid import Grid

_NEAR = 1 + 1e-4  # a pixel beside another lies one pixel away, but for how much the scale changes between them


@dataclass(frozen=True)
class Distances:
    """How far the pixels of one outline lie from the other outline; all NaN where one of them is empty."""

    n: int = 0  # outline pixels measured from
    mean_m: float = math.nan
    median_m: float = math.nan
    p95_m: float = math.nan
    within_1px: float = math.nan  # share that lies at most one pixel away


@dataclass(frozen=True)
class Boundary:
    """Distances between two outlines, each way and both together."""

    from_detected: Distances = Distances()  # large where something is detected far from any landslide
    from_truth: Distances = Distances()  # large where a landslide is missed
    both: Distances = Distances()

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Return the distances by name."""
        return asdict(self)


def measure(detected: np.ndarray, truth: np.ndarray, valid: np.ndarray, ground: Grid | None = None) -> Boundary:
    """Return the distances in metres between the outlines of two bool masks (y, x).

    An outline is the pixels of a mask that have one beside them outside of it; where cloud or the
    edge of the patch cuts a mask off, there is no outline. Distances are true on ``ground``; without
    it, or a place, they stay NaN and only the share within one pixel is known.
    Raises GridError where sizes differ.
    """
    if not detected.shape == truth.shape == valid.shape:
        raise GridError("Mask, truth and valid pixels have to lie on one grid; bring them to one first.")
    outlines = [np.argwhere(outline(mask, valid)) for mask in (detected, truth)]
    if not all(len(points) for points in outlines):
        return Boundary()
    from scipy.spatial import cKDTree

    at = ground if ground is not None and ground.placed else None
    points = [pixels if at is None else at.ground_xyz(*pixels.T) for pixels in outlines]
    ways = [cKDTree(to).query(those)[0] for those, to in (points, points[::-1])]
    sizes = [1.0 if at is None else np.maximum(*at.sizes_m(*pixels.T)) for pixels in outlines]
    near = [way <= size * _NEAR for way, size in zip(ways, sizes, strict=True)]
    unit = math.nan if at is None else 1.0
    both = (np.concatenate(ways), np.concatenate(near))
    return Boundary(*(_distances(values * unit, close) for values, close in (*zip(ways, near, strict=True), both)))


def outline(mask: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return bool (y, x): valid pixels of ``mask`` with a valid pixel beside them that is not in it."""
    outside = ~mask & valid
    beside = np.zeros_like(mask)
    beside[1:] |= outside[:-1]
    beside[:-1] |= outside[1:]
    beside[:, 1:] |= outside[:, :-1]
    beside[:, :-1] |= outside[:, 1:]
    return mask & valid & beside


def _distances(values: np.ndarray, near: np.ndarray) -> Distances:
    middle, far = np.quantile(values, [0.5, 0.95])
    return Distances(
        n=values.size,
        mean_m=float(values.mean()),
        median_m=float(middle),
        p95_m=float(far),
        within_1px=float(near.mean()),
    )
