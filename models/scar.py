"""Scar: a small network that marks landslides, in one image or in two dates stacked; the architecture is Scarp's own.

An encoder and a decoder with a bridge at every size (the manner of U-Net: Ronneberger et al. 2015, arXiv:1505.04597),
narrow and with residual steps. Four pixels of the image are one of its finest features and are taken apart again at
the end, for layers at the full size take most of the time and learn little. Written for Scarp, under its licence.
"""

from collections.abc import Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (32, 64, 96, 128)  # features at half the size, a quarter, ...
SIZE_MULTIPLE = 2 ** len(WIDTHS)
OLD, NEAR_PX = -1.0, 2  # logit from which T1 looks like a scar already, and how far around a pixel it is looked for


class ResidualStep(nn.Module):
    """Two 3x3 convolutions with BatchNorm around a 1x1 shortcut."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inside, outside, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(outside)
        self.second = nn.Conv2d(outside, outside, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(outside)
        self.shortcut = nn.Conv2d(inside, outside, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(self.second_norm(self.second(inner)) + self.shortcut(x))


class ScarNet(nn.Module):
    """Logits of each pixel of an image; ``bands`` are those of both dates where two are stacked."""

    def __init__(self, bands: int = 3, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.bands = bands
        self.down = nn.ModuleList(
            ResidualStep(inside, outside) for inside, outside in zip((4 * bands, *widths[:-1]), widths, strict=True)
        )
        self.narrow = nn.ModuleList(nn.Conv2d(below, here, 1) for here, below in pairwise(widths))
        self.up = nn.ModuleList(ResidualStep(2 * here, here) for here in widths[:-1])
        self.classify = nn.Conv2d(widths[0], 4 * 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, 2, H, W) of other ground and landslide for float32 ``x`` (N, bands, H, W).

        H and W are multiples of 16. No nodata: fill it before."""
        features = [self.down[0](functional.pixel_unshuffle(x, 2))]  # (N, 32, H/2, W/2)
        for step in self.down[1:]:
            features.append(step(functional.max_pool2d(features[-1], 2)))
        x = features[-1]  # (N, 128, H/16, W/16)
        for narrow, step, bridge in zip(self.narrow[::-1], self.up[::-1], features[-2::-1], strict=True):
            x = functional.interpolate(narrow(x), scale_factor=2.0, mode="nearest")
            x = step(torch.cat([x, bridge], 1))
        return functional.pixel_shuffle(self.classify(x), 2)


class RisenScar(nn.Module):
    """Scar of T2, how much brighter than at T1 each pixel became, and less what looked so at T1: scars that are new.

    ``rise`` holds by how much one standard deviation of the input counts as a logit, a shift, and by how much the logit
    of T1 above ``OLD`` is taken off.
    """

    def __init__(self, scar: ScarNet) -> None:
        super().__init__()
        self.scar, self.bands = scar, 2 * scar.bands
        self.rise = nn.Parameter(torch.zeros(3))
        line = torch.exp(-(torch.arange(-3, 4.0) ** 2) / 2)  # a Gaussian of one pixel
        self.register_buffer("kernel", (line[:, None] * line / line.sum() ** 2)[None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, 2, H, W) for float32 ``x`` (N, 2 bands, H, W), T1's bands first."""
        t1, t2 = x.chunk(2, 1)
        both = self.scar(torch.cat([t2, t1]))  # one run: weights used twice in a file would not become 8-bit integers
        logits, before = both[: x.shape[0]], both[x.shape[0] :]
        added = self.rise[0] * self.brighter(t1, t2) + self.rise[1] - self.rise[2] * self.older(before)
        return torch.cat([logits[:, :1], logits[:, 1:] + added], 1)

    def older(self, logits: Tensor) -> Tensor:
        """Return how far the logit of T1 alone is above ``OLD``, the largest within ``NEAR_PX``: (N, 1, H, W).

        Dates may be misregistered, so what stands beside a pixel counts for it.
        """
        near = functional.max_pool2d(logits[:, 1:] - logits[:, :1], 2 * NEAR_PX + 1, 1, NEAR_PX)
        return functional.relu(near - OLD)

    def brighter(self, t1: Tensor, t2: Tensor) -> Tensor:
        """Return T2 less T1, mean of the bands, smoothed: (N, 1, H, W) in standard deviations of the input."""
        rise = functional.pad((t2 - t1).mean(1, keepdim=True), (3, 3, 3, 3), mode="replicate")
        return functional.conv2d(rise, self.kernel)


def widened(network: ScarNet) -> ScarNet:
    """Return the network with one more channel, the last, which it does not look at yet."""
    state = network.state_dict()
    first = state["down.0.first.weight"]
    state["down.0.first.weight"] = functional.pad(first, (0, 0, 0, 0, 0, 4))
    state["down.0.shortcut.weight"] = functional.pad(state["down.0.shortcut.weight"], (0, 0, 0, 0, 0, 4))
    wide = ScarNet(network.bands + 1, tuple(step.first.out_channels for step in network.down))
    wide.load_state_dict(state)
    return wide


def from_state(state: Mapping[str, Tensor]) -> ScarNet | RisenScar:
    """Return the network that ``state`` (a state dict) belongs to, with its weights, ready to run.

    Raises KeyError or RuntimeError where the state is neither's.
    """
    risen = "rise" in state
    if risen:  # the first such checkpoints took nothing off: two numbers
        state = {**state, "rise": functional.pad(state["rise"], (0, 3 - len(state["rise"])))}
    alone = {key.removeprefix("scar."): value for key, value in state.items() if key != "rise"} if risen else state
    levels = sum(key.startswith("down.") and key.endswith(".first.weight") for key in alone)
    widths = tuple(alone[f"down.{level}.first.weight"].shape[0] for level in range(levels))
    scar = ScarNet(alone["down.0.first.weight"].shape[1] // 4, widths)
    network = RisenScar(scar) if risen else scar
    network.load_state_dict(state, strict=True)
    return network.eval()
