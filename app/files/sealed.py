"""Text with its own checksum, as JSON: whoever reads it knows that it is whole, though not who wrote it."""

import json

from app.files.digests import digest


class AlteredError(Exception):
    """The text is another than its checksum was made of."""


def seal(name: str, text: str) -> bytes:
    """Return the file that holds ``text`` under ``name``, with its SHA-256."""
    return json.dumps({"sha256": digest(text), name: text}).encode()


def unseal(name: str, content: bytes) -> str:
    """Return the text that ``seal`` put under ``name``.

    Raises AlteredError where its checksum is of another text, ValueError where it is no such file, cut short for one.
    """
    try:
        outer = json.loads(content)
        text, stated = outer[name], outer["sha256"]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"it holds no {name} with a checksum") from error
    if not isinstance(text, str):
        raise ValueError(f"its {name} is no text")
    if digest(text) != stated:
        raise AlteredError(f"its {name} was altered")
    return text
