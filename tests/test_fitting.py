"""How a file's shapes and names fit a contract, what is guessed where it has none, and which cause a refusal names."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.detection import run
from app.detection.network import checking, fitting, guessing, naming, registry
from app.detection.network import run as onnx
from app.detection.network.contract import Contract
from app.detection.network.graph import Graph, Tensor
from app.errors import NetworkError
from tests import small
from tests import tiny_networks as tiny

CASES = Path(__file__).parent / "networks"
BANDS = ("B02", "B03", "B04", "B08")


def scar():
    """60 x 60 pixels of vegetation, with a bare scar of 20 x 10 at T2."""
    before = dict(zip(BANDS, (0.03, 0.06, 0.05, 0.30), strict=True))
    after = dict(zip(BANDS, (0.10, 0.14, 0.20, 0.25), strict=True))
    bare = np.zeros((60, 60), bool)
    bare[20:30, 15:35] = True
    pairs = {name: (before[name], np.where(bare, after[name], before[name])) for name in BANDS}
    return small.patch(BANDS, size=60, **pairs), bare


def guessed(folder, name: str) -> checking.Checked:
    """Put a case into the folder with the contract that the check suggests, as it comes."""
    content = (CASES / f"{name}.onnx").read_bytes()
    checked = checking.check(tiny.put(folder, content, name))
    (folder / f"{name}.json").write_text(checked.contract.to_json())
    return checked


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("argmax_int64", "decided"),
        ("auxiliary_first", "logits"),
        ("channels_last", "logits"),
        ("minus_one_sides", "logits"),
        ("post_before_pre", "logits"),
    ],
)
def test_a_network_runs_as_the_check_suggests_and_finds_the_scar(folder, name, output):
    checked = guessed(folder, name)
    assert checked.contract.output == output
    patch, bare = scar()
    found = run.detect(patch, f"onnx:{name}")
    assert not found.fallback and found.warnings == ()
    assert np.array_equal(run.mask(found), bare)


def test_a_network_of_one_date_reads_t2_alone_as_the_check_suggests(folder):
    checked = guessed(folder, "one_date_only")
    assert checked.contract.dates == ("t2",) and checked.contract.bands == ("B04", "B03", "B02")
    assert checked.notes[0] == "Its one input image takes T2 alone; T1 is not looked at."
    found = run.detect(scar()[0], "onnx:one_date_only")
    assert not found.fallback and found.dates == (1,) and onnx.T2_ALONE in found.note


def test_a_network_without_numbers_on_flat_ground_leaves_nothing_clear(folder):
    guessed(folder, "no_epsilon")
    flat = {name: (0.0, 0.1) for name in BANDS}  # zeros, whose mean is exactly that
    found = run.detect(small.patch(BANDS, size=60, **flat), "onnx:no_epsilon")
    assert not found.clear.any() and not run.mask(found).any()
    said = " ".join(found.warnings)
    assert "gave no number for 3,600 of 3,600 measured, cloudless pixels" in said


def test_the_check_says_which_date_goes_where(folder):
    assert guessed(folder, "post_before_pre").notes[0] == "T1 goes into pre and T2 into post, as their names say."
    said = guessed(folder, "argmax_int64").notes[0]
    assert said == "Its one input images takes the channels of T1 first, then those of T2."


def test_a_contract_against_the_names_is_obeyed_and_doubted(folder):
    contract = replace(guessed(folder, "post_before_pre").contract, inputs=("post", "pre"))
    (folder / "post_before_pre.json").write_text(contract.to_json())
    found = run.detect(scar()[0], "onnx:post_before_pre")
    assert not run.mask(found).any()
    said = 'T1 goes into post and T2 into pre, though their names say otherwise; else write "inputs": ["pre", "post"].'
    assert said in found.warnings and said in registry.listed("post_before_pre").doubts


@pytest.mark.parametrize(
    ("names", "ordered", "told"),
    [
        (("post", "pre"), ("pre", "post"), True),
        (("image_after", "image_before"), ("image_before", "image_after"), True),
        (("postEvent", "preEvent"), ("preEvent", "postEvent"), True),
        (("img2", "img1"), ("img1", "img2"), True),
        (("x1", "x0"), ("x0", "x1"), True),
        (("imageB", "imageA"), ("imageA", "imageB"), True),
        (("input.1", "input.7"), ("input.1", "input.7"), True),
        (("t2", "t1"), ("t1", "t2"), True),
        (("left", "right"), ("left", "right"), False),
        (("x", "y"), ("x", "y"), False),
        (("prediction_b", "prediction_a"), ("prediction_a", "prediction_b"), True),
        (("both",), ("both",), False),
    ],
)
def test_names_tell_which_input_is_which_date(names, ordered, told):
    assert naming.in_time_order(names) == (ordered, told)


def held(inputs=(None, 3, None, None), outputs=(None, 1, None, None), dtype="float32", **more) -> Graph:
    tensors = tuple(Tensor(name, dtype, inputs) for name in more.get("names", ("t1", "t2")))
    answers = tuple(Tensor(name, "float32", outputs) for name in more.get("answers", ("y",)))
    return Graph("", 0, tensors, answers, (), {})


RGB = Contract(name="rgb", bands=("B04", "B03", "B02"), output="logits", threshold=0.5)


@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((1, 64, 64, 3), "channels-last"),
        ((None, None, None, 3), "channels-last"),
        ((1, 8, 8, 3), "channels-last"),
        ((1, 3, 64, 64), "channels-first"),
        ((1, 3, 8, 8), "channels-first"),
        ((None, 3, None, None), "channels-first"),
    ],
)
def test_channels_are_the_side_that_is_few_and_unlike_the_others(shape, layout):
    assert guessing.suggest("x", held(shape)).layout == layout


@pytest.mark.parametrize(
    ("name", "channels", "dates", "bands"),
    [
        ("x", 3, ("t2",), 3),
        ("x", 4, ("t2",), 4),
        ("x", 12, ("t2",), 12),
        ("x", 14, ("t2",), 14),
        ("x", 6, ("t1", "t2"), 3),
        ("x", 8, ("t1", "t2"), 4),
        ("x", 24, ("t1", "t2"), 12),
        ("x", 28, ("t1", "t2"), 14),
        ("x", 7, ("t2",), 0),
        ("x", 10, ("t1", "t2"), 0),
        ("pair", 4, ("t1", "t2"), 0),
        ("post", 8, ("t2",), 0),
        ("image_t2", 6, ("t2",), 0),
        ("t1_t2", 12, ("t1", "t2"), 0),
    ],
)
def test_the_dates_of_one_input_are_guessed_from_its_name_and_its_channels(name, channels, dates, bands):
    guess = guessing.suggest("x", held((1, channels, 64, 64), names=(name,)))
    assert guess.dates == dates and len(guess.bands) == bands


def test_a_guess_of_dates_that_channels_leave_open_is_said():
    graph = held((1, 4, 64, 64), names=("x",))
    said = guessing.dates_doubt(guessing.suggest("x", graph), graph)
    assert (
        said == 'Its 4 channels are taken for those of T2; if they are 2 of T1 and then 2 of T2, write "dates": '
        '["t1", "t2"].'
    )
    graph = held((1, 6, 64, 64), names=("x",))
    assert "3 of T1 and then 3 of T2; if all are of T2" in guessing.dates_doubt(guessing.suggest("x", graph), graph)
    odd, named = held((1, 3, 64, 64), names=("x",)), held((1, 4, 64, 64), names=("post",))
    assert [guessing.dates_doubt(guessing.suggest("x", one), one) for one in (odd, named)] == ["", ""]


@pytest.mark.parametrize(
    ("contract", "graph", "said"),
    [
        (RGB, held((1, 64, 64, 3)), 'channels last. Write "layout": "channels-last"'),
        (RGB, held(dtype="float16"), "its input t1 is float16, and Scarp gives float32, uint8, uint16 or int16"),
        (RGB, held((10**9, 3, 64, 64)), "it wants 1,000,000,000 tiles of 64 x 64 pixels at once"),
        (replace(RGB, tile=4, overlap=0), held(), "it wants tiles of 4 pixels a side; at least 8"),
        (RGB, held(outputs=(1, 1000)), "an answer for each pixel"),
        (RGB, held(outputs=(1, 1, 4, 4), inputs=(1, 3, 8, 8)), "answers with 4 x 4 pixels for 8 x 8"),
        (replace(RGB, inputs=("x",)), held(names=("x",)), 'it takes one date alone: write "dates": ["t2"], and'),
        (replace(RGB, inputs=("x",)), held((1, 5, 64, 64), names=("x",)), '"dates": ["t2"] and correct "bands"'),
        (replace(RGB, dates=("t2",)), held((1, 6, 64, 64), names=("x",)), 'write "dates": ["t1", "t2"]'),
        (replace(RGB, dates=("t2",)), held((1, 5, 64, 64), names=("x",)), "5 channels, but T2 alone of B04, B03, B02"),
        (replace(RGB, dates=("t2",)), held(), "it has the inputs t1, t2, and its contract says that it reads T2"),
        (replace(RGB, output="decided"), held(outputs=(1, 2, None, None)), "2 channels, but decided has 1"),
    ],
)
def test_a_refusal_names_the_cause(contract, graph, said):
    with pytest.raises(NetworkError) as refused:
        fitting.fit(contract, graph)
    assert said in str(refused.value)


def test_two_inputs_that_differ_are_not_taken_for_two_dates():
    inputs = (Tensor("image", "float32", (1, 3, 64, 64)), Tensor("slope", "float32", (1, 1, 64, 64)))
    with pytest.raises(NetworkError, match="are not alike, as T1 and T2 have to be"):
        fitting.fit(RGB, Graph("", 0, inputs, (Tensor("y", "float32", (1, 1, 64, 64)),), (), {}))
