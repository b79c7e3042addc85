"""Distances between outlines: by hand, and what cuts a mask off makes no outline."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import distance_transform_edt

from app.errors import GridError
from app.grid import UNPLACED, Grid
from app.scoring import boundary
from tests.handmade import metres

ALL = np.ones((9, 9), bool)


def square(top, left, side=3):
    mask = np.zeros((9, 9), bool)
    mask[top : top + side, left : left + side] = True
    return mask


def test_a_square_moved_by_two_pixels_lies_up_to_two_pixels_off():
    found = boundary.measure(square(2, 4), square(2, 2), ALL, metres(9, 9))
    # of the eight outline pixels one column of three is common, the next lies one off, the last two
    assert found.from_detected.n == found.from_truth.n == 8
    assert found.from_detected.mean_m == pytest.approx((3 * 0 + 2 * 10 + 3 * 20) / 8)
    assert found.from_detected.median_m == pytest.approx(10) and found.from_detected.within_1px == 5 / 8
    assert found.both.n == 16 and found.both.mean_m == pytest.approx(found.from_truth.mean_m)


def test_the_two_ways_tell_a_false_alarm_from_a_miss():
    alarm = square(0, 0, 2) | square(5, 5)
    found = boundary.measure(alarm, square(5, 5), ALL, metres(9, 9))
    assert found.from_truth.p95_m == 0 and found.from_detected.p95_m > 50
    missed = boundary.measure(square(5, 5), alarm, ALL, metres(9, 9))
    assert missed.from_detected == found.from_truth and missed.from_truth == found.from_detected


def test_pixels_that_are_not_square_are_measured_on_the_ground():
    one = np.zeros((9, 9), bool)
    other = one.copy()
    one[4, 4], other[4, 5] = True, True
    assert boundary.measure(one, other, ALL, metres(9, 9, 7.0)).both.mean_m == pytest.approx(7)
    assert boundary.measure(one.T, other.T, ALL, metres(9, 9, 7.0)).both.mean_m == pytest.approx(10)


@pytest.mark.parametrize(
    ("crs", "west", "south", "side"),
    [
        ("EPSG:3857", 1_113_194.9, 8_399_737.9, 20.0),  # Web Mercator at 60 degrees north: twice its ground
        ("EPSG:2263", 980_000.0, 190_000.0, 32.808333),  # feet
    ],
)
def test_distances_are_of_the_ground_whatever_the_units(crs, west, south, side):
    found = boundary.measure(square(2, 4), square(2, 2), ALL, Grid(west, south, side, side, 9, 9, crs))
    assert found.from_detected.median_m == pytest.approx(10, rel=0.005) and found.from_detected.within_1px == 5 / 8


def test_pixels_on_a_mere_plane_have_no_distances():
    found = boundary.measure(square(2, 4), square(2, 2), ALL, Grid(0, 0, 1, 1, 9, 9, UNPLACED))
    assert math.isnan(found.both.mean_m) and found.from_detected.within_1px == 5 / 8


def test_an_empty_mask_has_no_distance():
    found = boundary.measure(~ALL, square(2, 2), ALL, metres(9, 9))
    assert found.both.n == 0 and math.isnan(found.both.mean_m) and math.isnan(found.from_truth.within_1px)


def test_cloud_and_the_edge_of_the_patch_make_no_outline():
    mask = square(0, 0, 5)
    clear = ALL.copy()
    clear[5] = False  # cloud along the lower side
    drawn = boundary.outline(mask, clear)
    assert drawn[:5, 4].all() and drawn.sum() == 5


def test_without_the_size_of_a_pixel_only_the_share_nearby_is_known():
    found = boundary.measure(square(2, 4), square(2, 2), ALL)
    assert math.isnan(found.both.mean_m) and found.from_detected.within_1px == 5 / 8


@given(arrays(bool, (3, 8, 9), elements=st.booleans()))
def test_distances_agree_with_a_distance_transform(held):
    detected, truth, valid = held
    found = boundary.measure(detected, truth, valid, metres(8, 9, 7.0))
    outlines = [boundary.outline(mask, valid) for mask in (detected, truth)]
    if not all(outline.any() for outline in outlines):
        assert found.both.n == 0
        return
    there = distance_transform_edt(~outlines[1], sampling=(10.0, 7.0))[outlines[0]]
    assert found.from_detected.mean_m == pytest.approx(there.mean()) and found.from_detected.n == there.size
    assert found.from_detected.p95_m == pytest.approx(np.quantile(there, 0.95))


def test_masks_of_different_sizes_are_refused():
    with pytest.raises(GridError, match="one grid"):
        boundary.measure(ALL, ALL[:2], ALL)
