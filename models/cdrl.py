"""CDRL: a generator rebuilds a date from two, and fails where something changed.

Paper: Noh, Ju, Seo, Park and Choi, "Unsupervised Change Detection Based on Image Reconstruction
Loss", CVPRW 2022, arXiv:2204.01200; the skips are gated as in CBAM (Woo et al., ECCV 2018). Written
anew from the papers and from measured facts about the published network, whose state-dict names and
order it keeps so that its checkpoints load with ``strict=True``; the published code (no licence) and
its weights are not part of Scarp. Changed: any number of input bands. This file carries Scarp's own
licence.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

DOWN_WIDTHS = (64, 128, 256, 512, 512, 512, 512, 512)
UP_WIDTHS = (512, 512, 512, 512, 256, 128, 64)
REDUCTION = 16  # of the channel gate's hidden layer
SIZE_MULTIPLE = 256  # eight halvings: height and width of the input must be multiples of this


class Down(nn.Module):
    """Halve the size: a strided convolution, with InstanceNorm, LeakyReLU and dropout where asked."""

    def __init__(self, inside: int, outside: int, normalise: bool, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(inside, outside, 4, 2, 1, bias=False)]
        if normalise:
            layers.append(nn.InstanceNorm2d(outside))
        layers.append(nn.LeakyReLU(0.2))
        if dropout:
            layers.append(nn.Dropout(dropout))
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class ChannelGate(nn.Module):
    """Weigh each channel by what its mean and its maximum over the image say."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = channels // REDUCTION
        self.mlp = nn.Sequential(nn.Flatten(), nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels))

    def forward(self, x: Tensor) -> Tensor:
        mean = self.mlp(x.mean((2, 3)))  # (N, C)
        largest = self.mlp(x.amax((2, 3)))  # (N, C)
        return x * (mean + largest).sigmoid()[:, :, None, None]


class _SpatialConv(nn.Module):
    """The convolution of the spatial gate, under the name the checkpoints know."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)
        self.bn = nn.BatchNorm2d(1)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x))


class SpatialGate(nn.Module):
    """Weigh each pixel by what the maximum and the mean over its channels say."""

    def __init__(self) -> None:
        super().__init__()
        self.spatial = _SpatialConv()

    def forward(self, x: Tensor) -> Tensor:
        seen = torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], 1)  # (N, 2, h, w)
        return x * self.spatial(seen).sigmoid()


class Up(nn.Module):
    """Double the size and append the gated features of both dates at that size."""

    def __init__(self, inside: int, outside: int, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = [
            nn.ConvTranspose2d(inside, outside, 4, 2, 1, bias=False),
            nn.InstanceNorm2d(outside),
            nn.ReLU(),
        ]
        if dropout:
            layers.append(nn.Dropout(dropout))
        self.model = nn.Sequential(*layers)
        self.ChannelGate = ChannelGate(outside)
        self.SpatialGate = SpatialGate()

    def forward(self, x: Tensor, skip1: Tensor, skip2: Tensor) -> Tensor:
        skip = self.ChannelGate(skip1) + self.SpatialGate(skip2)
        return torch.cat([self.model(x), skip], 1)  # (N, 2 x outside, 2h, 2w)


class Generator(nn.Module):
    """The generator: two dates in, a reconstruction out.

    ``bands`` is the number of input bands, ``width`` that of the finest features: the published 64, or
    another multiple of 16 by which all widths shrink or grow alike. ``dropout`` acts in training only.
    """

    def __init__(self, bands: int = 3, width: int = DOWN_WIDTHS[0], dropout: float = 0.5) -> None:
        super().__init__()
        self.bands = bands
        down_widths, up_widths = (
            tuple(one * width // DOWN_WIDTHS[0] for one in widths) for widths in (DOWN_WIDTHS, UP_WIDTHS)
        )
        widths = (bands, *down_widths)
        for level, (inside, outside) in enumerate(zip(widths, down_widths, strict=False), start=1):
            # no InstanceNorm before the skip of full detail, nor on the single pixel at the bottom
            down = Down(inside, outside, normalise=level not in (1, 8), dropout=dropout if level >= 4 else 0.0)
            self.add_module(f"down{level}", down)
        insides = (down_widths[-1], *(2 * one for one in up_widths))
        for level, (inside, outside) in enumerate(zip(insides, up_widths, strict=False), start=1):
            self.add_module(f"up{level}", Up(inside, outside, dropout=dropout if level <= 4 else 0.0))
        self.final = nn.Sequential(
            nn.Upsample(scale_factor=2),
            nn.ZeroPad2d((1, 0, 1, 0)),
            nn.Conv2d(2 * up_widths[-1], bands, 4, padding=1),
            nn.Tanh(),
        )

    def forward(self, t1: Tensor, t2: Tensor) -> Tensor:
        """Return the reconstruction (N, bands, H, W), in normalised units within -1 to 1.

        ``t1`` and ``t2`` are float32 (N, bands, H, W), normalised as in training (the published
        network: B, G, R / 255, less (.485, .456, .406), over (.229, .224, .225)); H and W are
        multiples of 256. No nodata: fill it before. InstanceNorm and the channel gates look at the
        whole input, so the answer depends on how a scene is cut into tiles.
        """
        features1, features2 = self.encode(t1), self.encode(t2)
        x = features1[-1] + features2[-1]  # (N, 512, H/256, W/256)
        skips = zip(features1[-2::-1], features2[-2::-1], strict=True)
        for level, (skip1, skip2) in enumerate(skips, start=1):
            x = getattr(self, f"up{level}")(x, skip1, skip2)  # (N, 2 x width, H/2^(8-level), W/2^(8-level))
        return self.final(x)  # (N, bands, H, W)

    def encode(self, date: Tensor) -> list[Tensor]:
        """Return the features of one date, the finest (N, 64, H/2, W/2) first."""
        features = []
        for level in range(1, len(DOWN_WIDTHS) + 1):
            date = getattr(self, f"down{level}")(date)  # (N, width, H/2^level, W/2^level)
            features.append(date)
        return features


def from_state(state: Mapping[str, Tensor]) -> Generator:
    """Return the generator that ``state`` (a state dict) belongs to, with its weights, ready to run.

    Raises KeyError or RuntimeError where the state is not the generator's.
    """
    width, bands = state["down1.model.0.weight"].shape[:2]
    network = Generator(bands, width)
    network.load_state_dict(state, strict=True)
    return network.eval()
