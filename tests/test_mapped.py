"""Outlines of an inventory become the truth of a patch: what slid between its dates, and what nobody knows."""

from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from pyproj import Transformer

from app import patches, truth
from app.errors import GridError, InputError, TruthMissingError
from app.grid import BUFFERS_DEG, UNPLACED, Grid
from app.inventory import Event
from app.inventory.mapped import AS_BACKGROUND, AS_LANDSLIDE, Meeting, OutlineIndex, Rule, buffer_deg, onto, sentences
from app.masks.outlines import laid
from tests.handmade import grid, patch

ON = grid(10, 12)
T1, DAY, T2 = date(2018, 5, 7), date(2018, 9, 6), date(2018, 10, 24)


def box(left, top, right, bottom, on=ON):
    """A box between columns and rows of a grid."""
    west, _, _, north = on.bbox
    return shapely.box(
        west + left * on.res_x, north - bottom * on.res_y, west + right * on.res_x, north - top * on.res_y
    )


def event(name, shape, day=DAY, last=None):
    point = shape.representative_point()
    outline = b"" if shape.geom_type == "Point" else shape.wkb
    longitude = (point.x + 180) % 360 - 180
    return Event(name, 0, day, point.y, longitude, date_end=last, outline=outline)


def made(*events, rule=Rule(), on=ON, of="1", t1=T1, t2=T2):  # noqa: B008
    return OutlineIndex(events).truth(on, t1, t2, of, rule)


