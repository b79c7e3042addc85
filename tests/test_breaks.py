"""When the ground changed: breaks in series made by hand, and in a real forest of which patches were felled."""

from datetime import date, timedelta

import numpy as np
import pytest

from app.series import breaks
from tests import felled_forest

FELLED = {19: ("2017-09-14", "2018-05-02")}  # patch -> last clear summer date that shows trees, first that shows none
MOST_FELLED = ("2018-09-19", "2019-06-16")  # of the other twenty, read from the pictures of 2018 and 2019


def days(count=60, every=20, first=date(2018, 1, 5)):
    return [first + timedelta(days=every * k) for k in range(count)]


def course(when, noise=0.02, seed=0):
    """Return a year's course with noise, float32 (time,)."""
    turn = 2 * np.pi * np.array([one.toordinal() for one in when]) / 365.25
    return (0.6 + 0.2 * np.sin(turn) + np.random.default_rng(seed).normal(0, noise, len(when))).astype(np.float32)


def test_a_step_is_found_between_the_clear_dates_around_it_with_its_size():
    when = days()
    values = course(when)
    values[33:] -= 0.3
    clear = np.ones(60, bool)
    clear[31:33] = False  # clouds hide when it came about
    found = breaks.one(values, when, clear)
    assert (found.after, found.before) == (when[30], when[33])
    assert found.size == pytest.approx(-0.3, abs=0.03)
    assert found.confidence > 0.8


def test_a_step_that_heals_is_dated_where_it_began():
    when = days(90, 15)
    since = np.array([max((one - when[40]).days, 0) for one in when])
    values = course(when) - np.where(np.arange(90) >= 40, 0.35 * np.exp(-since / 365), 0).astype(np.float32)
    found = breaks.one(values, when, np.ones(90, bool))
    assert found.after <= when[39] and when[40] <= found.before <= when[41]


def test_a_season_alone_is_no_break_whatever_the_noise():
    when = days()
    values = np.stack([course(when, seed=seed) for seed in range(200)], axis=1)
    found = breaks.find(values, when, np.ones(values.shape, bool))
    assert found.enough.all()
    assert found.told.mean() <= 0.02


def test_a_missed_cloud_is_no_break_and_does_not_move_one():
    when = days()
    values = course(when)
    values[20] -= 0.6
    values[45] -= 0.6
    assert breaks.one(values, when, np.ones(60, bool)) is None
    values[33:] -= 0.3
    found = breaks.one(values, when, np.ones(60, bool))
    assert (found.after, found.before) == (when[32], when[33])


def test_noise_is_never_told_as_a_break_of_the_dates_at_either_end():
    when = days()
    values = course(when, noise=0.0)
    values[-2:] -= 0.5  # two dates may as well be a cloud
    assert breaks.one(values, when, np.ones(60, bool)) is None


@pytest.mark.parametrize(
    ("when", "said"),
    [(days(11, 60), "11 clear dates"), (days(40, 10), "span 390 days"), (days(0), "0 clear dates")],
)
def test_too_few_dates_or_too_short_a_time_tell_nothing_and_say_so(when, said):
    values = course(when)
    values[len(when) // 2 :] -= 0.4
    clear = np.ones(len(when), bool)
    assert breaks.one(values, when, clear) is None
    assert said in breaks.why_none(when, clear)
    found = breaks.find(values[:, None], when, clear[:, None])
    assert not found.enough[0] and np.isnan(found.confidence[0]) and np.isnat(found.after[0])


def test_nodata_is_not_clear_and_a_pixel_alone_is_as_among_many():
    when = days()
    alone = course(when)
    alone[33:] -= 0.3
    many = np.stack([alone, course(when, seed=1), np.full(60, np.nan, np.float32)], axis=1).reshape(60, 3, 1)
    clear = np.ones(many.shape, bool)
    found = breaks.find(many, when, clear)
    assert found.told[:, 0].tolist() == [True, False, False]
    assert found.enough[:, 0].tolist() == [True, True, False]
    lone = breaks.one(alone, when, clear[:, 0, 0])
    assert (found.after[0, 0].astype(object), found.before[0, 0].astype(object)) == (lone.after, lone.before)
    assert breaks.why_none(when, clear[:, 1, 0]) == "No break stands out of the season and the noise."


def test_dates_that_do_not_rise_are_refused():
    with pytest.raises(ValueError, match="rising"):
        breaks.find(np.zeros((2, 1), np.float32), [date(2020, 1, 2), date(2020, 1, 1)], np.ones((2, 1), bool))


@pytest.fixture
def forest():
    return felled_forest.cube()


def middle_of(values):
    """Return the median of each date of (time, pixels), NaN where fewer than half of them are clear."""
    enough = np.isfinite(values).mean(axis=1) >= 0.5
    return np.array([np.nanmedian(one) if full else np.nan for one, full in zip(values, enough, strict=True)])


def test_the_year_of_felled_patches_is_found_within_the_dates_that_show_them(forest):
    ndvi, clear, when, number = forest
    right = 0
    for patch in range(1, 22):
        inside = number == patch
        series = middle_of(np.where(clear, ndvi, np.nan)[:, inside])
        found = breaks.find(series[:, None], when, np.isfinite(series)[:, None])
        last_trees, first_bare = map(np.datetime64, FELLED.get(patch, MOST_FELLED))
        right += bool(found.told[0] and last_trees < found.first[0] <= first_bare and found.size[0] < 0)
    assert right >= 17  # measured: 19 of 21


def test_untouched_forest_has_no_break_in_nine_of_ten_pixels(forest):
    ndvi, clear, when, number = forest
    found = breaks.find(ndvi, when, clear)
    forest_pixels = felled_forest.untouched(ndvi, clear, when) & (number == 0)
    assert forest_pixels.sum() > 1000
    assert found.enough[forest_pixels].all()
    assert found.told[forest_pixels].mean() <= 0.1  # measured: 0.004
    assert found.told[number > 0].mean() >= 0.7


def test_a_search_that_is_stopped_keeps_what_it_found_and_goes_on_to_the_same_end(monkeypatch):
    when = days()
    values = np.stack([course(when)] * 3, axis=-1)
    values[33:] -= 0.3
    clear = np.ones(values.shape, bool)
    whole = breaks.find(values, when, clear)
    monkeypatch.setattr(breaks, "_BLOCK", 2)
    search = breaks.Search(values, when, clear)
    search.step()
    assert search.share == 0.5 and search.found().told.tolist() == [True, True, False]
    assert search.found().enough.tolist() == [True, True, False]
    search.step()
    search.step()
    assert search.done and np.array_equal(search.found().after, whole.after)
