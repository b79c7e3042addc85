"""Shapes drawn on a patch: what is taken from a browser, what they measure, what they hold, how they are written."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputError
from app.grid import Grid
from app.pictures import shapes
from app.pictures.shapes import Shape

DEGREES = Grid(10.0, 45.0, 0.0001, 0.0001, 8, 6)
METRES = Grid(500_000.0, 5_000_000.0, 10.0, 10.0, 8, 6, "EPSG:32632")
BOX = Shape("box", ((1, 1), (4, 3)))


def test_a_box_holds_the_pixels_whose_middle_lies_inside():
    assert shapes.mask(BOX, DEGREES)[1:3, 1:4].all()
    assert shapes.mask(BOX, DEGREES).sum() == 6


def test_a_triangle_holds_half_of_its_square():
    triangle = Shape("polygon", ((0, 0), (3.9, 0), (0, 3.9)))
    assert shapes.mask(triangle, DEGREES)[:4, :4].tolist() == [
        [True, True, True, False],
        [True, True, False, False],
        [True, False, False, False],
        [False, False, False, False],
    ]


@pytest.mark.parametrize(
    ("shape", "row", "column"),
    [
        (Shape("point", ((2.5, 3.9),)), 3, 2),
        (Shape("point", ((8.0, 6.0),)), 5, 7),  # the south-east corner belongs to the last pixel
        (Shape("box", ((2.1, 2.1), (2.3, 2.3))), 2, 2),
    ],
)
def test_what_lies_between_middles_takes_the_pixel_it_is_in(shape, row, column):
    inside = shapes.mask(shape, DEGREES)
    assert np.argwhere(inside).tolist() == [[row, column]]


def test_a_box_in_degrees_has_the_area_of_its_pixels():
    assert shapes.area_m2(BOX, DEGREES) == pytest.approx(DEGREES.areas_m2()[1:3, :3].sum(), rel=1e-6)


def test_a_box_in_metres_has_true_ground_area_and_outline():
    scale = 0.9996  # of UTM at its central meridian: ground is larger than the grid says
    assert shapes.area_m2(BOX, METRES) == pytest.approx(600 / scale**2, rel=1e-5)
    assert shapes.length_m(BOX, METRES) == pytest.approx(100 / scale, rel=1e-5)


def test_an_outline_that_crosses_itself_counts_both_of_its_areas():
    bow = Shape("polygon", ((0, 0), (4, 4), (4, 0), (0, 4)))
    assert shapes.area_m2(bow, METRES) == pytest.approx(800 / 0.9996**2, rel=1e-5)


def test_a_point_and_a_line_have_no_area():
    assert shapes.area_m2(Shape("point", ((1, 1),)), DEGREES) == 0
    assert shapes.area_m2(Shape("polygon", ((0, 0), (2, 2), (4, 4))), DEGREES) == pytest.approx(0, abs=0.01)


def test_the_file_holds_degrees_numbers_and_what_was_drawn_on():
    document = json.loads(shapes.geojson([BOX, Shape("point", ((0, 0),))], DEGREES, {"simulated": "true"}))
    box, point = document["features"]
    assert document["metadata"] == {"simulated": "true"}
    assert point["geometry"] == {"type": "Point", "coordinates": [10.0, 45.0006]}
    assert sorted({tuple(place) for place in box["geometry"]["coordinates"][0]}) == [
        (10.0001, 45.0003), (10.0001, 45.0005), (10.0004, 45.0003), (10.0004, 45.0005),
    ]  # fmt: skip
    assert box["properties"]["area_m2"] == round(shapes.area_m2(BOX, DEGREES), 1)
    assert "area_m2" not in point["properties"]


def test_the_outer_ring_of_a_file_runs_against_the_clock():
    (feature,) = json.loads(shapes.geojson([BOX], DEGREES, {}))["features"]
    ring = np.array(feature["geometry"]["coordinates"][0])
    turned = np.sum(ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1])
    assert turned > 0


def sent(kind="box", points=((1, 1), (4, 3))):
    return {"kind": kind, "points": [list(point) for point in points]}


@pytest.mark.parametrize(
    "value",
    [
        None,
        "shapes",
        {"kind": "box"},
        [None],
        [{"kind": "box"}],
        [sent("circle")],
        [sent("point")],
        [sent("polygon")],
        [sent(points=((1, 1), (9, 3)))],
        [sent(points=((-0.01, 1), (4, 3)))],
        [sent(points=((math.nan, 1), (4, 3)))],
        [sent(points=((math.inf, 1), (4, 3)))],
        [sent(points=((10**400, 1), (4, 3)))],
        [sent(points=(("1", 1), (4, 3)))],
        [sent(points=((True, 1), (4, 3)))],
        [sent(points=((1, 1, 1), (4, 3)))],
        [sent("polygon", [(1, 1)] * (shapes.MOST_POINTS + 1))],
        [sent()] * (shapes.MOST_SHAPES + 1),
    ],
)
def test_what_a_browser_could_not_have_drawn_is_refused_with_a_sentence(value):
    with pytest.raises(InputError, match=r"draw"):
        shapes.read(value, DEGREES)


places = st.tuples(st.floats(0, 8), st.floats(0, 6))
drawn = st.one_of(
    st.builds(Shape, st.just("point"), st.tuples(places)),
    st.builds(Shape, st.just("box"), st.tuples(places, places)),
    st.builds(Shape, st.just("polygon"), st.lists(places, min_size=3, max_size=7).map(tuple)),
)


@given(st.lists(drawn, max_size=4))
def test_shapes_sent_come_back_as_they_were(found):
    assert shapes.read(json.loads(json.dumps(shapes.as_lists(found))), DEGREES) == found


@given(drawn)
def test_every_shape_holds_a_pixel_and_no_more_ground_than_the_patch(shape):
    assert shapes.mask(shape, DEGREES).any()
    assert 0 <= shapes.area_m2(shape, DEGREES) <= DEGREES.areas_m2().sum() * 1.0001
    json.loads(shapes.geojson([shape], DEGREES, {}), parse_constant=pytest.fail)
