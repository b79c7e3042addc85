"""A network runs on a patch as its contract says, wherever it can, and the result tells what ran."""

import hashlib
import sys
from dataclasses import replace

import numpy as np
import pytest

from app import config
from app.bands import ALL_BANDS
from app.detection import run
from app.detection.network import fitting, graph, process, scaling, tiles
from app.detection.network import run as onnx
from app.detection.network.contract import Contract
from app.detection.network.tiles import Tiling
from app.errors import BandMissingError, Cancelled, NetworkError, NetworkRunError
from tests import parity, small
from tests import tiny_networks as tiny

CPU = "CPUExecutionProvider"


def put(folder, network, name="tiny"):
    return f"onnx:{tiny.put(folder, network, name).stem}"


def reds(size: int = 40, seed: int = 0, **others):
    """A patch of random red reflectance, 0 to 1."""
    pair = np.random.default_rng(seed).random((2, size, size), np.float32)
    return small.patch(("B04",), size=size, B04=pair, **others), pair


def test_a_network_scores_a_patch_and_says_what_ran(folder):
    patch, (t1, t2) = reds()
    method = put(folder, tiny.difference())
    found = run.detect(patch, method)
    np.testing.assert_allclose(found.score, np.abs(t2 - t1), atol=1e-6)
    assert (found.method, found.ran, found.fallback) == (method, method, "")
    assert (found.threshold, found.unit, found.device, found.provider) == (0.25, "probability", "cpu", CPU)
    content = (folder / "tiny.onnx").read_bytes()
    assert found.model_sha256 == hashlib.sha256(content).hexdigest()
    assert found.note == "Run on one tile of 40 x 40 pixels."
    assert run.labels(patch, found)["note"] == found.note


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (("n", 1, "h", "w"), "16 tiles of 46 x 46 pixels, blended over 4 shared ones"),
        ((1, 1, 16, 16), "196 tiles of 16 x 16 pixels"),
        ((4, 1, 32, 24), "tiles of 24 x 32 pixels"),
        (("n", 1, 16, "w"), "pixels"),
    ],
)
def test_a_scene_larger_than_a_tile_is_scored_as_if_it_were_one(folder, shape, said):
    patch, (t1, t2) = reds(172)
    found = run.detect(patch, put(folder, tiny.difference(shape=shape)))
    np.testing.assert_allclose(found.score, np.abs(t2 - t1), atol=1e-6)
    assert said in found.note and not found.fallback


def test_a_network_that_looks_around_leaves_no_seam(folder):
    patch, _ = reds(101)
    whole = run.detect(patch, put(folder, tiny.box(replace(tiny.RED, tile=128, overlap=8)), "whole"))
    cut = run.detect(patch, put(folder, tiny.box(replace(tiny.RED, tile=16, overlap=8)), "cut"))
    assert "one tile" in whole.note and "tiles" in cut.note
    np.testing.assert_allclose(cut.score, whole.score, atol=1e-6)


def test_a_patch_smaller_than_a_fixed_tile_is_mirrored_at_its_edges(folder):
    patch, pair = reds(5)
    found = run.detect(patch, put(folder, tiny.box(replace(tiny.RED, overlap=0), side=3)))
    framed = np.pad(pair[1] - pair[0], 5, mode="reflect")
    wanted = [[framed[y + 4 : y + 7, x + 4 : x + 7].mean() for x in range(5)] for y in range(5)]
    fixed = tiny.box(replace(tiny.RED, tile=16))
    for tensor in (*fixed.graph.input, *fixed.graph.output):
        for side in tensor.type.tensor_type.shape.dim[2:]:
            side.dim_value = 16
    framed_score = run.detect(patch, put(folder, fixed, "fixed")).score
    np.testing.assert_allclose(framed_score, np.clip(wanted, 0, 1), atol=1e-6)
    assert found.score.shape == framed_score.shape == (5, 5)


def test_logits_of_two_classes_become_a_softmax_and_one_logit_a_sigmoid(folder):
    patch, (t1, t2) = reds()
    wanted = 1 / (1 + np.exp(-10 * (t2 - t1)))
    for name, network in (("two", tiny.logits()), ("one", tiny.one_logit())):
        np.testing.assert_allclose(run.detect(patch, put(folder, network, name)).score, wanted, atol=1e-6)
    turned = replace(tiny.RED, output="logits", changed=0)
    found = run.detect(patch, put(folder, tiny.logits(turned), "turned"))
    np.testing.assert_allclose(found.score, 1 - wanted, atol=1e-6)


