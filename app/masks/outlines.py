"""Landslides as outlines on the ground (GeoJSON), laid on a grid of pixels."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.errors import GridError, InputError
from app.files import local
from app.grid import EPSG_4326, Grid, transformer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from shapely.geometry.base import BaseGeometry

OUTLINE_ENDINGS = (".geojson",)
_MOST_BYTES = 100_000_000
_CORNER_PX = 0.5**0.5  # from the middle of a pixel to its corner: a circle of this radius holds one
_INSET_PX = 1e-6  # a shape that only runs along the edge of a pixel does not touch it
_LONGITUDE_LATITUDE = "CRS84"  # in the name of a reference system: degrees, longitude first


def rasterised(path: Path | str, on: Grid) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the outlines of a GeoJSON file as a mask, uint8 (y, x) of 1 and 0 on a grid, and notes on it.

    A pixel is landslide where its middle lies inside; an outline so small that it holds none takes
    the pixel it lies in. Coordinates are degrees (RFC 7946), or of the reference system an older
    file names. Raises InputError for a file without outlines, and GridError where none lies on the grid.
    """
    path = local(path)
    shapes, left_out, crs = _read(path)
    if not on.placed:
        raise GridError(f"{path.name} holds outlines on the ground, and its pixels do not say where they lie.")
    from shapely import box, prepare

    there = [_moved(shape, crs, on.crs) for shape in shapes]
    frame = box(*on.bbox)
    prepare(frame)
    inside = [shape for shape in there if not shape.is_empty and frame.intersects(shape)]
    if not inside:
        raise GridError(f"{path.name} holds no outline where its pixels lie; check which files belong together.")
    mask = laid(inside, on).astype(np.uint8)
    notes = [
        f"{len(inside)} of {len(shapes)} outlines lie here and were laid on the pixels; "
        "all else counts as no landslide."
    ]
    beyond = sum(not frame.covers(shape) for shape in inside)
    if beyond:
        notes.append(
            f"{beyond} of them reach{'es' if beyond == 1 else ''} beyond the pixels; what lies there is left out."
        )
    if left_out:
        notes.append(f"{left_out} features are no outlines and were left out.")
    return mask, tuple(notes)


def laid(shapes: Iterable["BaseGeometry"], on: Grid, all_touched: bool = False) -> np.ndarray:
    """Return shapes in the units of a grid as one mask, bool (y, x); what lies outside of the grid is left out.

    A pixel is True where its middle lies inside, or with ``all_touched`` where any part of it does. An area that
    holds no middle, being small or thin, takes the pixel that a point inside it lies in.
    """
    from affine import Affine
    from rasterio.features import rasterize

    held = [_area_alone(shape) for shape in shapes]
    if not held:
        return np.zeros(on.shape, bool)
    place = {"out_shape": on.shape, "transform": Affine(*on.transform), "dtype": "uint8"}
    areas = [shape for shape in held if shape.area > 0]
    mask = rasterize([(shape, 1) for shape in areas], **place).astype(bool) if areas else np.zeros(on.shape, bool)
    if all_touched:
        near = rasterize([(shape, 1) for shape in held], all_touched=True, **place).astype(bool)
        return _touched(held, on, mask, near)
    for shape in _thin(areas, on):
        _mark_pixel(mask, shape, on)
    return mask


def _area_alone(shape: "BaseGeometry") -> "BaseGeometry":
    """Return an area without the lines and points that its repair may have left beside it; any other shape as it is."""
    from shapely import union_all
    from shapely.geometry import GeometryCollection

    if not isinstance(shape, GeometryCollection) or not shape.area:
        return shape
    return union_all([_area_alone(part) for part in shape.geoms if part.area > 0])


