"""Both dates as a figure for a paper: title, scale bar, north, coordinates, legend, inset map, whose the data are."""

import io
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app import config, patches
from app.errors import InputError
from app.export import panels
from app.export.panels import COLOURS, FONT_PT, PALE, Outlined
from app.pictures import compositions, render, shapes
from app.pictures.shapes import Shape

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from app.pictures.compositions import Composition
    from app.pictures.contrast import Stretch

KINDS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
WIDTH_MM, WIDTHS_MM = 180.0, (80.0, 420.0)  # two columns of most journals; one column to the width of A3
DPI, DPIS = 300, (72, 1200)
MOST_PX = 100_000_000  # of a figure: some 400 MB while it is drawn
_TITLE_LENGTH = 200
_MOST_YEARS = 3  # that are named one by one
# whose the data are, with the years that may stand there already: those of the figure take their place
_COPERNICUS = re.compile(r"copernicus sentinel(?:-2)? data(?: \(?\d{4}(?:(?: to |, |-)\d{4})*\)?)?", re.IGNORECASE)

# millimetres
_INCH, _LEFT, _RIGHT, _GAP, _TOP, _TICKS, _LINE, _TALLEST = 25.4, 8.0, 2.5, 3.5, 13.5, 5.5, 3.1, 230.0
_BAR_WORDS = 24.0  # millimetres beside a bar of colours
_LETTER = 0.19 * FONT_PT  # of a letter's width, on average


@dataclass(frozen=True)
class FigureLook:
    """What a figure shows and how large it is; names of composition and stretch as in ``app.pictures``.

    ``change`` is a band or index whose difference is a third panel; ``title`` replaces the usual one; ``outlined`` is
    what methods detected, each with its words and bool (y, x); ``drawn`` what the reader drew.
    """

    composition: str
    stretch: str = ""
    width_mm: float = WIDTH_MM
    dpi: int = DPI
    title: str = ""
    change: str = ""
    outlined: tuple[Outlined, ...] = ()
    drawn: tuple[Shape, ...] = ()
    link: str = ""

    def __post_init__(self) -> None:
        for value, (least, most), what in (
            (self.width_mm, WIDTHS_MM, "millimetres wide"), (self.dpi, DPIS, "dots an inch"),
        ):  # fmt: skip
            if not least <= value <= most:
                raise InputError(f"A figure is {least:g} to {most:g} {what}, not {value:g}.")
        if len(self.title) > _TITLE_LENGTH:
            raise InputError(f"The title of a figure has at most {_TITLE_LENGTH} characters; shorten it.")


def draw(patch: "xr.Dataset", look: FigureLook, kind: str = "png", place: str = "") -> bytes:
    """Return the figure of a patch as PNG, SVG or PDF; ``place`` is what the inventory says of where it is.

    Raises InputError for another kind, for one that would have too many pixels, or for a composition that is not
    known, and BandMissingError where the patch lacks its bands.
    """
    if kind not in KINDS:
        raise InputError(f"A figure is {', '.join(KINDS)}, not {kind[:20]}.")
    drawing = drawing_of(patch, look, place)
    wide, high = (side * look.dpi for side in drawing.get_size_inches())
    if kind == "png" and wide * high > MOST_PX:
        raise InputError(f"A figure of {wide:,.0f} x {high:,.0f} pixels is too large; choose fewer dots an inch.")
    out = io.BytesIO()
    drawing.savefig(out, format=kind, dpi=look.dpi, metadata=_metadata(patch, look, kind))
    return out.getvalue()


def attribution(patch: "xr.Dataset") -> str:
    """Return whose the data of a patch or a stack are: with the years of its dates, or that they are SIMULATED."""
    said = str(patch.attrs.get("attribution", "")).rstrip(".")
    if patches.is_simulated(patch):
        return said or "SIMULATED; not Sentinel-2 data"
    return dated(said, patch["time"].values) or f"Source of the images: {patch.attrs.get('source', 'not known')}"


def dated(said: str, days: Iterable[object]) -> str:
    """Return whose the data are with the years of ISO days, where it is Copernicus that wants them named."""
    years = sorted({str(day)[:4] for day in days} - {"NaT"})
    told = f"{years[0]} to {years[-1]}" if len(years) > _MOST_YEARS else ", ".join(years)
    return _COPERNICUS.sub(f"Copernicus Sentinel data {told}".strip(), said)


