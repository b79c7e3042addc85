"""For what kinds of event a method works: scores apart by category, source, size, slope, time and cloud."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.scoring import groups, metrics
from app.scoring.results import EventScore
from app.ui import words
from app.ui.keys import KEEP
from app.ui.metrics import downloads, figures, tables
from app.ui.metrics.running import Scores

_BY = "score.by"
_TITLES = {
    "category": "Category", "source": "Source", "area": "Landslide area", "slope": "Slope",
    "days": "Days apart", "cloud": "Cloud",
}  # fmt: skip
_FEW = 5


def draw(scores: Scores) -> None:
    """Draw the section."""
    by = st.segmented_control(
        "Events apart by",
        list(_TITLES),
        format_func=words.titled(_TITLES),
        key=_BY,
        default="area",
        required=True,
        **KEEP,
    )
    methods = [one for one in scores.found.methods if one.events]
    split = {one.method: groups.split(one.events, by) for one in methods}
    names = list(dict.fromkeys(name for found in split.values() for name in found))
    if names == [groups.UNKNOWN]:
        st.info(f"{_TITLES[by]} is not known for any of these events.", icon=":material/help:")
        return
    names.sort(key=lambda name: name == groups.UNKNOWN)
    drawn = {
        method: [_interval(found.get(name, ())) for name in names] for method, found in split.items()
    }  # fmt: skip
    sizes = {name: max(len(found.get(name, ())) for found in split.values()) for name in names}
    labels = [f"{name} (n = {sizes[name]})" for name in names]
    downloads.figure(
        figures.grouped(labels, drawn), f"groups-{by}", scores.about,
        f"Micro F1 by {_TITLES[by].lower()} and method",
    )  # fmt: skip
    few = [name for name in names if sizes[name] < _FEW]
    if few:
        st.caption(f"Fewer than {_FEW} events: {', '.join(few)}. What is seen there says little of other events.")
    rows = [_row(_TITLES[by], name, method, found.get(name, ())) for name in names for method, found in split.items()]
    tables.show(rows, f"groups-{by}", scores.about)


def _interval(events: Sequence[EventScore]) -> tuple[float, tuple[float, float]]:
    """Return the pooled F1 of some events and its interval."""
    counts = [score.counts for score in events]
    return metrics.micro(counts).f1, metrics.bootstrap_f1(counts)


def _row(title: str, name: str, method: str, events: Sequence[EventScore]) -> dict[str, object]:
    counts = [score.counts for score in events]
    pooled = metrics.micro(counts)
    return {
        title: name, "method": method, "n": len(counts), "micro F1": pooled.f1,
        "95 % interval": tables.interval(*metrics.bootstrap_f1(counts)), "macro F1": metrics.macro(counts).values["f1"],
        "precision": pooled.precision, "recall": pooled.recall,
    }  # fmt: skip
