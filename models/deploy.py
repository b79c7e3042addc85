"""BIT and CDRL rearranged for onnxruntime: fewer and quicker operators, equal answers.

Nothing is learnt or approximated. Linear steps that follow one another are multiplied out (an
upsampling and the convolution after it; the projections of pixels and of the tokens they are
compared with), and BIT's decoder keeps channels first, so that nothing is transposed. The answers
differ from the plain networks' by rounding.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.bit import BIT, HEADS, WIDTH, CrossAttention, PreNorm
from models.cdrl import Generator, SpatialGate

LAYER_NORM_EPS = 1e-5

PHASES = ((0, 0), (0, 1), (1, 0), (1, 1))  # output pixel (2i + a, 2j + b) is of phase (a, b)
# What output rows 2i and 2i + 1 see of the input, as (phase, input row, kernel row) with ones where the
# kernel's row falls on the input's. Of two input rows, row 2i sees i - 1 and i, row 2i + 1 sees i and
# i + 1; of three, both see i - 1 to i + 1.
NEAREST_THEN_3 = (((1, 0, 0), (0, 1, 1)), ((1, 1, 0), (0, 0, 1)))
TRANSPOSED_4 = (((0, 0, 0, 1), (0, 1, 0, 0)), ((0, 0, 1, 0), (1, 0, 0, 0)))
NEAREST_THEN_4 = (((1, 1, 0, 0), (0, 0, 1, 1), (0, 0, 0, 0)), ((1, 0, 0, 0), (0, 1, 1, 0), (0, 0, 0, 1)))


class _Phases(torch.autograd.Function):
    """Four 2x2 convolutions, one for each output phase, interleaved.

    ONNX's convolution pads each side as it is told; torch's does not, hence the two forms.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, bias: Tensor | None, *kernels: Tensor) -> Tensor:
        padded = [functional.pad(x, (1 - b, b, 1 - a, a)) for a, b in PHASES]
        made = [functional.conv2d(p, kernel, bias) for p, kernel in zip(padded, kernels, strict=True)]
        return functional.pixel_shuffle(torch.stack(made, 2).flatten(1, 2), 2)

    @staticmethod
    def symbolic(g: Any, x: Any, bias: Any, *kernels: Any) -> Any:
        given = [] if bias is None else [bias]
        made = [
            g.op("Conv", x, kernel, *given, kernel_shape_i=[2, 2], pads_i=[1 - a, 1 - b, a, b])
            for (a, b), kernel in zip(PHASES, kernels, strict=True)
        ]
        joined = g.op("Concat", *made, axis_i=1)
        shape = [None, kernels[0].type().sizes()[0], None, None]
        return g.op("DepthToSpace", joined, blocksize_i=2, mode_s="DCR").setType(x.type().with_sizes(shape))


class UpConv(nn.Module):
    """Double the size: one small convolution for each of the four output phases, then interleaved.

    It equals an upsampling and a convolution (``weight`` (out, in, k, k), ``bias``), ``rows`` saying
    which kernel rows, and columns, fall on the same input pixel.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, rows: tuple) -> None:
        super().__init__()
        falls = torch.tensor(rows, dtype=weight.dtype)  # (2, taps, k)
        kernels = torch.einsum("ayk,bxl,oikl->aboiyx", falls, falls, weight.detach())
        self.separate = falls.shape[1] == 2
        if self.separate:
            self.kernels = nn.ParameterList(kernels[a, b].contiguous() for a, b in PHASES)
        else:
            self.kernels = nn.ParameterList([kernels.permute(2, 0, 1, 3, 4, 5).flatten(0, 2).contiguous()])
        repeats = 1 if self.separate else len(PHASES)
        self.bias = None if bias is None else nn.Parameter(bias.detach().repeat_interleave(repeats))

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, out, 2h, 2w) of ``x`` (N, in, h, w)."""
        if self.separate:
            return _Phases.apply(x, self.bias, *self.kernels)
        return functional.pixel_shuffle(functional.conv2d(x, self.kernels[0], self.bias, padding=1), 2)


def _standardised(x: Tensor) -> Tensor:
    """Return LayerNorm without its weights over the channels of (N, 32, items)."""
    centred = x - x.mean(1, keepdim=True)
    variance = (centred * centred).mean(1, keepdim=True)
    return centred / (variance + LAYER_NORM_EPS).sqrt()


class PixelAttention(nn.Module):
    """A decoder layer's cross-attention, its projections and LayerNorms multiplied out.

    The score of pixel x and token m in one head, (Wq x)'(Wk m), is m'(Wk'Wq) x: so the tokens of a
    date make one matrix that turns a pixel into its scores, and likewise one that turns the attention
    weights into the answer.
    """

    def __init__(self, layer: PreNorm) -> None:
        super().__init__()
        attention: CrossAttention = layer.fn
        q, k, v = (
            linear.weight.detach().double().unflatten(0, (HEADS, -1))
            for linear in (attention.to_q, attention.to_k, attention.to_v)
        )  # (heads, head width, 32) each
        out = attention.to_out[0].weight.detach().double().unflatten(1, (HEADS, -1))  # (32, heads, head width)
        gain, shift = layer.norm.weight.detach().double(), layer.norm.bias.detach().double()
        scores = torch.einsum("hwm,hwc->mhc", k, q) * WIDTH**-0.5  # (token channel, heads, pixel channel)
        values = torch.einsum("chw,hwm->mhc", out, v)
        self.gain, self.shift = layer.norm.weight, layer.norm.bias
        self.to_scores = nn.Parameter((scores * gain).flatten(1).float())  # (32, heads x 32)
        self.to_offsets = nn.Parameter((scores @ shift).float())  # (32, heads)
        self.to_values = nn.Parameter(values.flatten(1).float())  # (32, heads x 32)
        # a head's weights sum to one, so an eighth of the bias in each head adds the whole
        self.value_bias = nn.Parameter((attention.to_out[0].bias.detach() / HEADS).repeat(HEADS))

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        """Return the answer (N, 32, pixels) for standardised ``x`` (N, 32, pixels), ``tokens`` (N, t, 32)."""
        count = tokens.shape[1]
        tokens = tokens * self.gain + self.shift
        matrix = (tokens @ self.to_scores).reshape(-1, count * HEADS, WIDTH)  # (N, t x heads, 32)
        offsets = (tokens @ self.to_offsets).reshape(-1, count * HEADS, 1)
        scores = (matrix @ x + offsets).unflatten(1, (count, HEADS))  # (N, t, heads, pixels)
        weights = (scores - scores.amax(1, keepdim=True)).exp()
        weights = (weights / weights.sum(1, keepdim=True)).flatten(1, 2)  # (N, t x heads, pixels)
        values = (tokens @ self.to_values + self.value_bias).reshape(-1, count * HEADS, WIDTH)
        return values.transpose(1, 2) @ weights


