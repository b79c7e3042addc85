"""Sealed text comes back as it was, or is told to be altered or no such file at all."""

import json

import pytest

from app.files import AlteredError, seal, unseal


def test_sealed_text_is_json_with_its_checksum_and_comes_back():
    assert seal("score", "{}") == (
        b'{"sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "score": "{}"}'
    )
    assert unseal("score", seal("score", '{"f1": 0.5, "of": "\u00e4"}')) == '{"f1": 0.5, "of": "\u00e4"}'


def test_another_text_than_was_sealed_is_told():
    with pytest.raises(AlteredError):
        unseal("score", seal("score", "0.05").replace(b"0.05", b"0.06"))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"null", b"[]", b"\xff", b'{"sha256": "0"}', b'{"score": "0"}', seal("entry", "0"),
        json.dumps({"sha256": "0", "score": 0}).encode(), b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_sealed_text_is_refused(content):
    with pytest.raises(ValueError):
        unseal("score", content)
