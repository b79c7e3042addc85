"""Detections held to steep ground."""

import numpy as np
import pytest

from app import patches
from app.detection import run, steep
from app.errors import GridError, HeightsMissingError, InputError
from app.grid import plane
from app.scoring import curves
from app.terrain.heights import Heights, onto
from tests import small
from tests.test_slopes import tilted

RISE = "band-difference:B04:0.05"


def hill(size: int = 16, clouds=0):
    """A patch that brightens everywhere, whose western half is level and whose eastern half rises by 20 degrees."""
    patch = small.patch(("B04",), size=size, B04=(0.1, 0.3), CLM=(0, clouds))
    on = patches.grid_of(patch)
    ground = np.maximum(tilted(on, np.tan(np.radians(20)), 0.0), 0)
    return onto(patch, Heights(ground.astype(np.float32), "hand"))


def test_level_ground_is_left_out_and_the_hillside_kept():
    patch = hill()
    found = run.detect(patch, RISE)
    held = steep.limited(found, patch, 10)
    assert run.mask(found).all()
    assert not run.mask(held)[:, :6].any()
    assert run.mask(held)[:, 10:].all()
    assert (held.clear == found.clear).all()
    assert held.threshold == found.threshold
    assert run.labels(patch, held)["min_slope_deg"] == "10"
    assert "min_slope_deg" not in run.labels(patch, found)


def test_nought_degrees_leave_nothing_out_and_ask_for_no_heights():
    patch = small.patch(("B04",))
    found = run.detect(patch, RISE)
    assert steep.limited(found, patch, 0) is found


def test_ground_of_unknown_slope_is_neither_changed_nor_unchanged_and_counted():
    patch = hill()
    patch["DEM"].values[4, 12] = np.nan
    held = steep.limited(run.detect(patch, RISE), patch, 10)
    assert not held.clear[3:6, 11:14].any()
    assert not run.mask(held)[4, 12]
    assert held.warnings[-1].startswith("9 of 256 clear pixels have no known slope")


def test_a_slope_that_no_hillside_reaches_is_told_for_it_leaves_nothing():
    held = steep.limited(run.detect(hill(), RISE), hill(), 30)
    assert not run.mask(held).any()
    assert held.warnings[-1].startswith("No hillside here is as steep as 30 degrees, 20.0 is the most")


def test_the_threshold_can_still_be_moved():
    patch = hill()
    held = steep.limited(run.detect(patch, RISE), patch, 10)
    assert not run.mask(held, 0.5).any()
    assert run.mask(held, 0.1).sum() == run.mask(held).sum()


def test_a_curve_over_thresholds_counts_the_same_as_the_mask_at_each():
    patch = hill()
    held = steep.limited(run.detect(patch, RISE), patch, 10)
    truth = np.ones(held.clear.shape, bool)
    curve = curves.count_of_method(steep.ranked(held), truth, held.clear, RISE, held.unit)
    at = int(np.searchsorted(curve.thresholds, 0.05))
    assert curve.tp[at] == run.mask(held, float(curve.thresholds[at])).sum()
    assert curve.tp[0] == run.mask(held).sum()


def test_what_cannot_be_limited_is_refused_with_the_way_out():
    patch = hill()
    found = run.detect(patch, RISE)
    with pytest.raises(HeightsMissingError, match="--dem"):
        steep.limited(found, patch.drop_vars("DEM"), 10)
    for angle in (-1.0, 90.0, float("nan")):
        with pytest.raises(InputError, match="from 0 to 60 degrees"):
            steep.limited(found, patch, angle)
    flat = patches.build(plane((4, 4)), [small.T1, small.T2], {"B04": np.zeros((2, 4, 4))}, np.zeros((2, 4, 4)), {})
    with pytest.raises(GridError, match="no known place"):
        steep.hillside(onto(flat, Heights(np.zeros((4, 4), np.float32), "hand")))


def test_what_is_said_of_the_extent_is_of_steep_ground_alone_and_moves_with_the_threshold():
    patch = hill(size=32)
    held = steep.limited(run.detect(patch, RISE), patch, 10)
    [said] = held.warnings
    assert said.startswith("Nearly everything changed (100% of the clear, steep pixels)")
    assert run.warnings_at(held, 0.25) == ()


def test_a_flat_half_that_changed_says_nothing_of_a_mask_that_leaves_it_out():
    patch = hill(size=32)
    patch["B04"].values[1, :, 16:] = 0.1
    patch["B04"].values[1, 0] = 0.3
    found = run.detect(patch, RISE)
    assert found.warnings
    assert not steep.limited(found, patch, 10).warnings
