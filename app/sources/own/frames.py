"""Where images lie, turned and flipped ones too, and the one grid on which both dates of a pair are laid."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app import grid
from app.errors import GridError
from app.grid import EPSG_4326, BBox, Grid
from app.sources.own.headers import Affine6, ImageHeader
from app.sources.own.stated import COMMON_GRID, PairStated

_SAME_PX = 0.01  # of a pixel: nearer than that, pixels are the same
_EDGE_POINTS = 33  # a side: a straight edge in one reference system is a curve in another
MARGIN_PX = 3  # read beyond what is wanted, for the pixels that are mixed from neighbours


@dataclass(frozen=True)
class Frame:
    """The pixels of an image as they are stored."""

    transform: Affine6
    width: int
    height: int
    crs: str

    @property
    def upright(self) -> bool:
        """Whether rows run west to east and columns north to south, or either the other way round."""
        return not (self.transform[1] or self.transform[3])

    @property
    def grid(self) -> Grid:
        """The north-up grid of the same pixels, for an upright image; raises GridError off the globe."""
        a, _, c, _, e, f = self.transform
        x, y = sorted((c, c + a * self.width)), sorted((f, f + e * self.height))
        return Grid(
            x[0], y[0], (x[1] - x[0]) / self.width, (y[1] - y[0]) / self.height, self.width, self.height, self.crs
        )

    @property
    def pixel(self) -> tuple[float, float]:
        """The lengths of a pixel's sides, in the units of the reference system."""
        a, b, _, d, e, _ = self.transform
        return math.hypot(a, d), math.hypot(b, e)

    def edge(self) -> tuple[np.ndarray, np.ndarray]:
        """Return points all along the outer edge, x and y, in the units of the reference system."""
        along = np.linspace(0, 1, _EDGE_POINTS)
        columns = np.concatenate([along, np.ones_like(along), along[::-1], np.zeros_like(along)]) * self.width
        rows = np.concatenate([np.zeros_like(along), along, np.ones_like(along), along[::-1]]) * self.height
        a, b, c, d, e, f = self.transform
        return a * columns + b * rows + c, d * columns + e * rows + f

    @property
    def righted(self) -> Frame:
        """The same pixels north-up, where the image is upright; an image that lies askew as it is."""
        return Frame(self.grid.transform, self.width, self.height, self.crs) if self.upright else self

    def same_pixels(self, other: Frame) -> bool:
        """Whether another image has the very pixels of this one, some of them or more."""
        return self.upright and other.upright and self.crs == other.crs and offset(self, other.grid) is not None

    def window(self, on: Grid | Frame, margin_px: int) -> tuple[slice, slice]:
        """Return the rows and columns that show the ground of ``on``, a few more all around, held to the image."""
        x, y = _moved(*Frame(on.transform, on.width, on.height, on.crs).edge(), on.crs, self.crs)
        a, b, c, d, e, f = self.transform
        det = a * e - b * d
        columns, rows = (e * (x - c) - b * (y - f)) / det, (a * (y - f) - d * (x - c)) / det
        return _held(rows, self.height, margin_px), _held(columns, self.width, margin_px)

    def cut(self, rows: slice, columns: slice) -> Frame:
        """Return the frame of some of the rows and columns."""
        a, b, c, d, e, f = self.transform
        moved = (a, b, c + a * columns.start + b * rows.start, d, e, f + d * columns.start + e * rows.start)
        return Frame(moved, columns.stop - columns.start, rows.stop - rows.start, self.crs)


def of(header: ImageHeader) -> Frame:
    """Return where a file's pixels lie; raises GridError where it does not say so."""
    if not header.crs:
        raise GridError(f"{header.name} has no coordinate reference system; assign one (gdal_edit.py -a_srs EPSG:...).")
    frame = Frame(header.transform, header.width, header.height, header.crs)
    grid.require_on_earth(_around(frame), header.name)
    return frame


def common(first: Frame, second: Frame, names: tuple[str, str], stated: PairStated) -> tuple[Grid, tuple[str, ...]]:
    """Return the grid on which both dates are laid, and what is to be said of it.

    That of the date with the finer pixels, as far as both dates reach; or, where it is asked for, the grid in degrees
    that all sources share. Raises GridError where the dates show no ground in common.
    """
    if stated.pixels == COMMON_GRID:
        return _in_degrees(first, second, names, stated)
    finer, other = (second, first) if _ground(second) < 0.99 * _ground(first) else (first, second)
    held = finer.grid if finer.upright else _turned(finer)
    box = _overlap(held.bbox, _box_of(other, held.crs), names)
    if stated.box:
        box = _overlap(box, _bounds(stated.box, held.crs), names)
    on = _whole_pixels(held, box, names)
    return on, tuple(_said(first, second, on, names))


def same(frame: Frame, on: Grid) -> bool:
    """Whether an image has the very pixels of a grid, though more of them perhaps."""
    return frame.upright and frame.crs == on.crs and offset(frame, on) is not None


def offset(frame: Frame, on: Grid) -> tuple[int, int] | None:
    """Return in which row and column of an upright image, north-up, a grid begins; None where pixels differ."""
    held = frame.grid
    if max(abs(held.res_x / on.res_x - 1) * on.width, abs(held.res_y / on.res_y - 1) * on.height) > _SAME_PX:
        return None
    column, row = (on.west - held.west) / on.res_x, (held.bbox[3] - on.bbox[3]) / on.res_y
    if max(abs(column - round(column)), abs(row - round(row))) > _SAME_PX:
        return None
    return round(row), round(column)


