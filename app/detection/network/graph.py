"""What an .onnx file holds, read without running it; whatever could reach beyond the file is refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from app.detection.network import wire
from app.detection.network.contract import KEY, LONGEST_JSON
from app.errors import NetworkError
from app.files import digest

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

STANDARD_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
# where onnxruntime has kernels of its own, which it may run in place of a function that has their name
RUNTIME_DOMAINS = ("ai.onnx", "com.microsoft", "com.ms", "com.intel", "com.nvidia", "com.xilinx", "org.pytorch.aten")
LONGEST_NAME = 200  # of an input or output
MOST_TENSORS, MOST_SIDES, MOST_OPERATORS = 64, 16, 1000
_DAMAGED = "it is not an ONNX file, or is damaged or cut short; download or export it again."
_DISGUISED = {
    b"version https://git-lfs": "is a pointer to a file kept by Git LFS, not the file itself; run `git lfs pull`",
    b"PK\x03\x04": "is a zip, perhaps a torch checkpoint; export it with `python -m models.export`",
    b"\x80\x02": "is a pickle, perhaps a torch checkpoint; export it with `python -m models.export`",
    b"\x80\x04": "is a pickle, perhaps a torch checkpoint; export it with `python -m models.export`",
    b"\x89HDF": "is an HDF5 file, perhaps of Keras; export it as ONNX",
    b"<": "is a web page or XML; download the file itself",
}


@dataclass(frozen=True)
class Tensor:
    """An input or output: numpy's name of its type ("" for what is no plain tensor), None for open sides."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]
    made_by: str = ""  # the operator an output comes from

    def __str__(self) -> str:
        sides = ", ".join("any" if side is None else str(side) for side in self.shape)
        return f"{self.name} {self.dtype or 'not a tensor'} ({sides})"


@dataclass(frozen=True)
class Graph:
    """What a network file says of itself."""

    sha256: str
    size: int
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    operators: tuple[str, ...]
    metadata: Mapping[str, str]  # the contract's entry alone, where there is one

    def to_values(self) -> dict[str, object]:
        """Return it as plain values that JSON can hold."""
        return asdict(self)

    @staticmethod
    def from_values(values: Mapping[str, Any]) -> "Graph":
        """Return it from what ``to_values`` gave, after a way through JSON."""
        tensors = {
            side: tuple(Tensor(**{**one, "shape": tuple(one["shape"])}) for one in values[side])
            for side in ("inputs", "outputs")
        }
        return Graph(**{**values, **tensors, "operators": tuple(values["operators"])})


def read(content: bytes) -> Graph:
    """Return what the bytes of an .onnx file hold.

    Raises NetworkError, a sentence about "it", where they are no such file or ask for more than the
    standard operators and the file's own weights: external data in any tensor, operators of other
    domains, functions under the names of onnxruntime's own, training steps. Runs in a process that may be lost:
    parsing takes memory.
    """
    model = _parsed(content)
    try:
        return _described(model, content)
    except (AttributeError, TypeError, UnicodeError) as error:  # protobuf gives a text that is none as bytes
        raise NetworkError(_DAMAGED) from error


def _described(model: "ModelProto", content: bytes) -> Graph:
    own_functions = _own_functions(model)
    operators = set()
    for message in _messages(model):
        kind = message.DESCRIPTOR.name
        if kind == "TensorProto":
            _refuse_external(message)
        elif kind == "NodeProto":
            _refuse_foreign(message, own_functions)
            operators.add(_short(message.op_type))
    if len(operators) > MOST_OPERATORS:
        raise NetworkError(f"it uses {len(operators):,} different operators; at most {MOST_OPERATORS:,} are looked at.")
    if model.training_info:
        raise NetworkError("it holds training steps; export the network for inference only.")
    return Graph(
        sha256=digest(content),
        size=len(content),
        inputs=tuple(_tensor(value) for value in _few(_open_inputs(model.graph), "inputs")),
        outputs=_outputs(model.graph),
        operators=tuple(sorted(operators)),
        metadata={entry.key: _clipped(entry.value) for entry in model.metadata_props if entry.key == KEY},
    )


