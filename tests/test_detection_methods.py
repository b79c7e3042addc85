"""Method names parse to methods and print back to one canonical form."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bands import ALL_BANDS
from app.detection import methods
from app.detection.methods import INDICES, Method
from app.errors import MethodError

thresholds = st.floats(1e-6, 1e6)
directions = st.sampled_from(methods.DIRECTIONS)
differences = st.builds(Method, st.just("band-difference"), st.sampled_from(ALL_BANDS), thresholds, directions)
unions = st.builds(Method, st.just("all-bands"), st.just(""), thresholds, directions)
indices = st.builds(Method, st.sampled_from(["index-drop", "index-rise"]), st.sampled_from(INDICES), thresholds)
plain = st.builds(Method, st.sampled_from(["rdndvi", "cva", "ratio-anomaly"]), st.just(""), thresholds)
networks = st.builds(Method, st.just("onnx"), st.sampled_from(["bit", "/a b/c.onnx"]), st.none() | st.floats(1e-6, 1))
by_otsu = st.sampled_from(
    [Method("cva", otsu=True), Method("band-difference", "B08", None, "both", True), Method("onnx", "bit", otsu=True)]
)


@given(differences | unions | indices | plain | networks | by_otsu)
def test_a_method_parses_back_from_its_canonical_name(method):
    assert methods.parse(str(method)) == method


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("band-difference", "band-difference:B04:0.05"),
        ("band-difference:b4:0.10", "band-difference:B04:0.1"),
        ("band-difference:B04:0.05:increase", "band-difference:B04:0.05"),
        ("band-difference:0.1", "band-difference:B04:0.1"),
        ("BAND-DIFFERENCE:B8A:0.05:Both", "band-difference:B8A:0.05:both"),
        ("band-difference:B12:otsu:decrease", "band-difference:B12:otsu:decrease"),
        ("all-bands", "all-bands:0.05"),
        ("all-bands:0.05:both", "all-bands:0.05:both"),
        ("index-drop:ndmi", "index-drop:NDMI:0.2"),
        ("index-rise:0.3", "index-rise:BSI:0.3"),
        ("rdndvi", "rdndvi:20"),
        ("cva:otsu", "cva:otsu"),
        ("ratio-anomaly", "ratio-anomaly:1.25"),
        ("onnx:bit", "onnx:bit"),
        ("onnx:/models/my net.onnx:0.7", "onnx:/models/my net.onnx:0.7"),
    ],
)
def test_what_is_left_out_takes_its_default(written, canonical):
    assert str(methods.parse(written)) == canonical


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "band-difference, all-bands"),
        ("difference", "Choose from band-difference"),
        ("band-difference:B10:0.05", "B8A"),
        ("band-difference:B04,B08:0.05", "one from B01"),
        ("band-difference:B04:0.05:down", "band-difference:B04:0.05:both"),
        ("band-difference:B04:-0.05", "above zero"),
        ("band-difference:B04:nan", "above zero"),
        ("band-difference:B04:inf", "above zero"),
        ("band-difference:B04:0.1:0.2", "write it like"),
        ("index-drop:XYZ:0.2", "NDVI, NDMI, NBR, EVI, BSI"),
        ("cva:0.1:both", "cva:otsu"),
        ("onnx:", "onnx:NAME"),
    ],
)
def test_a_wrong_name_is_answered_with_the_choices(written, said):
    with pytest.raises(MethodError, match=said):
        methods.parse(written)


def test_all_that_is_listed_can_run_and_every_example_parses():
    for kind in methods.KINDS.values():
        named = f"{kind.name}:x" if kind.target in methods.BY_NAME else kind.name
        assert hasattr(methods.runner(methods.parse(named)), "score")
    assert methods.examples()[0] == "band-difference:B04:0.05"
    assert [str(methods.parse(name)) for name in methods.examples()] == list(methods.examples())


def test_every_kind_has_a_default_threshold_but_those_whose_files_bring_their_own():
    for kind in methods.KINDS.values():
        assert math.isnan(kind.threshold) if kind.target in methods.BY_NAME else kind.threshold > 0


def test_moving_the_threshold_gives_the_same_method_with_another_number():
    assert str(methods.parse("band-difference:B04:otsu:both").at(0.08)) == "band-difference:B04:0.08:both"


def test_the_title_names_band_and_direction():
    assert methods.parse("band-difference:B04:0.05").title == "Band difference B04, increases"
    assert methods.parse("index-drop").title == "Index drop NDVI"
