"""How much a protobuf file would unfold to, told from its bytes: nothing of it is built."""

from typing import TYPE_CHECKING

from app.errors import NetworkError

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

MOST_FIELDS = 1_000_000  # of all messages together; a network of 10,000 operators has about 200,000
DEEPEST = 100  # messages in one another: as many as protobuf itself follows
_VARINT, _EIGHT, _SIZED, _FOUR = 0, 1, 2, 5
_FIXED = {_EIGHT: 8, _FOUR: 4}


def bounded(content: bytes, descriptor: "Descriptor", most: int = MOST_FIELDS) -> None:
    """Raise NetworkError where a message of ``descriptor`` holds more than ``most`` fields, those of all within it too.

    Forty megabytes of empty messages unfold to gigabytes, so they are counted before they are parsed. Raises
    ValueError where the bytes are no such message.
    """
    left, waiting = most, [(0, len(content), descriptor, 0)]
    while waiting:
        at, end, kind, depth = waiting.pop()
        while at < end:
            left -= 1
            if left < 0:
                raise NetworkError(f"it holds more than {most:,} parts, which no network needs; export it anew.")
            key, at = _number(content, at)
            start, at = _passed(content, at, key & 7)
            if at > end:
                raise ValueError("a field reaches beyond its message")
            field = kind.fields_by_number.get(key >> 3) if key & 7 == _SIZED else None
            if field is not None and field.message_type is not None:
                if depth >= DEEPEST:
                    raise ValueError("messages too deep in one another")
                waiting.append((start, at, field.message_type, depth + 1))


def _passed(content: bytes, at: int, wire_type: int) -> tuple[int, int]:
    """Return where the value at ``at`` begins and where it ends."""
    if wire_type == _VARINT:
        return at, _number(content, at)[1]
    if wire_type == _SIZED:
        length, at = _number(content, at)
        return at, at + length
    return at, at + _FIXED[wire_type]


def _number(content: bytes, at: int) -> tuple[int, int]:
    """Return the number at ``at``, seven bits a byte, and where it ends; raises IndexError at the end of the bytes."""
    value, shift = 0, 0
    while True:
        byte = content[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("a number too long")
