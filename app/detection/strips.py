"""Scores of a large patch, strip by strip of its rows on all cores, for methods that look at each pixel alone."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app.config import available_cores
from app.detection import methods
from app.detection.methods import Method, Scored
from app.patches import Progress, no_progress

if TYPE_CHECKING:
    import xarray as xr

LARGE_PX = 16_000_000  # a patch of fewer pixels is scored at once
STRIP_ROWS = 512  # as many as the blocks of large images have
_Strip = tuple[slice, Scored]


def wanted(patch: "xr.Dataset", method: Method) -> bool:
    """Whether a patch is large, and the method gives the same for its parts as for the whole."""
    return methods.KINDS[method.kind].by_pixel and patch.sizes["y"] * patch.sizes["x"] > LARGE_PX


def score(patch: "xr.Dataset", method: Method, device: str = "auto", progress: Progress = no_progress) -> Scored:
    """Return what the method gives of the whole patch; its bands may be read as they are asked for.

    Raises what the method raises, and Cancelled from ``progress``: between two strips, with those under way finished.
    """
    shape = patch.sizes["y"], patch.sizes["x"]
    values, measured, first = np.empty(shape, np.float32), np.empty(shape, bool), None
    for rows, scored in _scored(patch, method, device):
        values[rows], measured[rows], first = scored.score, scored.measured, scored
        progress(min(rows.stop / shape[0], 1.0), f"{method}: row {rows.stop:,} of {shape[0]:,}")
    if first is None:  # a patch of no rows
        return methods.runner(method).score(patch, method, device, progress)
    return replace(first, score=values, measured=measured)


def _scored(patch: "xr.Dataset", method: Method, device: str) -> Iterator[_Strip]:
    """Yield each strip with its scores, in order; no more are under way than there are cores, and one that waits."""
    runner, height = methods.runner(method), patch.sizes["y"]

    def one(start: int) -> _Strip:
        rows = slice(start, min(start + STRIP_ROWS, height))
        return rows, runner.score(patch.isel(y=rows), method, device)

    waiting: deque[Future[_Strip]] = deque()
    with ThreadPoolExecutor(available_cores()) as pool:
        try:
            for start in range(0, height, STRIP_ROWS):
                waiting.append(pool.submit(one, start))
                if len(waiting) > available_cores():
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
