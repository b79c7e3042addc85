"""From a mask to objects: small ones removed, outlines with true area and score."""

import math
from collections.abc import Mapping

import numpy as np

from app.detection.polygon_files import Feature
from app.errors import GridError, InputError
from app.grid import Grid, label_areas_m2
from app.terrain import relief

_TOUCHING = np.ones((3, 3), bool)  # pixels that meet at a corner belong to one object


def area_m2(mask: np.ndarray, grid: Grid) -> float:
    """Return the true ground area of the True pixels of a bool mask (y, x) in square metres; NaN without a place."""
    _on(mask, grid)
    return grid.area_m2(mask)


def clean(mask: np.ndarray, grid: Grid, min_area_m2: float = 0, opening_px: int = 0) -> np.ndarray:
    """Return bool (y, x): the mask opened by ``opening_px`` pixels, without objects under ``min_area_m2``.

    Opening takes away what is narrower than twice its radius; objects are pixels that touch,
    corners included, and their area is true ground area. Raises InputError for negative values,
    and for a smallest area where the grid lies at no known place.
    """
    _on(mask, grid)
    if min_area_m2 < 0 or opening_px < 0:
        raise InputError("The smallest area and the opening cannot be negative; 0 leaves the mask as it is.")
    if min_area_m2 and not grid.placed:
        raise InputError("These pixels lie at no known place and have no known area; leave the smallest area at 0.")
    if opening_px:
        mask = _opened(mask, opening_px)
    if not min_area_m2 or not mask.any():
        return mask.copy()
    labels, number = objects(mask)
    # a square as large as the limit should survive the rounding of its own area
    large = label_areas_m2(labels, number, grid) >= min_area_m2 * (1 - 1e-9)
    return np.append(False, large)[labels]


def polygons(mask: np.ndarray, score: np.ndarray, grid: Grid, height: np.ndarray | None = None) -> list[Feature]:
    """Return one GeoJSON feature for each object of a bool mask (y, x), largest first.

    Coordinates are longitude and latitude (EPSG:4326) whatever the grid's CRS. Properties:
    ``area_m2`` true ground area whatever the CRS, ``mean_score`` and ``max_score`` of ``score`` (y, x) over the
    object, ``pixels``; with ``height``, float (y, x) in metres, those of ``app.terrain.relief`` as well, None where
    not known. Pixels that meet at a corner make one object of several parts.
    Raises GridError where the grid lies at no known place, so that nothing has a longitude.
    """
    _on(mask, grid)
    if not mask.any():
        return []
    from scipy import ndimage

    labels, number = objects(mask)
    every = np.arange(1, number + 1)
    areas, pixels = label_areas_m2(labels, number, grid), np.bincount(labels.ravel())[1:]
    means, tops = ndimage.mean(score, labels, every), ndimage.maximum(score, labels, every)
    traced = outlines(labels, mask, grid)
    told = {"area_m2": areas, "mean_score": means, "max_score": tops, "pixels": pixels}
    if height is not None:
        told |= relief.of_objects(labels, number, height, grid)
    features = [feature(traced[i + 1], {name: values[i] for name, values in told.items()}) for i in range(number)]
    return sorted(features, key=lambda one: -one["properties"]["area_m2"])


def _on(mask: np.ndarray, grid: Grid) -> None:
    if mask.shape != grid.shape:
        raise GridError(f"A mask of {mask.shape} pixels does not lie on a grid of {grid.shape}; use the patch's grid.")


def _opened(mask: np.ndarray, radius: int) -> np.ndarray:
    """Erode and dilate; beyond the edge counts as outside for both, so edges are no exception."""
    from scipy import ndimage

    return ndimage.binary_opening(mask, ndimage.generate_binary_structure(2, 1), iterations=radius)


def objects(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the number of each object at its pixels, int32 (y, x), 0 outside, and how many there are."""
    from scipy import ndimage

    return ndimage.label(mask, _TOUCHING)


def outlines(labels: np.ndarray, mask: np.ndarray, grid: Grid) -> dict[int, Feature]:
    """Return the outline of every label as a GeoJSON geometry in EPSG:4326.

    Traced with four neighbours and joined by label: with eight, rings would cross themselves
    where pixels meet at a corner. GDAL closes such rings validly, counter-clockwise outside,
    which is the order RFC 7946 wants.
    """
    from affine import Affine
    from rasterio.features import shapes

    parts: dict[int, list] = {}
    for outline, label in shapes(labels, mask=mask, connectivity=4, transform=Affine(*grid.transform)):
        parts.setdefault(int(label), []).append(outline["coordinates"])
    if not grid.in_degrees:
        _to_degrees(parts, grid)
    return {label: _geometry(rings) for label, rings in parts.items()}


def _to_degrees(parts: dict[int, list], grid: Grid) -> None:
    """Reproject all rings in place, in one call: a call for each ring would take most of the time."""
    rings = [(polygon, at) for polygons in parts.values() for polygon in polygons for at in range(len(polygon))]
    points = np.concatenate([np.asarray(polygon[at]) for polygon, at in rings])
    points = np.column_stack(grid.degrees(*points.T))
    ends = np.cumsum([len(polygon[at]) for polygon, at in rings])
    for (polygon, at), ring in zip(rings, np.split(points, ends[:-1]), strict=True):
        polygon[at] = [tuple(point) for point in ring.tolist()]


def _geometry(polygons: list) -> Feature:
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def feature(outline: Feature, properties: Mapping[str, np.generic]) -> Feature:
    """Return a feature whose numbers are Python's own, None where one is not known."""
    numbers = {name: value.item() for name, value in properties.items()}
    known = {name: value if math.isfinite(value) else None for name, value in numbers.items()}
    return {"type": "Feature", "geometry": outline, "properties": known}
