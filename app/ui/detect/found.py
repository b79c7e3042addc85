"""What one method found on a patch with what is chosen now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app import truth
from app.scoring import metrics
from app.ui.detect import once

if TYPE_CHECKING:
    import xarray as xr

    from app.detection.methods import Method
    from app.detection.run import Detection


@dataclass(frozen=True, eq=False)
class Found:
    """One method's scores on a patch with the threshold, opening and smallest area chosen now."""

    method: Method
    detection: Detection
    threshold: float
    mask: np.ndarray  # bool (y, x), clear pixels only, cleaned
    key: str  # the same for all who have the same scores
    cut: once.Cut
    removed: int  # pixels that cleaning took away
    colour: tuple[int, int, int]


def counted(found: Found, patch: xr.Dataset) -> tuple[metrics.Confusion, np.ndarray, np.ndarray]:
    """Return the counts against the truth of a patch, where it says landslide, and which pixels count."""
    landslide, known = truth.read(patch)
    valid = found.detection.clear & known
    return metrics.confusion(found.mask, landslide, valid), landslide, valid


def named(method: Method, held: Detection) -> Detection:
    """Return a detection under the name that its threshold of now gives it, by which a command finds the same."""
    name = str(method)
    return replace(held, method=name, ran=name if held.ran == held.method else held.ran)
