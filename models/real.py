"""Real Sentinel-2 images to train and score on: places without a mapped landslide, some on many dates."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from app.config import ROOT
from app.errors import InputError

BANDS = ("B02", "B03", "B04", "B08")
DATA = ROOT.parent / "shared" / "data"
SPLITS = ("train", "validation", "test")
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

    Raises InputError for an unknown split, or where the shared data is not there.
    """
    if split not in SPLITS:
        raise InputError(f"There is no split {split!r}; choose from {', '.join(SPLITS)}.")
    if not DATA.is_dir():
        raise InputError("The real data is not here; put the folder shared beside the project, or use --real none.")
    return [read(name) for name, (where, _) in PLACES.items() if where == split]


@cache
def read(name: str) -> Place:
    """Return the place called ``name`` in ``PLACES``."""
    return PLACES[name][1](name)


def _romania(name: str) -> Place:
    """Forest and pasture in western Romania, 2015 to 2020: clear acquisitions of an open cube (nrt, EUPL-1.2)."""
    import xarray as xr

    with xr.open_dataset(DATA / "s2" / "romania_forest_10m.nc") as cube:
        images = np.stack([cube[band.replace("0", "")].values for band in BANDS], axis=1) * np.float32(1e-4)
        ground = np.isin(cube["SCL"].values, (4, 5, 6))  # vegetation, bare, water
        return _usable(name, images, ground, [str(day)[:10] for day in cube["time"].values])


def _farmland(name: str) -> Place:
    """Fields and a village in Belgium, monthly composites 2020-11 to 2021-10 (WorldCereal, MIT)."""
    import xarray as xr

    with xr.open_dataset(DATA / "s2" / "worldcereal_monthly.nc", mask_and_scale=False) as cube:
        numbers = np.stack([cube[f"S2-L2A-{band}"].values.astype(np.uint16) for band in BANDS], axis=1)
        there = (numbers != 65535).all(axis=1)  # two months are empty
        return _usable(name, numbers * np.float32(1e-4), there, [str(day)[:10] for day in cube["t"].values])


def _slovenia(name: str) -> Place:
    """Forest and meadows in Slovenia, summer 2015, top of atmosphere (eo-learn, MIT)."""
    scenes = np.load(DATA / "s2" / "eolearn_l1c_scenes.npy")[..., [1, 2, 3, 7]].transpose(0, 3, 1, 2)
    days = ["2015-08-20", "2015-07-31", "2015-09-09", "2015-08-30", "2015-07-11"]
    return _usable(name, scenes, np.ones(scenes[:, 0].shape, bool), days)


def _single(name: str) -> Place:
    """One date of one place with all bands (TerraMind examples, Apache-2.0)."""
    import rasterio

    with rasterio.open(DATA / "s2" / "terramind" / f"{name}.tif") as opened:
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


# name -> split, reader; one place of the five single dates shows snow and cloud alone and is left out
PLACES: dict[str, tuple[str, Callable[[str], Place]]] = {
    "slovenia": ("train", _slovenia),
    "282D_485L_3_3": ("train", _single),
    "38D_378R_2_3": ("train", _single),
    "637U_59R_1_3": ("train", _single),
    "433D_629L_3_1": ("validation", _single),
    "romania": ("test", _romania),
    "belgium": ("test", _farmland),
}


def shapes() -> list[np.ndarray]:
    """Return the hand-drawn outlines of real landslides, bool (128, 128) each, that show at least one."""
    path: Path = DATA / "landslide4sense_masks" / "masks.npz"
    if not path.is_file():
        raise InputError("The outlines of real landslides are not here; put the folder shared beside the project.")
    with np.load(path) as held:
        return [held[name].astype(bool) for name in sorted(held.files) if held[name].any()]
