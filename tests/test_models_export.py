"""An exported .onnx file answers as the published networks do; a checkpoint that cannot be used is refused."""

import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from app.detection.network.contract import KEY, from_metadata
from app.errors import NetworkError
from tests import parity

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason=parity.WITHOUT_TORCH)


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    """The folder of the seeded networks' .onnx files: made here where torch is, else found in build/parity."""
    parity.seeded()
    if find_spec("torch"):
        folder = tmp_path_factory.mktemp("exported")
        parity.build(folder)
        return folder
    if not all((parity.BUILT / f"{name}.onnx").is_file() for name in parity.NETWORKS):
        pytest.skip("the seeded .onnx files are not here: write them with `python -m tests.parity` where torch is")
    return parity.BUILT


@pytest.fixture(scope="module")
def bit_checkpoint(tmp_path_factory) -> Path:
    return parity.write_checkpoint("bit", tmp_path_factory.mktemp("checkpoint") / "bit.pt")


def model(path: Path):
    import onnx

    return onnx.load(path)


def sides(value) -> list:
    return [side.dim_param or side.dim_value for side in value.type.tensor_type.shape.dim]


@pytest.mark.parametrize("name", parity.NETWORKS)
def test_the_file_gives_the_published_answer(exported, name):
    found, wanted = parity.run(exported / f"{name}.onnx", *parity.inputs(name)), parity.published(name)
    parity.assert_agrees(found, wanted)
    if name == "bit":
        assert np.count_nonzero(found.argmax(1) != wanted.argmax(1)) <= parity.FLIPS


@pytest.mark.parametrize("name", parity.NETWORKS)
def test_a_batch_answers_as_its_pairs_do_alone(exported, name):
    t1, t2 = parity.inputs(name)
    both = parity.run(exported / f"{name}.onnx", np.concatenate([t2, t1]), np.concatenate([t1, t2]))
    parity.assert_agrees(both[1:], parity.published(name))


@pytest.mark.parametrize(("name", "height", "width"), [("bit", 72, 8), ("cdrl", 512, 256)])
def test_any_multiple_of_the_stated_size_runs(exported, name, height, width):
    t1, t2 = np.zeros((2, 1, 3, height, width), np.float32)
    assert parity.run(exported / f"{name}.onnx", t1, t2).shape[2:] == (height, width)


@pytest.mark.parametrize(("name", "answer", "channels"), [("bit", "logits", 2), ("cdrl", "reconstruction", 3)])
def test_the_file_is_one_bare_network_with_its_contract(exported, name, answer, channels):
    written = model(exported / f"{name}.onnx")
    assert [value.name for value in written.graph.input] == ["t1", "t2"]
    assert [value.name for value in written.graph.output] == [answer]
    assert sides(written.graph.input[0]) == ["batch", 3, "height", "width"]
    assert {node.domain for node in written.graph.node} == {""}
    assert not any(tensor.external_data for tensor in written.graph.initializer)
    metadata = {entry.key: entry.value for entry in written.metadata_props}
    contract = from_metadata(metadata)
    assert list(metadata) == [KEY] and contract.output == answer and contract.name == name
    assert parity.run(exported / f"{name}.onnx", *np.zeros((2, 1, 3, 256, 256), np.float32)).shape[1] == channels


@pytest.mark.parametrize("name", parity.NETWORKS)
def test_the_file_tells_nothing_of_the_machine_that_wrote_it(exported, name):
    written = model(exported / f"{name}.onnx")
    del written.graph.initializer[:]
    text = written.SerializeToString()
    assert str(parity.ROOT).encode() not in text and b".py" not in text and os.sep.encode() + b"home" not in text


@needs_torch
@pytest.mark.parametrize("seed", [1, 2])
def test_other_weights_agree_too(tmp_path, seed):
    from models.export import export

    checkpoint = parity.write_checkpoint("bit", tmp_path / "dd8.pt", parity.keys("bit_dd8"), seed)
    done = export("bit", checkpoint, tmp_path / "dd8.onnx")
    assert done.agreement.largest <= parity.LARGEST and done.agreement.rms <= parity.RMS
    assert done.agreement.flips <= parity.FLIPS


