"""What networks and plain methods are scored on: places apart, scars where they can be, cases to be made again."""

import math

import numpy as np
import pytest

from app import config, patches, testsets
from app.errors import InputError
from app.grid import Grid
from app.inventory import builtin
from app.scoring import evaluate
from app.testsets import making, real, scars, simulated
from app.testsets.real import BANDS
from tests.pairs import FOREST, SOIL, image, pair_of, square


def test_no_two_splits_share_a_simulated_world():
    zones = [{int((p.longitude + 180) // 6) for p in simulated.simulated_places(split, 200)} for split in real.SPLITS]
    assert all(zones) and not (zones[0] & zones[1] or zones[0] & zones[2] or zones[1] & zones[2])


def test_nothing_is_trained_near_the_events_that_come_with_scarp():
    for place in simulated.simulated_places("train", 300):
        for event in builtin().events:
            assert math.hypot(event.latitude - place.latitude, event.longitude - place.longitude) > simulated.AWAY_DEG


def test_forest_felled_between_the_dates_is_not_judged_where_nobody_could():
    place = simulated.simulated_places("train", 2)[1]
    judged, lenient = (simulated.simulate(place, 0.01, judge_felled=judge) for judge in (True, False))
    left_out = judged.clear & ~lenient.clear
    assert 0 < left_out.mean() < 0.2 and not (left_out & judged.truth).any()
    np.testing.assert_array_equal(judged.t2, lenient.t2)


def test_dates_are_in_order_and_the_event_lies_between_them():
    places = simulated.simulated_places("train", 200)
    assert all(place.t1 < place.t2 for place in places)
    assert all(place.event is None or place.t1 < place.event <= place.t2 for place in places)
    assert any(place.event is None for place in places)


def test_the_same_seed_draws_the_same_places():
    assert simulated.simulated_places("test", 5) == simulated.simulated_places("test", 5)
    assert simulated.simulated_places("test", 5, seed=1) != simulated.simulated_places("test", 5)


def test_a_scar_is_painted_where_its_outline_says_and_nowhere_else():
    before = image()
    after, slid = scars.scar(before, square(), np.random.default_rng(0))
    far = np.ones((32, 32), bool)
    far[6:24, 6:24] = False
    np.testing.assert_array_equal(after[:, far], before[:, far])
    assert np.count_nonzero(slid ^ square()) <= 12  # the corners of the square are rounded
    assert after[2][square()].mean() > 2 * before[2].mean()


def test_scars_are_painted_on_vegetation_only():
    assert scars.plausible(image(FOREST), square())
    assert not scars.plausible(image(SOIL), square())
    assert not scars.plausible(image(FOREST), square(last=12))  # four pixels are no landslide


def test_without_a_place_for_it_no_scar_is_painted():
    bare = pair_of(image(SOIL), image(SOIL))
    assert scars.with_scar(bare, square(), np.random.default_rng(0)) is bare


def test_a_painted_pair_keeps_its_first_date():
    before = pair_of(image(), image())
    after = scars.with_scar(before, square(), np.random.default_rng(3))
    assert after.truth.any()
    np.testing.assert_array_equal(after.t1, before.t1)


def test_no_real_place_is_in_two_splits(shared):
    names = [{place.name for place in real.places(split)} for split in real.SPLITS]
    assert all(names) and sum(map(len, names)) == len(set.union(*names)) == len(real.PLACES)


def test_an_unknown_split_is_refused():
    with pytest.raises(InputError, match="train, validation, test"):
        real.places("everything")


def test_the_empty_months_of_the_farmland_are_left_out(shared):
    belgium = real.read("belgium")
    assert len(belgium.dates) == 10 and "2020-12-01" not in belgium.dates
    assert 0.02 < belgium.images[:, 2].mean() < 0.15


def test_cloudy_dates_of_the_forest_are_left_out(shared):
    romania = real.read("romania")
    assert "2020-09-03" not in romania.dates  # all white
    assert "2017-07-11" in romania.dates


def test_outlined_clearings_lie_where_the_sample_shows_them():
    from scipy.ndimage import label

    (case,) = testsets.SETS["clearings"].cases()
    patch = case.open().patch
    truth = patch["truth"].values == 1
    assert label(truth)[1] == 20  # of 21, two touch
    red = patch["B04"].values
    assert (red[1] - red[0])[truth].mean() > 0.03 > 0.01 > np.nanmean((red[1] - red[0])[~truth])


def test_a_grid_far_from_the_sample_holds_no_clearing():
    assert not making.outlined(Grid(10.0, 50.0, 0.0001, 0.0001, 8, 8)).any()


def test_pairs_without_change_have_no_truth_and_pairs_of_the_forest_lie_close_in_time(shared):
    for case in testsets.SETS["forest"].cases(5):
        patch = case.open().patch
        days = np.diff(patch["time"].values).astype("timedelta64[D]").astype(int)[0]
        assert 0 < days <= making.SEASON_DAYS and not patch["truth"].values.any()


def test_painted_cases_alternate_between_places_and_all_have_truth(shared):
    found = testsets.SETS["painted"].cases(4)
    assert [case.event.split()[0] for case in found] == ["romania", "belgium"] * 2
    assert all(case.open().patch["truth"].values.any() for case in found)


@pytest.fixture
def nothing_beside(monkeypatch, tmp_path):
    """A machine without the real images."""
    monkeypatch.setenv("SCARP_DATA", str(tmp_path))
    config.settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.mark.parametrize("name", ["simulated", "clearings"])
def test_a_clone_without_the_real_images_can_open_what_it_makes_and_holds(name, nothing_beside):
    held = testsets.SETS[name]
    assert held.available() == ""
    patch = held.cases(1)[0].open().patch
    assert patch["truth"].values.any() and set(BANDS) <= set(patch.data_vars)


@pytest.mark.parametrize("name", ["painted", "forest", "farmland"])
def test_without_the_real_images_a_set_says_what_it_misses_and_where_to_put_it(name, nothing_beside):
    held = testsets.SETS[name]
    assert str(nothing_beside) in held.available() and "SCARP_DATA" in held.available()
    with pytest.raises(InputError, match="SCARP_DATA"):
        held.cases(1)


def test_a_case_is_the_same_whatever_was_opened_before(shared):
    first, second = (testsets.SETS["painted"].cases(4) for _ in range(2))
    for case in first:
        last = case.open().patch
    np.testing.assert_array_equal(second[3].open().patch["B04"], last["B04"])


@pytest.mark.parametrize("name", ["simulated", "painted"])
def test_a_patch_of_which_anything_was_simulated_says_so(name, shared):
    held = testsets.SETS[name]
    assert patches.is_simulated(held.cases(1)[0].open().patch) and "SIMULATED" in held.what


@pytest.mark.parametrize("name", ["clearings", "forest", "farmland"])
def test_a_patch_that_was_measured_is_not_called_simulated(name, shared):
    held = testsets.SETS[name]
    assert not patches.is_simulated(held.cases(1)[0].open().patch) and "SIMULATED" not in held.what


def test_a_set_is_scored_like_any_other_cases():
    found = evaluate.evaluate(testsets.SETS["clearings"].cases(), ["band-difference:B04:0.05"], device="cpu")
    assert found.methods[0].micro.f1 == pytest.approx(0.568, abs=0.001)  # as the model card reports
