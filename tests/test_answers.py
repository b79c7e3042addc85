"""What a network's answers show is compared with what its contract says, and said where they differ."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.detection import run
from app.detection.network import answers
from app.detection.network.answers import AnswersSeen
from app.detection.network.contract import Contract
from tests import small
from tests import tiny_networks as tiny

RED = Contract("red", ("B04",), "logits", 0.5)


def seen(*values: float) -> AnswersSeen:
    return answers.seen(np.array(values, np.float32))


@pytest.mark.parametrize(
    ("values", "made_by", "whole_type", "kind"),
    [
        ((0, 1), "ArgMax", True, ("decided", 0.5, 1)),
        ((0, 1), "Cast", False, ("decided", 0.5, 1)),
        ((0, 255), "", False, ("decided", 0.5, 255)),
        ((0, 0), "ArgMax", True, ("decided", 0.5, 1)),
        ((0, 1, 2), "ArgMax", True, ("decided", 0.5, 1)),
        ((0, 0.3, 1), "", False, ("probability", 0.5, 1)),
        ((0, 1), "Sigmoid", False, ("probability", 0.5, 1)),
        ((-3, 4.5), "", False, ("logits", 0.5, 1)),
        ((-3, 4.5), "Tanh", False, ("reconstruction", 0.35, 1)),
    ],
)
def test_the_guess_follows_what_was_seen(values, made_by, whole_type, kind):
    assert answers.guessed(seen(*values), made_by, whole_type, rebuilds=False) == kind


@pytest.mark.parametrize(
    ("output", "values", "said"),
    [
        ("logits", (0, 1, 1), "are decisions, but the contract says logits"),
        ("logits", (0.1, 0.9), "look like probabilities, but the contract says logits"),
        ("logits", (-0.1, 0.9), ""),
        ("probability", (-2, 3), "are no probabilities and were cut to 0 to 1"),
        ("probability", (0, 1.005), ""),
        ("probability", (0.25, 0.25), "answers 0.25 everywhere on this patch"),
        ("decided", (0, 0), ""),
        ("decided", (1, 1), "answers 1 everywhere on this patch"),
        ("decided", (0, 0.5), "are no class numbers"),
        ("decided", (0, 255), "do not hold 1, the number of the changed class"),
        ("decided", (0, 1, 2), ""),
        ("reconstruction", (-4, 0), "leave -1 to 1"),
        ("logits", (np.nan, np.nan), ""),
    ],
)
def test_answers_against_the_contract_are_said(output, values, said):
    found = answers.doubts(seen(*values), replace(RED, output=output))
    assert (said in found[0]) if said else found == ()


@given(st.lists(arrays(np.float32, (3,), elements=st.sampled_from([0.0, 1.0, 0.5, -2.0, np.nan])), min_size=1))
def test_what_was_seen_in_parts_is_what_was_seen_in_all(parts):
    together = AnswersSeen()
    for part in parts:
        together = together.with_more(answers.seen(part))
    assert str(together) == str(answers.seen(np.concatenate(parts)))


def test_a_network_that_contradicts_its_contract_is_not_squashed_in_silence(folder):
    red = np.random.default_rng(0).random((2, 40, 40), np.float32)
    patch = small.patch(("B04",), size=40, B04=red)
    tiny.put(folder, tiny.one_logit(), "wild")
    (folder / "wild.json").write_text(replace(tiny.RED, output="probability").to_json())
    said, *_ = run.detect(patch, "onnx:wild").warnings
    assert "are no probabilities and were cut to 0 to 1" in said and 'write "output": "logits"' in said
    tiny.put(folder, tiny.difference(), "sure")
    (folder / "sure.json").write_text(replace(tiny.RED, output="logits").to_json())
    said, *_ = run.detect(patch, "onnx:sure").warnings
    assert "look like probabilities" in said
    tiny.put(folder, tiny.one_logit(0.0), "dead")
    said, *_ = run.detect(patch, "onnx:dead").warnings
    assert said.startswith("The network answers 0 everywhere on this patch")


def test_class_numbers_without_a_channel_side_are_read(folder):
    nodes = [
        tiny.helper.make_node("Sub", ["t2", "t1"], ["gap"]),
        tiny.helper.make_node("Greater", ["gap", "edge"], ["more"]),
        tiny.helper.make_node("Cast", ["more"], ["numbers"], to=tiny.INT64),
        tiny.helper.make_node("Squeeze", ["numbers", "side"], ["score"]),
    ]
    weights = [tiny.constant("edge", 0.2), tiny.constant("side", [1], np.int64)]
    outputs = [("score", tiny.INT64, ("n", "h", "w"))]
    contract = replace(tiny.RED, output="decided", threshold=0.5)
    tiny.put(folder, tiny.model(nodes, weights=weights, outputs=outputs, contract=contract))
    red = np.random.default_rng(0).random((2, 40, 40), np.float32)
    found = run.detect(small.patch(("B04",), size=40, B04=red), "onnx:tiny")
    assert not found.fallback and np.array_equal(run.mask(found), red[1] - red[0] > 0.2)