def warped(values: np.ndarray, held: Frame, wanted: Frame, outside: float, how: str) -> np.ndarray:
    """Return values (y, x) of one frame at the pixels of another, ``outside`` beyond; NaN is mixed with nothing.

    ``how``: ``nearest`` or ``bilinear``.
    """
    from rasterio import Affine
    from rasterio.warp import Resampling, reproject

    out = np.full((wanted.height, wanted.width), outside, values.dtype)
    reproject(
        values, out, src_transform=Affine(*held.transform), src_crs=held.crs, dst_transform=Affine(*wanted.transform),
        dst_crs=wanted.crs, resampling=Resampling[how], src_nodata=outside, dst_nodata=outside, num_threads=2,
    )  # fmt: skip
    return out


def _around(frame: Frame) -> Grid:
    x, y = frame.edge()
    return Grid.spanning((x.min(), y.min(), x.max(), y.max()), (frame.height, frame.width), frame.crs)


def _ground(frame: Frame) -> float:
    """Return the area of the middle pixel on the ground, in square metres."""
    around = _around(frame)
    if not frame.upright:
        across, along = frame.pixel
        west, south, _, _ = around.bbox
        around = Grid(west, south, across, along, frame.width, frame.height, frame.crs)
    across, along = around.pixel_m
    return across * along


def _turned(frame: Frame) -> Grid:
    """Return the north-up grid round an image that lies askew, of square pixels as fine as its own."""
    west, south, east, north = _around(frame).bbox
    side = min(frame.pixel)
    width, height = math.ceil((east - west) / side), math.ceil((north - south) / side)
    return Grid(west, north - height * side, side, side, width, height, frame.crs)


def _in_degrees(
    first: Frame, second: Frame, names: tuple[str, str], stated: PairStated
) -> tuple[Grid, tuple[str, ...]]:
    box = _overlap(_box_of(first, EPSG_4326), _box_of(second, EPSG_4326), names)
    if stated.box:
        box = _overlap(box, stated.box, names)
    on = grid.for_bbox(box)
    return on, (f"Both dates were laid on the grid of all sources, {on.width} x {on.height} pixels of {on.res_x:g}°.",)


def _box_of(frame: Frame, crs: str) -> BBox:
    x, y = _moved(*frame.edge(), frame.crs, crs)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise GridError(
            "The reference systems of the two dates cannot be brought together; warp one (gdalwarp -t_srs)."
        )
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _bounds(box: BBox, crs: str) -> BBox:
    return _box_of(Frame((box[2] - box[0], 0, box[0], 0, box[1] - box[3], box[3]), 1, 1, EPSG_4326), crs)


def _moved(x: np.ndarray, y: np.ndarray, crs: str, wanted: str) -> tuple[np.ndarray, np.ndarray]:
    return (x, y) if crs == wanted else grid.transformer(crs, wanted).transform(x, y)


def _overlap(one: BBox, other: BBox, names: tuple[str, str]) -> BBox:
    box = max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
    if box[0] >= box[2] or box[1] >= box[3]:
        raise GridError(f"{names[0]} and {names[1]} show no ground in common there; check which files belong together.")
    return box


def _whole_pixels(held: Grid, box: BBox, names: tuple[str, str]) -> Grid:
    """Return the part of a grid whose pixels lie in a box whole, to a hundredth of one."""
    west, _, _, north = held.bbox
    left, right = (
        math.ceil((box[0] - west) / held.res_x - _SAME_PX),
        math.floor((box[2] - west) / held.res_x + _SAME_PX),
    )
    top, bottom = (
        math.ceil((north - box[3]) / held.res_y - _SAME_PX), math.floor((north - box[1]) / held.res_y + _SAME_PX),
    )  # fmt: skip
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, held.width), min(bottom, held.height)
    if right <= left or bottom <= top:
        raise GridError(f"{names[0]} and {names[1]} share less than a pixel; check which files belong together.")
    if (left, top, right, bottom) == (0, 0, held.width, held.height):
        return held
    south = north - bottom * held.res_y
    return Grid(west + left * held.res_x, south, held.res_x, held.res_y, right - left, bottom - top, held.crs)


def _held(places: np.ndarray, size: int, margin_px: int) -> slice:
    """Return which pixels of ``size`` in a row places lie in, with a margin, held to the row; one at least."""
    if not np.isfinite(places).all():
        return slice(0, size)
    first = math.floor(places.min() + _SAME_PX) - margin_px
    last = math.ceil(places.max() - _SAME_PX) + margin_px
    start = min(max(first, 0), size - 1)
    return slice(start, max(min(last, size), start + 1))


def _said(first: Frame, second: Frame, on: Grid, names: tuple[str, str]) -> list[str]:
    if all(same(frame, on) and (frame.height, frame.width) == on.shape for frame in (first, second)):
        return []
    notes = []
    if all(same(frame, on) for frame in (first, second)):
        notes.append(
            f"The dates do not cover the same ground; {on.width} x {on.height} pixels that both show were kept."
        )
    for name, frame in zip(names, (first, second), strict=True):
        if not same(frame, on):
            notes.append(
                f"{name} was laid on {on.width} x {on.height} pixels of "
                f"{on.pixel_m[0]:.1f} x {on.pixel_m[1]:.1f} m that both dates cover, each mixed from its neighbours."
            )
    return notes
