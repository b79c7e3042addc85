"""BIT agrees with the published network, stage by stage, and reads its variants from their weights."""

import json

import numpy as np
import pytest

from tests import parity

torch = pytest.importorskip("torch", reason=parity.WITHOUT_TORCH)
from models import bit, deploy  # noqa: E402


@pytest.fixture(scope="module")
def network():
    return bit.from_state(parity.state(parity.keys("bit")))


@pytest.fixture(scope="module")
def pair():
    return tuple(torch.from_numpy(date) for date in parity.inputs("bit"))


def answer(network, t1, t2) -> np.ndarray:
    with torch.inference_mode():
        return network(t1, t2).numpy()


@pytest.mark.parametrize("variant", ["bit", "bit_dd8"])
def test_names_and_shapes_are_the_published_ones_in_their_order(variant):
    listed = parity.keys(variant)
    held = bit.from_state(parity.state(listed)).state_dict()
    assert [[key, list(value.shape)] for key, value in held.items()] == [[key, shape] for key, shape, _ in listed]


def test_logits_and_classes_are_the_published_ones(network, pair):
    found, wanted = answer(network, *pair), parity.published("bit")
    parity.assert_agrees(found, wanted)
    assert np.count_nonzero(found.argmax(1) != wanted.argmax(1)) <= parity.FLIPS


def test_the_rearranged_network_gives_the_published_logits(network, pair):
    found, wanted = answer(deploy.DeployedBIT(network).eval(), *pair), parity.published("bit")
    parity.assert_agrees(found, wanted)
    assert np.count_nonzero(found.argmax(1) != wanted.argmax(1)) <= parity.FLIPS


def test_every_stage_is_the_published_one(network, pair):
    seen = {}
    for name, module in network.named_modules():
        module.register_forward_hook(lambda _m, _i, out, name=name: seen.setdefault(name, []).append(out.clone()))
    answer(network, *pair)
    for module in network.modules():
        module._forward_hooks.clear()
    stages = json.loads((parity.SHARED / "parity" / "bit_stages_seed7.json").read_text())
    assert {stage["module"] for stage in stages} <= set(seen)
    for stage in stages:
        parity.assert_stage(seen[stage["module"]][stage["call"]].numpy(), stage)


def test_tokens_are_the_published_ones(network, pair):
    with torch.inference_mode(), np.load(parity.SHARED / "parity" / "bit_seed7.npz") as answers:
        x1, x2 = (network.encode(date) for date in pair)
        both = torch.cat([network.tokenise(x1), network.tokenise(x2)], 1) + network.pos_embedding
        parity.assert_agrees(network.transformer(both)[0].numpy(), answers["tokens"])


@pytest.mark.parametrize(("batch", "height", "width"), [(1, 8, 8), (2, 72, 40), (3, 64, 128)])
def test_rearranged_and_plain_agree_at_any_batch_and_any_multiple_of_eight(network, batch, height, width):
    torch.manual_seed(0)
    t1, t2 = torch.rand(2, batch, 3, height, width) * 2 - 1
    plain = answer(network, t1, t2)
    assert plain.shape == (batch, 2, height, width)
    parity.assert_agrees(answer(deploy.DeployedBIT(network).eval(), t1, t2), plain)


def test_a_pair_gives_the_same_logits_alone_and_in_a_batch(network, pair):
    t1, t2 = pair
    batched = answer(network, torch.cat([t2, t1]), torch.cat([t1, t1]))
    parity.assert_agrees(batched[1:], answer(network, t1, t1))


def test_swapping_the_dates_changes_the_answer(network, pair):
    assert np.abs(answer(network, *pair) - answer(network, *pair[::-1])).max() > 0.01


VARIANTS = {
    "base_transformer_pos_s4": {"decoder_depth": 1, "head_width": 64},
    "base_resnet18": {"tokens": 0, "encoder_depth": 0, "decoder_depth": 0, "stages": 5},
    "four bands": {"bands": 4},
    "thirteen bands and eight tokens": {"bands": 13, "tokens": 8},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_is_recognised_from_its_weights_and_rearranges_equally(variant):
    torch.manual_seed(1)
    made = bit.BIT(**VARIANTS[variant]).eval()
    read = bit.from_state(made.state_dict())
    t1, t2 = torch.rand(2, 1, made.bands, 32, 48) * 2 - 1
    plain = answer(made, t1, t2)
    np.testing.assert_array_equal(answer(read, t1, t2), plain)
    parity.assert_agrees(answer(deploy.DeployedBIT(read).eval(), t1, t2), plain)


def test_base_resnet18_has_no_transformer_and_five_stages():
    base = bit.from_state(bit.BIT(**VARIANTS["base_resnet18"]).state_dict())
    assert base.tokens == 0 and base.resnet.stages == 5
    assert not any(key.startswith(("transformer", "conv_a", "pos_embedding")) for key in base.state_dict())


def test_a_state_with_a_missing_weight_is_refused():
    state = parity.state(parity.keys("bit"))
    del state["classifier.3.bias"]
    with pytest.raises(RuntimeError, match=r"classifier\.3\.bias"):
        bit.from_state(state)
