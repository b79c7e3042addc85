"""The glossary: every term that the pages use, in a sentence."""

import streamlit as st

from app.lessons import glossary
from app.ui.learn.saying import language


def draw() -> None:
    """Draw every term, in the order of the alphabet."""
    for _, name, says in glossary.terms(language()):
        st.markdown(f"**{name}**  \n{says}")
