"""What lies along a straight line on a patch: heights, and a band at both dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.errors import InputError
from app.pictures import contrast
from app.pictures.compositions import required
from app.terrain import heights

if TYPE_CHECKING:
    import xarray as xr

    from app.pictures.shapes import Position

MOST_POINTS = 1000


@dataclass(frozen=True, eq=False)
class Profile:
    """Values along a line, float64 (n,) each: metres from its beginning on the ground, heights, T1 and T2."""

    along_m: np.ndarray
    height_m: np.ndarray
    t1: np.ndarray
    t2: np.ndarray

    @property
    def drop_m(self) -> float:
        """How far the line's end lies below its beginning in metres; NaN where either height is not known."""
        return float(self.height_m[0] - self.height_m[-1])


def along(patch: xr.Dataset, start: Position, end: Position, of: str) -> Profile:
    """Return the profile between two places in columns and rows, (0, 0) the north-west corner.

    A point a pixel, heights between pixels, ``of`` (a band or index) of the nearest pixel, NaN where unknown. Raises
    HeightsMissingError without heights, BandMissingError without the bands, GridError for pixels at no known place and
    InputError where both places are one.
    """
    from scipy.ndimage import map_coordinates

    on, held = patches.grid_of(patch).required_place(), heights.of(patch)
    columns, rows = (np.array([one, other], float) - 0.5 for one, other in zip(start, end, strict=True))
    steps = int(min(MOST_POINTS, max(np.ceil(np.hypot(np.ptp(columns), np.ptp(rows))), 0))) + 1
    if steps < 2:
        raise InputError("The two points lie on one pixel; draw them further apart.")
    at = np.stack([np.linspace(line[0], line[1], steps) for line in (rows, columns)])
    places = on.ground_xyz(*at)
    values = contrast.channel_values(patch, required(patch, of), 0)
    near = [np.clip(np.rint(one).astype(int), 0, size - 1) for one, size in zip(at, on.shape, strict=True)]
    return Profile(
        np.linalg.norm(places - places[0], axis=-1),
        map_coordinates(held.astype(float), at, order=1, mode="nearest"),
        values[0][near[0], near[1]].astype(float),
        values[1][near[0], near[1]].astype(float),
    )
