"""The staged pair: each thing that fools a detector is there when it is asked for, and not otherwise."""

from datetime import date

import numpy as np
import pytest

from app.bands import BANDS
from app.lessons.knobs import PLACES, square
from app.simulate.staged import OFFSET, StagedPair, Staging, stage

T1, T2 = date(2021, 7, 15), date(2022, 7, 15)
HILLS, FARM = PLACES["hills"][0], PLACES["fields"][0]
SOME = ("B02", "B04", "B08", "B11")


def pair(place=HILLS, t2=T2, **given) -> StagedPair:
    return stage(square(*place, 64), T1, t2, Staging(**given), SOME)


@pytest.fixture(scope="module")
def plain() -> StagedPair:
    return pair()


def change(made: StagedPair, band: str) -> np.ndarray:
    return made.bands[band][1] - made.bands[band][0]


def test_scars_are_as_many_as_asked_for_where_there_is_room_and_bare(plain):
    from scipy.ndimage import label

    assert not pair(scars=0).truth.any()
    assert label(pair(scars=1, size_m=40).truth, np.ones((3, 3)))[1] == 1
    rose = change(plain, "B04")
    assert rose[plain.truth].mean() > 0.03 > 5 * np.abs(rose[~plain.truth]).mean()


def test_wider_scars_cover_more_and_faint_ones_change_less_on_the_same_ground(plain):
    assert pair(size_m=120).truth.sum() > plain.truth.sum() > pair(size_m=20).truth.sum() > 0
    faint = pair(faint=0.7)
    assert np.array_equal(faint.truth, plain.truth)
    assert change(faint, "B04")[plain.truth].mean() < 0.6 * change(plain, "B04")[plain.truth].mean()


def test_the_same_seed_is_the_same_pair_and_another_one_is_not(plain):
    again = pair()
    assert all(np.array_equal(again.bands[name], plain.bands[name]) for name in SOME)
    assert not np.array_equal(pair(seed=1).truth, plain.truth)


def test_a_pair_is_the_same_whatever_was_staged_of_its_place_before(plain):
    pair(harvest=1.0, scars=9, size_m=100, haze=0.9, offset=True, shift_px=2, cloud=0.4)  # none of it is left behind
    pair(PLACES["hills"][0], date(2021, 12, 1), faint=0.5)
    again = pair()
    assert all(np.array_equal(again.bands[name], plain.bands[name]) for name in SOME)


def test_a_place_too_large_to_be_held_is_the_same_where_it_meets_one_that_is(plain):
    wide = stage(square(*HILLS, 256), T1, T2, Staging(scars=0), SOME)
    small = pair(scars=0)
    inner = slice(96, 160)
    assert all(np.array_equal(wide.bands[one][:, inner, inner], small.bands[one]) for one in SOME)


def test_a_clear_day_hides_nothing_and_haze_brightens_blue_most(plain):
    assert not plain.hidden.any() and not plain.clm.any()
    hazy = pair(haze=0.6)
    added = {name: float((hazy.bands[name][1] - plain.bands[name][1]).mean()) for name in SOME}
    in_order = sorted(SOME, key=lambda name: BANDS[name].centre_nm)
    assert [added[name] for name in in_order] == sorted(added.values(), reverse=True) and added["B02"] > 0.03
    assert np.array_equal(hazy.bands["B04"][0], plain.bands["B04"][0])


def test_the_mask_misses_as_much_cloud_as_asked_for_and_marks_none_that_is_not_there():
    seen = [pair(cloud=0.3, missed=share) for share in (0, 0.5, 1)]
    assert np.array_equal(seen[0].hidden, seen[1].hidden) and 0.15 < seen[0].hidden.mean() < 0.6
    shares = [made.clm[1][made.hidden].mean() for made in seen]
    assert shares[0] > 0.95 and 0.3 < shares[1] < 0.7 and shares[2] == 0
    assert not seen[1].clm[1][~seen[1].hidden].any() and not seen[1].clm[0].any()


def test_fields_change_only_where_they_are_cut():
    kept, cut = pair(FARM, scars=0), pair(FARM, scars=0, harvest=0.6)
    assert not kept.cut.any() and cut.cut.mean() > 0.1 and not (cut.cut & ~cut.farmed).any()
    assert np.abs(change(kept, "B04")[kept.farmed]).mean() < 0.01
    assert change(cut, "B04")[cut.cut].mean() > 0.08 and change(cut, "B08")[cut.cut].mean() < -0.05


def test_another_season_changes_what_did_not_slide_and_lowers_the_sun(plain):
    winter = pair(t2=date(2022, 1, 16))
    assert np.abs(change(winter, "B08")[~winter.truth]).mean() > 5 * np.abs(change(plain, "B08")[~plain.truth]).mean()
    assert winter.sun_deg[1] < winter.sun_deg[0] - 30 and plain.sun_deg[0] == pytest.approx(plain.sun_deg[1], abs=0.5)


def test_an_offset_is_added_to_t2_and_a_shift_moves_it(plain):
    raised = pair(offset=True)
    assert raised.bands["B04"][1] == pytest.approx(plain.bands["B04"][1] + OFFSET, abs=1e-6)
    aside = pair(shift_px=2)
    still = ~plain.truth
    assert np.abs(change(aside, "B04")[still]).mean() > 3 * np.abs(change(plain, "B04")[still]).mean()
    assert np.array_equal(aside.truth, plain.truth)
