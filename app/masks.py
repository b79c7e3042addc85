"""Masks of landslides, mapped or predicted: read from TIFF and PNG, and brought to other pixels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.errors import InputError
from app.grid import Grid
from app.patches import told_simulated
from app.rasters import TIFF_ENDINGS, check_size, grid_in, local_raster, opened, tags_in
from app.truth import UNKNOWN

MASK_ENDINGS = (*TIFF_ENDINGS, ".png")


def read_mask(path: Path | str) -> np.ndarray:
    """Return a mask file (.tif, .png) as uint8 (y, x): 1 landslide, 0 not, 255 unknown.

    0/1 and 0/255 are both understood; in a file with 0, 1 and 255 the last means unknown, as
    does declared nodata other than 0. Floats count from 0.5. Raises InputError for anything else.
    """
    path = local_raster(path, MASK_ENDINGS)
    values, unknown = _read_png(path) if path.suffix.lower() == ".png" else _read_first_band(path)
    held = np.unique(values[~unknown])
    if np.issubdtype(values.dtype, np.floating) and held.size and held[0] >= 0 and held[-1] <= 1:
        yes = values >= 0.5
    elif np.isin(held, (0, 1)).all():
        yes = values == 1
    elif np.isin(held, (0, 255)).all():
        yes = values == 255
    elif np.isin(held, (0, 1, 255)).all():
        yes, unknown = values == 1, unknown | (values == 255)
    else:
        odd = ", ".join(f"{value:g}" for value in held[~np.isin(held, (0, 1, 255))][:3])
        raise InputError(f"{path.name} is no mask: it holds values such as {odd}; a mask holds 0 and 1, or 0 and 255.")
    return np.where(unknown, UNKNOWN, yes).astype(np.uint8)


@dataclass(frozen=True)
class Origin:
    """What a mask's file says of where its pixels lie, None where it does not, and of what they show."""

    grid: Grid | None = None
    simulated: bool = False


def mask_origin(path: Path | str) -> Origin:
    """Return where a mask's pixels lie and whether they are of a simulated scene; reads no pixels."""
    path = local_raster(path, MASK_ENDINGS)
    if path.suffix.lower() == ".png":
        return Origin(simulated=_says_simulated(path))
    with opened(path) as source:
        grid = None if source.crs is None else grid_in(path.name, source, True)
        return Origin(grid, told_simulated(tags_in(source).get("simulated", "")))


def _says_simulated(path: Path) -> bool:
    """Whether a PNG's own text says SIMULATED, as every picture that Scarp makes of a simulated scene does."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=["PNG"]) as image:
            said = dict(image.info)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):  # reading the mask tells of it
        return False
    return told_simulated(said.get("simulated", "")) or str(said.get("Comment", "")).startswith("SIMULATED")


def to_grid(mask: np.ndarray, held: Grid, wanted: Grid) -> np.ndarray:
    """Return a mask (y, x) on another grid: the nearest pixel on the ground, UNKNOWN outside of ``held``."""
    x, y = wanted.x[None, :], wanted.y[:, None]
    if held.crs != wanted.crs:
        from pyproj import Transformer

        x, y = Transformer.from_crs(wanted.crs, held.crs, always_xy=True).transform(*np.meshgrid(wanted.x, wanted.y))
    west, _, _, north = held.bbox
    near = 1e-6  # of a pixel: two grids that agree may differ in the last digit
    rows = np.floor((north - y) / held.res_y + near).astype(int)
    columns = np.floor((x - west) / held.res_x + near).astype(int)
    inside = (rows >= 0) & (rows < held.height) & (columns >= 0) & (columns < held.width)
    found = mask[rows.clip(0, held.height - 1), columns.clip(0, held.width - 1)]
    return np.where(inside, found, UNKNOWN).astype(np.uint8)


def to_shape(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return a mask (y, x) resampled to ``shape`` by the nearest pixel."""
    rows, columns = (
        ((np.arange(size) + 0.5) * held / size).astype(int) for size, held in zip(shape, mask.shape, strict=True)
    )
    return mask[np.ix_(rows, columns)]


def _read_first_band(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the first band and where it is unknown; nodata 0 is how many files say "no landslide"."""
    with opened(path) as source:
        values = source.read(1)
        unknown = ~np.isfinite(values)
        if source.nodata not in (None, 0):
            unknown |= source.read_masks(1) == 0
    return values, unknown


def _read_png(path: Path) -> tuple[np.ndarray, np.ndarray]:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=["PNG"]) as picture:
            check_size(path.name, *picture.size)
            grey = picture if picture.mode in ("1", "L", "I", "I;16") else picture.convert("RGB").convert("L")
            values = np.asarray(grey)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{path.name} cannot be read as a PNG ({error}).") from error
    if values.dtype == bool:
        values = values.astype(np.uint8)
    return values, np.zeros(values.shape, bool)
