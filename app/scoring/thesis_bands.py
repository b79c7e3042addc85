"""The thesis's analysis in one pass: every band and their union, at every threshold, against the truth."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from app import patches, truth
from app.detection.methods import DIRECTIONS, REFLECTANCE
from app.detection.threshold import largest_difference
from app.errors import InputError
from app.grid import RESOLUTION_DEG
from app.scoring import curves, metrics
from app.scoring.curves import Curve
from app.scoring.metrics import BOX, REGIONS, WHOLE

if TYPE_CHECKING:
    import xarray as xr

ALL_BAND = "all-band"
THRESHOLDS = tuple(step / 100 for step in range(1, 21))  # 0.01 to 0.2 reflectance; the thesis used 0.05 and 0.1
_FINER = 0.75  # a pixel under this share of the native one is drawn finer than it was measured


def band_sweep(
    patch: "xr.Dataset",
    thresholds: Sequence[float] = THRESHOLDS,
    direction: str = "increase",
    region: str = WHOLE,
    event: str = "",
) -> dict[str, Curve]:
    """Return band -> curve for every band of the patch, and for their union ``all-band``.

    A pixel is changed in a band where its reflectance rose by at least the threshold
    (``decrease``: fell; ``both``: either), and in the union where it changed in any. What counts is
    clear at both dates, measured in the band (for the union in all), of known truth, and, in
    ``region`` box, inside the published box of ``event`` (by default the patch's own).
    Raises TruthMissingError without truth or box, InputError for another direction or region,
    and GridError for a patch the box does not fit.
    Source: Leonardi (2024), MSc thesis, Politecnico di Milano, hdl 10589/218042.
    """
    if direction not in DIRECTIONS or region not in REGIONS:
        raise InputError(f"Choose a direction of {', '.join(DIRECTIONS)} and a region of {', '.join(REGIONS)}.")
    landslide, judged = _judged(patch, region, event)
    names, found = patches.band_names(patch), {}
    highest: np.ndarray | None = None
    for name in names:
        change = largest_difference([patch[name].values], direction)
        found[name] = curves.count(change, landslide, judged & np.isfinite(change), thresholds, REFLECTANCE)
        highest = change if highest is None else np.maximum(highest, change, out=highest)
    assert highest is not None  # a patch has bands
    found[ALL_BAND] = curves.count(highest, landslide, judged & np.isfinite(highest), thresholds, REFLECTANCE)
    return found


def total(sweeps: Sequence[Mapping[str, Curve]]) -> dict[str, Curve]:
    """Return the pooled curves of several events, for the bands that all of them have."""
    names = [name for name in (sweeps[0] if sweeps else ()) if all(name in one for one in sweeps)]
    return {name: curves.total(one[name] for one in sweeps) for name in names}


def native(patch: "xr.Dataset") -> "xr.Dataset":
    """Return a patch of a finer grid at about 10 m, the finest the sensor measures; a coarser one as it is.

    The nearest pixel is taken, of reflectance, clouds and truth alike: what was drawn finer by
    repeating pixels comes back as it was. Only patches in degrees are resampled.
    """
    on = patches.grid_of(patch)
    if not on.in_degrees or on.res_x >= _FINER * RESOLUTION_DEG:
        return patch
    steps = zip(on.shape, (on.res_y, on.res_x), strict=True)
    height, width = (max(1, round(size * step / RESOLUTION_DEG)) for size, step in steps)
    return patches.resized(patch, (height, width))


def what_changes(fine: Mapping[str, Curve], coarse: Mapping[str, Curve], threshold: float, band: str = "B04") -> str:
    """Return in a sentence what the finer grid changes: how many pixels count, and F1 of a band at a threshold.

    ``coarse`` has to be of the same ground, as ``native`` makes it of the finer patch. Raises
    InputError where the band or the threshold is not in both.
    """
    (many, sharp), (few, blunt) = (_at(found, band, threshold) for found in (fine, coarse))
    times = f"{many / few:.0f} times as many" if few else "beside none"
    moved = "is undefined on one of them" if math.isnan(sharp - blunt) else _moved(sharp, blunt)
    return (
        f"The finer grid counts {many:,} pixels, {times} as the native grid's {few:,}, of the same measurements: "
        f"F1 of {band} at {threshold:g} {moved}; only where pixels of one measurement fall on both sides of an "
        "outline can it differ."
    )


def _moved(fine: float, coarse: float) -> str:
    return f"is {fine:.3f} there and {coarse:.3f} on the native grid, {abs(fine - coarse):.3f} apart"


def _at(found: Mapping[str, Curve], band: str, threshold: float) -> tuple[int, float]:
    """Return pixels counted and F1 of a band at a threshold."""
    if band not in found:
        raise InputError(f"There is no curve of {band}; choose from {', '.join(found)}.")
    near = np.flatnonzero(np.isclose(found[band].thresholds, threshold, rtol=0, atol=1e-9))
    if not near.size:
        levels = ", ".join(f"{level:g}" for level in found[band].thresholds)
        raise InputError(f"{band} was not counted at {threshold:g}; choose from {levels}.")
    counts = found[band].at(int(near[0]))
    return counts.n, counts.f1


def _judged(patch: "xr.Dataset", region: str, event: str) -> tuple[np.ndarray, np.ndarray]:
    """Return bool (y, x): landslide in truth, and what is clear, of known truth and inside the region."""
    (landslide, known), on = truth.read(patch), patches.grid_of(patch)
    judged = patches.clear_mask(patch) & known
    if region == BOX:
        name = event or str(patch.attrs.get("event_id", ""))
        judged &= metrics.box_region(name, judged.shape, on.pixel_deg, on.corner_deg)
    return landslide, judged
