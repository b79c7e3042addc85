import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from app.errors import BandMissingError, InputError
from app.pictures import render
from tests.small import patch

RAMP = np.linspace(0.0, 0.3, 16, dtype=np.float32).reshape(4, 4)


def test_one_stretch_serves_both_dates_so_equal_colours_are_equal_reflectance():
    one = patch(B04=(RAMP, RAMP[::-1]))
    before, after = render.pair(one, "true-colour", render.stretch_for(one, "true-colour"))
    np.testing.assert_array_equal(before[..., 0], after[::-1, :, 0])


def test_a_brighter_second_date_looks_brighter():
    one = patch(B04=(RAMP, RAMP + 0.1))
    before, after = render.pair(one, "true-colour", render.stretch_for(one, "true-colour"))
    assert after[..., 0].mean() > before[..., 0].mean() + 20


def test_clouds_do_not_set_the_contrast():
    cloud = np.zeros((4, 4))
    cloud[0] = 1
    bright = RAMP.copy()
    bright[0] = 0.9
    one = patch(B04=(bright, bright), CLM=(cloud, 0))
    assert render.stretch_for(one, "true-colour").limits[0][1] < 0.4


def test_the_fixed_stretch_is_the_compositions_own():
    assert render.stretch_for(patch(), "false-colour", "fixed").limits == ((0.0, 0.5),) * 3


def test_nodata_is_hatched_and_not_black():
    layer = np.full((4, 4), 0.05, np.float32)
    layer[1] = np.nan
    one = patch(B04=(layer, layer), CLM=(np.isnan(layer) * 255, 0))
    before, _ = render.pair(one, "true-colour", render.stretch_for(one, "true-colour", "fixed"))
    assert (before[1] >= 150).all() and (before[0] < 150).all()


def test_a_composition_the_patch_lacks_bands_for_is_refused_with_their_names():
    with pytest.raises(BandMissingError, match="B12"):
        render.stretch_for(patch(), "short-wave")
    with pytest.raises(BandMissingError, match="B12"):
        render.pair(patch(), "short-wave", render.stretch_for(patch(), "true-colour"))


def test_an_unknown_composition_is_refused_with_the_choices():
    with pytest.raises(InputError, match="true-colour"):
        render.stretch_for(patch(), "sepia")


def test_what_the_mask_calls_nodata_is_hatched_whatever_number_is_there():
    one = patch(B04=(0.2, 0.2), CLM=(255, 0))
    before, after = render.pair(one, "B04", render.stretch_for(one, "B04", "fixed:0:0.4"))
    assert set(np.unique(before)) == {150, 190}
    assert set(np.unique(after)) == {128}


def test_each_band_fills_the_channel_it_was_chosen_for():
    one = patch(B04=(0.5, 0), B03=(0.25, 0), B02=(0, 0))
    before, _ = render.pair(one, "B03-B02-B04", render.stretch_for(one, "B03-B02-B04", "fixed:0:0.5"))
    assert tuple(before[0, 0]) == (128, 0, 255)


def test_one_band_is_grey():
    one = patch(B08=(0.1, 0.4))
    before, after = render.pair(one, "B08", render.stretch_for(one, "B08", "fixed:0:0.4"))
    assert tuple(before[0, 0]) == (64, 64, 64)
    assert tuple(after[0, 0]) == (255, 255, 255)


def test_an_index_goes_through_its_colours_dense_vegetation_dark_green_and_bare_ground_pale():
    one = patch(B08=(0.5, 0.2), B04=(0.02, 0.2))
    before, after = render.pair(one, "NDVI", render.stretch_for(one, "NDVI", "fixed"))
    assert before[0, 0].max() < 100
    assert before[0, 0].argmax() == 1
    assert after[0, 0].min() > 200


def test_dates_stretched_apart_each_use_their_whole_range():
    one = patch(B04=(RAMP, RAMP + 0.5))
    before, after = render.pair(one, "B04", render.stretch_for(one, "B04", "percentile:0:100:each"))
    np.testing.assert_array_equal(before, after)


def test_a_picture_drawn_in_blocks_of_rows_is_the_one_drawn_at_once():
    rng = np.random.default_rng(3)
    side = render.BLOCK_ROWS + 5
    red = rng.random((side, side), np.float32)
    red[rng.random((side, side)) < 0.1] = np.nan
    one = patch(("B04",), size=side, B04=(red, red))
    stretch = render.stretch_for(one, "B04", "fixed:0:1")
    np.testing.assert_array_equal(render.pair(one, "B04", stretch)[0], render.grey(red, 0, 1))


values = arrays(np.float32, (4, 4), elements=st.floats(-0.125, 1.25, width=32))
contrasts = st.sampled_from(["percentile", "fixed", "percentile:0:100:gamma2", "fixed:0:0.2:gamma0.5"])


