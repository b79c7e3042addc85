"""Small patches made by hand, so that every answer can be checked by eye."""

from datetime import date

import numpy as np
import xarray as xr

from app.grid import Grid
from app.patches import build

T1, T2 = date(2022, 9, 17), date(2023, 2, 24)
GRID = Grid(west=36.0, south=37.0, res_x=0.00009, res_y=0.00009, width=4, height=4)


def patch(
    bands=("B02", "B03", "B04", "B08"), *, size: int = 4, simulated: bool = False, truth=None, **values
) -> xr.Dataset:
    """Return a patch of ``size`` pixels a side: 0.1 at T1 and 0.1 at T2 unless ``values`` say otherwise.

    ``values`` maps a band to a pair (T1, T2) of numbers or (size, size) arrays; ``CLM`` likewise.
    """
    on = Grid(GRID.west, GRID.south, GRID.res_x, GRID.res_y, size, size)

    def layers(pair) -> np.ndarray:
        return np.stack([np.broadcast_to(np.asarray(one, np.float32), (size, size)) for one in pair])

    arrays = {name: layers(values.get(name, (0.1, 0.1))) for name in bands}
    clm = layers(values.get("CLM", (0, 0))).astype(np.uint8)
    attrs = {"source": "hand", "event_id": "1", "simulated": simulated}
    return build(on, [T1, T2], arrays, clm, attrs, truth)
