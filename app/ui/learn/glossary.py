"""The glossary: every term that the pages use, in a sentence."""

import streamlit as st

from app.lessons.words import words


def draw() -> None:
    """Draw every term, in the order of the alphabet."""
    for term in sorted(words()["terms"].values(), key=lambda one: one["name"].lower()):
        st.markdown(f"**{term['name']}**  \n{term['says']}")
