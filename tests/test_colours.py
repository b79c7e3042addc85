"""That the ramps are even to the eye and readable without full colour vision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pictures import colours

# what a person without one kind of cone sees of linear sRGB; Machado et al. (2009), doi:10.1109/TVCG.2009.113
BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def seen(rgb, kind: str) -> np.ndarray:
    """A colour as seen with one kind of colour blindness."""
    linear = (np.asarray(rgb) / 255) ** 2.2
    return 255 * np.clip(linear @ np.array(BLIND[kind]).T, 0, 1) ** (1 / 2.2)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_a_colour_taken_to_oklab_and_back_is_the_same(rgb):
    assert tuple(colours.from_oklab(colours.oklab(np.array(rgb)))) == rgb


def test_grey_has_no_colour_and_white_is_all_light():
    np.testing.assert_allclose(colours.oklab(np.array([255, 255, 255])), [1, 0, 0], atol=1e-3)
    np.testing.assert_allclose(colours.oklab(np.array([90, 90, 90]))[1:], 0, atol=1e-4)


def test_a_ramp_begins_and_ends_with_the_colours_asked_for():
    made = colours.ramp((10, 20, 30), (200, 0, 0), (255, 250, 240))
    assert made.shape == (256, 3)
    assert tuple(made[0]) == (10, 20, 30)
    assert tuple(made[-1]) == (255, 250, 240)


def test_equal_steps_of_the_score_ramp_look_equal():
    steps = np.linalg.norm(np.diff(colours.oklab(colours.SCORE)[::8], axis=0), axis=-1)
    assert steps.max() < 1.25 * steps.min()


def test_the_score_ramp_grows_lighter_all_the_way_so_that_it_reads_in_grey():
    assert (np.diff(colours.oklab(colours.SCORE)[:, 0]) > 0).all()


@pytest.mark.parametrize("kind", BLIND)
def test_loss_and_gain_stay_apart_for_colour_blind_readers(kind):
    for step in (32, 64, 128):
        loss, gain = (colours.oklab(seen(colours.CHANGE[128 + way * step], kind)) for way in (-1, 1))
        none = colours.oklab(seen(colours.CHANGE[128], kind))
        assert min(np.linalg.norm(loss - gain), np.linalg.norm(loss - none), np.linalg.norm(gain - none)) > 0.05


def test_no_change_is_nearly_white():
    assert (colours.CHANGE[128] > 240).all()
