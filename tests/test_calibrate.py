"""Calibration: scores become shares, the mask stays, and only what has logits is touched."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("onnx", reason="calibration runs in the environment of requirements-models.txt")

from app.detection.network import contract as contracts
from app.detection.network import graph, stating
from app.detection.network.contract import Contract
from app.errors import NetworkError
from app.testsets.scars import Pair
from models import calibrate
from tests import tiny_networks as tiny

BOLD = Contract(name="bold", bands=("B04",), output="logits", threshold=0.9)


def shares(of: float, count: int = 200) -> np.ndarray:
    """Bool (count,), of which the first share is true."""
    return np.arange(count) < round(of * count)


def test_scores_that_are_too_sure_become_the_share_that_slid():
    score = np.repeat([0.1, 0.9], 200)  # of which a tenth and a half slid
    slid = np.concatenate([shares(0.1), shares(0.5)])
    found = calibrate.calibrated(BOLD, score, slid)
    after = calibrate.sigmoid(found.slope * calibrate.logit(score) + found.shift)
    np.testing.assert_allclose(after, np.repeat([0.1, 0.5], 200), atol=1e-6)
    assert found.threshold == pytest.approx(0.5)


def test_calibrating_what_is_calibrated_changes_nothing():
    score = np.repeat([0.1, 0.5], 200)
    slid = np.concatenate([shares(0.1), shares(0.5)])
    before = replace(BOLD, slope=0.4, shift=-1.0)
    found = calibrate.calibrated(before, score, slid)
    assert (found.slope, found.shift, found.threshold) == pytest.approx((0.4, -1.0, 0.9))


@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=20), st.floats(0.05, 0.95))
def test_what_was_above_the_threshold_stays_above_it(raw, level):
    score = np.concatenate([np.repeat([0.2, 0.9], 50), raw])
    slid = np.concatenate([shares(0.1, 50), shares(0.7, 50), np.zeros(len(raw), bool)])
    found = calibrate.calibrated(replace(BOLD, threshold=level), score, slid)
    after = calibrate.sigmoid(found.slope * calibrate.logit(score) + found.shift)
    apart = np.abs(score - level) > 1e-6
    np.testing.assert_array_equal((after >= found.threshold)[apart], (score >= level)[apart])


@pytest.mark.parametrize("slid", [np.zeros(4, bool), np.ones(4, bool), np.array([False, False, True, True])])
def test_pairs_that_cannot_decide_are_refused(slid):
    with pytest.raises(NetworkError, match="more validation pairs"):
        calibrate.calibrated(BOLD, np.array([0.1, 0.2, 0.8, 0.9]), slid)


def test_a_network_that_is_surer_where_nothing_slid_is_refused():
    with pytest.raises(NetworkError, match="turn them round"):
        calibrate.calibrated(BOLD, np.repeat([0.2, 0.8], 50), np.concatenate([shares(0.8, 50), shares(0.2, 50)]))


def test_a_reconstruction_is_not_calibrated():
    with pytest.raises(NetworkError, match="only logits"):
        calibrate.calibrated(replace(BOLD, output="reconstruction"), np.zeros(2), np.zeros(2, bool))


def test_the_file_keeps_its_graph_and_carries_the_new_contract(tmp_path):
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny.logits(replace(tiny.RED, output="logits")).SerializeToString())
    rng = np.random.default_rng(0)
    t1, t2 = (rng.uniform(0, 1, (4, 16, 16)).astype(np.float32) for _ in range(2))
    slid = t2[2] - t1[2] + rng.normal(0, 0.3, (16, 16)) > 0.2
    before = graph.read(path.read_bytes())
    found = calibrate.calibrate(path, [Pair(t1, t2, slid, np.ones((16, 16), bool))])
    after = graph.read(path.read_bytes())
    assert stating.stated(path, after) == found != stating.stated(path, before)
    assert found.slope != 1 and contracts.from_json(found.to_json()) == found
    assert [one.name for one in after.inputs] == [one.name for one in before.inputs]
