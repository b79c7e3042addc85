"""What the header of an image says, before any pixel is read: its size, place, channels and day."""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import GridError, InputError
from app.rasters import check_size, why_not
from app.sources.own import cubes
from app.sources.own.unpacking import CUBE_ENDINGS, BroughtFile
from app.stored import channels as stored

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

DRIVERS = {".tif": "GTiff", ".tiff": "GTiff", ".jp2": "JP2OpenJPEG", ".j2k": "JP2OpenJPEG"}
Affine6 = tuple[float, float, float, float, float, float]
_KINDS = {"GTiff": "GeoTIFF", "JP2OpenJPEG": "JPEG 2000"}
_MOST_CHANNELS = 400


@dataclass(frozen=True)
class ImageHeader:
    """One file as its header describes it."""

    brought: BroughtFile
    width: int
    height: int
    transform: Affine6  # of rows and columns as they are stored: turned and flipped images as well
    crs: str  # EPSG:N, WKT, or empty
    described: tuple[str, ...]  # what the file says each channel is: a band, CLM, or -
    titles: tuple[str, ...]  # the same as the file has it
    hides: tuple[bool, ...]  # whether a channel is alpha, or says which pixels hold data
    eight_bit: bool
    tags: dict[str, str]
    days: tuple[str, ...] = ()  # of a cube, each of its times
    simulated: bool = False

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.brought.name

    @property
    def cube(self) -> bool:
        """Whether it is a cube, NetCDF or Zarr, and no raster."""
        return is_cube(self.brought)


def read(brought: BroughtFile) -> ImageHeader:
    """Return what the header of a file says; raises InputError where it is no image or its size is over the limit."""
    if is_cube(brought):
        return _of_cube(brought)
    with opened(brought) as source:
        return ImageHeader(
            brought, source.width, source.height, _affine(source, brought.name), _crs(source),
            tuple(stored.described(text) for text in source.descriptions),
            tuple(text or "" for text in source.descriptions),
            tuple(
                n == stored.alpha_of(source) or stored.says_valid(text)
                for n, text in enumerate(source.descriptions, 1)
            ),
            bool(set(source.dtypes) & {"uint8", "int8"}), stored.tags_in(source),
        )  # fmt: skip


def is_cube(brought: BroughtFile) -> bool:
    """Whether a file is a cube, NetCDF or Zarr."""
    return brought.path.suffix.lower() in CUBE_ENDINGS or brought.path.is_dir()


@contextmanager
def readable(header: ImageHeader) -> Iterator[None]:
    """Turn what a library raises on damaged pixels into one sentence."""
    from rasterio.errors import RasterioError

    try:
        yield
    except (RasterioError, ValueError, OSError) as error:
        said = " ".join(str(error).split())[:120]
        raise InputError(f"{header.name} is damaged: its pixels cannot be read ({said}).") from error


_Kept = dict[tuple[int, Path], "DatasetReader"]  # of each thread, by its path
_kept: _Kept | None = None


@contextmanager
def kept_open() -> Iterator[None]:
    """Keep every image open that is opened meanwhile, once a thread: its header is read and its tiles unpacked once."""
    global _kept
    former, mine = _kept, _Kept()
    _kept = mine
    try:
        yield
    finally:
        _kept = former
        for source in mine.values():
            source.close()


@contextmanager
def opened(brought: BroughtFile) -> Iterator[DatasetReader]:
    """Open an image with the one driver its ending names, so that nothing else is opened by way of it."""
    from rasterio.errors import RasterioError

    kept, key = _kept, (threading.get_ident(), brought.path)
    try:
        if kept is not None:
            if key not in kept:
                kept[key] = _opened(brought)
            yield kept[key]
            return
        with _opened(brought) as source:
            yield source
    except (RasterioError, UnicodeError) as error:
        said = why_not(brought.path, error)
        kind = _KINDS[DRIVERS[brought.path.suffix.lower()]]
        raise InputError(f"{brought.name} cannot be read as a {kind} ({said}).") from error


def _opened(brought: BroughtFile) -> DatasetReader:
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        source = rasterio.open(brought.path, driver=DRIVERS[brought.path.suffix.lower()])
    check_size(brought.name, source.width, source.height)
    if source.count > _MOST_CHANNELS:
        raise InputError(f"{brought.name} has {source.count:,} channels, over {_MOST_CHANNELS}.")
    return source


def _affine(source: DatasetReader, name: str) -> Affine6:
    a, b, c, d, e, f = tuple(source.transform)[:6]
    if not all(math.isfinite(part) for part in (a, b, c, d, e, f)) or a * e == b * d:
        raise GridError(f"{name} states pixels of no size; write its true position into it (gdal_edit.py -a_ullr).")
    return a, b, c, d, e, f


def _crs(source: DatasetReader) -> str:
    if source.crs is None:
        return ""
    code = source.crs.to_epsg()
    return f"EPSG:{code}" if code else source.crs.to_wkt()


def _of_cube(brought: BroughtFile) -> ImageHeader:
    with cubes.opened(brought.path, brought.name) as held:
        cube = cubes.described(held, brought.name)
    check_size(brought.name, cube.width, cube.height)
    marks = tuple(stored.described(title) for title in cube.variables)
    return ImageHeader(
        brought, cube.width, cube.height, cube.transform, cube.crs, marks, cube.variables,
        tuple(stored.says_valid(title) for title in cube.variables), False, cube.tags, cube.days, cube.simulated,
    )  # fmt: skip
