"""What a method marks on a patch, held to a threshold, to slopes and to a size."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.detection import polygons, steep
from app.detection import run as detection
from app.detection.run import Detection
from app.terrain import heights

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class Marked:
    """What a method marked: its detection, the threshold it is held to, and bool (y, x) of what stays.

    ``min_area_m2`` and ``opening_px`` are what small and narrow objects were taken away by.
    """

    detection: Detection
    threshold: float
    mask: np.ndarray
    min_area_m2: float = 0
    opening_px: int = 0

    @property
    def held_to(self) -> str:
        """What kept the rest out, besides the threshold, in words; empty where nothing did."""
        least = self.detection.min_slope_deg
        said = (
            f"slope {least:g}° or more" if least else "",
            f"{self.min_area_m2:,.0f} m² or more" if self.min_area_m2 else "",
            f"opened by {self.opening_px} px" if self.opening_px else "",
        )
        return ", ".join(filter(None, said))


def marked(
    patch: "xr.Dataset", method: str, device: str = "auto", min_area_m2: float = 0, min_slope_deg: float = 0,
    opening_px: int = 0,
) -> Marked:  # fmt: skip
    """Run a method and return what it marks at its own threshold, on slopes, opened and of a size as asked for.

    Raises what ``app.detection.run.detect`` raises, and InputError for a smallest slope where heights are not known.
    """
    if min_slope_deg:
        heights.of(patch)  # before a method runs in vain
    found = steep.limited(detection.detect(patch, method, device), patch, min_slope_deg)
    mask = polygons.clean(detection.mask(found), patches.grid_of(patch), min_area_m2, opening_px)
    return Marked(found, found.threshold, mask, min_area_m2, opening_px)
