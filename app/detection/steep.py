"""Detections held to steep ground: fields have no slope, landslides need one."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.detection import run
from app.detection.run import Detection
from app.errors import InputError
from app.grid import Grid
from app.terrain import heights, slopes

if TYPE_CHECKING:
    import xarray as xr

STEEPEST_DEG = 60.0  # as a smallest slope: hardly any ground of a pixel's size is steeper

_BELOW_ALL = np.float32(-1)  # no threshold of any unit is as low


def require_usable(least_deg: float) -> None:
    """Raise InputError for a smallest slope that is none."""
    if not 0 <= least_deg <= STEEPEST_DEG:
        raise InputError(f"The smallest slope is an angle from 0 to {STEEPEST_DEG:g} degrees; 0 leaves nothing out.")


def hillside(patch: "xr.Dataset", assumed: Grid | None = None) -> np.ndarray:
    """Return how steep the hillside around each pixel is, degrees, float32 (y, x), NaN where unknown.

    ``assumed`` is where the pixels are taken to lie, if the patch itself does not say its place. Raises
    HeightsMissingError for a patch without heights, GridError for one at no known place.
    """
    on = assumed or patches.grid_of(patch)
    return slopes.hillside_deg(slopes.slope_deg(heights.of(patch), on), on)


def limited(found: Detection, patch: "xr.Dataset", least_deg: float, assumed: Grid | None = None) -> Detection:
    """Return a detection that marks nothing where the hillside is less steep than ``least_deg`` degrees.

    Pixels of unknown slope are not clear any more: neither changed nor unchanged, and a warning counts them. The
    scores, and a threshold taken from them, stay as they were. Raises as ``hillside``, and InputError for an angle
    that cannot be; 0 changes nothing.
    """
    require_usable(least_deg)
    return by_slope(found, hillside(patch, assumed), least_deg) if least_deg else found


def by_slope(found: Detection, slope: np.ndarray, least_deg: float) -> Detection:
    """Return what ``limited`` does, of a slope in degrees that is known already: float32 (y, x)."""
    if not least_deg:
        return found
    known = np.isfinite(slope)
    unknown = int(np.count_nonzero(found.clear & ~known))
    held = replace(found, clear=found.clear & known, steep=slope >= least_deg, min_slope_deg=least_deg)
    doubts = [
        f"{unknown:,} of {np.count_nonzero(found.clear):,} clear pixels have no known slope; they count as not clear."
    ] * bool(unknown)
    steepest = float(np.max(slope, where=known, initial=-np.inf))
    if known.any() and steepest < least_deg:
        doubts.append(
            f"No hillside here is as steep as {least_deg:g} degrees, {steepest:.1f} is the most: nothing can be marked."
        )
    before = run.extent(found, found.threshold)  # of the whole patch, which is not what is marked now
    told = (one for one in found.warnings if one not in before)
    return replace(held, warnings=(*told, *run.extent(held, held.threshold), *doubts))


def ranked(found: Detection) -> np.ndarray:
    """Return the scores as a curve over thresholds needs them, float32 (y, x): gentle ground below any threshold."""
    if found.steep is None:
        return found.score
    return np.where(found.steep, found.score, np.minimum(found.score, _BELOW_ALL))
