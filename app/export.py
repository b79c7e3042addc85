"""Tables as CSV that a spreadsheet shows and does not run."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from app.inventory import Inventory

# fmt: off
PUBLISHED_COLUMNS = ("id", "event_date", "accuracy", "category", "latitude", "longitude", "source",
                     "pre1", "pre2", "post1")
# fmt: on
# what makes a spreadsheet run a cell, with the full-width forms (OWASP, CSV injection)
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def csv_safe(frame: "pd.DataFrame") -> bytes:
    """Return a table as CSV, comma-separated UTF-8 with a header, lines ending as RFC 4180 has them.

    A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers,
    also those written as text, stay as they are. A byte-order mark goes in front only where
    something is not ASCII: Excel needs it there.
    """
    import pandas as pd

    safe = {}
    for place in range(frame.shape[1]):  # by place: names may repeat
        column = frame.iloc[:, place]
        numeric = pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)
        safe[place] = column if numeric else column.map(_safe)
    out = pd.DataFrame(safe, index=frame.index).set_axis([_safe(name) for name in frame.columns], axis=1)
    text = out.to_csv(index=False, lineterminator="\r\n")
    return text.encode("ascii" if text.isascii() else "utf-8-sig")


def inventory_csv(inventory: "Inventory") -> bytes:
    """Return the events in the published schema, with their ids; ``app.inventory.read`` gives them back."""
    import pandas as pd

    rows = []
    for event in inventory.events:
        # a single T1 is written as pre2, the one the thesis's notebooks take
        pre1, pre2 = ("", "", *event.t1_options)[-2:]
        where = (event.latitude, event.longitude)
        rows.append((event.id, event.date, event.accuracy, event.category, *where, event.source, pre1, pre2, event.t2))
    return csv_safe(pd.DataFrame(rows, columns=list(PUBLISHED_COLUMNS), dtype=object))


def _safe(cell: object) -> object:
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
