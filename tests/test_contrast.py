"""How values become brightness: what a contrast's name means and the numbers it comes to."""

import ast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.config import ROOT
from app.errors import InputError
from app.pictures import compositions, contrast, render, thumbnail
from app.pictures.contrast import Contrast
from app.ui import choices
from tests.small import patch

TRUE_COLOUR, NDVI, RED = (compositions.parse(name) for name in ("true-colour", "NDVI", "B04"))
RAMP = np.linspace(0.0, 0.3, 16, dtype=np.float32).reshape(4, 4)

ranges = st.one_of(
    st.tuples(st.just("percentile"), st.floats(0, 49), st.floats(51, 100)),
    st.tuples(st.just("fixed"), st.floats(-2, -0.1), st.floats(0, 2)),
).map(lambda parts: f"{parts[0]}:{parts[1]}:{parts[2]}")
texts = st.builds(
    lambda base, gamma, apart: base + (f":gamma{gamma}" if gamma else "") + (":each" if apart else ""),
    st.one_of(st.sampled_from(["percentile", "fixed"]), ranges),
    st.one_of(st.none(), st.floats(0.2, 5)),
    st.booleans(),
)


@given(texts)
def test_a_canonical_name_reads_back_to_the_same_contrast(text):
    chosen = contrast.parse(text)
    assert contrast.parse(str(chosen)) == chosen


@pytest.mark.parametrize(
    ("text", "name"),
    [("percentile:2:98", "percentile"), ("Percentile:5:95:gamma1", "percentile:5:95"), ("fixed:0:0.30", "fixed:0:0.3"),
     ("percentile:gamma1.4:each", "percentile:gamma1.4:each")],
)  # fmt: skip
def test_defaults_are_left_out_of_the_name(text, name):
    assert str(contrast.parse(text)) == name


@pytest.mark.parametrize(
    "text",
    ["", "otsu", "fixed:0", "fixed:0.3:0", "fixed:0:0", "fixed:nan:1", "fixed:0:inf", "fixed:0:99", "percentile:98:2",
     "percentile:-1:98", "percentile:2:101", "percentile:gamma0", "percentile:gamma9", "fixed:a:b", "fixed:0:0.3:1"],
)  # fmt: skip
def test_a_contrast_that_cannot_be_is_refused(text):
    with pytest.raises(InputError):
        contrast.parse(text)


def test_percentiles_are_of_both_dates_clear_pixels():
    cloud = np.zeros((4, 4))
    cloud[0] = 1
    one = patch(B04=(RAMP, RAMP + 0.5), CLM=(cloud, 0))
    (low, high), *_ = contrast.stretch(one, RED, Contrast("percentile", 0, 100)).limits
    assert (low, high) == (pytest.approx(RAMP[1, 0]), pytest.approx(0.8))


def test_a_fixed_range_is_the_readers_else_the_compositions_own():
    assert contrast.stretch(patch(), RED, contrast.parse("fixed:0.1:0.2")).limits == ((0.1, 0.2),)
    assert contrast.stretch(patch(), TRUE_COLOUR, contrast.parse("fixed")).limits == ((0.0, 0.3),) * 3


def test_the_usual_stretch_is_named_in_one_place(monkeypatch):
    said = [
        path.name
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in ("percentile", (2.0, 98.0))
    ]
    assert set(said) == {"contrast.py", "contract.py"}  # the latter's is what a network was trained with
    assert choices.DEFAULTS[choices.STRETCH] == str(contrast.USUAL) == "percentile"
    one = patch(B02=(RAMP, RAMP), B03=(RAMP, RAMP), B04=(RAMP, RAMP))
    usual, seen = thumbnail.make(one).data, str(render.stretch_for(one, "true-colour"))
    monkeypatch.setattr(contrast, "USUAL", contrast.parse("fixed:0:0.9"))
    assert thumbnail.make(one).data != usual and str(render.stretch_for(one, "true-colour")) != seen


def test_an_index_is_stretched_by_its_own_value():
    one = patch(B08=(0.4, 0.2), B04=(0.1, 0.2))
    assert contrast.stretch(one, NDVI, Contrast("percentile", 0, 100)).limits == ((0.0, pytest.approx(0.6)),)


def test_dates_stretched_apart_have_limits_of_their_own_and_the_words_warn():
    one = patch(B04=(RAMP, RAMP + 0.5))
    apart = contrast.stretch(one, RED, contrast.parse("percentile:0:100:each"))
    assert apart.at(0) == ((0.0, pytest.approx(0.3)),)
    assert apart.at(1) == ((pytest.approx(0.5), pytest.approx(0.8)),)
    assert "each date by itself" in str(apart)
    assert "equal colours are not equal values" in str(apart)


def test_dates_share_one_stretch_unless_asked_otherwise():
    shared = contrast.stretch(patch(B04=(RAMP, RAMP + 0.5)), RED, Contrast())
    assert shared.at(0) == shared.at(1)


def test_the_words_give_the_numbers_and_what_they_belong_to():
    words = str(contrast.stretch(patch(B04=(0.1, 0.4)), TRUE_COLOUR, contrast.parse("percentile:0:100:gamma1.5")))
    assert words == "0 to 100 %: B04 0.100 to 0.400, B03 0.100 to 0.101, B02 0.100 to 0.101, gamma 1.5"


def test_a_large_patch_is_sampled_and_a_small_one_taken_whole():
    assert dict(contrast.sampled(patch(size=4)).sizes) == {"time": 2, "y": 4, "x": 4}
    assert contrast.sampled(patch(("B04",), size=1100)).sizes["y"] == 550


@given(arrays(np.float32, 12, elements=st.floats(-1, 1, width=32)), st.floats(0.2, 5))
def test_brightness_never_falls_where_the_value_rises(values, gamma):
    ordered = np.sort(values)
    assert (np.diff(contrast.scaled(ordered, -0.5, 0.5, gamma).astype(int)) >= 0).all()


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_the_ends_of_the_range_are_black_and_white_whatever_the_gamma(gamma):
    values = np.array([-9.0, 0.1, 0.3, 9.0, np.nan], np.float32)
    assert contrast.scaled(values, 0.1, 0.3, gamma).tolist() == [0, 0, 255, 255, 0]


def test_a_gamma_above_one_lifts_the_dark_half():
    half = np.array([0.25], np.float32)
    assert contrast.scaled(half, 0, 1, 2.0)[0] == 128
    assert contrast.scaled(half, 0, 1)[0] == 64
