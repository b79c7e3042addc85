"""A network in 8-bit integers answers nearly as before, keeps its contract, and is not kept where its F1 moves."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import helper

from app.detection.network.contract import Contract, from_metadata
from app.errors import InputError, NetworkError
from app.testsets.scars import Pair
from models import quantise
from tests import tiny_networks

SIDE = 32
SLIDES = Contract(
    name="slides", bands=("B04", "B08"), output="probability", threshold=0.5, version="3", tile=SIDE, overlap=4
)


def network(contract: Contract = SLIDES, width: int = 16, gain: float = 6.0, opset: int | None = None):
    """Smoothed difference of the dates: bands to ``width`` channels, two 3 x 3 convolutions, a sigmoid."""
    rng = np.random.default_rng(0)
    kernels = {
        "first": rng.uniform(0.5, 1, (width, 2, 1, 1)),
        "wide": rng.uniform(0, 1, (width, width, 3, 3)) / (9 * width),
        "wider": rng.uniform(0, 1, (width, width, 3, 3)) / (9 * width),
        "last": np.full((1, width, 1, 1), 1 / width),
    }
    nodes = [helper.make_node("Sub", ["t2", "t1"], ["change"])]
    given = "change"
    for name, kernel in kernels.items():
        border = [kernel.shape[2] // 2] * 4
        nodes.append(helper.make_node("Conv", [given, name], [f"{name}_out"], name=name, pads=border))
        given = f"{name}_out"
        if name == "wide":
            nodes.append(helper.make_node("Relu", [given], ["positive"], name="relu"))
            given = "positive"
    nodes += [
        helper.make_node("Mul", [given, "gain"], ["logit"]),
        helper.make_node("Sub", ["logit", "half"], ["level"]),
    ]
    nodes.append(helper.make_node("Sigmoid", ["level"], ["score"]))
    made = tiny_networks.model(
        nodes,
        inputs=[(date, tiny_networks.FLOAT, ("n", 2, "h", "w")) for date in ("t1", "t2")],
        weights=[
            *(tiny_networks.constant(name, kernel) for name, kernel in kernels.items()),
            tiny_networks.constant("gain", gain * 20),
            tiny_networks.constant("half", gain / 2),
        ],
        contract=contract,
    )
    if opset:
        made.opset_import[0].version = opset
    return made


def pairs(count: int = 4, seed: int = 0) -> list[Pair]:
    """Pairs of noise whose middle is brighter at T2 in every band: there something slid."""
    rng = np.random.default_rng(seed)
    slid = np.zeros((SIDE, SIDE), bool)
    slid[10:22, 8:24] = True
    made = []
    for _ in range(count):
        t1 = rng.uniform(0.05, 0.1, (4, SIDE, SIDE)).astype(np.float32)
        t2 = t1 + rng.uniform(0, 0.01, t1.shape).astype(np.float32) + np.float32(0.3) * slid
        made.append(Pair(t1, t2, slid, np.ones_like(slid)))
    return made


def noise(count: int, seed: int) -> list[dict[str, np.ndarray]]:
    rng = np.random.default_rng(seed)
    return [
        dict(zip(("t1", "t2"), rng.uniform(0, 1, (2, 1, 2, SIDE, SIDE)).astype(np.float32), strict=True))
        for _ in range(count)
    ]


def answer(content: bytes, feed: dict[str, np.ndarray]) -> np.ndarray:
    import onnxruntime

    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, feed)[0]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "slides.onnx"
    path.write_bytes(network().SerializeToString())
    return path


def test_the_answer_stays_within_two_hundredths_on_inputs_like_those_of_calibration():
    content = network().SerializeToString()
    made = quantise.quantised(content, SLIDES, noise(8, seed=1))
    found, wanted = (np.stack([answer(of, feed) for feed in noise(4, seed=2)]) for of in (made, content))
    assert wanted.std() > 0.02 and 0 < np.abs(found - wanted).max() < 0.02


def test_convolutions_are_8_bit_and_one_that_answers_with_scores_is_not():
    made = onnx.load_from_string(quantise.quantised(network().SerializeToString(), SLIDES, noise(2, seed=1)))
    types = {tensor.name: tensor.data_type for tensor in made.graph.initializer}
    assert types["last"] == onnx.TensorProto.FLOAT
    assert {types[f"{name}_quantized"] for name in ("first", "wide", "wider")} == {onnx.TensorProto.INT8}
    scales = {tensor.name: tuple(tensor.dims) for tensor in made.graph.initializer}
    assert scales["wide_scale"] == (16,)  # one for each output channel


def test_convolutions_that_share_a_bias_get_8_bit_ones_of_their_own():
    sharing = network()
    sharing.graph.initializer.append(tiny_networks.constant("none", np.zeros(16)))
    for node in sharing.graph.node:
        if node.name in ("wide", "wider"):
            node.input.append("none")
    made = onnx.load_from_string(quantise.quantised(sharing.SerializeToString(), SLIDES, noise(2, seed=1)))
    types = {tensor.name: tensor.data_type for tensor in made.graph.initializer}
    assert "none" not in types
    assert {types[f"{name}_out.bias_quantized"] for name in ("wide", "wider")} == {onnx.TensorProto.INT32}


def test_weights_keep_to_7_bits_so_that_every_processor_answers_alike():
    made = onnx.load_from_string(quantise.quantised(network().SerializeToString(), SLIDES, noise(2, seed=1)))
    held = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in made.graph.initializer}
    assert np.abs(held["wide_quantized"].astype(int)).max() <= 64


def test_the_file_carries_the_contract_on_and_says_int8(source, tmp_path):
    out = tmp_path / "slides-int8.onnx"
    done = quantise.quantise(source, out, pairs(), pairs(2, seed=1))
    written = onnx.load(out)
    contract = from_metadata({entry.key: entry.value for entry in written.metadata_props})
    assert contract == replace(SLIDES, name="slides-int8", version="3 int8") == done.contract
    assert {node.domain for node in written.graph.node} == {""} and len(written.opset_import) == 1
    assert done.size == out.stat().st_size < done.size_before


def test_f1_of_both_is_told_and_the_file_written_where_it_stays(source, tmp_path):
    out = tmp_path / "slides-int8.onnx"
    done = quantise.quantise(source, out, pairs(), pairs(2, seed=1))
    assert done.f1_before > 0.8 and done.moved < quantise.MOST_MOVED and done.holds
    assert f"{done.f1_before:.4f} in float32, {done.f1:.4f} in int8" in quantise.told(done, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["slides-int8.onnx", "slides.onnx"]


def test_a_file_whose_f1_moved_is_not_kept_unless_asked(source, tmp_path):
    """Calibrated where nothing differs, all change lies beyond the ranges and is lost."""
    still = [replace(pair, t2=pair.t1) for pair in pairs(2)]
    out = tmp_path / "slides-int8.onnx"
    done = quantise.quantise(source, out, still, pairs(2, seed=1))
    assert not done.holds and not out.exists()
    assert not quantise.quantise(source, out, still, pairs(2, seed=1), keep=True).holds and out.exists()


def test_a_network_with_slope_is_quantised_on_pairs_with_slope(tmp_path):
    source, out = tmp_path / "steep.onnx", tmp_path / "steep-int8.onnx"
    steep = replace(SLIDES, bands=("B04", "SLOPE"), high=(1.0, 30.0), output="logits")
    made = network(steep, gain=12.0)
    made.graph.node[-1].op_type = "Identity"  # logits in place of the sigmoid's answer
    source.write_bytes(made.SerializeToString())
    sloping = [replace(pair, t1=sloped(pair.t1), t2=sloped(pair.t2)) for pair in pairs(3)]
    done = quantise.quantise(source, out, sloping, sloping[:2])
    assert done.f1_before > 0.8 and done.holds and done.contract.bands == steep.bands


def sloped(image: np.ndarray) -> np.ndarray:
    """B02, B03 and B04 of an image, and a slope of 20 degrees."""
    return np.concatenate([image[:3], np.full_like(image[:1], 20)])


def test_an_f1_that_is_not_defined_keeps_nothing(source, tmp_path):
    nothing = [replace(pair, t2=pair.t1, truth=np.zeros_like(pair.truth)) for pair in pairs(1)]
    done = quantise.quantise(source, tmp_path / "a.onnx", pairs(2), nothing)
    assert np.isnan(done.moved) and not done.holds and not done.path.exists()


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (network(width=8), "no convolution of 16 channels or more"),
        (network(contract=None), "does not say which bands"),
        (network(replace(SLIDES, bands=("B04", "B11"))), "reads B11, which no pair for it holds"),
        (network(opset=11), "opset older than 13"),
    ],
    ids=["narrow", "no contract", "other bands", "old opset"],
)
def test_a_network_that_cannot_be_quantised_is_refused_with_a_reason(tmp_path, made, reason):
    path = tmp_path / "a.onnx"
    path.write_bytes(made.SerializeToString())
    with pytest.raises(NetworkError, match=f"^a.onnx: .*{reason}"):
        quantise.quantise(path, tmp_path / "b.onnx", pairs(1), pairs(1))
    assert not (tmp_path / "b.onnx").exists()


def test_a_file_in_8_bit_integers_is_not_quantised_again(source, tmp_path):
    quantise.quantise(source, tmp_path / "b.onnx", pairs(), pairs(2, seed=1))
    with pytest.raises(NetworkError, match="8-bit integers already"):
        quantise.quantise(tmp_path / "b.onnx", tmp_path / "c.onnx", pairs(1), pairs(1))


def test_the_file_to_quantise_is_not_overwritten(source):
    before = source.read_bytes()
    with pytest.raises(InputError, match="choose another --out"):
        quantise.quantise(source, source, pairs(1), pairs(1))
    assert source.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["missing.onnx", "--out", "b.onnx"], "cannot be read"),
        (["missing.onnx"], "--out"),
        (["missing.onnx", "--out", "b.onnx", "--calibration", "0"], "less than 1"),
    ],
)
def test_the_command_refuses_in_one_line(arguments, reason, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        code = quantise.main(arguments)
    except SystemExit as stopped:
        code = stopped.code
    told = capsys.readouterr()
    assert code == 2 and reason in told.err and told.err.count("\n") == 1 and not told.out
