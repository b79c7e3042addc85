"""What a composition's name means, and which ones a patch can show."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bands import ALL_BANDS
from app.errors import BandMissingError, InputError
from app.pictures import colours, compositions
from tests.small import patch

bands = st.sampled_from(ALL_BANDS)
names = st.one_of(st.sampled_from(list(compositions.PRESETS)), bands, st.tuples(bands, bands, bands).map("-".join))


@given(names)
def test_a_canonical_name_reads_back_to_the_same_composition_and_is_safe_in_a_file_name(name):
    composition = compositions.parse(name)
    assert compositions.parse(composition.name) == composition
    assert re.fullmatch(r"[A-Za-z0-9-]+", composition.name)


@given(names)
def test_the_case_of_a_name_does_not_matter(name):
    assert compositions.parse(name.lower()) == compositions.parse(name.upper())


@pytest.mark.parametrize(
    ("text", "name"),
    [("b4-b3-b2", "true-colour"), ("B12-B8A-B04", "short-wave"), ("B8,B11,B4", "B08-B11-B04"), ("b8", "B08"),
     ("ndvi", "NDVI"), ("Brightness", "brightness")],
)  # fmt: skip
def test_one_picture_has_one_name(text, name):
    assert compositions.parse(text).name == name


@pytest.mark.parametrize("text", ["", "sepia", "B10", "B04-B03", "B04-B03-B02-B01", "<script>", "B04" * 40, "B٤"])
def test_anything_else_is_refused_with_the_choices(text):
    with pytest.raises(InputError, match="NDVI"):
        compositions.parse(text)


def test_three_bands_are_red_green_and_blue_in_that_order():
    composition = compositions.parse("B11-B08-B02")
    assert composition.channels == ("B11", "B08", "B02")
    assert "red B11" in composition.shows
    assert composition.ramp is None


def test_an_index_is_one_channel_with_colours_of_its_own():
    composition = compositions.parse("NDMI")
    assert composition.channels == ("NDMI",)
    assert composition.bands == ("B08", "B11")
    assert composition.ramp.shape == (256, 3)
    assert np.ptp(composition.ramp.astype(int), axis=-1).max() > 40


def test_one_band_and_brightness_are_grey():
    for name in ("B08", "brightness"):
        assert (np.ptp(compositions.parse(name).ramp, axis=-1) == 0).all()


def test_a_patch_offers_only_what_it_has_the_bands_for():
    assert compositions.available(patch()) == ["true-colour", "false-colour", "NDVI", "EVI", "brightness"]
    assert compositions.available(patch(("B05", "B12"))) == ["B05", "B12"]


def test_a_composition_whose_bands_are_missing_says_which_to_open():
    reason = compositions.refusal(patch(), compositions.parse("short-wave"))
    assert "holds B02, B03, B04, B08" in reason
    assert "with B12, B8A among the bands" in reason
    with pytest.raises(BandMissingError, match="B12, B8A"):
        compositions.required(patch(), "short-wave")


@pytest.mark.parametrize("name", compositions.INDICES)
def test_in_every_index_the_colour_of_a_fresh_scar_is_the_paler_end(name):
    steps = np.diff(colours.oklab(compositions.PRESETS[name].ramp)[::8, 0])  # eighths: two of 256 may round alike
    scar_is_high = name in ("BSI", "brightness")
    assert (steps > 0).all() if scar_is_high else (steps < 0).all()


def test_a_change_can_be_of_a_band_or_an_index_and_nothing_else():
    assert compositions.change_of("b4") == "B04"
    assert compositions.change_of("nbr") == "NBR"
    for text in ("true-colour", "B04-B08-B11", "sepia"):
        with pytest.raises(InputError, match="B04"):
            compositions.change_of(text)
