"""Time the confusion counts of 2048 x 2048 masks against scikit-learn's three calls, and the sweep of all bands.

    python -m bench.bench_metrics [--side 2048] [--repeat 5]

Prints one JSON document: medians in seconds and their ratio.
"""

import json
import resource
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from app import patches
from app.arguments import Parser
from app.detection.methods import REFLECTANCE
from app.scoring import boundary, curves, metrics, objects, thesis_bands
from bench.bench_threshold import random_patch


def main() -> None:
    """Run all timings and print them."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=2048, help="pixels a side")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each, of which the median counts")
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    truth, detected = rng.random((2, args.side, args.side)) < 0.02
    valid = rng.random(truth.shape) < 0.95
    counts = [seconds(lambda: metrics.confusion(detected, truth, valid)) for _ in range(4 * args.repeat)]
    theirs = [seconds(lambda: scikit_learn(detected[valid], truth[valid])) for _ in range(max(1, args.repeat // 2))]
    swept, memory_mb = sweep(truth, args.side)
    score = rng.random(truth.shape, dtype=np.float32)
    ground = patches.grid_of(random_patch(args.side))
    shapes = blobs(rng, args.side), blobs(rng, args.side)
    document = {
        "side": args.side,
        "confusion_s": median(counts),
        "scikit_learn_s": median(theirs),
        "ratio": median(theirs) / median(counts),
        "sweep_12_bands_and_their_union_20_thresholds_s": swept,
        "peak_memory_mb": memory_mb,
        "curve_100_thresholds_s": seconds(lambda: curves.count(score, truth, valid, curves.levels(REFLECTANCE))),
        "objects_s": seconds(lambda: objects.count(*shapes, valid, ground)),
        "boundary_s": seconds(lambda: boundary.measure(*shapes, valid, ground)),
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


def sweep(truth: np.ndarray, side: int) -> tuple[float, float]:
    """Return seconds and the process's peak memory in MB for all bands x 20 thresholds, the patch included."""
    patch = random_patch(side).assign(truth=(("y", "x"), truth.astype(np.uint8)))
    spent = seconds(lambda: thesis_bands.band_sweep(patch, np.linspace(0.01, 0.2, 20)))
    return spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def blobs(rng: np.random.Generator, side: int) -> np.ndarray:
    """Return a mask of round spots, some hundred at 2048 pixels a side."""
    from scipy.ndimage import binary_dilation

    seeds = rng.random((side, side)) < 1e-4
    return binary_dilation(seeds, iterations=12)


if __name__ == "__main__":
    main()
