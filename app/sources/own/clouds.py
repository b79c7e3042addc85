"""Clouds and their shadows found by ukis-csmask, where a date has no cloud mask and the package is installed.

Source: Wieland, Li and Martinis (2019), Multi-sensor cloud and cloud shadow segmentation with a convolutional neural
network, doi:10.1016/j.rse.2019.05.022; the package is the German Aerospace Center's (Apache-2.0), its networks within.
"""

from collections.abc import Collection, Mapping
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from app import config
from app.errors import InputError

INSTALL = "pip install --no-deps ukis-csmask==1.0.0"
_PACKAGE = "ukis_csmask"
_NEEDED = {"B02": "blue", "B03": "green", "B04": "red", "B08": "nir"}
_ALSO = {"B11": "swir16", "B12": "swir22"}  # used where both are there
_LEAST_PX = 256  # a side: what the networks look at; a smaller image is mirrored at its edges


def installed() -> bool:
    """Whether the package is there."""
    return find_spec(_PACKAGE) is not None


def enough(bands: Collection[str]) -> bool:
    """Whether the bands suffice to find clouds."""
    return set(bands) >= set(_NEEDED)


def require(bands: Collection[str]) -> None:
    """Raise InputError, with what to do, unless clouds can be found in these bands."""
    if not enough(bands):
        raise InputError(f"Clouds are found in {', '.join(_NEEDED)}, and there are {', '.join(bands)} only.")
    if not installed():
        raise InputError(f"Clouds are found by ukis-csmask, which is not installed here. Install it with: {INSTALL}")


def find(bands: Mapping[str, np.ndarray], level: str = "l2a") -> np.ndarray:
    """Return a cloud mask, uint8 (y, x): 0 clear, 1 cloud or shadow, of reflectance float32 (y, x), NaN where nodata.

    ``level`` is that of the product, ``l2a`` or ``l1c``. Raises InputError as ``require`` does.
    """
    require(bands)
    named = _NEEDED | (_ALSO if set(bands) >= set(_ALSO) else {})
    image = np.nan_to_num(np.stack([bands[band] for band in named], axis=-1)).astype(np.float32)
    height, width, _ = image.shape
    sides = [(max(0, _LEAST_PX - side) // 2, -(-max(0, _LEAST_PX - side) // 2)) for side in (height, width)]
    whole = np.pad(image, (*sides, (0, 0)), mode="symmetric")
    found = import_module(f"{_PACKAGE}.mask").CSmask(
        whole, list(named.values()), product_level=level, providers=["CPUExecutionProvider"],
        intra_op_num_threads=config.available_cores(),
    )  # fmt: skip
    top, left = sides[0][0], sides[1][0]
    return (found.csm[top : top + height, left : left + width, 0] > 0).astype(np.uint8)
