"""Slope to learn from: degrees read back, scars believed where it is steep, images that can be made again."""

import numpy as np
import pytest

from app.testsets.scars import Pair
from models import chips, data, mountains
from tests.pairs import square

SIDE = chips.SIDE


def test_a_bare_patch_on_level_ground_did_not_slide_and_between_nothing_is_said():
    slope = np.full((SIDE, SIDE), 20, np.float32)
    slope[:, 40:80], slope[:, 80:] = mountains.LEVEL_DEG + 1, 1
    scars = np.zeros((SIDE, SIDE), bool)
    scars[10:20, 5:15] = scars[10:20, 50:60] = scars[10:20, 100:110] = True
    slid, doubtful = mountains.believed(scars, slope)
    assert slid.sum() == doubtful.sum() == 100 and slid[15, 10] and doubtful[15, 55]


def test_a_scar_is_believed_as_a_whole_its_level_foot_too():
    slope = np.tile(np.linspace(30, 0, SIDE, dtype=np.float32), (SIDE, 1))
    scars = square(SIDE, 0, SIDE)
    slid, doubtful = mountains.believed(scars, slope)
    assert slid.all() and not doubtful.any()
    assert not mountains.believed(~scars, slope)[0].any()


def test_of_several_slopes_the_one_on_which_the_scars_lie_steepest_is_laid_under_them():
    scars = np.zeros((SIDE, SIDE), bool)
    scars[:, :20] = True
    slope = np.tile(np.linspace(30, 0, SIDE, dtype=np.float32), (SIDE, 1))
    laid = mountains.under(scars, [slope], np.random.default_rng(0))
    assert laid[scars].mean() > laid[~scars].mean()


def test_a_coarser_model_of_heights_is_smoother_and_no_steeper():
    slope = np.random.default_rng(0).uniform(0, 60, (SIDE, SIDE)).astype(np.float32)
    seen = [mountains.coarser(slope, np.random.default_rng(seed)) for seed in range(4)]
    assert all(one.mean() < slope.mean() and one.std() < slope.std() for one in seen)


def test_mountains_have_whole_degrees_and_none_for_training_is_for_validation(shared):
    train, held = (mountains.mountains(split) for split in ("train", "validation"))
    assert sum(one.scars is not None for one in train) == 4 and len(train) + len(held) == 18
    assert all((one.slope == np.round(one.slope)).all() and 30 < one.slope.max() < 80 for one in (*train, *held))
    assert not {one.slope.tobytes() for one in train} & {one.slope.tobytes() for one in held}


@pytest.fixture(scope="module")
def pool():
    return [mountains.Steep.simulated(place, 0.007) for place in data.simulated_places("train", 1)]


def test_images_with_slope_can_be_made_again_whatever_was_made_before(pool, shared):
    first, second = (mountains.Steep(pool, [], seed=3) for _ in range(2))
    made = [first.pair(number) for number in range(8)]
    np.testing.assert_array_equal(second.pair(7).t2, made[7].t2)
    assert all(pair.t2.shape == (4, SIDE, SIDE) and pair.t2.min() >= 0 for pair in made)
    slopes, slid = (np.concatenate([part[pair.clear] for pair, part in parts]) for parts in (
        [(pair, pair.t2[3]) for pair in made], [(pair, pair.truth) for pair in made]))  # fmt: skip
    assert slopes[slid].mean() > slopes[~slid].mean()


def test_validation_pairs_have_the_same_slope_at_both_dates(shared):
    pairs = [*mountains.validation_pairs(False, 2), *mountains.unchanged_pairs(1, 1)]
    assert len(pairs) == 4
    for pair in pairs:
        assert isinstance(pair, Pair) and pair.t1.shape == pair.t2.shape == (4, SIDE, SIDE)
        np.testing.assert_array_equal(pair.t1[3], pair.t2[3])
    assert pairs[2].t2[3].mean() < 5 and not pairs[2].truth.any()