@given(values, values, st.sampled_from(["true-colour", "B04", "B08-B04-B03", "NDVI", "brightness"]), contrasts)
def test_the_same_reflectance_at_both_dates_gives_the_same_colour(red, infrared, name, kind):
    one = patch(B04=(red, red), B08=(infrared, infrared))
    before, after = render.pair(one, name, render.stretch_for(one, name, kind))
    np.testing.assert_array_equal(before, after)


@given(values, arrays(bool, (4, 4)), st.sampled_from(["true-colour", "B04", "NDVI", "brightness"]), contrasts)
def test_nodata_is_never_black_in_any_composition(red, gone, name, kind):
    red = np.where(gone, np.float32(np.nan), red)
    one = patch(B04=(red, 0.1), CLM=(np.where(gone, 255, 0), 0))
    before, _ = render.pair(one, name, render.stretch_for(one, name, kind))
    assert (before[gone] >= 150).all()
    assert (np.ptp(before[gone].astype(int), axis=-1) == 0).all()


def test_a_patch_of_clouds_only_still_becomes_a_picture():
    one = patch(CLM=(1, 1))
    before, _ = render.pair(one, "true-colour", render.stretch_for(one, "true-colour"))
    assert before.shape == (4, 4, 3)


def noise(side: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (side, side, 3), np.uint8)


@pytest.mark.parametrize(
    ("picture", "media"),
    [(noise(8), "image/png"), (np.zeros((1200, 1200, 3), np.uint8), "image/png"), (noise(1200), "image/jpeg")],
)
def test_every_picture_of_a_simulated_scene_says_so(picture, media):
    data, kind = render.encode(picture, simulated=True)
    comment = Image.open(io.BytesIO(data)).info
    assert kind == media
    assert "SIMULATED" in str(comment.get("Comment") or comment.get("comment"))


def test_a_picture_that_comes_to_little_without_loss_loses_nothing():
    picture = np.repeat(np.repeat(noise(110), 10, axis=0), 10, axis=1)  # 10 m pixels on a grid of 1 m
    data, _ = render.encode(picture, simulated=False)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), picture)


def test_two_of_the_largest_pictures_stay_under_8_megabytes_even_written_as_text():
    data, _ = render.encode(noise(2048), simulated=False)
    assert 2 * len(data) * 4 / 3 < 8e6


def test_a_jpeg_keeps_colours_at_full_resolution():
    picture = noise(1200)
    picture[:, ::2], picture[:, 1::2] = (200, 30, 30), (30, 30, 200)
    picture[600:] = noise(1200)[600:]
    data, media = render.encode(picture, simulated=False)
    back = np.asarray(Image.open(io.BytesIO(data)))[8:592].astype(int)
    assert media == "image/jpeg"
    assert (back[:, ::2, 0] - back[:, 1::2, 0]).min() > 100


def test_a_large_score_without_gaps_is_sent_as_small_as_any_picture():
    score = np.random.default_rng(4).random((1500, 1500), np.float32)
    full = render.encode(render.score_picture(score, 0, 1), simulated=False)
    score[0, 0] = np.nan
    gap = render.encode(render.score_picture(score, 0, 1), simulated=False)
    assert full[1] == "image/jpeg"
    assert len(full[0]) < render.MOST_BYTES
    assert Image.open(io.BytesIO(gap[0])).mode == "RGBA"


def test_a_mask_is_coloured_where_it_is_true_and_clear_elsewhere():
    mask = np.random.default_rng(2).random((37, 21)) < 0.5
    data, media = render.encode_mask(mask, (1, 2, 3), simulated=True)
    image = Image.open(io.BytesIO(data))
    assert (media, image.info["Comment"]) == ("image/png", "SIMULATED")
    np.testing.assert_array_equal(np.asarray(image.convert("RGBA")), np.where(mask[..., None], (1, 2, 3, 255), 0))


def test_cloud_is_dotted_over_an_index_and_its_colours_can_still_be_seen_between():
    cloud = np.zeros((12, 12))
    cloud[:6] = 1
    one = patch(size=12, B08=(0.5, 0.5), B04=(0.05, 0.05), CLM=(cloud, 0))
    before, after = render.pair(one, "NDVI", render.stretch_for(one, "NDVI", "fixed"))
    differs = (before != after).any(axis=-1)
    assert differs[:6].any()
    assert not differs[:6].all()
    assert not differs[6:].any()


def test_a_mask_stays_a_png_however_large_for_jpeg_has_no_alpha():
    assert render.encode(np.zeros((1200, 1200, 4), np.uint8), simulated=False)[1] == "image/png"


@pytest.mark.parametrize(
    ("pixel", "longest", "size"),
    [((5, 10), 0, (10, 20)), ((5, 10), 40, (20, 40)), ((10, 5), 10, (10, 5)), ((1, 1), 0, (20, 20))],
)
def test_a_picture_in_proportion_is_as_wide_for_its_height_as_the_ground(pixel, longest, size):
    made = render.in_proportion(np.full((20, 20, 3), 7, np.uint8), pixel, longest)
    assert made.shape == (size[1], size[0], 3) and (made == 7).all()
