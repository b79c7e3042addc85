"""The list of what was detected, object by object: sorted by any column, filtered by how each lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from app.detection.polygons import Feature
from app.terrain.relief import MEASURES
from app.ui import words
from app.ui.keys import KEEP

_LISTED = 200
_BY, _FROM, _TO = "listing.by", "listing.from", "listing.to"
_ALL = "all"
_TITLES = {
    "area_m2": "area (m²)", "mean_score": "mean score", "max_score": "highest score", "pixels": "pixels", **MEASURES,
}  # fmt: skip
_LINE_PX = 35
_FORMATS = {
    "area_m2": "localized", "mean_score": "%.3f", "max_score": "%.3f", "pixels": "localized", "mean_slope_deg": "%.1f",
    "aspect_deg": "%.0f", "height_range_m": "%.0f", "length_m": "%.0f", "h_over_l": "%.2f", "drop_deg": "%.0f",
}  # fmt: skip


def draw(features: Sequence[Feature], heights: str) -> None:
    """Draw the objects, largest first; a column's head sorts, and with heights any measure filters.

    ``heights`` says where the heights are from, empty where there are none.
    """
    if not features:
        st.info("Nothing is above the threshold; lower it, or choose another method.", icon=":material/search_off:")
        return
    numbered = list(enumerate(features, start=1))
    kept = _filtered(numbered) if heights else numbered
    rows = [{"polygon": n, **_whole_metres(feature["properties"])} for n, feature in kept[:_LISTED]]
    columns = {name: st.column_config.NumberColumn(title, format=_FORMATS[name]) for name, title in _TITLES.items()}
    height = min(_LINE_PX * (len(rows) + 1) + 3, 320)
    st.dataframe(rows, hide_index=True, height=height, column_config=columns, placeholder="not known")
    if heights:
        largest = f", of which the largest {_LISTED} are listed" if len(kept) > _LISTED else ""
        st.caption(f"{len(kept):,} of {words.counted(len(features), 'object')}{largest}. {heights}. docs/TERRAIN.md "
                   "says how each is measured; the files hold them all.")  # fmt: skip
    elif len(features) > _LISTED:
        st.caption(f"The largest {_LISTED} of {len(features)}; the files hold them all.")


def _whole_metres(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return measures with the area in whole square metres: with separators all digits of a number are shown."""
    return {**said, "area_m2": float(np.round(said["area_m2"]))}  # NaN at no known place


def _filtered(numbered: list[tuple[int, Feature]]) -> list[tuple[int, Feature]]:
    """Draw what the reader filters by, and return the objects whose measure lies between the two numbers."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.selectbox(
            "Only objects by their", [_ALL, *_TITLES], key=_BY, width=260, **KEEP,
            format_func=lambda name: _TITLES.get(name, "nothing: all are listed"),
        )  # fmt: skip
        if by == _ALL or by is None:
            return numbered
        low = st.number_input("from", value=None, key=f"{_FROM}.{by}", width=130, **KEEP)
        high = st.number_input("to", value=None, key=f"{_TO}.{by}", width=130, **KEEP)
    return [one for one in numbered if _between(one[1]["properties"].get(by), low, high)]


def _between(value: float | None, low: float | None, high: float | None) -> bool:
    """Whether a measure lies between two numbers, either of which may be open; what is not known lies nowhere."""
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)