def test_reflectance_is_stretched_and_normalised_as_the_contract_says(folder):
    contract = Contract(
        name="two",
        bands=("B08", "B04"),
        output="reconstruction",
        threshold=0.1,
        low=(0.0, 0.1),
        high=(0.5, 0.3),
        mean=(0.5, 0.0),
        std=(0.5, 2.0),
    )
    patch = small.patch(("B04", "B08"), B04=(0.1, 0.3), B08=(0.25, 0.5))
    found = run.detect(patch, put(folder, tiny.rebuilds_t1(contract)))
    # B08: 0.5 -> 0 and 1 -> 1; B04: 0 -> 0 and 1 -> 0.5. The mean difference is 0.75, half of it the score
    assert found.score == pytest.approx(0.375) and found.unit == "reconstruction error"


def test_a_logit_is_taken_to_be_as_sure_as_the_contract_says(folder):
    patch, (t1, t2) = reds()
    contract = replace(tiny.RED, output="logits", slope=0.5, shift=-1.0)
    found = run.detect(patch, put(folder, tiny.logits(contract)))
    np.testing.assert_allclose(found.score, 1 / (1 + np.exp(1 - 5 * (t2 - t1))), atol=1e-6)


def test_a_reconstruction_may_weigh_its_bands_and_look_one_way_only(folder):
    contract = Contract("w", ("B04", "B08"), "reconstruction", 0.1, reconstructs="t2", weights=(0.75, -0.25))
    brighter = small.patch(("B04", "B08"), B04=(0.1, 0.3), B08=(0.4, 0.2))
    network = tiny.rebuilds_t1(contract)  # answers with T1, so the difference is T2 less T1
    found = run.detect(brighter, put(folder, network, "brighter"))
    assert found.score == pytest.approx((0.75 * 0.2 + 0.25 * 0.2) / 2)
    darker = small.patch(("B04", "B08"), B04=(0.3, 0.1), B08=(0.2, 0.4))
    assert (run.detect(darker, put(folder, network, "darker")).score == 0).all()


def test_a_blurred_difference_keeps_its_sum_and_loses_its_edge():
    given = np.zeros((1, 1, 9, 9), np.float32)
    given[0, 0, 4, 4] = 1
    contract = Contract("blurred", ("B04",), "reconstruction", 0.1, blur_px=1.0)
    score = scaling.score(contract, np.zeros_like(given), given, given)
    assert score.sum() == pytest.approx(0.5, rel=1e-3) and score[0, 4, 4] < 0.1


def test_a_ratio_counts_alike_in_shade_and_in_the_sun(folder):
    contract = Contract(
        "ratio", ("B04",), "reconstruction", 0.1, mean=(0.5,), std=(0.5,), reconstructs="t2", log_floor=1e-6
    )
    t1, t2 = np.array([[0.05, 0.4], [0.05, 0.1]]), np.array([[0.1, 0.8], [0.05, 0.2]])
    found = run.detect(small.patch(("B04",), size=2, B04=(t1, t2)), put(folder, tiny.rebuilds_t1(contract)))
    twice = np.log(2) / 2  # half the logarithm of T2 over its reconstruction, which here is T1
    np.testing.assert_allclose(found.score, [[twice, twice], [0, twice]], atol=1e-4)


def test_what_all_of_a_scene_did_is_no_change_and_a_restless_scene_is_trusted_less():
    contract = Contract("spread", ("B04",), "reconstruction", 0.1, weights=(1.0,), spread_floor=0.5)
    error = np.array([[0.3, 0.3, 0.3], [0.3, 0.3, 0.3], [0.3, 0.3, 0.8]], np.float32)  # median 0.3, deviation 0
    restless = np.array([[0.0, 0.1, 0.2], [0.0, 0.1, 0.2], [0.0, 0.1, 0.6]], np.float32)  # median and deviation 0.1
    found = scaling.score(contract, np.zeros((2, 1, 3, 3), np.float32), *[np.stack([error, restless])[:, None]] * 2)
    np.testing.assert_allclose(found[0], np.where(error > 0.5, 0.5 / 0.5 / 2, 0), atol=1e-6)
    assert found[1, 2, 2] == pytest.approx(0.5 / 0.6 / 2) and found[1, 0, 2] == pytest.approx(0.1 / 0.6 / 2)


