"""The address of a page to hand on: what stands in the browser's own bar, at every moment."""

from pathlib import Path

import streamlit as st

from app.lessons import classroom
from app.lessons.words import ENGLISH, words

_mount = st.components.v2.component(
    "scarp_share",
    html='<code tabindex="0"></code><button type="button"></button><span role="status"></span>',
    css="""code { display: block; overflow-wrap: anywhere; padding: .5rem .6rem; border-radius: .4rem; user-select: all;
  font-size: .8rem; background: var(--st-secondary-background-color); }
button { font: inherit; color: inherit; cursor: pointer; margin: .4rem .6rem 0 0; padding: .2rem .7rem;
  min-height: 2rem; background: transparent; border: 1px solid var(--st-border-color); border-radius: .4rem; }
span { font-size: .85rem; }""",
    js=Path(__file__).with_name("share.js").read_text("utf-8"),
)


def address(query: str = "", language: str = ENGLISH) -> None:
    """Draw the page's address with a button that copies it; ``query`` is what it ends with, where not with the bar's.

    The server hears of a zoom later than the bar has it, so the address is read where it is right. In a class it is the
    one that others reach, whichever the page was opened by.
    """
    told = {"reached": classroom.CLASS.address, "query": query, "words": words(language)["share"]}
    _mount(data=told, key="share.of" if query else "share")
