"""A BIT that can be trained on, from an .onnx file that ``models.export`` wrote: the steps of ``models.deploy`` undone.

Its answers are the file's, but for rounding. What the file does not hold stays as it was drawn: the ResNet's last
stages, which never run. Batch normalisation, which the file has multiplied into the convolutions, comes back as one
that does nothing; it has to stay frozen while training goes on (``models.runs``).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from app import files
from app.detection.network import graph, stating
from app.detection.network.contract import Contract
from app.errors import NetworkError
from models.bit import BIT, HEADS, WIDTH, BasicBlock
from models.deploy import NEAREST_THEN_3

if TYPE_CHECKING:
    import onnx


def bit(path: Path) -> tuple[BIT, Contract]:
    """Return the network of a bit.onnx with its weights, ready to run, and its contract.

    Raises NetworkError where the file cannot be read or is of no BIT that Scarp exported.
    """
    import onnx

    try:
        content = files.local(path).read_bytes()
    except OSError as error:
        raise NetworkError(f"{path} cannot be read ({error.strerror}); name an .onnx file.") from error
    contract = stating.stated(path, graph.read(content))
    try:
        return _unfolded(onnx.load_from_string(content).graph), contract
    except (KeyError, IndexError, ValueError, RuntimeError) as error:
        raise NetworkError(
            f"{path.name} is no BIT that `python -m models.export bit` wrote; name such a file, or a checkpoint."
        ) from error


def _unfolded(held: "onnx.GraphProto") -> BIT:
    from onnx import numpy_helper

    weights = {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in held.initializer}
    nodes = {node.name: list(node.input) for node in held.node}
    depth = sum(name.endswith(".to_scores") for name in weights)
    encoder = len({name for name in nodes if name.startswith("/transformer/") and name.endswith("/to_qkv/MatMul")})
    first = weights[nodes["/resnet/conv1/Conv"][1]]
    stages = 3 + sum(f"/resnet/layer{k}/layer{k}.0/conv1/Conv" in nodes for k in (3, 4))
    network = BIT(first.shape[1], weights["network.conv_a.weight"].shape[0], encoder, depth, stages=stages)
    with torch.no_grad():
        _encoder(network, nodes, weights)
        _tokens(network, nodes, weights)
        _decoder(network, nodes, weights)
    return network.eval()


def _encoder(network: BIT, nodes: Mapping[str, list[str]], weights: Mapping[str, Tensor]) -> None:
    """Set what turns a date into features, and what turns their difference into classes."""

    def folded(name: str, convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
        _, weight, bias = nodes[f"{name}/Conv"]
        convolution.weight.copy_(weights[weight])
        norm.weight.fill_((1 + norm.eps) ** 0.5)  # over a variance of 1
        norm.bias.copy_(weights[bias])

    resnet = network.resnet
    folded("/resnet/conv1", resnet.conv1, resnet.bn1)
    for stage in range(1, resnet.stages):
        for number, block in enumerate(getattr(resnet, f"layer{stage}")):
            assert isinstance(block, BasicBlock)
            at = f"/resnet/layer{stage}/layer{stage}.{number}"
            folded(f"{at}/conv1", block.conv1, block.bn1)
            folded(f"{at}/conv2", block.conv2, block.bn2)
            if block.downsample is not None:
                folded(f"{at}/downsample/downsample.0", block.downsample[0], block.downsample[1])
    folded("/classifier/classifier.0", network.classifier[0], network.classifier[1])
    _, weight, bias = nodes["/classifier/classifier.3/Conv"]
    network.classifier[3].weight.copy_(weights[weight])
    network.classifier[3].bias.copy_(weights[bias])
    network.conv_pred.weight.copy_(joined([weights[f"conv_pred.kernels.{k}"] for k in range(4)]))
    network.conv_pred.bias.copy_(weights["conv_pred.bias"])


def joined(kernels: list[Tensor]) -> Tensor:
    """Return the kernel (out, in, 3, 3) after an upsampling whose four phases are ``kernels`` (out, in, 2, 2)."""
    falls = np.asarray(NEAREST_THEN_3, np.float64)  # (phase, input row, kernel row)
    sees = np.einsum("ayk,bxl->abyxkl", falls, falls).reshape(16, 9)
    seen = torch.stack(kernels).double().flatten(3).permute(0, 3, 1, 2).flatten(0, 1)  # (16, out, in)
    kernel = torch.from_numpy(np.linalg.pinv(sees)) @ seen.flatten(1)
    return kernel.reshape(3, 3, *seen.shape[1:]).permute(2, 3, 0, 1).float()


def _tokens(network: BIT, nodes: Mapping[str, list[str]], weights: Mapping[str, Tensor]) -> None:
    """Set what makes the tokens of both dates and compares them."""
    network.conv_a.weight.copy_(weights["network.conv_a.weight"])
    network.pos_embedding.copy_(weights["network.pos_embedding"])
    for number, (attention, step) in enumerate(network.transformer.layers):
        at = f"/transformer/layers.{number}"
        for half, part, linears in (
            (0, attention.fn, {"to_qkv": attention.fn.fn.to_qkv, "to_out/to_out.0": attention.fn.fn.to_out[0]}),
            (1, step.fn, {"net/net.0": step.fn.fn.net[0], "net/net.3": step.fn.fn.net[3]}),
        ):
            norm = nodes[f"{at}.{half}/fn/norm/LayerNormalization"]
            part.norm.weight.copy_(weights[norm[1]])
            part.norm.bias.copy_(weights[norm[2]])
            for name, linear in linears.items():
                whole = f"{at}.{half}/fn/fn/{name}"
                linear.weight.copy_(_one_of(nodes[f"{whole}/MatMul"], weights).T)
                if linear.bias is not None:
                    linear.bias.copy_(_one_of(nodes[f"{whole}/Add"], weights))


def _decoder(network: BIT, nodes: Mapping[str, list[str]], weights: Mapping[str, Tensor]) -> None:
    """Set what looks at the tokens from every pixel: projections are taken apart again, each to its rank."""
    for number, (looks, step) in enumerate(network.transformer_decoder.layers):
        attention, norm = looks.fn.fn, looks.fn.norm
        norm.weight.copy_(_one_of(nodes[f"/attentions.{number}/Mul"], weights))
        norm.bias.copy_(_one_of(nodes[f"/attentions.{number}/Add"], weights))
        scores = weights[f"attentions.{number}.to_scores"].double().unflatten(1, (HEADS, WIDTH)) / norm.weight.double()
        values = weights[f"attentions.{number}.to_values"].double().unflatten(1, (HEADS, WIDTH))
        wide = attention.to_q.weight.shape[0] // HEADS
        for head in range(HEADS):
            rows = slice(head * wide, (head + 1) * wide)
            key, query = factors(scores[:, head] * WIDTH**0.5, wide)
            taken, given = factors(values[:, head], wide)
            attention.to_k.weight[rows], attention.to_q.weight[rows] = key.float(), query.float()
            attention.to_v.weight[rows], attention.to_out[0].weight[:, rows] = taken.float(), given.T.float()
        attention.to_out[0].bias.copy_(weights[f"attentions.{number}.value_bias"][:WIDTH] * HEADS)
        step.fn.norm.weight.fill_(1)  # the file has it multiplied into what follows
        step.fn.norm.bias.fill_(0)
        first, last = step.fn.fn.net[0], step.fn.fn.net[-1]
        at = f"/feed_forwards.{number}"
        first.weight.copy_(_one_of(nodes[f"{at}/MatMul"], weights))
        first.bias.copy_(_one_of(nodes[f"{at}/Add"], weights)[:, 0])
        last.weight.copy_(_one_of(nodes[f"{at}/MatMul_1"], weights))
        last.bias.copy_(_one_of(nodes[f"{at}/Add_2"], weights)[:, 0])


def factors(product: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Return a (rank, m) and b (rank, n) with a' b nearest to ``product`` (m, n), both as large as each other."""
    left, sizes, right = torch.linalg.svd(product, full_matrices=False)
    root = sizes[:rank].sqrt()
    return (left[:, :rank] * root).T, right[:rank] * root[:, None]


def _one_of(names: list[str], weights: Mapping[str, Tensor]) -> Tensor:
    """Return the one weight among a node's inputs."""
    (found,) = (weights[name] for name in names if name in weights)
    return found
