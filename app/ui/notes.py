"""Sentences that the frame shows once, whatever part of a page has them to say."""

import streamlit as st

from app.ui import keys


def add(sentence: str) -> None:
    """Keep a sentence for the frame."""
    st.session_state.setdefault(keys.NOTES, []).append(sentence)


def take() -> list[str]:
    """Return and forget the sentences kept."""
    return st.session_state.pop(keys.NOTES, [])
