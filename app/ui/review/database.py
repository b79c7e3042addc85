"""This installation's review database, and who reviews."""

import streamlit as st

from app import config, review
from app.ui import keys


@st.cache_resource(show_spinner=False)
def _reviews(database_url: str) -> review.Reviews:
    return review.Reviews(database_url)


def reviews() -> review.Reviews:
    """Return this installation's review database."""
    return _reviews(config.settings().database_url)


def reviewer() -> str:
    """Return the name that the reader gave, empty where none was given yet."""
    return (st.session_state.get(keys.REVIEWER) or "").strip()
