"""What is mapped of landslides on a patch: where they are, and where that is known."""

from typing import TYPE_CHECKING

import numpy as np

from app.bands import TRUTH
from app.errors import TruthMissingError

if TYPE_CHECKING:
    import xarray as xr

LANDSLIDE, UNKNOWN = 1, 255  # of a truth, and of a written mask


def split(truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (landslide, known), both bool of the shape of a truth: uint8, 1 landslide, 0 not, 255 unknown."""
    return truth == LANDSLIDE, truth != UNKNOWN


def read(patch: "xr.Dataset") -> tuple[np.ndarray, np.ndarray]:
    """Return (landslide, known) of a patch, both bool (y, x); raises TruthMissingError for one without truth."""
    if TRUTH not in patch:
        raise TruthMissingError("This patch has no mapped landslides to score against; use one that has truth.")
    return split(patch[TRUTH].values)
