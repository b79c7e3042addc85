"""Pairs of 256 x 256 pixels a second on a device: BIT, pair-rgb's network and CDRL, in float32 and float16, by batch.

Weights are random: they do not change the work. The peak is what the same device reaches in a product of two large
matrices of the same kind of number, in the same run.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import nn

BATCHES = (1, 2, 4, 8, 16, 32, 64)
SIDE, SECONDS = 256, 0.5
KINDS = ("float32", "float16")
MATRIX = {"cuda": 8192, "cpu": 1024}  # rows of the product that the peak is from: large enough to fill the device
HEAD = f"{'model':10}{'numbers':>9}{'batch':>6}{'pairs a second':>16}{'% of peak':>11}"


def absent(device: str) -> str:
    """Return why torch cannot measure on "cuda" or "cpu" here, "" where it can."""
    import torch

    if device == "cpu" or torch.cuda.is_available():
        return ""
    return "torch finds no GPU here (torch.cuda.is_available() is False). Measure with --device cpu, or without it."


def lines(
    device: str,
    batches: tuple[int, ...] = BATCHES,
    side: int = SIDE,
    matrix: int | None = None,
    seconds: float = SECONDS,
    kinds: tuple[str, ...] = KINDS,
) -> Iterator[str]:
    """Yield one line a network, kind of number and batch; what does not fit into the device's memory says so."""
    import torch

    with torch.inference_mode():
        for numbers in (getattr(torch, kind) for kind in kinds):
            peak = _peak(device, numbers, matrix or MATRIX[device], seconds)
            for name, (network, bands) in networks().items():
                network.to(device, numbers)
                for batch in batches:
                    given = [(batch, count, side, side) for count in bands]
                    title = f"{name:10}{str(numbers).removeprefix('torch.'):>9}{batch:6}"
                    try:
                        yield title + _measured(network, given, device, numbers, peak, seconds)
                    except torch.OutOfMemoryError:
                        torch.cuda.empty_cache()
                        yield f"{title}  does not fit into the memory of the device; larger batches were not tried"
                        break


def networks() -> "dict[str, tuple[nn.Module, tuple[int, ...]]]":
    """Return the networks as large as those that ship, and how many channels each of their inputs has."""
    import torch

    from models import bit, cdrl, scar

    torch.manual_seed(0)
    held = {
        "bit": (bit.BIT(bands=4), (4, 4)),
        "pair-rgb": (scar.RisenScar(scar.ScarNet(3)), (6,)),
        "cdrl": (cdrl.Generator(4, 16, dropout=0.0), (4, 4)),
    }
    return {name: (network.eval(), channels) for name, (network, channels) in held.items()}


def _measured(network, shapes, device: str, numbers: "torch.dtype", peak: float, seconds: float) -> str:
    import torch

    given = [torch.rand(*shape, device=device, dtype=numbers) for shape in shapes]
    often = _rate(lambda: network(*given), device, seconds)
    return f"{often * shapes[0][0]:16.1f}{100 * often * _operations(network, given) / peak:11.1f}"


def _peak(device: str, numbers: "torch.dtype", matrix: int, seconds: float) -> float:
    """Return operations a second of a product of two square matrices."""
    import torch

    square = torch.rand(matrix, matrix, device=device, dtype=numbers)
    return 2 * matrix**3 * _rate(lambda: square @ square, device, seconds)


def _rate(run: Callable[[], object], device: str, seconds: float) -> float:
    """Return how often a second ``run`` ends on the device, after two turns that are not measured."""
    import torch

    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    for _ in range(2):
        run()
    wait()
    start, turns = time.perf_counter(), 0
    while not turns or time.perf_counter() - start < seconds:
        run()
        wait()
        turns += 1
    return turns / (time.perf_counter() - start)


def _operations(network: "nn.Module", given: "list[torch.Tensor]") -> int:
    """Return the floating-point operations of one run, as torch counts them."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        network(*given)
    return counter.get_total_flops()
