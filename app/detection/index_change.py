"""How much of a spectral index was lost or gained between the dates."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.detection.indices import TABLE, at_both_dates
from app.detection.methods import KINDS, Method, Scored
from app.patches import Progress, no_progress

if TYPE_CHECKING:
    import xarray as xr


def score(patch: "xr.Dataset", method: Method, device: str = "auto", progress: Progress = no_progress) -> Scored:
    """Return how much of an index was lost or gained, larger being more; see ``rdndvi_loss`` for that one.

    Raises BandMissingError naming the bands the index needs. Runs on the CPU, whatever the
    ``device``.
    """
    index = TABLE[method.target or "NDVI"]
    patches.require_bands(patch, *index.bands)
    progress(0.0, f"Computing {index.name}")
    values = CHANGES[method.kind](*at_both_dates(patch, index.name))
    measured = np.logical_and.reduce([np.isfinite(patch[name].values).all(axis=0) for name in index.bands])
    progress(1.0, f"Computing {index.name}")
    kind = KINDS[method.kind]
    return Scored(values, measured, kind.threshold, kind.unit)


def rdndvi_loss(ndvi_t1: np.ndarray, ndvi_t2: np.ndarray) -> np.ndarray:
    """Return HazMapper's relative NDVI difference with its sign turned, in percent: float32 (y, x).

    100 x (NDVI at T1 - NDVI at T2) / sqrt(NDVI at T1 + NDVI at T2), larger where more vegetation
    was lost; published, the difference is T2 - T1 and loss is negative. NaN where the sum is not
    above zero: without vegetation at either date the square root says nothing (the authors advise
    against deserts and polar regions). Source: Scheip and Wegmann (2021),
    doi:10.5194/nhess-21-1495-2021.
    """
    total = ndvi_t1 + ndvi_t2
    root = np.sqrt(total, out=np.full_like(total, np.nan), where=total > 0)
    return 100 * (ndvi_t1 - ndvi_t2) / root


# kind of method -> what it makes of an index at T1 and at T2
CHANGES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "index-drop": lambda t1, t2: t1 - t2,
    "index-rise": lambda t1, t2: t2 - t1,
    "rdndvi": rdndvi_loss,
}
