"""Tables to take away: CSV that a spreadsheet shows and does not run, Parquet and LaTeX."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING

from app import config
from app.values.cells import defused

if TYPE_CHECKING:
    import pandas as pd

    from app.review import Verdict


def _when(verdict: "Verdict") -> str:
    return verdict.made_at.isoformat(timespec="seconds") if verdict.made_at else ""


# column of the verdicts' CSV -> what it holds of a verdict; this table alone decides it, and new ones go to the end
VERDICT_COLUMNS: dict[str, "Callable[[Verdict], object]"] = {
    "inventory": attrgetter("inventory"),
    "when": _when,
    "event": attrgetter("event"),
    "verdict": attrgetter("verdict"),
    "reviewer": attrgetter("reviewer"),
    "note": attrgetter("note"),
    "source": attrgetter("source"),
    "T1": attrgetter("t1"),
    "T2": attrgetter("t2"),
    "simulated": attrgetter("simulated"),
    "latitude": attrgetter("latitude"),
    "longitude": attrgetter("longitude"),
    "event_date": attrgetter("event_date"),
    "inventory_id": attrgetter("inventory_id"),
    "odd": attrgetter("odd"),
    "software": lambda _: config.software(),
    "kind": attrgetter("kind"),
    "subject": attrgetter("subject"),
    "confidence": attrgetter("confidence"),
    "composition": attrgetter("composition"),
    "stretch": attrgetter("stretch"),
    "method": attrgetter("method"),
    "threshold": attrgetter("threshold"),
    "model_sha256": attrgetter("model_sha256"),
    "link": attrgetter("link"),
    "seconds": attrgetter("seconds"),
    "geometry": attrgetter("geometry"),
    "undoes": attrgetter("undoes"),
    "uid": attrgetter("uid"),
    "made_at": lambda verdict: verdict.made_at.isoformat() if verdict.made_at else "",
    "role": attrgetter("role"),
}


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
        safe[place] = column if numeric else column.map(defused)
    out = pd.DataFrame(safe, index=frame.index).set_axis([defused(name) for name in frame.columns], axis=1)
    text = out.to_csv(index=False, lineterminator="\r\n")
    return text.encode("ascii" if text.isascii() else "utf-8-sig")


def verdicts_csv(verdicts: "Iterable[Verdict]") -> bytes:
    """Return reviewers' verdicts, one a line: times in ISO 8601 with their zone, what is not known empty.

    ``odd`` says what is wrong with a row of the database that Scarp did not write, ``software`` which Scarp wrote
    the file.
    """
    import pandas as pd

    rows = [[value(one) for value in VERDICT_COLUMNS.values()] for one in verdicts]
    return csv_safe(pd.DataFrame(rows, columns=list(VERDICT_COLUMNS), dtype=object))


def parquet(frame: "pd.DataFrame") -> bytes:
    """Return a table as Parquet, its types kept; what was undefined is null."""
    import io

    held = io.BytesIO()
    frame.to_parquet(held, index=False)
    return held.getvalue()


def latex(frame: "pd.DataFrame", caption: str) -> bytes:
    """Return a table as LaTeX for the package booktabs, UTF-8: real numbers with three decimals, undefined ones as --.

    A comment in front says which Scarp wrote it.
    """
    titles = [_latex_text(str(name)) for name in frame.columns]
    columns = "".join("r" if _is_number(frame.iloc[:, place]) else "l" for place in range(frame.shape[1]))
    rows = [" & ".join(_latex_cell(cell) for cell in row) + r" \\" for row in frame.itertuples(False, name=None)]
    lines = [
        f"% {config.software()}",
        r"\begin{table}", r"\centering", rf"\caption{{{_latex_text(caption)}}}", rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule", " & ".join(titles) + r" \\", r"\midrule", *rows, r"\bottomrule", r"\end{tabular}", r"\end{table}",
    ]  # fmt: skip
    return ("\n".join(lines) + "\n").encode()


_LATEX_MARKS = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "²": r"\textsuperscript{2}", **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}  # fmt: skip


def _latex_text(text: str) -> str:
    return "".join(_LATEX_MARKS.get(mark, mark) for mark in text)


def _latex_cell(cell: object) -> str:
    import pandas as pd

    if cell is None or cell is pd.NaT or cell != cell:  # NaN is the only number that is not itself
        return "--"
    if isinstance(cell, float):
        return f"{cell:.3f}"
    return _latex_text(str(cell))


def _is_number(column: "pd.Series") -> bool:
    import pandas as pd

    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
