"""What lies along a line on a patch: heights, and a band at both dates."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.errors import InputError
from app.pictures import contrast
from app.pictures.compositions import required
from app.terrain import heights

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    pixels: tuple[np.ndarray, np.ndarray]  # row and column of each point's pixel, int (n,)

    @property
    def drop_m(self) -> float:
        """How far the line's end lies below its beginning in metres; NaN where either height is not known."""
        return float(self.height_m[0] - self.height_m[-1])


def along(patch: xr.Dataset, line: Sequence[Position], of: str) -> Profile:
    """Return the profile along places in columns and rows, in their order, (0, 0) the north-west corner.

    A point a pixel, heights between pixels, ``of`` (a band or index) of the nearest pixel, NaN where unknown. Raises
    HeightsMissingError without heights, BandMissingError without the bands, GridError for pixels at no known place and
    InputError where all places lie on one pixel.
    """
    from scipy.ndimage import map_coordinates

    on, held = patches.grid_of(patch).required_place(), heights.of(patch)
    at = _points(np.array(line, float)[:, ::-1] - 0.5)
    if at.shape[1] < 2:
        raise InputError("The points lie on one pixel; draw them further apart.")
    places = on.ground_xyz(*at)
    steps = np.linalg.norm(np.diff(places, axis=0), axis=-1)
    values = contrast.channel_values(patch, required(patch, of), 0)
    row, column = (np.clip(np.rint(one).astype(int), 0, size - 1) for one, size in zip(at, on.shape, strict=True))
    return Profile(
        np.append(0, np.cumsum(steps)),
        map_coordinates(held.astype(float), at, order=1, mode="nearest"),
        values[0][row, column].astype(float),
        values[1][row, column].astype(float),
        (row, column),
    )


def _points(corners: np.ndarray) -> np.ndarray:
    """Return rows and columns, float64 (2, n), along straight lines between corners (m, 2), about one a pixel."""
    lengths = [float(np.hypot(*(end - start))) for start, end in pairwise(corners)]
    thin = max(1.0, sum(lengths) / MOST_POINTS)
    parts = [corners[:1]]
    for (start, end), length in zip(pairwise(corners), lengths, strict=True):
        parts.append(np.linspace(start, end, int(np.ceil(length / thin)) + 1)[1:])
    return np.concatenate(parts).T
