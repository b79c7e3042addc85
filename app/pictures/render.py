"""Pictures of a patch: both dates through one contrast stretch, masks as coloured overlays."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.bands import CLOUD_MASK
from app.detection.indices import TABLE
from app.patches import CLOUDY, NODATA, clear_mask
from app.pictures import colours, compositions, contrast
from app.pictures.compositions import Composition
from app.pictures.contrast import Stretch, scaled

if TYPE_CHECKING:
    import xarray as xr

SIMULATED = "SIMULATED"
LEAST_CHANGE, USUAL_CHANGE = 0.01, 0.1  # limits of a picture of change: the narrowest, and without a clear pixel
BLOCK_ROWS = 128  # drawn at a time: what they take stays in the processor's cache
LOSSLESS_BYTES = 2_000_000  # a large picture that comes to more as PNG is sent as JPEG
MOST_BYTES = 2_900_000  # of one picture: both dates stay under 8 MB, also written as text
JPEG_FROM_PX = 1_000_000  # smaller pictures are always PNG
_QUALITIES = (95, 92, 88, 84, 80, 70, 60, 40, 20)  # of JPEG, the first within MOST_BYTES; colours at full resolution
_STRIP_ROWS = 64  # a large picture's size as PNG is told from strips of it
_VEIL = 120  # brightness of the grey over cloud in a picture of change
_DARK_DOT, _MIDDLE, _PALE_DOT = 45, 128, 215  # dots over cloud are dark on what is brighter than the middle

# overlays and error pictures: colours that stay apart for the common kinds of colour blindness
CLOUD_COLOUR = (240, 240, 255)
METHOD_COLOURS = ((255, 176, 0), (100, 143, 255), (220, 38, 127), (120, 94, 240), (254, 97, 0), (0, 190, 160))
AGREED_COLOUR = (255, 255, 90)
TRUTH_COLOUR = (0, 200, 255)
OUTLINE_COLOUR = (190, 120, 255)
HIT_COLOUR, FALSE_COLOUR, MISS_COLOUR = (0, 158, 115), (230, 97, 0), (204, 30, 190)


def stretch_for(patch: xr.Dataset, name: str, kind: str = "") -> Stretch:
    """Return the stretch for a composition: the usual one, or that of a contrast.

    ``kind`` is the name of a contrast, such as "fixed" for the composition's own range, or
    "percentile:5:95:gamma1.4" (see ``app.pictures.contrast.parse``). Raises BandMissingError, or
    InputError for an unknown composition or contrast.
    """
    chosen = contrast.parse(kind) if kind else contrast.USUAL
    return contrast.stretch(patch, compositions.required(patch, name), chosen)


def pair(patch: xr.Dataset, name: str, stretch: Stretch) -> tuple[np.ndarray, np.ndarray]:
    """Return T1 and T2 as uint8 (height, width, 3) through one stretch.

    Nodata is hatched, and over an index cloud and shadow are dotted. Raises InputError for an
    unknown composition, or BandMissingError.
    """
    composition = compositions.required(patch, name)
    height, width = patch.sizes["y"], patch.sizes["x"]
    needed = patch[[*dict.fromkeys(composition.bands), CLOUD_MASK]]
    made = np.empty((2, height, width, 3), np.uint8)
    for start in range(0, height, BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        _fill(made[:, rows], needed.isel(y=rows), composition, stretch, start, _step((height, width)))
    return made[0], made[1]


def _fill(
    made: np.ndarray, rows: xr.Dataset, composition: Composition, stretch: Stretch, start: int, step: int
) -> None:
    """Draw some rows of both dates into ``made``, uint8 (2, rows, width, 3).

    ``start`` is the first row's number in the whole picture, ``step`` the width of its patterns.
    """
    channels = [contrast.channel_values(rows, composition, n) for n in range(len(composition.channels))]
    clm = rows[CLOUD_MASK].values
    for when in (0, 1):
        limits = stretch.at(when)
        bright = [scaled(one[when], *limit, stretch.gamma) for one, limit in zip(channels, limits, strict=True)]
        if composition.ramp is not None:
            made[when] = np.take(composition.ramp, bright[0], axis=0)
        else:
            for n in range(3):
                made[when, ..., n] = bright[n % len(bright)]
        gaps = np.logical_or.reduce([np.isnan(one[when]) for one in channels]) | (clm[when] == NODATA)
        if composition.index:  # an index under cloud is the cloud's, and as pale as a scar's
            _dotted(made[when], clm[when] == CLOUDY, step, start)
        _hatched(made[when], gaps, step, start)


def grey(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return a score or single band as uint8 (height, width, 3), ``low`` black, ``high`` white."""
    channel = scaled(values, low, high)
    return _hatched(np.stack([channel] * 3, axis=-1), np.isnan(values), _step(values.shape))


