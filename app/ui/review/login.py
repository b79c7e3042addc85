"""Who logged in, where the installation has Streamlit's login (``[auth]`` in its secrets): then nobody types a name."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.errors import StreamlitAPIException

from app import config, visitors
from app.errors import ReviewError
from app.ui import faults, keys, words
from app.ui.faults import guarded
from app.visitors import Deed


def is_configured() -> bool:
    """Whether readers log in here; Streamlit tells of a login only where one is set up."""
    return "is_logged_in" in _user()


def name() -> str:
    """Return the address of who logged in, or their name where no address of theirs is confirmed; empty for nobody."""
    user = _user()
    if not user.get("is_logged_in"):
        return ""
    address = user.get("email") if user.get("email_verified", True) else ""
    return str(address or user.get("name") or user.get("sub") or "").strip()[:100]


def is_known() -> bool:
    """Whether who sees the page has signed in, and is listed where the installation lists who may judge."""
    listed = config.settings().reviewers
    return bool(name()) and (not listed or name().casefold() in {one.casefold() for one in listed})


def draw() -> None:
    """Say who logged in, or let the reader do so."""
    faults.show()  # of a press here, which runs this part of the page alone
    if name():
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(f"Reviewer: **{words.plain(name())}**", width="content")
            st.button("Log out", key="review.logout", on_click=guarded(st.logout), type="tertiary")
    else:
        st.button("Log in to judge", key="review.login", on_click=guarded(_log_in), icon=":material/login:")


@st.fragment  # told once more after a press that ends the typing: its run waits for that of the press
def who() -> None:
    """Let the reader say who they are: log in where that is set up, else type a name."""
    if is_configured():
        draw()
    elif not visitors.refusal(Deed.FILES):  # a name has nothing to stand beside
        st.text_input("Your name or initials", key=keys.REVIEWER, max_chars=100, persist_state="session")


def _log_in() -> None:
    try:
        st.login()
    except StreamlitAPIException as error:  # no Authlib, or an [auth] that lacks something: it says which
        said = " ".join(str(error).split())[:300]
        raise ReviewError(f"Nobody can log in here: {said} Tell who runs this installation.") from error


def _user() -> Mapping[str, object]:
    return st.user.to_dict()