def usual_title(patch: "xr.Dataset") -> str:
    """Return what stands over a figure where nobody named it."""
    event, day = str(patch.attrs.get("event_id", "")), str(patch.attrs.get("event_date", ""))
    said = f"Event {event}" if event else "Before and after"
    return f"{said}, {day}" if day else said


def drawing_of(patch: "xr.Dataset", look: FigureLook, place: str = "") -> "Drawing":
    """Return the figure before it is written; raises as ``draw`` does."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Drawing

    matplotlib.rcParams["pdf.fonttype"] = 42  # letters stay letters, as journals ask
    composition = compositions.required(patch, look.composition)
    stretch = render.stretch_for(patch, composition.name, look.stretch)
    pictures = _pictures(patch, look, composition, stretch)
    laid = _laid_out(patch, look, composition, stretch, pictures)
    drawing = Drawing(figsize=(look.width_mm / _INCH, laid.total / _INCH), facecolor="white")
    FigureCanvasAgg(drawing)
    frame = panels.Paper(drawing, look.width_mm, laid.total)
    _head(frame, patch, look, place, laid.total)
    grid, last = patches.grid_of(patch), len(pictures) - 1
    for n, (name, (_, picture, _)) in enumerate(zip(laid.names, pictures, strict=True)):
        axes = frame.axes(_LEFT + n * (laid.wide + _GAP), laid.foot + _TICKS, laid.wide, laid.high)
        panels.ground(axes, picture, grid, name, first=n == 0, last=n == last)
        _over(axes, patch, look)
    _bars(frame, composition, stretch, look, patch, laid.foot)
    under = laid.foot - laid.bars - 2
    panels.legend(frame, laid.entries, _LEFT, under)
    for row, line in enumerate(laid.words, start=len(laid.entries)):
        frame.text(_LEFT, under - _LINE * row, line, colour=PALE)
    if grid.placed:
        west, south, east, north = grid.bbox_deg
        middle = (west + east) / 2, (south + north) / 2
        panels.world(frame, *middle, look.width_mm - _RIGHT, laid.foot - 1.5, laid.map_mm)
    return drawing


@dataclass(frozen=True)
class _Layout:
    """How large the parts of a figure are, in millimetres, and its words broken to fit them."""

    wide: float  # of a panel
    high: float
    bars: float  # what the bars of colours take under the panels
    foot: float  # everything under the panels
    total: float
    map_mm: tuple[float, float]
    names: list[str]  # of the panels
    entries: list[panels.Entry]
    words: list[str]


def _laid_out(
    patch: "xr.Dataset",
    look: FigureLook,
    composition: "Composition",
    stretch: "Stretch",
    pictures: Sequence[tuple[str, np.ndarray, str]],
) -> _Layout:
    grid, count = patches.grid_of(patch), len(pictures)
    wide = (look.width_mm - _LEFT - _RIGHT - _GAP * (count - 1)) / count
    across, down = grid.proportions
    high = min(wide * grid.height * down / (grid.width * across), _TALLEST)
    map_mm = panels.map_size(look.width_mm) if grid.placed else (0.0, 0.0)
    words = _words(patch, look, composition, stretch, pictures, look.width_mm - _LEFT - _RIGHT - map_mm[0] - _GAP)
    entries = panels.entries(look.outlined, _drawn_words(patch, look))
    bars = 6.5 if composition.ramp is not None or look.change else 0.0
    foot = max(bars + _LINE * (len(entries) + len(words)) + 3, map_mm[1] + 3)
    names = ["\n".join(textwrap.wrap(name, max(12, int(wide / _LETTER)))) for name, _, _ in pictures]
    total = _TOP + _LINE * max(name.count("\n") for name in names) + high + _TICKS + foot
    return _Layout(wide, high, bars, foot, total, map_mm, names, entries, words)


def _over(axes: "Axes", patch: "xr.Dataset", look: FigureLook) -> None:
    """Draw over a picture what every one has: SIMULATED where it is, what was detected, and the reader's shapes."""
    grid = patches.grid_of(patch)
    if patches.is_simulated(patch):
        panels.stamp(axes, render.SIMULATED)
    for number, one in enumerate(look.outlined):
        panels.outline(axes, one, grid, COLOURS[number % len(COLOURS)])
    panels.drawn(axes, look.drawn, grid)


