"""Short names of what is in files and texts: equal for equal content."""

import hashlib
import re
from pathlib import Path


def digest(content: str | bytes) -> str:
    """Return the SHA-256, 64 hexadecimal digits; of text as UTF-8, where half a character counts as a question mark."""
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


def file_digest(path: Path, kind: str = "sha256") -> str:
    """Return the digest of a file in hexadecimal, of a ``kind`` hashlib knows; read in blocks. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()


def file_word(text: str) -> str:
    """Return text as it stands where a file may be called so, else a safe name that differs for every text."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", text)[:40]
    return plain if plain and plain == text else f"{plain}-{digest(text)[:8]}"
