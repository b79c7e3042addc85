"""Landslides as outlines on the ground (GeoJSON), laid on a grid of pixels."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.errors import GridError, InputError
from app.files import local
from app.grid import EPSG_4326, Grid, transformer

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

OUTLINE_ENDINGS = (".geojson",)
_MOST_BYTES = 100_000_000
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
    from rasterio.features import rasterize
    from shapely import box, prepare

    there = [_moved(shape, crs, on.crs) for shape in shapes]
    frame = box(*on.bbox)
    prepare(frame)
    inside = [shape for shape in there if not shape.is_empty and frame.intersects(shape)]
    if not inside:
        raise GridError(f"{path.name} holds no outline where its pixels lie; check which files belong together.")
    from affine import Affine

    place = {"out_shape": on.shape, "transform": Affine(*on.transform), "dtype": "uint8"}
    mask = rasterize([(shape, 1) for shape in inside], **place)
    small = [shape for shape in inside if shape.area < on.res_x * on.res_y]
    for shape in small:
        _mark_middle(mask, shape, on)
    notes = [
        f"{len(inside)} of {len(shapes)} outlines lie here and were laid on the pixels; "
        "all else counts as no landslide."
    ]
    if left_out:
        notes.append(f"{left_out} features are no outlines and were left out.")
    return mask, tuple(notes)


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


def _mark_middle(mask: np.ndarray, shape: "BaseGeometry", on: Grid) -> None:
    """Mark the pixel a small shape lies in, if it lies on the grid."""
    point, (west, _, _, north) = shape.representative_point(), on.bbox
    row, column = int((north - point.y) // on.res_y), int((point.x - west) // on.res_x)
    if 0 <= row < on.height and 0 <= column < on.width:
        mask[row, column] = 1
