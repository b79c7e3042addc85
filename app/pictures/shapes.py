"""Points, boxes and polygons drawn on a patch: checked as they come, measured, and written as GeoJSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.errors import InputError
from app.grid import EPSG_4326, Grid, transformer

if TYPE_CHECKING:
    from pyproj import Geod
    from shapely.geometry.base import BaseGeometry

POINT, BOX, POLYGON = "point", "box", "polygon"
MOST_SHAPES, MOST_POINTS = 200, 400
FEWEST_CORNERS = 3  # of a polygon
_POINTS = {POINT: (1, 1), BOX: (2, 2), POLYGON: (FEWEST_CORNERS, MOST_POINTS)}  # fewest and most
_DEGREE_DIGITS = 7  # about a centimetre

Position = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """A shape in columns and rows of a patch, fractions included: (0, 0) is its north-west corner.

    A box has two opposite corners, a polygon its corners in order without the first one again.
    """

    kind: str
    points: tuple[Position, ...]

    def __post_init__(self) -> None:
        if self.kind not in _POINTS:
            raise InputError(f"There is no shape {str(self.kind)[:40]!r}; draw a point, a box or a polygon.")
        fewest, most = _POINTS[self.kind]
        if not fewest <= len(self.points) <= most:
            raise InputError(f"A {self.kind} has {fewest} to {most} points, not {len(self.points)}; draw it again.")
        if not all(math.isfinite(number) for point in self.points for number in point):
            raise InputError("A shape needs finite coordinates; draw it again.")

    @property
    def corners(self) -> tuple[Position, ...]:
        """The corners in order, a box's four among them."""
        if self.kind != BOX:
            return self.points
        (left, top), (right, bottom) = self.points
        return (left, top), (right, top), (right, bottom), (left, bottom)


def read(value: object, grid: Grid) -> list[Shape]:
    """Return the shapes a browser sent for a patch; raises InputError for anything it could not have drawn."""
    if not isinstance(value, list) or len(value) > MOST_SHAPES:
        raise InputError(f"Drawn shapes come as a list of at most {MOST_SHAPES}; draw them again.")
    return [_shape(one, grid) for one in value]


def as_lists(shapes: list[Shape]) -> list[dict[str, object]]:
    """Return shapes in the plain form ``read`` takes."""
    return [{"kind": shape.kind, "points": [list(point) for point in shape.points]} for shape in shapes]


def in_crs(shape: Shape, grid: Grid) -> list[Position]:
    """Return the corners as (x, y) in the units of the grid's CRS."""
    west, _, _, north = grid.bbox
    return [(west + column * grid.res_x, north - row * grid.res_y) for column, row in shape.corners]


def in_degrees(shape: Shape, grid: Grid) -> list[Position]:
    """Return the corners as (longitude, latitude) in EPSG:4326."""
    degrees = (grid.degrees(x, y) for x, y in in_crs(shape, grid))
    return [(float(longitude), float(latitude)) for longitude, latitude in degrees]


def polygon_at(places: Sequence[Position], grid: Grid) -> Shape:
    """Return a polygon of (longitude, latitude), EPSG:4326, as a shape on a grid: the largest part that lies on it.

    Raises InputError where none does, and for an outline that is none.
    """
    from shapely import box

    west, _, _, north = grid.bbox
    longitudes, latitudes = zip(*places, strict=True)
    across, down = transformer(EPSG_4326, grid.crs).transform(longitudes, latitudes)
    points = [((x - west) / grid.res_x, (north - y) / grid.res_y) for x, y in zip(across, down, strict=True)]
    outline = _geometry(POLYGON, points).intersection(box(0, 0, grid.width, grid.height))
    parts = [part for part in _areas(outline) if part.area > 0]
    if not parts:
        raise InputError("This polygon lies outside the patch; draw it inside the red frame.")
    return Shape(POLYGON, tuple(max(parts, key=lambda part: part.area).exterior.coords)[:-1])


def area_m2(shape: Shape, grid: Grid) -> float:
    """Return the true ground area on the WGS 84 ellipsoid in square metres; 0 for a point, NaN without a place."""
    return _geodesic(shape, grid)[0]


def length_m(shape: Shape, grid: Grid) -> float:
    """Return the length of the outline on the WGS 84 ellipsoid in metres; 0 for a point, NaN without a place."""
    return _geodesic(shape, grid)[1]


