"""A corrected outline: the mask comes back from its GeoJSON pixel by pixel, and the newest that stands counts."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.errors import GridError, ReviewError
from app.grid import UNPLACED, Grid
from app.review import corrected, judge
from app.review.records import taking_back
from tests.many_reviewers import verdict

DEGREES = Grid(36.0, 37.0, 0.00009, 0.00009, 24, 16)
UTM = Grid(500_000.0, 5_000_000.0, 10.0, 10.0, 24, 16, "EPSG:32632")
masks = arrays.arrays(bool, (16, 24), elements=st.booleans())


@pytest.mark.parametrize("grid", [DEGREES, UTM], ids=["degrees", "metres"])
@given(mask=masks)
@settings(max_examples=30, deadline=None)
def test_a_mask_comes_back_pixel_by_pixel_with_its_grid(grid, mask):
    found, on = corrected.mask_of(corrected.geometry_of(mask, grid))
    assert (found == mask).all() and on == grid


def test_an_outline_is_geojson_in_degrees_and_holes_stay_holes():
    mask = np.zeros(UTM.shape, bool)
    mask[3:9, 3:9] = True
    mask[5:7, 5:7] = False
    held = json.loads(corrected.geometry_of(mask, UTM))
    ((outer, hole),) = held["coordinates"]
    assert held["type"] == "MultiPolygon" and len(hole) == 5
    assert all(8 < x < 10 and 44 < y < 46 for x, y in outer)


def test_nothing_marked_is_an_outline_too():
    empty = np.zeros(DEGREES.shape, bool)
    text = corrected.geometry_of(empty, DEGREES)
    assert corrected.holds_mask(text) and not corrected.mask_of(text)[0].any()


def test_on_another_grid_a_pixel_is_landslide_where_its_middle_lies_inside():
    mask = np.zeros(DEGREES.shape, bool)
    mask[4:8, 4:8] = True
    found, on = corrected.mask_of(corrected.geometry_of(mask, DEGREES), DEGREES.finer(2))
    assert on.shape == (32, 48) and found.sum() == 64


def test_images_at_no_known_place_have_no_outline():
    with pytest.raises(GridError, match="no known place"):
        corrected.geometry_of(np.zeros((4, 4), bool), Grid(0, 0, 1, 1, 4, 4, UNPLACED))


@pytest.mark.parametrize(
    "text", ["", "[]", '{"grid":', '{"type":"Polygon","coordinates":[],"grid":{}}', '{"type":"Point","grid":1}']
)
def test_what_is_no_outline_of_a_patch_is_refused_with_a_sentence(text):
    with pytest.raises(ReviewError, match="none on the pixels of a patch"):
        corrected.mask_of(text)


@pytest.mark.parametrize("changed", [{"width": 10**9}, {"res_x": 0}, {"west": float("nan")}])
def test_a_grid_that_nobody_can_have_painted_on_is_refused(changed):
    held = json.loads(corrected.geometry_of(np.zeros(DEGREES.shape, bool), DEGREES))
    held["grid"] |= changed
    with pytest.raises(ReviewError):
        corrected.mask_of(json.dumps(held))


def entry(n: int, marked: int, **more):
    mask = np.zeros(DEGREES.shape, bool)
    mask.flat[:marked] = True
    when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n)
    outline = corrected.geometry_of(mask, DEGREES) if marked else ""
    facts = {"latitude": 37.0, "longitude": 36.0, "geometry": outline, "made_at": when, "uid": f"u{n}"}
    return replace(verdict(), **(facts | more))


def test_the_newest_outline_of_a_verdict_that_stands_counts():
    first, second, taken = entry(1, 3, reviewer="A"), entry(2, 5, reviewer="B"), entry(3, 7, reviewer="C")
    back = replace(taking_back(taken, "C"), made_at=datetime(2026, 1, 2, tzinfo=UTC), uid="back")
    ((found,),) = [corrected.corrections([back, taken, second, first]).values()]
    assert (found.mask.sum(), found.verdict.reviewer) == (5, "B")


def test_a_polygon_alone_an_odd_row_and_a_verdict_without_outline_correct_nothing():
    entries = [entry(1, 3, kind="polygon", subject="p1"), entry(2, 0), entry(3, 3, odd="no time")]
    assert corrected.corrections(entries) == {}


def test_a_verdict_takes_the_outline_along():
    seen = {name: getattr(entry(1, 3), name) for name in ("inventory", "event", "source", "t1", "t2", "simulated")}
    from app.review import Seen

    made = judge(Seen(**seen), "A", "bad-label", "", geometry=entry(1, 3).geometry)
    assert corrected.mask_of(made.geometry)[0].sum() == 3
