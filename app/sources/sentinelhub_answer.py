"""What Sentinel Hub delivered through xcube-sh, read from a folder as bands, a cloud mask and attributes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from app.bands import CLOUD_MASK
from app.errors import SourceError
from app.patches import NODATA, PatchSpec
from app.sources import scl
from app.sources.scenes import SNOW
from app.sources.sentinelhub_request import DATA_MASK, SCENE_CLASS, Service

AGREEMENT_DEG = 1e-9  # how far delivered pixel centres may lie from the common grid


def read(spec: PatchSpec, service: Service, folder: Path) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return bands (time, y, x), NaN where nothing was measured, and CLM of the dates that lie in a folder.

    Raises SourceError where they lie on another grid than the spec's.
    """

    def array(name: str) -> np.ndarray:
        return np.load(folder / f"{name}.npy")

    _check_grid(spec, array("lon"), array("lat"), service)
    valid = array(DATA_MASK) > 0
    bands = {}
    for name in spec.bands:
        bands[name] = array(name).astype(np.float32, copy=False)
        bands[name][~valid] = np.nan
    return bands, cloud_mask(array(service.cloud_band), valid, service.cloud_band)


def snow(service: Service, folder: Path) -> dict[str, float]:
    """Return how much of a scene is snow, where the service delivers scene classes."""
    if service.cloud_band != SCENE_CLASS:
        return {}
    return {SNOW: scl.snow_share(np.load(folder / f"{SCENE_CLASS}.npy"))}


def cloud_mask(raw: np.ndarray, valid: np.ndarray, band: str) -> np.ndarray:
    """Return CLM (uint8: 0 clear, 1 cloud or shadow, 255 nodata) from what a service delivers.

    ``raw`` is CLM itself or the scene classification SCL (0 to 11), as ``band`` says, and
    ``valid`` is True where something was measured; all three have the same shape.
    """
    clm = scl.cloud_mask(raw) if band == SCENE_CLASS else raw.astype(np.uint8)
    clm[~valid] = NODATA
    return clm


def _check_grid(spec: PatchSpec, longitude: np.ndarray, latitude: np.ndarray, service: Service) -> None:
    on = spec.grid
    for delivered, wanted in ((longitude, on.x), (latitude, on.y)):
        if delivered.shape != wanted.shape or np.abs(delivered - wanted).max() > AGREEMENT_DEG:
            raise SourceError(
                f"{service.title} delivered another grid than asked for, so the patch was not kept. "
                "This xcube-sh rounds differently; install version 0.11.2."
            )


def attrs(service: Service, done: Mapping[str, Any]) -> dict[str, object]:
    """Return what a patch says of its origin and cost; ``done`` is what the worker told at the end."""
    t1_scenes, t2_scenes = done["scenes"]
    how = "CLM of Sentinel Hub (s2cloudless, 160 m)" if service.cloud_band == CLOUD_MASK else "derived from SCL"
    return {
        "simulated": False,
        "service": service.title,
        "t1_scenes": t1_scenes,
        "t2_scenes": t2_scenes,
        "cloud_mask": how,
        "reflectance_offset": "removed by Sentinel Hub (harmonizeValues)",
        "processing_units": round(float(done["units"]), 4),
        "requests": int(done["requests"]),
        "requests_failed": int(done["failed"]),
        "attribution": "Contains modified Copernicus Sentinel data, processed by Sentinel Hub",
    }