def mask(shape: Shape, grid: Grid) -> np.ndarray:
    """Return bool (y, x): pixels whose middle lies inside; a shape that holds none takes the pixel under its centre."""
    inside = np.zeros(grid.shape, bool)
    if shape.kind != POINT:
        from rasterio.features import rasterize

        geometry = _geometry(shape.kind, list(shape.corners))
        if not geometry.is_empty:
            inside = rasterize([(geometry, 1)], grid.shape, dtype="uint8").astype(bool)
    if not inside.any():
        column, row = np.mean(shape.corners, axis=0)
        inside[min(int(row), grid.height - 1), min(int(column), grid.width - 1)] = True
    return inside


def geojson(shapes: list[Shape], grid: Grid, said: Mapping[str, str]) -> str:
    """Return shapes as a GeoJSON document (RFC 7946: degrees, EPSG:4326) with what ``said`` tells of the patch."""
    held = {"type": "FeatureCollection", "metadata": dict(said), "features": features(shapes, grid)}
    return json.dumps(held)


def features(shapes: Sequence[Shape], grid: Grid) -> list[dict[str, object]]:
    """Return shapes as GeoJSON features in degrees, EPSG:4326, with number, kind, area and length of the outline."""
    from shapely.geometry import mapping

    found: list[dict[str, object]] = []
    for number, shape in enumerate(shapes, start=1):
        places = [(round(x, _DEGREE_DIGITS), round(y, _DEGREE_DIGITS)) for x, y in in_degrees(shape, grid)]
        facts = {"number": number, "kind": shape.kind}
        if shape.kind != POINT:
            facts |= {"area_m2": round(area_m2(shape, grid), 1), "outline_m": round(length_m(shape, grid), 1)}
        found.append({"type": "Feature", "properties": facts, "geometry": mapping(_geometry(shape.kind, places))})
    return found


def _shape(value: object, grid: Grid) -> Shape:
    if not isinstance(value, dict) or not isinstance(value.get("points"), list):
        raise InputError("A drawn shape needs a kind and points; draw it again.")
    if len(value["points"]) > MOST_POINTS:
        raise InputError(f"A polygon has at most {MOST_POINTS} corners; draw it again.")
    points = tuple(_position(point) for point in value["points"])
    if not all(0 <= column <= grid.width and 0 <= row <= grid.height for column, row in points):
        raise InputError("A drawn shape lies outside its patch; draw it again.")
    return Shape(str(value.get("kind")), points)


def _position(value: object) -> Position:
    numbers = value if isinstance(value, list) else []
    plain = all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers)
    if len(numbers) != 2 or not plain or not all(abs(number) < 1e9 for number in numbers):  # false for NaN as well
        raise InputError("A corner of a drawn shape is a column and a row; draw it again.")
    return float(numbers[0]), float(numbers[1])


def _geometry(kind: str, places: list[Position]) -> BaseGeometry:
    """Return the shape, an outline that crosses itself taken apart into valid areas."""
    from shapely import make_valid
    from shapely.geometry import Point, Polygon
    from shapely.geometry.polygon import orient

    if kind == POINT:
        return Point(places[0])
    polygon = Polygon(places)
    return orient(polygon) if polygon.is_valid else make_valid(polygon)


def _geodesic(shape: Shape, grid: Grid) -> tuple[float, float]:
    if shape.kind == POINT:
        return 0.0, 0.0
    if not grid.placed:
        return math.nan, math.nan
    from pyproj import Geod

    earth, places = Geod(ellps="WGS84"), in_degrees(shape, grid)
    longitudes, latitudes = zip(*places, places[0], strict=True)
    around = earth.line_length(longitudes, latitudes)
    return sum(_area(earth, part) for part in _areas(_geometry(shape.kind, places))), around


def _areas(geometry: BaseGeometry) -> list[BaseGeometry]:
    parts = list(getattr(geometry, "geoms", [geometry]))
    return [part for part in parts if part.geom_type == "Polygon"] + [
        inner for part in parts if part.geom_type == "MultiPolygon" for inner in part.geoms
    ]


def _area(earth: Geod, part: BaseGeometry) -> float:
    return abs(earth.geometry_area_perimeter(part)[0])
