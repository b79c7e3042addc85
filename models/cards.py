"""Model cards: tables that a program writes between two marks, among words that stay."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from app.arguments import DONE, Parser, refused
from app.errors import NetworkError, ScarpError


def put(card: Path, marks: tuple[str, str], text: str, what: str) -> None:
    """Put tables between the marks of a model card; raises NetworkError, naming ``what``, where it has none."""
    first, last = marks
    before, begin, rest = card.read_text(encoding="utf-8").partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise NetworkError(f"{card} has no place for {what}; add the lines {first} and {last}.")
    card.write_text(f"{before}{begin}\n\n{text}\n{end}{after}", encoding="utf-8")


def measured(
    made: Parser,
    argv: list[str] | None,
    table: Callable[[list[str], Namespace], str],
    marks: tuple[str, str],
    what: str,
) -> int:
    """Run a program that measures networks: print its table, write it into cards, and return the exit code.

    To what ``made`` takes are added the networks, FILE.onnx each, and --card. ``table`` is given the networks as
    methods ("onnx:/path") and the arguments. 0 done, 2 a network, a card or the data cannot be used.
    """
    made.add_argument("networks", nargs="*", type=Path, metavar="FILE.onnx", help="networks to measure")
    made.add_argument(
        "--card", type=Path, action="append", metavar="FILE.md", help="write the tables into a model card"
    )
    args = made.parse_args(argv)
    try:
        text = table([f"onnx:{file.resolve()}" for file in args.networks], args)
        for card in args.card or ():
            put(card, marks, text, what)
    except ScarpError as error:
        return refused(made.prog, error)
    print(text)
    return DONE
