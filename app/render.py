"""Pictures of a patch: both dates through one contrast stretch, masks as coloured overlays."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from app import colours
from app.bands import ALL_BANDS, CLOUD_MASK, normalise
from app.errors import InputError
from app.patches import CLEAR, CLOUDY, NODATA, clear_mask, grid_of, is_simulated, require_bands

if TYPE_CHECKING:
    import xarray as xr

SIMULATED = "SIMULATED"
SHEET_PX = 640  # longer side of each picture on a sheet, at least
JPEG_FROM_PX = 1_000_000  # above this a PNG takes a second and ten times the bytes


@dataclass(frozen=True)
class Composition:
    """Three bands as red, green and blue, with the reflectance range of a fixed stretch."""

    title: str
    bands: tuple[str, str, str]
    fixed: tuple[float, float]
    shows: str


COMPOSITIONS: dict[str, Composition] = {
    "true-colour": Composition("True colour", ("B04", "B03", "B02"), (0.0, 0.3), "as the eye would see it"),
    "false-colour": Composition("False colour", ("B08", "B04", "B03"), (0.0, 0.5), "vegetation red, bare soil cyan"),
    "short-wave": Composition("Short-wave", ("B12", "B8A", "B04"), (0.0, 0.5), "fresh soil and rock pink"),
}


@dataclass(frozen=True)
class Stretch:
    """How reflectance becomes brightness: one (low, high) a channel, the same at both dates."""

    kind: str  # "percentile" or "fixed"
    limits: tuple[tuple[float, float], ...]

    def __str__(self) -> str:
        ranges = ", ".join(f"{low:.3f} to {high:.3f}" for low, high in self.limits)
        return f"{self.kind}, reflectance {ranges} (red, green, blue)"


CLM_WORDS = {CLEAR: "clear", CLOUDY: "cloud or shadow", NODATA: "nodata"}

# overlays and error pictures: colours that stay apart for the common kinds of colour blindness
CLOUD_COLOUR = (240, 240, 255)
METHOD_COLOURS = ((255, 176, 0), (100, 143, 255), (220, 38, 127), (120, 94, 240), (254, 97, 0), (0, 190, 160))
AGREED_COLOUR = (255, 255, 90)
TRUTH_COLOUR = (0, 200, 255)
HIT_COLOUR, FALSE_COLOUR, MISS_COLOUR = (0, 158, 115), (230, 97, 0), (204, 30, 190)


def available(patch: xr.Dataset) -> list[str]:
    """Return the compositions whose bands the patch holds; empty where it holds none of them."""
    return [name for name, one in COMPOSITIONS.items() if set(one.bands) <= set(patch.data_vars)]


def stretch_for(patch: xr.Dataset, name: str, kind: str = "percentile") -> Stretch:
    """Return the stretch for a composition: 2nd to 98th percentile of both dates' clear pixels.

    ``kind`` "fixed" gives the composition's own reflectance range instead. Raises
    BandMissingError, or InputError for an unknown composition.
    """
    composition = _composition(name)
    require_bands(patch, *composition.bands)
    if kind == "fixed":
        return Stretch(kind, (composition.fixed,) * 3)
    clear = clear_mask(patch)
    return Stretch("percentile", tuple(_percentiles(patch[band].values, clear) for band in composition.bands))


def pair(patch: xr.Dataset, name: str, stretch: Stretch) -> tuple[np.ndarray, np.ndarray]:
    """Return T1 and T2 as uint8 (height, width, 3) through one stretch; nodata is hatched."""
    composition = _composition(name)
    require_bands(patch, *composition.bands)
    pictures = []
    for when in (0, 1):
        layers = [patch[band].values[when] for band in composition.bands]
        channels = [_scaled(layer, *limits) for layer, limits in zip(layers, stretch.limits, strict=True)]
        picture = np.stack(channels, axis=-1)
        nodata = np.isnan(layers[0]) | (patch[CLOUD_MASK].values[when] == NODATA)
        pictures.append(_hatched(picture, nodata))
    return pictures[0], pictures[1]


def grey(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return a score or single band as uint8 (height, width, 3), ``low`` black, ``high`` white."""
    channel = _scaled(values, low, high)
    return _hatched(np.stack([channel] * 3, axis=-1), np.isnan(values))


