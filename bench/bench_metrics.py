"""Time the confusion counts of 2048 x 2048 masks against scikit-learn's three calls, and a threshold sweep.

    python -m bench.bench_metrics [--side 2048] [--repeat 5]

Prints one JSON document: medians in seconds and their ratio.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from app import metrics
from app.detection import threshold


def main() -> None:
    """Run all timings and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=2048, help="pixels a side")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each, of which the median counts")
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    truth, detected = rng.random((2, args.side, args.side)) < 0.02
    valid = rng.random(truth.shape) < 0.95
    counts = [seconds(lambda: metrics.confusion(detected, truth, valid)) for _ in range(4 * args.repeat)]
    theirs = [seconds(lambda: scikit_learn(detected[valid], truth[valid])) for _ in range(max(1, args.repeat // 2))]
    swept, memory_mb = sweep(rng, truth, valid)
    document = {
        "side": args.side,
        "confusion_s": median(counts),
        "scikit_learn_s": median(theirs),
        "ratio": median(theirs) / median(counts),
        "sweep_12_bands_20_thresholds_s": swept,
        "peak_memory_mb": memory_mb,
    }
    print(json.dumps(document, indent=2))


def seconds(action: Callable[[], object]) -> float:
    """Return how long ``action`` takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def scikit_learn(detected: np.ndarray, truth: np.ndarray) -> None:
    """Compute what the notebook does: scores, IoU and matrix, each by its own call."""
    from sklearn.metrics import confusion_matrix, jaccard_score, precision_recall_fscore_support

    precision_recall_fscore_support(truth, detected, average="binary")
    jaccard_score(truth, detected)
    confusion_matrix(truth, detected)


def sweep(rng: np.random.Generator, truth: np.ndarray, valid: np.ndarray) -> tuple[float, float]:
    """Return seconds and the process's peak memory in MB for 12 bands x 20 thresholds against truth."""
    levels = np.linspace(0.01, 0.2, 20)
    spent = 0.0
    for _ in range(12):
        pair = rng.random((2, *truth.shape), dtype=np.float32)
        spent += seconds(lambda pair=pair: metrics.sweep(threshold.largest_difference([pair]), truth, valid, levels))
    return spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
