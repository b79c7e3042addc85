"""That a picture of change and one of scores can be told by eye."""

import numpy as np
import pytest

from app.errors import BandMissingError, InputError
from app.pictures import colours, render
from tests.small import patch

STEP = np.zeros((4, 4), np.float32)
STEP[0], STEP[1] = 0.1, -0.1


def is_blue(pixel) -> bool:
    return int(pixel[2]) > int(pixel[0]) + 40


def is_orange(pixel) -> bool:
    return int(pixel[0]) > int(pixel[2]) + 40


def test_a_gain_is_orange_a_loss_blue_and_no_change_nearly_white():
    picture, _ = render.change_picture(patch(B04=(0.2, 0.2 + STEP)), "B04")
    assert is_orange(picture[0, 0])
    assert is_blue(picture[1, 0])
    assert (picture[2] > 240).all()


def test_the_limits_are_as_far_below_zero_as_above_and_the_words_give_them():
    picture, words = render.change_picture(patch(B04=(0.2, 0.2 + STEP)), "B04")
    assert "-0.100" in words
    assert "+0.100" in words
    assert tuple(picture[0, 0]) == tuple(colours.CHANGE[256])
    assert tuple(picture[1, 0]) == tuple(colours.CHANGE[0])


def test_the_limit_can_be_asked_for_without_the_picture():
    one = patch(B04=(0.2, 0.2 + STEP))
    assert render.change_limit(one, "B04") == pytest.approx(0.1)
    assert render.change_limit(patch(), "B04") == render.LEAST_CHANGE


def test_lost_vegetation_is_blue_in_a_change_of_ndvi():
    picture, words = render.change_picture(patch(B08=(0.4, 0.2), B04=(0.05, 0.15)), "ndvi")
    assert is_blue(picture[0, 0])
    assert words.startswith("NDVI")


def test_cloud_is_dotted_grey_nodata_hatched_and_neither_looks_like_a_change():
    clm, red = np.zeros((4, 4)), np.full((4, 4), 0.2, np.float32)
    clm[0], clm[1], red[1] = 1, 255, np.nan
    picture, _ = render.change_picture(patch(B04=(0.2, red), CLM=(0, clm)), "B04")
    for row in (0, 1):
        assert (np.ptp(picture[row].astype(int), axis=-1) == 0).all()
    assert picture[0, :, 0].tolist() == [215, 120, 120, 120]
    assert picture[1].min() >= 150
    assert (picture[2:] > 240).all()


def test_clouds_do_not_set_the_limits_of_a_change():
    clm, red = np.zeros((4, 4)), 0.2 + STEP
    clm[3], red[3] = 1, 0.95
    assert "+0.100" in render.change_picture(patch(B04=(0.2, red), CLM=(0, clm)), "B04")[1]


def test_a_pair_without_a_clear_pixel_still_becomes_a_picture_that_says_so():
    picture, words = render.change_picture(patch(CLM=(1, 1)), "B04")
    assert picture.shape == (4, 4, 3)
    assert "no pixel is clear" in words


def test_a_change_of_what_is_not_there_says_what_to_do():
    with pytest.raises(BandMissingError, match="B12"):
        render.change_picture(patch(), "NBR")
    with pytest.raises(InputError, match="NDVI"):
        render.change_picture(patch(), "sepia")


def test_a_higher_score_is_lighter_and_an_unknown_one_is_transparent():
    picture = render.score_picture(np.array([[0.0, 0.5, 1.0, np.nan]], np.float32), 0, 1)
    assert picture[0, :, 3].tolist() == [255, 255, 255, 0]
    light = colours.oklab(picture[0, :3, :3])[:, 0]
    assert light[0] < light[1] < light[2]


def test_scores_beyond_the_limits_take_the_ends_of_the_ramp():
    picture = render.score_picture(np.array([[-3.0, 9.0]], np.float32), 0, 1)
    assert tuple(picture[0, 0, :3]) == tuple(colours.SCORE[0])
    assert tuple(picture[0, 1, :3]) == tuple(colours.SCORE[-1])
