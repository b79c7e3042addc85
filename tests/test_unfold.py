"""A network taken apart from its .onnx file answers as before, and goes on learning from there."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training runs in the environment of requirements-models.txt")

from app.config import ROOT  # noqa: E402
from app.errors import InputError, NetworkError  # noqa: E402
from app.testsets.scars import Pair  # noqa: E402
from models import bit, checkpoints, export, runs, train, unfold  # noqa: E402
from tests import tiny_networks as tiny  # noqa: E402


def drawn(seed: int = 0, **kinds) -> bit.BIT:
    """A network whose batch normalisation does something."""
    torch.manual_seed(seed)
    network = bit.BIT(bands=4, **kinds)
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_mean.uniform_(-0.2, 0.2)
            part.running_var.uniform_(0.6, 1.6)
            torch.nn.init.uniform_(part.weight, 0.6, 1.4)
            torch.nn.init.uniform_(part.bias, -0.2, 0.2)
        if isinstance(part, torch.nn.LayerNorm):
            torch.nn.init.uniform_(part.weight, 0.6, 1.4)
            torch.nn.init.uniform_(part.bias, -0.2, 0.2)
    return network.eval()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unfold")
    network = drawn(decoder_depth=2)
    checkpoints.save(folder / "bit.pt", "bit", network, replace(runs.BitRun.contract, threshold=0.3))
    export.export("bit", folder / "bit.pt", folder / "bit.onnx")
    return network, folder / "bit.onnx"


def answers(network: bit.BIT) -> np.ndarray:
    rng = np.random.default_rng(1)
    dates = [torch.from_numpy(rng.uniform(-1, 1, (1, 4, 64, 64)).astype(np.float32)) for _ in range(2)]
    with torch.inference_mode():
        return network(*dates).numpy()


def test_a_file_that_was_exported_comes_back_with_its_contract_and_answers(written):
    network, path = written
    again = checkpoints.read(path, "bit")
    np.testing.assert_allclose(answers(again.network), answers(network), atol=2e-4)
    assert again.contract.threshold == 0.3 and again.contract.bands == runs.BitRun.contract.bands


def test_the_file_that_ships_comes_back():
    network, contract = unfold.bit(ROOT / "models" / "bit.onnx")
    import onnxruntime

    session = onnxruntime.InferenceSession(ROOT / "models" / "bit.onnx", providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(1)
    dates = {name: rng.uniform(-1, 1, (1, 4, 64, 64)).astype(np.float32) for name in ("t1", "t2")}
    np.testing.assert_allclose(answers(network), session.run(None, dates)[0], atol=1e-4)
    assert contract.name == "bit" and contract.slope < 1


def test_training_goes_on_without_touching_batch_normalisation():
    run = runs.ScarredRun(runs.Options(steps=2, batch=1, bands=runs.BitRun.contract.bands), "cpu")
    run.begin(checkpoints.read(ROOT / "models" / "bit.onnx", "bit").network)
    rng = np.random.default_rng(0)
    t1, t2 = (rng.uniform(0, 0.4, (4, 64, 64)).astype(np.float32) for _ in range(2))
    before = run.network.classifier[3].weight.detach().clone()
    run.advance([Pair(t1, t2, t2[3] > 0.3, np.ones((64, 64), bool))])
    norm = run.network.resnet.bn1
    assert not norm.running_mean.any() and bool((norm.running_var == 1).all())
    assert not torch.equal(run.network.classifier[3].weight, before)


def test_other_networks_do_not_begin_with_an_onnx_file(written, tmp_path):
    with pytest.raises(InputError, match="only a bit-scarred goes on"):
        train.train("bit", runs.Options(steps=1, real=False), tmp_path / "a.pt", start=written[1])
    with pytest.raises(NetworkError, match="only of bit can it be taken apart"):
        checkpoints.read(written[1], "scar")


def test_another_network_is_refused_with_what_to_name(tmp_path):
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny.difference().SerializeToString())
    with pytest.raises(NetworkError, match="is no BIT that"):
        unfold.bit(path)
    with pytest.raises(NetworkError, match="cannot be read"):
        unfold.bit(tmp_path / "none.onnx")
