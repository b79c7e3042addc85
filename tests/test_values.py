"""What a pixel or an area measured on every date."""

import math
from datetime import date

import numpy as np
import pytest

from app.cache.stacking import SCENE
from app.errors import BandMissingError, InputError
from app.grid import Grid
from app.patches import build
from app.series import values

DAYS = [date(2020, 1, 5), date(2020, 1, 15), date(2020, 2, 4)]
ON = Grid(west=36.0, south=37.0, res_x=0.0001, res_y=0.0001, width=3, height=2)


def stack(red, near, clm, simulated=False):
    """Return three dates of 2 x 3 pixels."""
    layers = {"B04": np.array(red, np.float32), "B08": np.array(near, np.float32)}
    made = build(ON, DAYS, layers, np.array(clm, np.uint8), {"source": "hand", "event_id": "1", "simulated": simulated})
    return made.assign_coords({SCENE: ("time", ["a", "b", "c"])})


@pytest.fixture
def three():
    red = [[[0.1, 0.2, 0.3], [0.1, 0.1, 0.1]]] * 2 + [[[0.2, 0.4, 0.6], [0.1, np.nan, 0.1]]]
    clm = [[[0, 0, 0], [0, 0, 0]], [[1, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 255, 0]]]
    return stack(red, np.full((3, 2, 3), 0.5), clm)


def test_a_pixel_is_read_on_every_date_with_its_scene_and_whether_it_was_clear(three):
    series = values.at(three, "NDVI", 0, 1)
    assert [one.date for one in series.points] == DAYS
    assert [one.scene for one in series.points] == ["a", "b", "c"]
    assert [one.clear for one in series.points] == [True, False, True]
    assert [one.value for one in series.points] == pytest.approx([0.3 / 0.7, 0.3 / 0.7, 0.1 / 0.9])
    assert [one.scene for one in series.clear] == ["a", "c"] and not series.simulated


def test_an_area_is_the_median_or_mean_of_its_clear_pixels_and_clear_where_half_of_them_are(three):
    top = np.array([[True, True, True], [False, False, False]])
    assert [one.value for one in values.over(three, "B04", top).points] == pytest.approx([0.2, 0.2, 0.4])
    assert [one.clear for one in values.over(three, "B04", top).points] == [True, False, True]
    two = np.array([[True, False, True], [False, False, False]])  # of the second date one of two is clear: 0.3
    assert [one.value for one in values.over(three, "B04", two, "mean").points] == pytest.approx([0.2, 0.3, 0.4])
    assert values.over(three, "B04", two).points[1].clear


def test_what_was_not_measured_has_no_value_and_is_not_clear(three):
    series = values.at(three, "B04", 1, 1)
    assert math.isnan(series.points[2].value) and not series.points[2].clear


def test_names_are_taken_in_any_case_and_others_are_refused_with_the_choices():
    assert [values.named(one) for one in ("ndvi", " B8A", "b04", "Brightness")] == ["NDVI", "B8A", "B04", "brightness"]
    for wrong in ("NDVX", "", "B04,B08", "CLM"):
        with pytest.raises(InputError, match=r"Choose one from NDVI, .*B12"):
            values.named(wrong)
    assert values.possible(("B04", "B08")) == ("NDVI", "B04", "B08")


def test_a_band_that_is_not_there_is_named_with_what_can_be_followed(three):
    with pytest.raises(BandMissingError, match=r"without B11; .*follow one of NDVI, B04, B08"):
        values.at(three, "NDMI", 0, 0)


def test_a_place_is_found_in_its_pixel_and_refused_outside_with_the_box():
    assert values.pixel_of(ON, 37.00015, 36.00005) == (0, 0)
    assert values.pixel_of(ON, 37.00005, 36.00025) == (1, 2)
    with pytest.raises(InputError, match=r"outside of the patch, which reaches from 37\.00000 to 37\.00020"):
        values.pixel_of(ON, 37.1, 36.0)


def test_a_place_beyond_the_180th_meridian_lies_in_a_patch_that_reaches_over_it():
    eastern, western = Grid(179.99, -10.0, 0.005, 0.005, 4, 2), Grid(-180.01, -10.0, 0.005, 0.005, 4, 2)
    assert values.pixel_of(eastern, -9.998, -179.9925) == (1, 3)
    assert values.pixel_of(eastern, -9.998, 179.9925) == (1, 0)
    assert values.pixel_of(western, -9.998, 179.9925) == (1, 0)
    with pytest.raises(InputError, match="lies outside"):
        values.pixel_of(eastern, -9.998, 0.0)
    with pytest.raises(InputError, match="no pixel 3, 0"):
        values.at(stack(np.zeros((3, 2, 3)), np.zeros((3, 2, 3)), np.zeros((3, 2, 3))), "B04", 0, 3)


def test_an_empty_area_is_refused(three):
    with pytest.raises(InputError, match="holds no pixel"):
        values.over(three, "B04", np.zeros((2, 3), bool))


def test_a_series_of_simulated_scenes_says_so():
    made = stack(np.zeros((3, 2, 3)), np.zeros((3, 2, 3)), np.zeros((3, 2, 3)), simulated=True)
    assert values.at(made, "B04", 0, 0).simulated
