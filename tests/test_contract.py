"""A network's contract says everything needed to run it, or says what is missing."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bands import ALL_BANDS
from app.detection.network.contract import (
    DATES,
    DIGITAL,
    DTYPES,
    KEY,
    OUTPUTS,
    STRETCHES,
    Contract,
    from_json,
    from_metadata,
)
from app.errors import NetworkError

UNFINISHED = '{"name": "a", "bands": [], "output": "logits", "threshold": '
RGB = Contract(name="rgb", bands=("B04", "B03", "B02"), output="logits", threshold=0.5)


@st.composite
def contracts(draw) -> Contract:
    """Any contract that may be made."""
    bands = tuple(draw(st.lists(st.sampled_from(ALL_BANDS), unique=True, max_size=12)))
    per_band = st.lists(st.floats(0.01, 1), min_size=len(bands) or 1, max_size=len(bands) or 1).map(tuple)
    dtype, multiple = draw(st.sampled_from(DTYPES)), draw(st.sampled_from([1, 8, 256]))
    tile = multiple * draw(st.integers(1, 4))
    scaled, digital = dtype == "float32", dtype in DIGITAL
    inputs, dates = draw(st.sampled_from([(("t1", "t2"), DATES), (("input",), DATES), (("input",), ("t2",))]))
    return Contract(
        name=draw(st.text(min_size=1, max_size=200).filter(str.strip)),
        bands=bands,
        output=draw(st.sampled_from(OUTPUTS)),
        threshold=draw(st.floats(-1e6, 1e6)),
        inputs=inputs,
        dates=dates,
        dtype=dtype,
        stretch="reflectance" if digital else draw(st.sampled_from(STRETCHES)),
        high=(1.0,) if digital else tuple(value + 1 for value in draw(per_band)),
        mean=draw(per_band) if scaled else (0.0,),
        std=draw(per_band) if scaled else (1.0,),
        tile=tile,
        overlap=draw(st.integers(0, tile - 1)),
        size_multiple=multiple,
        licence=draw(st.text()),
    )


@given(contracts())
def test_a_contract_comes_back_equal_from_its_json_and_its_metadata(contract):
    assert from_json(contract.to_json()) == contract
    assert from_metadata(contract.to_metadata()) == contract


def test_the_json_holds_every_field_under_its_own_name():
    held = json.loads(RGB.to_json())
    assert set(held) == {field.name for field in fields(Contract)} | {"format"}
    assert held["bands"] == ["B04", "B03", "B02"]


def test_a_file_without_the_entry_has_no_contract():
    assert from_metadata({"author": "someone"}) is None


def test_fields_with_a_default_may_be_left_out():
    text = '{"name": "rgb", "bands": ["B04", "B03", "B02"], "output": "logits", "threshold": 0.5}'
    assert from_json(text) == RGB


def test_one_input_name_means_stacked_dates():
    assert not RGB.stacked
    assert replace(RGB, inputs=("image",)).stacked


def test_a_contract_of_before_there_were_dates_reads_both():
    text = '{"name": "rgb", "bands": ["B04"], "output": "logits", "threshold": 0.5, "inputs": ["image"]}'
    assert from_json(text).stacked and not from_json(text).alone
    alone = from_json(text.replace("}", ', "dates": ["t2"]}'))
    assert alone.alone and not alone.stacked


def test_bands_may_be_named_later_but_must_fit_the_scaling():
    unnamed = replace(RGB, bands=(), mean=(0.1, 0.2, 0.3))
    assert unnamed.with_bands(("B02", "B03", "B04")).bands == ("B02", "B03", "B04")
    with pytest.raises(NetworkError, match="one for each band"):
        unnamed.with_bands(("B02", "B03"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"output": "heatmap"}, "output must be one of logits, probability, decided, reconstruction"),
        ({"bands": ("B04", "B10")}, "bands must be some of B01"),
        ({"bands": ("B04", "B04")}, "bands must be each band once"),
        ({"bands": "B04"}, "bands must be a list, each item text"),
        ({"name": "  "}, "name must be a name"),
        ({"threshold": float("nan")}, "threshold must be a number"),
        ({"threshold": True}, "threshold must be a number"),
        ({"inputs": ("t1", "t1")}, "inputs must be one or two different tensor names"),
        ({"inputs": ()}, "inputs must be one or two different tensor names"),
        ({"std": (0.0,)}, "std must be more than zero"),
        ({"low": (0.3,), "high": (0.3,)}, "low must be less than high"),
        ({"low": (0.0, 0.0, 0.5), "high": (1.0, 1.0, 0.4)}, "low must be less than high"),
        ({"mean": (0.5, 0.5)}, "mean must be one number, or one for each band"),
        ({"stretch": "percentile", "high": (101.0,)}, "low and high must be percentiles from 0 to 100"),
        ({"dtype": "uint8", "mean": (0.5,)}, "mean and std must be 0 and 1 where dtype is uint8"),
        ({"tile": 100, "size_multiple": 8}, "tile must be a multiple of size_multiple"),
        ({"tile": 64.0}, "tile must be a whole number"),
        ({"overlap": 256}, "overlap must be from 0 to less than the tile"),
        ({"size_multiple": 0}, "size_multiple must be 1 or more"),
        ({"changed": -1}, "changed must be a channel number"),
        ({"slope": 0.0}, "slope must be more than zero"),
        ({"blur_px": -1.0}, "blur_px must be zero or more pixels"),
        ({"spread_floor": -0.1}, "spread_floor must be zero or more"),
        ({"log_floor": -0.1}, "log_floor must be zero or more"),
        ({"log_floor": 0.1, "dtype": "uint8"}, "log_floor must be zero where dtype is uint8"),
        ({"weights": (1.0,)}, "weights must be one number for each band"),
        ({"blur_px": 1e7}, "blur_px must be a number"),
        ({"blur_px": 33.0}, "blur_px must be zero or more pixels, at most 32"),
        ({"changed": 10**9}, "changed must be a channel number, from 0 to 255"),
        ({"threshold": 10**400}, "threshold must be a number"),
        ({"slope": float("inf")}, "slope must be a number"),
        ({"tile": 2**40}, "tile must be at most 65536 pixels"),
        ({"std": (1e-300,)}, "std must be more than zero"),
        ({"low": (0.0,) * 65, "high": (1.0,) * 65, "bands": ()}, "low must be at most 64 numbers"),
        ({"weights": (1.0,) * 65, "bands": ()}, "weights must be at most 64 numbers"),
        ({"licence": "x" * 2001}, "licence must be at most 2000 characters"),
        ({"answer": "x" * 201}, "answer must be plain names of at most 200 characters"),
        ({"inputs": ("\x1b[2J", "t2")}, "inputs must be plain names"),
        ({"layout": "backwards"}, "layout must be one of channels-first, channels-last"),
        ({"dates": ("t1",)}, r'dates must be \["t1", "t2"\], or \["t2"\] for T2 alone'),
        ({"dates": ("t2", "t1")}, "dates must be"),
        ({"dates": ("t2",), "inputs": ("a", "b")}, "inputs must be one tensor name where dates is T2 alone"),
        ({"dates": ("t2",), "output": "reconstruction", "reconstructs": "t1"}, "reconstructs must be t2"),
        ({"dtype": "uint16", "high": (0.3,)}, "low and high must be 0 and 1 of reflectance where dtype is uint16"),
        ({"dtype": "int16", "mean": (0.5,)}, "mean and std must be 0 and 1 where dtype is int16"),
        ({"dtype": "uint16", "bands": ("B04", "SLOPE")}, "bands must be bands alone where dtype is uint16"),
        ({"bands": ("B04", "ASPECT")}, "bands must be some of B01, .*, SLOPE, DEM"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused_by_name(change, said):
    with pytest.raises(NetworkError, match=said):
        replace(RGB, **change)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "must be a JSON object with the keys name, bands"),
        ('{"format": 2}', "has format 2, this Scarp reads format 1"),
        ('{"name": "a", "bands": [], "output": "logits"}', "does not state threshold"),
        ('{"name": "a", "bands": [], "output": "logits", "threshold": 1, "treshold": 2}', "unknown keys: treshold"),
        (UNFINISHED + "9" * 400 + "}", "threshold must be a number"),
        (UNFINISHED + "9" * 9999 + "}", "is not JSON"),
        (UNFINISHED + "NaN}", "threshold must be a number"),
        ('{"name": "a", "licence": "' + "x" * 200_000 + '"}', "is too long to be a contract"),
        ('{"\\ud800": 1}', "unknown keys: \ufffd"),
        ('{"name": 5, "bands": [], "output": "logits", "threshold": 1}', "side.json: name must be text"),
    ],
)
def test_json_that_is_no_contract_is_refused_with_the_file_named(text, said):
    with pytest.raises(NetworkError, match=said) as refused:
        from_json(text, "side.json")
    assert str(refused.value).startswith("side.json")


def test_a_long_wrong_value_is_cut_short_in_the_message():
    with pytest.raises(NetworkError) as refused:
        replace(RGB, output="x" * 10_000)
    assert len(str(refused.value)) < 250


def test_half_a_character_in_a_text_is_replaced_and_can_be_shown():
    text = '{"name": "a\\ud800", "bands": [], "output": "logits", "threshold": 1, "licence": "CC\\u001b BY\\nmine"}'
    made = from_json(text)
    assert (made.name, made.licence) == ("a\ufffd", "CC\ufffd BY\nmine")
    assert made.to_json().encode()


def test_the_key_is_one_word_of_its_own():
    assert KEY == "scarp"
