"""The forest in Romania on 140 dates, with the patches felled in it and what nobody touched."""

import json
from functools import cache

import numpy as np
import pytest

from app import config
from app.grid import Grid
from app.masks import outlines
from app.sources import scl
from app.testsets import real

CUBE = "s2/romania_forest_10m.nc"


@cache
def cube():
    """Return NDVI (time, y, x), which pixels are clear, the days and the number of each outlined patch."""
    if reason := real.absent(CUBE):
        pytest.skip(reason)
    import xarray as xr

    with xr.open_dataset(config.settings().data / CUBE) as held:
        red, near, clear = held["B4"].values, held["B8"].values, scl.cloud_mask(held["SCL"].values) == 0
        when, on = (
            held["time"].values.astype("datetime64[D]"),
            Grid.of_centres(held["x"].values, held["y"].values, "EPSG:3035"),
        )
    return (near - red) / (near + red), clear, when, patches_on(on)


def patches_on(on):
    """Return the number of the outlined patch each pixel lies in, 0 in none."""
    from rasterio.warp import transform_geom
    from shapely.geometry import shape

    file = json.loads((config.DATA / "sample" / "clearings.geojson").read_text(encoding="utf-8"))
    number = np.zeros(on.shape, int)
    for one in file["features"]:
        there = shape(transform_geom("EPSG:4326", on.crs, one["geometry"]))
        number[outlines.laid([there], on)] = one["properties"]["id"]
    return number


def untouched(ndvi, clear, when):
    """Return bool (y, x): dense forest in the middle of every summer, which reads no fit."""
    year, month = when.astype("datetime64[Y]").astype(int) + 1970, when.astype("datetime64[M]").astype(int) % 12 + 1
    summer = (month >= 6) & (month <= 9)
    seen = np.where(clear, ndvi, np.nan)
    return np.all([np.nanmedian(seen[summer & (year == one)], axis=0) > 0.84 for one in range(2015, 2021)], axis=0)
