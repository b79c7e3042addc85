"""Spectral indices: what each is made of, and how a picture shows it.

A line in ``TABLE`` is all it takes to add one: it can then be shown, compared, read at a pixel and detected with.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Index:
    """A spectral index: the bands it reads, in the order its formula takes them, and how a picture shows it."""

    name: str  # canonical: in methods, links, captions and file names
    bands: tuple[str, ...]
    formula: Callable[..., np.ndarray]
    fixed: tuple[float, float]  # of a stretch by a fixed range
    shows: str  # in words, of its low and high colours
    colours: str  # which of ``app.pictures.colours.RAMPS``, so that a fresh scar is pale; empty: grey
    source: str
    is_reflectance: bool = False  # in that unit and no ratio; methods, whose thresholds are of ratios, do without it

    @property
    def title(self) -> str:
        """The name as a heading has it: a word with a capital, letters that stand for words as they are."""
        return self.name.capitalize() if self.name.islower() else self.name


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
    Index(
        "NDVI",
        ("B08", "B04"),
        _normalised,
        (0.0, 0.9),
        "vegetation: bare pale, dense dark green",
        "vegetation",
        "Tucker (1979), doi:10.1016/0034-4257(79)90013-0",
    ),
    Index(
        "NDMI",
        ("B08", "B11"),
        _normalised,
        (-0.3, 0.5),
        "moisture of the canopy: dry pale, moist blue",
        "moisture",
        "Gao (1996), doi:10.1016/S0034-4257(96)00067-3",
    ),
    Index(
        "NBR",
        ("B08", "B12"),
        _normalised,
        (-0.3, 0.8),
        "burnt or stripped ground pale, sound vegetation dark",
        "burnt",
        "Key and Benson (2006), USDA RMRS-GTR-164",
    ),
    Index(
        "BSI",
        ("B11", "B04", "B08", "B02"),
        _bsi,
        (-0.5, 0.3),
        "bare soil pale, covered ground dark green",
        "bare",
        "Rikimaru et al. (2002), Tropical Ecology 43(1):39",
    ),
    Index(
        "EVI",
        ("B08", "B04", "B02"),
        _evi,
        (0.0, 0.8),
        "vegetation, less blinded by soil and haze than NDVI",
        "vegetation",
        "Huete et al. (2002), doi:10.1016/S0034-4257(02)00096-2",
    ),
    Index(
        "brightness",
        ("B02", "B03", "B04"),
        _brightness,
        (0.0, 0.3),
        "how much visible light comes back: fresh scars are bright",
        "",
        "Mathieu et al. (1998), doi:10.1016/S0034-4257(98)00030-3",
        is_reflectance=True,
    ),
)

TABLE: dict[str, Index] = {index.name: index for index in _TABLE}  # in the order of every list of pictures


def detecting() -> tuple[str, ...]:
    """Return the indices a method can use, those of the fewest bands first."""
    ratios = (index for index in TABLE.values() if not index.is_reflectance)
    return tuple(index.name for index in sorted(ratios, key=lambda index: len(index.bands)))


def at_both_dates(patch: "xr.Dataset", name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return an index of TABLE at T1 and at T2, each float32 (y, x): in -1 to 1, brightness in reflectance.

    NaN where a band has nodata or the index is undefined. Reflectance below zero, which
    over-corrected shadow has, counts as zero: ratios of it would leave the range.
    """
    t1, t2 = (evaluate(name, {band: patch[band].values[date] for band in TABLE[name].bands}) for date in (0, 1))
    return t1, t2


def evaluate(name: str, bands: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return an index of TABLE from reflectance by band, float32 arrays of one shape; see ``at_both_dates``."""
    index = TABLE[name]
    return index.formula(*(np.maximum(bands[band], np.float32(0)) for band in index.bands))
