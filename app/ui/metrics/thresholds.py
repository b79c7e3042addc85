"""At which threshold: scores as it moves, the best one chosen honestly, and whether probabilities are true."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.detection.methods import PROBABILITY
from app.scoring import calibration, curves, metrics
from app.scoring.curves import Curve
from app.scoring.results import MethodScore
from app.ui import words
from app.ui.keys import KEEP
from app.ui.metrics import curve_figures, downloads, tables
from app.ui.metrics.curve_figures import Mark
from app.ui.metrics.running import Scores

_METHOD = "score.curve"


@dataclass(frozen=True)
class _Levels:
    """Three ways to set one method's threshold, each with the pooled F1 it gives."""

    own: float  # the median over events, where Otsu's differs from event to event
    own_f1: float
    best: float  # on the very events it is scored on
    best_f1: float
    left: tuple[float, ...]  # for each event, chosen on the others
    left_f1: float


def draw(scores: Scores) -> None:
    """Draw the section."""
    if not scores.slid:
        st.info("Nothing slid in these data, so no threshold is better than marking nothing.", icon=":material/block:")
        return
    methods = [one for one in scores.found.methods if one.pooled_curve is not None]
    _without_curve(scores, methods)
    if not methods:
        return
    by_name = {one.method: one for one in methods}
    if st.session_state.get(_METHOD) not in by_name:
        st.session_state[_METHOD] = max(methods, key=lambda one: np.nan_to_num(one.micro.f1)).method
    method = by_name[st.selectbox("Method", list(by_name), key=_METHOD, **KEEP)]
    levels = {one.method: _levels(one) for one in methods}
    st.markdown(_sentence(method, levels[method.method]))
    _against_threshold(method, levels[method.method], scores)
    _honest(methods, levels, scores)
    _precision_recall(methods, levels, scores)
    _calibration(methods, scores)


def _levels(method: MethodScore) -> _Levels:
    pooled = _curve(method)
    best = curves.best(pooled)
    at = _number(pooled, best)
    return _Levels(
        own=float(np.median([score.threshold for score in method.events])),
        own_f1=method.micro.f1,
        best=best,
        best_f1=math.nan if at is None else float(pooled.f1[at]),
        left=tuple(one.threshold for one in method.leave_one_out),
        left_f1=method.leave_one_out_f1,
    )


def _sentence(method: MethodScore, levels: _Levels) -> str:
    if math.isnan(levels.best):
        return f"`{method.method}` has no defined F1 at any threshold here."
    f1 = tables.number(levels.own_f1)
    own = f"At its own threshold {levels.own:.3g}, `{method.method}` has a pooled F1 of **{f1}**."
    flattering = (
        f" The threshold that is best on these very events, {levels.best:.3g}, gives {levels.best_f1:.3f}: that is "
        "optimistic, because it was chosen on what it is scored on."
    )
    if math.isnan(levels.left_f1):
        return f"{own}{flattering} An honest choice needs at least two events."
    return (
        f"{own}{flattering} Chosen for each event on all the others, which is what a new event would get, it gives "
        f"**{levels.left_f1:.3f}**."
    )


def _against_threshold(method: MethodScore, levels: _Levels, scores: Scores) -> None:
    marks = [Mark(f"its own, {levels.own:.3g}", levels.own, "solid")]
    if not math.isnan(levels.best):
        marks.append(Mark(f"best on the same events, {levels.best:.3g} (optimistic)", levels.best, "dot"))
    chosen = [level for level in levels.left if not math.isnan(level)]
    if chosen:
        middle = float(np.median(chosen))
        marks.append(Mark(f"chosen on the other events, median {middle:.3g}", middle, "dash"))
    downloads.figure(
        curve_figures.against_threshold(_curve(method), marks), "threshold", scores.about,
        f"Scores of {method.method} over the threshold, pixels pooled",
    )  # fmt: skip


