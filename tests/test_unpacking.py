import os

import numcodecs
import pytest

from app.stored import unpacking

PACKERS = {
    "blosc": numcodecs.Blosc(), "zstd": numcodecs.Zstd(), "lz4": numcodecs.LZ4(),
    "zlib": numcodecs.Zlib(), "gzip": numcodecs.GZip(), "bz2": numcodecs.BZ2(),
}  # fmt: skip


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("size", [1, 100, 255, 256, 257, 70_000, 5_000_000])
def test_the_size_of_what_is_packed_is_known_to_the_byte(name, size):
    for content in (b"x" * size, os.urandom(size)):
        packed = bytes(PACKERS[name].encode(content))
        assert unpacking.at_most(packed, name, size)
        assert not unpacking.at_most(packed, name, size - 1)


def test_what_is_not_packed_is_as_large_as_it_is():
    assert unpacking.at_most(b"1234", "", 4)
    assert not unpacking.at_most(b"1234", "", 3)


def test_zstd_frames_one_after_the_other_count_together():
    packed = bytes(numcodecs.Zstd().encode(b"x" * 1000)) + bytes(numcodecs.Zstd().encode(b"y" * 5000))
    assert unpacking.at_most(packed, "zstd", 6000)
    assert not unpacking.at_most(packed, "zstd", 5999)


@pytest.mark.parametrize("name", [*PACKERS, "unheard-of"])
def test_what_is_broken_is_not_small(name):
    assert not unpacking.at_most(b"?", name, 1000)
