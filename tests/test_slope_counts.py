"""Scores by slope, on pixels that can be counted by eye and against the filter itself."""

import numpy as np
import pytest

from app.detection import run, steep
from app.errors import GridError, InputError
from app.scoring import metrics, slope_counts
from tests.test_steep import hill

SCORE = np.float32([[0.1, 0.3, 0.3, 0.05]])
SLOPE = np.float32([[2.0, 12.0, 25.0, 40.0]])
TRUTH = np.array([[False, True, False, True]])
ALL = np.ones((1, 4), bool)


def test_each_class_of_slope_has_its_own_counts():
    found = slope_counts.count(SCORE, SLOPE, TRUTH, ALL, [0.08, 0.2])
    classes = {low: (one.tp, one.fp, one.fn, one.tn) for low, _, one in found.by_class(0.08)}
    assert classes == {
        0: (0, 1, 0, 0), 5: (0, 0, 0, 0), 10: (1, 0, 0, 0), 15: (0, 0, 0, 0), 20: (0, 1, 0, 0), 30: (0, 0, 1, 0)
    }  # fmt: skip
    assert found.by_class(0.2)[0][2].fp == 0


def test_f1_over_slope_and_threshold_is_that_of_the_mask_held_to_both():
    found = slope_counts.count(SCORE, SLOPE, TRUTH, ALL, [0.08, 0.2])
    assert found.f1[0].tolist() == pytest.approx([2 * 1 / (2 + 2 + 1), 2 * 1 / (2 + 1 + 1)])
    assert found.f1[10].tolist() == pytest.approx([2 * 1 / (2 + 1 + 1)] * 2)
    assert found.f1[13, 0] == 0
    assert found.best() == (0.0, 0.2, 0.5)


def test_the_sweep_agrees_with_the_filter_itself_on_a_patch():
    patch = hill()
    detection, slope = run.detect(patch, "band-difference:B04:0.05"), steep.hillside(patch)
    truth = np.zeros(slope.shape, bool)
    truth[:, 9:] = True
    found = slope_counts.count(detection.score, slope, truth, detection.clear, [0.05, 0.15, 0.25])
    for least in (0, 5, 15, 19):
        held = steep.limited(detection, patch, least)
        counts = metrics.confusion(run.mask(held, 0.15), truth, held.clear)
        assert found.f1[least, 1] == pytest.approx(counts.f1, nan_ok=True)


def test_counts_of_events_add_up_and_unknown_slope_is_left_out():
    one = slope_counts.count(SCORE, SLOPE, TRUTH, ALL, [0.08, 0.2])
    assert ((one + one).slid == 2 * one.slid).all()
    hidden = slope_counts.count(SCORE, np.where(SLOPE > 30, np.nan, SLOPE), TRUTH, ALL, [0.08, 0.2])
    assert hidden.slid.sum() == 1
    with pytest.raises(InputError, match="same thresholds"):
        one + slope_counts.count(SCORE, SLOPE, TRUTH, ALL, [0.1])
    with pytest.raises(GridError, match="one grid"):
        slope_counts.count(SCORE, SLOPE[:, :2], TRUTH, ALL, [0.1])


def test_where_nothing_slid_and_nothing_is_marked_f1_is_undefined():
    nothing = slope_counts.count(SCORE, SLOPE, np.zeros_like(TRUTH), ALL, [0.9])
    assert np.isnan(nothing.f1).all()
    assert np.isnan(nothing.best()).all()


def test_the_threshold_a_method_has_is_among_those_counted_at_and_no_other_is_told_in_its_place():
    levels = np.arange(1, 5) / 200
    assert slope_counts.with_level(levels, 0.0091).tolist() == [0.005, 0.0091, 0.01, 0.015, 0.02]
    assert slope_counts.with_level(levels, 0.01) is levels and slope_counts.with_level(levels, np.nan) is levels
    score = np.float32([[0.0095]])
    found = slope_counts.count(
        score, score * 0, np.ones((1, 1), bool), np.ones((1, 1), bool), slope_counts.with_level(levels, 0.0091)
    )
    assert found.by_class(0.0091)[0][2].tp == 1 and found.by_class(0.01)[0][2].tp == 0
