"""What the Review page tells below the pictures: this event's verdicts, agreement, and what is judged apart."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from app import review
from app.review import agreement
from app.ui import choices, faults, widgets, words
from app.ui.keys import KEEP
from app.ui.review import database, filing, hiding, qualities, reviewing
from app.visitors import Deed

if TYPE_CHECKING:
    from app.patches import PatchSpec
    from app.review.team import JudgedItem

_MEASURES = {
    "percent": "Pairs of verdicts that are the same, per cent",
    "fleiss_kappa": "Fleiss' kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
}
_HELP = (
    "95 % by drawing the items anew 2,000 times. Percent and alpha are of all items that two or more have judged; "
    "Fleiss' kappa of those with the number of verdicts that most have; Cohen's of each two reviewers. "
    "A dash: not defined."
)


def draw(spec: PatchSpec | None) -> None:
    """Let the reader choose what is told, and tell it; without a patch, what is told of all that was judged."""
    if widgets.is_refused(Deed.VERDICTS):
        return
    chosen = st.segmented_control(
        "Told below", list(choices.TOLD), key=choices.TELL, format_func=choices.TOLD.__getitem__,
        label_visibility="collapsed", **KEEP,
    )  # fmt: skip
    with faults.shown_errors(stop=False):
        told: dict[str, Callable[[], None]] = {
            "event": lambda: _of_event(spec), "agreement": _agreement, "conflicts": _conflicts,
            "quality": qualities.draw, "files": filing.draw,
        }  # fmt: skip
        told[chosen or "event"]()


def _of_event(spec: PatchSpec | None) -> None:
    if spec is None:
        st.caption("Choose an event to see what was said on it.")
    else:
        reviewing.history(spec)


def _agreement() -> None:
    told = _summary(database.stamp(), database.standings())
    if not told["items"]:
        st.caption("Nothing is judged by two reviewers yet, so there is no agreement to tell.")
        return
    st.markdown(
        f"**{words.counted(told['items'], 'item')} judged by two or more of {len(told['reviewers'])} reviewers**"
    )
    hiding.tell_simulated(one for one in database.standings() if len(one.said) > 1)
    rows = [_line(title, told[name], told["interval"][name]) for name, title in _MEASURES.items()]
    rows += [
        _line(f"Cohen's kappa, {pair}", value, told["interval"]["cohen_kappa"][pair])
        for pair, value in told["cohen_kappa"].items()
    ]
    st.dataframe(rows, hide_index=True)
    st.caption(_HELP)


@st.cache_data(max_entries=4, show_spinner="Comparing the verdicts")
def _summary(stamp: tuple[str, int, int], _found: list[JudgedItem]) -> dict:
    return agreement.summary([{who: one.meaning for who, one in each.said.items()} for each in _found])


def _line(title: str, value: float, ends: tuple[float, float]) -> dict[str, str]:
    return {"measure": title, "value": _number(value), "from": _number(ends[0]), "to": _number(ends[1])}


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1f}" if abs(value) > 1 else f"{value:.3f}"


def _conflicts() -> None:
    every = [one for one in database.standings() if one.is_apart]
    shown = [one for one in every if not hiding.is_hidden(one)]
    decided = sum(one.decision is not None for one in every)
    st.markdown(f"**{words.counted(len(every), 'item')} judged apart, {decided:,} decided by a third**")
    hiding.tell_simulated(shown)
    if shown:
        st.dataframe([_apart(one) for one in shown], hide_index=True)
    if len(shown) < len(every):
        st.caption(f"{words.counted(len(every) - len(shown), 'item')} you have not judged yet: hidden, as the review "
                   "is blind.")  # fmt: skip
    if every:
        st.caption('To decide, choose the order "Judged apart, for a third to decide" under Queue: a third is somebody '
                   "who has not judged the event. What the others said stays as it is.")  # fmt: skip


def _apart(one: JudgedItem) -> dict[str, str]:
    event, where, kind, subject = one.item
    said = "; ".join(f"{who}: {each.title}" for who, each in one.said.items())
    held = one.decision
    decided = f"{held.title}, by {held.reviewer}" if held else "not yet"
    return {
        "event": event, "what": f"{review.KINDS.get(kind, kind)} {subject}".strip(), "said": said, "decided": decided,
        "where": where,
    }  # fmt: skip
