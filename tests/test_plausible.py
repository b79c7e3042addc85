"""A finished patch is looked at: what cannot be so is said, and a season is no offset."""

import numpy as np
import pytest

from app.values import plausible
from tests.handmade import patch

NAMES = ("B02", "B03", "B04", "B08")
FOREST = np.array([0.03, 0.05, 0.04, 0.30])


def scene(colour=FOREST, side=40, seed=1, noise=0.004):
    """One date (band, y, x) of a colour with a little noise."""
    rng = np.random.default_rng(seed)
    return np.asarray(colour)[:, None, None] + rng.normal(0, noise, (len(colour), side, side))


def doubts(t1, t2, names=NAMES, clm=None):
    return plausible.doubts(patch({name: (t1[n], t2[n]) for n, name in enumerate(names)}, clm))


def test_a_pair_of_one_scene_and_a_scar_leaves_nothing_to_doubt():
    t2 = scene(seed=2)
    t2[:, 5:15, 5:25] = np.array([0.10, 0.13, 0.17, 0.24])[:, None, None]
    assert doubts(scene(), t2) == []


def test_one_scene_given_twice_is_told_and_a_single_other_pixel_is_another_scene():
    [said] = doubts(scene(), scene())
    assert "one scene twice" in said and "Give another scene" in said
    other = scene()
    other[0, 3, 3] += 0.01
    assert doubts(scene(), other) == []


@pytest.mark.parametrize(("offset", "which"), [(0.1, "T2"), (-0.1, "T1")])
def test_a_shift_of_all_bands_is_told_from_whichever_date_has_it(offset, which):
    said = next(one for one in doubts(scene(), scene(FOREST + offset, seed=2)) if "brighter" in one)
    assert said.startswith(f"{which} is brighter") and "in all bands" in said and "+1000" in said
    assert f"subtract 1000 from {which}" in said


@pytest.mark.parametrize("which", ["T1", "T2"])
@pytest.mark.parametrize("bands", ["B04", "B02, B04"])
def test_an_offset_in_some_of_the_visible_bands_is_told(which, bands):
    pair = [scene(), scene(FOREST + [0.1 if name in bands else 0 for name in NAMES], seed=2)]
    [said] = doubts(*pair if which == "T2" else pair[::-1])
    assert said.startswith(f"{which} is brighter") and f"in {bands} and in nearly every pixel" in said


def test_a_season_that_moves_bands_by_different_amounts_is_no_shift():
    assert doubts(scene(), scene([0.05, 0.08, 0.09, 0.20], seed=2)) == []
    assert doubts(scene([0.05, 0.08, 0.10, 0.15]), scene(seed=2)) == []


def test_snow_on_half_of_the_ground_is_no_shift():
    t2 = scene(seed=2)
    t2[:, :20] += 0.5
    assert doubts(scene(), t2) == []


def test_haze_over_the_visible_bands_is_told_as_what_it_may_be():
    [said] = doubts(scene(), scene([0.14, 0.15, 0.14, 0.31], seed=2))
    assert "in B02, B03, B04 and in nearly" in said and "haze" in said


def test_an_offset_under_a_change_of_season_shows_in_the_darkest_ground():
    t1, t2 = scene(noise=0.005), scene(seed=2)
    t2[:, :25] = np.array([0.07, 0.10, 0.14, 0.20])[:, None, None]
    t2 = t2 + 0.1
    [said] = doubts(t1, t2)
    assert "T2 has nothing darker than" in said and "+1000" in said


def test_an_offset_of_both_dates_is_told_by_what_is_never_dark():
    [said] = doubts(scene(FOREST + 0.1), scene(FOREST + 0.1, seed=2))
    assert "at either date" in said and "+1000" in said


def test_dates_in_different_units_are_told():
    said = doubts(scene(), scene() * 1e-4)
    assert any("times as bright" in one for one in said) and any("T2 is nearly black" in one for one in said)


def test_dates_that_differ_by_one_factor_in_all_bands_are_told():
    said = doubts(scene(), scene(seed=2) * 10)[-1]
    assert said.startswith("T2 is about 10 times as bright as T1 in every band")


def test_one_band_in_another_unit_than_at_the_other_date_is_told():
    t2 = scene(seed=2)
    t2[3] *= 0.1
    [said] = doubts(scene(), t2)
    assert said.startswith("B08 is about 10 times as bright at T1 as at T2, and no other band is")


