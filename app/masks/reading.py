"""Masks of landslides, mapped or predicted: read from TIFF and PNG by one rule, and brought to other pixels."""

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.errors import InputError
from app.grid import Grid, nearest
from app.limits import require_bearable
from app.patches import told_simulated
from app.rasters import MASK_COLOURS, TIFF_ENDINGS, check_size, grid_in, local_raster, opened, why_not
from app.stored.channels import tags_in
from app.truth import LANDSLIDE, UNKNOWN

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

MASK_ENDINGS = (*TIFF_ENDINGS, ".png")

_NAMED = re.compile(r"land.?slide|slide|scar|change", re.IGNORECASE)  # in a band's description: this is the one
_NEUTRAL, _COLOURED = 24, 64  # of 255, between the strongest and the weakest of red, green and blue
_YES = (1, 255, 65_535)  # what stands for landslide beside 0
_KEEP_ONE = "write one band of 0 and 1"


@dataclass(frozen=True, eq=False)
class Mask:
    """One mask as it was read."""

    values: np.ndarray  # uint8 (y, x): 1 landslide, 0 not, 255 unknown
    grid: Grid | None = None  # where its pixels lie, None where the file does not say
    simulated: bool = False
    notes: tuple[str, ...] = ()  # how it was read, where that had to be decided

    @property
    def unknown(self) -> int:
        """How many pixels are unknown."""
        return int(np.count_nonzero(self.values == UNKNOWN))


@dataclass(frozen=True, eq=False)
class _Stored:
    """What a file holds before it is decided what of it is the mask."""

    bands: np.ndarray  # (band, y, x) as stored, alpha apart
    unknown: np.ndarray  # bool (y, x): transparent, declared nodata, or not a number
    names: tuple[str, ...]  # of the bands, the alpha band's last; empty where the file has none
    palette: Mapping[int, tuple[int, int, int]] | None = None  # index -> red, green, blue
    picture: bool = False  # whether three bands are red, green and blue
    notes: tuple[str, ...] = ()


def read(path: Path | str) -> Mask:
    """Return a mask file (.tif, .png) as 1 landslide, 0 not, 255 unknown, with notes on what was decided.

    0/1, 0/255 and 0/65535 are understood; beside 0 and 1, 255 means unknown, as do declared nodata
    other than 0 and what is transparent, unless an alpha band only repeats another. Floats count from
    0.5. Of several bands: equal ones are one; one that is described as landslide, or the only one
    that is not the same all over, is used; of two classes in a band each the second is landslide; in
    a picture of one colour beside white, black or grey the colour is. A palette's indices count where
    they are 0 and 1, else its colours. Raises InputError for anything else, a damaged file among it.
    """
    path = local_raster(path, MASK_ENDINGS)
    with _readable(path):
        if path.suffix.lower() == ".png":
            stored, placed = _png(path)
        else:
            stored, placed = _tiff(path)
        values, notes = _decided(stored, path.name)
    return replace(placed, values=values, notes=(*stored.notes, *notes))


def to_grid(mask: np.ndarray, held: Grid, wanted: Grid) -> np.ndarray:
    """Return a mask (y, x) on another grid: the nearest pixel on the ground, UNKNOWN outside of ``held``."""
    return held.sampled(mask, wanted, UNKNOWN).astype(np.uint8)


