"""Pairs with mapped landslides on disk: folders in GLaD4CD's layout, and masks made elsewhere."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import masks, rasters
from app.bands import ALL_BANDS, CLOUD_MASK, TRUTH
from app.errors import GridError, InputError, TruthMissingError
from app.grid import Grid
from app.truth import UNKNOWN

if TYPE_CHECKING:
    import xarray as xr

LABELLED_PARTS = ("VALIDATION", "TEST")  # GLaD4CD v1 and v2 name their labelled part so
BEFORE, AFTER, LABEL = "A", "B", "LABEL"
# channels of a file that does not name them: GLaD4CD v1 has 5, v2 13
CHANNELS: dict[int, tuple[str, ...]] = {
    4: ("B02", "B03", "B04", "B08"),
    5: ("B02", "B03", "B04", "B08", CLOUD_MASK),
    12: ALL_BANDS,
    13: (*ALL_BANDS, CLOUD_MASK),
}


@dataclass(frozen=True)
class LabelledPair:
    """The three files of one event."""

    event: str
    t1: Path
    t2: Path
    label: Path


@dataclass(frozen=True)
class MaskPair:
    """A prediction and the truth of one event, each a mask file."""

    event: str
    predicted: Path
    truth: Path


def labelled_pairs(directory: Path | str) -> tuple[list[LabelledPair], list[tuple[str, str]]]:
    """Return the labelled pairs under a GLaD4CD folder, and (event, reason) for those not whole.

    ``directory`` holds ``VALIDATION`` or ``TEST`` (directly or one folder down), or is such a
    folder: ``A``, ``B`` and ``LABEL`` with one ``{event}.tif`` each. Raises InputError otherwise,
    and where two parts hold the same event, which would then count twice.
    """
    parts = _labelled_parts(Path(directory))
    pairs, faults = [], []
    held: dict[str, Path] = {}
    for part in parts:
        files = {kind: _by_event(part / kind, rasters.TIFF_ENDINGS) for kind in (BEFORE, AFTER, LABEL)}
        for event in sorted(set().union(*files.values()), key=_natural):
            if event in held:
                raise InputError(f"{held[event]} and {part} both hold event {event}; give one of these folders.")
            held[event] = part
            missing = [kind for kind, found in files.items() if event not in found]
            if missing:
                faults.append((event, f"{part.name} has no {' and no '.join(missing)} for event {event}."))
            else:
                pairs.append(LabelledPair(event, *(files[kind][event] for kind in (BEFORE, AFTER, LABEL))))
    if not pairs:
        raise InputError(
            f"{directory} holds no complete pair: A, B and LABEL need files of the same name, like 41.tif."
        )
    return pairs, faults


def open_pair(pair: LabelledPair, band_names: Sequence[str] | None = None) -> tuple["xr.Dataset", tuple[str, ...]]:
    """Return a labelled pair as a patch with ``truth``, and notes on how it was read.

    Channels are named by ``band_names``, else by the files, else by their number (``CHANNELS``).
    Whether values are reflectance or digital numbers is detected and stated. A label on other
    pixels is resampled by the nearest one, which is stated too. Raises InputError for files that
    cannot be read, and GridError for a label of another place.
    """
    names = band_names or _default_channels(pair.t1)
    truth = masks.read_mask(pair.label)
    attrs = {"source": "published", "event_id": pair.event}
    patch, notes = rasters.read_pair(pair.t1, pair.t2, names, placed=False, attrs=attrs)
    from app import patches

    on = patches.grid_of(patch)
    placed = on if on.placed else None
    shape = (patch.sizes["y"], patch.sizes["x"])
    origin = masks.mask_origin(pair.label)
    truth, done = _onto(truth, origin.grid, shape, placed, f"The label of event {pair.event}")
    simulated = int(patches.is_simulated(patch) or origin.simulated)
    return patch.assign({TRUTH: (("y", "x"), truth)}).assign_attrs(simulated=simulated), notes + done


def mask_pairs(predicted: Path | str, truth: Path | str) -> tuple[list[MaskPair], list[tuple[str, str]]]:
    """Return the predictions that have a truth, and (event, reason) for truths without a prediction.

    Files are matched by event: ``41.png``, ``GT_41.tif`` and ``pred_41.png`` are all event 41.
    Raises InputError where a folder is missing, ambiguous, or nothing matches.
    """
    made, known = (_by_event(Path(folder), masks.MASK_ENDINGS) for folder in (predicted, truth))
    both = sorted(made.keys() & known.keys(), key=_natural)
    if not both:
        raise TruthMissingError(
            f"No mask in {predicted} has a truth in {truth}; name both after the event, like 41.png and 41.tif."
        )
    faults = [(event, "There is no prediction for it.") for event in sorted(known.keys() - made.keys(), key=_natural)]
    return [MaskPair(event, made[event], known[event]) for event in both], faults


def open_masks(pair: MaskPair) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return prediction and truth, each uint8 (y, x) of 1, 0 and 255, on the truth's pixels, and notes.

    Where both files say where they lie, the nearest pixel on the ground is taken; else the nearest
    where one is stretched over the other. Raises GridError for files of different places.
    """
    predicted, truth = masks.read_mask(pair.predicted), masks.read_mask(pair.truth)
    held, on = (masks.mask_origin(path).grid for path in (pair.predicted, pair.truth))
    predicted, notes = _onto(predicted, held, truth.shape, on, pair.predicted.name)
    return predicted, truth, notes