@pytest.mark.parametrize("offset", [0.1, -0.1])
def test_an_offset_of_a_pair_of_one_band_is_told(offset):
    said = doubts(scene(FOREST[2:3] + 0.05), scene(FOREST[2:3] + 0.05 + offset, seed=2), ["B04"])
    assert any("in B04 and in nearly every pixel" in one for one in said)


def test_numbers_too_large_for_reflectance_are_told_by_date_and_band():
    t2 = scene()
    t2[3] *= 10_000
    said = doubts(scene(), t2)[0]
    assert said.startswith("T2: B08 hold too much for reflectance")


def test_an_offset_subtracted_twice_is_told():
    said = doubts(scene(), scene(FOREST - [0.1, 0.12, 0.09, 0.05]))[0]
    assert said.startswith("T2: half of the pixels of B02, B03, B04 are below")


def test_a_value_that_repeats_where_none_is_measured_is_told():
    t1 = scene()
    t1[2, :5] = -0.9999
    assert any("exactly -0.9999" in one and "nodata" in one for one in doubts(t1, scene(seed=2)))


def test_a_date_without_a_measurement_or_of_one_colour_is_told():
    empty = np.full((4, 40, 40), np.nan)
    assert any("T2 holds no measurement" in one for one in doubts(scene(), empty))
    assert any("all pixels of every band are the same" in one for one in doubts(scene(), scene(noise=0)))
    clouds = np.stack([np.zeros((40, 40)), np.ones((40, 40))])
    assert doubts(scene(), scene(seed=2), clm=clouds) == ["No pixel of T2 is clear."]


def test_what_lies_under_clouds_is_not_looked_at():
    t2 = scene(seed=2)
    t2[:, :30] = 0.9
    clm = np.zeros((2, 40, 40))
    clm[1, :30] = 1
    assert doubts(scene(), t2, clm=clm) == []


def test_doubts_are_kept_with_the_patch_each_once():
    from app import patches

    one = patch({name: (scene()[n], scene(FOREST + 0.1, seed=2)[n]) for n, name in enumerate(NAMES)})
    twice = plausible.told(plausible.told(one))
    assert len(patches.warnings(twice)) == 1


@pytest.mark.parametrize("event", ["0", "2", "171", "173"])
def test_simulated_seasons_snow_and_haze_raise_no_doubt(event):
    from app.inventory import builtin
    from app.sources import open_source, spec_for

    found = open_source("demo").open(spec_for(builtin().event(event), "demo"))
    assert plausible.doubts(found) == []


def test_the_real_sample_raises_no_doubt_and_with_an_offset_it_does():
    from app.sources import open_source, spec_for

    source = open_source("sample")
    found = source.open(spec_for(source.describe().event, "sample"))
    assert plausible.doubts(found) == []
    for name in ("B02", "B03", "B04", "B08"):
        found[name][1] += 0.1
    assert any("+1000" in one for one in plausible.doubts(found))


def test_a_real_pair_with_snow_before_and_a_landslide_after_raises_no_doubt(shared):
    from app import patches, rasters

    folder = shared / "data" / "iburi2018_west"
    made, _ = rasters.read_pair(folder / "t1.tif", folder / "t2.tif", ["B02", "B03", "B04"])
    assert patches.warnings(made) == ()


@pytest.mark.parametrize("offset", [0.0, 0.1])
def test_real_seasons_raise_no_doubt_and_an_offset_under_them_mostly_does(shared, offset):
    import xarray as xr

    with xr.open_dataset(shared / "data" / "s2" / "romania_forest_10m.nc") as held:
        values = np.stack([held[name].values for name in ("B2", "B3", "B4", "B8")]) / 1e4
        clouds = ~np.isin(held["SCL"].values, (4, 5, 6, 7, 11))
    clear = [day for day in range(values.shape[1]) if clouds[day].mean() < 0.2]
    pairs = list(zip(clear, clear[5:], strict=False))
    told = [
        bool(doubts(values[:, one], values[:, two] + offset, clm=np.stack([clouds[one], clouds[two]])))
        for one, two in pairs
    ]
    assert len(pairs) > 50
    assert sum(told) <= 2 if not offset else sum(told) > 0.8 * len(pairs)
