"""Landslides as objects: how many are hit, by how much and of which size, and how far the outlines lie apart."""

from __future__ import annotations

import math

import streamlit as st

from app.scoring.objects import EDGES_M2, OVERLAPS, SIZES, Objects
from app.scoring.results import MethodScore
from app.ui.keys import KEEP
from app.ui.metrics import downloads, figures, tables
from app.ui.metrics.running import Scores

_OVERLAP = "score.overlap"


def draw(scores: Scores) -> None:
    """Draw the section."""
    methods = [one for one in scores.found.methods if one.objects is not None]
    if not methods:
        st.info("Objects were not counted for these events.", icon=":material/interests:")
        return
    _hits(methods, scores)
    _by_size(methods, scores)
    _outlines(methods, scores)


def _objects(method: MethodScore) -> Objects:
    """Return the objects of a method whose were counted; ``draw`` leaves out the others."""
    assert method.objects is not None
    return method.objects


def _hits(methods: list[MethodScore], scores: Scores) -> None:
    st.markdown("**Mapped landslides that are hit, and false objects**")
    st.caption(
        "Pixels that touch, corners included, are one object. A landslide is hit where any of it, a quarter or half of "
        "its clear pixels is marked; a false object lies on no landslide. Objects of all events together."
    )
    rows = []
    for one in methods:
        found = _objects(one)
        rows.append(
            {
                "method": one.method, "mapped": sum(found.mapped),
                **{f"hit, {overlap}": found.recall(overlap) for overlap in OVERLAPS},
                "marked": sum(found.detected), "false": sum(found.false), "precision of objects": found.precision,
                "false per km²": found.false_per_km2, "clear km²": found.area_km2, "n": len(one.events),
            }
        )  # fmt: skip
    tables.show(rows, "objects", scores.about)


def _by_size(methods: list[MethodScore], scores: Scores) -> None:
    st.markdown("**Hit by size**")
    overlap = st.segmented_control(
        "A landslide counts as hit where this much of it is marked", list(OVERLAPS), key=_OVERLAP, default="any",
        required=True, **KEEP,
    )  # fmt: skip
    present = [at for at in range(len(SIZES)) if any(_objects(one).mapped[at] for one in methods)]
    if not present:
        st.caption("No landslide is mapped in these events.")
        return
    first = _objects(methods[0])
    classes = [f"{SIZES[at]} (n = {first.mapped[at]})" for at in present]
    drawn = [(one.method, [_objects(one).recall_by_size(overlap)[at] for at in present]) for one in methods]
    downloads.figure(
        figures.shares(classes, drawn, f"share of landslides hit ({overlap})"), "sizes", scores.about,
        f"Share of landslides hit, overlap {overlap}, by size and method",
    )  # fmt: skip
    edges = ", ".join(f"{edge / 1e4:g} ha" for edge in EDGES_M2)
    st.caption(f"Classes of a landslide's whole size in the patch: {edges} lie between them.")
    rows = [
        {
            "method": one.method, "size": SIZES[at], "mapped": _objects(one).mapped[at],
            **{f"hit, {name}": _objects(one).recall_by_size(name)[at] for name in OVERLAPS},
            "marked": _objects(one).detected[at], "false": _objects(one).false[at],
        }
        for one in methods for at in range(len(SIZES)) if _objects(one).mapped[at] + _objects(one).detected[at]
    ]  # fmt: skip
    with st.expander("As a table"):
        tables.show(rows, "sizes", scores.about)


def _outlines(methods: list[MethodScore], scores: Scores) -> None:
    st.markdown("**How far the outlines lie apart**")
    st.caption(
        "Distance of each pixel of an outline to the other outline, mean over events in which both exist. From the "
        "detected outline it grows with false alarms, from the mapped one with misses. 95 %: that share lies nearer."
    )
    rows = []
    for one in methods:
        held = [score.boundary for score in one.events if score.boundary is not None]
        row: dict[str, object] = {"method": one.method}
        for title, name in (("from detected", "from_detected"), ("from mapped", "from_truth")):
            parts = [getattr(boundary, name) for boundary in held]
            row[f"{title}, median (m)"] = _mean([part.median_m for part in parts])
            row[f"{title}, 95 % (m)"] = _mean([part.p95_m for part in parts])
        row["within one pixel (%)"] = 100 * _mean([boundary.both.within_1px for boundary in held])
        row["n"] = sum(not math.isnan(boundary.both.within_1px) for boundary in held)
        rows.append(row)
    tables.show(rows, "outlines", scores.about, decimals=1)


def _mean(values: list[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan
