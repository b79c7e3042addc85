"""A grid of pixels: where they lie, how large they are on the ground, and in which one of another grid each lies."""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from app.errors import GridError
from app.grid.ellipsoid import geocentric_m, meridian_radius_m, zone_m2_per_radian

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyproj import CRS, Transformer

BBox = tuple[float, float, float, float]
_Places = TypeVar("_Places", float, np.ndarray)  # one place, or many

EPSG_4326 = "EPSG:4326"
# a plane of pixels for images without a position: areas on it would mean nothing
UNPLACED = (
    'ENGCRS["Image pixels, position unknown",EDATUM["image"],CS[Cartesian,2],'
    'AXIS["x",east],AXIS["y",north],LENGTHUNIT["pixel",1]]'
)

_RIGHT = "write its true position into it (gdal_edit.py -a_ullr WEST NORTH EAST SOUTH)."

_MOST_NODES = 65  # a side: some 2 km apart on a whole tile, where a projection's scale is straight to a millionth
_BLOCK_ROWS = 256
_SAME_PX = 0.01  # two grids that are no further apart are the same
_AGREED_PX = 1e-6  # and those that agree may still differ in the last digit


@dataclass(frozen=True)
class Grid:
    """A north-up grid of ``height`` x ``width`` pixels from the corner (west, south).

    Units are those of ``crs``: degrees for EPSG:4326, metres, feet or others for a projected system.
    What is in metres and square metres is always true on the ground, whatever the CRS.
    """

    west: float
    south: float
    res_x: float
    res_y: float
    width: int
    height: int
    crs: str = EPSG_4326

    @classmethod
    def spanning(cls, bbox: BBox, shape: tuple[int, int], crs: str = EPSG_4326) -> "Grid":
        """Return the grid of (height, width) pixels that together fill a box in the units of ``crs``."""
        (west, south, east, north), (height, width) = bbox, shape
        return cls(west, south, (east - west) / width, (north - south) / height, width, height, crs)

    @classmethod
    def of_centres(cls, x: np.ndarray, y: np.ndarray, crs: str = EPSG_4326, alone: float | None = None) -> "Grid":
        """Return the grid whose pixels have their centres at ``x``, west to east, and ``y``, north to south.

        A single row or column is of square pixels, a single pixel ``alone`` wide and high; raises GridError where that
        is not given.
        """
        if len(x) > 1:
            res_x = float(x[-1] - x[0]) / (len(x) - 1)
            res_y = float(y[0] - y[-1]) / (len(y) - 1) if len(y) > 1 else res_x
        elif len(y) > 1:
            res_x = res_y = float(y[0] - y[-1]) / (len(y) - 1)
        elif alone is not None:
            res_x = res_y = alone
        else:
            raise GridError("A single pixel does not say how large it is; give two or more.")
        return cls(float(x[0]) - res_x / 2, float(y[-1]) - res_y / 2, res_x, res_y, len(x), len(y), crs)

    @property
    def bbox(self) -> BBox:
        """The outer edges (west, south, east, north), in the units of ``crs``."""
        east = self.west + self.width * self.res_x
        return self.west, self.south, east, self.south + self.height * self.res_y

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.height, self.width

    @cached_property
    def x(self) -> np.ndarray:
        """Pixel centres west to east, float64 (width,); spaced as xcube-sh spaces them."""
        west, _, east, _ = self.bbox
        half = self.res_x / 2
        return np.linspace(west + half, east - half, self.width)

    @cached_property
    def y(self) -> np.ndarray:
        """Pixel centres north to south, float64 (height,)."""
        _, south, _, north = self.bbox
        half = self.res_y / 2
        return np.linspace(north - half, south + half, self.height)

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Affine coefficients (a, b, c, d, e, f) as rasterio orders them."""
        return self.res_x, 0.0, self.west, 0.0, -self.res_y, self.bbox[3]

    @property
    def in_degrees(self) -> bool:
        """Whether the units are degrees of EPSG:4326, as those of every event and every box asked for."""
        return self.crs == EPSG_4326

    @property
    def pixel_deg(self) -> tuple[float, float] | None:
        """A pixel's width and height in degrees of EPSG:4326, None on a grid in other units."""
        return (self.res_x, self.res_y) if self.in_degrees else None

    @property
    def corner_deg(self) -> tuple[float, float] | None:
        """Longitude and latitude of the south-west corner, None on a grid in other units than degrees."""
        return (self.west, self.south) if self.in_degrees else None

    @property
    def bbox_deg(self) -> BBox:
        """The box in degrees of EPSG:4326 that holds the outer edges; raises GridError as ``degrees`` does."""
        if self.in_degrees:
            return self.bbox
        return self._to_degrees.transform_bounds(*self.bbox, densify_pts=21)

    @cached_property
    def geographic(self) -> bool:
        """Whether the units are angles of longitude and latitude."""
        return self.in_degrees or bool(self._known_crs.is_geographic)

    @cached_property
    def unit(self) -> str:
        """What ``crs`` counts in: degree, metre, US survey foot, grad, pixel, or as its definition names it."""
        axes = () if self.in_degrees else self._known_crs.axis_info
        return str(axes[0].unit_name) if axes else "degree" if self.geographic else "metre"

    @cached_property
    def placed(self) -> bool:
        """Whether the pixels lie at a known place on the ground; on a mere plane they have no area and no size."""
        return self.in_degrees or self._known_crs.geodetic_crs is not None

    def degrees(self, x: _Places, y: _Places) -> tuple[_Places, _Places]:
        """Return longitude and latitude in EPSG:4326 of places in the units of ``crs``.

        Raises GridError where the grid lies at no known place.
        """
        return (x, y) if self.in_degrees else self._to_degrees.transform(x, y)

    def same_as(self, other: "Grid") -> bool:
        """Whether two grids have the same pixels, to a hundredth of one."""
        if self.crs != other.crs or self.shape != other.shape:
            return False
        pixel = np.minimum((self.res_x, self.res_y), (other.res_x, other.res_y))
        return bool((np.abs(np.subtract(self.bbox, other.bbox)) <= _SAME_PX * np.tile(pixel, 2)).all())

    def resized(self, shape: tuple[int, int]) -> "Grid":
        """Return a grid of the same ground in (height, width) pixels."""
        return Grid.spanning(self.bbox, shape, self.crs)

    def coarser(self, most_px: int) -> "Grid":
        """Return a grid of the same ground with at most ``most_px`` pixels a side; one that has no more as it is."""
        factor = max(self.shape) / most_px
        height, width = (max(1, round(side / factor)) for side in self.shape)
        return self if factor <= 1 else self.resized((height, width))

    def finer(self, times: int) -> "Grid":
        """Return the grid on which each pixel is ``times`` by ``times`` of them."""
        return self.resized((self.height * times, self.width * times))

    def pixels_of(self, on: "Grid") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return row and column in which each pixel centre of ``on`` lies, and bool: whether it lies here at all.

        The three broadcast to the shape of ``on``. What lies outside has the row and column at the edge. Raises
        GridError where only one of the two lies at a known place.
        """
        x, y = on.x[None, :], on.y[:, None]
        if self.crs != on.crs:
            across = transformer(on.required_place().crs, self.required_place().crs)
            x, y = across.transform(*np.meshgrid(on.x, on.y))
        west, _, _, north = self.bbox
        rows, inside_rows = _whole((north - y) / self.res_y, self.height)
        columns, inside_columns = _whole((x - west) / self.res_x, self.width)
        return rows, columns, inside_rows & inside_columns

    def sampled(self, values: np.ndarray, on: "Grid", outside: float) -> np.ndarray:
        """Return values (..., y, x) of this grid at the pixels of another: the nearest one, ``outside`` beyond."""
        rows, columns, inside = self.pixels_of(on)
        return np.where(inside, values[..., rows, columns], outside)

    def required_place(self) -> "Grid":
        """Return this grid; raises GridError where it lies at no known place."""
        if not self.placed:
            raise GridError("These pixels lie at no known place; give the file a coordinate reference system.")
        return self

    def ground_xyz(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return where on the WGS 84 ellipsoid places lie, float64 (..., 3): metres from the earth's centre.

        ``rows`` and ``columns`` are those of pixel centres, fractions allowed. Straight lines between
        these points are true ground distances, to a hundred-thousandth over 100 km.
        """
        west, _, _, north = self.bbox
        x, y = west + (np.asarray(columns) + 0.5) * self.res_x, north - (np.asarray(rows) + 0.5) * self.res_y
        return geocentric_m(*self.degrees(x, y))

    def areas_m2(self, rows: slice = slice(None)) -> np.ndarray:
        """Return the true ground area of every pixel of some rows in square metres, float64 (rows, width).

        On the WGS 84 ellipsoid whatever the CRS and its units: a projected pixel may be four times its
        ground, and one in degrees narrows towards the poles. NaN where the grid lies at no known place.
        """
        if self.in_degrees:
            return np.broadcast_to(self._row_area_m2[rows, None], (len(range(*rows.indices(self.height))), self.width))
        down, across = self._weights
        return down[rows] @ self._at_nodes[0] @ across.T

    def area_m2(self, mask: np.ndarray) -> float:
        """Return the true ground area of what is True in a bool mask (y, x) in square metres, NaN without a place."""
        if self.in_degrees:
            return float(np.count_nonzero(mask, axis=1) @ self._row_area_m2)
        total, (down, across) = 0.0, self._weights
        for rows in self.blocks():
            total += float((down[rows] @ self._at_nodes[0] * (mask[rows].astype(float) @ across)).sum())
        return total

    def blocks(self) -> "Iterator[slice]":
        """Yield the rows in blocks from north to south: what takes eight bytes a pixel is done one block at a time."""
        return (slice(start, min(start + _BLOCK_ROWS, self.height)) for start in range(0, self.height, _BLOCK_ROWS))

    def sizes_m(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the ground sizes of pixels in metres, (east-west, north-south), each float64 like ``rows``."""
        from scipy.ndimage import map_coordinates

        steps = [(size - 1) / max(len(nodes) - 1, 1) or 1 for nodes, size in zip(self._nodes, self.shape, strict=True)]
        places = [np.asarray(at) / step for at, step in zip((rows, columns), steps, strict=True)]
        across, along = (map_coordinates(held, places, order=1, mode="nearest") for held in self._at_nodes[1:])
        return across, along

    @property
    def pixel_m(self) -> tuple[float, float]:
        """Ground size of the middle pixel in metres, (east-west, north-south); NaN without a place."""
        if not self.in_degrees:
            across, along = self.sizes_m(np.array([self.height // 2]), np.array([self.width // 2]))
            return float(across[0]), float(along[0])
        north_south = float(np.radians(self.res_y) * meridian_radius_m(self.y[self.height // 2]))
        return float(self._row_area_m2[self.height // 2]) / north_south, north_south

    @property
    def proportions(self) -> tuple[float, float]:
        """Width and height of a pixel for drawing it: on the ground, or in the units of a plane without a place."""
        return self.pixel_m if self.placed else (self.res_x, self.res_y)

    @cached_property
    def _known_crs(self) -> "CRS":
        from pyproj import CRS

        return CRS.from_user_input(self.crs)

    @cached_property
    def _to_degrees(self) -> "Transformer":
        return transformer(self.required_place().crs, EPSG_4326)

    @cached_property
    def _row_area_m2(self) -> np.ndarray:
        """Area of one pixel of each row of a grid in EPSG:4326, float64 (height,)."""
        edges = np.append(self.y + self.res_y / 2, self.y[-1] - self.res_y / 2)
        zone = zone_m2_per_radian(np.radians(edges))
        return np.abs(np.diff(zone)) * np.radians(self.res_x)

    @cached_property
    def _nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns at which sizes are worked out; between them they hardly bend."""
        rows, columns = (np.linspace(0, size - 1, min(size, _MOST_NODES)) for size in self.shape)
        return rows, columns

    @cached_property
    def _weights(self) -> tuple[np.ndarray, np.ndarray]:
        """How much each node says of each row and of each column, float64 (height, nodes) and (width, nodes)."""
        rows, columns = (_between(nodes, size) for nodes, size in zip(self._nodes, self.shape, strict=True))
        return rows, columns

    @cached_property
    def _at_nodes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Area, width and height on the ground of a pixel at each node, float64 (rows, columns)."""
        rows, columns = np.meshgrid(*self._nodes, indexing="ij")
        if not self.placed:
            return (np.full(rows.shape, np.nan),) * 3
        east = self.ground_xyz(rows, columns + 0.5) - self.ground_xyz(rows, columns - 0.5)
        north = self.ground_xyz(rows - 0.5, columns) - self.ground_xyz(rows + 0.5, columns)
        return tuple(np.linalg.norm(side, axis=-1) for side in (np.cross(east, north), east, north))


@lru_cache(maxsize=32)
def transformer(crs: str, wanted: str) -> "Transformer":
    """Return what takes coordinates from one reference system to another, x (or longitude) first in both.

    Any number of threads may use it. Raises pyproj's ProjError for a system that is not known.
    """
    from pyproj import Transformer

    return Transformer.from_crs(crs, wanted, always_xy=True)


def nearest(held: int, wanted: int) -> np.ndarray:
    """Return for each of ``wanted`` pixels of a row in which of the ``held`` its centre lies: int (wanted,).

    Both fill the same row, the held ones and the wanted ones.
    """
    return ((np.arange(wanted) + 0.5) * held / wanted).astype(int)


def _whole(places: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return in which of ``size`` pixels places in a row lie, held to them, and whether they lie in them at all."""
    at = np.floor(places + _AGREED_PX)
    inside = (at >= 0) & (at < size)  # false for what is infinite or no number
    return np.where(inside, at, np.where(at >= size, size - 1, 0)).astype(int), inside


def _between(nodes: np.ndarray, size: int) -> np.ndarray:
    """Return the weights of ``nodes`` at every place from 0 to ``size``, linear between them: float64 (size, nodes)."""
    places = np.arange(size)
    return np.stack([np.interp(places, nodes, one) for one in np.eye(len(nodes))], axis=1)


def plane(shape: tuple[int, int]) -> Grid:
    """Return the plane of (height, width) pixels of an image that does not say where it lies."""
    height, width = shape
    return Grid(0.0, 0.0, 1.0, 1.0, width, height, UNPLACED)


def require_on_earth(on: Grid, name: str) -> None:
    """Raise GridError where a grid that a file states cannot lie on the ground: no numbers, no size, or off the globe.

    A plane of pixels of unknown position lies nowhere and passes.
    """
    numbers = (*on.bbox, on.res_x, on.res_y)
    if not all(math.isfinite(number) for number in numbers) or on.res_x <= 0 or on.res_y <= 0:
        raise GridError(f"{name} states pixels of {on.res_x:g} by {on.res_y:g} at {on.west:g}, {on.south:g}; {_RIGHT}")
    if not on.placed:
        return
    west, south, east, north = on.bbox
    if not on.in_degrees:
        west, south = east, north = on.degrees((west + east) / 2, (south + north) / 2)
    if not (-90.01 <= south <= north <= 90.01 and -360.01 <= west <= east <= 360.01):
        raise GridError(f"{name} lies off the globe ({_corners(on)} in {on.crs[:40]}); {_RIGHT}")


def _corners(on: Grid) -> str:
    west, south, east, north = on.bbox
    return f"{west:g}, {south:g} to {east:g}, {north:g}"


def label_areas_m2(labels: np.ndarray, number: int, ground: Grid) -> np.ndarray:
    """Return the true ground area of every labelled object in square metres, float64 (number,).

    ``labels`` is int (y, x), 0 outside of the objects, 1 to ``number`` in them. NaN where ``ground``
    lies at no known place.
    """
    areas = np.zeros(number + 1)
    for rows in ground.blocks():
        inside = labels[rows] > 0
        if inside.any():
            areas += np.bincount(labels[rows][inside], ground.areas_m2(rows)[inside], number + 1)
    return areas[1:]
