"""What every Sentinel-2 L2A product needs: scene classes to a cloud mask, numbers to reflectance."""

import re
from collections.abc import Mapping

import numpy as np

from app.patches import CLEAR, CLOUDY, NODATA

QUANTIFICATION = 10_000.0
OFFSET = -0.1  # BOA_ADD_OFFSET of -1000 since baseline 04.00 (ESA, S2 Products, 25 January 2022)
OFFSET_SINCE = (4, 0)

NODATA_CLASSES = (0, 1)  # no data; saturated or defective
SNOW_CLASS = 11
CLOUDY_CLASSES = (3, 8, 9, 10)  # cloud shadow; cloud of medium and high probability; thin cirrus

_WRONGLY_DARK = -0.01  # true reflectance is hardly ever below; applied twice, the offset puts forests there
_WRONGLY_DARK_SHARE = 0.05

_CLASS_TO_MASK = np.full(256, CLEAR, np.uint8)
_CLASS_TO_MASK[list(NODATA_CLASSES)] = NODATA
_CLASS_TO_MASK[list(CLOUDY_CLASSES)] = CLOUDY


def cloud_mask(scl: np.ndarray) -> np.ndarray:
    """Return CLM (uint8: 0 clear, 1 cloud or shadow, 255 nodata) of scene classes of any shape."""
    return _CLASS_TO_MASK[np.asarray(scl, np.uint8)]


def snow_share(scl: np.ndarray) -> float:
    """Return the share, 0 to 1, of the pixels of scene classes with data that are snow or ice; NaN without any."""
    measured = ~np.isin(scl, NODATA_CLASSES)
    return float(np.mean(np.asarray(scl)[measured] == SNOW_CLASS)) if measured.any() else float("nan")


def reflectance(numbers: np.ndarray, offset: float = 0.0, scale: float = 1 / QUANTIFICATION) -> np.ndarray:
    """Return float32 reflectance of digital numbers, NaN where the number is 0 (nodata).

    With the offset of baseline 04.00 a very dark surface can come out below zero, as could
    not happen before that baseline; it is 0 then, so that both baselines mean the same.
    """
    values = numbers.astype(np.float32)
    values *= np.float32(scale)
    values += np.float32(offset)
    np.maximum(values, 0, out=values)
    values[numbers == 0] = np.nan
    return values


def offset_of(properties: Mapping[str, object], asset: Mapping[str, object]) -> float:
    """Return what has to be added to reflectance for the file a STAC asset names: 0 or -0.1.

    Three statements are in use. ``earthsearch:boa_offset_applied`` outranks the others: Earth
    Search states ``raster:bands`` offset -0.1 for files whose pixels are corrected already.
    Without it the asset's own offset counts, and without that the processing baseline.
    """
    applied = properties.get("earthsearch:boa_offset_applied", properties.get("sentinel:boa_offset_applied"))
    if applied is True:
        return 0.0
    stated = stated_offset(asset)
    if stated is not None and (stated or applied is None):
        return stated
    return OFFSET if baseline(properties) >= OFFSET_SINCE else 0.0


def stated_offset(asset: Mapping[str, object]) -> float | None:
    """Return the offset an asset states (STAC raster extension 1 or 2), None where it states none."""
    return _stated(asset, "offset")


def stated_scale(asset: Mapping[str, object]) -> float:
    """Return the factor from digital number to reflectance, 1/10,000 where none is stated."""
    return _stated(asset, "scale") or 1 / QUANTIFICATION


def baseline(properties: Mapping[str, object]) -> tuple[int, int]:
    """Return the processing baseline a STAC item states, (0, 0) where it states none."""
    for name in ("s2:processing_baseline", "processing:version", "sentinel:processing_baseline"):
        match = re.fullmatch(r"(\d{1,2})\.(\d{1,2})", str(properties.get(name, "")))
        if match:
            return int(match[1]), int(match[2])
    product = str(properties.get("s2:product_uri") or properties.get("sentinel:product_id") or "")
    match = re.search(r"_N(\d\d)(\d\d)_", product)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def corrected_already(numbers: np.ndarray, offset: float) -> bool:
    """Whether the pixels contradict a stated offset: it has been applied to the file before.

    ``numbers`` are digital numbers of one visible band, 0 nodata. Earth Search holds such
    files (Element84/earth-search issues 9 and 71); subtracting again would turn a forest black,
    which looks like change.
    """
    valid = numbers[numbers > 0]
    if offset >= 0 or not valid.size:
        return False
    return float(np.mean(valid / QUANTIFICATION + offset < _WRONGLY_DARK)) > _WRONGLY_DARK_SHARE


def _stated(asset: Mapping[str, object], name: str) -> float | None:
    bands = asset.get("raster:bands") or asset.get("bands") or [{}]
    first = bands[0] if isinstance(bands, list) and bands and isinstance(bands[0], Mapping) else {}
    for value in (first.get(name), first.get(f"raster:{name}"), asset.get(f"raster:{name}")):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    return None
