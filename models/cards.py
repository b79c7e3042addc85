"""Model cards: tables that a program writes between two marks, among words that stay."""

from pathlib import Path

from app.errors import NetworkError


def put(card: Path, marks: tuple[str, str], text: str, what: str) -> None:
    """Put tables between the marks of a model card; raises NetworkError, naming ``what``, where it has none."""
    first, last = marks
    before, begin, rest = card.read_text(encoding="utf-8").partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise NetworkError(f"{card} has no place for {what}; add the lines {first} and {last}.")
    card.write_text(f"{before}{begin}\n\n{text}\n{end}{after}", encoding="utf-8")
