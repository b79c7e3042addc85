"""What networks are trained and scored on: places apart, scars where they can be, pairs that can be made again."""

import hashlib

import numpy as np
import pytest

from app.config import ROOT
from app.errors import NetworkError
from app.testsets import real
from app.testsets.making import as_patch
from app.testsets.real import BANDS
from app.testsets.scars import Pair
from models import data, looks, paint, score
from tests.pairs import SOIL, image, pair_of, square


@pytest.fixture(scope="module")
def pool() -> list[Pair]:
    return [data.simulate(place, 0.0115) for place in data.simulated_places("train", 2)]


def test_a_damaged_image_is_whole_but_for_a_small_part_and_that_shows_something_else():
    before, other = image(side=64), image(SOIL, side=64)
    for seed in range(10):
        after, where = paint.damaged(before, other, np.random.default_rng(seed))
        assert 0.04 < where.mean() < 0.18
        np.testing.assert_array_equal(after[:, ~where], before[:, ~where])
        assert (np.abs(after - before).max(0)[where] > 0.01).all()


def test_two_looks_of_a_place_carry_no_label_and_show_the_same_ground(pool):
    maker = data.Looks(pool, [], seed=0, side=128)
    for number in range(6):
        seen = maker.pair(number)
        assert not seen.truth.any() and seen.t1.shape == seen.t2.shape == (len(BANDS), 128, 128)
        np.testing.assert_array_equal(data.Looks(pool, [], seed=0, side=128).pair(number).t1, seen.t1)
    assert not np.array_equal(maker.pair(0).t1, maker.pair(0).t2)


def test_small_patches_are_small_and_a_few():
    from scipy.ndimage import label

    for seed in range(20):
        shape = paint.blots(128, np.random.default_rng(seed))
        assert shape.sum() < 1500 and label(shape)[1] < 40


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


def test_the_threshold_of_a_plain_method_is_the_best_on_the_pairs_given():
    before, after = image(), image()
    after[2] += 0.032  # everywhere
    after[2][square()] += 0.05  # where it slid
    levels = score.thresholds([pair_of(before, after, square())])
    assert 0.03 < levels["band-difference:B04"] <= 0.08
    assert (levels["band-difference:B04:0.05"], levels["band-difference:B04:0.1"]) == (0.05, 0.1)


def test_false_alarms_are_counted_by_square_kilometre():
    counts = score.Confusion(fp=50, tn=9_950)  # one square kilometre
    found = score.SetScore("m", 0.5, (counts, counts), (3, 4)).as_dict()
    assert (found["km2"], found["objects_per_km2"], found["share"]) == (2.0, 3.5, 0.005)


def test_objects_under_the_smallest_area_are_no_false_alarms():
    before, after = image(), image()
    after[2, 10:20, 10:20] += 0.2
    after[2, 26:28, 26:28] += 0.2
    patch = as_patch(pair_of(before, after, np.zeros_like(square())), "2020-01-01", "2021-01-01")
    detection = score._detected(patch, "band-difference:B04:0.1")
    counted = [score._counted(patch, detection, 0.1, least) for least in (0, 1000)]
    assert [(counts.fp, objects) for counts, objects in counted] == [(104, 2), (100, 1)]


def test_scores_are_counted_by_tenths_with_what_slid_in_each():
    found = score.binned(np.array([0.05, 0.09, 0.5, 1.0]), np.array([False, True, True, True]))
    assert found[:, 0].tolist() == [2, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert found[:, 2].tolist() == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]


def test_a_network_that_gives_no_probabilities_has_no_table_of_them():
    row = {"method": "m", "threshold": 0.5, "n": 2, "km2": 1.0, "objects_per_km2": 3.0, "share": 0.01}
    found = {"model": "m.onnx", "sha256": "0", "sets": {"forest": [row]}, "calibration": {}}
    assert "false alarms" in score.tables(found) and "slid" not in score.tables(found).split("no landslide")[1]
    observed = score.binned(np.array([0.05, 0.95]), np.array([False, True])).tolist()
    assert "how many slid" in score.tables({**found, "calibration": {"simulated": observed}})


def test_scores_that_are_the_share_that_slid_have_no_calibration_error():
    slid = np.array([False, False, False, True])
    assert score.calibration_error(score.binned(np.full(4, 0.25), slid)) == 0
    assert score.calibration_error(score.binned(np.full(4, 0.75), slid)) == 0.5


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
    with pytest.raises(NetworkError, match="no place for scores"):
        score.write_card(card, "new")
    assert card.read_text() == "words"


@pytest.mark.parametrize("name", ["bit", "cdrl"])
def test_the_card_is_about_the_file_beside_it_and_the_file_is_small(name):
    held = ROOT / "models" / f"{name}.onnx"
    said = (ROOT / "models" / f"{name}.md").read_text(encoding="utf-8")
    assert hashlib.sha256(held.read_bytes()).hexdigest() in said
    assert held.stat().st_size <= 25e6
    assert "modified Copernicus Sentinel data" in said


def test_leaves_turn_where_something_grows_and_nowhere_else():
    ground = image(SOIL, side=32)
    half = np.where(np.arange(32) < 16, ground, image(side=32))
    turned = [looks.leaves(half, np.random.default_rng(seed)) for seed in range(40)]
    assert all(np.abs(one - half)[:, :, :16].max() < 1e-6 for one in turned)
    assert sum(np.abs(one - half)[:, :, 16:].max() > 0.01 for one in turned) >= 5


def test_another_light_is_soft_and_leaves_nothing_below_zero():
    before = image(side=64)
    for seed in range(10):
        share = looks.lit(before, np.random.default_rng(seed)) / before
        assert share.min() >= 0 and np.abs(np.diff(share, axis=1)).max() < 0.15
    assert not looks.lit(np.zeros_like(before), np.random.default_rng(0)).min() < 0


def test_a_varied_look_is_the_same_for_the_same_seed_and_another_for_the_next():
    before = image(side=64)
    first, again, other = (looks.varied(before, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape == before.shape and not np.array_equal(first, other)
