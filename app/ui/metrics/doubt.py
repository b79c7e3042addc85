"""Events whose truth is to be doubted: which they are, why, and what leaving them out changes."""

from __future__ import annotations

import streamlit as st

from app.errors import ReviewError
from app.review import Verdict
from app.review.corrected import holds_mask
from app.scoring import known
from app.scoring.results import Evaluation, without_doubtful
from app.ui import choices, state, words
from app.ui.metrics import tables
from app.ui.metrics.running import Scores
from app.ui.review import hiding


def switch() -> bool:
    """Let the reader leave doubtful truth out; returns whether it is."""
    return st.toggle(
        "Leave out events whose truth is doubtful", key=choices.DOUBT, persist_state="session",
        help="A reviewer judged the pair to be no landslide, unclear or unusable, or the inventory's dates contradict "
        "one another.",
    )  # fmt: skip


def counted(scores: Scores, left_out: bool) -> Scores:
    """Return the scores with or without the doubtful events, and say which those are."""
    reasons = {event: why for event, why in doubtful(scores.simulated).items() if event in scores.events}
    if not reasons:
        if left_out:
            st.caption("No event here is doubtful: neither a reviewer's verdict nor a date of the inventory speaks "
                       "against its truth.")  # fmt: skip
        return scores
    whole = len(scores.events)
    if not left_out:
        st.caption(f"The truth of {words.counted(len(reasons), 'event')} of {whole} is doubtful and counts: "
                   f"{_named(reasons)}")  # fmt: skip
        return scores
    kept = without_doubtful(scores.found, reasons)
    if not any(one.events for one in kept.methods):
        st.warning("The truth of every event here is doubtful, so all of them count.", icon=":material/warning:")
        return scores
    st.caption(f"Left out as doubtful, {len(reasons)} of {words.counted(whole, 'event')}: {_named(reasons)}  \n"
               f"{_changed(scores.found, kept)}")  # fmt: skip
    return scores.with_found(kept)


def doubtful(simulated: bool) -> dict[str, str]:
    """Return event -> why its truth is to be doubted, from the inventory's dates and the reviewers' verdicts.

    A verdict on a simulated pair speaks of simulated data only, and one on a real pair of real data. One that corrected
    the outline speaks of the label, and not of the corrected truth where that is chosen.
    """
    chosen = bool(st.session_state.get(choices.CORRECTED))
    speak = [one for one in _verdicts() if one.simulated == simulated and not (chosen and holds_mask(one.geometry))]
    return known.doubtful(state.inventory(), speak)


def effect(scores: Scores) -> None:
    """Say what leaving doubtful truth out would change, or changed, method by method."""
    left_out = {one.event: one.reason for one in scores.found.left_out}
    reasons = doubtful(scores.simulated)
    here = left_out or {event: why for event, why in reasons.items() if event in scores.events}
    st.markdown("**Doubtful truth**")
    if not here:
        st.caption("No event here is doubtful.")
        return
    st.caption(_named(here))
    if left_out:
        st.caption("These are left out of all numbers on this page; the switch above takes them in again.")
        return
    kept = without_doubtful(scores.found, here)
    rows = [
        {"method": before.method, "micro F1, all events": before.micro.f1, "n": len(before.events),
         "micro F1 without the doubtful": after.micro.f1, "n left": len(after.events)}
        for before, after in zip(scores.found.methods, kept.methods, strict=True) if before.events
    ]  # fmt: skip
    tables.show(rows, "doubtful", scores.about)


def _changed(before: Evaluation, after: Evaluation) -> str:
    """Return in words how the pooled F1 of each method moved."""
    moves = [
        f"`{one.method}` {tables.number(one.micro.f1)} to {tables.number(other.micro.f1)}"
        for one, other in zip(before.methods, after.methods, strict=True) if one.events
    ]  # fmt: skip
    return f"Micro F1 moved: {'; '.join(moves)}."


def _named(reasons: dict[str, str]) -> str:
    shown = [f"event {event}: {why.rstrip('.')}" for event, why in list(reasons.items())[:6]]
    more = len(reasons) - len(shown)
    return words.plain("; ".join(shown)) + (f"; and {more} more." if more > 0 else ".")


def _verdicts() -> tuple[Verdict, ...]:
    """Return the verdicts that the reader may see, newest first; none, with a sentence, where they cannot be read."""
    try:
        return hiding.entries(state.inventory())
    except ReviewError as error:
        st.caption(words.plain(f"Verdicts could not be read: {error}"))
        return ()
