"""Whether a network's probabilities are true: what it says beside how often it is so."""

from dataclasses import dataclass

import numpy as np

from app.curves import Curve
from app.detection.methods import PROBABILITY
from app.errors import InputError

BINS = 10


@dataclass(frozen=True, eq=False)
class Reliability:
    """Pixels by the probability said of them; arrays are float64 (bins,), NaN where a bin is empty."""

    edges: np.ndarray  # float64 (bins + 1,)
    predicted: np.ndarray  # mean of the probability said
    observed: np.ndarray  # share that is landslide
    n: np.ndarray  # pixels, int64 (bins,)
    ece: float  # mean of |predicted - observed| over the pixels, NaN where there are none


def of(curve: Curve, bins: int = BINS) -> Reliability:
    """Return the reliability of the probabilities a curve was counted of, in ``bins`` bins of equal width.

    A pixel counts with the middle of the two thresholds it lies between, so ``predicted`` is known
    to half a step of the curve. Raises InputError where the scores are no probabilities, or the
    thresholds do not begin at 0. Source: Naeini et al. (2015), doi:10.1609/aaai.v29i1.9602.
    """
    if curve.unit != PROBABILITY:
        raise InputError(
            f"Only probabilities can be calibrated, and these scores are a {curve.unit or 'mask'}; choose a network."
        )
    if not len(curve) or curve.thresholds[0] != 0:
        raise InputError("The thresholds of this curve do not begin at 0; count it at those of curves.levels.")
    said = (curve.thresholds + np.append(curve.thresholds[1:], 1.0)) / 2
    landslide, other = (-np.diff(counts, append=0) for counts in (curve.tp, curve.fp))
    number = np.minimum((said * bins).astype(int), bins - 1)
    n, yes, total = (
        np.bincount(number, weights, bins) for weights in (landslide + other, landslide, (landslide + other) * said)
    )
    predicted, observed = (np.divide(part, n, out=np.full(bins, np.nan), where=n > 0) for part in (total, yes))
    gap = float(np.nansum(n * np.abs(predicted - observed)) / n.sum()) if n.sum() else float("nan")
    return Reliability(np.linspace(0, 1, bins + 1), predicted, observed, n.astype(np.int64), gap)
