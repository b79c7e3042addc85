"""Where the sun stands, and how bright it makes a slope."""

import json
from datetime import date

import numpy as np
import pytest

from app.grid import Grid
from app.terrain import light
from app.terrain.light import SunAngles
from tests.test_slopes import UTM, but_corners, by_gdaldem, tilted


def test_the_sun_at_the_overpass_is_where_a_scene_has_it(shared):
    item = json.loads((shared / "data" / "s2" / "l2a_cog" / "S2A_29RKH_20200219_0_L2A.json").read_text())
    _, south, _, north = item["bbox"]
    sun = light.at_overpass(date(2020, 2, 19), (south + north) / 2)
    assert sun.elevation_deg == pytest.approx(item["properties"]["view:sun_elevation"], abs=2)
    assert sun.azimuth_deg == pytest.approx(item["properties"]["view:sun_azimuth"], abs=3)


def test_at_midsummer_the_sun_is_higher_than_at_midwinter_by_about_twice_the_obliquity():
    high, low = (light.at_overpass(date(2022, month, 21), 45).elevation_deg for month in (6, 12))
    assert 35 < high - low < 47
    assert low < 90 - 45 - 23.44


def test_south_of_the_equator_the_sun_stands_in_the_north():
    assert light.at_overpass(date(2022, 6, 21), -40).azimuth_deg < 60


def test_a_polar_winter_has_a_sun_that_still_lights_something():
    assert light.at_overpass(date(2022, 12, 21), 80).elevation_deg == light.LOWEST_DEG


def test_level_ground_gets_the_sine_of_the_suns_height_and_a_slope_that_faces_it_gets_all():
    sun = SunAngles(45, 180)
    assert light.hillshade(np.zeros(UTM.shape), UTM, sun) == pytest.approx(np.sin(np.pi / 4), abs=1e-3)
    assert light.hillshade(tilted(UTM, 0, 1.0), UTM, sun) == pytest.approx(1, abs=1e-3)  # falls to the south
    assert light.hillshade(tilted(UTM, 0, -1.0), UTM, sun) == pytest.approx(0, abs=1e-3)


def test_ground_turned_from_the_sun_is_black_and_its_cosine_below_nought():
    away = tilted(UTM, 0, -2.0)
    assert (light.incidence(away, UTM, SunAngles(30, 180)) < 0).all()
    assert not light.hillshade(away, UTM, SunAngles(30, 180)).any()


def test_the_shade_of_rough_ground_is_that_of_gdaldem(tmp_path):
    on = Grid(500_000, 5_000_000, 30.0, 20.0, 60, 50, "EPSG:32632")
    heights = 300 + np.cumsum(np.random.default_rng(5).normal(0, 4, on.shape), axis=1)
    told = by_gdaldem("hillshade", heights, on, tmp_path, "-az", "160", "-alt", "35")
    ours = 1 + 254 * light.hillshade(heights, on, SunAngles(35, 160))
    off = np.abs(told - ours)[but_corners(on)]
    assert np.nanmax(off) < 2  # of 255; gdaldem's are whole numbers
    assert np.isfinite(off).all()
