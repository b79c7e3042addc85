"""Real scars with their near infrared: reflectance read back, scenes kept apart, pairs that can be made again."""

import numpy as np
import pytest

from app.testsets.real import BANDS
from models import chips, data, infrared

SIDE = chips.SIDE


def test_every_band_is_a_whole_number_of_ten_thousandths_of_reflectance(shared):
    for image in [scene.image for scene in infrared.scenes()] + list(infrared.places()):
        numbers = image.astype(np.float64) * 1e4
        assert np.abs(numbers - np.round(numbers)).max() < 0.02 and image.shape == (len(BANDS), SIDE, SIDE)
        assert numbers.min() > 0 and np.median(image[3]) > 2 * np.median(image[2])  # ground on which something grows


def test_halves_hold_every_scene_once_and_near_numbers_together(shared):
    assert sorted(number for half in infrared.HALVES for number in half) == list(range(len(infrared.scenes())))
    blocks = [{infrared.scenes()[k].number // chips.BLOCK for k in half} for half in infrared.HALVES]
    assert not blocks[0] & blocks[1]


def test_a_scene_without_its_scars_is_greener_where_they_were_and_the_same_elsewhere(shared):
    for number, scene in enumerate(infrared.scenes()):
        before = infrared.bare(number, 0)
        assert before[2][scene.scars].mean() < scene.image[2][scene.scars].mean()
        far = np.ones_like(scene.scars)
        far[np.nonzero(scene.scars)] = False
        assert np.median(np.abs(before - scene.image)[:, far]) == 0


@pytest.fixture(scope="module")
def pool():
    return [data.Maker.simulated(place, 0.007) for place in data.simulated_places("train", 1)]


def test_pairs_can_be_made_again_and_show_real_scars_of_one_half_alone(pool, shared, monkeypatch):
    monkeypatch.setattr(infrared, "SHARE", 1.0)
    first, second = (infrared.WithoutFirst(pool, [], seed=3) for _ in range(2))
    made = [first.pair(number) for number in range(12)]
    for name in ("t1", "t2", "truth", "clear"):
        np.testing.assert_array_equal(getattr(second.pair(11), name), getattr(made[11], name))
    assert all(pair.t1.shape == pair.t2.shape == (4, SIDE, SIDE) and pair.t2.min() >= 0 for pair in made)
    assert 3 < sum(pair.truth.any() for pair in made) < 12
    assert set(infrared.WithoutFirst.used) == set(infrared.HALVES[1])
    taken = {first._scene(np.random.default_rng(k)) for k in range(20)}
    assert taken == set(infrared.HALVES[1])


def test_the_other_pairs_are_those_of_every_training(pool, shared, monkeypatch):
    monkeypatch.setattr(infrared, "SHARE", 0.0)
    here, there = infrared.Scarred(pool, [], seed=3).pair(5), data.Maker(pool, [], seed=3).pair(5)
    np.testing.assert_array_equal(here.t2, there.t2)
