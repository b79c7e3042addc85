"""What a protobuf file would unfold to is told from its bytes, however they lie."""

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detection.network import wire
from app.errors import NetworkError
from tests import tiny_networks as tiny

MODEL = onnx.ModelProto.DESCRIPTOR


def test_fields_are_counted_at_every_depth():
    made = tiny.choosing()
    content, held = made.SerializeToString(), 0
    while True:
        try:
            wire.bounded(content, MODEL, held)
            break
        except NetworkError:
            held += 1
    whole = tiny.choosing(weights=[tiny.constant("far", [1.0])]).SerializeToString()
    with pytest.raises(NetworkError, match="parts, which no network needs"):
        wire.bounded(whole, MODEL, held)
    assert 50 < held < 200


def test_messages_too_deep_in_one_another_are_no_message():
    node = b""
    for _ in range(60):  # a node's attribute holds a graph, which holds a node
        for number in (6, 5, 1):
            node = tiny_field(number, node)
    with pytest.raises(ValueError, match="too deep"):
        wire.bounded(tiny_field(7, node), MODEL)


def tiny_field(number: int, content: bytes) -> bytes:
    length, out = len(content), bytes([number << 3 | 2])
    while length > 127:
        out, length = out + bytes([length & 127 | 128]), length >> 7
    return out + bytes([length]) + content


@given(st.binary(max_size=200))
def test_any_bytes_are_counted_or_refused(content):
    try:
        wire.bounded(content, MODEL)
    except (ValueError, IndexError, KeyError):
        return
