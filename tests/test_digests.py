"""Digests are SHA-256 of bytes, of UTF-8 text and of files."""

import hashlib
import re

from app.files import digest, file_digest, file_word


def test_text_is_digested_as_utf8_with_half_a_character_as_a_question_mark():
    assert digest("abc") == digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest("\u00e4") == digest(b"\xc3\xa4")
    assert digest("a\ud800") == digest("a?")


def test_a_file_is_digested_as_its_content_is_in_whichever_kind(tmp_path):
    content = bytes(range(256)) * 5000
    (tmp_path / "file").write_bytes(content)
    assert file_digest(tmp_path / "file") == digest(content)
    assert file_digest(tmp_path / "file", "md5") == hashlib.md5(content).hexdigest()


def test_an_id_becomes_a_harmless_part_of_a_file_name_that_differs_for_every_id():
    assert file_word("41") == "41"
    words = [file_word(text) for text in ("../../etc", "..-..-etc", "a b", "a_b", "a:b", "", "x" * 500)]
    assert len(set(words)) == len(words)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,60}", word) for word in words)
