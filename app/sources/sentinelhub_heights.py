"""Heights of the ground from Sentinel Hub: what is asked of xcube-sh for them, and what came as heights on a grid."""

from pathlib import Path

import numpy as np

from app.grid import Grid
from app.terrain import heights
from app.terrain.heights import Heights

TITLE = "Copernicus DEM GLO-30"
DATUM = "EGM2008 (EPSG:3855)"  # heights stay orthometric unless `egm` is asked for: Sentinel Hub, API reference
MOST_PX = 2500  # a side of one request of the process interface
FILE = "DEM"


def job(on: Grid) -> dict[str, object]:
    """Return what the process beside xcube-sh needs to know: one picture of heights, on a grid or a coarser one."""
    height, width = asked(on).shape
    return {"heights": True, "bbox": list(on.bbox), "size": [width, height]}


def asked(on: Grid) -> Grid:
    """Return the grid heights are asked for on: the patch's own, or a coarser one of the size a request may have."""
    return on.coarser(MOST_PX)


def found(folder: Path, on: Grid, service: str) -> Heights:
    """Return the heights a job wrote, on a grid; what no ground has is a void, and said."""
    values, _ = heights.taken(np.load(folder / f"{FILE}.npy"))
    held = asked(on)
    if held is not on:
        values = heights.resampled(values, held, on)
    notes = tuple(f"Heights: {note}" for note in heights.unknown(values))
    return Heights(values, f"{TITLE}, {service}", DATUM, notes=notes)
