"""This installation's review database, and who reviews."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import config, review, visitors
from app.review import team
from app.ui import keys
from app.ui.review import login
from app.visitors import Deed


@st.cache_resource(show_spinner=False)
def _reviews(database_url: str) -> review.Reviews:
    return review.Reviews(database_url)


def reviews() -> review.Reviews:
    """Return this installation's review database."""
    return _reviews(config.settings().database_url)


def is_there() -> bool:
    """Whether there may be verdicts: a file that nobody made yet holds none, and is not made by looking."""
    url = config.settings().database_url
    path = url.removeprefix("sqlite:///")
    return path == url or path.startswith("file:") or Path(path).exists()


def reviewer() -> str:
    """Return who reviews: who logged in, or the name that the reader gave; empty for nobody yet."""
    if login.is_configured():
        return login.name()
    return (st.session_state.get(keys.REVIEWER) or "").strip()


def refusal() -> str:
    """Return why the reader may not judge, as a sentence; empty where they may."""
    name = reviewer()
    if login.is_configured() and not name:
        return "Not kept. Log in first, so that the verdict has an author."
    if login.is_configured() and not login.is_known():
        return f"Not kept: {name} is not among the reviewers of this installation. Ask who runs it (SCARP_REVIEWERS)."
    if unknown := visitors.refusal(Deed.FILES):
        return f"Not kept. {unknown}"
    return "" if name else "Not kept yet. Give your name or initials, so that the verdict has an author."


def standings() -> list[team.JudgedItem]:
    """Return how every judged item stands, read anew where an entry has come."""
    return _standings(stamp())


def stamp() -> tuple[str, int, int]:
    """Return what changes with every entry, and with the database."""
    return config.settings().database_url, *reviews().stamp()


@st.cache_resource(max_entries=2, show_spinner="Reading the verdicts")
def _standings(stamp: tuple[str, int, int]) -> list[team.JudgedItem]:
    return team.items(_reviews(stamp[0]).all())
