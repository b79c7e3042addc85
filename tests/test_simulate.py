"""The simulated world is one world: its pixels do not depend on how it is looked at."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import grid
from app.errors import Cancelled, SourceError
from app.inventory import builtin
from app.simulate import climate, lattice, noise, scene
from app.simulate.scars import scars
from app.simulate.surface import illumination
from app.simulate.terrain import terrain

EVENT = builtin().events[0]
DATES = (EVENT.t1, EVENT.t2)
SMALL = grid.for_bbox(grid.around(EVENT.latitude, EVENT.longitude, 0.004))
WHOLE = grid.for_bbox(grid.around(EVENT.latitude, EVENT.longitude))


@pytest.fixture(scope="module")
def whole() -> scene.SimulatedScene:
    return scene.simulate(WHOLE, DATES, EVENT.date, ("B04", "B11"))


def test_the_same_place_and_dates_give_the_same_pixels_again(whole):
    again = scene.simulate(WHOLE, DATES, EVENT.date, ("B04", "B11"))
    assert all(np.array_equal(again.bands[name], whole.bands[name]) for name in whole.bands)
    assert np.array_equal(again.clm, whole.clm) and np.array_equal(again.truth, whole.truth)


def test_a_band_does_not_depend_on_which_others_are_asked_for(whole):
    alone = scene.simulate(WHOLE, DATES, EVENT.date, ("B11",))
    assert np.array_equal(alone.bands["B11"], whole.bands["B11"])


@pytest.mark.parametrize(("east_px", "north_px"), [(40, 0), (25, 60), (90, 90)])
def test_overlapping_boxes_show_the_same_landscape(whole, east_px, north_px):
    west, south = WHOLE.west + east_px * WHOLE.res_x, WHOLE.south + north_px * WHOLE.res_y
    moved = grid.Grid(west, south, WHOLE.res_x, WHOLE.res_y, WHOLE.width, WHOLE.height)
    other = scene.simulate(moved, DATES, EVENT.date, ("B04",))
    here = np.s_[..., : WHOLE.height - north_px, east_px:]
    there = np.s_[..., north_px:, : WHOLE.width - east_px]
    # the sun is that of each box's middle; a pixel centre on the edge of a native pixel may fall either side
    same = np.isclose(whole.bands["B04"][here], other.bands["B04"][there], atol=2e-4)
    assert same.mean() > 0.995
    assert np.mean(whole.truth[here] == other.truth[there]) > 0.999


def test_a_finer_grid_shows_the_same_pixels_enlarged():
    coarse = scene.simulate(SMALL, DATES, EVENT.date, ("B04",))
    fine_grid = grid.Grid(SMALL.west, SMALL.south, SMALL.res_x / 9, SMALL.res_y / 9, SMALL.width * 9, SMALL.height * 9)
    fine = scene.simulate(fine_grid, DATES, EVENT.date, ("B04",))
    assert np.array_equal(fine.bands["B04"][:, 4::9, 4::9], coarse.bands["B04"])


def test_bands_are_as_coarse_as_the_sensor_makes_them():
    fine = grid.Grid(SMALL.west, SMALL.south, SMALL.res_x / 3, SMALL.res_y / 3, 120, 120)
    shown = scene.simulate(fine, DATES, EVENT.date, ("B04", "B11", "B01"))
    distinct = {name: len(np.unique(values[0])) for name, values in shown.bands.items()}
    assert distinct["B04"] > 3 * distinct["B11"] > 9 * distinct["B01"] > 0


def test_before_the_event_no_scar_is_visible_and_nothing_is_true():
    later = (EVENT.date + timedelta(30), EVENT.date + timedelta(60))
    earlier = (EVENT.date - timedelta(60), EVENT.date - timedelta(30))
    for dates, event_date in ((later, EVENT.date), (earlier, EVENT.date), (DATES, None)):
        shown = scene.simulate(WHOLE, dates, event_date, ("B04",))
        assert not shown.truth.any() and shown.scar_count == 0


def test_the_scar_is_bare_from_the_day_of_the_event_on(whole):
    slid, bands = whole.truth == 1, ("B04", "B08")
    on_the_day = scene.simulate(WHOLE, (DATES[0], EVENT.date), EVENT.date, bands)
    the_day_before = scene.simulate(WHOLE, (DATES[0], EVENT.date - timedelta(1)), EVENT.date, bands)
    assert np.array_equal(on_the_day.truth == 1, slid)
    assert _ndvi(on_the_day, slid) < _ndvi(the_day_before, slid) - 0.2


def test_a_scar_greens_over_with_the_years():
    event = builtin().events[9]
    place = grid.for_bbox(grid.around(event.latitude, event.longitude))
    ndvi = []
    for years in (0, 1, 4):
        day = date(event.date.year + years, event.date.month, event.date.day) + timedelta(8)
        shown = scene.simulate(place, (event.t1, day), event.date, ("B04", "B08"))
        ndvi.append(_ndvi(shown, shown.truth == 1))
    assert ndvi == sorted(ndvi) and ndvi[2] > ndvi[0] + 0.1


@pytest.mark.parametrize("event", builtin().events, ids=lambda event: event.id)
def test_every_built_in_event_has_a_scar_worth_finding_under_a_mostly_clear_sky(event):
    from scipy.ndimage import label

    place = grid.for_bbox(grid.around(event.latitude, event.longitude))
    shown = scene.simulate(place, (event.t1, event.t2), event.date, ("B04",))
    clear = (shown.clm == 0).all(axis=0)
    numbered, count = label(shown.truth, np.ones((3, 3)))
    seen = [numbered == k for k in range(1, count + 1) if clear[numbered == k].mean() >= 0.5]
    assert max(int(scar.sum()) for scar in seen) >= 20
    assert (shown.clm != 0).mean(axis=(1, 2)).max() <= 0.15


@pytest.mark.parametrize("event", builtin().events, ids=lambda event: event.id)
def test_the_red_band_finds_scars_with_errors_as_in_reality(event):
    place = grid.for_bbox(grid.around(event.latitude, event.longitude))
    shown = scene.simulate(place, (event.t1, event.t2), event.date, ("B04",))
    clear, slid = (shown.clm == 0).all(axis=0), shown.truth == 1
    found = (shown.bands["B04"][1] - shown.bands["B04"][0] > 0.05) & clear
    f1 = 2 * (found & slid).sum() / (found.sum() + (slid & clear).sum())
    assert 0.28 <= f1 <= 0.87


@settings(max_examples=12, deadline=None)
@given(
    latitude=st.floats(-70, 70), longitude=st.floats(-179, 179), start=st.dates(date(2016, 1, 1), date(2026, 1, 1)),
    days=st.integers(5, 900),
)  # fmt: skip
def test_any_place_on_any_date_has_physical_reflectance(latitude, longitude, start, days):
    place = grid.for_bbox(grid.around(latitude, longitude, 0.003))
    shown = scene.simulate(place, (start, start + timedelta(days)), start + timedelta(2), ("B02", "B08", "B12"))
    for values in shown.bands.values():
        assert np.isfinite(values).all() and values.min() > 0 and values.max() < 1.2
    assert set(np.unique(shown.clm)) <= {0, 1} and set(np.unique(shown.truth)) <= {0, 1}


@pytest.mark.parametrize("buffer_deg", [0.003, 0.00306])  # a middle a little west of the meridian, and on it
def test_the_180th_meridian_has_one_ground_from_whichever_side_its_longitude_is_counted(buffer_deg):
    """A middle on the meridian itself may be 180 or -180, or a rounding beside it."""
    east, west = (grid.for_bbox(grid.around(-17.0, longitude, buffer_deg)) for longitude in (180.0, -180.0))
    one, other = (scene.simulate(place, DATES, EVENT.date, ("B04",)) for place in (east, west))
    assert np.array_equal(one.bands["B04"], other.bands["B04"]) and one.scar_count == other.scar_count
    assert np.array_equal(one.clm, other.clm) and np.array_equal(one.truth, other.truth)
    assert np.array_equal(scene.heights_m(east), scene.heights_m(west))


def test_water_runs_downhill_from_every_node_to_a_valley_floor():
    massifs = terrain(lattice.covering(SMALL), 5).massifs
    whole = ~np.isnan(massifs.height.ravel())
    node = np.flatnonzero(whole & ~massifs.floor.ravel())
    height, tree = massifs.height.ravel(), massifs.receiver.ravel()
    moved = node[tree[node] != node]
    assert len(moved) > 0.97 * len(node)
    assert np.mean(height[tree[moved]] < height[moved]) > 0.99
    key, floor = massifs.key.ravel(), massifs.floor.ravel()
    assert (floor[tree[moved]] | (key[tree[moved]] == key[moved])).all()  # and never into another massif's slopes
    for _ in range(2000):
        node = tree[node]
    assert floor[node].mean() > 0.97


def test_scars_lie_on_steep_ground_and_run_downhill():
    window = lattice.covering(WHOLE)
    land = terrain(window, 5)
    slides = scars(land.massifs, window, 5)
    slid = slides.share > 0.5
    assert slid.any() and land.slope[slid].mean() > 15
    for number in np.unique(slides.number[slid]):
        one = slid & (slides.number == number)
        head, toe = one & (slides.along < 0.2), one & (slides.along > 0.8)
        if head.any() and toe.any():
            assert land.height[head].mean() > land.height[toe].mean()


def test_slopes_that_face_the_sun_are_brighter_than_level_ground():
    land = terrain(lattice.covering(SMALL), 5)
    tilted = replace(land, east=np.array([[0.0, -0.3, 0.3]]), north=np.zeros((1, 3)))  # -0.3 falls to the east
    level, facing, turned = illumination(tilted, climate.Sun(np.radians(40), np.radians(90)))[0]
    assert level == pytest.approx(1) and turned < level < facing


def test_the_sun_stands_in_the_south_east_of_a_northern_summer_morning():
    sun = climate.sun(date(2020, 6, 21), 45.0)
    assert 50 < np.degrees(sun.elevation) < 65 and 110 < np.degrees(sun.azimuth) < 150


def test_seasons_are_reversed_south_of_the_equator():
    temperate = climate.CLIMATES[3]
    assert climate.season(date(2020, 7, 1), 47, temperate).leaf == 1
    assert climate.season(date(2020, 7, 1), -47, temperate).leaf < 0.1


def test_noise_has_the_scale_it_says():
    x = np.arange(0, 60_000, 40.0)
    field = noise.fbm(x, x, 300, 3)
    assert abs(field.mean()) < 0.03 and field.std() == pytest.approx(1, abs=0.05)
    ix = np.arange(300)
    white = noise.normal(ix[None, :], ix[:, None], 4)
    assert abs(white.mean()) < 0.02 and white.std() == pytest.approx(1, abs=0.02)


def test_a_box_too_large_is_refused_with_a_way_out():
    with pytest.raises(SourceError, match="smaller buffer"):
        scene.simulate(grid.for_bbox((10, 45, 10.8, 45.8)), DATES, None, ("B04",))


def test_simulation_stops_where_progress_says_so():
    def stop(share: float, doing: str) -> None:
        if share > 0.3:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        scene.simulate(SMALL, DATES, None, ("B04",), stop)


def _ndvi(shown: scene.SimulatedScene, where: np.ndarray) -> float:
    """Mean NDVI of the second date where ``where`` is true."""
    red, nir = (shown.bands[name][1][where] for name in ("B04", "B08"))
    return float(np.mean((nir - red) / (nir + red)))
