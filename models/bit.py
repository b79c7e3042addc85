"""BIT: two dates compared through a few semantic tokens (bitemporal image transformer).

Paper: Chen, Qi and Shi, "Remote Sensing Image Change Detection with Transformers", TGRS 2021,
doi:10.1109/TGRS.2021.3095166. The encoder is ResNet-18 (He et al., CVPR 2016), its last stages not
strided. Written anew from the papers and from measured facts about the released networks, whose
state-dict names and order it keeps so that their checkpoints load with ``strict=True``; the
released code (non-commercial research only) and its weights are not part of Scarp. Changed: any
number of input bands. This file carries Scarp's own licence.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 32  # of the feature map, of the tokens, and of the attention's scale
HEADS = 8
ENCODER_HEAD_WIDTH = 64
FEED_FORWARD_WIDTH = 64
SIZE_MULTIPLE = 8  # height and width of the input must be multiples of this
STAGE_WIDTHS = {3: 128, 4: 256, 5: 512}  # stages counted with the stem, as the paper does


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut (He et al. 2016)."""

    def __init__(self, inside: int, outside: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.downsample = None
        if inside != outside:
            self.downsample = nn.Sequential(nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside))

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(x)) + shortcut)


class ResNet18(nn.Module):
    """ResNet-18 with strides 2, 2, 2 and then 1, so that the features stay at an eighth of the input.

    ``layer4`` (where fewer than five stages are used) and ``fc`` never run; they are here because
    the published checkpoints carry them.
    """

    def __init__(self, bands: int, stages: int) -> None:
        super().__init__()
        self.stages = stages
        self.conv1 = nn.Conv2d(bands, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(BasicBlock(64, 64), BasicBlock(64, 64))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, 2), BasicBlock(128, 128))
        self.layer3 = nn.Sequential(BasicBlock(128, 256), BasicBlock(256, 256))
        self.layer4 = nn.Sequential(BasicBlock(256, 512), BasicBlock(512, 512))
        self.fc = nn.Linear(512, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))  # (N, 64, H/2, W/2)
        x = self.layer1(self.maxpool(x))  # (N, 64, H/4, W/4)
        x = self.layer2(x)  # (N, 128, H/8, W/8)
        for layer in (self.layer3, self.layer4)[: self.stages - 3]:
            x = layer(x)  # (N, 256, H/8, W/8), then (N, 512, H/8, W/8)
        return x


class Residual(nn.Module):
    """Add what ``fn`` makes of the input to the input."""

    def __init__(self, fn: nn.Module) -> None:
        super().__init__()
        self.fn = fn

    def forward(self, x: Tensor, *memory: Tensor) -> Tensor:
        return x + self.fn(x, *memory)


class PreNorm(nn.Module):
    """Normalise the queries and, with the same weights, the memory before ``fn``."""

    def __init__(self, fn: nn.Module) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.fn = fn

    def forward(self, x: Tensor, *memory: Tensor) -> Tensor:
        return self.fn(self.norm(x), *(self.norm(m) for m in memory))


