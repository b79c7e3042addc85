"""The outlines of events as a map draws them: whole numbers, in steps from corner to corner."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from app.inventory.events import Event

STEP_DEG = 1e-5  # a metre
_SMOOTH_DEG = 2e-5  # what corners may move by where they are left out
_MOST_CORNERS = 1_500_000  # of an inventory; where there are more, they are left out ten times as generously


def as_sent(events: Sequence[Event]) -> bytes:
    """Return the outlines of events as JSON, nothing where there is none.

    ``areas`` and ``lines`` are lists of rings and lines: the place of the event among the events, longitude and
    latitude of the first corner, then the steps to the next ones, in units of STEP_DEG. An area's holes are rings too.
    """
    import shapely

    places = np.array([n for n, event in enumerate(events) if event.outline], int)
    if not len(places):
        return b""
    shapes = shapely.from_wkb(np.array([events[n].outline for n in places], object))
    many = shapely.get_num_coordinates(shapes).sum() > _MOST_CORNERS
    shapes = shapely.simplify(shapes, _SMOOTH_DEG * (10 if many else 1))
    document = {"areas": list(_rings(shapes, places)), "lines": list(_lines(shapes, places))}
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _rings(shapes: np.ndarray, places: np.ndarray) -> Iterator[list[int]]:
    import shapely

    parts, of = _parts(shapes, places, 2)
    rings, part = shapely.get_rings(parts, return_index=True)
    return _steps(rings, of[part], closed=True)


def _lines(shapes: np.ndarray, places: np.ndarray) -> Iterator[list[int]]:
    return _steps(*_parts(shapes, places, 1), closed=False)


def _parts(shapes: np.ndarray, places: np.ndarray, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the single parts of a dimension, and the place of the event that each belongs to."""
    import shapely

    for _ in range(2):  # a collection may hold shapes of several parts
        shapes, at = shapely.get_parts(shapes, return_index=True)
        places = places[at]
    wanted = shapely.get_dimensions(shapes) == dimension
    return shapes[wanted], places[wanted]


def _steps(lines: np.ndarray, places: np.ndarray, closed: bool) -> Iterator[list[int]]:
    import shapely

    corners: Any = shapely.get_coordinates(lines)
    corners = np.round(corners / STEP_DEG).astype(int)
    ends = np.cumsum(shapely.get_num_coordinates(lines))
    for place, start, end in zip(places.tolist(), [0, *ends[:-1]], ends, strict=False):
        held = corners[start : end - closed]  # the last corner of a ring is its first
        yield [place, *held[0].tolist(), *np.diff(held, axis=0).ravel().tolist()]
