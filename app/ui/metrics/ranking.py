"""Which method is best: the ranking with its intervals, the averages apart, and what others published."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from app.scoring import metrics
from app.scoring import references as published
from app.scoring.results import MethodScore
from app.ui import words
from app.ui.metrics import downloads, figures, tables
from app.ui.metrics.figures import PublishedScore, Ranked
from app.ui.metrics.running import Scores

_SHOW_PUBLISHED = "score.published"


def draw(scores: Scores) -> None:
    """Draw the section."""
    methods = [one for one in scores.found.methods if one.events]
    if not scores.slid:
        _false_alarms(methods, scores)
        return
    st.markdown(_headline(methods))
    if len({tuple(score.event for score in one.events) for one in methods}) > 1:
        st.warning(
            "Not every method was scored on the same events (see n): set their averages side by side with care, and "
            "compare pairs under How sure.", icon=":material/rule:",
        )  # fmt: skip
    shown = st.toggle(
        "Published figures below the line", key=_SHOW_PUBLISHED, persist_state="session",
        help="F1 of the thesis's 17 validation events, as the article states it: other data, not computed here.",
    )  # fmt: skip
    references = [PublishedScore(f"{one.title}, published", one.f1) for one in published.FIGURES] if shown else []
    downloads.figure(
        figures.ranking([_ranked(one) for one in methods], references), "ranking", scores.about,
        "F1 of each method with its interval",
    )  # fmt: skip
    _micro(methods, scores)
    _macro(methods, scores)
    _both_classes(methods, scores)
    _published(scores)


def _ranked(method: MethodScore) -> Ranked:
    return Ranked(
        method.method, method.micro.f1, method.interval_f1, method.macro.values["f1"],
        metrics.bootstrap_f1(method.counts, average="macro"),
    )  # fmt: skip


def _headline(methods: list[MethodScore]) -> str:
    """Return in one sentence which method comes first, and how sure that is."""
    known = [one for one in methods if not math.isnan(one.micro.f1)]
    best = max(known, key=lambda one: one.micro.f1)
    low, high = best.interval_f1
    sure = (
        "With one event there is no interval: this says nothing of other events."
        if math.isnan(low) else f"95 % interval over events {tables.interval(low, high)}."
    )  # fmt: skip
    first = f"`{best.method}` has the highest pooled F1, **{best.micro.f1:.3f}**" if len(known) > 1 else (
        f"`{best.method}` has a pooled F1 of **{best.micro.f1:.3f}**")  # fmt: skip
    return f"{first} over {words.counted(len(best.events), 'event')}. {sure}"


def _false_alarms(methods: list[MethodScore], scores: Scores) -> None:
    """Rank by false alarms, where nothing slid and no F1 means anything."""
    st.markdown("**Nothing slid in these data**: all that a method marks is a false alarm, and the fewer the better.")
    rows: list[dict[str, Any]] = [
        {
            "method": one.method, "n": len(one.events),
            "false objects": sum(one.objects.false) if one.objects else None,
            "false objects per km²": one.objects.false_per_km2 if one.objects else math.nan,
            "share of pixels marked (%)": 100 * one.micro.fp / one.micro.n if one.micro.n else math.nan,
            "pixels marked": one.micro.fp, "clear pixels": one.micro.n,
        }
        for one in methods
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["false objects per km²"], row["share of pixels marked (%)"]))
    downloads.figure(
        figures.false_alarms([(row["method"], row["false objects per km²"]) for row in rows]), "false-alarms",
        scores.about, "False objects for each square kilometre by method",
    )  # fmt: skip
    tables.show(rows, "false-alarms", scores.about)


def _micro(methods: list[MethodScore], scores: Scores) -> None:
    st.markdown("**Micro: all pixels pooled, every pixel weighs the same**")
    rows = []
    for one in methods:
        counts = one.micro.as_dict()
        rows.append(
            {
                "method": one.method, "n": len(one.events),
                **{title: counts[name] for name, title in tables.RATES.items()},
                "95 % interval of F1": tables.interval(*one.interval_f1),
                **{name: counts[name] for name in ("tp", "fp", "fn", "tn")},
            }
        )  # fmt: skip
    tables.show(rows, "micro", scores.about)


def _macro(methods: list[MethodScore], scores: Scores) -> None:
    st.markdown("**Macro: mean over events, every event weighs the same**")
    st.caption("An event in which a score is undefined (nothing there and nothing found) is left out of that mean.")
    rows = []
    for one in methods:
        means = one.macro
        low, high = metrics.bootstrap_f1(one.counts, average="macro")
        rows.append(
            {
                "method": one.method, "n": means.n, "n with F1": means.defined["f1"],
                **{title: means.values[name] for name, title in tables.RATES.items()},
                "95 % interval of F1": tables.interval(low, high),
            }
        )  # fmt: skip
    tables.show(rows, "macro", scores.about)


def _both_classes(methods: list[MethodScore], scores: Scores) -> None:
    with st.expander("Averages over both classes, as CDRL's code has them", icon=":material/contrast:"):
        st.caption(
            "The convention of Noh et al. (2022, arXiv 2204.01200): the mean of the scores of change and of no change. "
            "Where landslides are rare no change scores near 1, so these stand half-way to 1 and belong beside no "
            "number above."
        )
        rows = [
            {
                "method": one.method, "n": len(one.events),
                **{f"both-class {tables.RATES[name]}": value for name, value in metrics.both_class(one.micro).items()},
            }
            for one in methods
        ]  # fmt: skip
        tables.show(rows, "both-classes", scores.about)


def _published(scores: Scores) -> None:
    with st.expander("Published figures, not computed here", icon=":material/menu_book:"):
        st.caption(
            f"As stated by {words.plain(published.SOURCE)}. They are of {published.DATA}; averaging "
            f"{published.AVERAGING}. Set beside the numbers above only with that in mind."
        )
        rows = [
            {"published": one.title, "F1": one.f1, "n": one.n, "status": one.status, "nearest method here": one.method,
             "averaging": one.averaging}
            for one in published.FIGURES
        ]  # fmt: skip
        st.dataframe(rows, hide_index=True, column_config={"F1": st.column_config.NumberColumn(format="%.4f")})