@needs_torch
@pytest.mark.parametrize(
    ("channels", "bands"),
    [(4, ("B02", "B03", "B04", "B08")), (5, ()), (13, ())],
)
def test_the_number_of_bands_comes_from_the_first_convolution(tmp_path, channels, bands):
    from models.export import export

    listed = parity.keys("bit", {"resnet.conv1.weight": [64, channels, 7, 7]})
    done = export("bit", parity.write_checkpoint("bit", tmp_path / "a.pt", listed), tmp_path / "a.onnx")
    assert done.channels == channels and done.contract.bands == bands
    assert sides(model(done.path).graph.input[1]) == ["batch", channels, "height", "width"]


@needs_torch
def test_bands_named_by_the_person_are_written_and_must_be_as_many_as_the_checkpoint_takes(tmp_path, bit_checkpoint):
    from models.export import export

    named = export("bit", bit_checkpoint, tmp_path / "a.onnx", {"bands": ("B8A", "B11", "B12"), "licence": "CC0"})
    contract = from_metadata({entry.key: entry.value for entry in model(named.path).metadata_props})
    assert contract.bands == ("B8A", "B11", "B12") and contract.licence == "CC0"
    with pytest.raises(NetworkError, match=r"takes 3 bands, but 2 are named \(B04, B03\)"):
        export("bit", bit_checkpoint, tmp_path / "b.onnx", {"bands": ("B04", "B03")})
    assert not (tmp_path / "b.onnx").exists()


@needs_torch
def test_scarps_own_checkpoint_keeps_its_contract(tmp_path):
    from models import bit, checkpoints
    from models.export import PUBLISHED, export

    contract = replace(PUBLISHED["bit"], name="slides", threshold=0.31, bands=("B03", "B08"), training_data="simulated")
    checkpoints.save(tmp_path / "own.pt", "bit", bit.BIT(bands=2), contract)
    done = export("bit", tmp_path / "own.pt", tmp_path / "own.onnx")
    assert done.contract == contract
    assert sorted(os.listdir(tmp_path)) == ["own.onnx", "own.pt"]
    with pytest.raises(NetworkError, match="checkpoint of bit, not of cdrl"):
        export("cdrl", tmp_path / "own.pt", tmp_path / "other.onnx")


@needs_torch
def test_names_left_by_data_parallel_are_understood(tmp_path):
    import torch

    from models import checkpoints

    state = {f"module.{key}": value for key, value in parity.state(parity.keys("bit")).items()}
    torch.save({"model_G_state_dict": state}, tmp_path / "parallel.pt")
    assert checkpoints.read(tmp_path / "parallel.pt", "bit").network.bands == 3


def repickled(path: Path, out: Path, change) -> Path:
    """Write a torch file anew with its pickle changed."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for entry in old.namelist():
            data = old.read(entry)
            new.writestr(entry, change(data) if entry.endswith("data.pkl") else data)
    return out


@needs_torch
def test_a_score_pickled_by_numpy_1_or_by_numpy_2_is_read(tmp_path, bit_checkpoint):
    from models import checkpoints

    names = {b"numpy._core.multiarray", b"numpy.core.multiarray"}
    for wanted in names:

        def change(data: bytes, wanted=wanted) -> bytes:
            held = next(name for name in names if name in data)
            return data.replace(held, wanted)

        path = repickled(bit_checkpoint, tmp_path / "numpy.pt", change)
        assert checkpoints.read(path, "bit").contract is None


class Runs:
    """Pickles to a call of os.mkdir."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def saved(content: object) -> bytes:
    import torch

    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


REFUSED = {
    "code": (
        lambda folder: saved({"state_dict": {}, "extra": Runs(folder / "ran")}),
        "is refused: it asks for .*mkdir, and loading that could run code",
    ),
    "plain pickle with code": (lambda folder: pickle.dumps(Runs(folder / "ran")), "is refused|not a torch checkpoint"),
    "text": (lambda _: b"version https://git-lfs.github.com/spec/v1\n", "is not a torch checkpoint, or is damaged"),
    "nothing": (lambda _: b"", "is not a torch checkpoint, or is damaged"),
    "a list": (lambda _: saved([1, 2]), "holds a list, not a state dict"),
    "no tensors": (lambda _: saved({"epoch_id": 3}), "holds no state dict"),
    "another network": (lambda _: saved(parity.state([["fc.weight", [2, 3], "float32"]])), "does not fit bit"),
}


