"""How much more bare a pixel became than the rest of the scene, by ratios of T2 to T1: what all of it did is season."""

from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.detection.methods import KINDS, Method, Scored
from app.patches import Progress, no_progress

if TYPE_CHECKING:
    import xarray as xr

VISIBLE, INFRARED = ("B02", "B03", "B04"), "B08"
FULL = {"B02": 0.3, "B03": 0.35, "B04": 0.4, "B08": 0.6}  # reflectance that counts as 1
FLOOR = 0.04  # added to both dates, so that deep shade makes no large ratios
BLUR_PX = 0.7
SPREAD_FLOOR = 0.35  # added to the scene's own spread, so that a scene in which nothing changed stays still
# by how much the logarithm of each band's ratio counts: with the near infrared, and of the visible bands alone
WITH_INFRARED = {"B02": -1.16, "B03": 2.29, "B04": 0.16, "B08": -1.0}
WITHOUT = {"B02": 0.25, "B03": 0.68, "B04": 0.97}
WITHOUT_SHARE = 0.74  # of the score of the visible bands, so that one threshold is the best of both


def score(patch: "xr.Dataset", method: Method, device: str = "auto", progress: Progress = no_progress) -> Scored:
    """Return the anomaly of each pixel, float32 (y, x), larger where ground was laid bare; NaN where a date has nodata.

    The logarithms of T2 over T1 are smoothed, weighed by band and summed. The median of the clear pixels is taken
    away, and the rest divided by their median absolute deviation plus ``SPREAD_FLOOR``. B08 is read where the patch
    has it; else the visible bands alone are, which the note says. Source: the score of Scarp's CDRL
    (``models/cdrl.md``) with T1 in place of what the network rebuilds. Raises BandMissingError. Runs on the CPU,
    whatever the ``device``.
    """
    infrared = INFRARED in patches.band_names(patch)
    weights = WITH_INFRARED if infrared else WITHOUT
    patches.require_bands(patch, *VISIBLE)
    measured = np.logical_and.reduce([np.isfinite(patch[band].values).all(axis=0) for band in weights])
    total = np.zeros(measured.shape, np.float32)
    for number, (band, weight) in enumerate(weights.items()):
        progress(number / len(weights), f"Comparing {band}")
        total += np.float32(weight) * _log_ratio(patch[band].values, FULL[band], measured)
    values = against_the_scene(total, measured & patches.clear_mask(patch))
    values = np.where(measured, values if infrared else values * np.float32(WITHOUT_SHARE), np.nan)
    kind = KINDS[method.kind]
    note = "" if infrared else "The patch has no B08, so the visible bands alone were compared."
    return Scored(values.astype(np.float32), measured, kind.threshold, kind.unit, note=note)


def against_the_scene(values: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return values less their median over ``seen``, in median absolute deviations plus ``SPREAD_FLOOR``.

    ``values`` float32 and ``seen`` bool are (y, x).
    """
    usual = values[seen]
    if not usual.size:
        return np.zeros_like(values)
    middle = np.median(usual)
    return (values - middle) / (np.median(np.abs(usual - middle)) + np.float32(SPREAD_FLOOR))


def _log_ratio(dates: np.ndarray, full: float, measured: np.ndarray) -> np.ndarray:
    """Return the smoothed logarithm of T2 over T1 of one band, float32 (y, x); nodata counts as no change."""
    from scipy.ndimage import gaussian_filter

    t1, t2 = (np.log(np.clip(date / np.float32(full), 0, 1) + np.float32(FLOOR)) for date in dates)
    return gaussian_filter(np.where(measured, t2 - t1, np.float32(0)), BLUR_PX, mode="nearest")
