"""The ratio anomaly: ground laid bare stands out against the scene, season and light do not."""

import numpy as np
import pytest

from app.detection import ratio_anomaly, run
from app.errors import BandMissingError
from tests import small
from tests.pairs import FOREST, SOIL, square

BANDS = ("B02", "B03", "B04", "B08")


def slid(light=1.0, bands=BANDS, side=32):
    """A forest with a square of soil at T2, which is ``light`` times as bright as T1."""
    rng = np.random.default_rng(0)
    texture = np.exp(0.1 * rng.standard_normal((2, side, side)))
    values = {}
    for band, green, bare in zip(BANDS, FOREST, SOIL, strict=True):
        values[band] = green * texture[0], light * np.where(square(side), bare, green) * texture[1]
    return small.patch(bands, size=side, **{band: values[band] for band in bands})


@pytest.mark.parametrize("bands", [BANDS, BANDS[:3]])
def test_a_scar_stands_out_and_nothing_beside_it_with_and_without_the_near_infrared(bands):
    found = run.detect(slid(bands=bands), "ratio-anomaly")
    marked = run.mask(found)
    inside = square(first=11, last=19)
    assert marked[inside].mean() > 0.95 and not marked[~square(first=8, last=22)].any()
    assert found.unit == "spreads of the scene" and ("no B08" in found.note) == (bands == BANDS[:3])


def test_light_that_changed_all_of_the_scene_changes_little():
    dim, usual = (run.detect(slid(light), "ratio-anomaly") for light in (0.7, 1.0))
    assert (run.mask(dim) == run.mask(usual)).mean() > 0.98


def test_nodata_has_no_score_and_does_not_reach_what_lies_beside_it():
    patch, holed = slid(), slid()
    holed["B03"].values[1, 25:28, 25:28] = np.nan
    found, whole = (run.detect(one, "ratio-anomaly").score for one in (holed, patch))
    assert np.isnan(found[25:28, 25:28]).all() and np.isfinite(found).sum() == found.size - 9
    np.testing.assert_allclose(found[:20, :20], whole[:20, :20], atol=0.1)


def test_clouds_do_not_decide_what_is_usual():
    cloudy = np.zeros((32, 32))
    cloudy[:, 23:] = 1
    patch = slid()
    for band in BANDS:
        patch[band].values[1, :, 23:] = 0.6
    patch["CLM"].values[1] = cloudy
    found = run.detect(patch, "ratio-anomaly")
    assert run.mask(found)[square(first=11, last=19)].mean() > 0.95 and not run.mask(found)[:, 23:].any()


def test_without_a_clear_pixel_nothing_stands_out():
    assert (ratio_anomaly.against_the_scene(np.ones((2, 2)), np.zeros((2, 2), bool)) == 0).all()


def test_a_patch_without_the_visible_bands_is_refused_with_their_names():
    with pytest.raises(BandMissingError, match="B02"):
        run.detect(small.patch(("B04", "B08")), "ratio-anomaly")
