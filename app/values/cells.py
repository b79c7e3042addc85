"""Cells of tables that a spreadsheet shows and does not run."""

import re

# what makes a spreadsheet run a cell, with the full-width forms (OWASP, CSV injection)
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def defused(cell: object) -> object:
    """Return a cell with an apostrophe in front where it is a text that a spreadsheet would take for a formula.

    Numbers, also those written as text, stay as they are.
    """
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
