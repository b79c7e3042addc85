"""Spectral indices at both dates, and how much of them was lost or gained."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.detection.methods import INDICES, KINDS, Method, Scored
from app.patches import Progress, no_progress

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Index:
    """A spectral index: the bands it reads, in the order its formula takes them."""

    name: str
    bands: tuple[str, ...]
    formula: Callable[..., np.ndarray]
    source: str


def _normalised(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return (first - second) / (first + second) in -1 to 1, NaN where both are zero."""
    total = first + second
    return np.divide(first - second, total, out=np.full_like(total, np.nan), where=total > 0)


def _evi(b08: np.ndarray, b04: np.ndarray, b02: np.ndarray) -> np.ndarray:
    """Return EVI held to -1 to 1: over snow and cloud its denominator nears zero and it runs away."""
    bottom = b08 + 6 * b04 - 7.5 * b02 + 1
    return np.clip(np.divide(2.5 * (b08 - b04), bottom, out=np.full_like(bottom, np.nan), where=bottom > 0), -1, 1)


def _bsi(b11: np.ndarray, b04: np.ndarray, b08: np.ndarray, b02: np.ndarray) -> np.ndarray:
    return _normalised(b11 + b04, b08 + b02)


def _brightness(b02: np.ndarray, b03: np.ndarray, b04: np.ndarray) -> np.ndarray:
    """Return the root mean square of visible reflectance, in its unit."""
    return np.sqrt((b02**2 + b03**2 + b04**2) / 3)


_TABLE = (
    Index("NDVI", ("B08", "B04"), _normalised, "Tucker (1979), doi:10.1016/0034-4257(79)90013-0"),
    Index("NDMI", ("B08", "B11"), _normalised, "Gao (1996), doi:10.1016/S0034-4257(96)00067-3"),
    Index("NBR", ("B08", "B12"), _normalised, "Key and Benson (2006), USDA RMRS-GTR-164"),
    Index("EVI", ("B08", "B04", "B02"), _evi, "Huete et al. (2002), doi:10.1016/S0034-4257(02)00096-2"),
    Index("BSI", ("B11", "B04", "B08", "B02"), _bsi, "Rikimaru et al. (2002), Tropical Ecology 43(1):39"),
)

TABLE: dict[str, Index] = {index.name: index for index in _TABLE}
assert tuple(TABLE) == INDICES

_BRIGHTNESS = Index(
    "brightness", ("B02", "B03", "B04"), _brightness, "Mathieu et al. (1998), doi:10.1016/S0034-4257(98)00030-3"
)
# what a picture can show: every index a method can use, and one that has the unit of reflectance
SHOWN: dict[str, Index] = {**TABLE, _BRIGHTNESS.name: _BRIGHTNESS}


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


def at_both_dates(patch: "xr.Dataset", name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return an index of SHOWN at T1 and at T2, each float32 (y, x): in -1 to 1, brightness in reflectance.

    NaN where a band has nodata or the index is undefined. Reflectance below zero, which
    over-corrected shadow has, counts as zero: ratios of it would leave the range.
    """
    t1, t2 = (evaluate(name, {band: patch[band].values[date] for band in SHOWN[name].bands}) for date in (0, 1))
    return t1, t2


def evaluate(name: str, bands: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return an index of SHOWN from reflectance by band, float32 arrays of one shape; see ``at_both_dates``."""
    index = SHOWN[name]
    return index.formula(*(np.maximum(bands[band], np.float32(0)) for band in index.bands))


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