def _parsed(content: bytes) -> "ModelProto":
    if not content:
        raise NetworkError("it is empty; download or export it again.")
    for start, what in _DISGUISED.items():
        if content.startswith(start):
            raise NetworkError(f"it {what}.")
    if content[4:8] == b"ORTM":
        raise NetworkError("it is in onnxruntime's own format; give the .onnx file it was made from.")
    import onnx

    try:
        wire.bounded(content, onnx.ModelProto.DESCRIPTOR)
        model = onnx.load_from_string(content)
    except (NetworkError, MemoryError):
        raise
    except Exception as error:  # the parser's own kinds, or a bare ValueError
        raise NetworkError(_DAMAGED) from error
    if not model.graph.node or not model.graph.output:
        raise NetworkError("it holds no network; download or export it again.")
    return model


def _messages(message: Any) -> Iterator[Any]:
    """Yield a message and all within it: subgraphs, functions, attributes, sparse tensors. Tensors are not entered."""
    yield message
    if message.DESCRIPTOR.name == "TensorProto":
        return
    for field in message.DESCRIPTOR.fields:
        if field.message_type is None:
            continue
        value = getattr(message, field.name)
        if not hasattr(value, "DESCRIPTOR"):  # a repeated field
            for item in value:
                yield from _messages(item)
        elif message.HasField(field.name):
            yield from _messages(value)


def _own_functions(model: "ModelProto") -> set[tuple[str, str]]:
    """Return domain and name of the functions a file brings; raises NetworkError for one in the runtime's domains."""
    for function in model.functions:
        held = [name for name in RUNTIME_DOMAINS if f"{function.domain}.".startswith(f"{name}.")]
        if held or not function.domain:
            raise NetworkError(
                f"it brings a function {_short(function.name)} of its own in the domain "
                f"{_short(function.domain) or 'of ONNX'}, which onnxruntime fills itself and might run instead. "
                "Export it with functions in a domain of its own, or without."
            )
    return {(function.domain, function.name) for function in model.functions}


def _refuse_external(tensor: "TensorProto") -> None:
    if tensor.external_data or tensor.data_location:  # 0 is inside the file
        raise NetworkError(
            f"the weights {_short(tensor.name)} lie in another file, which is not opened. Export it as one file "
            "(torch: external_data=False)."
        )


def _refuse_foreign(node: "NodeProto", own_functions: set[tuple[str, str]]) -> None:
    if node.domain not in STANDARD_DOMAINS and (node.domain, node.op_type) not in own_functions:
        raise NetworkError(
            f"it uses the operator {_short(node.op_type)} of {_short(node.domain)}, and only ONNX's own operators are "
            "run. Export it with standard operators."
        )


def _open_inputs(graph: "GraphProto") -> list["ValueInfoProto"]:
    """Return the inputs that a caller has to give: old files list their weights as inputs too."""
    given = {tensor.name for tensor in graph.initializer} | {s.values.name for s in graph.sparse_initializer}
    return [value for value in graph.input if value.name not in given]


def _outputs(graph: "GraphProto") -> tuple[Tensor, ...]:
    makers = {name: node.op_type for node in graph.node for name in node.output}
    return tuple(_tensor(value, _short(makers.get(value.name, ""))) for value in _few(graph.output, "outputs"))


def _few(tensors: Sequence["ValueInfoProto"], what: str) -> Sequence["ValueInfoProto"]:
    if len(tensors) > MOST_TENSORS:
        raise NetworkError(f"it has {len(tensors):,} {what}, and at most {MOST_TENSORS} are looked at; export it anew.")
    return tensors


def _tensor(value: "ValueInfoProto", made_by: str = "") -> Tensor:
    from onnx import helper

    if len(value.name) > LONGEST_NAME or not value.name.isprintable():
        raise NetworkError("an input or output has a name that cannot be shown; give it a short plain one.")
    if value.type.WhichOneof("value") != "tensor_type":
        return Tensor(value.name, "", (), made_by)
    tensor = value.type.tensor_type
    try:
        dtype = str(helper.tensor_dtype_to_np_dtype(tensor.elem_type))
    except (KeyError, ValueError, TypeError):
        dtype = ""
    if len(tensor.shape.dim) > MOST_SIDES:
        raise NetworkError(f"{value.name} has {len(tensor.shape.dim):,} sides; four are needed.")
    shape = tuple(side.dim_value if side.dim_value > 0 else None for side in tensor.shape.dim)  # -1, too, is open
    return Tensor(value.name, dtype, shape, made_by)


def _clipped(text: str) -> str:
    return text.encode()[: LONGEST_JSON + 1].decode(errors="replace")  # bytes, which are no text, have no encode


def _short(text: str) -> str:
    """Return a stranger's word as a message may show it."""
    plain = "".join(character if character.isprintable() else "?" for character in text)
    return plain if len(plain) <= 80 else f"{plain[:80]}..."
