"""Tables of scores: what is undefined stays empty and is called so, and every table can be taken away."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app.ui.metrics import downloads
from app.ui.metrics.about import About

RATES = {"precision": "precision", "recall": "recall", "f1": "F1", "iou": "IoU"} | {
    name: name for name in ("accuracy", "kappa")
}
_WIDE = 420  # pixels a table grows to before it scrolls
_LINE = 35
_WORD = 96  # wide enough for the word undefined


def show(rows: Sequence[Mapping[str, object]], name: str, about: About, decimals: int = 3) -> None:
    """Draw rows as a table with its files below; real numbers with ``decimals``, NaN as undefined."""
    frame = pd.DataFrame([{title: _value(cell) for title, cell in row.items()} for row in rows])
    real = [title for title in frame.columns if pd.api.types.is_float_dtype(frame[title])]
    whole = [title for title in frame.columns if pd.api.types.is_integer_dtype(frame[title])]
    formats = dict.fromkeys(real, f"%.{decimals}f") | dict.fromkeys(whole, "localized")
    columns = {
        title: st.column_config.NumberColumn(format=how, width=_WORD if frame[title].isna().any() else None)
        for title, how in formats.items()
    }
    st.dataframe(
        frame, hide_index=True, placeholder="undefined", height=min(_LINE * (len(frame) + 1) + 3, _WIDE),
        column_config=columns,
    )  # fmt: skip
    downloads.table(frame, name, about)


def interval(low: float, high: float, decimals: int = 3) -> str:
    """Return an interval in words."""
    return "undefined" if math.isnan(low) or math.isnan(high) else f"{low:.{decimals}f} to {high:.{decimals}f}"


def number(value: float, decimals: int = 3) -> str:
    """Return a number in words."""
    return "undefined" if math.isnan(value) else f"{value:.{decimals}f}"


def _value(cell: object) -> object:
    return math.nan if cell is None else cell
