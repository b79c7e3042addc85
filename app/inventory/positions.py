"""Where an event is, from the cells of a table: degrees in several notations, pairs, points and outlines."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from app.grid import EPSG_4326, transformer

if TYPE_CHECKING:
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

MAX_GEOMETRY_CHARACTERS = 2_000_000
_MAX_NUMBER_CHARACTERS = 60  # a number, or degrees, minutes and seconds in words
_MAX_PAIR_CHARACTERS = 200  # two numbers and their brackets; longer text is not worth searching
METRES_BEYOND = 360.0  # no notation of degrees goes further
DEGREES = 4326  # EPSG
HALF_ROUND_DEG = 180.0
_NULL_ISLAND_DEG = 1e-3

ABSENT = {"", "-", "--", "?", "na", "n/a", "nan", "nat", "none", "null", "unknown"}
NUMBER = re.compile(r"[+-]?(?:\d{1,9}(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,9},\d+", re.ASCII)
_PAIR = re.compile(r"[\s(\[]*([^\s,;()\[\]]+)(?:\s*[,;]\s*|\s+)([^\s,;()\[\]]+)[\s)\]]*")
_WKT_POINT = re.compile(r"(?:srid=4326;)?\s*point\s*(?:z\s*)?\(\s*(\S+)\s+([^\s)]+)[^)]*\)", re.IGNORECASE)
_WKT = re.compile(
    r"(?:srid=(\d{1,6});)?\s*((?:multi)?(?:point|linestring|polygon|curve|surface)|geometrycollection|compoundcurve|"
    r"curvepolygon|linearring|tin|polyhedralsurface|triangle|circularstring)[\s(zm]",
    re.IGNORECASE,
)
_HEX_WKB = re.compile(r"(?:\\x|0x)?(0[01][0-9a-f]{40,})", re.ASCII | re.IGNORECASE)
_GEOJSON = re.compile(r'\{.*"coordinates"\s*:', re.DOTALL)
_SIXTIETHS = re.compile(
    r"([nsew北南東西东]?)(?:緯|经|経|纬|經)?\s*([+-]?)(\d{1,3}(?:\.\d+)?)\s*(?:[°º˚:度*]|deg\.?|\s)\s*"
    r"(?:(\d{1,2}(?:\.\d+)?)\s*(?:['′’´`:分]|min\.?|\s|$)\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"″”秒]|''|′′|’’|sec\.?)?\s*)?)?"
    r"([nsew]?)",
    re.IGNORECASE,
)
_IN_LETTERS = re.compile(r"(\d)\s*d\s*(\d+(?:\.\d+)?)\s*m\s*(?:(\d+(?:\.\d+)?)\s*s)?", re.IGNORECASE)  # 44d07m48s
_LETTERED = re.compile(r"([nsew]?)\s*([+-]?\d{1,3}(?:\.\d+)?)\s*°?\s*([nsew]?)", re.IGNORECASE)
_SIDES = {
    "latitude": {"n": 1, "s": -1, "北": 1, "南": -1},
    "longitude": {"e": 1, "w": -1, "東": 1, "东": 1, "西": -1},  # no o: Ovest is west, Ost is east
}


@dataclass(frozen=True)
class Position:
    """A point in degrees, or the reason why a row has none."""

    latitude: float = 0.0
    longitude: float = 0.0
    problem: str = ""
    out_of_range: bool = False
    metres: bool = False  # two numbers, but too large for degrees in any notation
    outline: bytes = b""  # the line or area that it is a point of, as WKB in degrees, as it came
    srid: int = 0  # the reference system that its geometry names, where that is not degrees

    @property
    def null_island(self) -> bool:
        """Whether this is 0, 0, which tables hold for a place that nobody knows."""
        near = -_NULL_ISLAND_DEG < self.latitude < _NULL_ISLAND_DEG
        return near and -_NULL_ISLAND_DEG < self.longitude < _NULL_ISLAND_DEG and not self.problem


def degrees(text: str, axis: str) -> float | None:
    """Return the degrees in a cell of the ``axis`` latitude or longitude, None where it holds none.

    Read are decimals, also with a comma, with a letter for the side ("9.86 E"), and degrees, minutes
    and seconds (44°07'48"N). Out of range is for the caller to see.
    """
    if NUMBER.fullmatch(text):
        return float(text)
    if len(text) > _MAX_NUMBER_CHARACTERS:
        return None
    text = text.replace("\u2212", "-").rstrip("° ")  # some spreadsheets write a true minus sign
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return float(text) if NUMBER.fullmatch(text) else _sixtieths(text.replace(",", "."), axis)


def in_sixtieths(text: str, axis: str) -> bool:
    """Whether a cell is in degrees, minutes and seconds, as ``degrees`` reads them."""
    if degrees(text, axis) is None:
        return False
    text = text.replace("\u2212", "-").rstrip("° ").replace(",", ".")
    return not NUMBER.fullmatch(text) and not _LETTERED.fullmatch(text)


def of_pair(latitude: str, longitude: str) -> Position:
    """Return the position in two cells."""
    return of_values(latitude, longitude, degrees(latitude, "latitude"), degrees(longitude, "longitude"))


def of_values(latitude: str, longitude: str, lat: float | None, lon: float | None) -> Position:
    """Return the position of two cells that have been read, with the cells for the reason where one has not."""
    if lat is not None and lon is not None:
        if -90 <= lat <= 90 and -180 <= lon <= 180:
            return Position(lat, lon)
        metres = METRES_BEYOND < max(abs(lat), abs(lon)) < math.inf
        return Position(problem=_range_problem(lat, lon), out_of_range=True, metres=metres)
    named = {"latitude": latitude, "longitude": longitude}
    empty = [name for name, text in named.items() if text.lower() in ABSENT]
    if empty:
        return Position(problem=f"no position: {' and '.join(empty)} missing")
    name = "latitude" if lat is None else "longitude"
    return Position(
        problem=f"{name} {shown(named[name])} is no number of decimal degrees such as 45.1234, "
        "nor degrees, minutes and seconds"
    )


def of_map(eastings: Sequence[str], northings: Sequence[str], crs: "CRS") -> list[Position]:
    """Return the positions of two columns of coordinates in a reference system, x (or longitude) first."""
    pairs = [(degrees(x, "longitude"), degrees(y, "latitude")) for x, y in zip(eastings, northings, strict=True)]
    there = transformer(crs.to_wkt(), EPSG_4326)
    known = [math.inf if None in pair else value for pair in pairs for value in pair]
    longitudes, latitudes = there.transform(known[::2], known[1::2])
    return [
        _of_map(x, y, latitude, longitude)
        for x, y, latitude, longitude in zip(eastings, northings, latitudes, longitudes, strict=True)
    ]


def _of_map(x: str, y: str, latitude: float, longitude: float) -> Position:
    if math.isfinite(latitude) and math.isfinite(longitude):
        return of_values("", "", latitude, longitude)
    empty = [word for word, text in (("easting", x), ("northing", y)) if text.lower() in ABSENT]
    if empty:
        return Position(problem=f"no position: {' and '.join(empty)} missing")
    return Position(problem=f"{shown(x)}, {shown(y)} is no place in the reference system given", out_of_range=True)


def combined(text: str, crs: str = "") -> Position:
    """Return the position in one cell: "latitude, longitude", WKT, hexadecimal WKB, or a GeoJSON geometry.

    Of a line or an area, the position is a point on it. A geometry that names no reference system is in ``crs``,
    degrees where that is empty.
    """
    if text.lower() in ABSENT:
        return Position(problem="the position is empty")
    if len(text) <= _MAX_PAIR_CHARACTERS:
        if not crs and (point := _WKT_POINT.fullmatch(text)):
            return of_pair(point[2], point[1])
        if (pair := _PAIR.fullmatch(text)) and not _WKT.match(text):
            return of_pair(pair[1], pair[2])
    if len(text) <= MAX_GEOMETRY_CHARACTERS and (_WKT.match(text) or _HEX_WKB.fullmatch(text) or _GEOJSON.match(text)):
        return _of_geometry(text, crs)
    return Position(problem=f"the position {shown(text)} is neither latitude, longitude nor a geometry (WKT or WKB)")


def shown(text: str) -> str:
    """Return a cell as a message can hold it: short, in quotation marks, control characters spelt out."""
    return repr(text if len(text) <= 40 else f"{text[:40]}...")


def unbroken(there: np.ndarray) -> np.ndarray:
    """Return shapes that reach over the antimeridian in one piece, their western part beyond 180 degrees."""
    import shapely

    west, _, east, _ = shapely.bounds(there).T
    across = (east - west > HALF_ROUND_DEG) & (east - west < 2 * HALF_ROUND_DEG + 1)
    if across.any():
        there = there.copy()
        there[across] = shapely.transform(there[across], _eastwards)
    return there


def _eastwards(points: np.ndarray) -> np.ndarray:
    return np.column_stack([np.where(points[:, 0] < 0, points[:, 0] + 2 * HALF_ROUND_DEG, points[:, 0]), points[:, 1]])


def _of_geometry(text: str, crs: str) -> Position:
    """Return a point on the geometry that a cell holds, in degrees."""
    import shapely

    try:
        geometry, srid = _geometry(text)
        if geometry.is_empty:
            return Position(problem="the geometry is empty")
        if not _named(srid, crs):
            (geometry,) = unbroken(np.array([geometry]))
        point = geometry if geometry.geom_type == "Point" else _inside(geometry)
        x, y = _in_degrees(point.x, point.y, srid, crs)
        x -= 2 * HALF_ROUND_DEG if geometry.bounds[0] <= HALF_ROUND_DEG < x else 0
        outline = _outline(geometry, _named(srid, crs)) if shapely.get_dimensions(geometry) > 0 else b""
    except (shapely.errors.ShapelyError, ValueError) as error:
        return Position(problem=f"the geometry {shown(text)} cannot be read ({str(error).splitlines()[0][:80]})")
    placed = of_values("", "", y, x)
    if placed.problem:
        return placed
    return Position(y, x, outline=outline, srid=0 if srid == DEGREES else srid)


def _geometry(text: str) -> tuple["BaseGeometry", int]:
    """Return the shapely geometry in a cell and the number of its reference system, 0 where it names none."""
    import shapely

    if found := _HEX_WKB.fullmatch(text):
        geometry = shapely.from_wkb(found[1])
        return geometry, int(shapely.get_srid(geometry))
    if text.startswith("{"):
        return shapely.from_geojson(text), 0
    head = _WKT.match(text)
    return shapely.from_wkt(text.split(";", 1)[1] if head and head[1] else text), int((head and head[1]) or 0)


def _inside(geometry: "BaseGeometry") -> "BaseGeometry":
    import shapely

    try:
        return geometry.representative_point()
    except shapely.errors.GEOSException:  # an outline that crosses itself
        return geometry.centroid


def _in_degrees(x: float, y: float, srid: int, crs: str) -> tuple[float, float]:
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError("a coordinate is no finite number")
    named = _named(srid, crs)
    if not named:
        return x, y
    to_degrees = _to_degrees(named)
    if to_degrees is None:
        raise ValueError(f"{named} is no reference system that is known here")
    longitude, latitude = to_degrees(x, y)
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise ValueError(f"it lies outside the reference system {named}")
    return longitude, latitude


def _named(srid: int, crs: str) -> str:
    """Return the reference system of a geometry, empty where that is degrees."""
    return "" if srid == DEGREES else f"EPSG:{srid}" if srid else crs


def _outline(geometry: "BaseGeometry", named: str) -> bytes:
    """Return a line or an area as WKB in degrees; nothing where a corner of it has no place there."""
    import shapely

    flat, to_degrees = shapely.force_2d(geometry), _to_degrees(named) if named else None
    if to_degrees is not None:
        flat = shapely.transform(flat, lambda points: np.column_stack(to_degrees(*points.T)))
    return shapely.to_wkb(flat, include_srid=False) if np.isfinite(shapely.bounds(flat)).all() else b""


@lru_cache(maxsize=16)
def _to_degrees(crs: str) -> Callable[..., tuple] | None:
    from pyproj.exceptions import ProjError

    try:
        return transformer(crs, EPSG_4326).transform
    except ProjError:
        return None


def _sixtieths(text: str, axis: str) -> float | None:
    sides = _SIDES[axis]
    parts: tuple[str | None, ...]
    text = _IN_LETTERS.sub(lambda found: f"{found[1]}°{found[2]}'{found[3] or 0}\"", text)  # s is no south here
    if (found := _LETTERED.fullmatch(text)) and (found[1] or found[3]):
        letters, sign, parts = (found[1], found[3]), "", (found[2], None, None)
    elif found := _SIXTIETHS.fullmatch(text):
        letters, sign, parts = (found[1], found[6]), found[2], (found[3], found[4], found[5])
    else:
        return None
    named = [letter.lower() for letter in letters if letter]
    if len(named) > 1 or any(letter not in sides for letter in named):
        return None
    whole, minutes, seconds = (float(part or 0) for part in parts)
    if minutes >= 60 or seconds >= 60 or (named and (sign == "-" or whole < 0)):
        return None
    value = whole + minutes / 60 + seconds / 3600
    return value * (sides[named[0]] if named else (-1 if sign == "-" else 1))


def _range_problem(lat: float, lon: float) -> str:
    said = []
    if abs(lat) > 90:
        said.append(f"latitude {lat:g} is outside -90 to 90")
    if abs(lon) > 180:
        said.append(f"longitude {lon:g} is outside -180 to 180")
    if max(abs(lat), abs(lon)) > METRES_BEYOND:
        said.append("if these are metres, convert them to degrees (EPSG:4326)")
    elif abs(lat) > 90 and abs(lat) <= 180 and abs(lon) <= 90:
        said.append("the two may be swapped")
    elif abs(lat) <= 90 and lon > 180:
        said.append("subtract 360 where longitudes run from 0 to 360")
    return "; ".join(said)
