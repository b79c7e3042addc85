"""Real scars: scenes kept apart, scars taken out and laid elsewhere, pairs that can be made again."""

import numpy as np
import pytest

from models import chips, data, restyle
from tests.pairs import square

SIDE = chips.SIDE


def ground(seed=0) -> np.ndarray:
    """Dark ground with some texture, (3, 128, 128), median brightness 1."""
    rng = np.random.default_rng(seed)
    return restyle.evened(np.exp(0.1 * rng.standard_normal((3, SIDE, SIDE))).astype(np.float32))


def scene(seed=0) -> chips.Chip:
    scars = square(SIDE, 50, 62)
    return chips.Chip(seed, np.where(scars, 4.0, ground(seed)).astype(np.float32), scars)


def test_a_scar_taken_out_is_ground_like_that_around_it_and_the_rest_stays():
    one = scene()
    bare = chips.without(one.image, one.scars, one.scars, np.random.default_rng(1))
    assert bare[:, one.scars].max() < 1.6 and 0.9 < bare[:, one.scars].mean() < 1.1
    far = ~square(SIDE, 40, 72)
    np.testing.assert_array_equal(bare[:, far], one.image[:, far])


def test_a_scene_that_is_all_scar_but_a_rim_is_filled_from_the_rim():
    holes = square(SIDE, 4, SIDE - 4)
    image = np.where(holes, 4.0, ground()).astype(np.float32)
    filled = chips.without(image, holes, holes, np.random.default_rng(0))
    assert filled[:, 40:90, 40:90].max() < 1.6


def test_a_scar_laid_elsewhere_keeps_its_outline_and_stands_out_as_where_it_is_from():
    place, one = ground(5), scene()
    image, where = chips.laid(place, one, np.random.default_rng(0))
    assert abs(int(where.sum()) - int(one.scars.sum())) <= 8
    assert image[:, where].mean() > 2.2 and abs(image[:, ~where].mean() - place.mean()) < 0.05


@pytest.mark.parametrize("seed", range(6))
def test_another_look_has_no_values_below_zero_and_leaves_fresh_scars_in_sight(seed):
    one = scene()
    image, clear = restyle.restyled(one.image, np.random.default_rng(seed), 2.0, one.scars)
    assert image.shape == one.image.shape and image.min() >= 0 and np.isfinite(image).all()
    assert clear.dtype == bool and clear.mean() > 0.3


def test_fields_and_snow_do_not_cover_fresh_scars():
    one, covered = scene(), scene().image * 9
    np.testing.assert_array_equal(restyle._beside(one.scars, one.image, covered)[:, one.scars], one.image[:, one.scars])


def test_scenes_for_validation_come_from_other_blocks_of_numbers(shared):
    train, held = ({one.number // chips.BLOCK for one in chips.chips(split)} for split in ("train", "validation"))
    assert train and held and not train & held
    assert len(chips.chips("train")) + len(chips.chips("validation")) == 800


@pytest.mark.parametrize("kind", [chips.Chips, chips.Alone])
def test_pairs_of_real_scars_can_be_made_again_whatever_was_made_before(kind, shared):
    pool = [data.simulate(place, 0.007) for place in data.simulated_places("train", 1)]
    first, second = (kind(pool, [], seed=3) for _ in range(2))
    made = [first.pair(number) for number in range(8)]
    for name in ("t1", "t2", "truth", "clear"):
        np.testing.assert_array_equal(getattr(second.pair(7), name), getattr(made[7], name))
    assert all(pair.t2.shape == (3, SIDE, SIDE) and pair.t2.min() >= 0 for pair in made)
    assert any(pair.truth.any() for pair in made)


def test_pairs_without_a_landslide_show_two_dates_of_the_colours_and_no_truth(shared):
    pairs = chips.unchanged_pairs(2, 2)
    assert len(pairs) == 4 and not any(pair.truth.any() for pair in pairs)
    assert all(pair.t1.shape == pair.t2.shape == (3, SIDE, SIDE) and (pair.t1 != pair.t2).any() for pair in pairs)
