"""What the Learn page says, in the language its reader chose."""

from typing import Any

import streamlit as st

from app.lessons import words as held
from app.ui import choices
from app.ui.keys import KEEP


def language() -> str:
    """Return the language of the page, by the name of its file."""
    return str(st.session_state.get(choices.LANG) or held.ENGLISH)


def words() -> dict[str, Any]:
    """Return all words of the page's language."""
    return held.words(language())


def said(*names: str, **figures: object) -> str:
    """Return one text by its names, its figures filled in where there are any."""
    text = held.said(*names, language=language())
    return filled(text, **figures) if figures else text


def filled(text: str, **figures: object) -> str:
    """Return a text with its figures as the page's language writes them."""
    return held.filled(text, language(), **figures)


def choice() -> None:
    """Let the reader choose the language."""
    st.selectbox(
        said("page", "language"), held.codes(), key=choices.LANG, format_func=held.languages().__getitem__,
        label_visibility="collapsed", width=120, **KEEP,
    )  # fmt: skip