def test_one_input_of_both_dates_in_bytes(folder):
    contract = replace(tiny.RED, inputs=("pair",), dtype="uint8", high=(0.5,))
    patch, (t1, t2) = reds()
    found = run.detect(patch, put(folder, tiny.stacked_bytes(contract)))
    grey = [np.rint(255 * np.clip(date / 0.5, 0, 1)) for date in (t1, t2)]
    np.testing.assert_allclose(found.score, np.abs(grey[1] - grey[0]) / 255, atol=1e-6)


def test_percentiles_are_of_both_dates_together_and_of_clear_pixels():
    clouds = np.zeros((2, 2))
    clouds[0, 0] = 1
    patch = small.patch(
        ("B04",), size=2, B04=([[9, 0.1], [0.2, 0.3]], [[9, 0.4], [0.5, 0.6]]), CLM=(clouds, np.zeros((2, 2)))
    )
    stretched = replace(tiny.RED, stretch="percentile", low=(0.0,), high=(100.0,))
    low, high = scaling.limits(patch, stretched)
    np.testing.assert_allclose([low[:, 0], high[:, 0]], [[0.1, 0.1], [0.6, 0.6]], rtol=1e-6)
    low, high = scaling.limits(patch, replace(stretched, stretch="percentile-each"))
    np.testing.assert_allclose([low[:, 0], high[:, 0]], [[0.1, 0.4], [0.3, 0.6]], rtol=1e-6)
    flat = small.patch(("B04",), B04=(0.2, 0.2))
    low, high = scaling.limits(flat, stretched)
    np.testing.assert_allclose(low, 0.2, rtol=1e-6)
    assert (high > low).all()


def test_where_each_date_is_stretched_by_itself_its_light_and_unit_do_not_count(folder):
    patch, (t1, t2) = reds(40)
    contract = replace(tiny.RED, stretch="percentile-each", low=(0.0,), high=(100.0,))
    wanted = run.detect(patch, put(folder, tiny.box(contract))).score
    other = small.patch(("B04",), size=40, B04=np.stack([t1, 0.2 + 0.4 * t2]))
    np.testing.assert_allclose(run.detect(other, put(folder, tiny.box(contract))).score, wanted, atol=1e-5)


def test_a_hole_in_a_date_stretched_by_itself_is_filled_with_what_is_no_change():
    holed = np.stack([np.linspace(0, 1, 64), np.linspace(0.2, 0.4, 64)]).reshape(2, 8, 8).astype(np.float32)
    holed[1, 3] = np.nan
    contract = replace(tiny.RED, tile=8, overlap=0, stretch="percentile-each", low=(0.0,), high=(100.0,))
    inputs = scaling.Inputs(
        small.patch(("B04",), size=8, B04=holed), contract, Tiling(tiles.fixed(8, 8, 0), tiles.fixed(8, 8, 0))
    )
    t1, t2 = inputs.dates([(0, 0)])
    np.testing.assert_allclose(t1, t2, atol=1e-5)


def test_nodata_stays_nodata_and_reaches_no_other_pixel(folder):
    patch, pair = reds(40)
    holed = pair.copy()
    holed[0, 3, 4] = holed[1, 20:, 30:] = holed[:, 9, 9] = np.nan
    method = put(folder, tiny.box())
    found = run.detect(small.patch(("B04",), size=40, B04=holed), method)
    assert (np.isnan(found.score) == np.isnan(holed).any(axis=0)).all()
    assert (found.clear == ~np.isnan(holed).any(axis=0)).all()
    far = np.ones((40, 40), bool)
    far[18:, 28:] = far[1:6, 2:7] = far[7:12, 7:12] = False
    whole = run.detect(patch, method)
    np.testing.assert_allclose(found.score[far], whole.score[far], atol=1e-6)


