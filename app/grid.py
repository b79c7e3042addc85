"""The common pixel grid: the same box and resolution give the same pixels from every source."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from app.errors import GridError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyproj import CRS, Transformer

BBox = tuple[float, float, float, float]

EPSG_4326 = "EPSG:4326"
RESOLUTION_DEG = 0.00009  # about 10 m, Sentinel-2's finest
THESIS_RESOLUTION_DEG = 0.00001  # about 1 m, what the thesis asked for
TILE_PX = 1024  # request tile; xcube-sh pads a side of 1.5 tiles or more to whole tiles
MAX_SIDE_PX = 10_240

_RIGHT = "write its true position into it (gdal_edit.py -a_ullr WEST NORTH EAST SOUTH)."

_WGS84_A = 6_378_137.0
_WGS84_B = 6_356_752.314245
_WGS84_E = 0.081819190842621
_MOST_NODES = 65  # a side: some 2 km apart on a whole tile, where a projection's scale is straight to a millionth
_BLOCK_ROWS = 256


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

    @cached_property
    def geographic(self) -> bool:
        """Whether the units are angles of longitude and latitude."""
        return self.crs == EPSG_4326 or bool(self._known_crs.is_geographic)

    @cached_property
    def unit(self) -> str:
        """What ``crs`` counts in: degree, metre, US survey foot, grad, pixel, or as its definition names it."""
        axes = () if self.crs == EPSG_4326 else self._known_crs.axis_info
        return str(axes[0].unit_name) if axes else "degree" if self.geographic else "metre"

    @cached_property
    def placed(self) -> bool:
        """Whether the pixels lie at a known place on the ground; on a mere plane they have no area and no size."""
        return self.crs == EPSG_4326 or self._known_crs.geodetic_crs is not None

    def degrees(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return longitude and latitude in EPSG:4326 of places in the units of ``crs``.

        Raises GridError where the grid lies at no known place.
        """
        if self.crs == EPSG_4326:
            return x, y
        if not self.placed:
            raise GridError("These pixels lie at no known place; give the file a coordinate reference system.")
        return self._to_degrees.transform(x, y)

    def ground_xyz(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return where on the WGS 84 ellipsoid places lie, float64 (..., 3): metres from the earth's centre.

        ``rows`` and ``columns`` are those of pixel centres, fractions allowed. Straight lines between
        these points are true ground distances, to a hundred-thousandth over 100 km.
        """
        west, _, _, north = self.bbox
        x, y = west + (np.asarray(columns) + 0.5) * self.res_x, north - (np.asarray(rows) + 0.5) * self.res_y
        return _geocentric(*self.degrees(x, y))

    def areas_m2(self, rows: slice = slice(None)) -> np.ndarray:
        """Return the true ground area of every pixel of some rows in square metres, float64 (rows, width).

        On the WGS 84 ellipsoid whatever the CRS and its units: a projected pixel may be four times its
        ground, and one in degrees narrows towards the poles. NaN where the grid lies at no known place.
        """
        if self.crs == EPSG_4326:
            return np.broadcast_to(self._row_area_m2[rows, None], (len(range(*rows.indices(self.height))), self.width))
        down, across = self._weights
        return down[rows] @ self._at_nodes[0] @ across.T

    def area_m2(self, mask: np.ndarray) -> float:
        """Return the true ground area of what is True in a bool mask (y, x) in square metres, NaN without a place."""
        if self.crs == EPSG_4326:
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
        if self.crs != EPSG_4326:
            across, along = self.sizes_m(np.array([self.height // 2]), np.array([self.width // 2]))
            return float(across[0]), float(along[0])
        north_south = float(np.radians(self.res_y) * _meridian_radius(self.y[self.height // 2]))
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
        from pyproj import Transformer

        return Transformer.from_crs(self.crs, EPSG_4326, always_xy=True)

    @cached_property
    def _row_area_m2(self) -> np.ndarray:
        """Area of one pixel of each row of a grid in EPSG:4326, float64 (height,)."""
        edges = np.append(self.y + self.res_y / 2, self.y[-1] - self.res_y / 2)
        zone = _zone_area_per_radian(np.radians(edges))
        return np.abs(np.diff(zone)) * np.radians(self.res_x)

    @cached_property
    def _nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns at which sizes are worked out; between them they hardly bend."""
        return tuple(np.linspace(0, size - 1, min(size, _MOST_NODES)) for size in self.shape)

    @cached_property
    def _weights(self) -> tuple[np.ndarray, np.ndarray]:
        """How much each node says of each row and of each column, float64 (height, nodes) and (width, nodes)."""
        return tuple(_between(nodes, size) for nodes, size in zip(self._nodes, self.shape, strict=True))

    @cached_property
    def _at_nodes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Area, width and height on the ground of a pixel at each node, float64 (rows, columns)."""
        rows, columns = np.meshgrid(*self._nodes, indexing="ij")
        if not self.placed:
            return (np.full(rows.shape, np.nan),) * 3
        east = self.ground_xyz(rows, columns + 0.5) - self.ground_xyz(rows, columns - 0.5)
        north = self.ground_xyz(rows - 0.5, columns) - self.ground_xyz(rows + 0.5, columns)
        return tuple(np.linalg.norm(side, axis=-1) for side in (np.cross(east, north), east, north))


def _between(nodes: np.ndarray, size: int) -> np.ndarray:
    """Return the weights of ``nodes`` at every place from 0 to ``size``, linear between them: float64 (size, nodes)."""
    places = np.arange(size)
    return np.stack([np.interp(places, nodes, one) for one in np.eye(len(nodes))], axis=1)


def _geocentric(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Return points of the WGS 84 ellipsoid in metres from the earth's centre, float64 (..., 3)."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    normal = _WGS84_A / np.sqrt(1 - (_WGS84_E * np.sin(lat)) ** 2)
    around = normal * np.cos(lat)
    return np.stack([around * np.cos(lon), around * np.sin(lon), normal * (1 - _WGS84_E**2) * np.sin(lat)], axis=-1)


def _zone_area_per_radian(latitude_rad: np.ndarray) -> np.ndarray:
    """Return the ellipsoid's area between the equator and a latitude per radian of longitude.

    Source: Snyder (1987), Map Projections, USGS PP 1395, eq. 3-12.
    """
    sin, e = np.sin(latitude_rad), _WGS84_E
    return _WGS84_B**2 / 2 * (sin / (1 - (e * sin) ** 2) + np.log((1 + e * sin) / (1 - e * sin)) / (2 * e))


def _meridian_radius(latitude_deg: float) -> float:
    """Return the radius of curvature of the meridian in metres (Snyder 1987, eq. 4-18)."""
    e2 = _WGS84_E**2
    return _WGS84_A * (1 - e2) / (1 - e2 * np.sin(np.radians(latitude_deg)) ** 2) ** 1.5


def around(latitude: float, longitude: float, buffer_deg: float = 0.01) -> BBox:
    """Return the box of ``buffer_deg`` degrees each way around a point.

    Raises GridError where the box would leave the globe or is empty.
    """
    if not 0 < buffer_deg <= 0.5:
        raise GridError(f"A buffer of {buffer_deg} degrees is not usable; choose one above 0 and up to 0.5.")
    box = (longitude - buffer_deg, latitude - buffer_deg, longitude + buffer_deg, latitude + buffer_deg)
    if box[1] < -90 or box[3] > 90 or box[0] < -180 or box[2] > 180:
        raise GridError(
            f"A box of {buffer_deg} degrees around {latitude:.5f}, {longitude:.5f} leaves the globe; "
            "choose a smaller buffer or another event."
        )
    return box


def for_bbox(bbox: BBox, resolution_deg: float = RESOLUTION_DEG) -> Grid:
    """Return the grid every source delivers for a box in EPSG:4326.

    The corner (west, south) stays; the size is rounded to whole pixels and, from one and a
    half tiles on, up to whole tiles, growing east and north, as xcube-sh 0.11 does.
    Raises GridError for an empty, reversed or too large box.
    """
    west, south, east, north = bbox
    if not (west < east and south < north):
        raise GridError(f"The box {bbox} is empty or reversed; give west, south, east, north in that order.")
    if not resolution_deg > 0:
        raise GridError(f"A resolution of {resolution_deg} degrees is not usable; 0.00009 is 10 m.")
    width, height = (_side((b - a) / resolution_deg) for a, b in ((west, east), (south, north)))
    if max(width, height) > MAX_SIDE_PX:
        raise GridError(
            f"The box is {width} x {height} pixels at {resolution_deg} degrees; at most {MAX_SIDE_PX} a side "
            "can be opened. Choose a smaller buffer or a coarser resolution."
        )
    return Grid(west, south, resolution_deg, resolution_deg, width, height)


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
    if on.crs != EPSG_4326:
        west, south = east, north = on.degrees((west + east) / 2, (south + north) / 2)
    if not (-90.01 <= south <= north <= 90.01 and -360.01 <= west <= east <= 360.01):
        raise GridError(f"{name} lies off the globe ({_corners(on)} in {on.crs[:40]}); {_RIGHT}")


def _corners(on: Grid) -> str:
    west, south, east, north = on.bbox
    return f"{west:g}, {south:g} to {east:g}, {north:g}"


def _side(pixels: float) -> int:
    side = max(1, round(pixels))
    return side if side < 1.5 * TILE_PX else -(-side // TILE_PX) * TILE_PX


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
