"""Dates one after the other as a moving picture, GIF or APNG, with each date written in it."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from app import config, patches
from app.bands import CLOUD_MASK
from app.errors import InputError
from app.export import figure, images
from app.patches import CLEAR
from app.pictures import compositions, render
from app.pictures.scale_bar import length_words, round_length

if TYPE_CHECKING:
    import xarray as xr

    from app.grid import Grid
    from app.patches import PatchSpec
    from app.sources.scenes import SceneInfo

KINDS = {"gif": "image/gif", "apng": "image/apng"}
SECONDS, SECONDS_RANGE = 1.0, (0.1, 10.0)  # that a date stays
MOST_FRAMES = 200
_LONGEST_PX, _MANY_PX, _MANY = 640, 400, 12  # longer side of a picture, and of one of many
_STRIP, _LINE, _MARGIN = 30, 14, 6  # pixels under the picture, of a small line, and to every side
_BAR_SHARE = 0.3
_STRETCH = "fixed:gamma1.4"  # of many dates: what lies between fixed ends can be compared from year to year


@dataclass(frozen=True, eq=False)
class Still:
    """One date: its picture, uint8 (y, x, 3), what is written on it, and whether it is of a simulated scene."""

    picture: np.ndarray
    words: str
    simulated: bool
    square: bool = False  # whether its pixels are as wide as high on the ground already


@dataclass(frozen=True)
class Captions:
    """What a moving picture says of itself: a title, what its colours are, whose the data are, and its provenance."""

    title: str
    shows: str
    attribution: str
    provenance: str


def of_patch(patch: xr.Dataset, composition: str, stretch: str = "", link: str = "") -> tuple[list[Still], Captions]:
    """Return T1 and T2 through one stretch; raises InputError or BandMissingError as ``render.pair`` does."""
    named = compositions.required(patch, composition)
    limits, simulated = render.stretch_for(patch, named.name, stretch), patches.is_simulated(patch)
    days = patches.said_when(patch)
    pair = render.pair(patch, named.name, limits)
    dated = enumerate(zip(pair, days, strict=True), start=1)
    shots = [Still(one, f"T{n}  {day}", simulated) for n, (one, day) in dated]
    return shots, _told(patch, f"{named.heading}. Contrast {limits}", link)


def of_stack(stack: xr.Dataset, shown: str, clear_share: float = 0.0) -> tuple[list[Still], Captions]:
    """Return every date of a stack of which at least a share, 0 to 1, is clear, all through one fixed range.

    ``shown`` is a composition, a band or an index. Raises InputError where no date is as clear, or for more than
    ``MOST_FRAMES``; BandMissingError as ``render.pair`` does.
    """
    named = compositions.required(stack, shown)
    shares = (stack[CLOUD_MASK].values == CLEAR).mean(axis=(1, 2))
    wanted = np.flatnonzero(shares >= clear_share)
    if not wanted.size:
        raise InputError(f"No date is clear over {clear_share:.0%} of the patch; ask for less.")
    if wanted.size > MOST_FRAMES:
        raise InputError(f"{wanted.size} dates are more than a moving picture holds ({MOST_FRAMES}); ask for fewer.")
    simulated = patches.is_simulated(stack)
    limits = render.stretch_for(stack.isel(time=[0, 0]), named.name, "fixed" if named.index else _STRETCH)
    shots = []
    for at in wanted:
        picture = render.pair(stack.isel(time=[at, at]), named.name, limits)[0]
        shots.append(Still(picture, f"{str(stack['time'].values[at])[:10]}  {shares[at]:.0%} clear", simulated))
    return shots, _told(stack, f"{named.heading}. Contrast {limits}", "")


def of_looks(
    looks: Sequence[tuple[np.ndarray, SceneInfo]], spec: PatchSpec, attribution: str, simulated: bool
) -> tuple[list[Still], Captions]:
    """Return the small true-colour pictures of scenes, uint8 (y, x, 3) as they lie on the ground, in order of time."""
    shots = [
        Still(
            picture,
            f"{scene.date}  {'' if scene.clear is None else f'{scene.clear:.0%} clear'}".strip(),
            simulated,
            True,
        )
        for picture, scene in sorted(looks, key=lambda one: one[1].date)
    ]
    scenes = ", ".join(scene.id for _, scene in looks)
    said = f"source={spec.source}; event_id={spec.event_id}; scenes={scenes}; simulated={str(simulated).lower()}"
    shows = "True colour through one fixed range, small looks"
    whose = attribution if simulated else figure.dated(attribution, (scene.date for _, scene in looks))
    return shots, Captions(f"Event {spec.event_id}", shows, whose, f"{said}; software={config.software()}")


def draw(shots: Sequence[Still], told: Captions, grid: Grid, kind: str = "gif", seconds: float = SECONDS) -> bytes:
    """Return dates as a moving picture that begins anew at its end; raises InputError for what cannot be one."""
    if kind not in KINDS:
        raise InputError(f"A moving picture is {' or '.join(KINDS)}, not {kind[:20]}.")
    require_usable(seconds)
    if not shots:
        raise InputError("There is no date to show.")
    longest = _LONGEST_PX if len(shots) <= _MANY else _MANY_PX
    frames = [_frame(one, told, grid, longest) for one in shots]
    return _gif(frames, told, seconds) if kind == "gif" else _apng(frames, told, seconds)


def require_usable(seconds: float) -> None:
    """Raise InputError unless a date can stay so long."""
    least, most = SECONDS_RANGE
    if not least <= seconds <= most:
        raise InputError(f"A date stays {least:g} to {most:g} seconds, not {seconds:g}.")


def _told(patch: xr.Dataset, shows: str, link: str) -> Captions:
    said = images.said(patch, link) if patch.sizes["time"] == 2 else _said_of_many(patch)
    provenance = "; ".join(f"{name}={value}" for name, value in {**said, "shows": shows}.items())
    return Captions(figure.usual_title(patch), shows, figure.attribution(patch), provenance)


def _said_of_many(stack: xr.Dataset) -> dict[str, str]:
    names = ("title", "source", "event_id", "event_date", "attribution")
    known = {name: str(stack.attrs[name]) for name in names if stack.attrs.get(name)}
    scenes = ", ".join(map(str, stack["scene"].values)) if "scene" in stack.coords else ""
    simulated = "true" if patches.is_simulated(stack) else "false"
    return {**known, "scenes": scenes, "simulated": simulated, "software": config.software()}


def _frame(one: Still, told: Captions, grid: Grid, longest: int) -> Image.Image:
    """Return a date as it is shown: its picture with its words, and under it what it shows and whose the data are."""
    pixel = (1.0, 1.0) if one.square else grid.proportions
    image = Image.fromarray(render.in_proportion(one.picture, pixel, longest))
    lines = _lines(told, image.width)
    strip = Image.new("RGB", (image.width, image.height + _STRIP + _LINE * len(lines)), "white")
    strip.paste(image, (0, 0))
    draw = ImageDraw.Draw(strip)
    if grid.placed:
        _scale_bar(draw, image.size, grid)
    if one.simulated:
        draw.text(
            (_MARGIN, _MARGIN), render.SIMULATED, fill="white", font=_font(22), stroke_width=2, stroke_fill="black"
        )
    draw.text((_MARGIN, image.height + 4), one.words, fill="black", font=_font(18))
    for row, line in enumerate(lines):
        draw.text((_MARGIN, image.height + _STRIP + _LINE * row - 2), line, fill="#555555", font=_font(12))
    return strip


def _lines(told: Captions, width: int) -> list[str]:
    letters = max(20, int(width / 6.3))
    said = (told.title, f"{told.shows}.", f"{told.attribution}. {config.software()}.")
    return [line for one in said for line in textwrap.wrap(one, letters)]


def _scale_bar(draw: ImageDraw.ImageDraw, size: tuple[int, int], grid: Grid) -> None:
    across = grid.pixel_m[0] * grid.width
    metres = round_length(across * _BAR_SHARE)
    long, (left, low) = round(metres / across * size[0]), (_MARGIN, size[1] - 2 * _MARGIN)
    draw.rectangle((left, low, left + long, low + 4), fill="white", outline="black")
    draw.text(
        (left + long / 2, low - 2), length_words(metres), fill="white", font=_font(12), anchor="mb", stroke_width=1,
        stroke_fill="black",
    )  # fmt: skip


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _gif(frames: Sequence[Image.Image], told: Captions, seconds: float) -> bytes:
    first, *rest = _in_256(frames)
    out = io.BytesIO()
    first.save(
        out, "GIF", save_all=True, append_images=rest, duration=round(seconds * 1000), loop=0, disposal=1,
        comment=told.provenance.encode()[:60_000],
    )  # fmt: skip
    return out.getvalue()


def _in_256(frames: Sequence[Image.Image]) -> Iterable[Image.Image]:
    """Return the frames in 256 colours each: one palette of all would flicker less, and show less of each."""
    return [frame.quantize(256, Image.Quantize.MEDIANCUT) for frame in frames]


def _apng(frames: Sequence[Image.Image], told: Captions, seconds: float) -> bytes:
    info, out = PngInfo(), io.BytesIO()
    info.add_itxt("Description", told.provenance)
    info.add_text("Software", config.software())
    frames[0].save(
        out, "PNG", save_all=True, append_images=list(frames[1:]), duration=round(seconds * 1000), loop=0, pnginfo=info
    )
    return out.getvalue()
