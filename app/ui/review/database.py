"""This installation's review database, and who reviews."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from streamlit.errors import StreamlitAPIException

from app import config, redact, review, visitors
from app.errors import ReviewError
from app.review import team
from app.ui import keys
from app.ui.review import login
from app.visitors import Deed

# what is read for those who see nobody's verdicts: a database in memory, in which nothing is ever written
_EMPTY = "sqlite:///file::memory:?cache=shared&uri=true"


@st.cache_resource(show_spinner=False)
def _reviews(database_url: str) -> review.Reviews:
    return review.Reviews(database_url)


def reviews() -> review.Reviews:
    """Return this installation's review database."""
    return _reviews(address())


def address() -> str:
    """Return where the verdicts are: what Streamlit's secrets name as [connections.review], else SCARP_DATABASE.

    For a reader who may see nobody's verdicts that is an empty database. Raises ReviewError where the secrets name
    something that is no database.
    """
    if visitors.refusal(Deed.VERDICTS):
        return _EMPTY
    if not st.secrets.load_if_toml_exists() or not (st.secrets.get("connections") or {}).get("review"):
        return config.settings().database_url
    try:
        url = st.connection("review", type="sql").engine.url
    except (ImportError, StreamlitAPIException, SQLAlchemyError, ValueError, TypeError) as error:
        raise ReviewError(
            f"[connections.review] in the secrets names no database that can be opened ({type(error).__name__}). Give "
            "url, or dialect, host, username, password and database; for PostgreSQL the driver is psycopg."
        ) from error
    redact.know([str(url.password or "")])
    return url.render_as_string(hide_password=False)


def is_there() -> bool:
    """Whether there may be verdicts: a file that nobody made yet holds none, and is not made by looking."""
    url = address()
    if url == _EMPTY:
        return False
    path = url.removeprefix("sqlite:///")
    return path == url or path.startswith("file:") or Path(path).exists()


def reviewer() -> str:
    """Return who reviews: who logged in, or the name that the reader gave; empty for nobody yet."""
    if login.is_configured():
        return login.name()
    return (st.session_state.get(keys.REVIEWER) or "").strip()


def may_judge() -> bool:
    """Whether what the reader says is kept: a visitor of a shared installation is offered nothing to say."""
    return not visitors.refusal(Deed.FILES)


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
    return address(), *reviews().stamp()


@st.cache_resource(max_entries=2, show_spinner="Reading the verdicts")
def _standings(stamp: tuple[str, int, int]) -> list[team.JudgedItem]:
    return team.items(_reviews(stamp[0]).all())
