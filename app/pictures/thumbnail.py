"""A thumbnail of a patch: T1 and T2 side by side in natural colours, a few kilobytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.bands import TRUTH
from app.patches import grid_of, is_simulated
from app.pictures import compositions, render

if TYPE_CHECKING:
    import xarray as xr

SIDE_PX = 112  # the longer one of one date
GAP_PX = 2


@dataclass(frozen=True)
class Thumbnail:
    """One small JPEG with both dates, T1 on the left."""

    data: bytes
    simulated: bool  # its comment says so as well


def make(patch: xr.Dataset) -> Thumbnail:
    """Return the thumbnail of a patch: true colour where it has the bands, else what it can show first.

    Each date is in its proportions on the ground, both through one contrast. Raises BandMissingError
    where the patch holds no band.
    """
    from PIL import Image

    height, width = patch.sizes["y"], patch.sizes["x"]
    step = max(1, min(height, width) // (2 * SIDE_PX))  # every nth pixel is enough to be halved again
    few = patch.drop_vars(TRUTH, errors="ignore").isel(y=slice(step // 2, None, step), x=slice(step // 2, None, step))
    name = compositions.available(few)[0]
    pictures = render.pair(few, name, render.stretch_for(few, name))
    first, second = (render.in_proportion(picture, grid_of(patch).proportions, SIDE_PX) for picture in pictures)
    gap = np.full((len(first), GAP_PX, 3), 255, np.uint8)
    joined = np.concatenate([first, gap, second], axis=1)
    simulated, out = is_simulated(patch), io.BytesIO()
    Image.fromarray(joined).save(out, "JPEG", quality=82, comment=render.SIMULATED if simulated else "")
    return Thumbnail(out.getvalue(), simulated)
