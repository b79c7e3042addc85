"""Real Sentinel-2 images to train and score on: places without a mapped landslide, some on many dates."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from app import config
from app.errors import InputError

BANDS = ("B02", "B03", "B04", "B08")
SPLITS = ("train", "validation", "test")
OUTLINES = "landslide4sense_masks/masks.npz"
BRIGHT = 0.18  # blue reflectance that snow and cloud exceed, and which their masks sometimes miss


@dataclass(frozen=True, eq=False)
class Place:
    """One place on one or more dates.

    ``images`` is float32 reflectance (dates, bands, y, x), bands as in ``BANDS``; ``clear`` bool (dates, y, x).
    """

    name: str
    images: np.ndarray
    clear: np.ndarray
    dates: tuple[str, ...]
    pixel_m: float = 10.0


def places(split: str) -> list[Place]:
    """Return the places of a split ("train", "validation" or "test"); no place is in two.

    Raises InputError for an unknown split, or where a file is not there.
    """
    if split not in SPLITS:
        raise InputError(f"There is no split {split!r}; choose from {', '.join(SPLITS)}.")
    return [read(name) for name, (where, _, _) in PLACES.items() if where == split]


def read(name: str) -> Place:
    """Return the place called ``name`` in ``PLACES``; raises InputError where its file is not there."""
    reason = absent(PLACES[name][1])
    if reason:
        raise InputError(reason)
    return _read(name, config.settings().data / PLACES[name][1])


def absent(file: str) -> str:
    """Return why a file of the real data cannot be used and what to do, or nothing where it can."""
    folder = config.settings().data
    if (folder / file).is_file():
        return ""
    return f"{file} is not in {folder}; set SCARP_DATA to the folder that holds the real images."


@cache
def _read(name: str, path: Path) -> Place:
    return PLACES[name][2](name, path)


def _romania(name: str, path: Path) -> Place:
    """Forest and pasture in western Romania, 2015 to 2020: clear acquisitions of an open cube (nrt, EUPL-1.2)."""
    import xarray as xr

    with xr.open_dataset(path) as cube:
        images = np.stack([cube[band.replace("0", "")].values for band in BANDS], axis=1) * np.float32(1e-4)
        ground = np.isin(cube["SCL"].values, (4, 5, 6))  # vegetation, bare, water
        return _usable(name, images, ground, [str(day)[:10] for day in cube["time"].values])


def _farmland(name: str, path: Path) -> Place:
    """Fields and a village in Belgium, monthly composites 2020-11 to 2021-10 (WorldCereal, MIT)."""
    import xarray as xr

    with xr.open_dataset(path, mask_and_scale=False) as cube:
        numbers = np.stack([cube[f"S2-L2A-{band}"].values.astype(np.uint16) for band in BANDS], axis=1)
        there = (numbers != 65535).all(axis=1)  # two months are empty
        return _usable(name, numbers * np.float32(1e-4), there, [str(day)[:10] for day in cube["t"].values])


def _slovenia(name: str, path: Path) -> Place:
    """Forest and meadows in Slovenia, summer 2015, top of atmosphere (eo-learn, MIT)."""
    scenes = np.load(path)[..., [1, 2, 3, 7]].transpose(0, 3, 1, 2)
    days = ["2015-08-20", "2015-07-31", "2015-09-09", "2015-08-30", "2015-07-11"]
    return _usable(name, scenes, np.ones(scenes[:, 0].shape, bool), days)


def _single(name: str, path: Path) -> Place:
    """One date of one place with all bands (TerraMind examples, Apache-2.0)."""
    import rasterio

    with rasterio.open(path) as opened:
        numbers = opened.read([2, 3, 4, 8])
    if numbers[0].min() > 1000:  # processing baseline 04.00 adds 1000 to every number
        numbers = numbers - 1000
    image = np.maximum(numbers, 0)[None] * np.float32(1e-4)
    return Place(name, image, np.ones(image[:, 0].shape, bool), ("",))


def _usable(name: str, images: np.ndarray, clear: np.ndarray, days: list[str]) -> Place:
    """Keep the dates that are almost wholly clear, in order of time; bright pixels count as cloud."""
    clear = clear & (images[:, 0] < BRIGHT)
    order = [k for k in np.argsort(days, kind="stable") if clear[k].mean() > 0.9]
    return Place(name, np.nan_to_num(images[order].astype(np.float32)), clear[order], tuple(days[k] for k in order))


# name -> split, file in the folder of the real images, reader; one place of the five single dates shows snow and
# cloud alone and is left out
PLACES: dict[str, tuple[str, str, Callable[[str, Path], Place]]] = {
    "slovenia": ("train", "s2/eolearn_l1c_scenes.npy", _slovenia),
    "282D_485L_3_3": ("train", "s2/terramind/282D_485L_3_3.tif", _single),
    "38D_378R_2_3": ("train", "s2/terramind/38D_378R_2_3.tif", _single),
    "637U_59R_1_3": ("train", "s2/terramind/637U_59R_1_3.tif", _single),
    "433D_629L_3_1": ("validation", "s2/terramind/433D_629L_3_1.tif", _single),
    "romania": ("test", "s2/romania_forest_10m.nc", _romania),
    "belgium": ("test", "s2/worldcereal_monthly.nc", _farmland),
}


def shapes() -> list[np.ndarray]:
    """Return the hand-drawn outlines of real landslides, bool (128, 128) each, that show at least one.

    Raises InputError where they are not there.
    """
    reason = absent(OUTLINES)
    if reason:
        raise InputError(reason)
    with np.load(config.settings().data / OUTLINES) as held:
        return [held[name].astype(bool) for name in sorted(held.files) if held[name].any()]
