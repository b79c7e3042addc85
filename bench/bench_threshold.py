"""Time difference and threshold of twelve bands against the notebook's xarray expression, warm.

    python -m bench.bench_threshold [--side 2048] [--repeat 7]

Both keep every band's map; runs are interleaved. Prints one JSON document with medians.
"""

import json
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from app import patches
from app.arguments import Parser
from app.bands import ALL_BANDS
from app.detection import run, threshold
from app.grid import Grid


def main() -> None:
    """Build a patch, check that both ways agree, time them and print the medians."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=2048, help="pixels a side")
    parser.add_argument("--repeat", type=int, default=7, help="runs of each, of which the median counts")
    args = parser.parse_args()
    patch = random_patch(args.side)
    reflectance = patch[list(ALL_BANDS)].drop_vars("time")
    pairs = [patch[name].values for name in ALL_BANDS]

    def notebook():
        return (reflectance.isel(time=1) - reflectance.isel(time=0)) > 0.05

    def blocks():
        return threshold.changed_by_band(pairs, 0.05)

    theirs, ours = notebook(), blocks()
    agree = [bool((theirs[name].values == ours[number]).all()) for number, name in enumerate(ALL_BANDS)]
    times = [(seconds(notebook), seconds(blocks), seconds(lambda: union(patch))) for _ in range(args.repeat)]
    xarray_s, blocks_s, union_s = (median(column) for column in zip(*times, strict=True))
    document = {
        "side": args.side,
        "bands_that_agree": sum(agree),
        "xarray_s": xarray_s,
        "row_blocks_s": blocks_s,
        "ratio": xarray_s / blocks_s,
        "all_bands_detection_s": union_s,
    }
    print(json.dumps(document, indent=2))


def random_patch(side: int):
    """Return a clear patch of all bands with random reflectance."""
    rng = np.random.default_rng(0)
    bands = {name: rng.random((2, side, side), dtype=np.float32) for name in ALL_BANDS}
    on = Grid(10.0, 45.0, 0.00001, 0.00001, side, side)
    return patches.build(on, ["2020-01-01", "2020-02-01"], bands, np.zeros((2, side, side)), {"simulated": True})


def union(patch) -> np.ndarray:
    """Run the all-bands method from patch to mask."""
    return run.mask(run.detect(patch, "all-bands:0.05"))


def seconds(action: Callable[[], object]) -> float:
    """Return how long ``action`` takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
