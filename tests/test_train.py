"""Training: a loss that counts clear pixels, a run that can be resumed, a checkpoint that says what it is."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training runs in the environment of requirements-models.txt")

from app.errors import InputError  # noqa: E402
from app.testsets.scars import Pair  # noqa: E402
from models import cdrl, checkpoints, data, paint, runs, train  # noqa: E402
from models.bit import BIT  # noqa: E402
from models.runs import BitRun, CdrlRun, Options  # noqa: E402

TINY = Options(steps=4, batch=2, scenes=1, real=False, check_every=2, simulated_checks=1)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def batches() -> list[list[Pair]]:
    pool = [data.simulate(place, train.BUFFER_DEG) for place in data.simulated_places("train", 1)]
    made = data.Maker(pool, [], 0).batches(2)
    return [next(made) for _ in range(4)]


def enlarged(pair: Pair, side: int) -> Pair:
    times = side // pair.truth.shape[0]
    return Pair(*(np.tile(values, (times, times)) for values in (pair.t1, pair.t2, pair.truth, pair.clear)))


def logits(changed: float, shape=(1, 4, 4)) -> "torch.Tensor":
    both = torch.zeros(shape[0], 2, *shape[1:])
    both[:, 1] = changed
    return both


def test_the_loss_is_small_where_the_answer_is_right_and_large_where_it_is_wrong():
    truth, weight = torch.ones(1, 4, 4, dtype=torch.int64), torch.ones(1, 4, 4)
    assert runs.change_loss(logits(20.0), truth, weight) < 0.01
    assert runs.change_loss(logits(-20.0), truth, weight) > 1


def test_pixels_under_cloud_do_not_count():
    truth, weight = torch.zeros(1, 4, 4, dtype=torch.int64), torch.ones(1, 4, 4)
    truth[0, 0], weight[0, 0] = 1, 0  # wrong on the first row, but that is cloudy
    assert runs.change_loss(logits(-20.0), truth, weight) < 0.01


def test_a_batch_without_a_clear_pixel_has_a_finite_loss():
    truth = torch.ones(1, 4, 4, dtype=torch.int64)
    assert torch.isfinite(runs.change_loss(logits(3.0), truth, torch.zeros(1, 4, 4)))


def test_reflectance_becomes_the_input_the_contract_describes():
    image = np.array([0.0, 0.35, 0.2, 1.2], np.float32)[:, None, None]
    wanted = [(0 - 0.2) / 0.12, (1 - 0.22) / 0.12, (0.5 - 0.2) / 0.15, (1 - 0.4) / 0.2]
    np.testing.assert_allclose(runs.as_input(image, BitRun.contract).ravel(), wanted, rtol=1e-5)


def test_a_network_of_one_band_reads_that_band_as_it_is_scaled(batches):
    run = BitRun(replace(TINY, bands=("B04",)), "cpu")
    assert (run.contract.bands, run.contract.high, run.contract.mean) == (("B04",), (0.4,), (0.2,))
    wanted = runs.as_input(batches[0][0].t1, BitRun.contract)[2:3]
    np.testing.assert_array_equal(run.tensors([batches[0][0].t1])[0].numpy(), wanted)
    assert run.network.bands == 1 and np.isfinite(run.advance(batches[0]))


@pytest.mark.parametrize("bands", ["", "B11", "B04,B04"])
def test_bands_that_no_pair_holds_are_refused(bands, tmp_path, capsys):
    assert train.main(["bit", "--out", str(tmp_path / "x.pt"), "--bands", bands]) == 2
    assert "give some of B02, B03, B04, B08" in capsys.readouterr().err


def test_cdrl_is_shown_ground_on_which_nothing_slid_and_no_label(tmp_path):
    assert CdrlRun.maker is data.Looks
    log = train.Log(tmp_path / "log")
    slid = [
        [pair.truth.any() for pair in train._pool(replace(TINY, scenes=3), maker, log)]
        for maker in (data.Maker, data.Looks)
    ]
    assert any(slid[0]) and not any(slid[1])


def test_the_learning_rate_rises_and_then_falls_to_nothing():
    shares = [runs.rate_share(step, 100) for step in range(101)]
    assert shares[4] == 1 and shares[0] == 0.2 and shares[100] == pytest.approx(0)
    assert shares[:5] == sorted(shares[:5]) and shares[5:] == sorted(shares[5:], reverse=True)


def test_the_threshold_is_the_lowest_or_the_highest_that_scores_nearly_as_well_as_the_best():
    truth = np.array([[True, True, False, False]])
    score = np.array([[0.9, 0.5, 0.4, 0.1]], np.float32)
    pair = Pair(np.zeros((4, 1, 4)), np.zeros((4, 1, 4)), truth, np.ones((1, 4), bool))
    assert train.chosen_level([score], [pair], (0.05, 0.3, 0.45, 0.48, 0.7)) == (0.45, 1.0)
    assert train.chosen_level([score], [pair], (0.05, 0.3, 0.45, 0.48, 0.7), wary=True) == (0.48, 1.0)


@pytest.mark.parametrize("kind", [BitRun, CdrlRun])
def test_a_resumed_run_ends_where_an_unbroken_one_does(kind, batches, tmp_path):
    batches = [[enlarged(pair, kind.side) for pair in batch] for batch in batches[:2]]
    unbroken = kind(TINY, "cpu")
    for batch in batches:
        unbroken.advance(batch)
    broken = kind(TINY, "cpu")
    broken.advance(batches[0])
    torch.save(broken.state(), tmp_path / "state")
    resumed = kind(TINY, "cpu")
    resumed.resume(torch.load(tmp_path / "state", weights_only=True))
    resumed.advance(batches[1])
    for name, values in unbroken.kept.state_dict().items():
        torch.testing.assert_close(resumed.kept.state_dict()[name], values, rtol=0, atol=0)


def test_a_run_with_other_options_is_not_resumed():
    state = BitRun(TINY, "cpu").state()
    state["options"]["rate"] = 0.5
    with pytest.raises(InputError, match="other options"):
        BitRun(TINY, "cpu").resume(state)


def test_steps_make_the_loss_fall_on_pairs_seen_before(batches):
    run = BitRun(Options(steps=40, rate=2e-3), "cpu")
    losses = [run.advance(batches[0]) for _ in range(14)]
    assert np.mean(losses[-3:]) < 0.9 * np.mean(losses[:3])


def test_cdrl_learns_to_rebuild_an_image(batches):
    run = CdrlRun(Options(steps=40), "cpu")
    batch = [enlarged(pair, run.side) for pair in batches[0]]
    errors = [run.advance(batch) for _ in range(12)]
    assert np.mean(errors[-3:]) < 0.8 * np.mean(errors[:3])


def test_cdrl_scores_a_pair_of_any_size_up_to_its_tile(batches):
    found = CdrlRun(TINY, "cpu").score(batches[0][0])
    assert found.shape == (data.TILE, data.TILE) and np.isfinite(found).all() and found.min() >= 0


def test_a_narrow_generator_is_told_from_its_weights_and_fits_into_the_repository():
    network = cdrl.Generator(bands=4, width=runs.CDRL_WIDTH)
    again = cdrl.from_state(network.state_dict())
    assert [one.shape for one in again.parameters()] == [one.shape for one in network.parameters()]
    assert 4 * sum(one.numel() for one in network.parameters()) < 25e6


def test_a_restyled_image_shows_the_same_things_in_other_light():
    image = data.simulate(data.simulated_places("train", 1)[0], 0.003).t1
    found = paint.restyled(image, np.random.default_rng(1))
    assert found.shape == image.shape and found.min() >= 0
    assert all(np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.7 for a, b in zip(image, found, strict=True))


def test_the_command_writes_a_checkpoint_that_says_what_it_is(tmp_path, capsys):
    out = tmp_path / "bit.pt"
    asked = "bit --out {} --steps 2 --batch 2 --scenes 1 --check-every 1 --simulated-checks 1 --real none --device cpu"
    assert train.main(asked.format(out).split()) == 0
    held = checkpoints.read(out, "bit")
    assert held.contract.bands == BitRun.contract.bands and held.contract.licence == "MIT"
    assert "modified Copernicus Sentinel data" in held.contract.training_data
    lines = [json.loads(line) for line in (tmp_path / "bit.pt.log").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["start", "simulated", "check", "check", "done"]
    assert lines[-1]["threshold"] == held.contract.threshold
    assert not (tmp_path / "bit.pt.state").exists()


@pytest.mark.parametrize(
    ("option", "said"), [("--steps -1", "steps is -1; give 0 or more"), ("--batch 0", "batch is 0; give 1")]
)
def test_a_run_that_cannot_be_is_refused_in_one_line(option, said, tmp_path, capsys):
    assert train.main(["bit", "--out", str(tmp_path / "x.pt"), *option.split()]) == 2
    assert said in capsys.readouterr().err


def test_without_steps_the_weights_stay_and_the_threshold_is_chosen_anew(tmp_path):
    torch.manual_seed(5)
    start, out = tmp_path / "start.pt", tmp_path / "out.pt"
    checkpoints.save(start, "bit", BIT(bands=4), BitRun.contract)
    train.train("bit", Options(steps=0, real=False, simulated_checks=2), out, start=start)
    before, after = (checkpoints.read(path, "bit") for path in (start, out))
    for name, values in before.network.state_dict().items():
        torch.testing.assert_close(after.network.state_dict()[name], values, rtol=0, atol=0)
    assert after.contract.threshold in BitRun.levels and not Path(f"{out}.state").exists()


def test_without_steps_there_has_to_be_something_to_start_from(tmp_path, capsys):
    assert train.main(["bit", "--out", str(tmp_path / "x.pt"), "--steps", "0", "--device", "cpu"]) == 2
    assert "--start" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_said_before_anything_is_trained(tmp_path, capsys):
    assert train.main(["bit", "--out", str(tmp_path / "missing" / "x.pt"), "--device", "cpu"]) == 2
    assert "cannot be written" in capsys.readouterr().err
