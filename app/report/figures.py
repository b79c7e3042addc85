"""The pictures of a report, with what a reader has to know to read them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app import patches, truth
from app.bands import TRUTH
from app.grid import Grid
from app.pictures import compositions, render, shade
from app.pictures.scale_bar import length_words, round_length
from app.terrain import heights

if TYPE_CHECKING:
    import xarray as xr

USUAL = "true-colour"
_CHANGES = ("NDVI", "B04", "B08")  # the first that the bands allow
_BAR_SHARE = 0.3  # of a picture's width that its scale bar takes at most


@dataclass(frozen=True)
class Figure:
    """One picture, encoded, with its title and a sentence; both are text, never markup."""

    title: str
    note: str
    data: bytes
    media: str


@dataclass(frozen=True)
class Scale:
    """How large a picture's ground is: a bar of a round length, its share of the width, and width over height."""

    bar: str
    share: float
    aspect: float


def scale_of(grid: Grid) -> Scale | None:
    """Return the scale of pictures on a grid; None where it lies at no known place."""
    if not grid.placed:
        return None
    across, down = grid.pixel_m
    width, height = across * grid.width, down * grid.height
    bar = round_length(width * _BAR_SHARE)
    return Scale(length_words(bar), bar / width, width / height)


def both_dates(patch: "xr.Dataset", name: str) -> tuple[Figure, Figure]:
    """Return T1 and T2 through one stretch; raises InputError or BandMissingError for a composition named."""
    name = chosen(patch, name)
    composition = compositions.required(patch, name)
    stretch = render.stretch_for(patch, name)
    days, simulated = patches.said_when(patch), patches.is_simulated(patch)
    note = f"{composition.heading}: {composition.shows}. Stretch {stretch}."
    first, second = (
        Figure(f"{when}, {day}", note, *render.encode(picture, simulated))
        for when, day, picture in zip(("T1", "T2"), days, render.pair(patch, name, stretch), strict=True)
    )
    return first, second


def chosen(patch: "xr.Dataset", name: str) -> str:
    """Return the composition to show: the one named, else true colour, else the first that the bands allow."""
    held = compositions.available(patch)
    return name or (USUAL if USUAL in held or not held else held[0])


def changes(patch: "xr.Dataset") -> tuple[Figure, ...]:
    """Return the change of greenness, or of the first band there is; nothing where the bands allow none."""
    held = {*compositions.available(patch), *patches.band_names(patch)}
    of = next((one for one in _CHANGES if one in held), "")
    if not of:
        return ()
    picture, words = render.change_picture(patch, of)
    return (Figure(f"Change of {of}", f"{words}.", *render.encode(picture, patches.is_simulated(patch))),)


def detected(patch: "xr.Dataset", changed: np.ndarray, name: str) -> Figure:
    """Return T2 with what a method found, bool (y, x), and where there is truth, hits, misses and false alarms."""
    name = chosen(patch, name)
    picture = render.pair(patch, name, render.stretch_for(patch, name))[1]
    parts, note = [(changed, render.METHOD_COLOURS[0])], "Yellow: marked as changed, over T2."
    if TRUTH in patch:
        landslide, known = truth.read(patch)
        parts = [
            (changed & landslide & known, render.HIT_COLOUR),
            (changed & ~landslide & known, render.FALSE_COLOUR),
            (~changed & landslide & known, render.MISS_COLOUR),
            (changed & ~known, render.METHOD_COLOURS[0]),
        ]
        note = "Green: found and mapped; orange: found, not mapped; magenta: mapped, not found."
        if (changed & ~known).any():
            note += " Yellow: found where the truth is not known."
    for mask, colour in parts:
        picture = render.painted(picture, mask, colour)
    return Figure("", note, *render.encode(picture, patches.is_simulated(patch)))


def terrain(patch: "xr.Dataset") -> tuple[Figure, ...]:
    """Return hillshade and slope of a patch with heights."""
    height, grid = heights.of(patch), patches.grid_of(patch)
    known = height[np.isfinite(height)]
    range_m = f"{known.min():,.0f} to {known.max():,.0f} m" if known.size else "no height is known"
    notes = {
        "hillshade": f"Elevation {range_m}; lit from the north-west.",
        "slope": "Level ground pale, steep ground dark.",
    }
    return tuple(
        Figure(name.capitalize(), note, *render.encode(shade.picture(name, height, grid), patches.is_simulated(patch)))
        for name, note in notes.items()
    )
