"""The encoding of a text that does not say it, found by what its bytes would mean in each."""

import codecs
import re
from collections.abc import Callable

WESTERN = ("cp1252", "latin-1")  # Excel's western code page first; five of its bytes mean nothing
# encoding -> what a reader calls it; in this order where two make equal sense
_OTHERS = {
    "cp932": "Shift_JIS (Japanese)",
    "euc-kr": "EUC-KR (Korean)",
    "cp1251": "cp1251 (Cyrillic)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "euc-jp": "EUC-JP (Japanese)",
}
_LOOKED_AT = 20_000  # bytes of the lines that are not ASCII
_KNOWN_WORD = 1.0  # a title that is known counts for more than any likeness
_FOREIGN = 0.2  # how much more sense another encoding must make than the western one
# what common text is made of: kana, the everyday ideographs, Hangul, Cyrillic
_COMMON = {
    "cp932": r"[\u3000-\u30ff\u4e00-\u9fa0\uff01-\uff5e]",
    "euc-jp": r"[\u3000-\u30ff\u4e00-\u9fa0\uff01-\uff5e]",
    "gb18030": r"[\u3000-\u3011\u4e00-\u9fa5\uff01-\uff5e]",
    "big5": r"[\u3000-\u3011\u4e00-\u9fa0\uff01-\uff5e]",
    "euc-kr": r"[\uac00-\ud7a3\u3000-\u3011]",
    "cp1251": r"[\u0410-\u044f\u0401\u0451]",
}
_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]")
_SIGNS = "\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00b0\u00ba\u00aa\u00b2\u00b3\u00b1\u00ab\u00bb\u00a0\u20ac\u00b4"


def decoded(data: bytes, known_titles: Callable[[str], int]) -> tuple[str, str]:
    """Return the text of bytes that are not UTF-8, and the name of the encoding that makes most sense of them.

    ``known_titles`` counts the titles of columns that the caller knows in a text: the strongest
    sign there is. Beyond it speaks how much of the foreign text is of common characters; a
    western code page is taken where no other is clearly better.
    """
    sample = _sample(data)
    first = data[:_LOOKED_AT].lstrip().split(b"\n", 1)[0]
    scores = {}
    for encoding in (*WESTERN, *_OTHERS):
        text = _strictly(sample, encoding)
        if text is not None:
            scores[encoding] = _sense(text, encoding) + _KNOWN_WORD * known_titles(first.decode(encoding, "replace"))
    western = next(encoding for encoding in WESTERN if encoding in scores)
    order = sorted((one for one in scores if one in _OTHERS), key=lambda one: -scores[one])
    for encoding in order:
        whole = _strictly(data, encoding) if scores[encoding] > scores[western] + _FOREIGN else None
        if whole is not None:
            return whole, _OTHERS[encoding]
    whole = _strictly(data, western)
    return (whole, western) if whole is not None else (data.decode("latin-1"), "latin-1")


def _sample(data: bytes) -> bytes:
    """Return lines with bytes beyond ASCII, whole ones, so that no character is cut in two."""
    kept, size = [], 0
    for line in data.splitlines(keepends=True):
        if not line.isascii():
            kept.append(line)
            size += len(line)
            if size > _LOOKED_AT:
                break
    return b"".join(kept)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return codecs.decode(data, encoding)
    except UnicodeDecodeError:
        return None


def _sense(text: str, encoding: str) -> float:
    """Return 0 to 1: the share of the characters beyond ASCII that common text in this encoding is made of."""
    foreign = [n for n, one in enumerate(text) if not one.isascii()]
    if not foreign:
        return 0.0
    if encoding in _COMMON:
        common = re.compile(_COMMON[encoding])
        return sum(bool(common.match(text[n])) for n in foreign) / len(foreign)
    return sum(_western(text, n) for n in foreign) / len(foreign)


def _western(text: str, n: int) -> bool:
    """Whether a character stands as accented letters do: inside a word of plain letters, not among its like."""
    if text[n] in _SIGNS:
        return True
    around = [text[at] for at in (n - 1, n + 1) if 0 <= at < len(text)]
    alone = sum(not one.isascii() for one in around) < len(around)
    return bool(_LETTER.match(text[n])) and (
        (alone and any(_LETTER.match(one) for one in around)) or all(not one.isalnum() for one in around)
    )
