"""CDRL's generator agrees with the published network, stage by stage."""

import json

import numpy as np
import pytest

from tests import parity

torch = pytest.importorskip("torch", reason=parity.WITHOUT_TORCH)
from models import cdrl, deploy  # noqa: E402


@pytest.fixture(scope="module")
def network():
    return cdrl.from_state(parity.state(parity.keys("cdrl")))


@pytest.fixture(scope="module")
def pair():
    return tuple(torch.from_numpy(date) for date in parity.inputs("cdrl"))


def answer(network, t1, t2) -> np.ndarray:
    with torch.inference_mode():
        return network(t1, t2).numpy()


def test_names_and_shapes_are_the_published_ones_in_their_order(network):
    held = [[key, list(value.shape)] for key, value in network.state_dict().items()]
    assert held == [[key, shape] for key, shape, _ in parity.keys("cdrl")]


def test_the_reconstruction_is_the_published_one(network, pair):
    parity.assert_agrees(answer(network, *pair), parity.published("cdrl"))


def test_the_rearranged_network_gives_the_published_reconstruction(network, pair):
    parity.assert_agrees(answer(deploy.DeployedGenerator(network).eval(), *pair), parity.published("cdrl"))


def test_every_stage_is_the_published_one(network, pair):
    seen = {}
    for name, module in network.named_modules():
        module.register_forward_hook(lambda _m, _i, out, name=name: seen.setdefault(name, []).append(out))
    answer(network, *pair)
    for module in network.modules():
        module._forward_hooks.clear()
    stages = json.loads((parity.SHARED / "parity" / "cdrl_stages_seed7.json").read_text())
    assert {stage["module"] for stage in stages} <= set(seen)
    for stage in stages:
        parity.assert_stage(seen[stage["module"]][stage["call"]].numpy(), stage)


def test_rearranged_and_plain_agree_in_a_batch_and_at_another_size(network):
    torch.manual_seed(0)
    t1, t2 = torch.rand(2, 2, 3, 256, 512) * 2 - 1
    plain = answer(network, t1, t2)
    assert plain.shape == (2, 3, 256, 512)
    parity.assert_agrees(answer(deploy.DeployedGenerator(network).eval(), t1, t2), plain)


def test_any_number_of_bands_is_read_from_the_first_convolution():
    made = cdrl.Generator(bands=4)
    read = cdrl.from_state(made.state_dict())
    assert read.bands == 4
    assert answer(read, *torch.zeros(2, 1, 4, 256, 256)).shape == (1, 4, 256, 256)


def test_a_state_with_a_weight_of_another_shape_is_refused(network):
    state = dict(network.state_dict())
    state["final.2.bias"] = torch.zeros(4)
    with pytest.raises(RuntimeError, match=r"final\.2\.bias"):
        cdrl.from_state(state)
