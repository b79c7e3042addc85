"""Landslides as objects: hits by overlap, false objects, sizes, all checked by eye."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.errors import GridError, InputError
from app.scoring import objects
from app.scoring.objects import Objects
from tests.handmade import metres

masks = arrays(bool, (3, 8, 9), elements=st.booleans())

# two landslides: one of eight pixels that meet at a corner, one of two
TRUTH = np.array(
    [
        [1, 1, 0, 0, 0, 0, 1],
        [1, 1, 0, 0, 0, 0, 1],
        [0, 0, 1, 1, 0, 0, 0],
        [0, 0, 1, 1, 0, 0, 0],
    ],
    bool,
)
# two pixels of the first, and two false objects: a pair, and one alone
FOUND = np.array(
    [
        [0, 0, 0, 0, 1, 0, 0],
        [0, 0, 0, 0, 1, 0, 0],
        [0, 0, 1, 1, 0, 0, 0],
        [1, 0, 0, 0, 0, 0, 0],
    ],
    bool,
)
ALL = np.ones_like(TRUTH)


def test_landslides_hits_and_false_objects_by_hand():
    found = objects.count(FOUND, TRUTH, ALL, metres(4, 7))
    assert sum(found.mapped) == 2 and [found.hits(overlap) for overlap in objects.OVERLAPS] == [1, 1, 0]
    assert found.recall() == 0.5 and found.recall("50 %") == 0
    # the pair in the fifth column meets the true positives at a corner, so both are one object
    assert (sum(found.detected), sum(found.false)) == (2, 1) and found.precision == 0.5
    assert found.area_km2 == pytest.approx(28 * 100 / 1e6) and found.false_per_km2 == pytest.approx(1 / 0.0028)


def test_half_of_a_landslide_is_a_hit_at_half():
    found = TRUTH & (np.arange(4) >= 2)[:, None]
    assert objects.count(found, TRUTH, ALL, metres(4, 7)).hits("50 %") == 1


def test_a_landslide_under_cloud_does_not_count_and_one_cut_by_it_is_still_one():
    clear = ALL.copy()
    clear[:, 6] = False  # the smaller landslide
    clear[:2, 1] = False  # a streak through the larger: six pixels are left, two of them found
    found = objects.count(FOUND, TRUTH, clear, metres(4, 7))
    assert sum(found.mapped) == 1 and [found.hits(overlap) for overlap in objects.OVERLAPS] == [1, 1, 0]


def test_objects_fall_into_classes_by_their_size_on_the_ground():
    truth = np.zeros((40, 40), bool)
    truth[0, 0], truth[2:4, 2:7], truth[10:20, 10:20] = True, True, True  # 100, 1,000 and 10,000 m2
    found = objects.count(truth, truth, np.ones_like(truth), metres(40, 40))
    assert found.mapped == found.detected == (1, 1, 1, 0, 0)
    assert found.recall_by_size() == (
        1,
        1,
        1,
        pytest.approx(math.nan, nan_ok=True),
        pytest.approx(math.nan, nan_ok=True),
    )
    assert (
        found.as_dict()["by_size"]["1 to 10 ha"]["mapped"] == 1 and "10 ha and more" not in found.as_dict()["by_size"]
    )


def test_where_a_pixel_has_no_known_size_objects_count_and_areas_are_undefined():
    found = objects.count(FOUND, TRUTH, ALL)
    assert found.mapped == (0, 0, 0, 0, 2) and math.isnan(found.area_km2) and math.isnan(found.false_per_km2)


def test_nothing_mapped_and_nothing_detected_is_undefined():
    nothing = objects.count(~ALL, ~ALL, ALL, metres(4, 7))
    assert math.isnan(nothing.recall()) and math.isnan(nothing.precision) and nothing.false_per_km2 == 0
    assert math.isnan(Objects().false_per_km2)


@given(masks, masks)
def test_events_add_up_as_one_picture_of_both_would(one, other):
    apart = np.zeros((3, 1, 9), bool)
    together = np.concatenate([one, apart, other], axis=1)
    added = objects.count(*one, metres(8, 9)) + objects.count(*other, metres(8, 9))
    whole = objects.count(*together, metres(17, 9))
    assert (added.mapped, added.hit, added.detected, added.false) == (
        whole.mapped,
        whole.hit,
        whole.detected,
        whole.false,
    )
    assert added.area_km2 == pytest.approx(whole.area_km2)


@given(masks)
def test_more_overlap_is_never_easier_and_the_truth_itself_is_perfect(held):
    detected, truth, valid = held
    found = objects.count(detected, truth, valid, metres(8, 9))
    assert sum(found.mapped) >= found.hits("any") >= found.hits("25 %") >= found.hits("50 %")
    assert sum(found.false) <= sum(found.detected)
    perfect = objects.count(truth, truth, valid, metres(8, 9))
    assert perfect.hits("50 %") == sum(perfect.mapped) and sum(perfect.false) == 0


def test_what_does_not_fit_is_refused():
    with pytest.raises(GridError, match="one grid"):
        objects.count(FOUND, TRUTH[:2], ALL)
    with pytest.raises(InputError, match="25 %"):
        Objects().recall("half")
