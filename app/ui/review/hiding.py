"""How events stand after their review, as far as the reader may see it: for lists, filters, maps and figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from app import config
from app.review import VERDICTS, team
from app.review.records import event_of
from app.review.team import JudgedItem, Shares
from app.ui import choices, words
from app.ui.choices import texts
from app.ui.review import database

if TYPE_CHECKING:
    from app.inventory import Inventory
    from app.review import Verdict

_NOBODY: Mapping[str, str] = {}  # judged anything
_HELD = "held.review_outcomes"
TITLES = {team.UNJUDGED: "Not judged", team.APART: "Judged apart", **VERDICTS}


def outcomes(inventory: Inventory) -> Mapping[str, str]:
    """Return event -> how it stands: a verdict in today's words, or APART; what is not judged, or hidden, is left out.

    Raises ReviewError where the database cannot be used.
    """
    if not database.is_there():
        return _NOBODY
    asked = database.stamp(), inventory.identity, inventory.name, database.reviewer(), is_blind(), shares()
    held = st.session_state.get(_HELD)
    if held is None or held[0] != asked:
        found = team.of_events(database.standings(), inventory)
        seen = {one: said.outcome or team.APART for one, said in found.items() if not is_hidden(said)}
        held = st.session_state[_HELD] = asked, seen
    return held[1]


def tell_simulated(counted: Iterable[JudgedItem]) -> None:
    """Warn where verdicts on simulated scenes are among those that a section counts."""
    number = sum(one.of_simulated for one in counted)
    if number:
        st.caption(
            f":orange[:material/science: {words.counted(number, 'item')} of these were judged on **SIMULATED** scenes, "
            "which say nothing about real events.]"
        )


def entries(inventory: Inventory) -> tuple[Verdict, ...]:
    """Return every entry that the reader may see, newest first.

    In a blind review that is their own, and others' on the events of the inventory that they have judged. Raises
    ReviewError where the database cannot be used.
    """
    if not database.is_there():  # and is not made by looking: its place may be full, or read-only
        return ()
    every = database.reviews().all()
    if not is_blind() or is_third():
        return every
    name = database.reviewer()
    mine = database.reviews().judged(name, inventory) if name else set[str]()
    return tuple(one for one in every if (name and one.reviewer.strip() == name) or event_of(one, inventory) in mine)


def entries_seen(inventory: Inventory) -> tuple[object, ...]:
    """Return what changes whenever ``entries`` does."""
    if not database.is_there():
        return (database.address(),)
    hidden = (database.reviewer(), inventory.identity, is_third()) if is_blind() else ()
    return (*database.stamp(), *hidden)


def is_blind() -> bool:
    """Whether others' verdicts on an event are hidden until one's own is in."""
    return config.settings().blind or st.session_state.get(choices.BLIND) == texts.ON


def is_third() -> bool:
    """Whether events are shared out among others than the reader, who so is nobody's fellow reviewer."""
    among, name = shares().reviewers, database.reviewer()
    return bool(among and name and name not in among)


def is_hidden(one: JudgedItem) -> bool:
    """Whether a reviewer does not see yet how an item stands: the review is blind, and theirs is to come."""
    return is_blind() and database.reviewer() not in one.said and not is_third()


def shares() -> Shares:
    """Return how the reader says events are shared out."""
    chosen = st.session_state
    return Shares(
        team.names(chosen.get(choices.TEAM) or ""),
        *(chosen.get(name, choices.DEFAULTS[name]) for name in (choices.EACH, choices.OVERLAP, choices.SEED)),
    )
