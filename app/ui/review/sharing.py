"""A team on the Review page: who judges which event, what is hidden from whom, and what a third decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app import config, review
from app.review import Verdict, team
from app.review.team import JudgedItem
from app.ui import choices, state, words
from app.ui.choices import texts
from app.ui.keys import KEEP
from app.ui.review import database
from app.ui.review.hiding import is_blind, is_hidden, is_third, shares


def controls() -> None:
    """Let the reader say among whom events are shared out, and whether the review is blind."""
    st.text_input(
        "Share out among (names, with commas)", key=choices.TEAM, max_chars=500, **KEEP,
        help="Who judges an event follows from its id and place, these names and the seed: a link with them shares out "
        "alike for everybody. Empty: everybody judges all.",
    )  # fmt: skip
    if team.names(st.session_state[choices.TEAM]):
        st.number_input("Reviewers of an event that several judge", 1, choices.MOST_EACH, key=choices.EACH, **KEEP)
        st.number_input("Per cent of events that several judge", 0, 100, key=choices.OVERLAP, **KEEP)
        st.caption(_said())
    forced = config.settings().blind
    st.selectbox(
        "Others' verdicts", [texts.OFF, texts.ON], key=choices.BLIND, disabled=forced, **KEEP,
        format_func=lambda one: "hidden until mine is in" if one == texts.ON or forced else "shown",
    )  # fmt: skip


def visible(entries: Sequence[Verdict]) -> list[Verdict]:
    """Return what a reviewer may see of the entries on one event: all, or their own while theirs is not in."""
    return eyes()(entries)


def eyes() -> Callable[[Sequence[Verdict]], list[Verdict]]:
    """Return what does as ``visible`` does now, later and outside the session: a file is made there."""
    name, is_free = database.reviewer(), not is_blind() or is_third()

    def seen(entries: Sequence[Verdict]) -> list[Verdict]:
        own = [one for one in entries if name and one.reviewer.strip() == name]
        is_in = any(one.kind == "event" for one in review.not_taken_back(own))
        return list(entries) if is_in or is_free else own

    return seen


def mine(ids: Sequence[str]) -> list[str]:
    """Return the events that the reader judges of those with these ids: all, where they are not shared out to them."""
    among, name = shares(), database.reviewer()
    if name not in among.reviewers:
        return list(ids)
    held = state.inventory()
    return [one for one in ids if name in team.assigned(held.event(one), among)]


def apart(ids: Sequence[str]) -> dict[str, JudgedItem]:
    """Return event -> how it stands, of the events that are judged apart and that the reader may decide as a third.

    What the reader decided already is among them; what another decided is not.
    """
    name, held = database.reviewer(), team.of_events(database.standings(), state.inventory())
    return {one: held[one] for one in ids if one in held and _may_decide(held[one], name)}


def told_apart(one: JudgedItem) -> None:
    """Say what the reviewers of an event said, for a third to decide."""
    lines = [
        f"**{words.plain(who)}**: {words.plain(said.title)}{f' ({said.confidence})' if said.confidence else ''}"
        + (f": {words.plain(said.note)}" if said.note else "")
        for who, said in one.said.items()
    ]
    st.info("Judged apart; your verdict decides.  \n" + "  \n".join(lines), icon=":material/balance:")


def _may_decide(one: JudgedItem, name: str) -> bool:
    is_theirs = one.decision is None or one.decision.reviewer == name
    return one.is_apart and name not in one.said and is_theirs and not is_hidden(one)


def _said() -> str:
    among, held = shares(), state.inventory()
    numbers = dict.fromkeys(among.reviewers, 0)
    listing, shown = state.listing(), state.shown()
    for at in shown:
        for name in team.assigned(listing.events[at], among):
            numbers[name] += 1
    told = ", ".join(f"{words.plain(name)} {number:,}" for name, number in numbers.items())
    mine_too = "" if database.reviewer() in numbers else " You are not among them: you see all, and may decide."
    return f"Of {words.counted(len(shown), 'event')} of {words.plain(held.name)}: {told}.{mine_too}"