def counted(*events, **more):
    values, counts = np.unique(made(*events, **more).truth, return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


OWN = event("1", box(1, 1, 4, 3))


def test_the_events_own_outline_is_landslide_and_all_else_is_not():
    found = made(OWN)
    expected = np.zeros((10, 12), int)
    expected[1:3, 1:4] = 1
    assert found.truth.tolist() == expected.tolist() and found.truth.dtype == np.uint8
    assert found.sentences == (
        "Truth: outlines of the inventory, by pixels whose middle lies inside; 1 is landslide, 0 of other days or of "
        "none are unknown.",
    )


@pytest.mark.parametrize(
    ("first", "last", "slid"),
    [
        (date(2018, 5, 8), None, True),
        (date(2018, 5, 7), None, False),  # on the very day of a scene nobody knows
        (date(2018, 10, 24), None, False),
        (date(2018, 5, 8), date(2018, 10, 23), True),
        (date(2018, 5, 6), date(2018, 10, 23), False),  # a span that only reaches into the time between
        (date(2018, 5, 8), date(2018, 11, 1), False),
        (date(2017, 5, 8), None, False),
        (None, None, False),
    ],
)
def test_an_outline_slid_where_all_its_days_lie_between_the_dates_and_is_unknown_else(first, last, slid):
    other = event("2", box(6, 5, 8, 8), first, last)
    assert counted(OWN, other) == ({0: 108, 1: 12} if slid else {0: 108, 1: 6, 255: 6})


def test_outlines_of_the_events_own_days_are_as_its_own_whatever_these_are():
    late = date(2018, 10, 24), date(2018, 11, 1)
    assert counted(event("1", box(1, 1, 4, 3), *late), event("2", box(6, 5, 8, 8), *late)) == {0: 108, 1: 12}
    undated = event("1", box(1, 1, 4, 3), None), event("2", box(6, 5, 8, 8), None)
    assert counted(*undated) == {0: 108, 1: 6, 255: 6}
    assert counted(*undated, t1=None, t2=None) == {0: 108, 1: 6, 255: 6}


@pytest.mark.parametrize(("others", "counts"), [(AS_BACKGROUND, {0: 114, 1: 6}), (AS_LANDSLIDE, {0: 108, 1: 12})])
def test_a_switch_says_what_outlines_of_other_days_are(others, counts):
    assert counted(OWN, event("2", box(6, 5, 8, 8), None), rule=Rule(others=others)) == counts
    with pytest.raises(InputError, match="unknown, background, landslide"):
        Rule(others="nothing")


def test_where_both_kinds_lie_it_slid_and_the_order_of_events_does_not_matter():
    events = [OWN, event("2", box(3, 2, 9, 9), None), event("3", box(8, 8, 12, 10))]
    first = made(*events).truth
    assert first[2, 3] == 1 and first[8, 8] == 1 and first[3, 3] == 255
    for order in ([2, 1, 0], [1, 0, 2]):
        assert (made(*(events[n] for n in order)).truth == first).all()


def test_a_line_and_a_point_say_where_and_not_how_far():
    west, _, _, north = ON.bbox
    line = shapely.LineString([(west + 6.5e-4, north - 5.5e-4), (west + 9.5e-4, north - 5.5e-4)])
    point = shapely.Point(west + 2.5e-4, north - 8.5e-4)
    found = made(OWN, event("2", line), event("3", point), event("4", point, date(2015, 1, 1)))
    assert np.flatnonzero(found.truth[5] == 255).tolist() == [6, 7, 8, 9] and found.truth[8, 2] == 0
    assert found.sentences[1].startswith("2 events here have no outline of an area")
    with pytest.raises(TruthMissingError, match="Event 2 has a line"):
        made(OWN, event("2", line), of="2")
    with pytest.raises(TruthMissingError, match="Event 3 has no outline"):
        made(OWN, event("3", point), of="3")


def test_what_lies_outside_of_the_patch_is_cut_and_the_share_is_said():
    found = made(event("1", box(10, 2, 14, 4)))
    assert counted(event("1", box(10, 2, 14, 4))) == {0: 116, 1: 4}
    assert found.sentences[-1] == "50.0% of the event's own outline lies outside the patch and is cut off."
    assert counted(event("1", box(20, 20, 24, 24))) == {0: 120}


def test_holes_and_parts_are_those_of_the_outline():
    ring = box(1, 1, 8, 8).difference(box(3, 3, 5, 5))
    assert counted(event("1", shapely.MultiPolygon([ring, box(9, 1, 11, 2)]))) == {0: 120 - 47, 1: 47}


@pytest.mark.parametrize(("west", "columns"), [(179.9988, 12), (-179.9999, 3)])
def test_an_outline_over_the_antimeridian_lies_on_patches_of_both_sides(west, columns):
    on = Grid(west, 1.0, 0.0001, 0.0001, 12, 10)
    here = event("1", shapely.box(179.9985, 1.0002, 180.0004, 1.0004))
    assert int((made(here, on=on).truth == 1).sum()) == 2 * columns


def test_a_grid_in_metres_has_the_outline_in_its_place():
    on = Grid(500_000, 5_000_000, 10, 10, 12, 10, "EPSG:32633")
    shape = shapely.transform(
        box(1, 1, 4, 3, on),
        lambda at: np.column_stack(Transformer.from_crs(32633, 4326, always_xy=True).transform(*at.T)),
    )
    assert (made(event("1", shape), on=on).truth == made(OWN).truth).all()
    with pytest.raises(GridError, match="no known place"):
        made(OWN, on=Grid(0, 0, 1, 1, 12, 10, UNPLACED))


corners = st.lists(st.tuples(st.floats(-3, 15), st.floats(-3, 13)), min_size=3, max_size=9)


@given(st.lists(corners, min_size=1, max_size=4), st.booleans())
@example([[(0.0, 0.0), (0.0, 2.0), (0.99999, 0.0)]], True)  # GDAL misses what runs along edges of pixels
@example([[(0.0, 0.0), (0.0, 1.0), (1.0, 0.0)]], True)
@example([[(0.0, 3.0), (1.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 0.0)]], False)  # its repair leaves lines beside it
def test_pixels_inside_are_taken_and_none_that_is_not_met(rings, all_touched):
    shapes = [shapely.make_valid(shapely.Polygon([box(x, y, x, y).bounds[:2] for x, y in ring])) for ring in rings]
    whole = shapely.union_all([one for one in shapes if one.area > 0])
    mask = laid([one for one in shapes if one.area > 0], ON, all_touched)
    side = ON.res_x
    for (row, column), taken in np.ndenumerate(mask):
        pixel = box(column, row, column + 1, row + 1)
        if taken:
            assert pixel.buffer(side * 1e-3).intersects(whole)
        else:
            met = whole.intersection(pixel).area / side**2
            assert met < (1e-5 if all_touched else 1 - 1e-6)


@given(corners)
def test_the_area_is_true_to_a_ring_of_pixels(ring):
    shape = shapely.make_valid(shapely.Polygon([box(x, y, x, y).bounds[:2] for x, y in ring]))
    wide = Grid(ON.west - 5e-4, ON.south - 5e-4, ON.res_x, ON.res_y, 24, 22)
    for all_touched in (False, True):
        pixels = int(laid([shape], wide, all_touched).sum()) if shape.area else 0
        assert abs(pixels - shape.area / ON.res_x**2) <= 2.9 * shape.length / ON.res_x + 9


def test_a_thin_or_small_outline_takes_one_pixel():
    assert counted(event("1", box(2.6, 1, 2.9, 9))) == {0: 119, 1: 1}  # more than two pixels large, no middle inside
    assert counted(event("1", box(6.1, 4.1, 6.3, 4.3))) == {0: 119, 1: 1}


def test_a_patch_says_in_itself_what_its_truth_is_made_of():
    held = patch({"B04": (np.zeros((10, 12)), np.zeros((10, 12)))})
    labelled = onto(held, made(OWN))
    assert truth.read(labelled)[0].sum() == 6 and "truth" not in held
    assert labelled["truth"].attrs["comment"].startswith("Truth: outlines of the inventory")
    assert patches.warnings(labelled) == ()
    simulated = onto(held.assign_attrs(simulated=1), made(OWN))
    assert "SIMULATED" in patches.warnings(simulated)[0] and patches.warnings(held) == ()


def test_a_truth_is_named_by_all_that_decides_it():
    index, moved = OutlineIndex([OWN]), OutlineIndex([event("1", box(1, 1, 4, 4))])
    meeting = index.meeting(ON, T1, T2, "1")
    names = {
        index.named(meeting, Rule()), index.named(meeting, Rule(all_touched=True)),
        index.named(meeting, Rule(others=AS_BACKGROUND)), moved.named(moved.meeting(ON, T1, T2, "1"), Rule()),
    }  # fmt: skip
    assert len(names) == 4 and index.named(meeting, Rule()) in names


def test_every_outline_can_be_laid_whatever_its_day():
    index = OutlineIndex([OWN, event("2", box(6, 5, 8, 8), None), event("3", box(40, 5, 48, 8))])
    mask, count = index.all_on(ON)
    assert (int(mask.sum()), count) == (12, 2) and len(index) == 3
    nothing = OutlineIndex([])
    assert len(nothing) == 0 and nothing.all_on(ON)[1] == 0 and not nothing.has("1") and nothing.outlined == ()


def test_a_patch_is_as_large_as_the_outline_asks_up_to_the_largest():
    assert buffer_deg(Event("1", 0, DAY, 1.0, 10.0), 0.01) == 0.01
    assert buffer_deg(OWN, 0.01) == 0.01
    assert buffer_deg(event("1", shapely.box(10, 1, 10.04, 1.01)), 0.01) == 0.021
    assert buffer_deg(event("1", shapely.box(10, 1, 10.4, 1.01)), 0.01) == BUFFERS_DEG[1]
    assert buffer_deg(event("1", shapely.box(179.97, 1, 180.03, 1.01)), 0.01) == 0.031
    assert buffer_deg(event("1", shapely.box(10, 89.94, 10.01, 90)), 0.01) <= 0.03  # no box reaches over a pole
    far = Event("1", 0, DAY, 1.005, -179.5, outline=shapely.box(180.48, 1, 180.52, 1.01).wkb)
    assert buffer_deg(far, 0.01) == 0.021


def test_words_of_many_and_of_every_day():
    assert sentences(Meeting((1, 2), ()), Rule(True, AS_LANDSLIDE)) == (
        "Truth: outlines of the inventory, by every pixel they touch; 2 are landslide, whatever their day.",
    )
