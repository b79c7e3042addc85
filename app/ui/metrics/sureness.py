"""How sure a ranking is: two methods on the same events, event by event, and what doubtful truth changed."""

from __future__ import annotations

import math

import streamlit as st

from app.scoring.results import MethodScore, Paired, paired
from app.ui import words
from app.ui.keys import KEEP
from app.ui.metrics import doubt, downloads, figures, tables
from app.ui.metrics.running import Scores


def draw(scores: Scores) -> None:
    """Draw the section."""
    methods = [one for one in scores.found.methods if one.events]
    if not scores.slid:
        st.info("Nothing slid in these data, so there is no F1 to tell methods apart by.", icon=":material/block:")
    elif len(methods) < 2:
        st.info("Choose a second method to see whether the two can be told apart.", icon=":material/balance:")
    else:
        _pair(methods, scores)
        _every_pair(methods, scores)
    doubt.effect(scores)


def sentence(pair: Paired) -> str:
    """Return a paired difference in plain words."""
    one, other = f"`{pair.one}`", f"`{pair.other}`"
    over = f"over {words.counted(pair.n, 'event')}"
    if math.isnan(pair.difference):
        return f"{one} and {other} cannot be compared {over}: one of them has no defined F1."
    better, worse = (one, other) if pair.difference >= 0 else (other, one)
    by = f"{abs(pair.difference):.3f}"
    if math.isnan(pair.low):
        return f"{better} is ahead of {worse} by {by} in pooled F1 {over}: too few events to say how sure that is."
    low, high = sorted((pair.low, pair.high) if pair.difference >= 0 else (-pair.high, -pair.low))
    if not pair.told_apart:
        return (
            f"{one} and {other} **cannot be told apart** {over}: {better} is ahead by {by} in pooled F1, 95 % "
            f"interval {low:.3f} to {high:.3f}, which holds zero."
        )
    return f"{better} is **better** than {worse} by {by} in pooled F1, 95 % interval {low:.3f} to {high:.3f}, {over}."


def _pair(methods: list[MethodScore], scores: Scores) -> None:
    by_name = {one.method: one for one in methods}
    names = sorted(by_name, key=lambda name: -_f1(by_name[name]))
    left, right = st.columns(2)
    one = left.selectbox("Compare", names, key="score.one", **KEEP)
    rest = [name for name in names if name != one]
    other = right.selectbox("with", rest, key="score.other", **KEEP)
    pair = paired(by_name[one], by_name[other])
    st.markdown(sentence(pair))
    downloads.figure(
        figures.difference(pair.difference, pair.low, pair.high), "difference", scores.about,
        "Difference of F1 between two methods with its interval",
    )  # fmt: skip
    _by_event(by_name[one], by_name[other], scores)


def _by_event(one: MethodScore, other: MethodScore, scores: Scores) -> None:
    """Show in which events which of the two is ahead."""
    theirs = {score.event: score.counts.f1 for score in other.events}
    apart = {score.event: score.counts.f1 - theirs.get(score.event, math.nan) for score in one.events}
    known = {event: value for event, value in apart.items() if not math.isnan(value)}
    if len(known) < 2:
        return
    ahead, behind = (sum(value * sign > 0 for value in known.values()) for sign in (1, -1))
    st.markdown(f"Event by event `{one.method}` is ahead in {ahead} and behind in {behind} of {len(known)}.")
    downloads.figure(
        figures.by_event(list(known), list(known.values()), one.method, other.method), "by-event", scores.about,
        f"Difference of F1 in each event, {one.method} minus {other.method}",
    )  # fmt: skip


def _every_pair(methods: list[MethodScore], scores: Scores) -> None:
    rows = [
        {
            "method": pair.one, "compared with": pair.other, "difference of F1": pair.difference,
            "95 % interval": tables.interval(pair.low, pair.high), "told apart": "yes" if pair.told_apart else "no",
            "n": pair.n,
        }
        for pair in scores.found.paired() if pair.n
    ]  # fmt: skip
    with st.expander(f"Every pair of methods ({len(rows)})"):
        st.caption(
            "Micro F1 over the events both were scored on; events are drawn again, the same ones for both. Nothing is "
            "corrected for the number of pairs: of twenty that do not differ, one looks told apart."
        )
        tables.show(rows, "pairs", scores.about)


def _f1(method: MethodScore) -> float:
    return -1.0 if math.isnan(method.micro.f1) else method.micro.f1
