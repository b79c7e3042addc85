"""Scar: logits for each pixel of one date, a rise of brightness added for two, and the files they are exported to."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the networks run in the environment of requirements-models.txt")

from app.detection import run  # noqa: E402
from app.errors import InputError, NetworkError  # noqa: E402
from app.testsets.scars import Pair  # noqa: E402
from models import checkpoints, export, rise, runs, scar  # noqa: E402
from tests import small  # noqa: E402

COLOURS = ("B02", "B03", "B04")
SMALL = (8, 8)


def image(side=32, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.5, 1.5, (3, side, side)).astype(np.float32)


def pair(seed=0) -> Pair:
    """T2 is brighter than T1 where it slid."""
    t1, slid = image(seed=seed), np.zeros((32, 32), bool)
    slid[8:20, 8:20] = True
    return Pair(t1, np.where(slid, t1 + 2, t1).astype(np.float32), slid, np.ones_like(slid))


def saved(path, network, contract):
    checkpoints.save(path, "scar", network, contract)
    return path


def test_each_pixel_has_two_logits_whatever_the_size():
    network = scar.ScarNet(3, SMALL).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 3, 16, 48)).shape == (2, 2, 16, 48)


def test_bands_and_widths_are_told_from_the_weights():
    for network in (scar.ScarNet(6, SMALL), scar.RisenScar(scar.ScarNet(3, SMALL))):
        again = scar.from_state(network.state_dict())
        assert type(again) is type(network) and again.bands == network.bands == 6


def test_a_rise_counts_only_where_a_pixel_became_brighter():
    network = scar.RisenScar(scar.ScarNet(3, SMALL)).eval()
    t1 = torch.zeros(1, 3, 32, 32)
    t2 = t1.clone()
    t2[..., 16:] = 1
    with torch.inference_mode():
        before = network(torch.cat([t1, t2], 1))
        network.rise[0] = 2.0
        more = (network(torch.cat([t1, t2], 1)) - before)[0, 1]
    assert more[:, :12].abs().max() < 1e-6
    torch.testing.assert_close(more[:, 20:], torch.full_like(more[:, 20:], 2.0))


class Bright(torch.nn.Module):
    """A network of T2 alone that takes what is bright for a landslide."""

    bands = 3

    def forward(self, x):
        return torch.cat([torch.zeros_like(x[:, :1]), 4 * x[:, :1] - 2], 1)


def test_what_looked_like_a_scar_at_t1_is_taken_off_and_what_is_new_stays():
    network = scar.RisenScar(Bright())
    t2 = torch.zeros(2, 3, 32, 32)
    t2[..., 16:] = 1
    t1 = t2.clone()
    t1[1] = 0  # the second pair of the batch is new, the first is as it was
    with torch.inference_mode():
        before = network(torch.cat([t1, t2], 1))[:, 1]
        network.rise[2] = 1.0
        after = network(torch.cat([t1, t2], 1))[:, 1]
    old = before[0] - after[0]
    assert (old[:, 14:] == 2 - scar.OLD).all() and (old[:, :14] == 0).all()  # two pixels beside it as well
    torch.testing.assert_close(after[1], before[1])


def test_checkpoints_of_before_t1_was_taken_off_are_read_as_they_were():
    network = scar.RisenScar(scar.ScarNet(3, SMALL))
    state = {**network.state_dict(), "rise": torch.tensor([2.5, -3.3])}
    np.testing.assert_allclose(scar.from_state(state).rise.detach(), [2.5, -3.3, 0])


def test_a_run_of_one_date_steps_and_scores_whatever_t1_holds():
    run_ = runs.ScarRun(runs.Options(steps=4, bands=COLOURS), "cpu")
    assert np.isfinite(run_.advance([pair(), pair(1)]))
    other = replace(pair(), t1=np.full((3, 32, 32), np.nan, np.float32))
    np.testing.assert_array_equal(run_.score(pair()), run_.score(other))


def with_slope(one: Pair, degrees: float) -> Pair:
    slope = np.full((1, *one.truth.shape), degrees, np.float32)
    return replace(one, t1=np.concatenate([one.t1, slope]), t2=np.concatenate([one.t2, slope]))


def test_a_network_given_one_channel_more_answers_as_before_whatever_that_holds():
    torch.manual_seed(0)
    narrow = scar.ScarNet(3, SMALL).eval()
    wide, seen = scar.widened(narrow).eval(), torch.rand(1, 3, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(wide(torch.cat([seen, torch.rand(1, 1, 32, 32)], 1)), narrow(seen))


def test_a_run_with_slope_begins_with_weights_that_know_none_and_reads_degrees():
    run_ = runs.SlopeRun(runs.Options(steps=4, bands=runs.SlopeRun.contract.bands), "cpu")
    run_.begin(scar.ScarNet(3))
    level, steep = (run_.dates([with_slope(pair(), degrees)])[0] for degrees in (0.0, 45.0))
    assert level.shape == (1, 4, 32, 32) and torch.equal(level[:, :3], steep[:, :3])
    np.testing.assert_allclose(steep[:, 3] - level[:, 3], 1 / 0.25, atol=1e-5)
    assert np.isfinite(run_.advance([with_slope(pair(), 20.0), with_slope(pair(1), 20.0)]))


def test_a_band_that_a_network_does_not_know_is_refused():
    with pytest.raises(InputError, match="bit knows no SLOPE; give some of B02"):
        runs.BitRun(runs.Options(bands=("B02", "SLOPE")), "cpu")


def test_gain_and_offset_of_a_date_do_not_matter():
    run_ = runs.StackedRun(runs.Options(bands=COLOURS), "cpu")
    one = pair()
    (wanted,), (found,) = run_.dates([one]), run_.dates([replace(one, t2=0.3 * one.t2 + 0.1)])
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=0)


def test_the_rise_that_finds_most_is_added_and_its_threshold_is_a_half(tmp_path):
    torch.manual_seed(0)
    start = saved(tmp_path / "scar.pt", scar.ScarNet(3, SMALL), runs.ScarRun.contract)
    old = Pair(pair().t2, pair().t2, np.zeros_like(pair().truth), pair().clear)
    contract, tried = rise.added(start, tmp_path / "pair.pt", [pair(seed) for seed in range(3)], [old])
    held = checkpoints.read(tmp_path / "pair.pt", "scar")
    assert contract == held.contract and (contract.threshold, contract.inputs) == (0.5, ("pair",))
    assert float(held.network.rise[0]) > 0 and max(f1 for *_, f1 in tried) > 0.9 > tried[0][3]


def test_a_rise_is_added_to_a_network_that_reads_slope(tmp_path):
    start = saved(tmp_path / "scar.pt", scar.ScarNet(4, SMALL), runs.SlopeRun.contract)
    given = [with_slope(pair(seed), 25.0) for seed in range(2)]
    contract, _ = rise.added(start, tmp_path / "pair.pt", given, [replace(given[0], t1=given[0].t2)])
    assert contract.name == "pair-slope" and contract.bands[-1] == "SLOPE" and contract.stacked
    assert export.export("scar", tmp_path / "pair.pt", tmp_path / "pair.onnx").channels == 4


def test_a_rise_is_added_to_nothing_but_a_network_of_t2(tmp_path):
    start = saved(tmp_path / "both.pt", scar.ScarNet(6, SMALL), runs.StackedRun.contract)
    with pytest.raises(NetworkError, match="no network of T2 alone"):
        rise.added(start, tmp_path / "out.pt", [], [])


def test_the_exported_file_of_one_date_runs_and_does_not_look_at_t1(tmp_path):
    start = saved(tmp_path / "scar.pt", scar.ScarNet(3, SMALL).eval(), runs.ScarRun.contract)
    done = export.export("scar", start, tmp_path / "scar.onnx")
    assert done.contract.dates == ("t2",) and done.channels == 3
    t2 = image(48)
    looks = [small.patch(COLOURS, size=48, **{band: (first, t2[k]) for k, band in enumerate(COLOURS)})
             for first in (0.1, 0.7)]  # fmt: skip
    found = [run.detect(one, f"onnx:{done.path}", "cpu").score for one in looks]
    np.testing.assert_array_equal(*found)


def test_the_exported_file_of_two_dates_is_given_both_in_one_input(tmp_path):
    start = saved(tmp_path / "pair.pt", scar.RisenScar(scar.ScarNet(3, SMALL)).eval(), runs.StackedRun.contract)
    done = export.export("scar", start, tmp_path / "pair.onnx")
    assert done.contract.stacked and done.channels == 3 and done.agreement.holds
