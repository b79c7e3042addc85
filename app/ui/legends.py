"""What the colours of a picture mean: a bar between the words for its ends, or over words along it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import numpy as np

_BAR = "height:.8rem;border-radius:.2rem;border:1px solid #8888;"


def legend(ramp: np.ndarray, low: str, high: str, title: str = "") -> None:
    """Draw a bar of colours, uint8 (n, 3) from low to high, between the words for its two ends."""
    st.html(
        '<div style="display:flex;align-items:center;gap:.5rem;font-size:.85rem;flex-wrap:wrap">'
        f"<span>{escape(title)}</span><span>{escape(low)}</span>"
        f'<span role="img" aria-label="{escape(title)}: colours from {escape(low)} to {escape(high)}" '
        f'style="flex:0 1 220px;min-width:120px;{_BAR}{_background(ramp)}"></span><span>{escape(high)}</span></div>'
    )


def along(ramp: np.ndarray, named: Sequence[str], title: str) -> None:
    """Draw a bar of colours, uint8 (n, 3), over words that stand evenly along it, the first and last at its ends."""
    said = "".join(f"<span>{escape(one)}</span>" for one in named)
    st.html(
        '<div style="display:flex;align-items:start;gap:.5rem;font-size:.85rem;flex-wrap:wrap">'
        f'<span>{escape(title)}</span><span style="flex:0 1 340px;min-width:220px">'
        f'<span role="img" aria-label="{escape(title)}: colours for {escape(", ".join(named))}" '
        f'style="display:block;{_BAR}{_background(ramp)}"></span>'
        f'<span style="display:flex;justify-content:space-between">{said}</span></span></div>'
    )


def _background(ramp: np.ndarray) -> str:
    colours = [*ramp[:: max(1, len(ramp) // 16)], ramp[-1]]
    return "background:linear-gradient(to right, {})".format(", ".join("rgb({}, {}, {})".format(*c) for c in colours))
