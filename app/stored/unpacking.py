"""How large packed bytes become, told without holding the whole of it in memory."""

import bz2
import gzip
import io
import zlib

_STEP = 1 << 20
_ZSTD = b"\x28\xb5\x2f\xfd"


def at_most(packed: bytes, packer: str, most: int) -> bool:
    """Whether ``packed`` unpacks to at most ``most`` bytes; what cannot be told, or is broken, may not.

    ``packer`` is the name of a codec as numcodecs has it; empty where the bytes are not packed. The
    first three say their size at the front, and are unpacked into no more; the others are counted.
    """
    size: int | None = len(packed)
    if packer == "blosc":
        size = int.from_bytes(packed[4:8], "little") if len(packed) >= 16 else None
    elif packer == "lz4":
        size = int.from_bytes(packed[:4], "little") if len(packed) >= 4 else None
    elif packer == "zstd":
        size = _zstd_size(packed)
    elif packer:
        size = _counted(packed, packer, most)
    return size is not None and size <= most


def _zstd_size(packed: bytes) -> int | None:
    """Return what the heads of all zstd frames declare together (RFC 8878), None where one does not say."""
    total, at = 0, 0
    while at < len(packed):
        size, at = _zstd_frame(packed, at)
        if size is None:
            return None
        total += size
    return total


def _zstd_frame(packed: bytes, at: int) -> tuple[int | None, int]:
    """Return the declared size of the frame that begins at a byte, and where the next one begins."""
    if packed[at : at + 4] != _ZSTD or len(packed) < at + 6:
        return None, at
    flags = packed[at + 4]
    single, width = bool(flags & 0x20), (0, 2, 4, 8)[flags >> 6]
    width = 1 if single and not width else width
    at += 5 + (not single) + (0, 1, 2, 4)[flags & 3]
    if not width:
        return None, at
    size = int.from_bytes(packed[at : at + width], "little") + (256 if width == 2 else 0)
    at, last = at + width, False
    while not last and at < len(packed):
        head = int.from_bytes(packed[at : at + 3], "little")
        last, repeated = bool(head & 1), (head >> 1) & 3 == 1
        at += 3 + (1 if repeated else head >> 3)
    return size, at + 4 * bool(flags & 4)


def _counted(packed: bytes, packer: str, most: int) -> int | None:
    """Unpack step by step, keeping nothing, until the end or one step beyond ``most``."""
    try:
        if packer == "zlib":
            return _counted_zlib(packed, most)
        opened = {"gzip": gzip.GzipFile, "bz2": bz2.BZ2File}[packer]
        with opened(fileobj=io.BytesIO(packed)) if packer == "gzip" else opened(io.BytesIO(packed)) as stream:
            size = 0
            while size <= most and (part := stream.read(_STEP)):
                size += len(part)
        return size
    except (OSError, EOFError, zlib.error, KeyError):
        return None


def _counted_zlib(packed: bytes, most: int) -> int:
    stream, size, left = zlib.decompressobj(), 0, packed
    while size <= most and not stream.eof:
        part = stream.decompress(left, _STEP)
        left = stream.unconsumed_tail
        size += len(part)
        if not part and not left:
            raise EOFError("the packed bytes end early")
    return size