def change_picture(patch: xr.Dataset, of: str) -> tuple[np.ndarray, str]:
    """Return T2 minus T1 of a band or index as uint8 (height, width, 3), with its limits in words.

    Blue is a loss, orange a gain, near white no change; the limits are as far below zero as
    above, at the 98th percentile of the clear pixels' change. Cloud or shadow at either date
    is dotted grey, nodata is hatched. Raises InputError, or BandMissingError.
    """
    name = compositions.change_of(of)
    change, unit = _change(patch, name)
    clear, limit = clear_mask(patch) & np.isfinite(change), change_limit(patch, name)
    steps = np.rint(np.nan_to_num(np.clip(change * np.float32(128 / limit), -128, 128))).astype(np.int16) + 128
    picture = np.take(colours.CHANGE, steps, axis=0)
    clm = patch[CLOUD_MASK].values
    cloud = (clm == CLOUDY).any(axis=0)
    picture[cloud] = _VEIL
    _dotted(picture, cloud, _step(picture.shape))
    _hatched(picture, np.isnan(change) | (clm == NODATA).any(axis=0), _step(picture.shape))
    counted = (
        f"mean of the clear pixels {change[clear].mean():+.3f}" if clear.any() else "no pixel is clear at both dates"
    )
    return picture, (
        f"{name} at T2 minus T1, blue {-limit:.3f} to orange {limit:+.3f} {unit}; {counted}; "
        "cloud or shadow dotted grey, nodata hatched"
    )


def change_limit(patch: xr.Dataset, of: str) -> float:
    """Return how far from zero a picture of change reaches; raises as ``change_picture`` does."""
    sample = contrast.sampled(patch)
    change, _ = _change(sample, compositions.change_of(of))
    usable = change[clear_mask(sample) & np.isfinite(change)]
    return max(float(np.percentile(np.abs(usable), 98)), LEAST_CHANGE) if usable.size else USUAL_CHANGE