@needs_torch
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_checkpoint_is_refused_in_one_sentence_with_exit_2(tmp_path, capsys, kind):
    from models.export import main

    make, said = REFUSED[kind]
    (tmp_path / "a.pt").write_bytes(make(tmp_path))
    code = main(["bit", "--checkpoint", str(tmp_path / "a.pt"), "--out", str(tmp_path / "a.onnx")])
    shown = capsys.readouterr()
    assert code == 2 and shown.out == "" and shown.err.count("\n") == 1
    with pytest.raises(NetworkError, match=said):
        raise NetworkError(shown.err)
    assert os.listdir(tmp_path) == ["a.pt"]


@needs_torch
def test_a_truncated_checkpoint_is_refused(tmp_path, bit_checkpoint):
    from models import checkpoints

    content = bit_checkpoint.read_bytes()
    (tmp_path / "half.pt").write_bytes(content[: len(content) // 2])
    with pytest.raises(NetworkError, match="is not a torch checkpoint, or is damaged"):
        checkpoints.read(tmp_path / "half.pt", "bit")


@needs_torch
def test_a_checkpoint_of_the_other_network_is_named(tmp_path, bit_checkpoint):
    from models import checkpoints

    with pytest.raises(NetworkError, match="export it as bit"):
        checkpoints.read(bit_checkpoint, "cdrl")


@needs_torch
def test_weights_that_are_not_finite_are_not_written(tmp_path):
    import torch

    from models.export import export

    state = parity.state(parity.keys("bit"))
    state["conv_pred.bias"][0] = torch.nan
    torch.save(state, tmp_path / "nan.pt")
    with pytest.raises(NetworkError, match="weights that are not finite"):
        export("bit", tmp_path / "nan.pt", tmp_path / "nan.onnx")
    assert os.listdir(tmp_path) == ["nan.pt"]


@needs_torch
def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path, bit_checkpoint):
    from models.export import export

    with pytest.raises(NetworkError, match="cannot be written"):
        export("bit", bit_checkpoint, tmp_path / "nowhere" / "a.onnx")
    (tmp_path / "taken").mkdir()
    with pytest.raises(NetworkError, match="cannot be written"):
        export("bit", bit_checkpoint, tmp_path / "taken")
    assert os.listdir(tmp_path) == ["taken"]


def command(*args: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "models.export", *map(str, args)], cwd=parity.ROOT, capture_output=True, text=True
    )


@needs_torch
def test_the_command_says_what_it_wrote(tmp_path, bit_checkpoint):
    done = command("bit", "--checkpoint", bit_checkpoint, "--out", tmp_path / "a.onnx", "--name", "levir")
    assert done.returncode == 0 and done.stderr == ""
    assert "levir for B04, B03, B02" in done.stdout and "Agrees with torch" in done.stdout


@pytest.mark.skipif(find_spec("torch") is not None, reason="torch is installed here")
def test_without_torch_the_command_says_how_to_install_it(tmp_path):
    shutil.copy(__file__, tmp_path / "a.pt")
    done = command("bit", "--checkpoint", tmp_path / "a.pt", "--out", tmp_path / "a.onnx")
    assert done.returncode == 2
    assert done.stderr == (
        "python -m models.export: torch is not installed. Run `pip install -r requirements-models.txt`.\n"
    )


def test_wrong_use_is_one_line_and_exit_2():
    done = command("unet", "--checkpoint", "a.pt", "--out", "a.onnx")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "invalid choice: 'unet'" in done.stderr


def test_published_contracts_survive_json():
    from models.export import PUBLISHED

    for name, contract in PUBLISHED.items():
        assert json.loads(contract.to_json())["name"] == name