def to_shape(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return a mask (y, x) resampled to ``shape`` by the nearest pixel."""
    return mask[np.ix_(*(nearest(*sizes) for sizes in zip(mask.shape, shape, strict=True)))]


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn whatever a library raises on a damaged file into one sentence: each raises its own kinds."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        kind = "PNG" if path.suffix.lower() == ".png" else "GeoTIFF"
        raise InputError(f"{path.name} cannot be read as a {kind} ({why_not(path, error)}).") from error


def _tiff(path: Path) -> tuple[_Stored, Mask]:
    """Return what a TIFF holds, and a mask that says where it lies but has no values yet."""
    from rasterio.enums import ColorInterp, MaskFlags

    with opened(path) as source:
        kinds = list(source.colorinterp)
        spectral = [n for n, kind in enumerate(kinds, 1) if kind != ColorInterp.alpha] or [1]
        item = max(np.dtype(kind).itemsize for kind in source.dtypes)
        require_bearable(source.width * source.height * (source.count * item + 3), path.name)
        bands = source.read(spectral)
        unknown = ~np.isfinite(bands).all(axis=0) if bands.dtype.kind == "f" else np.zeros(bands.shape[1:], bool)
        flags = source.mask_flag_enums[spectral[0] - 1]
        if MaskFlags.nodata in flags and source.nodata != 0:  # 0 is how many files say "no landslide"
            unknown |= (source.read_masks(spectral) == 0).all(axis=0)
        alpha, last = None, [kinds.index(ColorInterp.alpha) + 1] if len(spectral) < source.count else []
        if last:
            alpha = source.read(last[0])
        elif MaskFlags.per_dataset in flags:
            alpha = source.dataset_mask()
        stored = _seen_through(
            _Stored(
                bands,
                unknown,
                tuple(source.descriptions[n - 1] or "" for n in (*spectral, *last)),
                _colour_map(source) if kinds[0] == ColorInterp.palette else None,
                kinds[:3] == [ColorInterp.red, ColorInterp.green, ColorInterp.blue],
            ),
            alpha,
        )
        grid = None if source.crs is None else grid_in(path.name, source, True)
        simulated = told_simulated(tags_in(source).get("simulated", ""))
    return stored, Mask(np.empty(0), grid if grid and grid.placed else None, simulated)


def _colour_map(source: "DatasetReader") -> dict[int, tuple[int, int, int]]:
    return {at: colour[:3] for at, colour in source.colormap(1).items()}


def _seen_through(stored: _Stored, alpha: np.ndarray | None) -> _Stored:
    """Return what is stored with transparent pixels unknown, unless the alpha band says nothing of its own.

    One that repeats another band is the mask once more, or the background was made transparent; one of
    0 and 1 of 255 is a band that only happens to be the last of four.
    """
    if alpha is None or (alpha == 0).sum() in (0, alpha.size):
        return stored
    clear = alpha > 0
    if alpha.max() == 1 or any(np.array_equal(clear, band > 0) for band in stored.bands):
        said = "its alpha band shows what another band shows and was left aside."
        if any(np.array_equal(clear, band > 0) for band in stored.bands):
            return replace(stored, notes=(said,))
        return replace(stored, bands=np.concatenate([stored.bands, alpha[None]]))
    return replace(stored, unknown=stored.unknown | ~clear, notes=("what is transparent or masked is unknown.",))


def _png(path: Path) -> tuple[_Stored, Mask]:
    """Return what a PNG holds, and a mask without values that says whether it is of a simulated scene."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is looked at here
        with Image.open(path, formats=["PNG"]) as picture:
            check_size(path.name, *picture.size)
            require_bearable(picture.width * picture.height * (4 * len(picture.getbands()) + 3), path.name)
            see_through = "transparency" in picture.info or "A" in picture.getbands()
            alpha = np.asarray(picture.convert("RGBA").getchannel("A")) if see_through else None
            indices = picture.mode == "P"
            palette = picture.getpalette("RGB") if indices else None
            plain = {"LA": "L", "PA": "RGB", "RGBA": "RGB", "La": "L", "RGBa": "RGB"}.get(picture.mode, picture.mode)
            values = np.asarray(picture if plain == picture.mode else picture.convert(plain))
            simulated = _says_simulated(picture.info)  # all of it is known once the pixels are read
    bands = values[None] if values.ndim == 2 else np.moveaxis(values, -1, 0)
    bands = bands.astype(np.uint8) if bands.dtype == bool else bands
    if indices and np.isin(bands, (0, 1)).all():
        alpha = None  # labelling tools make the background's index transparent
    colours = dict(enumerate(zip(palette[::3], palette[1::3], palette[2::3], strict=False))) if palette else None
    stored = _Stored(bands, np.zeros(bands.shape[1:], bool), (), colours, len(bands) == 3)
    return _seen_through(stored, alpha), Mask(np.empty(0), simulated=simulated)


def _says_simulated(info: Mapping[Any, object]) -> bool:
    """Whether a PNG's own text says SIMULATED, as every picture that Scarp makes of a simulated scene does."""
    return told_simulated(str(info.get("simulated", ""))) or str(info.get("Comment", "")).startswith("SIMULATED")


def _decided(stored: _Stored, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the mask, uint8 (y, x), and what was decided to find it."""
    bands, known = stored.bands, ~stored.unknown
    if stored.palette is not None and len(bands) == 1:
        values, notes = _of_palette(bands[0], known, stored.palette, name)
    elif len(bands) == 1:
        values, notes = bands[0], ()
    else:
        values, notes = _of_bands(stored, known, name)
    return _classed(values, stored.unknown, name), notes


def _of_palette(
    indices: np.ndarray, known: np.ndarray, palette: Mapping[int, tuple[int, int, int]], name: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return indices that are 0 and 1 as they are; else what their colours say."""
    held = np.unique(indices[known])
    if np.isin(held, (0, 1, 255)).all() and (1 in held or not (held > 0).any()):
        if all(palette.get(index) == colour[:3] for index, colour in MASK_COLOURS.items()):
            return indices, ()  # Scarp's own table
        return indices, ("the numbers of its palette were read, not the colours they are shown in.",)
    table = np.zeros((int(indices.max()) + 1, 3), np.uint8)
    for index, colour in palette.items():
        if index < len(table):
            table[index] = colour
    if (table[held] == table[held][:, :1]).all():
        return table[indices][..., 0], ("its palette was read as grey values.",)
    return _of_colours(np.moveaxis(table[indices], -1, 0), known, name)


def _of_bands(stored: _Stored, known: np.ndarray, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the one band of several that is the mask, or the colour that is."""
    bands, number = stored.bands, len(stored.bands)
    if all(np.array_equal(bands[0][known], other[known]) for other in bands[1:]):
        return bands[0], (f"its {number} bands are equal and were read as one.",)
    described = [n for n, text in enumerate(stored.names[:number]) if _NAMED.search(text)]
    if len(described) == 1:
        return bands[described[0]], (
            f"of its {number} bands {described[0] + 1}, described as {stored.names[described[0]]!r}, was used.",
        )
    varied = [n for n, band in enumerate(bands) if _varies(band[known])]
    if _one_class_each(bands, known) and (not stored.picture or bands.max() == 1):  # 1 of 255 is no colour
        return _second_class(bands, known, name)
    if number == 3 and bands.dtype == np.uint8 and bands.max() >= _COLOURED:
        return _of_colours(bands, known, name)
    if len(varied) == 1:
        return bands[varied[0]], (f"of its {number} bands {varied[0] + 1} was used; the others are the same all over.",)
    raise InputError(
        f"{name} has {number} bands that differ, and none is described as landslide; {_KEEP_ONE} "
        f"(gdal_translate -b NUMBER)."
    )


def _varies(values: np.ndarray) -> bool:
    return bool(values.size) and bool((values != values[0]).any())


def _one_class_each(bands: np.ndarray, known: np.ndarray) -> bool:
    """Whether every known pixel is marked in exactly one band."""
    top = bands.max()
    if top not in _YES or not np.isin(bands, (0, top)).all():
        return False
    return bool((np.count_nonzero(bands, axis=0)[known] == 1).all())


def _second_class(bands: np.ndarray, known: np.ndarray, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    slid = np.count_nonzero(bands[-1][known]) / max(int(np.count_nonzero(known)), 1)
    if len(bands) != 2 or slid > 0.5:
        raise InputError(
            f"{name} has a band for each of {len(bands)} classes, and which of them is landslide is not said; "
            f"{_KEEP_ONE}, or describe the band as landslide."
        )
    return bands[1], (f"its 2 bands are a class each: the second, {slid:.1%} of the pixels, was taken as landslide.",)


def _of_colours(bands: np.ndarray, known: np.ndarray, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return where a picture of one colour beside white, black or grey shows the colour."""
    red, green, blue = (band.astype(np.uint32) for band in bands)
    packed = (red << 16) | (green << 8) | blue
    found = [(int(one) >> 16, int(one) >> 8 & 255, int(one) & 255) for one in np.unique(packed[known])]
    spread = [max(colour) - min(colour) for colour in found]
    marked = [colour for colour, wide in zip(found, spread, strict=True) if wide >= _COLOURED]
    plain = [colour for colour, wide in zip(found, spread, strict=True) if wide <= _NEUTRAL]
    if len(found) > 2 or len(marked) != 1 or len(marked) + len(plain) != len(found):
        shown = ", ".join(map(str, found[:3])) + (", ..." if len(found) > 3 else "")
        raise InputError(
            f"{name} is a picture of {len(found)} colours ({shown}), and which of them is landslide is not plain; "
            f"{_KEEP_ONE}."
        )
    (mark,) = marked
    beside = f" on {plain[0]}" if plain else ""
    yes = packed == (mark[0] << 16 | mark[1] << 8 | mark[2])
    return yes.astype(np.uint8), (f"it is a picture in two colours: {mark}{beside} was taken as landslide.",)


def _classed(values: np.ndarray, unknown: np.ndarray, name: str) -> np.ndarray:
    """Return one band as uint8 (y, x): 1 landslide, 0 not, 255 unknown."""
    held = np.unique(values[~unknown])
    if np.issubdtype(values.dtype, np.floating) and held.size and held[0] >= 0 and held[-1] <= 1:
        yes = values >= 0.5
    elif np.isin(held, (0, 1)).all():
        yes = values == 1
    elif np.isin(held, (0, 1, 255)).all() and 1 in held:
        yes, unknown = values == 1, unknown | (values == 255)
    elif held.size <= 2 and held[-1] in _YES and np.isin(held, (0, held[-1])).all():
        yes = values == held[-1]
    else:
        odd = ", ".join(f"{value:g}" for value in held[~np.isin(held, (0, 1, 255))][:3])
        raise InputError(f"{name} is no mask: it holds values such as {odd}; a mask holds 0 and 1, or 0 and 255.")
    return np.where(unknown, UNKNOWN, np.where(yes, LANDSLIDE, 0)).astype(np.uint8)