def score_picture(score: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return a score (y, x) as RGBA uint8 (height, width, 4), dark violet at ``low`` to pale yellow at ``high``.

    The ramp is even to the eye and rises in lightness; what is NaN is transparent.
    """
    picture = np.empty((*score.shape, 4), np.uint8)
    picture[..., :3] = np.take(colours.SCORE, scaled(score, low, high), axis=0)
    picture[..., 3] = np.where(np.isnan(score), 0, 255)
    return picture


def painted(picture: np.ndarray, mask: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Return a copy of a picture (height, width, 3) with ``colour`` where the mask is true."""
    out = picture.copy()
    out[mask] = colour
    return out


def cloud_masks(patch: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return bool (y, x) for T1 and T2: True where that date has cloud or shadow."""
    clm = patch[CLOUD_MASK].values
    return clm[0] == CLOUDY, clm[1] == CLOUDY


def in_proportion(picture: np.ndarray, pixel: tuple[float, float], longest: int = 0) -> np.ndarray:
    """Return a picture, uint8 (height, width, 3), as it lies on the ground: away from the equator degrees are narrow.

    ``pixel`` is a pixel's width and height there (``Grid.proportions``); the longer side becomes ``longest``
    pixels, or stays as long as it is. Enlarged, pixels stay visible as pixels.
    """
    height, width = picture.shape[:2]
    ground = width * pixel[0], height * pixel[1]
    scale = (longest or max(width, height)) / max(ground)
    size = (max(1, round(ground[0] * scale)), max(1, round(ground[1] * scale)))
    if size == (width, height):
        return picture
    way = Image.Resampling.BOX if size[0] < width or size[1] < height else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(picture).resize(size, way))


def encode(picture: np.ndarray, simulated: bool) -> tuple[bytes, str]:
    """Return a picture's bytes and media type: PNG, or JPEG where it is opaque and a PNG would be large.

    A picture of a simulated scene says so in its own text field as well.
    """
    large = picture.shape[0] * picture.shape[1] > JPEG_FROM_PX
    if large and picture.shape[2] == 4 and picture[..., 3].min() == 255:
        picture = np.ascontiguousarray(picture[..., :3])  # nothing is transparent
    image = Image.fromarray(picture)
    if large and picture.shape[2] == 3 and _png_bytes(picture) > LOSSLESS_BYTES:
        return _jpeg(image, simulated), "image/jpeg"
    return _png(image, simulated, compress_level=1 if large else 3), "image/png"


def encode_mask(mask: np.ndarray, colour: tuple[int, int, int], simulated: bool) -> tuple[bytes, str]:
    """Return a mask as PNG bytes and media type: ``colour`` where true, clear elsewhere, one bit a pixel."""
    image = Image.frombytes("P", mask.shape[::-1], np.ascontiguousarray(mask, np.uint8).tobytes())
    image.putpalette((0, 0, 0, *colour))
    return _png(image, simulated, compress_level=3, bits=1, transparency=bytes((0, 255))), "image/png"


def _png_bytes(picture: np.ndarray) -> float:
    """Return about how many bytes a picture takes as PNG, from three strips across it."""
    height = len(picture)
    strips = [picture[at : at + _STRIP_ROWS] for at in (0, (height - _STRIP_ROWS) // 2, height - _STRIP_ROWS)]
    sizes = [len(_png(Image.fromarray(strip), False, compress_level=1)) for strip in strips]
    return sum(sizes) * height / (len(strips) * _STRIP_ROWS)


def _png(image: Image.Image, simulated: bool, **options: object) -> bytes:
    info, out = PngInfo(), io.BytesIO()
    if simulated:
        info.add_text("Comment", SIMULATED)
    image.save(out, "PNG", pnginfo=info, **options)
    return out.getvalue()


def _jpeg(image: Image.Image, simulated: bool) -> bytes:
    for quality in _QUALITIES:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, subsampling=0, comment=SIMULATED if simulated else "")
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


def _change(patch: xr.Dataset, name: str) -> tuple[np.ndarray, str]:
    """Return T2 minus T1 of a band or index, float32 (y, x), and its unit in words."""
    t1, t2 = contrast.channel_values(patch, compositions.required(patch, name), 0)
    return t2 - t1, "of the index" if name in TABLE and not TABLE[name].is_reflectance else "reflectance"


def _step(shape: tuple[int, ...]) -> int:
    """Return the width of a pattern's stripes in pixels, so that they show when the whole picture does."""
    return max(3, max(shape[:2]) // 75)


def _dotted(picture: np.ndarray, mask: np.ndarray, step: int, start: int = 0) -> None:
    """Draw dots where the mask is true, dark on light and light on dark; ``start`` is the first row's number."""
    if mask.any():
        rows, columns = (np.arange(n) % (step + 1) < max(1, step // 4) for n in (start + len(mask), mask.shape[1]))
        dots = mask & rows[start:, None] & columns
        light = picture[dots].mean(axis=-1) > _MIDDLE
        picture[dots] = np.where(light, _DARK_DOT, _PALE_DOT)[:, None]


def _hatched(picture: np.ndarray, nodata: np.ndarray, step: int, start: int = 0) -> np.ndarray:
    """Draw diagonal stripes where there is no data: black would look like water or shadow."""
    if nodata.any():
        rows, columns = np.arange(start, start + len(nodata))[:, None], np.arange(nodata.shape[1])
        stripes = np.where((rows + columns) // step % 2, np.uint8(190), np.uint8(150))
        picture[nodata] = stripes[nodata][:, None]
    return picture
