"""Outlines of a large scene's objects: traced band by band of its rows, so that no more than a band's are held.

An object is traced whole, with the band in which it begins, however far it reaches.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

import numpy as np

from app.detection import polygons
from app.detection.polygon_files import Feature
from app.grid import Grid, label_areas_m2
from app.patches import Progress, no_progress
from app.terrain import relief

LARGE_PX = 16_000_000  # the outlines of fewer pixels are traced at once
BAND_ROWS = 1024


@dataclass(frozen=True)
class _Objects:
    """All objects of a scene: ``labels`` int32 (y, x), 1 to ``number``; one value an object in the other arrays."""

    labels: np.ndarray
    number: int
    first: np.ndarray  # row
    last: np.ndarray
    told: dict[str, np.ndarray]  # properties


def features(
    mask: np.ndarray, score: np.ndarray, grid: Grid, height: np.ndarray | None = None, progress: Progress = no_progress
) -> Iterator[Feature]:
    """Yield what ``polygons.polygons`` returns, largest first; those of many pixels wait in a file, not in memory.

    ``mask`` is bool, ``score`` float32, ``height`` float, each (y, x). Raises as ``polygons.polygons`` does.
    """
    if mask.size <= LARGE_PX:
        yield from polygons.polygons(mask, score, grid, height)
        return
    if not mask.any():
        return
    found = _objects(mask, score, grid, height)
    with tempfile.TemporaryFile() as waiting:
        places = np.zeros((found.number + 1, 2), np.int64)
        for start in range(0, grid.height, BAND_ROWS):
            progress(start / grid.height, f"tracing outlines: row {start:,} of {grid.height:,}")
            _trace(found, slice(start, min(start + BAND_ROWS, grid.height)), grid, waiting, places)
        for label in 1 + np.argsort(-found.told["area_m2"], kind="stable"):
            place, length = places[label]
            waiting.seek(place)
            yield json.loads(waiting.read(length))


def _objects(mask: np.ndarray, score: np.ndarray, grid: Grid, height: np.ndarray | None) -> _Objects:
    labels, number = polygons.objects(mask)
    first, last = np.full(number + 1, -1), np.zeros(number + 1, np.int64)
    pixels, sums, tops = np.zeros(number + 1, np.int64), np.zeros(number + 1), np.full(number + 1, -np.inf, np.float32)
    for block in grid.blocks():
        inside = mask[block]
        held, values, rows = labels[block][inside], score[block][inside], block.start + np.nonzero(inside)[0]
        last[held] = rows
        new = first[held] < 0
        first[held[new][::-1]] = rows[new][::-1]  # of several rows the one that is set last: the first
        pixels += np.bincount(held, minlength=number + 1)
        sums += np.bincount(held, values, number + 1)
        np.maximum.at(tops, held, values)
    told = {
        "area_m2": label_areas_m2(labels, number, grid), "mean_score": sums[1:] / pixels[1:], "max_score": tops[1:],
        "pixels": pixels[1:],
    }  # fmt: skip
    if height is not None:
        told |= relief.of_objects(labels, number, height, grid)
    return _Objects(labels, number, first, last, told)


def _trace(found: _Objects, band: slice, grid: Grid, waiting: IO[bytes], places: np.ndarray) -> None:
    """Write a feature of each object that begins in a band of rows, and where it stands to ``places``."""
    wanted = (found.first >= band.start) & (found.first < band.stop)
    if not wanted.any():
        return
    stop = int(found.last[wanted].max()) + 1
    labels = found.labels[band.start : stop]
    part = replace(grid, south=grid.south + (grid.height - stop) * grid.res_y, height=stop - band.start)
    for label, outline in polygons.outlines(labels, wanted[labels], part).items():
        told = {name: values[label - 1] for name, values in found.told.items()}
        line = json.dumps(polygons.feature(outline, told)).encode()
        places[label] = waiting.tell(), len(line)
        waiting.write(line)