def test_where_one_date_has_nodata_the_network_sees_no_change(folder):
    holed = np.full((2, 8, 8), 0.3, np.float32)
    holed[1, :4] = np.nan
    contract = replace(tiny.RED, tile=8, overlap=0)
    inputs = scaling.Inputs(
        small.patch(("B04",), size=8, B04=holed), contract, Tiling(tiles.fixed(8, 8, 0), tiles.fixed(8, 8, 0))
    )
    t1, t2 = inputs.dates([(0, 0)])
    assert (t1 == t2).all() and (t2 == np.float32(0.3)).all()


def test_moving_the_threshold_is_possible_in_the_methods_name(folder):
    patch, _ = reds()
    method = put(folder, tiny.difference())
    assert run.detect(patch, f"{method}:0.75").threshold == 0.75
    assert 0 < run.detect(patch, f"{method}:otsu").threshold < 1


def test_a_patch_without_a_band_the_network_reads_is_said_and_nothing_runs_instead(folder):
    method = put(folder, tiny.difference())
    with pytest.raises(BandMissingError, match=r"but not B04\. Open it again with B04"):
        run.detect(small.patch(("B03",)), method)


def assert_replaced(found, said):
    assert found.ran == run.FALLBACK and found.provider == "numpy" and found.model_sha256 == ""
    assert found.fallback.startswith(f"{run.FALLBACK} ran instead of {found.method}: ")
    assert said in found.fallback and found.fallback.endswith(".")


def test_the_band_difference_runs_where_the_network_is_missing(folder):
    assert_replaced(run.detect(reds()[0], "onnx:gone"), "There is no network called gone")


def test_the_band_difference_runs_where_the_network_is_refused(folder):
    assert_replaced(
        run.detect(reds()[0], put(folder, tiny.difference(weights=[tiny.outside()]))), "lie in another file"
    )


def test_the_band_difference_runs_where_the_network_does_not_say_what_it_takes(folder):
    assert_replaced(run.detect(reds()[0], put(folder, tiny.difference(None))), "models check tiny.onnx --suggest")


def test_the_band_difference_runs_where_the_time_is_up(folder, monkeypatch):
    monkeypatch.setenv("SCARP_MODEL_BUDGET_S", "1.5")
    config.settings.cache_clear()
    assert_replaced(run.detect(reds()[0], put(folder, tiny.never_ending())), "longer than 1.5 seconds and was stopped")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited by the system on Linux only")
def test_the_band_difference_runs_where_memory_is_short(folder, monkeypatch):
    monkeypatch.setenv("SCARP_MODEL_MEMORY_GB", "1.5")
    config.settings.cache_clear()
    assert_replaced(run.detect(reds()[0], put(folder, tiny.hungry(10**9))), "ran out of memory")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited by the system on Linux only")
def test_where_large_tiles_need_too_much_memory_small_ones_are_used_and_it_is_said(folder, monkeypatch):
    monkeypatch.setenv("SCARP_MODEL_MEMORY_GB", "1.5")
    config.settings.cache_clear()
    patch, (_, t2) = reds(192)
    network = tiny.hungry_where_large()
    tiny.helper.set_model_props(network, replace(tiny.RED, tile=64, overlap=8).to_metadata())
    found = run.detect(patch, put(folder, network))
    np.testing.assert_allclose(found.score, t2, atol=1e-6)
    assert found.note.startswith("Run on 16 tiles of 54 x 54 pixels")
    assert found.note.endswith("With large tiles it ran out of memory (1.5 GB are allowed, SCARP_MODEL_MEMORY_GB).")
    assert not found.fallback


def test_asking_for_a_gpu_where_there_is_none_is_said(folder):
    found = run.detect(reds()[0], put(folder, tiny.difference()), device="gpu")
    if found.device == "cpu":
        assert found.fallback.startswith("onnxruntime offers no GPU here (only ")
    assert run.detect(reds()[0], "onnx:tiny", device="cpu").fallback == ""


def test_a_gpu_that_does_not_start_is_said():
    said = onnx.elsewhere("auto", "CUDAExecutionProvider", CPU, ["CUDAExecutionProvider", CPU])
    assert said.startswith("CUDAExecutionProvider did not start, so CPUExecutionProvider was used")
    assert onnx.elsewhere("auto", CPU, CPU, [CPU]) == ""
    assert onnx.elsewhere("gpu", "CUDAExecutionProvider", "CUDAExecutionProvider", []) == ""


