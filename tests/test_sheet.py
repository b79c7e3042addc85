"""The sheet of both dates: what stands on it and beside it."""

import io

import numpy as np
import pytest
from PIL import Image

from app import config
from app.errors import BandMissingError
from app.pictures import compositions, render
from app.pictures.sheet import sheet
from tests.small import patch

RAMP = np.linspace(0.0, 0.3, 16, dtype=np.float32).reshape(4, 4)


def drawn(one, name: str, contrast: str = "percentile") -> Image.Image:
    return Image.open(io.BytesIO(sheet(one, name, render.stretch_for(one, name, contrast), ("T1", "T2"))))


def test_a_sheet_holds_both_dates_in_ground_proportions():
    image = drawn(patch(B04=(RAMP, RAMP), simulated=True), "true-colour")
    assert (image.info["Comment"], image.info["Software"]) == ("SIMULATED", config.software())
    assert 2 * 0.75 < image.width / image.height < 2  # a pixel at 37 degrees north is narrower than high


def test_a_sheet_of_measured_scenes_is_not_called_simulated():
    assert drawn(patch(), "B04").info["Comment"] == "hand"


def test_an_index_has_its_colours_from_low_to_high_under_each_date():
    one = patch(B08=(0.5, 0.2), B04=(0.02, 0.2))
    image = np.asarray(drawn(one, "NDVI"))
    ramp = compositions.parse("NDVI").ramp
    for half in np.array_split(image, 2, axis=1):
        colours = {tuple(colour) for colour in half[640:].reshape(-1, 3).tolist()}
        assert len(colours & {tuple(step) for step in ramp.tolist()}) > 200


def test_long_notes_are_broken_into_lines_rather_than_cut():
    one = patch(B04=(RAMP, RAMP + 0.1))
    plain, apart = drawn(one, "true-colour"), drawn(one, "true-colour", "percentile:each")
    assert apart.height > plain.height


def test_on_a_large_sheet_the_words_are_as_large_beside_the_picture_as_on_a_small_one():
    small, large = (drawn(patch(("B04",), size=size), "B04") for size in (4, 1280))
    assert large.width > 1.9 * small.width
    assert large.height / large.width == pytest.approx(small.height / small.width, rel=0.02)


def test_a_sheet_of_what_the_patch_lacks_says_which_bands_to_open():
    with pytest.raises(BandMissingError, match="B12"):
        sheet(patch(), "short-wave", render.stretch_for(patch(), "true-colour"), ("T1", "T2"))
