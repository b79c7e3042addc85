"""Both dates on one sheet, with captions and a legend, for a slide or a report."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from app import compositions, render
from app.patches import grid_of, is_simulated

if TYPE_CHECKING:
    import xarray as xr

    from app.compositions import Composition
    from app.contrast import Stretch

PICTURE_PX = 640  # longer side of each picture, at least
_MARGIN, _CAPTION, _LINE, _LEGEND = 8, 14, 12, 14  # pixels; text sizes the second and third
_INK, _PALE_INK = "black", "#555555"


def sheet(patch: xr.Dataset, name: str, stretch: Stretch, captions: tuple[str, str]) -> bytes:
    """Return both dates side by side as one PNG with captions, for a slide or a report.

    A simulated patch carries the word SIMULATED across each picture. Raises InputError or
    BandMissingError as ``render.pair`` does.
    """
    composition = compositions.required(patch, name)
    across, along = grid_of(patch).pixel_m
    images = [_enlarged(Image.fromarray(picture), across, along) for picture in render.pair(patch, name, stretch)]
    width, height = images[0].size
    marks = "Dotted: cloud or shadow; hatched: no data." if composition.index else "Hatched: no data."
    total = 2 * width + 3 * _MARGIN
    notes = _wrapped(f"{composition.heading}: {composition.shows}. Stretch {stretch}. {marks}", total)
    legend_px = _LEGEND + 20 if composition.ramp is not None else 0
    canvas = Image.new("RGB", (total, height + 40 + legend_px + 16 * len(notes)), "white")
    draw = ImageDraw.Draw(canvas)
    for column, (image, caption) in enumerate(zip(images, captions, strict=True)):
        left = _MARGIN + column * (width + _MARGIN)
        canvas.paste(image, (left, _MARGIN))
        draw.text((left, height + 14), caption, fill=_INK, font=_font(_CAPTION))
        if is_simulated(patch):
            _stamp(draw, (left + 10, 18))
    _legends(canvas, composition, stretch, width, height + 38)
    for row, line in enumerate(notes):
        draw.text((_MARGIN, height + 36 + legend_px + 16 * row), line, fill=_PALE_INK, font=_font(_LINE))
    return _png(canvas, render.SIMULATED if is_simulated(patch) else str(patch.attrs.get("source", "")))


def _legends(canvas: Image.Image, composition: Composition, stretch: Stretch, width: int, top: int) -> None:
    """Draw each date's colours from low to high under its picture; bands have none."""
    if composition.ramp is None:
        return
    draw, long = ImageDraw.Draw(canvas), min(width, 256)
    bar = Image.fromarray(np.broadcast_to(composition.ramp, (_LEGEND, *composition.ramp.shape)).copy())
    for when in (0, 1):
        left, (low, high) = _MARGIN + when * (width + _MARGIN), stretch.at(when)[0]
        canvas.paste(bar.resize((long, _LEGEND), Image.Resampling.NEAREST), (left, top))
        draw.rectangle((left, top, left + long - 1, top + _LEGEND - 1), outline=_PALE_INK)
        draw.text((left, top + _LEGEND + 1), f"{low:.3f}", fill=_PALE_INK, font=_font(_LINE))
        draw.text((left + long, top + _LEGEND + 1), f"{high:.3f}", fill=_PALE_INK, font=_font(_LINE), anchor="ra")
        draw.text((left + long + 8, top), composition.index, fill=_PALE_INK, font=_font(_LINE))


def _enlarged(image: Image.Image, pixel_x_m: float, pixel_y_m: float) -> Image.Image:
    """Return the picture in true ground proportions, its pixels still visible as pixels."""
    width_m, height_m = image.width * pixel_x_m, image.height * pixel_y_m
    scale = max(PICTURE_PX, *image.size) / max(width_m, height_m)
    return image.resize((round(width_m * scale), round(height_m * scale)), Image.Resampling.NEAREST)


def _wrapped(text: str, width_px: int) -> list[str]:
    """Return a text in lines that fit a width, broken between words."""
    font, lines = _font(_LINE), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width_px - 2 * _MARGIN:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def _stamp(draw: ImageDraw.ImageDraw, at: tuple[int, int]) -> None:
    draw.text(at, render.SIMULATED, fill="white", font=_font(26), stroke_width=2, stroke_fill="black")


def _png(image: Image.Image, comment: str) -> bytes:
    info, out = PngInfo(), io.BytesIO()
    info.add_text("Comment", comment)
    image.save(out, "PNG", pnginfo=info)
    return out.getvalue()
