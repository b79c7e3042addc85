"""A truth that stands in a file beside a pair: a mask, or the outlines of an inventory of any kind."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import datasets, patches
from app.bands import TRUTH
from app.errors import GridError, InputError
from app.inventory import rapid_mapping, reading
from app.inventory.events import Inventory
from app.inventory.given import Given
from app.inventory.kinds import LayerNeededError
from app.inventory.mapped import OutlineIndex, Rule
from app.masks import MASK_ENDINGS
from app.truth import UNKNOWN

if TYPE_CHECKING:
    import xarray as xr

_NO_LAYER = "?"  # asking for it names those there are
_GROUND = re.compile(r"mapped[ _-]?area|area[ _-]?of[ _-]?interest|(?<![a-z])aoi(?![a-z0-9])", re.IGNORECASE)


def with_file(
    patch: "xr.Dataset", path: Path, read: Callable[[Path], Inventory], all_touched: bool = False
) -> tuple["xr.Dataset", dict[str, object], tuple[str, ...]]:
    """Return a patch with the truth in a file, what that is made of, and notes on it.

    A mask is read as everywhere. Of anything else, which ``read`` reads as an inventory, every outline is landslide
    whatever its day, as the file was named for this very pair, and all else is not. Raises InputError for a file
    without outlines, and GridError where none lies on the patch.
    """
    if path.suffix.lower() in MASK_ENDINGS:
        labelled, notes = datasets.labelled(patch, path, path.name)
        return labelled, {"made_of": "mask"}, notes
    index, on = OutlineIndex(read(path).events), patches.grid_of(patch)
    if not len(index):
        raise InputError(f"{path.name} holds no outline of an area to score against; draw landslides as polygons.")
    if not on.placed:
        raise GridError(f"{path.name} holds outlines on the ground, and the pair does not say where its pixels lie.")
    landslide, used = index.all_on(on, all_touched)
    if not used:
        raise GridError(f"{path.name} holds no outline where the pair lies; check which files belong together.")
    rule = Rule(all_touched)
    note = (
        f"Truth: {used:,} of {len(index):,} outlines of {path.name} lie here and are landslide, whatever their day, by "
        f"{rule.words}; all else counts as no landslide."
    )
    made = {"made_of": "outlines", "rule": rule.pixels, "used": used}
    return patch.assign({TRUTH: (("y", "x"), landslide.astype(np.uint8))}), made, (note,)


def is_mapped_ground(name: str) -> bool:
    """Whether a file or a layer is of the ground that was looked at, by its name."""
    return _GROUND.search(name) is not None


def slides_and_ground(path: Path) -> tuple[str, str] | None:
    """Return the layer of outlines and that of the ground that was mapped, where a file has just these two.

    Of a rapid mapping package these are what was observed and the area of interest, among whatever else it holds.
    """
    layers = () if path.suffix.lower() in MASK_ENDINGS else _layers(path)
    ground = [one for one in layers if is_mapped_ground(one)]
    slides = [one for one in layers if one not in ground]
    if not len(slides) == len(ground) == 1:
        slides, ground = list(rapid_mapping.observed(layers)), list(rapid_mapping.looked_at(layers))
    return (slides[0], ground[0]) if len(slides) == len(ground) == 1 else None


def _layers(path: Path) -> tuple[str, ...]:
    """Return the layers of a file of several; none of any other, and of one that cannot be read, which is said then."""
    try:
        reading.read_file(path, Given(_NO_LAYER))
    except LayerNeededError as error:
        return tuple(error.layers)
    except InputError:
        return ()
    return ()


def with_layers(
    patch: "xr.Dataset", path: Path, layers: tuple[str, str], all_touched: bool = False
) -> tuple["xr.Dataset", dict[str, object], tuple[str, ...]]:
    """Return as ``with_file`` does the truth that two layers of a file are: outlines, and what was mapped."""
    slides, ground = (partial(reading.read_file, given=Given(one)) for one in layers)
    found, made, notes = with_file(patch, path, slides, all_touched)
    found, more = within(found, path, ground)
    said = f"Truth: of {path.name} the layer {layers[0]!r} is landslide, {layers[1]!r} what was mapped."
    return found, made, (said, *notes, *more)


def ground_in(path: Path) -> Inventory:
    """Return the ground that was mapped in a file, of several layers the one that is called so."""
    try:
        return reading.read_file(path)
    except LayerNeededError as error:
        named = [one for one in error.layers if is_mapped_ground(one)]
        if len(named) != 1:
            raise
        return reading.read_file(path, Given(named[0]))


def within(patch: "xr.Dataset", path: Path, read: Callable[[Path], Inventory]) -> tuple["xr.Dataset", tuple[str, ...]]:
    """Return a patch whose truth is unknown outside the ground that was mapped, and notes on it.

    The file is of polygons round that ground, or a mask in which it is 1. Raises InputError and GridError as
    ``with_file`` does, and where nothing of the patch was mapped.
    """
    mapped, _, _ = with_file(patch, path, read)
    inside, landslide = mapped[TRUTH].values == 1, patch[TRUTH].values
    if not inside.any():
        raise GridError(f"By {path.name} nothing was mapped where the pair lies; check which files belong together.")
    lost = int(((landslide == 1) & ~inside).sum())
    note = f"Truth: by {path.name} {inside.mean():.0%} of the pixels were mapped; the others are unknown, no background"
    note += f", {lost:,} pixels of landslide among them." if lost else "."
    return patch.assign({TRUTH: (("y", "x"), np.where(inside, landslide, UNKNOWN).astype(np.uint8))}), (note,)
