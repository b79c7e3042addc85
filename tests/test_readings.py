"""What one pixel holds, and what an area does on average, checked by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.detection import run
from app.errors import InputError
from app.grid import Grid
from app.patches import build
from app.pictures import readings
from tests.small import GRID, T1, T2, patch

RED = np.arange(16, dtype=np.float32).reshape(4, 4) / 100
CORNER = np.zeros((4, 4), bool)
CORNER[:2, :2] = True


def cloud(*rows: int) -> np.ndarray:
    clm = np.zeros((4, 4))
    clm[list(rows)] = 1
    return clm


def test_a_pixel_holds_both_dates_reflectance_and_their_difference():
    reading = readings.at(patch(B04=(RED, RED + 0.1)), column=2, row=1)
    assert reading.bands["B04"].t1 == pytest.approx(0.06)
    assert reading.bands["B04"].change == pytest.approx(0.1)
    assert list(reading.bands) == ["B02", "B03", "B04", "B08"]
    assert (reading.pixels, reading.used) == (1, 1)


def test_a_pixels_position_is_its_centre_in_degrees():
    reading = readings.at(patch(), column=0, row=3)
    assert reading.longitude == pytest.approx(GRID.west + GRID.res_x / 2)
    assert reading.latitude == pytest.approx(GRID.south + GRID.res_y / 2)


def test_the_position_is_in_degrees_on_a_grid_in_metres_too():
    on = Grid(500_000 - 5, 5_000_000, 10, 10, 1, 1, "EPSG:32635")  # the middle meridian of zone 35 is 27 degrees east
    one = build(on, [T1, T2], {"B04": np.full((2, 1, 1), 0.1, np.float32)}, np.zeros((2, 1, 1)), {"simulated": False})
    reading = readings.at(one, 0, 0)
    assert reading.longitude == pytest.approx(27, abs=1e-6)
    assert 45 < reading.latitude < 45.3


def test_a_pixel_has_the_indices_its_bands_allow_and_no_other():
    reading = readings.at(patch(B08=(0.4, 0.2), B04=(0.1, 0.2)), 0, 0)
    assert set(reading.indices) == {"NDVI", "EVI", "brightness"}
    assert reading.indices["NDVI"].t1 == pytest.approx(0.6)
    assert reading.indices["NDVI"].change == pytest.approx(-0.6)


def test_mask_and_truth_are_told_in_words():
    truth = np.zeros((4, 4), np.uint8)
    truth[0, 0], truth[0, 1] = 1, 255
    one = patch(CLM=(cloud(0), 0), truth=truth)
    assert readings.at(one, 0, 0).clm == ("cloud or shadow", "clear")
    assert [readings.at(one, column, 0).truth for column in (0, 1, 2)] == ["landslide", "unknown", "no landslide"]
    assert readings.at(patch(), 0, 0).truth == ""


@pytest.mark.parametrize(("column", "row"), [(-1, 0), (4, 0), (0, 4), (10**9, 0)])
def test_a_pixel_outside_the_patch_is_refused(column, row):
    with pytest.raises(InputError, match="4 columns and 4 rows"):
        readings.at(patch(), column, row)


def test_an_area_holds_the_mean_and_spread_of_its_clear_pixels():
    reading = readings.over(patch(B04=(RED, RED + 0.1), CLM=(0, cloud(1))), CORNER)
    assert (reading.pixels, reading.used) == (4, 2)
    assert reading.bands["B04"].t1 == pytest.approx(0.005)
    assert reading.bands["B04"].t1_spread == pytest.approx(0.005)
    assert reading.clm == ("100% clear", "50% clear")


def test_an_area_under_cloud_has_no_mean():
    reading = readings.over(patch(CLM=(1, 0)), CORNER)
    assert reading.used == 0
    assert math.isnan(reading.bands["B04"].t1)


def test_an_areas_truth_is_the_share_of_landslide():
    truth = np.zeros((4, 4), np.uint8)
    truth[0, 0] = 1
    assert readings.over(patch(truth=truth), CORNER).truth == "25% landslide"


@pytest.mark.parametrize("mask", [np.zeros((4, 4), bool), np.ones((5, 4), bool)])
def test_an_area_without_a_pixel_of_the_patch_is_refused(mask):
    with pytest.raises(InputError, match="draw it over the picture"):
        readings.over(patch(), mask)


@given(arrays(np.float32, (4, 4), elements=st.floats(0, 1, width=32)), st.integers(0, 3), st.integers(0, 3))
def test_an_area_of_one_pixel_is_that_pixel(red, column, row):
    one, mask = patch(B04=(red, 1 - red)), np.zeros((4, 4), bool)
    mask[row, column] = True
    area, spot = readings.over(one, mask), readings.at(one, column, row)
    assert (area.column, area.row) == (spot.column, spot.row)
    for name, pair in spot.bands.items():
        assert (area.bands[name].t1, area.bands[name].t2) == pytest.approx((pair.t1, pair.t2))
    for name, pair in spot.indices.items():
        assert (area.indices[name].t1, area.indices[name].t2) == pytest.approx((pair.t1, pair.t2), nan_ok=True)


def test_a_method_judges_a_pixel_by_its_threshold_and_never_one_that_is_not_clear():
    one = patch(B04=(0.1, RED + 0.1), CLM=(0, cloud(3)))
    found = run.detect(one, "band-difference:B04:0.05")
    assert readings.judged_at(found, 0.05, 0, 2).verdict == "change"
    assert readings.judged_at(found, 0.09, 0, 2).verdict == "no change"
    assert readings.judged_at(found, 0.09, 0, 2).method == "band-difference:B04:0.09"
    assert readings.judged_at(found, 0.05, 0, 3).verdict == "not judged"


@pytest.mark.parametrize("threshold", [0.7, np.float64(0.7)])  # in float32 a little less than in float64
def test_a_pixel_at_the_threshold_is_judged_as_the_mask_has_it(threshold):
    one = patch(B04=(0.0, 0.8))
    found = replace(run.detect(one, "band-difference:B04:0.05"), score=np.full((4, 4), 0.7, np.float32))
    assert run.mask(found, threshold).all()
    assert readings.judged_at(found, threshold, 1, 2).verdict == "change"
    assert readings.judged_over(found, threshold, CORNER).share == 1


def test_a_method_judges_an_area_by_the_share_it_calls_change():
    found = run.detect(patch(B04=(0.1, RED + 0.1)), "band-difference:B04:0.05")
    judged = readings.judged_over(found, 0.05, np.ones((4, 4), bool))
    assert judged.score == pytest.approx(0.075)
    assert judged.share == pytest.approx(11 / 16)
    assert judged.verdict == "69% change"


def test_a_method_says_nothing_of_an_area_under_cloud():
    found = run.detect(patch(CLM=(1, 1)), "band-difference:B04:0.05")
    assert readings.judged_over(found, 0.05, CORNER).verdict == "not judged"


def test_a_record_holds_every_band_index_and_method_by_name():
    one = patch(B04=(0.1, 0.25))
    found = run.detect(one, "band-difference:B04:0.05")
    line = readings.record(readings.at(one, 1, 2), [readings.judged_at(found, 0.05, 1, 2)])
    assert (line["column"], line["row"], line["clm_t1"]) == (1, 2, "clear")
    assert (line["B04_t1"], line["B04_t2"], line["NDVI_t1"]) == (0.1, 0.25, 0.0)
    assert line["band-difference:B04:0.05 verdict"] == "change"
