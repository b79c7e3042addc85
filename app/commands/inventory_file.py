"""The inventory that a command line names, and what it says about the file."""

import argparse
import re
from pathlib import Path

from app.errors import InventoryError
from app.inventory import Given, Inventory, builtin, read_file

SOURCE = "demo"  # where none is named
_PAIR = re.compile(r'\s*([\w ]+?)\s*=\s*(?:"([^"]*)"|([^,]*?))\s*(?:,|$)')
# other words for what a column holds, as a map and the pages call it
_ALSO = {"easting": "longitude", "northing": "latitude", "x": "longitude", "y": "latitude", "t1": "pre1", "t2": "post1"}


def add_arguments(parser: argparse._ActionsContainer) -> None:
    """Declare what may be said about the file of an inventory."""
    parser.add_argument(
        "--columns", default="", metavar='NAME="TITLE",...',
        help='which column is what, where its title does not say: latitude="Y Co-ordinate",longitude="X Co-ordinate"',
    )  # fmt: skip
    parser.add_argument("--crs", default="", metavar="EPSG:N", help="the reference system of the file's coordinates")
    parser.add_argument("--layer", default="", metavar="NAME", help="the layer, or sheet, of a file that holds several")


def add_with_source(parser: argparse.ArgumentParser) -> None:
    """Declare which list the events are of, what is said of its file, and where their scenes come from."""
    parser.add_argument("--source", default=SOURCE, help=f"where the scenes come from (default: {SOURCE})")
    parser.add_argument(
        "--inventory", type=Path, metavar="FILE", help="a list of landslides (default: the built-in events)"
    )
    add_arguments(parser)


def named(path: Path | str | None, args: argparse.Namespace) -> Inventory:
    """Return the inventory in a file as the arguments describe it, or the built-in one. Raises InventoryError."""
    return named_or_none(path, args) or builtin()


def named_or_none(path: Path | str | None, args: argparse.Namespace) -> Inventory | None:
    """Return the inventory in a file, None where none is named. Raises InventoryError."""
    given = Given(args.layer, args.crs, columns_of(args.columns))
    if not path and given != Given():
        raise InventoryError("--columns, --crs and --layer are about a file, and none is named.")
    return read_file(Path(path), given) if path else None


def columns_of(text: str) -> tuple[tuple[str, str], ...]:
    """Return the columns in ``latitude="Y Co-ordinate",longitude=X``; a title with a comma stands in quotation marks.

    Raises InventoryError for a text that is not written so and for what no column of Scarp's is called.
    """
    pairs, at = [], 0
    while at < len(text):
        found = _PAIR.match(text, at)
        if not found:
            raise InventoryError(
                f'--columns {text[:80]!r} cannot be read; write latitude="Y Co-ordinate",longitude="X Co-ordinate".'
            )
        pairs.append((_known(found[1]), (found[2] if found[2] is not None else found[3]).strip()))
        at = found.end()
    return tuple(pairs)


def _known(word: str) -> str:
    """Return what Scarp reads under a word; raises InventoryError, with all there are, where it reads nothing so."""
    from app.inventory.columns import NAMES

    wanted = _ALSO.get(word.strip().lower(), word.strip().lower())
    if wanted not in NAMES:
        raise InventoryError(f"--columns names {word.strip()[:40]!r}; there are {', '.join([*NAMES, *_ALSO])}.")
    return wanted
