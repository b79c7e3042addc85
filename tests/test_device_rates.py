"""Rates on a device: every network with its share of the peak, what does not fit, and no GPU said to be missing."""

import pytest

torch = pytest.importorskip("torch", reason="the networks run in the environment of requirements-models.txt")

from bench import device_rates  # noqa: E402


def test_each_network_is_measured_as_a_share_of_what_the_device_reaches():
    lines = list(device_rates.lines("cpu", batches=(1,), side=256, matrix=64, seconds=0, kinds=("float32",)))
    told = [tuple(line.split()[:3]) for line in lines]
    assert told == [(name, "float32", "1") for name in ("bit", "pair-rgb", "cdrl")]
    assert all(float(line.split()[3]) > 0 and float(line.split()[4]) > 0 for line in lines)


def test_a_batch_that_does_not_fit_is_told_and_the_next_network_goes_on(monkeypatch):
    def full(network, shapes, *rest):
        if shapes[0][0] > 1:
            raise torch.OutOfMemoryError
        return " fits"

    monkeypatch.setattr(device_rates, "_measured", full)
    lines = list(device_rates.lines("cpu", batches=(1, 2, 4), side=256, matrix=64, seconds=0))
    assert len(lines) == 3 * 2 * 2 and all("does not fit" in line for line in lines[1::2])


def test_where_torch_finds_no_gpu_it_says_so(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "no GPU" in device_rates.absent("cuda") and not device_rates.absent("cpu")
