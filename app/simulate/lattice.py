"""The simulated sensor's own pixel lattice in metres, and the step from it to a patch's grid."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps
from threading import Lock
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np

from app.errors import SourceError
from app.grid import Grid

EARTH_M = 6_371_007.0  # authalic radius
NATIVE_M = 10
ALIGN = 6  # native pixels in the coarsest, 60 m, one
MARGIN_M = 60.0
MAX_NATIVE_PX = 2_300  # a side, about 3 GB of memory
SMALL_PX = 200 * 200
_AT_ONCE = 32
_SAME_DEG = 1e-9  # what the two sides of the 180th meridian may be apart in a computer's arithmetic

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Lattice:
    """A window of 10 m pixels, aligned to 60 m, in a sinusoidal projection of one 6 degree zone.

    Columns and rows count from the zone's meridian and the equator, so windows of one zone
    share their pixels. Row 0 of an array is the southernmost.
    """

    zone: int
    column: int
    row: int
    width: int
    height: int

    @cached_property
    def x(self) -> np.ndarray:
        """Pixel centres in metres east of the zone's meridian, float64 (width,)."""
        return (self.column + np.arange(self.width) + 0.5) * NATIVE_M

    @cached_property
    def y(self) -> np.ndarray:
        """Pixel centres in metres north of the equator, float64 (height,)."""
        return (self.row + np.arange(self.height) + 0.5) * NATIVE_M

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) in native pixels."""
        return self.height, self.width

    @property
    def latitude(self) -> float:
        """Latitude of the middle in degrees."""
        return float(np.degrees(self.y[self.height // 2] / EARTH_M))

    def indices(self, grid: Grid, native_m: int) -> np.ndarray:
        """Return, for each pixel of ``grid``, the flat index of the ``native_m`` pixel that holds its centre.

        Int32 (grid height, grid width) into an array of (height, width) * 10 / native_m pixels.
        """
        rows = np.floor(_north(grid.y) / native_m).astype(np.int64) - self.row * NATIVE_M // native_m
        scale = np.radians(1.0) * EARTH_M * np.cos(np.radians(grid.y)) / native_m
        columns = np.floor((grid.x + _turn(grid) - _meridian(self.zone))[None, :] * scale[:, None]).astype(np.int32)
        columns -= np.int32(self.column * NATIVE_M // native_m)
        return (rows * (self.width * NATIVE_M // native_m)).astype(np.int32)[:, None] + columns

    def places(self, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and columns of the pixel centres of ``grid`` among the 10 m pixels, float64 (h, w)."""
        rows = _north(grid.y) / NATIVE_M - self.row - 0.5
        scale = np.radians(1.0) * EARTH_M * np.cos(np.radians(grid.y)) / NATIVE_M
        columns = (grid.x + _turn(grid) - _meridian(self.zone))[None, :] * scale[:, None] - self.column - 0.5
        return np.broadcast_to(rows[:, None], columns.shape), columns


def covering(grid: Grid) -> Lattice:
    """Return the lattice window that covers a grid in EPSG:4326 with a margin.

    The zone is that of the box's middle, on whichever side of the 180th meridian its longitudes count on. Raises
    SourceError where the box is too large.
    """
    west, south, east, north = grid.bbox
    west, east = west + _turn(grid), east + _turn(grid)
    zone = int(np.floor(_middle(grid) / 6))
    corners = [
        (lon - _meridian(zone)) * np.cos(np.radians(lat))
        for lon in (west, east)
        for lat in (south, north, (south + north) / 2)
    ]
    metres = np.radians(np.array([min(corners), max(corners), south, north])) * EARTH_M
    step = NATIVE_M * ALIGN
    low = np.floor((metres[[0, 2]] - MARGIN_M) / step).astype(int) * ALIGN
    high = np.ceil((metres[[1, 3]] + MARGIN_M) / step).astype(int) * ALIGN
    width, height = (int(n) for n in high - low)
    if max(width, height) > MAX_NATIVE_PX:
        raise SourceError(
            f"The demo simulates up to {MAX_NATIVE_PX * NATIVE_M // 1000} km a side; this box is "
            f"{max(width, height) * NATIVE_M // 1000} km. Choose a smaller buffer."
        )
    return Lattice(zone, int(low[0]), int(low[1]), width, height)


def held_where_small(
    most: int,
) -> Callable[[Callable[Concatenate[Lattice, P], T]], Callable[Concatenate[Lattice, P], T]]:
    """Hold what a function made of the last ``most`` small windows, up to SMALL_PX; read only.

    Of larger ones nothing is held. A class asks for the same at once: the first makes it, and the others wait for that.
    """

    def holding(make: Callable[Concatenate[Lattice, P], T]) -> Callable[Concatenate[Lattice, P], T]:
        kept, making = lru_cache(maxsize=most)(make), [Lock() for _ in range(_AT_ONCE)]

        @wraps(make)
        def held(lattice: Lattice, *args: P.args, **named: P.kwargs) -> T:
            if lattice.width * lattice.height > SMALL_PX:
                return make(lattice, *args, **named)
            with making[hash((lattice, args)) % _AT_ONCE]:
                return kept(lattice, *args, **named)  # type: ignore[arg-type]

        return held

    return holding


def coarsened(values: np.ndarray, native_m: int) -> np.ndarray:
    """Return the mean over each ``native_m`` pixel of a 10 m array (h, w)."""
    factor = native_m // NATIVE_M
    if factor == 1:
        return values
    height, width = values.shape
    return values.reshape(height // factor, factor, width // factor, factor).mean(axis=(1, 3), dtype=np.float32)


def _middle(grid: Grid) -> float:
    """Return the longitude of a grid's middle, above -180 to 180: a place has one ground, however it is counted."""
    middle = (grid.bbox[0] + grid.bbox[2]) / 2
    if abs(middle) < 180 - _SAME_DEG:
        return middle
    return 180 - (180 - round(middle, 9)) % 360


def _turn(grid: Grid) -> float:
    """Return 360, -360 or 0 degrees: what brings the longitudes of a grid around its ``_middle``."""
    return 360.0 * round((_middle(grid) - (grid.bbox[0] + grid.bbox[2]) / 2) / 360)


def _meridian(zone: int) -> float:
    return zone * 6.0 + 3.0


def _north(latitude: np.ndarray) -> np.ndarray:
    return np.radians(latitude) * EARTH_M
