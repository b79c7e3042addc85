"""Small patches and files built by hand, so that a test's answer can be checked by eye."""

import random
from pathlib import Path

import numpy as np
import rasterio
import xarray as xr
from affine import Affine

from app import patches
from app.grid import Grid
from app.scoring.evaluate import Case, PatchWithTruth

DATES = ["2018-05-07", "2018-10-24"]


def grid(height: int, width: int) -> Grid:
    """A grid of 0.0001 degrees near the equator, where pixels are nearly square."""
    return Grid(10.0, 1.0, 0.0001, 0.0001, width, height)


def metres(height: int, width: int, across: float = 10.0, along: float = 10.0) -> Grid:
    """A grid where the map is as large as the ground: at the middle of Europe's equal-area projection."""
    return Grid(4_321_000.0, 3_210_000.0, across, along, width, height, "EPSG:3035")


def patch(bands: dict[str, tuple], clm=None, truth=None, **attrs) -> xr.Dataset:
    """A patch from {band: (T1, T2)}, each a nested list or array (y, x); clear unless ``clm`` says so."""
    arrays = {name: np.array(pair, np.float32) for name, pair in bands.items()}
    shape = next(iter(arrays.values())).shape
    clm = np.zeros(shape, np.uint8) if clm is None else np.array(clm, np.uint8)
    truth = None if truth is None else np.array(truth, np.uint8)
    return patches.build(grid(*shape[1:]), DATES, arrays, clm, {"simulated": False, **attrs}, truth)


def scored_case(held: xr.Dataset, event: str = "1") -> Case:
    """A patch with truth as an event to score."""
    return Case(event, lambda: PatchWithTruth(held))


def tiff(
    path: Path, bands, names=None, *, dtype="float32", nodata=None, crs="EPSG:4326", transform=None, **tags
) -> Path:
    """A GeoTIFF of (channel, y, x) values with band descriptions ``names`` and ``tags``."""
    values = np.array(bands, dtype)
    values = values[None] if values.ndim == 2 else values
    count, height, width = values.shape
    transform = transform or Affine(*grid(height, width).transform)
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": dtype}
    with rasterio.open(path, "w", **profile, crs=crs, transform=transform, nodata=nodata) as target:
        target.write(values)
        for number, name in enumerate(names or [], 1):
            target.set_band_description(number, name)
        target.update_tags(**tags)
    return path


def altered(path: Path, seed: int) -> Path:
    """The same file with one to eight of its bytes changed to others, anywhere; the same ones for a seed."""
    chance, held = random.Random(seed), bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 8)):
        held[chance.randrange(len(held))] = chance.randrange(256)
    path.write_bytes(held)
    return path


def event41_arrays(shared: Path) -> dict[str, np.ndarray]:
    """Event 41's red band, mapped landslide and published change maps, read back from figures."""
    with np.load(shared / "data" / "figures" / "event41_b04.npz") as held:
        return dict(held)


def event41(shared: Path) -> xr.Dataset:
    """Event 41's red band with its mapped landslide, as a patch."""
    held = event41_arrays(shared)
    west, south, east, north = (float(edge) for edge in held["bbox"])
    height, width = held["t1"].shape
    on = Grid(west, south, (east - west) / width, (north - south) / height, width, height)
    reds = {"B04": np.stack([held["t1"], held["t2"]])}
    attrs = {"simulated": False, "event_id": "41", "source": "figures"}
    return patches.build(on, DATES, reds, np.zeros((2, height, width)), attrs, held["landslide"])
