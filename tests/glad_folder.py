"""A folder in GLaD4CD's layout with simulated pairs of its 17 validation events: A before, B after, LABEL.

    python -m tests.glad_folder FOLDER --inventory INVENTORY.csv

As in the published data set, files are named by the row of the inventory, and A and B hold B02, B03,
B04, B08 and CLM without naming them. Everything in it is SIMULATED, and its files say so.
"""

import argparse
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine

from app import inventory as inventories
from app import patches
from app.bands import CLOUD_MASK, TRUTH
from app.datasets import AFTER, BEFORE, CHANNELS, LABEL
from app.grid import RESOLUTION_DEG, around
from app.inventory import Inventory
from app.scoring import metrics
from app.sources.demo import source

EVENTS = tuple(metrics.BOXES)  # the validation events are those with a published box
NAMES = CHANNELS[5]


def write(
    folder: Path, inventory: Inventory, events: tuple[str, ...] = EVENTS, resolution_deg: float = RESOLUTION_DEG
) -> Path:
    """Write VALIDATION/{A,B,LABEL}/{event}.tif for ``events`` of the inventory and return ``folder``."""
    for event in (inventory.event(name) for name in events):
        spec = patches.PatchSpec(
            source="demo",
            event_id=event.id,
            bbox=around(event.latitude, event.longitude),
            t1=event.t1,
            t2=event.t2,
            event_date=event.date,
            bands=tuple(name for name in NAMES if name != CLOUD_MASK),
            resolution_deg=resolution_deg,
        )
        patch = source().open(spec)
        for at, (part, day) in enumerate(((BEFORE, spec.t1), (AFTER, spec.t2))):
            values = np.stack([patch[name].values[at].astype(np.float32) for name in NAMES])
            _tiff(folder / "VALIDATION" / part / f"{event.id}.tif", values, patch, date=str(day))
        _tiff(folder / "VALIDATION" / LABEL / f"{event.id}.tif", patch[TRUTH].values[None], patch)
    return folder


def _tiff(path: Path, values: np.ndarray, patch, **tags: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    grid = patches.grid_of(patch)
    count, height, width = values.shape
    profile = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": values.dtype.name}
    where = {"crs": grid.crs, "transform": Affine(*grid.transform)}
    with rasterio.open(path, "w", **profile, **where, compress="deflate") as target:
        target.write(values)
        target.update_tags(simulated="true", title="SIMULATED by Scarp; no satellite data", **tags)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--inventory", type=Path, required=True, help="the published list of 174 events")
    given = parser.parse_args()
    print(write(given.folder, inventories.read_file(given.inventory)))
