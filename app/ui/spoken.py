"""Which language a page speaks, said to screen readers: Streamlit's page says English whatever stands on it."""

from pathlib import Path

import streamlit as st

from app.lessons.words import ENGLISH, codes, said
from app.ui import choices, insides, keys

LEARN = "Learn"  # the one page that speaks other languages
PLACE = "named_learn"  # of its name in the list of pages

_mount = st.components.v2.component(
    "scarp_spoken", html="<span hidden></span>", js=Path(__file__).with_suffix(".js").read_text("utf-8")
)


def language_of(title: str) -> str:
    """Return the language a page speaks: Learn the one chosen there, all others English."""
    return str(st.session_state.get(choices.LANG) or ENGLISH) if title == LEARN else ENGLISH


def asked(title: str) -> str:
    """Return the language a page will speak once its address is taken over."""
    said_of = st.query_params.get(choices.LANG)
    return said_of if title == LEARN and said_of in codes() else language_of(title)


def titled(title: str) -> str:
    """Return what a page is called, in the language it speaks."""
    return said("page", "title", language=language_of(title)) if title == LEARN else title


def tell(title: str) -> None:
    """Mark the page, and the sidebar, which is in English; nothing is marked while a session meets English alone."""
    page, learn = language_of(title), language_of(LEARN)
    if learn == ENGLISH and not st.session_state.get(keys.SPOKEN):
        return
    st.session_state[keys.SPOKEN] = True  # from now on English has to be said as well
    parts = [[insides.SIDEBAR, ENGLISH], [f".st-key-{PLACE}", learn]]
    _mount(data={"page": page, "parts": parts}, key="spoken")
