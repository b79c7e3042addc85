"""The parts of a figure for print: a picture on its coordinates, scale bar, north, outlines, legend, inset map."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from app.config import ROOT
from app.grid import Grid
from app.pictures import render, shapes
from app.pictures.scale_bar import length_words, round_length
from app.pictures.shapes import POINT, Shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

FONT_PT = 6.5
INK, PALE, DRAWN = "#111111", "#444444", "#00e5ff"
COLOURS = render.METHOD_COLOURS
_INCH = 25.4
_TICK_MM = 15.0  # of a panel's side that the words of a coordinate take
_BAR_SHARE = 0.35  # of a panel's width that its scale bar takes at most
_LAND, _SEA = "#c9c5bb", "#eef2f5"
Entry = tuple[str, str]  # colour and words


@dataclass(frozen=True, eq=False)
class Outlined:
    """What a method detected, bool (y, x), and how the legend calls it."""

    words: str
    mask: np.ndarray


@dataclass(frozen=True, eq=False)
class Paper:
    """A drawing whose places are told in millimetres from its lower left corner."""

    drawing: "Drawing"
    width_mm: float
    height_mm: float

    def axes(self, left: float, bottom: float, wide: float, high: float) -> "Axes":
        """Return new axes at a place."""
        box = (left / self.width_mm, bottom / self.height_mm, wide / self.width_mm, high / self.height_mm)
        return self.drawing.add_axes(box)

    def text(self, left: float, top: float, said: str, colour: str = INK, size: float = FONT_PT, **more: Any) -> None:
        """Write a line whose upper left corner is at a place; dollar signs are no formulas."""
        self.drawing.text(
            left / self.width_mm,
            top / self.height_mm,
            said,
            color=colour,
            fontsize=size,
            va="top",
            parse_math=False,
            **more,
        )


def position(latitude: float, longitude: float) -> str:
    """Return a place as it stands in a figure."""
    return f"{_degrees(latitude, 'NS', 5)}, {_degrees(longitude, 'EW', 5)}"


def ground(axes: "Axes", picture: np.ndarray, grid: Grid, name: str, *, first: bool, last: bool) -> None:
    """Draw a picture, uint8 (y, x, 3), on its coordinates; ``first`` has those of the north, ``last`` the arrow."""
    west, south, east, north = grid.bbox
    across, down = grid.proportions
    aspect = (down / grid.res_y) / (across / grid.res_x)
    axes.imshow(picture, extent=(west, east, south, north), aspect=aspect, interpolation="nearest")
    axes.set_title(name, fontsize=FONT_PT + 1, color=INK, pad=2.5, loc="left", parse_math=False)
    for side in axes.spines.values():
        side.set(color=INK, linewidth=0.5)
    _ticks(axes, grid, first)
    if grid.placed:
        _scale_bar(axes, grid)
        if last:
            _north(axes)


def stamp(axes: "Axes", word: str) -> None:
    """Write a word across a picture, where it cannot be cut off without cutting the ground."""
    size = min(FONT_PT + 3, 0.3 * _size_mm(axes)[0])
    axes.text(
        0.03, 0.97, word, transform=axes.transAxes, fontsize=size, color="white", weight="bold", ha="left",
        va="top", path_effects=_halo("black", 2),
    )  # fmt: skip


def outline(axes: "Axes", one: Outlined, grid: Grid, colour: tuple[int, int, int]) -> None:
    """Draw the edge of a mask along its pixels."""
    from affine import Affine
    from matplotlib.collections import LineCollection
    from rasterio.features import shapes as traced

    mask = one.mask.astype(np.uint8)
    found = traced(mask, mask=one.mask, connectivity=4, transform=Affine(*grid.transform))
    rings = [np.asarray(ring) for geometry, _ in found for ring in geometry["coordinates"]]
    axes.add_collection(LineCollection(rings, colors=[_hex(colour)], linewidths=0.9, path_effects=_halo("black", 1.6)))


def drawn(axes: "Axes", every: Sequence[Shape], grid: Grid) -> None:
    """Draw what a reader drew, each with its number."""
    for number, one in enumerate(every, start=1):
        places = np.asarray(shapes.in_crs(one, grid))
        if one.kind == POINT:
            axes.plot(
                *places[0], marker="+", color=DRAWN, markersize=6, markeredgewidth=1, path_effects=_halo("black", 2)
            )
        else:
            ring = np.vstack([places, places[:1]])
            axes.plot(ring[:, 0], ring[:, 1], color=DRAWN, linewidth=0.9, path_effects=_halo("black", 1.8))
        axes.annotate(
            str(number), places[0], xytext=(2, 2), textcoords="offset points", fontsize=FONT_PT, color=DRAWN,
            path_effects=_halo("black", 1.5), annotation_clip=True,
        )  # fmt: skip


def entries(outlined: Sequence[Outlined], told: Sequence[str]) -> list[Entry]:
    """Return the legend: a line for each method, and one for all that was drawn."""
    lines = [(_hex(COLOURS[n % len(COLOURS)]), one.words) for n, one in enumerate(outlined)]
    return [*lines, *([(DRAWN, f"Drawn: {'; '.join(told)}")] if told else [])]


def legend(frame: Paper, every: Sequence[Entry], left: float, top: float, line: float = 3.1) -> None:
    """Write a legend, a short stroke before each line."""
    from matplotlib.lines import Line2D

    for row, (colour, said) in enumerate(every):
        y = (top - row * line - 1.2) / frame.height_mm
        x = [part / frame.width_mm for part in (left, left + 5)]
        frame.drawing.add_artist(Line2D(x, [y, y], color=colour, linewidth=1.6, path_effects=_halo("black", 2.4)))
        frame.text(left + 6.5, top - row * line, said)


def bar(frame: Paper, ramp: np.ndarray, ends: tuple[str, str], name: str, left: float, top: float, wide: float) -> None:
    """Draw a ramp, uint8 (n, 3), with the numbers at its ends and what it is of."""
    axes = frame.axes(left, top, wide, 2.6)
    axes.imshow(ramp[None], aspect="auto")
    axes.set(xticks=[], yticks=[])
    for side in axes.spines.values():
        side.set(color=PALE, linewidth=0.4)
    for place, said, way in ((0, ends[0], "left"), (1, ends[1], "right")):
        axes.text(place, -0.25, said, transform=axes.transAxes, fontsize=FONT_PT - 0.5, color=PALE, ha=way, va="top")
    axes.text(1.03, 0.5, name, transform=axes.transAxes, fontsize=FONT_PT, color=INK, va="center", parse_math=False)


def map_size(width_mm: float) -> tuple[float, float]:
    """Return the width and height of the inset map in millimetres."""
    wide = min(48.0, 0.3 * width_mm)
    return wide, wide * 144 / 360


def world(frame: Paper, longitude: float, latitude: float, right: float, top: float, size: tuple[float, float]) -> None:
    """Draw the world with a dot where the patch lies, its upper right corner at a place."""
    from matplotlib.collections import PolyCollection

    axes = frame.axes(right - size[0], top - size[1], *size)
    axes.set(xlim=(-180, 180), ylim=(-60, 84), xticks=[], yticks=[], facecolor=_SEA)
    axes.add_collection(PolyCollection(_land(), facecolors=_LAND, edgecolors="none"))
    axes.plot([longitude], [latitude], marker="o", markersize=3.2, color="#c0392b", markeredgecolor="white",
              markeredgewidth=0.6)  # fmt: skip
    for side in axes.spines.values():
        side.set(color=PALE, linewidth=0.4)


@cache
def _land() -> list[np.ndarray]:
    """Return the outer rings of the world's land, in degrees."""
    features = json.loads((ROOT / "static" / "world.geojson").read_text("utf-8"))["features"]
    held = (one["geometry"] for one in features)
    every = (one["coordinates"] if one["type"] == "MultiPolygon" else [one["coordinates"]] for one in held)
    return [np.asarray(polygon[0]) for polygons in every for polygon in polygons]


