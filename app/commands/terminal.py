"""What commands show a person while they work: one line on a terminal, nothing in a pipe."""

import json
import sys

from app.values.plain import plain

_BAR = 20  # characters


def progress(share: float, doing: str) -> None:
    """Show how far the work is as a bar, over the line before."""
    if sys.stderr.isatty():
        end, full = "\n" if share >= 1 else "", round(_BAR * min(max(share, 0.0), 1.0))
        bar = "#" * full + "." * (_BAR - full)
        print(f"\r\033[K[{bar}] {share:4.0%} {printable(doing)[:70]}", end=end, file=sys.stderr, flush=True)


def clear_line() -> None:
    """Take away what ``progress`` wrote, so that a whole line can follow."""
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """Return text without what a terminal would obey: ids, names and messages come from a stranger's file."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def strict_json(document: object) -> str:
    """Return one line of JSON that any reader takes: NaN and infinities, which JSON lacks, are null."""
    return json.dumps(plain(document), allow_nan=False)
