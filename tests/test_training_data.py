"""What networks are trained and scored on: places apart, scars where they can be, pairs that can be made again."""

import hashlib
import math

import numpy as np
import pytest

from app.config import ROOT
from app.errors import InputError, ModelError
from app.grid import Grid
from app.inventory import builtin
from models import data, paint, real, score, sets
from models.paint import Pair
from models.real import BANDS

FOREST = np.array([0.02, 0.04, 0.02, 0.35], np.float32)
SOIL = np.array([0.08, 0.11, 0.15, 0.22], np.float32)


def image(colour=FOREST, side=32) -> np.ndarray:
    return np.broadcast_to(colour[:, None, None], (len(BANDS), side, side)).copy()


def square(side=32, first=10, last=20) -> np.ndarray:
    mask = np.zeros((side, side), bool)
    mask[first:last, first:last] = True
    return mask


def pair_of(t1, t2, truth=None) -> Pair:
    shape = t1.shape[1:]
    return Pair(t1, t2, np.zeros(shape, bool) if truth is None else truth, np.ones(shape, bool))


@pytest.fixture(scope="module")
def pool() -> list[Pair]:
    return [data.simulate(place, 0.0115) for place in data.simulated_places("train", 2)]


def test_no_two_splits_share_a_simulated_world():
    zones = [{int((p.longitude + 180) // 6) for p in data.simulated_places(split, 200)} for split in real.SPLITS]
    assert all(zones) and not (zones[0] & zones[1] or zones[0] & zones[2] or zones[1] & zones[2])


def test_nothing_is_trained_near_the_events_that_come_with_scarp():
    for place in data.simulated_places("train", 300):
        for event in builtin().events:
            assert math.hypot(event.latitude - place.latitude, event.longitude - place.longitude) > data.AWAY_DEG


def test_forest_felled_between_the_dates_is_not_judged_where_nobody_could():
    place = data.simulated_places("train", 2)[1]
    judged, lenient = (data.simulate(place, 0.01, judge_felled=judge) for judge in (True, False))
    left_out = judged.clear & ~lenient.clear
    assert 0 < left_out.mean() < 0.2 and not (left_out & judged.truth).any()
    np.testing.assert_array_equal(judged.t2, lenient.t2)


def test_small_patches_are_small_and_a_few():
    from scipy.ndimage import label

    for seed in range(20):
        shape = paint.blots(128, np.random.default_rng(seed))
        assert shape.sum() < 1500 and label(shape)[1] < 40


def test_dates_are_in_order_and_the_event_lies_between_them():
    places = data.simulated_places("train", 200)
    assert all(place.t1 < place.t2 for place in places)
    assert all(place.event is None or place.t1 < place.event <= place.t2 for place in places)
    assert any(place.event is None for place in places)


def test_the_same_seed_draws_the_same_places():
    assert data.simulated_places("test", 5) == data.simulated_places("test", 5)
    assert data.simulated_places("test", 5, seed=1) != data.simulated_places("test", 5)


def test_a_scar_is_painted_where_its_outline_says_and_nowhere_else():
    before = image()
    after, slid = paint.scar(before, square(), np.random.default_rng(0))
    far = np.ones((32, 32), bool)
    far[6:24, 6:24] = False
    np.testing.assert_array_equal(after[:, far], before[:, far])
    assert np.count_nonzero(slid ^ square()) <= 12  # the corners of the square are rounded
    assert after[2][square()].mean() > 2 * before[2].mean()


def test_scars_are_painted_on_vegetation_only():
    assert paint.plausible(image(FOREST), square())
    assert not paint.plausible(image(SOIL), square())
    assert not paint.plausible(image(FOREST), square(last=12))  # four pixels are no landslide


def test_without_a_place_for_it_no_scar_is_painted():
    bare = pair_of(image(SOIL), image(SOIL))
    assert data.with_scar(bare, square(), np.random.default_rng(0)) is bare


def test_a_painted_pair_keeps_its_first_date():
    before = pair_of(image(), image())
    after = data.with_scar(before, square(), np.random.default_rng(3))
    assert after.truth.any()
    np.testing.assert_array_equal(after.t1, before.t1)


def test_a_cut_without_zoom_or_shift_is_the_image_itself():
    values = np.arange(64, dtype=np.float32).reshape(1, 8, 8)
    found = paint.cut(values, 4, (1, 1), np.array([2, 3]), 0, np.zeros(2))
    np.testing.assert_array_equal(found[0], values[0, 2:6, 3:7])


def test_a_cut_moved_by_one_pixel_shows_the_next_one():
    values = np.arange(64, dtype=np.float32).reshape(1, 8, 8)
    found = paint.cut(values, 4, (1, 1), np.array([2, 3]), 1, np.array([1.0, 0.0]))
    np.testing.assert_allclose(found[0], values[0, 3:7, 3:7], atol=1e-5)


def test_clouds_are_hidden_by_the_mask_but_for_their_thin_edges():
    for seed in range(20):
        covered, clear = paint.clouds(image(side=64), np.random.default_rng(seed))
        assert covered[0][clear].max(initial=0) < 0.35 * 0.8 + 0.03


def test_a_pair_is_the_same_whatever_was_made_before(pool):
    first, second = (data.Maker(pool, [], seed=4) for _ in range(2))
    first.pair(0)
    for made, again in ((first.pair(7), second.pair(7)), (next(first.batches(2, 3))[1], second.pair(7))):
        for name in ("t1", "t2", "truth", "clear"):
            np.testing.assert_array_equal(getattr(made, name), getattr(again, name))


def test_another_number_or_seed_makes_another_pair(pool):
    assert not np.array_equal(data.Maker(pool, [], 0).pair(0).t1, data.Maker(pool, [], 0).pair(1).t1)
    assert not np.array_equal(data.Maker(pool, [], 0).pair(0).t1, data.Maker(pool, [], 1).pair(0).t1)


def test_pairs_hold_reflectance_and_masks_of_one_size(pool, shared):
    maker = data.Maker(pool, real.places("train"), seed=0)
    made = [maker.pair(number) for number in range(24)]
    for pair in made:
        assert pair.t1.shape == pair.t2.shape == (len(BANDS), data.TILE, data.TILE)
        assert pair.truth.shape == pair.clear.shape == (data.TILE, data.TILE)
        assert pair.truth.dtype == pair.clear.dtype == bool
        for date in (pair.t1, pair.t2):
            assert date.dtype == np.float32 and np.isfinite(date).all() and date.min() >= 0 and date.max() < 3
    assert any(pair.truth.any() for pair in made) and not all(pair.truth.any() for pair in made)


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

    (case,) = sets.clearings()
    truth = case.patch["truth"].values == 1
    assert label(truth)[1] == 20  # of 21, two touch
    red = case.patch["B04"].values
    assert (red[1] - red[0])[truth].mean() > 0.03 > 0.01 > np.nanmean((red[1] - red[0])[~truth])


def test_a_grid_far_from_the_sample_holds_no_clearing():
    assert not sets.outlined(Grid(10.0, 50.0, 0.0001, 0.0001, 8, 8)).any()


def test_pairs_without_change_have_no_truth_and_pairs_of_the_forest_lie_close_in_time(shared):
    for case in sets.cases("forest", 5):
        days = np.diff(case.patch["time"].values).astype("timedelta64[D]").astype(int)[0]
        assert 0 < days <= sets.SEASON_DAYS and not case.patch["truth"].values.any()


def test_painted_cases_alternate_between_places_and_all_have_truth(shared):
    found = list(sets.cases("painted", 4))
    assert [case.name.split()[0] for case in found] == ["romania", "belgium"] * 2
    assert all(case.patch["truth"].values.any() for case in found)


def test_the_threshold_of_a_plain_method_is_the_best_on_the_pairs_given():
    before, after = image(), image()
    after[2] += 0.032  # everywhere
    after[2][square()] += 0.05  # where it slid
    levels = score.thresholds([pair_of(before, after, square())])
    assert 0.03 < levels["band-difference:B04"] <= 0.08
    assert (levels["band-difference:B04:0.05"], levels["band-difference:B04:0.1"]) == (0.05, 0.1)


def test_false_alarms_are_counted_by_square_kilometre():
    counts = score.Confusion(fp=50, tn=9_950)  # one square kilometre
    found = score.Scored("m", 0.5, (counts, counts), (3, 4)).as_dict()
    assert (found["km2"], found["objects_per_km2"], found["share"]) == (2.0, 3.5, 0.005)


def test_scores_are_counted_by_tenths_with_what_slid_in_each():
    found = score.binned(np.array([0.05, 0.09, 0.5, 1.0]), np.array([False, True, True, True]))
    assert found[:, 0].tolist() == [2, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert found[:, 2].tolist() == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]


def test_the_card_gets_new_tables_and_keeps_its_words(tmp_path):
    card = tmp_path / "card.md"
    card.write_text(f"before\n{score.BEGIN}\nold\n{score.END}\nafter\n")
    score.write_card(card, "new")
    text = card.read_text()
    assert "old" not in text and text.index("before") < text.index("new") < text.index("after")
    score.write_card(card, "newer")
    assert "newer" in card.read_text()


def test_a_card_without_a_place_for_scores_is_refused(tmp_path):
    card = tmp_path / "card.md"
    card.write_text("words")
    with pytest.raises(ModelError, match="no place for scores"):
        score.write_card(card, "new")
    assert card.read_text() == "words"


def test_the_card_is_about_the_file_beside_it_and_the_file_is_small():
    held = ROOT / "models" / "bit.onnx"
    said = (ROOT / "models" / "bit.md").read_text(encoding="utf-8")
    assert hashlib.sha256(held.read_bytes()).hexdigest() in said
    assert held.stat().st_size <= 25e6
    assert "modified Copernicus Sentinel data" in said
