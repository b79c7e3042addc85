"""A file of a STAC item read onto a grid, by way of odc-stac."""

import logging
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from app.grid import Grid, halves, transformer
from app.sources import stac_catalogue as catalogues

if TYPE_CHECKING:
    from pystac import Item

_STEP_M = 10  # of Sentinel-2's finest pixels, with which those of 20 and 60 m begin and end as well
_MOST_FAILED = 1000  # addresses remembered: a server that runs for months meets many, and asks few of them again
_failed: dict[str, None] = {}  # unsigned, of files that could not be read when they were last asked for, oldest first
_failing = Lock()


def read_item(
    item: Any, asset: str, on: Grid, kind: dict[str, Any], resampling: str, sign: Callable[[str], str]
) -> np.ndarray:
    """Return a file of a STAC item on a grid (y, x), what lies outside of it as the nodata of ``kind``.

    Raises rasterio's RasterioError where the file cannot be read.
    """
    import odc.stac
    import rasterio
    from affine import Affine
    from odc.geo.geobox import GeoBox

    # odc-stac logs the address of a file it cannot read, and a signed address is a credential.
    logging.getLogger("odc.loader").setLevel(logging.CRITICAL)
    if len(halves(on)) > 1:
        return _across(item, asset, on, kind, resampling, sign)
    geobox, address = GeoBox(on.shape, Affine(*on.transform), on.crs), item.assets[asset].href
    with rasterio.Env(**_gdal_options(anew=address in _failed)):
        try:
            loaded = odc.stac.load(
                [item],
                bands=[asset],
                geobox=geobox,
                resampling=resampling,
                stac_cfg={"*": {"assets": {"*": kind}}},
                patch_url=sign,
            )
        except rasterio.errors.RasterioError:
            _remember(address, failed=True)
            raise
    _remember(address, failed=False)
    if not loaded.sizes.get("time"):
        return np.full(on.shape, kind["nodata"], kind["data_type"])
    return loaded[asset].values[0]


def _remember(address: str, failed: bool) -> None:
    """Keep in mind whether a file could be read; the addresses that failed longest ago are forgotten."""
    with _failing:
        _failed.pop(address, None)
        if failed:
            _failed[address] = None
            if len(_failed) > _MOST_FAILED:
                del _failed[next(iter(_failed))]


def _across(
    item: "Item", asset: str, on: Grid, kind: dict[str, Any], resampling: str, sign: Callable[[str], str]
) -> np.ndarray:
    """Return a file on a grid across the 180th meridian, where odc-stac loses the columns beside it.

    A file in degrees is read on either side by itself. One in a projection is read as it lies, pixel for pixel, and of
    these the nearest are taken.
    """
    crs = _crs(item, asset)
    if crs is None:
        return np.hstack([read_item(item, asset, side, kind, resampling, sign) for side in halves(on)])
    lying = _lying(on, crs)
    return lying.sampled(read_item(item, asset, lying, kind, resampling, sign), on, kind["nodata"])


def _crs(item: "Item", asset: str) -> str | None:
    """Return the projection a file is stated to be in; None where that is none, or degrees."""
    said = {**item.properties, **item.assets[asset].extra_fields}
    crs = said.get("proj:code") or (f"EPSG:{said['proj:epsg']}" if said.get("proj:epsg") else None)
    return None if crs is None or Grid(0, 0, 1, 1, 1, 1, crs).geographic else crs


def _lying(on: Grid, crs: str) -> Grid:
    """Return the grid in a projection, on the lattice of Sentinel-2's pixels, that holds all of a grid in degrees."""
    west, south, east, north = on.bbox
    across = np.linspace(west, east, 21)
    places = np.concatenate([across, across]), np.concatenate([np.full(21, south), np.full(21, north)])
    x, y = transformer(on.crs, crs).transform(*places)
    step = max(_STEP_M, _STEP_M * int(min(on.pixel_m) / _STEP_M))
    (left, right), (low, high) = (
        (int(np.floor(one.min() / step)) - 1, int(np.ceil(one.max() / step)) + 1) for one in (x, y)
    )
    return Grid(left * step, low * step, step, step, right - left, high - low, crs)


def _gdal_options(anew: bool = False) -> dict[str, object]:
    """Return how GDAL reads; ``anew`` has it ask again for what failed, which it holds against a file for good."""
    return {
        **({"CPL_VSIL_CURL_NON_CACHED": "/vsicurl/:/vsis3/"} if anew else {}),
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_HTTP_CONNECTTIMEOUT": catalogues.CONNECT_S,
        "GDAL_HTTP_TIMEOUT": catalogues.READ_S,
        "GDAL_HTTP_MAX_RETRY": 3,
        "GDAL_HTTP_RETRY_DELAY": 0.5,
        "CPL_VSIL_CURL_USE_HEAD": False,  # an address signed for GET answers HEAD with 403
    }
