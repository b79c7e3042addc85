"""Networks of every make: one date or two, stacked or apart, channels first or last, fixed batch, integers, answers."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from onnx import TensorProto, helper

from app import patches
from app.detection import run
from app.detection.network import checking
from app.detection.network.contract import Contract
from app.errors import BandMissingError, HeightsMissingError
from tests import small
from tests import tiny_networks as tiny

TYPES = {"float32": TensorProto.FLOAT, "uint8": TensorProto.UINT8, "uint16": TensorProto.UINT16,
         "int16": TensorProto.INT16}  # fmt: skip
ONE = {"float32": 1.0, "uint8": 255.0, "uint16": 10_000.0, "int16": 10_000.0}  # what reflectance 1 becomes
LAYOUTS = ("channels-first", "channels-last")
BANDS = ("B04", "B08")


def network(reads: str, layout: str, dtype: str, batch: int | str, several: bool, contract: Contract | None):
    """|T2 - T1| where it reads both dates, else T2, averaged over the bands: reflectance, whatever goes in.

    With ``several`` an answer for the whole picture comes first, and one a pixel, named score, after it.
    """
    axis, count = (1 if layout == "channels-first" else 3), 2 * len(BANDS) if reads == "stacked" else len(BANDS)
    names = ("t1", "t2") if reads == "apart" else ("image",)
    nodes = [helper.make_node("Cast", [name], [f"{name}_f"], to=tiny.FLOAT) for name in names]
    if reads == "stacked":
        nodes.append(helper.make_node("Split", ["image_f"], ["t1_f", "t2_f"], axis=axis))
    last = "image_f"
    if reads != "alone":
        last = "change"
        nodes += [helper.make_node("Sub", ["t2_f", "t1_f"], ["signed"]), helper.make_node("Abs", ["signed"], [last])]
    nodes += [
        helper.make_node("ReduceMean", [last], ["mean"], axes=[axis], keepdims=1),
        helper.make_node("Div", ["mean", "one"], ["score"]),
    ]
    outputs = [("score", tiny.FLOAT, sides(layout, batch, 1))]
    if several:
        nodes.append(helper.make_node("ReduceMax", ["score"], ["most"], axes=[1, 2, 3], keepdims=0))
        outputs.insert(0, ("most", tiny.FLOAT, (batch,)))
    given = [(name, TYPES[dtype], sides(layout, batch, count)) for name in names]
    return tiny.model(nodes, inputs=given, outputs=outputs, weights=[tiny.constant("one", ONE[dtype])],
                      contract=contract)  # fmt: skip


def sides(layout: str, batch: int | str, count: int) -> tuple:
    size = ("h", "w") if batch == "n" else (16, 16)
    return (batch, count, *size) if layout == "channels-first" else (batch, *size, count)


def contract_of(reads: str, layout: str, dtype: str) -> Contract:
    inputs = ("t1", "t2") if reads == "apart" else ("image",)
    dates = ("t2",) if reads == "alone" else ("t1", "t2")
    return Contract("any", BANDS, "probability", 0.25, inputs=inputs, dates=dates, layout=layout, dtype=dtype, tile=16,
                    overlap=4)  # fmt: skip


def pair(size: int = 40):
    values = np.random.default_rng(1).random((2, 2, size, size), np.float32)
    return small.patch(BANDS, size=size, B04=values[0], B08=values[1]), values


@pytest.mark.parametrize(("reads", "layout", "dtype"), list(product(("apart", "stacked", "alone"), LAYOUTS, TYPES)))
def test_every_make_runs_as_its_contract_says(folder, reads, layout, dtype):
    patch, values = pair()
    batch, several = ("n", False) if layout == "channels-first" else (3, True)
    tiny.put(folder, network(reads, layout, dtype, batch, several, contract_of(reads, layout, dtype)))
    found = run.detect(patch, "onnx:tiny")
    wanted = values[:, 1] if reads == "alone" else np.abs(values[:, 1] - values[:, 0])
    assert found.fallback == "" and found.dates == ((1,) if reads == "alone" else (0, 1))
    step = 1e-5 if dtype == "float32" else 1.01 / ONE[dtype]
    np.testing.assert_allclose(found.score, wanted.mean(axis=0), atol=step)


@pytest.mark.parametrize(("reads", "layout", "dtype"), list(product(("apart", "alone"), LAYOUTS, ("float32", "int16"))))
def test_every_make_without_a_contract_is_suggested_one_that_runs(folder, reads, layout, dtype):
    path = tiny.put(folder, network(reads, layout, dtype, 1, True, None))
    checked = checking.check(path)
    suggested = checked.contract
    if reads == "alone":  # two channels of one input may be of both dates: the guess is said, and corrected
        assert any('if all are of T2, write "dates": ["t2"]' in note for note in checked.notes)
        suggested = replace(suggested, dates=("t2",))
    assert (suggested.layout, suggested.dtype, suggested.answer) == (layout, dtype, "score")
    path.with_suffix(".json").write_text(suggested.with_bands(BANDS).to_json())
    assert checking.check(path).problem == ""
    assert run.detect(pair()[0], "onnx:tiny").fallback == ""


def test_a_network_of_t2_alone_judges_what_is_clear_at_t2_and_says_so(folder):
    tiny.put(folder, network("alone", LAYOUTS[0], "float32", "n", False, contract_of("alone", LAYOUTS[0], "float32")))
    cloudy = np.zeros((8, 8))
    cloudy[:, :4] = 1
    holes = np.full((2, 8, 8), 0.3, np.float32)
    holes[0, 0] = holes[1, 7] = np.nan
    patch = small.patch(BANDS, size=8, B04=holes, CLM=(cloudy, np.zeros((8, 8))))
    found = run.detect(patch, "onnx:tiny")
    assert found.clear[:7].all() and not found.clear[7].any()
    assert found.note.endswith("every pixel that is clear at T2 counts, whatever lies over it at T1.")
    assert run.labels(patch, found)["note"] == found.note
    under = small.patch(BANDS, size=8, CLM=(np.zeros((8, 8)), np.ones((8, 8))))
    assert any("No pixel is clear at T2" in one for one in run.detect(under, "onnx:tiny").warnings)


def test_t1_fills_no_gap_of_a_network_of_t2_alone(folder):
    contract = replace(contract_of("alone", LAYOUTS[0], "float32"), stretch="percentile", low=(0.0,), high=(100.0,))
    tiny.put(folder, network("alone", LAYOUTS[0], "float32", "n", False, contract))
    t2 = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    bright = small.patch(BANDS, size=8, B04=(np.full((8, 8), 9.0), t2), B08=(np.full((8, 8), 9.0), t2))
    np.testing.assert_allclose(run.detect(bright, "onnx:tiny").score, t2, atol=1e-5)


def test_digital_numbers_keep_what_is_brighter_than_one_and_below_zero_to_what_the_type_holds(folder):
    for dtype, wanted in (("uint16", (0.0, 1.5, 6.5535)), ("int16", (-0.05, 1.5, 3.2767))):
        contract = replace(contract_of("alone", LAYOUTS[0], dtype), output="logits")
        tiny.put(folder, network("alone", LAYOUTS[0], dtype, "n", False, contract))
        row = np.array([-0.05, 1.5, 9.0] + [0.0] * 5, np.float32)
        patch = small.patch(BANDS, size=8, B04=(row, row), B08=(row, row))
        score = run.detect(patch, "onnx:tiny").score[0, :3]
        np.testing.assert_allclose(np.log(score / (1 - score)), wanted, atol=2e-3)


def test_a_network_that_reads_slope_is_refused_where_the_patch_has_no_elevation(folder):
    contract = replace(contract_of("alone", LAYOUTS[0], "float32"), bands=("B04", "SLOPE"))
    tiny.put(folder, network("alone", LAYOUTS[0], "float32", "n", False, contract))
    with pytest.raises(HeightsMissingError, match="reads SLOPE beside its bands, and this patch holds no elevation"):
        run.detect(small.patch(BANDS, size=8), "onnx:tiny")


def test_a_network_is_given_the_elevation_of_the_patch_in_metres(folder):
    contract = replace(contract_of("apart", LAYOUTS[0], "float32"), bands=("B04", "DEM"), high=(1.0, 4000.0))
    tiny.put(folder, network("alone", LAYOUTS[0], "float32", "n", False,
                             replace(contract, inputs=("image",), dates=("t2",))))  # fmt: skip
    patch = small.patch(BANDS, size=8, B04=(0.0, 0.2))
    patch["DEM"] = (("y", "x"), np.full((8, 8), 1000, np.float32))
    np.testing.assert_allclose(run.detect(patch, "onnx:tiny").score, (0.2 + 0.25) / 2, atol=1e-6)
    patch["DEM"][3, 3] = np.nan
    assert not run.detect(patch, "onnx:tiny").clear[3, 3]


def test_a_network_is_given_the_slope_of_the_ground_in_degrees(folder):
    contract = replace(contract_of("alone", LAYOUTS[0], "float32"), bands=("B04", "SLOPE"), high=(1.0, 90.0))
    tiny.put(folder, network("alone", LAYOUTS[0], "float32", "n", False, contract))
    patch = small.patch(BANDS, size=8, B04=(0.0, 0.2))
    metres = patches.grid_of(patch).pixel_m[0] * np.arange(8, dtype=np.float32)  # one up for one along: 45 degrees
    patch["DEM"] = (("y", "x"), np.tile(metres, (8, 1)))
    np.testing.assert_allclose(run.detect(patch, "onnx:tiny").score, (0.2 + 0.5) / 2, atol=1e-3)


def test_slope_keeps_its_degrees_where_bands_are_stretched_to_what_the_scene_holds(folder):
    contract = replace(
        contract_of("alone", LAYOUTS[0], "float32"),
        bands=("B04", "SLOPE"), stretch="percentile", low=(0.0, 0.0), high=(100.0, 90.0),
    )  # fmt: skip
    tiny.put(folder, network("alone", LAYOUTS[0], "float32", "n", False, contract))
    red = np.tile(np.linspace(0.1, 0.3, 8, dtype=np.float32), (8, 1))
    patch = small.patch(BANDS, size=8, B04=(0.0, red))
    patch["DEM"] = (("y", "x"), np.full((8, 8), 500, np.float32))
    stretched = np.tile(np.linspace(0, 1, 8), (8, 1))
    np.testing.assert_allclose(run.detect(patch, "onnx:tiny").score, stretched / 2, atol=1e-5)


def test_scores_of_a_network_of_t2_alone_say_on_what_they_are(folder):
    from app.scoring import evaluate

    tiny.put(folder, network("alone", LAYOUTS[0], "float32", "n", False, contract_of("alone", LAYOUTS[0], "float32")))
    cloudy = np.ones((8, 8))
    truth = np.zeros((8, 8), np.uint8)
    truth[:2] = 1
    patch = small.patch(BANDS, size=8, truth=truth, B04=(0.1, np.where(truth, 0.9, 0.1)), CLM=(cloudy, 0 * cloudy))
    case = evaluate.Case("1", lambda: evaluate.PatchWithTruth(patch))
    found = evaluate.evaluate([case], ["onnx:tiny"])
    assert found.methods[0].micro.f1 == 1.0
    assert found.notes == ("onnx:tiny reads T2 alone: it is scored on what is clear at T2. (1 of 1 events)",)


def test_a_patch_of_a_network_of_t2_alone_needs_its_bands(folder):
    tiny.put(folder, network("alone", LAYOUTS[0], "float32", "n", False, contract_of("alone", LAYOUTS[0], "float32")))
    with pytest.raises(BandMissingError, match="not B08"):
        run.detect(small.patch(("B04",), size=8), "onnx:tiny")
    assert patches.clear_mask(small.patch(BANDS), (1,)).all()