def change_of(text: str) -> str:
    """Return the standard name of what a change picture can be of: a band, or an index; raises InputError."""
    from app.detection.indices import TABLE

    name = normalise(text)
    if name not in ALL_BANDS and name not in TABLE:
        raise InputError(f"There is no band or index {text!r}. Choose from {', '.join((*ALL_BANDS, *TABLE))}.")
    return name


def change_picture(patch: xr.Dataset, of: str) -> tuple[np.ndarray, str]:
    """Return T2 minus T1 of a band or index as uint8 (height, width, 3), with its limits in words.

    Blue is a loss, orange a gain, near white no change; the limits are as far below zero as
    above, at the 98th percentile of the clear pixels' change. Cloud or shadow at either date
    is dotted grey, nodata is hatched. Raises InputError, or BandMissingError.
    """
    name = change_of(of)
    change, unit = _change(patch, name)
    clear = clear_mask(patch) & np.isfinite(change)
    limit = _change_limit(change[clear])
    steps = np.rint(np.nan_to_num(np.clip(change * np.float32(128 / limit), -128, 128))).astype(np.int16) + 128
    picture = np.take(colours.CHANGE, steps, axis=0)
    clm = patch[CLOUD_MASK].values
    picture = _dotted(picture, (clm == CLOUDY).any(axis=0))
    picture = _hatched(picture, np.isnan(change) | (clm == NODATA).any(axis=0))
    counted = (
        f"mean of the clear pixels {change[clear].mean():+.3f}" if clear.any() else "no pixel is clear at both dates"
    )
    return picture, (
        f"{name} at T2 minus T1, blue {-limit:.3f} to orange {limit:+.3f} {unit}; {counted}; "
        "cloud or shadow dotted grey, nodata hatched"
    )


