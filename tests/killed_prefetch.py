"""A process for the tests that prefetches and is killed: it forks for every line it reads.

A line says after how many further openings, and how many seconds later, the child is killed.
"""

import os
import signal
import sys
import time
from pathlib import Path

import xarray as xr

from app import sources
from app.cache import prefetch
from tests import counted_source
from tests.counted_source import patch_of, spec_of

EVENTS = 60


def specs() -> list:
    return [spec_of(str(number)) for number in range(EVENTS)]


def openings() -> list[str]:
    """The keys opened so far, by every child."""
    return Path(os.environ["COUNTED_LOG"]).read_text().split()


def _child() -> None:
    prefetch.prefetch(specs(), at_once=4)
    os._exit(0)


def _warm() -> None:
    """Import what a child would spend its short life importing; starts no thread a fork would lose."""
    import fsspec.implementations.local
    import numcodecs.blosc
    import zarr.storage

    assert zarr.storage and numcodecs.blosc and fsspec.implementations.local
    xr.backends.list_engines()
    patch_of(spec_of())


def main() -> None:
    sources.SOURCES["counted"] = ("tests.counted_source", "")
    counted_source.pause_s = 0.02
    _warm()
    for line in sys.stdin:
        more, seconds = line.split()
        enough = len(openings()) + int(more)
        child = os.fork()
        if child == 0:
            _child()
        while len(openings()) < enough:
            time.sleep(0.001)
        time.sleep(float(seconds))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print("killed", flush=True)


if __name__ == "__main__":
    main()