def test_where_the_gpu_fails_the_network_runs_on_the_cpu_and_it_is_said(folder, monkeypatch):
    blended, places = onnx._blended, []

    def fails_at_first(patch, network, found, tiling, opened, progress):
        places.append(opened.device)
        if len(places) == 1:
            raise NetworkRunError("it ran out of memory (the card has 8 GB). Choose a smaller patch.")
        return blended(patch, network, found, tiling, opened, progress)

    monkeypatch.setattr(onnx, "_blended", fails_at_first)
    monkeypatch.setattr(process.Opened, "device", property(lambda self: "cpu" if len(places) == 2 else "gpu"))
    patch, (t1, t2) = reds()
    found = run.detect(patch, put(folder, tiny.difference(replace(tiny.RED, tile=64))))
    np.testing.assert_allclose(found.score, np.abs(t2 - t1), atol=1e-6)
    assert found.device == "cpu" and found.fallback == (
        f"{CPU} failed, so it ran on the CPU: it ran out of memory (the card has 8 GB)."  # the name a GPU would have
    )


def test_progress_names_the_tile_and_stopping_keeps_the_network_set_up(folder):
    heard = []

    def stop(share, doing):
        heard.append((share, doing))
        if doing.startswith("tiny: tile 3"):
            raise Cancelled("Stopped.")

    patch, _ = reds(40)
    method = put(folder, tiny.difference(shape=(1, 1, 16, 16)))
    with pytest.raises(Cancelled):
        run.detect(patch, method, progress=stop)
    assert heard[0] == (0.0, "Setting up tiny") and heard[-1] == (2 / 9, "tiny: tile 3 of 9")
    done = []
    run.detect(patch, method, progress=lambda share, doing: done.append(share))
    assert done == sorted(done) and done[-1] == 1


def test_normalising_over_a_tile_is_said_where_there_is_more_than_one(folder):
    method = put(folder, tiny.normalising())
    assert "normalises over each tile" in run.detect(reds(100)[0], method).note
    assert "normalises" not in run.detect(reds(40)[0], method).note


def test_published_arithmetic_is_for_reconstructions_of_three_bands(folder):
    patch, _ = reds()
    assert_replaced(run.detect(patch, put(folder, tiny.difference()) + "@published"), "leave @published out")
    contract = replace(tiny.RED, output="reconstruction")
    assert_replaced(run.detect(patch, put(folder, tiny.rebuilds_t1(contract), "one") + "@published"), "three bands")


def test_published_arithmetic_wraps_and_weighs_channels_as_the_published_code_does():
    answer = np.zeros((1, 3, 1, 2), np.float32)
    given = np.array([[[[1.01, 0.5]], [[0.0, 0.5]], [[0.0, 0.5]]]], np.float32)
    # 1.01 x 255 = 257.55 -> 257 -> 1, weighed 19595/65536: 0.8 -> 0 with rounding at a half; 0.5 -> 127
    assert scaling.published_error(answer, given)[0, 0] * 255 == pytest.approx([0, 127])


def test_published_arithmetic_gives_the_published_map(shared):
    with np.load(shared / "parity" / "cdrl_seed7.npz") as held:
        published = dict(held)
    _, t2 = parity.inputs("cdrl")
    found = scaling.published_error(published["gen_bgr"][None], t2)[0] * 255
    assert np.count_nonzero(np.rint(found) != published["gray_L"]) <= parity.FLIPS
    kept = found / 255 >= scaling.PUBLISHED_THRESHOLD
    assert np.count_nonzero(kept != (published["map"] > 0)) <= parity.FLIPS