def _honest(methods: list[MethodScore], levels: dict[str, _Levels], scores: Scores) -> None:
    st.markdown("**Pooled F1 at three thresholds**")
    st.caption(
        "Own: what the method's name or the network says. Chosen on the others: leave-one-event-out. Best on the same "
        "events: optimistic, for comparison only."
    )
    rows = []
    for one in methods:
        at, interval = levels[one.method], _interval(scores.asked.key, one.method, tuple(scores.events), one)
        chosen = [level for level in at.left if not math.isnan(level)]
        rows.append(
            {
                "method": one.method, "own threshold": at.own, "F1, own": at.own_f1,
                "F1, chosen on the others": at.left_f1,
                "thresholds chosen": f"{min(chosen):.3g} to {max(chosen):.3g}" if chosen else "undefined",
                "best on the same events": at.best, "F1, optimistic": at.best_f1,
                "average precision": one.average_precision,
                "95 % interval of it": tables.interval(*interval),
                "n": len(one.events),
            }
        )  # fmt: skip
    tables.show(rows, "thresholds", scores.about)


@st.cache_data(max_entries=200, show_spinner=False)
def _interval(key: str, method: str, events: tuple[str, ...], _score: MethodScore) -> tuple[float, float]:
    """Return the interval of average precision; ``events`` tells scores with doubtful truth from those without."""
    return _score.interval_average_precision


def _precision_recall(methods: list[MethodScore], levels: dict[str, _Levels], scores: Scores) -> None:
    st.markdown("**Precision against recall**")
    pooled = metrics.micro(methods[0].counts)
    share = (pooled.tp + pooled.fn) / pooled.n if pooled.n else 0.0
    drawn = [
        (one.method, _curve(one), one.average_precision, _number(_curve(one), levels[one.method].own))
        for one in methods
    ]  # fmt: skip
    downloads.figure(
        curve_figures.precision_recall(drawn, share), "precision-recall", scores.about,
        "Precision against recall as the threshold moves, pixels pooled",
    )  # fmt: skip
    st.caption(
        f"Dots: each method at its own threshold. Dotted line: {share:.2%}, the precision of marking every pixel. "
        "Average precision is the area under a curve, in steps, down to everything being marked."
    )


def _calibration(methods: list[MethodScore], scores: Scores) -> None:
    st.markdown("**Calibration**")
    sure = [(one.method, calibration.reliability(_curve(one))) for one in methods if _curve(one).unit == PROBABILITY]
    if not sure:
        st.caption("None of these methods says a probability, so there is nothing to calibrate; choose a network.")
        return
    downloads.figure(
        curve_figures.calibration(sure), "calibration", scores.about,
        "Share that is landslide against the probability said",
    )  # fmt: skip
    tables.show([_errors(name, one) for name, one in sure], "calibration", scores.about)
    st.caption(
        "Expected calibration error: by how much the probability said and the share that is landslide differ. Over all "
        f"pixels it is mostly that of quiet ground, said to be near 0; over those said to be {calibration.FLOOR:g} or "
        "more, and over the bins alike, it is that of what a threshold looks at."
    )
    rows = [
        {"method": name, "said, from": low, "to": high, "mean said": said, "share that is landslide": seen, "pixels": n}
        for name, one in sure
        for low, high, said, seen, n in zip(
            one.edges[:-1].tolist(), one.edges[1:].tolist(), one.predicted.tolist(), one.observed.tolist(),
            one.n.tolist(), strict=True,
        )
    ]  # fmt: skip
    with st.expander("Bin by bin"):
        tables.show(rows, "calibration-bins", scores.about)


def _errors(name: str, one: calibration.Reliability) -> dict[str, object]:
    """Return one method's calibration errors, each named for what it is the mean of."""
    high = f"{calibration.FLOOR:g} or more"
    return {
        "method": name, "error, all pixels": one.ece, f"error, said {high}": one.ece_above,
        "error, bins alike": one.ece_of_bins, f"pixels said {high}": one.n_above, "pixels": int(one.n.sum()),
    }  # fmt: skip


def _curve(method: MethodScore) -> Curve:
    """Return the pooled curve of a method that has one; ``draw`` leaves out the others."""
    assert method.pooled_curve is not None
    return method.pooled_curve


def _number(curve: Curve, threshold: float) -> int | None:
    """Return which of a curve's thresholds is the nearest one; None where there is none."""
    if math.isnan(threshold) or not len(curve):
        return None
    return int(np.argmin(np.abs(curve.thresholds - threshold)))


def _without_curve(scores: Scores, methods: list[MethodScore]) -> None:
    """Say which methods have no threshold to move, and why."""
    lacking = [one.method for one in scores.found.methods if one.events and one not in methods]
    if lacking:
        st.info(
            f"{words.plain(', '.join(lacking))}: no threshold to move, because only masks are known or another method "
            "ran on some event.", icon=":material/linear_scale:",
        )  # fmt: skip
