"""Networks of a few nodes, built with the onnx package: what each answers can be worked out by hand."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from app.detection.network.contract import Contract

FLOAT, UINT8, INT64, BOOL = TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT64, TensorProto.BOOL
OPSET = 17

RED = Contract(name="tiny", bands=("B04",), output="probability", threshold=0.25, tile=16, overlap=4)


def put(folder: Path, model: onnx.ModelProto | bytes, name: str = "tiny") -> Path:
    """Write a network into ``folder`` and return its path."""
    path = folder / f"{name}.onnx"
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    return path


def constant(name: str, values, dtype=np.float32):
    return numpy_helper.from_array(np.array(values, dtype), name)


def model(
    nodes: Sequence,
    *,
    inputs: Sequence[tuple] = (("t1", FLOAT, ("n", 1, "h", "w")), ("t2", FLOAT, ("n", 1, "h", "w"))),
    outputs: Sequence[tuple] = (("score", FLOAT, ("n", 1, "h", "w")),),
    weights: Sequence = (),
    contract: Contract | None = RED,
    functions: Sequence = (),
    domains: Sequence[str] = (),
) -> onnx.ModelProto:
    """Return a network; inputs and outputs are (name, type, shape)."""
    graph = helper.make_graph(
        list(nodes),
        "tiny",
        [helper.make_tensor_value_info(*one) for one in inputs],
        [helper.make_tensor_value_info(*one) for one in outputs],
        initializer=list(weights),
    )
    opsets = [helper.make_opsetid("", OPSET), *(helper.make_opsetid(domain, 1) for domain in domains)]
    made = helper.make_model(graph, opset_imports=opsets, functions=list(functions), ir_version=9)
    if contract is not None:
        helper.set_model_props(made, contract.to_metadata())
    return made


def difference(contract: Contract | None = RED, shape: tuple = ("n", 1, "h", "w"), **changes) -> onnx.ModelProto:
    """|t2 - t1|, averaged over channels: a probability of one channel."""
    nodes = [
        helper.make_node("Sub", ["t2", "t1"], ["change"]),
        helper.make_node("Abs", ["change"], ["size"]),
        helper.make_node("ReduceMean", ["size"], ["score"], axes=[1], keepdims=1),
    ]
    sides = {
        "inputs": [(name, FLOAT, shape) for name in ("t1", "t2")],
        "outputs": [("score", FLOAT, (shape[0], 1, *shape[2:]))],
    }
    return model(nodes, **{**sides, "contract": contract, **changes})


def box(contract: Contract = RED, side: int = 3) -> onnx.ModelProto:
    """The mean of t2 - t1 over ``side`` x ``side`` pixels, zeros beyond the tile, as convolutions have it."""
    nodes = [
        helper.make_node("Sub", ["t2", "t1"], ["change"]),
        helper.make_node("Conv", ["change", "kernel"], ["score"], pads=[side // 2] * 4),
    ]
    return model(nodes, weights=[constant("kernel", np.full((1, 1, side, side), side**-2))], contract=contract)


def logits(contract: Contract | None = None) -> onnx.ModelProto:
    """Channel 0 is 0, channel 1 is 10 (t2 - t1)."""
    contract = contract or replace(RED, output="logits", threshold=0.5)
    nodes = [
        helper.make_node("Sub", ["t2", "t1"], ["change"]),
        helper.make_node("Conv", ["change", "kernel"], ["score"]),
    ]
    return model(
        nodes,
        weights=[constant("kernel", [[[[0.0]]], [[[10.0]]]])],
        outputs=[("score", FLOAT, ("n", 2, "h", "w"))],
        contract=contract,
    )


def one_logit(times: float = 10.0) -> onnx.ModelProto:
    """``times`` (t2 - t1), of which a sigmoid is wanted."""
    nodes = [
        helper.make_node("Sub", ["t2", "t1"], ["change"]),
        helper.make_node("Mul", ["change", "ten"], ["score"]),
    ]
    return model(nodes, weights=[constant("ten", times)], contract=replace(RED, output="logits", threshold=0.5))


def rebuilds_t1(contract: Contract) -> onnx.ModelProto:
    """Answers with T1: compared with T2, the error is half their difference."""
    bands = len(contract.bands)
    nodes = [
        helper.make_node("Mul", ["t2", "zero"], ["nothing"]),
        helper.make_node("Add", ["t1", "nothing"], ["score"]),
    ]
    sides = [(name, FLOAT, ("n", bands, "h", "w")) for name in ("t1", "t2")]
    return model(
        nodes,
        inputs=sides,
        outputs=[("score", FLOAT, ("n", bands, "h", "w"))],
        weights=[constant("zero", 0.0)],
        contract=contract,
    )


def stacked_bytes(contract: Contract) -> onnx.ModelProto:
    """One uint8 input of both dates: |t2 - t1| / 255 of one band."""
    nodes = [
        helper.make_node("Cast", ["pair"], ["numbers"], to=FLOAT),
        helper.make_node("Split", ["numbers"], ["t1", "t2"], axis=1),
        helper.make_node("Sub", ["t2", "t1"], ["change"]),
        helper.make_node("Abs", ["change"], ["size"]),
        helper.make_node("Div", ["size", "most"], ["score"]),
    ]
    return model(
        nodes, inputs=[("pair", UINT8, ("n", 2, "h", "w"))], weights=[constant("most", 255.0)], contract=contract
    )


def normalising(contract: Contract = RED) -> onnx.ModelProto:
    """The difference, normalised over the tile: its answer depends on how the scene is cut."""
    nodes = [
        helper.make_node("Sub", ["t2", "t1"], ["change"]),
        helper.make_node("InstanceNormalization", ["change", "one", "none"], ["normal"]),
        helper.make_node("Sigmoid", ["normal"], ["score"]),
    ]
    return model(nodes, weights=[constant("one", [1.0]), constant("none", [0.0])], contract=contract)


def hungry(numbers: int) -> onnx.ModelProto:
    """Fills ``numbers`` float32 before it answers."""
    nodes = [
        helper.make_node("ReduceMean", ["t1"], ["mean"], keepdims=0),
        helper.make_node("Expand", ["mean", "many"], ["wide"]),
        helper.make_node("Mul", ["wide", "wide"], ["wider"]),
        helper.make_node("ReduceMax", ["wider"], ["most"], keepdims=0),
        helper.make_node("Mul", ["t2", "most"], ["score"]),
    ]
    return model(nodes, weights=[constant("many", [numbers], np.int64)])


def hungry_where_large() -> onnx.ModelProto:
    """Needs memory for the fourth power of its pixels: works on small tiles only."""
    nodes = [
        helper.make_node("Reshape", ["t1", "flat"], ["column"]),
        helper.make_node("Transpose", ["column"], ["row"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["column", "row"], ["square"]),
        helper.make_node("ReduceMax", ["square"], ["most"], keepdims=0),
        helper.make_node("Mul", ["most", "zero"], ["nothing"]),
        helper.make_node("Add", ["t2", "nothing"], ["score"]),
    ]
    return model(nodes, weights=[constant("flat", [1, -1, 1], np.int64), constant("zero", 0.0)])


def never_ending(times: int = 10**12) -> onnx.ModelProto:
    """Adds one ``times`` times."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["still_going"]),
            helper.make_node("Add", ["value", "step"], ["next"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", INT64, []),
            helper.make_tensor_value_info("going", BOOL, []),
            helper.make_tensor_value_info("value", FLOAT, ["n", 1, "h", "w"]),
        ],
        [
            helper.make_tensor_value_info("still_going", BOOL, []),
            helper.make_tensor_value_info("next", FLOAT, ["n", 1, "h", "w"]),
        ],
        initializer=[constant("step", 1.0)],
    )
    loop = helper.make_node("Loop", ["times", "yes", "t1"], ["looped"], body=body)
    nodes = [loop, helper.make_node("Sub", ["t2", "looped"], ["score"])]
    return model(nodes, weights=[constant("times", times, np.int64), constant("yes", True, bool)])


def choosing(node=None, weights: Sequence = (), domains: Sequence[str] = ()) -> onnx.ModelProto:
    """An If whose first branch holds ``node`` and ``weights``."""
    shape = ["n", 1, "h", "w"]

    def branch(name: str, nodes: list, held: Sequence = ()):
        return helper.make_graph(nodes, name, [], [helper.make_tensor_value_info(name, FLOAT, shape)], list(held))

    first = branch("a", [node or helper.make_node("Identity", ["t1"], ["a"])], weights)
    second = branch("b", [helper.make_node("Identity", ["t2"], ["b"])])
    nodes = [helper.make_node("If", ["yes"], ["score"], then_branch=first, else_branch=second)]
    return model(nodes, weights=[constant("yes", True, bool)], domains=domains)


def outside(name: str = "far") -> TensorProto:
    """A weight whose values lie in another file."""
    tensor = constant(name, [0.0])
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return tensor
