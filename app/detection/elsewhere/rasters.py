"""One raster of detections: a mask, which is decided, or a score, which waits for a threshold."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from app import masks
from app.detection.methods import DECIDED, KINDS, PROBABILITY
from app.errors import DetectionsError
from app.grid import Grid
from app.limits import require_bearable
from app.patches import told_simulated
from app.rasters import TIFF_ENDINGS, grid_in, local_raster, opened
from app.stored.channels import tags_in
from app.truth import UNKNOWN

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

KEPT = ".npz"  # how one that was brought on a page is kept
HALF = 0.5  # the threshold of what is decided, and of a score that names none
_LONGEST = 100  # of what a file says of itself
_UNITS = {kind.unit for kind in KINDS.values()}


@dataclass(frozen=True, eq=False)
class Raster:
    """What a file says of each pixel.

    Where ``unit`` is DECIDED, ``values`` are uint8 (y, x): 1 detected, 0 not, 255 unknown. Else they are scores,
    float32 (y, x), NaN where unknown, larger where change is likelier, with the ``threshold`` to begin at.
    """

    values: np.ndarray
    grid: Grid | None = None  # where its pixels lie, None where the file does not say
    notes: tuple[str, ...] = ()  # how it was read, where that had to be decided
    unit: str = DECIDED
    threshold: float = HALF
    simulated: bool = False

    @property
    def decided(self) -> bool:
        """Whether no threshold is left to choose."""
        return self.unit == DECIDED

    @property
    def unknown(self) -> float:
        """What stands for a pixel of which nothing is said."""
        return UNKNOWN if self.decided else np.nan

    def known(self, values: np.ndarray) -> np.ndarray:
        """Return where ``values`` like its own say something, bool."""
        return values != UNKNOWN if self.decided else np.isfinite(values)


def read(path: Path) -> Raster:
    """Return what a .tif or .png holds, or what ``keep`` wrote.

    Fractions other than 0 and 1 in the one band of a GeoTIFF are a score: in 0 to 1, or in the unit that a file of
    Scarp's own names. All else is a mask, by the rule for every mask. Raises InputError for what is neither.
    """
    if path.suffix == KEPT:
        return _kept(path)
    local_raster(path, masks.MASK_ENDINGS)
    found = _score(path) if path.suffix.lower() in TIFF_ENDINGS else None
    if found is not None:
        return found
    mask = masks.read(path)
    return Raster(mask.values, mask.grid, (*_made_by_scarp(path), *mask.notes), simulated=mask.simulated)


def keep(raster: Raster, path: Path) -> None:
    """Write a raster so that ``read`` finds it equal, with nothing in it that could be code."""
    about = {
        "grid": asdict(raster.grid) if raster.grid else None, "notes": list(raster.notes), "unit": raster.unit,
        "threshold": raster.threshold, "simulated": raster.simulated,
    }  # fmt: skip
    with open(path, "wb") as file:
        np.savez_compressed(file, values=raster.values, about=np.frombuffer(json.dumps(about).encode(), np.uint8))


def _kept(path: Path) -> Raster:
    try:
        with np.load(path, allow_pickle=False) as held:
            about, values = json.loads(held["about"].tobytes()), held["values"]
        grid, notes = about.pop("grid"), tuple(about.pop("notes"))
        return Raster(values, Grid(**grid) if grid else None, notes, **about)
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise DetectionsError(f"{path.stem} is kept no longer as it was; bring it again.") from error


def _score(path: Path) -> Raster | None:
    """Return the scores of a GeoTIFF of one band of fractions; None where it holds anything else."""
    with opened(path) as source:
        if source.count != 1 or np.dtype(source.dtypes[0]).kind != "f":
            return None
        require_bearable(source.width * source.height * 12, path.name)
        values = source.read(1).astype(np.float32)
        if source.nodata is not None and not np.isnan(source.nodata):
            values[values == np.float32(source.nodata)] = np.nan
        values[~np.isfinite(values)] = np.nan
        if np.isin(values[np.isfinite(values)], (0, 1)).all():
            return None
        unit, threshold, said = _meant(source, values, path.name)
        grid = None if source.crs is None else grid_in(path.name, source, True)
        simulated = told_simulated(tags_in(source).get("simulated", ""))
    return Raster(values, grid if grid and grid.placed else None, (said,), unit, threshold, simulated)


def _meant(source: "DatasetReader", values: np.ndarray, name: str) -> tuple[str, float, str]:
    """Return unit and threshold of a score, and a note; raises DetectionsError where its numbers are no score."""
    tags = tags_in(source)
    unit, level = str(tags.get("unit", "")), _number(tags.get("threshold"))
    if unit in _UNITS and level > 0:
        return unit, level, f"its score is in {unit}, and the threshold {level:g} that it names is used."
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low < 0 or high > 1:
        raise DetectionsError(
            f"{name} holds {low:.4g} to {high:.4g}: a score lies from 0 to 1, higher where change is likelier, and a "
            "mask holds 0 and 1. Write it as one of these."
        )
    return PROBABILITY, HALF, f"it is a score, {low:.3g} to {high:.3g}; it names no threshold, so {HALF:g} is used."


def _made_by_scarp(path: Path) -> tuple[str, ...]:
    """Return what a mask that Scarp wrote says of how it was made; nothing for any other."""
    if path.suffix.lower() not in TIFF_ENDINGS:
        return ()
    with opened(path) as source:
        tags = {name: " ".join(text.split())[:_LONGEST] for name, text in tags_in(source).items()}
    if not tags.get("software", "").startswith("Scarp") or "method" not in tags:
        return ()
    ran = f" ({tags['ran']} ran)" if tags.get("ran", tags["method"]) != tags["method"] else ""
    slope = f", hillsides of {tags['min_slope_deg']} degrees and more" if tags.get("min_slope_deg") else ""
    network = f", network {tags['model_sha256'][:16]}" if tags.get("model_sha256") else ""
    return (
        f"written by {tags['software']}: {tags['method']}{ran} at the threshold {tags.get('threshold', '-')}{slope}, "
        f"T1 {tags.get('t1', '-')}, T2 {tags.get('t2', '-')}, source {tags.get('source', '-')}{network}.",
    )


def _number(text: object) -> float:
    try:
        value = float(str(text))
    except ValueError:
        return 0.0
    return value if np.isfinite(value) else 0.0
