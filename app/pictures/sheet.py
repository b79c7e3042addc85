"""Both dates on one sheet, with captions and a legend, for a slide or a report."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from app import config
from app.patches import grid_of, is_simulated
from app.pictures import compositions, render

if TYPE_CHECKING:
    import xarray as xr

    from app.pictures.compositions import Composition
    from app.pictures.contrast import Stretch

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

PICTURE_PX = 640  # longer side of each picture, at least; all else grows with it
_MARGIN, _CAPTION, _LINE, _LEGEND = 8, 14, 12, 14  # pixels beside such a picture; text sizes the second and third
_INK, _PALE_INK = "black", "#555555"


def sheet(patch: xr.Dataset, name: str, stretch: Stretch, captions: tuple[str, str]) -> bytes:
    """Return both dates side by side as one PNG with captions, for a slide or a report.

    A simulated patch carries the word SIMULATED across each picture. Raises InputError or
    BandMissingError as ``render.pair`` does.
    """
    composition = compositions.required(patch, name)
    pixel, longest = grid_of(patch).proportions, max(PICTURE_PX, patch.sizes["x"], patch.sizes["y"])
    pictures = render.pair(patch, name, stretch)
    images = [Image.fromarray(render.in_proportion(picture, pixel, longest)) for picture in pictures]
    (width, height), unit = images[0].size, max(images[0].size) / PICTURE_PX
    margin = round(_MARGIN * unit)
    marks = "Dotted: cloud or shadow; hatched: no data." if composition.index else "Hatched: no data."
    words = f"{composition.heading}: {composition.shows}. Stretch {stretch}. {marks}"
    lines = _wrapped(words, 2 * width + margin, _font(_LINE * unit))
    legend = _LEGEND + 20 if composition.ramp is not None else 0
    size = (2 * width + 3 * margin, height + round((40 + legend + 16 * len(lines)) * unit))
    canvas = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(canvas)
    for column, (image, caption) in enumerate(zip(images, captions, strict=True)):
        left = margin + column * (width + margin)
        canvas.paste(image, (left, margin))
        draw.text((left, height + 14 * unit), caption, fill=_INK, font=_font(_CAPTION * unit))
        if composition.ramp is not None:
            _draw_legend(canvas, composition, stretch.at(column)[0], (left, height + round(38 * unit)), unit)
        if is_simulated(patch):
            _stamp(draw, (left + 10 * unit, 18 * unit), unit)
    for row, line in enumerate(lines):
        draw.text((margin, height + (36 + legend + 16 * row) * unit), line, fill=_PALE_INK, font=_font(_LINE * unit))
    return _png(canvas, render.SIMULATED if is_simulated(patch) else str(patch.attrs.get("source", "")))


def _draw_legend(
    canvas: Image.Image, composition: Composition, limits: tuple[float, float], at: tuple[int, int], unit: float
) -> None:
    """Draw a composition's colours from low to high, with the numbers at the ends."""
    assert composition.ramp is not None  # colours without a ramp have no legend
    draw, (left, top), long, tall = ImageDraw.Draw(canvas), at, round(256 * unit), round(_LEGEND * unit)
    bar = Image.fromarray(composition.ramp[None].copy()).resize((long, tall), Image.Resampling.NEAREST)
    canvas.paste(bar, at)
    draw.rectangle((left, top, left + long - 1, top + tall - 1), outline=_PALE_INK)
    font, under = _font(_LINE * unit), top + tall + unit
    draw.text((left, under), f"{limits[0]:.3f}", fill=_PALE_INK, font=font)
    draw.text((left + long, under), f"{limits[1]:.3f}", fill=_PALE_INK, font=font, anchor="ra")
    draw.text((left + long + 8 * unit, top), composition.channels[0], fill=_PALE_INK, font=font)


def _wrapped(text: str, width: int, font: Font) -> list[str]:
    """Return a text in lines that fit a width in pixels, broken between words."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _font(size: float) -> Font:
    return ImageFont.load_default(size)


def _stamp(draw: ImageDraw.ImageDraw, at: tuple[float, float], unit: float) -> None:
    draw.text(at, render.SIMULATED, fill="white", font=_font(26 * unit), stroke_width=2 * unit, stroke_fill="black")


def _png(image: Image.Image, comment: str) -> bytes:
    info, out = PngInfo(), io.BytesIO()
    info.add_text("Comment", comment)
    info.add_text("Software", config.software())
    image.save(out, "PNG", pnginfo=info, compress_level=3)
    return out.getvalue()