def _touched(shapes: list["BaseGeometry"], on: Grid, inside: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Return the pixels of which any part lies in a shape, bool (y, x), from those ``inside`` and those ``near``.

    GDAL, which says what is near, misses some where a shape runs along the edges of pixels: all around are looked at.
    """
    import shapely
    from scipy.ndimage import binary_dilation

    rows, columns = _pixels(on, *shapely.get_coordinates(shapes).T)
    there = (rows >= 0) & (rows < on.height) & (columns >= 0) & (columns < on.width)
    near[rows[there], columns[there]] = True
    rows, columns = np.nonzero(binary_dilation(near, np.ones((3, 3))) & ~inside)
    (west, _, _, north), within = on.bbox, (_INSET_PX, 1 - _INSET_PX)
    (left, right), (top, bottom) = ([at + step for step in within] for at in (columns, rows))
    pixels = shapely.box(
        west + left * on.res_x, north - bottom * on.res_y, west + right * on.res_x, north - top * on.res_y
    )
    met = np.unique(shapely.STRtree(shapes).query(pixels, "intersects")[0])
    touched = inside.copy()
    touched[rows[met], columns[met]] = True
    return touched


def _thin(shapes: list["BaseGeometry"], on: Grid) -> list["BaseGeometry"]:
    """Return the areas that may hold no middle of a pixel: the largest circle inside has a radius of area / length."""
    import shapely

    areas, lengths = shapely.area(shapes), shapely.length(shapes)
    surely = max(on.res_x, on.res_y) * _CORNER_PX
    return [shapes[n] for n in np.flatnonzero((areas > 0) & (areas < surely * lengths))]


def _mark_pixel(mask: np.ndarray, shape: "BaseGeometry", on: Grid) -> None:
    """Mark the pixel in which a point of an area lies, where the area holds no middle of any."""
    from affine import Affine
    from rasterio.features import rasterize

    point, (left, bottom, right, top) = shape.representative_point(), shape.bounds
    (row,), (column,) = _pixels(on, [point.x], [point.y])
    if not (0 <= row < on.height and 0 <= column < on.width):
        return
    columns, rows = _pixels(on, [left, right], [top, bottom])[::-1]
    (first, last), (start, end) = np.clip(rows, 0, on.height - 1), np.clip(columns, 0, on.width - 1)
    west, _, _, north = on.bbox
    place = Affine(on.res_x, 0, west + start * on.res_x, 0, -on.res_y, north - first * on.res_y)
    if not rasterize([(shape, 1)], (last - first + 1, end - start + 1), transform=place, dtype="uint8").any():
        mask[row, column] = True


def _pixels(on: Grid, x: "ArrayLike", y: "ArrayLike") -> tuple[np.ndarray, np.ndarray]:
    """Return in which rows and columns of a grid, going on beyond its edges, places in its units lie."""
    west, _, _, north = on.bbox
    rows, columns = (north - np.asarray(y)) / on.res_y, (np.asarray(x) - west) / on.res_x
    return np.floor(rows).astype(int), np.floor(columns).astype(int)


def _read(path: Path) -> tuple[list["BaseGeometry"], int, str]:
    """Return the areas of a GeoJSON file, how many features are none, and their reference system."""
    from shapely import make_valid
    from shapely.geometry import shape

    if path.stat().st_size > _MOST_BYTES:
        raise InputError(f"{path.name} is over {_MOST_BYTES // 1_000_000} MB; cut out what belongs to this event.")
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        geometries = [make_valid(shape(one)) for one in _geometries(document)]
        crs = _crs(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path.name} cannot be read as GeoJSON ({type(error).__name__}: {error}).") from error
    areas = [one for one in geometries if one.area > 0]
    if not areas:
        raise InputError(f"{path.name} holds no outline of an area; draw landslides as polygons.")
    return areas, len(geometries) - len(areas), crs


def _geometries(document: dict) -> list[dict]:
    if document["type"] == "FeatureCollection":
        return [one["geometry"] for one in document["features"] if one.get("geometry")]
    return [document["geometry"] if document["type"] == "Feature" else document]


def _crs(document: dict) -> str:
    """Return the reference system of the coordinates: degrees, but where an older file names another."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    name = str((document.get("crs") or {}).get("properties", {}).get("name", ""))
    if not name or _LONGITUDE_LATITUDE in name:
        return EPSG_4326
    try:
        return CRS.from_user_input(name).to_wkt()
    except CRSError as error:
        raise ValueError(f"its reference system {name[:60]!r} is not known") from error


def _moved(shape: "BaseGeometry", crs: str, wanted: str) -> "BaseGeometry":
    if crs == wanted:
        return shape
    from shapely import transform

    across = transformer(crs, wanted)
    return transform(shape, lambda points: np.column_stack(across.transform(*points.T)))
