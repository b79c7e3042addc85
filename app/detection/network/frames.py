"""Messages between Scarp and the process that runs a network: a line of JSON and arrays, nothing that could be code."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import IO

import numpy as np

DTYPES = ("float32", "uint8", "uint16", "int16")
LONGEST_HEADER = 4_000_000  # of a contract at its longest, each character escaped
MOST_BYTES = 8_000_000_000


class BrokenFrameError(Exception):
    """What came is no message; whoever sent it is not to be trusted further."""


def send(stream: IO[bytes], header: Mapping[str, object], arrays: Sequence[np.ndarray] = ()) -> None:
    """Write a message; ``arrays`` are of one of the ``DTYPES``, of any shape."""
    arrays = [np.ascontiguousarray(array) for array in arrays]
    shapes = [[array.dtype.name, *array.shape] for array in arrays]
    text = json.dumps({**header, "arrays": shapes}).encode()
    stream.write(len(text).to_bytes(4, "big") + text)
    for array in arrays:
        stream.write(array.data.cast("B") if array.size else b"")
    stream.flush()


def receive(
    stream: IO[bytes], most_bytes: Callable[[], int] = lambda: MOST_BYTES
) -> tuple[dict, list[np.ndarray]] | None:
    """Read a message, or None where the stream has ended.

    Raises BrokenFrameError, also where its arrays hold more than ``most_bytes`` allows by then.
    """
    start = stream.read(4)
    if len(start) < 4:
        return None
    length = int.from_bytes(start, "big")
    if length > LONGEST_HEADER:
        raise BrokenFrameError("a header too long")
    try:
        header = json.loads(stream.read(length))
        shapes = [(str(dtype), tuple(int(side) for side in shape)) for dtype, *shape in header.pop("arrays")]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BrokenFrameError("no header") from error
    if not all(dtype in DTYPES and all(side >= 0 for side in shape) for dtype, shape in shapes):
        raise BrokenFrameError("arrays of another kind")
    if sum(4 * math.prod(shape) for _, shape in shapes) > most_bytes():
        raise BrokenFrameError("more than was asked for")
    return header, [_array(stream, dtype, shape) for dtype, shape in shapes]


def _array(stream: IO[bytes], dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    array = np.empty(shape, dtype)
    left = array.data.cast("B") if array.size else memoryview(b"")
    while len(left):
        count = stream.readinto(left)  # type: ignore[attr-defined]  # every binary stream has it, IO lists it not
        if not count:
            raise BrokenFrameError("an end in the middle")
        left = left[count:]
    return array
