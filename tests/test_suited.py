"""Pairs that suit a network: it is calibrated and quantised on what it can read, its slope too."""

from dataclasses import replace

import numpy as np
import pytest

from app import patches
from app.detection.network import run
from app.detection.network.contract import SLOPE, Contract
from app.errors import NetworkError
from app.testsets.scars import Pair
from models import chips, data, mountains, suited

ALONE = Contract("a", chips.COLOURS, "logits", 0.5, inputs=("t2",), dates=("t2",))
STEEP = replace(ALONE, bands=(*chips.COLOURS, SLOPE))


def test_a_network_is_judged_on_the_scenes_it_can_read(shared):
    pairs = suited.held_back(ALONE, 4, 4)
    assert len(pairs) == 4 and all(pair.truth.any() and pair.t2.shape[0] == 3 for pair in pairs)
    assert suited.maker(ALONE) is chips.Alone
    both = Contract("b", ("B02", "B03", "B04", "B08"), "logits", 0.5)
    assert not suited.only_colours(both) and suited.maker(both) is data.Maker


@pytest.mark.parametrize("dates", [("t2",), ("t1", "t2")])
def test_a_network_with_slope_learns_and_is_judged_with_slopes_and_reads_them_in_degrees(dates, shared):
    contract = replace(STEEP, inputs=("pair",) if len(dates) > 1 else ("t2",), dates=dates)
    maker = suited.maker(contract)
    pool = [maker.simulated(place, 0.007) for place in data.simulated_places("train", 1)]
    for pair in [*suited.held_back(contract, 2, 2), maker(pool, [], 3).pair(0), maker(pool, [], 3).pair(1)]:
        patch = run._with_ground(suited.as_patch(pair, contract), contract)
        np.testing.assert_array_equal(patch[SLOPE].values, pair.t2[3])
        assert patches.band_names(patch) == chips.COLOURS and patch["B04"].shape == (2, chips.SIDE, chips.SIDE)
        assert 0 <= pair.t2[3].min() < pair.t2[3].max() < 80


def test_a_pair_of_one_date_shows_it_at_both():
    t2 = np.random.default_rng(0).uniform(0, 1, (4, 8, 8)).astype(np.float32)
    every = np.ones((8, 8), bool)
    patch = suited.as_patch(Pair(t2[3:], t2, ~every, every), STEEP)
    np.testing.assert_array_equal(patch["B04"].values, np.stack([t2[2], t2[2]]))


@pytest.mark.parametrize(
    ("bands", "said"),
    [(("B04", "B11"), "reads B11"), (("B04", "DEM"), "reads DEM"), (("B08", SLOPE), "SLOPE beside B02, B03, B04")],
)
def test_what_no_pair_holds_is_named_with_what_they_do_hold(bands, said):
    with pytest.raises(NetworkError, match=said):
        suited.held_back(replace(ALONE, bands=bands))


def test_two_dates_with_slope_can_be_made_again(shared):
    made = [mountains.SteepPairs([], [], seed=3) for _ in range(2)]
    number = next(k for k in range(20) if made[0]._kind(np.random.default_rng([3, k])) == "removed")
    first, second = (one.pair(number) for one in made)
    np.testing.assert_array_equal(first.t2, second.t2)
    np.testing.assert_array_equal(first.t1[3], first.t2[3])
