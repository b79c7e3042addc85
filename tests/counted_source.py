"""A source for the cache's tests: a small patch that depends on the spec, each opening counted."""

import hashlib
import os
import threading
import time
from collections import Counter
from datetime import date

import numpy as np
import xarray as xr

from app.patches import PatchSpec, Progress, assemble, no_progress
from app.sources import SourceInfo

opened: Counter[str] = Counter()  # spec.key -> how often
pause_s = 0.0
endless_from: int | None = None  # the opening from which on none ends but by being stopped
most_at_once = 0
_running = 0
_lock = threading.Lock()


class CountedSource:
    def describe(self) -> SourceInfo:
        return SourceInfo("counted", "Counted", "For tests.", "Nothing.", "Nothing.", "None.", "None.", simulated=True)

    def open(self, spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
        global _running, most_at_once
        with _lock:
            endless = endless_from is not None and opened.total() >= endless_from
            opened[spec.key] += 1
            if os.environ.get("COUNTED_LOG"):  # outlives a process that is killed
                with open(os.environ["COUNTED_LOG"], "a") as log:
                    log.write(f"{spec.key}\n")
            _running += 1
            most_at_once = max(most_at_once, _running)
        try:
            for step in range(4):
                progress(step / 4, "making")
                time.sleep(pause_s / 4)
            while endless:
                progress(0.9, "making")
                time.sleep(0.01)
            return patch_of(spec)
        finally:
            with _lock:
                _running -= 1


def patch_of(spec: PatchSpec) -> xr.Dataset:
    """The patch every opening of ``spec`` gives: noise from its key, one nodata pixel."""
    seed = int(hashlib.sha256(spec.key.encode()).hexdigest()[:8], 16)
    shape = (2, *spec.grid.shape)
    values = np.random.default_rng(seed).random((len(spec.bands), *shape), dtype=np.float32)
    values[:, 0, 0, 0] = np.nan
    return assemble(spec, dict(zip(spec.bands, values, strict=True)), np.zeros(shape, np.uint8), {"simulated": True})


def spec_of(event: str = "1", **changes) -> PatchSpec:
    """A spec of 22 x 22 pixels and two bands."""
    fields = {
        "bbox": (9.0, 45.0, 9.002, 45.002),
        "t1": date(2020, 1, 1),
        "t2": date(2021, 1, 1),
        "bands": ("B04", "B08"),
    }
    return PatchSpec("counted", event, **{**fields, **changes})


def source() -> CountedSource:
    return CountedSource()
