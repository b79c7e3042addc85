"""The sections of the Metrics page, one tab each."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui import choices
from app.ui.choices import PARTS
from app.ui.faults import guarded

_TABS = "score.section"


def opened() -> tuple[str, DeltaGenerator]:
    """Draw the tabs and return the open one: its name in PARTS and where it is drawn.

    Only that one is worked out. A tab's own key is lost on a page change, so the choice is kept beside it.
    """
    st.session_state[_TABS] = PARTS[st.session_state[choices.PART]]
    tabs = st.tabs(list(PARTS.values()), key=_TABS, on_change=guarded(_keep))
    return next((name, tab) for name, tab in zip(PARTS, tabs, strict=True) if tab.open)


def _keep() -> None:
    found = [name for name, title in PARTS.items() if title == st.session_state.get(_TABS)]
    if found:  # a session that was dropped lacks the tab
        st.session_state[choices.PART] = found[0]