class FeedForward(nn.Module):
    """Two linear layers around a GELU."""

    def __init__(self) -> None:
        super().__init__()
        # the published network numbers the layers with its dropouts (2 and 4), which are off
        self.net = nn.Sequential(
            nn.Linear(WIDTH, FEED_FORWARD_WIDTH), nn.GELU(), nn.Identity(), nn.Linear(FEED_FORWARD_WIDTH, WIDTH)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


def _split_heads(x: Tensor) -> Tensor:
    return x.unflatten(-1, (HEADS, -1)).transpose(1, 2)  # (N, heads, items, head width)


def _attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return softmax(q k' / sqrt(32)) v of all heads, side by side; the scale is the model's width."""
    q, k, v = _split_heads(q), _split_heads(k), _split_heads(v)
    weights = (q @ k.transpose(-1, -2) * WIDTH**-0.5).softmax(-1)  # (N, heads, queries, memory)
    return (weights @ v).transpose(1, 2).flatten(2)  # (N, queries, heads x head width)


class SelfAttention(nn.Module):
    """Attention among the tokens of both dates, one projection for q, k and v."""

    def __init__(self) -> None:
        super().__init__()
        self.to_qkv = nn.Linear(WIDTH, 3 * HEADS * ENCODER_HEAD_WIDTH, bias=False)
        self.to_out = nn.Sequential(nn.Linear(HEADS * ENCODER_HEAD_WIDTH, WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        return self.to_out(_attend(*self.to_qkv(x).chunk(3, -1)))


class CrossAttention(nn.Module):
    """Attention of every pixel to the few tokens of its own date."""

    def __init__(self, head_width: int) -> None:
        super().__init__()
        self.to_q = nn.Linear(WIDTH, HEADS * head_width, bias=False)
        self.to_k = nn.Linear(WIDTH, HEADS * head_width, bias=False)
        self.to_v = nn.Linear(WIDTH, HEADS * head_width, bias=False)
        self.to_out = nn.Sequential(nn.Linear(HEADS * head_width, WIDTH))

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        return self.to_out(_attend(self.to_q(x), self.to_k(memory), self.to_v(memory)))


def _layer(attention: nn.Module) -> nn.ModuleList:
    return nn.ModuleList([Residual(PreNorm(attention)), Residual(PreNorm(FeedForward()))])


class Transformer(nn.Module):
    """The token encoder: ``depth`` layers of self-attention and feed-forward."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_layer(SelfAttention()) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        for attention, feed_forward in self.layers:
            x = feed_forward(attention(x))
        return x


class TransformerDecoder(nn.Module):
    """The pixel decoder: ``depth`` layers of attention to the tokens, which stay as they are."""

    def __init__(self, depth: int, head_width: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_layer(CrossAttention(head_width)) for _ in range(depth))

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        for attention, feed_forward in self.layers:
            x = feed_forward(attention(x, memory))
        return x


class BIT(nn.Module):
    """The change detector: two dates in, logits of (unchanged, changed) out.

    ``bands`` is the number of input bands, ``tokens`` the number of tokens a date (0 leaves the
    transformer out: the paper's base network), ``encoder_depth`` and ``decoder_depth`` the layers
    of the transformers, ``head_width`` the width of a decoder head and ``stages`` how far the
    ResNet runs. The defaults are the network released for LEVIR-CD.
    """

    def __init__(
        self,
        bands: int = 3,
        tokens: int = 4,
        encoder_depth: int = 1,
        decoder_depth: int = 8,
        head_width: int = 8,
        stages: int = 4,
    ) -> None:
        super().__init__()
        self.bands, self.tokens = bands, tokens
        if tokens:
            self.pos_embedding = nn.Parameter(torch.randn(1, 2 * tokens, WIDTH))
        self.resnet = ResNet18(bands, stages)
        self.upsamplex2 = nn.Upsample(scale_factor=2)
        self.upsamplex4 = nn.Upsample(scale_factor=4, mode="bilinear")
        self.classifier = nn.Sequential(
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False),
            nn.BatchNorm2d(WIDTH),
            nn.ReLU(),
            nn.Conv2d(WIDTH, 2, 3, padding=1),
        )
        self.conv_pred = nn.Conv2d(STAGE_WIDTHS[stages], WIDTH, 3, padding=1)
        if tokens:
            self.conv_a = nn.Conv2d(WIDTH, tokens, 1, bias=False)
            self.transformer = Transformer(encoder_depth)
            self.transformer_decoder = TransformerDecoder(decoder_depth, head_width)

    def forward(self, t1: Tensor, t2: Tensor) -> Tensor:
        """Return logits (N, 2, H, W) of unchanged and changed.

        ``t1`` and ``t2`` are float32 (N, bands, H, W), normalised as in training (the published
        networks: RGB / 255, then (x - 0.5) / 0.5); H and W are multiples of 8. No nodata: fill it
        before. Swapping the dates changes the answer.
        """
        x1, x2 = self.encode(t1), self.encode(t2)  # (N, 32, H/4, W/4) each
        if self.tokens:
            both = torch.cat([self.tokenise(x1), self.tokenise(x2)], 1)  # (N, 8, 32)
            tokens1, tokens2 = self.transformer(both + self.pos_embedding).chunk(2, 1)  # (N, 4, 32) each
            x1, x2 = self.decode(x1, tokens1), self.decode(x2, tokens2)
        return self.classifier(self.upsamplex4((x1 - x2).abs()))  # (N, 2, H, W)

    def encode(self, date: Tensor) -> Tensor:
        """Return the features of one date, (N, bands, H, W) -> (N, 32, H/4, W/4)."""
        return self.conv_pred(self.upsamplex2(self.resnet(date)))

    def tokenise(self, x: Tensor) -> Tensor:
        """Return the tokens of one date: weighted sums of its pixels, (N, 32, h, w) -> (N, tokens, 32)."""
        weights = self.conv_a(x).flatten(2).softmax(-1)  # (N, tokens, h x w)
        return weights @ x.flatten(2).transpose(1, 2)

    def decode(self, x: Tensor, tokens: Tensor) -> Tensor:
        """Return the features of one date, each pixel refined by that date's tokens; the shape stays."""
        pixels = x.flatten(2).transpose(1, 2)  # (N, h x w, 32), row by row
        return self.transformer_decoder(pixels, tokens).transpose(1, 2).reshape(x.shape)


def from_state(state: Mapping[str, Tensor]) -> BIT:
    """Return the BIT that ``state`` (a state dict) belongs to, with its weights, ready to run.

    Bands, tokens, depths, head width and stages are read from the names and shapes, so every released
    variant loads. Raises KeyError or RuntimeError where the state is not BIT's.
    """
    network = BIT(
        bands=state["resnet.conv1.weight"].shape[1],
        tokens=state["conv_a.weight"].shape[0] if "conv_a.weight" in state else 0,
        encoder_depth=_depth(state, "transformer"),
        decoder_depth=_depth(state, "transformer_decoder"),
        head_width=_head_width(state),
        stages=_stages(state),
    )
    network.load_state_dict(state, strict=True)
    return network.eval()


def _depth(state: Mapping[str, Tensor], transformer: str) -> int:
    found = (re.match(rf"{transformer}\.layers\.(\d+)\.", key) for key in state)
    return max((int(match[1]) + 1 for match in found if match), default=0)


def _head_width(state: Mapping[str, Tensor]) -> int:
    first = state.get("transformer_decoder.layers.0.0.fn.fn.to_q.weight")
    return HEADS if first is None else first.shape[0] // HEADS


def _stages(state: Mapping[str, Tensor]) -> int:
    return {width: stages for stages, width in STAGE_WIDTHS.items()}[state["conv_pred.weight"].shape[1]]