class PixelFeedForward(nn.Module):
    """A decoder layer's feed-forward step, its LayerNorm's weights multiplied in."""

    def __init__(self, layer: PreNorm) -> None:
        super().__init__()
        first, last = layer.fn.net[0], layer.fn.net[-1]
        self.first = nn.Parameter(first.weight.detach() * layer.norm.weight.detach())
        self.first_bias = nn.Parameter((first.bias + first.weight @ layer.norm.bias).detach()[:, None])
        self.last, self.last_bias = last.weight, nn.Parameter(last.bias.detach()[:, None])

    def forward(self, x: Tensor) -> Tensor:
        """Return the answer (N, 32, pixels) for standardised ``x`` (N, 32, pixels)."""
        x = functional.gelu(self.first @ x + self.first_bias)  # (N, 64, pixels)
        return self.last @ x + self.last_bias


class DeployedBIT(nn.Module):
    """BIT rearranged; inputs and output as of ``models.bit.BIT`` in evaluation mode."""

    def __init__(self, network: BIT) -> None:
        super().__init__()
        self.network = network
        self.conv_pred = UpConv(network.conv_pred.weight, network.conv_pred.bias, NEAREST_THEN_3)
        decoder = network.transformer_decoder.layers if network.tokens else []
        self.attentions = nn.ModuleList(PixelAttention(attention.fn) for attention, _ in decoder)
        self.feed_forwards = nn.ModuleList(PixelFeedForward(step.fn) for _, step in decoder)

    def forward(self, t1: Tensor, t2: Tensor) -> Tensor:
        """Return logits (N, 2, H, W) of unchanged and changed for two dates (N, bands, H, W)."""
        features = self.conv_pred(self.network.resnet(torch.cat([t1, t2])))  # (2N, 32, H/4, W/4), T1's first
        x = features.flatten(2)  # (2N, 32, pixels)
        if self.network.tokens:
            tokens = self.tokens(features)
            for attention, feed_forward in zip(self.attentions, self.feed_forwards, strict=True):
                x = x + attention(_standardised(x), tokens)
                x = x + feed_forward(_standardised(x))
        dates = x.reshape(2, -1, *features.shape[1:])  # (2, N, 32, H/4, W/4)
        return self.network.classifier(self.network.upsamplex4((dates[0] - dates[1]).abs()))

    def tokens(self, features: Tensor) -> Tensor:
        """Return each date's tokens as the transformer leaves them, standardised, (2N, t, 32)."""
        count = self.network.tokens
        dates = self.network.tokenise(features).reshape(2, -1, count, WIDTH)
        both = self.network.transformer(torch.cat([dates[0], dates[1]], 1) + self.network.pos_embedding)
        tokens = torch.cat([both[:, :count], both[:, count:]])  # (2N, t, 32)
        return _standardised(tokens.transpose(1, 2)).transpose(1, 2)


class DeployedGenerator(nn.Module):
    """CDRL's generator rearranged; inputs and output as of ``models.cdrl.Generator`` in evaluation mode."""

    def __init__(self, network: Generator) -> None:
        super().__init__()
        self.network = network
        ups = [network.get_submodule(f"up{level}") for level in range(1, 8)]
        self.ups = nn.ModuleList(UpConv(up.model[0].weight.transpose(0, 1), None, TRANSPOSED_4) for up in ups)
        self.final = UpConv(network.final[2].weight, network.final[2].bias, NEAREST_THEN_4)

    def forward(self, t1: Tensor, t2: Tensor) -> Tensor:
        """Return the reconstruction (N, bands, H, W) of two dates (N, bands, H, W)."""
        features = list(zip(self.network.encode(t1), self.network.encode(t2), strict=True))
        x = features[-1][0] + features[-1][1]  # (N, 512, H/256, W/256)
        for level, (up, skips) in enumerate(zip(self.ups, features[-2::-1], strict=True), start=1):
            plain = self.network.get_submodule(f"up{level}")
            skip = plain.ChannelGate(skips[0]) + _gated(plain.SpatialGate, skips[1], plain.model[0].out_channels)
            x = torch.cat([plain.model[1:](up(x)), skip], 1)  # InstanceNorm and ReLU follow the convolution
        return self.final(x).tanh()


def _gated(gate: SpatialGate, x: Tensor, width: int) -> Tensor:
    """Return what the gate lets through; a 1x1 convolution is the quickest mean over channels."""
    mean = functional.conv2d(x, x.new_full((1, width, 1, 1), 1 / width))  # (N, 1, h, w)
    return x * gate.spatial(torch.cat([x.amax(1, keepdim=True), mean], 1)).sigmoid()
