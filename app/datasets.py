"""Pairs with mapped landslides on disk: folders in GLaD4CD's layout, and masks made elsewhere."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import masks, rasters
from app.bands import ALL_BANDS, CLOUD_MASK, TRUTH
from app.errors import GridError, InputError, TruthMissingError
from app.grid import Grid
from app.masks import Mask, matching, outlines
from app.masks.outlines import OUTLINE_ENDINGS
from app.rasters import TIFF_ENDINGS
from app.truth import LANDSLIDE, UNKNOWN

if TYPE_CHECKING:
    import xarray as xr

LABELLED_PARTS = ("VALIDATION", "TEST")  # GLaD4CD v1 and v2 name their labelled part so
BEFORE, AFTER, LABEL = "A", "B", "LABEL"
TRUTH_ENDINGS = (*masks.MASK_ENDINGS, *OUTLINE_ENDINGS)
# what a person may take for a mask or for outlines, and what is said of it where it is not read
_OTHER_KINDS = {
    ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".jp2", ".img", ".vrt", ".npy", ".npz", ".nc", ".mat", ".shp", ".gpkg",
    ".kml", ".kmz", ".fgb", ".json", ".geojson", ".zip", *masks.MASK_ENDINGS,
}  # fmt: skip
Fault = tuple[str, str]  # event, and why it is not scored
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
    how: str = ""  # the names had to be read closely


@dataclass(frozen=True)
class _Listed:
    """The files of a folder that can be read, and (event, reason) for those that cannot."""

    files: tuple[Path, ...]
    others: tuple[Fault, ...]


def labelled_pairs(directory: Path | str, known: Collection[str] = ()) -> tuple[list[LabelledPair], list[Fault]]:
    """Return the labelled pairs under a GLaD4CD folder, and (event, reason) for what is in none.

    ``directory`` holds ``VALIDATION`` or ``TEST`` (directly or one folder down), or is such a
    folder: ``A``, ``B`` and ``LABEL`` with one file for each event (see ``app.masks.matching``), a label
    also as PNG or as outlines in GeoJSON. ``known`` are the inventory's ids. Raises InputError
    otherwise, and where two parts hold the same event, which would then count twice.
    """
    pairs, faults = [], []
    held: dict[str, Path] = {}
    for part in _labelled_parts(Path(directory)):
        found, wrong = _of_part(part, known)
        for event in (pair.event for pair in found):
            if event in held:
                raise InputError(f"{held[event]} and {part} both hold event {event}; give one of these folders.")
            held[event] = part
        pairs += found
        faults += wrong
    if not pairs:
        raise InputError(
            f"{directory} holds no complete pair: A, B and LABEL need files of the same name, like 41.tif."
            + (f" {faults[0][1]}" if faults else "")
        )
    return pairs, faults


def _of_part(part: Path, known: Collection[str]) -> tuple[list[LabelledPair], list[Fault]]:
    """Return the pairs of one folder with A, B and LABEL, and what is in none."""
    before, after, labels = (
        _listed(part / kind, endings)
        for kind, endings in ((BEFORE, TIFF_ENDINGS), (AFTER, TIFF_ENDINGS), (LABEL, TRUTH_ENDINGS))
    )
    dates, truths = matching.match(before.files, after.files, known), matching.match(before.files, labels.files, known)
    label_of = {path: label for _, path, label in truths.pairs}
    pairs = [LabelledPair(event, a, b, label_of[a]) for event, a, b in dates.pairs if a in label_of]
    faults = dict((*truths.doubled, *dates.doubled))
    held: dict[str, set[str]] = {}
    found: dict[str, list[tuple[str, Path] | tuple[str, Path, Path]]] = {
        BEFORE: [*dates.pairs, *dates.only_left, *truths.only_left],
        AFTER: [*dates.pairs, *dates.only_right],
        LABEL: [*truths.pairs, *truths.only_right],
    }
    for kind, of_kind in found.items():
        for event, *_ in of_kind:
            held.setdefault(event, set()).add(kind)
    dated = {pair.t1 for pair in pairs}
    whole = {pair.event for pair in pairs} | {event for event, path, _ in truths.pairs if path in dated}
    for event in sorted(held.keys() - whole - faults.keys(), key=matching.natural):
        missing = [kind for kind in (BEFORE, AFTER, LABEL) if kind not in held[event]]
        faults[event] = f"{part.name} has no {' and no '.join(missing)} for event {event}."
    return pairs, [*faults.items(), *_alone((*before.others, *after.others, *labels.others), whole)]


def open_pair(pair: LabelledPair, band_names: Sequence[str] | None = None) -> tuple["xr.Dataset", tuple[str, ...]]:
    """Return a labelled pair as a patch with ``truth``, and notes on how it was read.

    Channels are named by ``band_names``, else by the files, else by their number (``CHANNELS``).
    Whether values are reflectance or digital numbers is detected and stated. A label on other
    pixels is resampled by the nearest one, which is stated too. Raises InputError for files that
    cannot be read, and GridError for a label of another place.
    """
    names = band_names or _default_channels(pair.t1)
    attrs = {"source": "published", "event_id": pair.event}
    patch, notes = rasters.read_pair(pair.t1, pair.t2, names, placed=False, attrs=attrs)
    if pair.label.suffix.lower() in OUTLINE_ENDINGS:
        from app import patches

        truth, done = outlines.rasterised(pair.label, patches.grid_of(patch))
        return patch.assign({TRUTH: (("y", "x"), truth)}), (*notes, *_said("Truth", done))
    known, said = labelled(patch, pair.label, f"The label of event {pair.event}")
    return known, (*notes, *said)


def labelled(patch: "xr.Dataset", mask: Path, name: str) -> tuple["xr.Dataset", tuple[str, ...]]:
    """Return a patch with a mask as its truth, brought to its pixels, and notes on both; ``name`` stands in them.

    Raises InputError for a file that cannot be read, and GridError for a mask of another place.
    """
    from app import patches

    on, label = patches.grid_of(patch), masks.read(mask)
    truth, done = _onto(label.values, label.grid, on.shape, on if on.placed else None, name)
    simulated = int(patches.is_simulated(patch) or label.simulated)
    known = patch.assign({TRUTH: (("y", "x"), truth)}).assign_attrs(simulated=simulated)
    return known, (*_said("Truth", _about(label)), *done)


def mask_pairs(
    predicted: Path | str, truth: Path | str, known: Collection[str] = ()
) -> tuple[list[MaskPair], list[Fault]]:
    """Return the predictions that have a truth, and (event, reason) for every file that is in no pair.

    Files are matched by event (see ``app.masks.matching``): ``41.png``, ``GT_41.tif``, ``41_mask.png`` and
    ``task-41-annotation-5.png`` are all event 41; a truth may also be outlines in GeoJSON. ``known``
    are the inventory's ids. Raises InputError where a folder is missing, the names can be read in
    two ways, or nothing matches.
    """
    made, mapped = _listed(Path(predicted), masks.MASK_ENDINGS), _listed(Path(truth), TRUTH_ENDINGS)
    found = matching.match(made.files, mapped.files, known)
    others = [*found.doubled, *_alone((*made.others, *mapped.others), {event for event, *_ in found.pairs})]
    if not found.pairs:
        raise TruthMissingError(
            f"No mask in {predicted} has a truth in {truth}; name both after the event, like 41.png and 41.tif."
            + (f" {others[0][1]}" if others else "")
        )
    left = [
        *((event, "There is no prediction for it.") for event, _ in found.only_right),
        *((event, f"There is no truth for {path.name}.") for event, path in found.only_left),
    ]
    return [MaskPair(event, one, other, found.how) for event, one, other in found.pairs], [*left, *others]


def open_masks(pair: MaskPair) -> tuple[Mask, Mask, tuple[str, ...]]:
    """Return prediction and truth on the truth's pixels, and notes on how they were read.

    Where both files say where they lie, the nearest pixel on the ground is taken; else the nearest
    where one is stretched over the other. Outlines are laid on the prediction's pixels, which then
    have to say where they lie. Raises GridError for files of different places.
    """
    predicted = masks.read(pair.predicted)
    drawn = pair.truth.suffix.lower() in OUTLINE_ENDINGS
    truth = _outlined(pair, predicted) if drawn else masks.read(pair.truth)
    values, done = _onto(predicted.values, predicted.grid, truth.values.shape, truth.grid, pair.predicted.name)
    said = (*_said("Prediction", _about(predicted)), *_said("Truth", _about(truth)))
    return replace(predicted, values=values), truth, (*((pair.how,) if pair.how else ()), *said, *done)


def _outlined(pair: MaskPair, predicted: Mask) -> Mask:
    """Return outlines on the prediction's pixels."""
    if predicted.grid is None:
        raise GridError(
            f"{pair.truth.name} holds outlines on the ground, and {pair.predicted.name} does not say where its pixels "
            "lie; give the prediction as a GeoTIFF with its place, or the truth as a mask."
        )
    values, notes = outlines.rasterised(pair.truth, predicted.grid)
    return Mask(values, predicted.grid, notes=notes)


