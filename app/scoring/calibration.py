"""Whether a network's probabilities are true: what it says beside how often it is so."""

from dataclasses import dataclass

import numpy as np

from app.detection.methods import PROBABILITY
from app.errors import InputError
from app.scoring.curves import Curve

BINS = 10
FLOOR = 0.1  # the first bin is the quiet ground: nearly all pixels, and nothing of what a threshold looks at


@dataclass(frozen=True, eq=False)
class Reliability:
    """Pixels by the probability said of them; arrays are float64 (bins,), NaN where a bin is empty."""

    edges: np.ndarray  # float64 (bins + 1,)
    predicted: np.ndarray  # mean of the probability said
    observed: np.ndarray  # share that is landslide
    n: np.ndarray  # pixels, int64 (bins,)
    ece: float  # mean of |predicted - observed| over all pixels, NaN where there are none
    ece_above: float  # over the pixels said to be FLOOR or more, NaN where there are none
    ece_of_bins: float  # over the bins that hold a pixel, each weighing the same

    @property
    def n_above(self) -> int:
        """How many pixels are said to be FLOOR or more."""
        return int(self.n[_above(len(self.n))].sum())


def reliability(curve: Curve, bins: int = BINS) -> Reliability:
    """Return the reliability of the probabilities a curve was counted of, in ``bins`` bins of equal width.

    A pixel counts with the middle of the two thresholds it lies between, so ``predicted`` is known
    to half a step of the curve. Where landslides are rare the error over all pixels is that of the
    quiet ground, whatever the upper bins hold: read it beside the other two. Raises InputError where
    the scores are no probabilities, or the thresholds do not begin at 0.
    Source: Naeini et al. (2015), doi:10.1609/aaai.v29i1.9602.
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
    gaps, high = np.abs(predicted - observed), _above(bins)
    errors = (_mean(gaps, n), _mean(gaps[high], n[high]), _mean(gaps, n > 0))
    return Reliability(np.linspace(0, 1, bins + 1), predicted, observed, n.astype(np.int64), *errors)


def _above(bins: int) -> slice:
    """Return the bins that begin at FLOOR or above."""
    return slice(int(np.ceil(FLOOR * bins - 1e-9)), None)


def _mean(gaps: np.ndarray, weights: np.ndarray) -> float:
    return float(np.nansum(weights * gaps) / weights.sum()) if weights.sum() else float("nan")