def _pictures(
    patch: "xr.Dataset", look: FigureLook, composition: "Composition", stretch: "Stretch"
) -> list[tuple[str, np.ndarray, str]]:
    """Return each panel's title, its picture, uint8 (y, x, 3), and what has to be said of it."""
    days = patches.said_when(patch)
    names = [f"T{n} {'date not known' if day == 'NaT' else day}" for n, day in enumerate(days, start=1)]
    made = [(name, one, "") for name, one in zip(names, render.pair(patch, composition.name, stretch), strict=True)]
    if look.change:
        picture, said = render.change_picture(patch, look.change)
        made.append((f"Difference of {compositions.change_of(look.change)}", picture, said))
    return made


def _words(
    patch: "xr.Dataset",
    look: FigureLook,
    composition: "Composition",
    stretch: "Stretch",
    pictures: Sequence[tuple[str, np.ndarray, str]],
    width_mm: float,
) -> list[str]:
    """Return the lines under the panels: what is shown and how, on which grid, and whose the data are."""
    marks = "Dotted: cloud or shadow; hatched: no data." if composition.index else "Hatched: no data."
    grid = patches.grid_of(patch)
    on = f" Coordinates: {grid.crs}." if grid.placed and len(grid.crs) < 20 else ""
    sentences = [
        f"{composition.heading}: {composition.shows}. Contrast {stretch}. {marks}{on}",
        *(f"{said}." for _, _, said in pictures if said),
        f"{attribution(patch)}. {config.software()}.",
    ]
    letters = max(20, int(width_mm / _LETTER))
    return [line for sentence in sentences for line in textwrap.wrap(sentence, letters)]


def _drawn_words(patch: "xr.Dataset", look: FigureLook) -> list[str]:
    grid, told = patches.grid_of(patch), []
    for number, one in enumerate(look.drawn, start=1):
        area = shapes.area_m2(one, grid)
        told.append(f"{number} {one.kind}{f', {area:,.0f} m²' if area > 0 else ''}")
    return told


def _head(frame: panels.Paper, patch: "xr.Dataset", look: FigureLook, place: str, total: float) -> None:
    frame.text(_LEFT, total - 2, look.title or usual_title(patch), size=FONT_PT + 2.5, weight="bold")
    grid = patches.grid_of(patch)
    where = ""
    if grid.placed:
        west, south, east, north = grid.bbox_deg
        where = panels.position((south + north) / 2, (west + east) / 2)
    said = " · ".join(part for part in (place, where) if part)
    frame.text(_LEFT, total - 6.2, said, colour=PALE)


def _bars(
    frame: panels.Paper,
    composition: "Composition",
    stretch: "Stretch",
    look: FigureLook,
    patch: "xr.Dataset",
    foot: float,
) -> None:
    """Draw the colours of an index and of a difference with the numbers at their ends."""
    from app.pictures import colours

    apart = stretch.t2_limits is not None
    count = (1 + apart if composition.ramp is not None else 0) + bool(look.change)
    left, wide = _LEFT, min(34.0, (look.width_mm - _LEFT - _RIGHT) / max(count, 1) - _BAR_WORDS)
    ramp = composition.ramp
    for when, name in enumerate(("T1", "T2") if apart else ("",)):
        if ramp is None:
            break
        low, high = stretch.at(when)[0]
        said = f"{composition.title} {name}".strip()
        panels.bar(frame, ramp, (f"{low:.2f}", f"{high:.2f}"), said, left, foot - 4, wide)
        left += wide + _BAR_WORDS
    if look.change:
        limit = render.change_limit(patch, look.change)
        name = f"change of {compositions.change_of(look.change)}"
        panels.bar(frame, colours.CHANGE, (f"{-limit:.2f}", f"{limit:+.2f}"), name, left, foot - 4, wide)


def _metadata(patch: "xr.Dataset", look: FigureLook, kind: str) -> Mapping[str, Any]:
    """Return what the file says of itself, in the words that its format has for it."""
    from app.export import images

    told = images.said(patch, look.link) | {"composition": look.composition, "stretch": look.stretch}
    told |= {"detected": "; ".join(one.words for one in look.outlined)}
    text = "; ".join(f"{name}={value}" for name, value in told.items() if value)
    title = f"{'SIMULATED: ' if patches.is_simulated(patch) else ''}{look.title or usual_title(patch)}"
    if kind == "png":
        return {"Title": title, "Description": text, "Software": config.software(), "Copyright": attribution(patch)}
    if kind == "pdf":
        return {"Title": title, "Subject": text, "Creator": config.software(), "Author": attribution(patch)}
    return {"Title": title, "Description": text, "Creator": config.software(), "Rights": attribution(patch)}