def score_picture(score: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return a score (y, x) as RGBA uint8 (height, width, 4), dark violet at ``low`` to pale yellow at ``high``.

    The ramp is even to the eye and rises in lightness; what is NaN is transparent.
    """
    picture = np.empty((*score.shape, 4), np.uint8)
    picture[..., :3] = np.take(colours.SCORE, _scaled(score, low, high), axis=0)
    picture[..., 3] = np.where(np.isnan(score), 0, 255)
    return picture


def overlay(mask: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Return a mask as RGBA uint8 (height, width, 4): ``colour`` where true, clear elsewhere."""
    picture = np.zeros((*mask.shape, 4), np.uint8)
    picture[mask] = (*colour, 255)
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


def encode(picture: np.ndarray, simulated: bool) -> tuple[bytes, str]:
    """Return a picture's bytes and media type: PNG, or JPEG where it is large and opaque.

    A picture of a simulated scene says so in its own text field as well.
    """
    image, out = Image.fromarray(picture), io.BytesIO()
    if picture.shape[2] == 3 and picture.shape[0] * picture.shape[1] > JPEG_FROM_PX:
        image.save(out, "JPEG", quality=90, comment=SIMULATED if simulated else "")
        return out.getvalue(), "image/jpeg"
    info = PngInfo()
    if simulated:
        info.add_text("Comment", SIMULATED)
    image.save(out, "PNG", pnginfo=info, compress_level=3)
    return out.getvalue(), "image/png"


def sheet(patch: xr.Dataset, name: str, stretch: Stretch, captions: tuple[str, str]) -> bytes:
    """Return both dates side by side as one PNG with captions, for a slide or a report.

    A simulated patch carries the word SIMULATED across each picture.
    """
    images = [_enlarged(Image.fromarray(picture), *grid_of(patch).pixel_m) for picture in pair(patch, name, stretch)]
    width, height = images[0].size
    canvas = Image.new("RGB", (2 * width + 24, height + 56), "white")
    draw = ImageDraw.Draw(canvas)
    for index, (image, caption) in enumerate(zip(images, captions, strict=True)):
        left = 8 + index * (width + 8)
        canvas.paste(image, (left, 8))
        draw.text((left, height + 14), caption, fill="black", font=_font(14))
        if is_simulated(patch):
            _stamp(draw, (left + 10, 18))
    draw.text((8, height + 34), f"{COMPOSITIONS[name].title}; stretch {stretch}", fill="#555555", font=_font(12))
    out = io.BytesIO()
    info = PngInfo()
    info.add_text("Comment", SIMULATED if is_simulated(patch) else str(patch.attrs.get("source", "")))
    canvas.save(out, "PNG", pnginfo=info)
    return out.getvalue()


def _composition(name: str) -> Composition:
    if name not in COMPOSITIONS:
        raise InputError(f"There is no composition {name!r}. Choose from {', '.join(COMPOSITIONS)}.")
    return COMPOSITIONS[name]


def _percentiles(values: np.ndarray, clear: np.ndarray) -> tuple[float, float]:
    usable = values[:, clear] if clear.any() else values.reshape(2, -1)
    usable = usable[np.isfinite(usable)]
    if usable.size == 0:
        return 0.0, 1.0
    sample = usable[:: max(1, usable.size // 200_000)]  # percentiles of every nth pixel: same to a grey level
    low, high = np.percentile(sample, (2, 98))
    return float(low), float(max(high, low + 1e-3))


def _scaled(values: np.ndarray, low: float, high: float) -> np.ndarray:
    scaled = (values - np.float32(low)) * np.float32(255 / (high - low))
    return np.nan_to_num(np.clip(scaled, 0, 255)).astype(np.uint8)


def _change(patch: xr.Dataset, name: str) -> tuple[np.ndarray, str]:
    """Return T2 minus T1 of a band or index, float32 (y, x), and its unit in words."""
    from app.detection.indices import TABLE, at_both_dates

    if name in TABLE:
        require_bands(patch, *TABLE[name].bands)
        t1, t2 = at_both_dates(patch, name)
        return t2 - t1, "of the index"
    require_bands(patch, name)
    t1, t2 = patch[name].values
    return t2 - t1, "reflectance"


def _change_limit(values: np.ndarray) -> float:
    if values.size == 0:
        return 0.1
    sample = np.abs(values[:: max(1, values.size // 200_000)])
    return max(float(np.percentile(sample, 98)), 0.01)


def _dotted(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Draw grey with pale dots where the mask is true: neither a change nor a gap in the data."""
    dots = np.full(mask.shape, 120, np.uint8)
    dots[1::4, 1::4] = 205
    picture[mask] = dots[mask][:, None]
    return picture


def _hatched(picture: np.ndarray, nodata: np.ndarray) -> np.ndarray:
    """Draw diagonal stripes where there is no data: black would look like water or shadow."""
    if nodata.any():
        rows, columns = np.nonzero(nodata)
        stripe = ((rows + columns) // 3 % 2).astype(np.uint8)
        picture[rows, columns] = (150 + 40 * stripe)[:, None]
    return picture


def _enlarged(image: Image.Image, pixel_x_m: float, pixel_y_m: float) -> Image.Image:
    """Return the picture in true ground proportions, its pixels still visible as pixels."""
    width_m, height_m = image.width * pixel_x_m, image.height * pixel_y_m
    scale = max(SHEET_PX, *image.size) / max(width_m, height_m)
    return image.resize((round(width_m * scale), round(height_m * scale)), Image.Resampling.NEAREST)


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def _stamp(draw: ImageDraw.ImageDraw, at: tuple[int, int]) -> None:
    draw.text(at, SIMULATED, fill="white", font=_font(26), stroke_width=2, stroke_fill="black")