@pytest.mark.parametrize(
    ("change", "graph_change", "said"),
    [
        ({"dtype": "uint8"}, {}, 'input t1 is float32, but the contract says uint8. Write "dtype"'),
        ({"bands": ALL_BANDS[:3]}, {}, "has 1 channels, but one date of B01, B02, B03 make 3"),
        ({"bands": ()}, {}, "does not say which 1 bands it reads"),
        ({"inputs": ("a", "b")}, {}, "it has no input a. Its inputs are t1 float32"),
        ({"inputs": ("t1",)}, {}, "also wants the input t2"),
        ({"answer": "other"}, {}, 'it has no output other. Write one of score as "answer"'),
        ({"tile": 8192}, {"shape": (1, 1, None, None)}, "wants tiles of 8192 pixels a side; at most 2048"),
        ({"output": "probability", "changed": 3}, {"answers": (1, 2, 16, 16)}, "answers with 2 channels, but probabil"),
        ({}, {"answers": (1, 1, 4, 4)}, "answers with 4 x 4 pixels for 16 x 16"),
        ({}, {"answers": (1, 16)}, "an answer for each pixel"),
        ({"output": "reconstruction", "dtype": "uint8"}, {"dtype": "uint8"}, "reconstruction of uint8 input"),
        ({}, {"dtype": "float64"}, "input t1 is float64"),
        ({}, {"shape": (1, 16, 16)}, "four sides are needed"),
    ],
)
def test_a_file_that_does_not_fit_its_contract_is_refused_with_what_to_write(change, graph_change, said):
    dtype, shape = graph_change.get("dtype", "float32"), graph_change.get("shape", (1, 1, 16, 16))
    inputs = tuple(graph.Tensor(name, dtype, shape) for name in ("t1", "t2"))
    answer = graph.Tensor("score", "float32", graph_change.get("answers", (1, 1, 16, 16)), "Sigmoid")
    held = graph.Graph("", 0, inputs, (answer,), (), {})
    with pytest.raises(NetworkError) as refused:
        fitting.fit(replace(tiny.RED, **change), held)
    assert said in str(refused.value)


def test_inputs_under_other_names_are_taken_in_their_order():
    inputs = tuple(graph.Tensor(name, "float32", (1, 1, 16, 16)) for name in ("before", "after"))
    held = graph.Graph("", 0, inputs, (graph.Tensor("y", "float32", (1, 1, 16, 16)),), (), {})
    assert fitting.fit(tiny.RED, held).contract.inputs == ("before", "after")


def test_tiles_of_the_trained_size_one_at_a_time_are_the_careful_way():
    inputs = tuple(graph.Tensor(name, "float32", (None, 3, None, None)) for name in ("t1", "t2"))
    held = graph.Graph("", 0, inputs, (graph.Tensor("y", "float32", (None, 2, None, None)),), (), {})
    contract = Contract("bit", ("B04", "B03", "B02"), "logits", 0.5, size_multiple=8)
    found = fitting.fit(contract, held)
    roomy, careful = fitting.tiling(found, (2048, 2048)), fitting.tiling(found, (2048, 2048), careful=True)
    assert (roomy.count, roomy.rows.tile, roomy.batch) == (9, 704, 1)
    assert (careful.count, careful.rows.tile, careful.batch) == (81, 256, 1)


def test_a_scene_may_be_larger_than_memory_for_its_tiles_are_read_one_by_one(folder):
    dask = pytest.importorskip("dask.array")
    patch, (t1, t2) = reds(100)
    lazy = patch.chunk({"y": 20, "x": 20})
    assert isinstance(lazy["B04"].data, dask.Array)
    found = run.detect(lazy, put(folder, tiny.difference()))
    np.testing.assert_allclose(found.score, np.abs(t2 - t1), atol=1e-6)


@pytest.mark.parametrize("name", parity.NETWORKS)
def test_the_seeded_networks_score_a_patch_as_the_published_ones_answer(name):
    path = parity.BUILT / f"{name}.onnx"
    if not path.is_file():
        pytest.skip("the seeded .onnx files are not here: write them with `python -m tests.parity` where torch is")
    pictures = np.stack([picture for picture in parity.seeded().noise_pair(parity.SEED)])  # (2, y, x, rgb)
    reds_first = np.moveaxis(pictures, -1, 0).astype(np.float32) / 255 * np.float32(0.3)
    bands = dict(zip(("B04", "B03", "B02"), reds_first, strict=True))
    found = run.detect(small.patch(tuple(bands), size=256, **bands), f"onnx:{path}")
    answer = parity.published(name)
    if name == "bit":
        wanted = 1 / (1 + np.exp(answer[0, 0] - answer[0, 1]))
    else:
        wanted = np.abs(answer - np.clip(parity.inputs(name)[1], -1, 1)).mean(axis=1)[0] / 2
    assert not found.fallback
    np.testing.assert_allclose(found.score, wanted, atol=3e-5)
