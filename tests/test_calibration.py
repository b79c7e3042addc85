"""Whether probabilities are true, from a curve's counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.detection.methods import PROBABILITY, REFLECTANCE
from app.errors import InputError
from app.scoring import calibration, curves

LEVELS = curves.levels(PROBABILITY)


def reliability(score, truth):
    score, truth = np.array([score], np.float32), np.array([truth], bool)
    return calibration.reliability(curves.count(score, truth, np.ones_like(truth), LEVELS, PROBABILITY))


def test_bins_and_their_error_by_hand():
    found = reliability([0.205, 0.205, 0.205, 0.205, 0.805, 0.805], [1, 0, 0, 0, 1, 1])
    assert found.n.tolist() == [0, 0, 4, 0, 0, 0, 0, 0, 2, 0]
    assert found.predicted[[2, 8]] == pytest.approx([0.205, 0.805]) and found.observed[[2, 8]].tolist() == [0.25, 1]
    assert np.isnan(found.observed[0])
    assert found.ece == pytest.approx((4 * 0.045 + 2 * 0.195) / 6)


def test_the_highest_and_lowest_scores_are_counted():
    found = reliability([0.0, 1.0, 0.9999], [0, 1, 1])
    assert found.n[0] == 1 and found.n[-1] == 2


@given(arrays(np.float32, (4, 9), elements=st.floats(0, 1, width=32)), arrays(bool, (4, 9), elements=st.booleans()))
def test_the_mean_said_is_known_to_half_a_step(score, truth):
    curve = curves.count(score, truth, np.ones_like(truth), LEVELS, PROBABILITY)
    found = calibration.reliability(curve)
    assert found.n.sum() == score.size
    assert np.nansum(found.n * found.observed) == pytest.approx(truth.sum())
    assert np.nansum(found.n * found.predicted) / score.size == pytest.approx(score.mean(), abs=0.0051)


def test_nothing_scored_has_no_error():
    none = np.zeros((1, 3), bool)
    assert np.isnan(
        calibration.reliability(curves.count(np.zeros((1, 3), np.float32), none, none, LEVELS, PROBABILITY)).ece
    )


def test_a_band_difference_is_no_probability():
    none = np.zeros((1, 3), bool)
    curve = curves.count(np.zeros((1, 3), np.float32), none, none, curves.levels(REFLECTANCE), REFLECTANCE)
    with pytest.raises(InputError, match="choose a network"):
        calibration.reliability(curve)
    with pytest.raises(InputError, match="begin at 0"):
        calibration.reliability(curves.count(np.zeros((1, 3), np.float32), none, none, [0.5], PROBABILITY))


def test_what_is_rare_and_off_shows_where_quiet_ground_does_not_hide_it():
    score = [0.0005] * 10_000 + [0.5] * 100  # half of these should be landslides, and a tenth is
    found = reliability(score, [0] * 10_000 + [1] * 10 + [0] * 90)
    assert found.ece == pytest.approx(0.005, abs=0.001)
    assert found.ece_above == pytest.approx(0.405, abs=0.001) and found.n_above == 100
    assert found.ece_of_bins == pytest.approx(0.203, abs=0.001)
    assert np.isnan(reliability([0.01, 0.02], [0, 0]).ece_above)
