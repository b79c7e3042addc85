"""Outlines become few numbers for a map: steps from corner to corner, true to a metre or two."""

import json

import numpy as np
import shapely

from app.inventory import Event
from app.inventory.areas import STEP_DEG, as_sent


def event(shape=None):
    return Event("1", 0, None, 45.0, 9.0, outline=b"" if shape is None else shape.wkb)


def drawn(document, kind):
    """Return (place among the events, corners in degrees) of each ring or line."""
    return [(n, np.cumsum(np.reshape(steps, (-1, 2)), axis=0) * STEP_DEG) for n, *steps in document[kind]]


def test_rings_holes_parts_and_lines_keep_their_corners_and_their_event():
    area = shapely.box(9, 45, 9.01, 45.01).difference(shapely.box(9.002, 45.002, 9.004, 45.004))
    line = shapely.LineString([(9.1, 45), (9.11, 45.01), (9.12, 45)])
    shapes = [None, shapely.MultiPolygon([area, shapely.box(9.02, 45, 9.03, 45.01)]), line]
    document = json.loads(as_sent([event(one) for one in shapes]))
    rings, lines = drawn(document, "areas"), drawn(document, "lines")
    assert [n for n, _ in rings] == [1, 1, 1] and [n for n, _ in lines] == [2]
    areas = sorted(shapely.Polygon(corners).area for _, corners in rings)
    assert np.allclose(areas, [4e-6, 1e-4, 1e-4]) and np.allclose(lines[0][1], line.coords)


def test_a_shape_of_several_kinds_is_taken_apart():
    mixed = shapely.GeometryCollection([
        shapely.MultiPolygon([shapely.box(9, 45, 9.1, 45.1)]), shapely.LineString([(9, 45), (10, 46)]),
        shapely.Point(9, 45),
    ])  # fmt: skip
    document = json.loads(as_sent([event(mixed)]))
    assert len(document["areas"]) == len(document["lines"]) == 1


def test_corners_of_less_than_two_metres_are_left_out_and_the_shape_stays():
    circle = shapely.Point(9, 45).buffer(0.01, quad_segs=200)
    [(_, corners)] = drawn(json.loads(as_sent([event(circle)])), "areas")
    assert len(corners) < 120
    assert shapely.hausdorff_distance(shapely.Polygon(corners), circle) < 4e-5


def test_without_outlines_nothing_is_sent():
    assert as_sent([event(), event()]) == b""
