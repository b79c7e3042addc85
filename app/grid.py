"""The common pixel grid: the same box and resolution give the same pixels from every source."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.errors import GridError

BBox = tuple[float, float, float, float]

EPSG_4326 = "EPSG:4326"
RESOLUTION_DEG = 0.00009  # about 10 m, Sentinel-2's finest
THESIS_RESOLUTION_DEG = 0.00001  # about 1 m, what the thesis asked for
TILE_PX = 1024  # request tile; xcube-sh pads a side of 1.5 tiles or more to whole tiles
MAX_SIDE_PX = 10_240

_WGS84_B = 6_356_752.314245
_WGS84_E = 0.081819190842621


@dataclass(frozen=True)
class Grid:
    """A north-up grid of ``height`` x ``width`` pixels from the corner (west, south).

    Units are those of ``crs``: degrees for EPSG:4326, metres for a projected system.
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
        """Whether the units are degrees of longitude and latitude."""
        if self.crs == EPSG_4326:
            return True
        from pyproj import CRS

        return CRS.from_user_input(self.crs).is_geographic

    @cached_property
    def row_area_m2(self) -> np.ndarray:
        """True ground area of one pixel of each row in square metres, float64 (height,).

        On EPSG:4326 a pixel narrows towards the poles; this is its area on the WGS 84
        ellipsoid. On a projected grid it is the product of the two resolutions.
        """
        if not self.geographic:
            return np.full(self.height, float(self.res_x * self.res_y))
        edges = np.append(self.y + self.res_y / 2, self.y[-1] - self.res_y / 2)
        zone = _zone_area_per_radian(np.radians(edges))
        return np.abs(np.diff(zone)) * np.radians(self.res_x)

    @property
    def pixel_m(self) -> tuple[float, float]:
        """Ground size of the middle pixel in metres, (east-west, north-south)."""
        if not self.geographic:
            return self.res_x, self.res_y
        north_south = float(np.radians(self.res_y) * _meridian_radius(self.y[self.height // 2]))
        return float(self.row_area_m2[self.height // 2]) / north_south, north_south


def _zone_area_per_radian(latitude_rad: np.ndarray) -> np.ndarray:
    """Return the ellipsoid's area between the equator and a latitude per radian of longitude.

    Source: Snyder (1987), Map Projections, USGS PP 1395, eq. 3-12.
    """
    sin, e = np.sin(latitude_rad), _WGS84_E
    return _WGS84_B**2 / 2 * (sin / (1 - (e * sin) ** 2) + np.log((1 + e * sin) / (1 - e * sin)) / (2 * e))


def _meridian_radius(latitude_deg: float) -> float:
    """Return the radius of curvature of the meridian in metres (Snyder 1987, eq. 4-18)."""
    a, e2 = 6_378_137.0, _WGS84_E**2
    return a * (1 - e2) / (1 - e2 * np.sin(np.radians(latitude_deg)) ** 2) ** 1.5


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


def _side(pixels: float) -> int:
    side = max(1, round(pixels))
    return side if side < 1.5 * TILE_PX else -(-side // TILE_PX) * TILE_PX