def _ticks(axes: "Axes", grid: Grid, first: bool) -> None:
    if not grid.placed:
        axes.set(xticks=[], yticks=[])
        return
    west, south, east, north = grid.bbox
    axes.tick_params(labelsize=FONT_PT - 1, length=1.8, width=0.4, pad=1.2, colors=INK, labelleft=first)
    sides = ((west, east, axes.set_xticks, "EW"), (south, north, axes.set_yticks, "NS"))
    for (low, high, place, letters), long_mm in zip(sides, _size_mm(axes), strict=True):
        places = _round_places(low, high, int(long_mm // _TICK_MM))
        digits = _digits(places)
        place(places, [_coordinate(one, grid, letters, digits) for one in places])
    for label in axes.get_yticklabels():
        label.set(rotation=90, va="center")


def _size_mm(axes: "Axes") -> tuple[float, float]:
    place, drawing = axes.get_position(), axes.get_figure(root=True)
    assert drawing is not None  # it was drawn into one
    wide, high = drawing.get_size_inches()
    return float(place.width * wide * _INCH), float(place.height * high * _INCH)


def _round_places(low: float, high: float, most: int) -> list[float]:
    """Return at most so many round numbers between two ends, none so close to an end that it would be cut off."""
    from matplotlib.ticker import MaxNLocator

    margin = 0.16 * (high - low)
    found = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)
    inside = [float(one) for one in found if low + margin <= one <= high - margin]
    return inside[:: -(-len(inside) // max(most, 1)) or 1]


def _digits(places: Sequence[float]) -> int:
    """Return how many decimals tell places in degrees apart."""
    step = places[1] - places[0] if len(places) > 1 else 1e-3
    return min(7, max(1, math.ceil(-math.log10(step) - 1e-9)))


def _coordinate(value: float, grid: Grid, letters: str, digits: int) -> str:
    return _degrees(value, letters, digits) if grid.geographic and grid.unit == "degree" else f"{value:,.0f}"


def _scale_bar(axes: "Axes", grid: Grid) -> None:
    from matplotlib.patches import Rectangle

    west, south, east, north = grid.bbox
    metres = round_length(grid.pixel_m[0] * grid.width * _BAR_SHARE)
    long = metres / grid.pixel_m[0] * grid.res_x
    left, bottom, high = west + 0.04 * (east - west), south + 0.04 * (north - south), 0.012 * (north - south)
    for part, colour in ((0, "black"), (1, "white")):
        axes.add_patch(
            Rectangle((left + part * long / 2, bottom), long / 2, high, facecolor=colour, edgecolor="black", lw=0.5)
        )
    axes.text(
        left + long / 2, bottom + 1.8 * high, length_words(metres), fontsize=FONT_PT, color="white", ha="center",
        va="bottom", path_effects=_halo("black", 1.6),
    )  # fmt: skip


def _north(axes: "Axes") -> None:
    arrow = {"arrowstyle": "-|>", "color": "white", "linewidth": 1.1, "shrinkA": 0, "path_effects": _halo("black", 2)}
    axes.annotate(
        "N", (0.94, 0.98), (0, -24), xycoords="axes fraction", textcoords="offset points", fontsize=FONT_PT + 1,
        color="white", weight="bold", ha="center", va="top", path_effects=_halo("black", 1.8), arrowprops=arrow,
    )  # fmt: skip


def _halo(colour: str, width: float) -> list[Any]:
    from matplotlib.patheffects import Normal, Stroke

    return [Stroke(linewidth=width, foreground=colour), Normal()]


def _degrees(value: float, letters: str, digits: int) -> str:
    return f"{abs(value):.{digits}f}° {letters[int(value < 0)]}"


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