def _about(mask: Mask) -> tuple[str, ...]:
    """Return what is to be said of a mask: how it was read, what of it is unknown, and that nothing is in it."""
    said = list(mask.notes)
    if mask.unknown:
        said.append(f"{mask.unknown:,} of {mask.values.size:,} pixels are unknown and are not counted.")
    if mask.unknown < mask.values.size and not (mask.values == LANDSLIDE).any():
        said.append("no pixel is landslide.")
    return tuple(said)


def _said(what: str, notes: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{what}: {note}" for note in notes)


def _onto(
    mask: np.ndarray, held: Grid | None, shape: tuple[int, int], on: Grid | None, name: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return a mask on the pixels of ``shape`` at ``on``, and a note where it had to be resampled."""
    if held is None or on is None:
        if mask.shape == shape:
            return mask, ()
        return masks.to_shape(mask, shape), (f"{name} was resampled from {mask.shape} to {shape}, nearest pixel.",)
    if held.same_as(on):
        return mask, ()
    moved = masks.to_grid(mask, held, on)
    if (moved == UNKNOWN).all() and not (mask == UNKNOWN).all():
        raise GridError(
            f"{name} lies in another place than what it is compared with; check which files belong together."
        )
    change = f"from {held.height} x {held.width} to {on.height} x {on.width} pixels"
    return moved, (f"{name} was resampled {change}, nearest pixel on the ground; outside of it nothing is counted.",)


def _labelled_parts(directory: Path) -> list[Path]:
    if not directory.is_dir():
        raise InputError(f"There is no folder {directory}; check the path.")
    try:
        parts = _parts(directory)
    except OSError as error:
        why = f"{directory} cannot be looked into ({error.strerror})"
        raise InputError(f"{why}; ask for the right to read it.") from error
    if not parts:
        raise InputError(
            f"{directory} is not in GLaD4CD's layout: it needs VALIDATION or TEST with the folders A, B and LABEL."
        )
    return parts


def _parts(directory: Path) -> list[Path]:
    """Return the folders that hold A, B and LABEL: the directory itself, or one named as a labelled part in it."""
    candidates = [directory, *(folder for folder in sorted(directory.iterdir()) if folder.is_dir())]
    candidates += [folder / name for folder in candidates for name in LABELLED_PARTS if folder != directory]
    return [
        folder
        for folder in dict.fromkeys(candidates)
        if (folder == directory or folder.name in LABELLED_PARTS)
        and all((folder / kind).is_dir() for kind in (BEFORE, AFTER, LABEL))
    ]


def _alone(others: Iterable[Fault], whole: Collection[str]) -> list[Fault]:
    """Return what is said of files of other kinds, but for those that only stand beside a pair of their event."""
    return [(event, reason) for event, reason in others if event not in whole]


def _listed(folder: Path, endings: tuple[str, ...]) -> _Listed:
    """Return the files of a folder by name; raises InputError where it cannot be looked into."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}; check the path.")
    try:
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise InputError(f"{folder} cannot be looked into ({error.strerror}); ask for the right to read it.") from error
    others = [path for path in found if path.suffix.lower() in _OTHER_KINDS - set(endings)]
    why = f"cannot be scored: files have to end in {', '.join(endings)}."
    return _Listed(
        tuple(path for path in found if path.suffix.lower() in endings),
        tuple((matching.event_of(path.stem), f"{path.name} {why}") for path in others),
    )


def _default_channels(path: Path) -> tuple[str, ...] | None:
    """Return the names by number of channels, or None where the file names them or the number says nothing."""
    described, count = rasters.channels_described(path)
    return None if described else CHANNELS.get(count)
