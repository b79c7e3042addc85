import io

import numpy as np
import pytest
from PIL import Image

from app import render
from app.errors import BandMissingError, InputError
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


def test_a_patch_offers_only_the_compositions_it_holds_bands_for():
    assert render.available(patch()) == ["true-colour", "false-colour"]
    with pytest.raises(BandMissingError, match="B12"):
        render.stretch_for(patch(), "short-wave")


def test_an_unknown_composition_is_refused_with_the_choices():
    with pytest.raises(InputError, match="true-colour"):
        render.stretch_for(patch(), "sepia")


def test_a_patch_of_clouds_only_still_becomes_a_picture():
    one = patch(CLM=(1, 1))
    before, _ = render.pair(one, "true-colour", render.stretch_for(one, "true-colour"))
    assert before.shape == (4, 4, 3)


def test_an_overlay_is_coloured_where_the_mask_is_true_and_clear_elsewhere():
    made = render.overlay(np.array([[True, False]]), (1, 2, 3))
    assert made.tolist() == [[[1, 2, 3, 255], [0, 0, 0, 0]]]


@pytest.mark.parametrize(("side", "media"), [(8, "image/png"), (1200, "image/jpeg")])
def test_every_picture_of_a_simulated_scene_says_so(side, media):
    data, kind = render.encode(np.zeros((side, side, 3), np.uint8), simulated=True)
    comment = Image.open(io.BytesIO(data)).info
    assert kind == media
    assert "SIMULATED" in str(comment.get("Comment") or comment.get("comment"))


def test_a_mask_stays_a_png_however_large_for_jpeg_has_no_alpha():
    assert render.encode(np.zeros((1200, 1200, 4), np.uint8), simulated=False)[1] == "image/png"


def test_a_sheet_holds_both_dates_in_ground_proportions():
    one = patch(B04=(RAMP, RAMP), simulated=True)
    data = render.sheet(one, "true-colour", render.stretch_for(one, "true-colour"), ("T1", "T2"))
    image = Image.open(io.BytesIO(data))
    assert image.info["Comment"] == "SIMULATED"
    assert 2 * 0.75 < image.width / image.height < 2  # a pixel at 37 degrees north is narrower than high