def _onto(
    mask: np.ndarray, held: Grid | None, shape: tuple[int, int], on: Grid | None, name: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return a mask on the pixels of ``shape`` at ``on``, and a note where it had to be resampled."""
    if held is None or on is None:
        if mask.shape == shape:
            return mask, ()
        return masks.to_shape(mask, shape), (f"{name} was resampled from {mask.shape} to {shape}, nearest pixel.",)
    if _same_pixels(held, on):
        return mask, ()
    moved = masks.to_grid(mask, held, on)
    if (moved == UNKNOWN).all() and not (mask == UNKNOWN).all():
        raise GridError(
            f"{name} lies in another place than what it is compared with; check which files belong together."
        )
    change = f"from {held.height} x {held.width} to {on.height} x {on.width} pixels"
    return moved, (f"{name} was resampled {change}, nearest pixel on the ground; outside of it nothing is counted.",)


def _same_pixels(one: Grid, other: Grid) -> bool:
    """Whether two grids are the same to a hundredth of a pixel."""
    if one.crs != other.crs or one.shape != other.shape:
        return False
    return float(np.abs(np.subtract(one.bbox, other.bbox)).max()) <= 0.01 * other.res_x


def _labelled_parts(directory: Path) -> list[Path]:
    if not directory.is_dir():
        raise InputError(f"There is no folder {directory}; check the path.")
    candidates = [directory, *(folder for folder in sorted(directory.iterdir()) if folder.is_dir())]
    candidates += [folder / name for folder in candidates for name in LABELLED_PARTS if folder != directory]
    parts = [
        folder
        for folder in dict.fromkeys(candidates)
        if (folder == directory or folder.name in LABELLED_PARTS)
        and all((folder / kind).is_dir() for kind in (BEFORE, AFTER, LABEL))
    ]
    if not parts:
        raise InputError(
            f"{directory} is not in GLaD4CD's layout: it needs VALIDATION or TEST with the folders A, B and LABEL."
        )
    return parts


def _by_event(folder: Path, endings: tuple[str, ...]) -> dict[str, Path]:
    """Return event -> file; the event is the name, or the number it ends in."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}; check the path.")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in endings or path.name.startswith("."):
            continue
        number = re.search(r"(?:^|[_\- ])(\d+)$", path.stem)
        event = number.group(1) if number else path.stem
        if event in found:
            raise InputError(f"{folder} holds both {found[event].name} and {path.name} for event {event}; keep one.")
        found[event] = path
    return found


def _default_channels(path: Path) -> tuple[str, ...] | None:
    """Return the names by number of channels, or None where the file names them or the number says nothing."""
    described, count = rasters.channels_described(path)
    return None if described else CHANNELS.get(count)


def _natural(event: str) -> tuple[int, int, str]:
    return (0, int(event), event) if event.isdecimal() else (1, 0, event)
