"""Light evened out over slopes, on ground made by hand and on the simulator's."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from app import cache, patches
from app.errors import HeightsMissingError, InputError
from app.grid import Grid
from app.patches import PatchSpec
from app.terrain import correction, light
from app.terrain.heights import Heights, onto
from app.terrain.light import SunAngles
from tests.small import T1, T2

ON = Grid(36.0, 37.0, 0.00009, 0.00009, 40, 40)
SUNS = (SunAngles(40.0, 150.0), SunAngles(60.0, 130.0))
DIFFUSE = 0.3
BARE = 0.2


def bumpy() -> np.ndarray:
    y, x = np.mgrid[0:40, 0:40]
    return 300 + 14 * np.sin(x / 4.0) + 11 * np.cos(y / 5.0 + x / 9.0)


def lit(height: np.ndarray, sun: SunAngles) -> np.ndarray:
    """Return even ground as the cosine law with skylight shows it: c is the skylight."""
    level = np.sin(np.radians(sun.elevation_deg))
    cosine = np.nan_to_num(light.incidence(height, ON, sun))
    return (BARE * (np.maximum(cosine, 0) + DIFFUSE) / (level + DIFFUSE)).astype(np.float32)


def patch(heights=None, clm=0, **bands):
    height = bumpy()
    pair = np.stack([lit(height, sun) for sun in SUNS])
    attrs = {light.sun_name(n): light.sun_words(sun.elevation_deg, sun.azimuth_deg) for n, sun in enumerate(SUNS)}
    made = patches.build(ON, [T1, T2], {"B04": pair, **bands}, np.full(pair.shape, clm, np.uint8), attrs)
    return onto(made, Heights(np.float32(height if heights is None else heights), "hand"))


def test_even_ground_under_any_light_becomes_even_and_the_dates_agree():
    held = patch()
    assert np.ptp(held["B04"].values[0]) > 0.05
    assert correction.dependence(held, "B04")[0] > 0.99
    even = correction.corrected(held, correction.C)
    assert even["B04"].values == pytest.approx(BARE, abs=0.004)
    assert np.ptp(even["B04"].values) < 0.01
    change = even["B04"].values[1] - even["B04"].values[0]
    assert np.abs(change).max() < np.abs(held["B04"].values[1] - held["B04"].values[0]).max() / 10


def test_what_was_done_stands_in_the_patch_and_in_what_is_detected_on_it():
    from app.detection import run

    even = correction.corrected(patch(), correction.SCS_C)
    said = correction.said(even)
    assert "SCS+C correction (Soenen, Peddle and Coburn 2005" in said
    assert "sun at T1 40° high at azimuth 150°" in said
    assert "B04 T1 c=" in said
    assert run.labels(even, run.detect(even, "band-difference"))["light"] == said
    assert correction.said(patch()) == ""
    assert "light" not in run.labels(patch(), run.detect(patch(), "band-difference"))


def test_level_ground_a_band_without_slope_light_and_what_turns_from_the_sun_stay_as_they_are():
    flat = patch(heights=np.full(ON.shape, 100.0))
    same = correction.corrected(flat, correction.C)
    assert (same["B04"].values == flat["B04"].values).all()
    assert "left as it is" in patches.warnings(same)[0]
    noise = np.random.default_rng(3).normal(0.2, 0.001, (2, 40, 40)).astype(np.float32)
    falling = 0.3 - patch()["B04"].values
    even = correction.corrected(patch(B08=falling, B03=noise), correction.C)
    assert (even["B08"].values == falling).all()
    assert any("B08 at T1" in one for one in patches.warnings(even))
    steep = onto(patch(), Heights(np.float32(bumpy() * 8), "hand"))
    even = correction.corrected(steep, correction.C)
    dark = light.incidence(bumpy() * 8, ON, SUNS[0]) < correction.LEAST_COSINE
    assert dark.any()
    assert (even["B04"].values[0][dark] == steep["B04"].values[0][dark]).all()
    assert any("turns from the sun" in one for one in patches.warnings(even))


def test_nodata_stays_nodata_and_clouds_say_nothing_of_the_light():
    held = patch()
    held["B04"].values[0, 3, 3] = np.nan
    even = correction.corrected(held, correction.C)
    assert np.isnan(even["B04"].values[0, 3, 3])
    assert np.count_nonzero(np.isnan(even["B04"].values)) == 1
    cloudy = correction.corrected(patch(clm=1), correction.C)
    assert (cloudy["B04"].values == patch()["B04"].values).all()


def test_without_heights_or_by_another_way_it_is_refused():
    with pytest.raises(InputError, match=r"choose c or scs\+c"):
        correction.corrected(patch(), "minnaert")
    with pytest.raises(HeightsMissingError):
        correction.corrected(patch().drop_vars("DEM"), correction.C)


def test_a_patch_asked_for_with_even_light_keeps_what_was_measured_apart():
    spec = PatchSpec(
        "demo", "1", (11.0, 46.0, 11.02, 46.02), date(2020, 9, 19), date(2021, 3, 15), bands=("B08",), heights=True
    )
    plain, even = cache.load(spec), cache.load(replace(spec, light=correction.C))
    before, after = (abs(correction.dependence(one, "B08")[0]) for one in (plain, even))
    assert before > 0.4
    assert after < 0.1
    assert len({spec.key, replace(spec, light=correction.C).key, replace(spec, light=correction.SCS_C).key}) == 3
    assert replace(spec, heights=False).key == replace(spec, heights=False, light="").key


def test_light_is_evened_out_once():
    even = correction.corrected(patch(), correction.C)
    with pytest.raises(InputError, match="evened out already"):
        correction.corrected(even, correction.SCS_C)


def test_earlier_dates_that_t2_is_held_against_have_as_even_a_light():
    from app.series import earlier

    height, days = bumpy(), [date(2019, 1, 12), date(2020, 2, 26), date(2021, 3, 17)]
    seen = np.stack([lit(height, light.at_overpass(day, 37.0)) for day in days])
    held = patch().assign(B04_earlier=(("earlier", "y", "x"), seen))
    held = held.assign(CLM_earlier=(("earlier", "y", "x"), np.zeros(seen.shape, np.uint8)))
    held = held.assign_coords(earlier=np.array(days, "datetime64[ns]"))
    assert earlier.evened(held)["B04_earlier"].values == pytest.approx(seen)
    even = earlier.evened(correction.corrected(held, correction.C))["B04_earlier"].values
    assert np.ptp(seen) > 0.05
    assert even == pytest.approx(BARE, abs=0.006)
