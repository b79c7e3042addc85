"""A press of a button that showed something else than is shown now: it does nothing, and the page says so."""

import time
from collections.abc import Callable, Collection

import streamlit as st

from app.ui import faults, insides, words
from app.ui.review import database, seeing

_PRESSED = "held.late_press"  # what the button pressed last showed, and what it is called
_ANSWERED = "held.late_answered"  # what the press was called that was answered last, and when
_SHOWN = "held.late_shown"  # what the buttons show, and of which choices; None once one was answered
_TRIED, _FAILED, _NOTHING = "held.late_tried", "failed", "nothing"  # what became of the press that is told of still
_DOUBLE_S = 10  # between the halves of a double click, with a page that is busy between them


def note(shown: str, title: str) -> None:
    """Take down a press: in the callback of the button, which Streamlit calls for one that is gone as well."""
    st.session_state[_PRESSED] = shown, title


def shows(shown: Collection[str]) -> None:
    """Say what the buttons show that are drawn now and answered by ``press``."""
    st.session_state[_SHOWN] = shown, seeing.chosen_now()


def press(shown: str, title: str, act: Callable[[], bool], *, judges: bool = True) -> None:
    """Do what a button asks: a callback, before the page runs, so that the next press cuts nothing off.

    Of a button that is gone the press is taken down. ``act`` returns whether there was anything to do; what ``judges``
    is left to ``answer`` where the reader may not.
    """
    note(shown, title)
    st.session_state[_TRIED] = None  # what became of an earlier press says nothing of this one
    there, chosen = st.session_state.get(_SHOWN) or ((), "")
    if shown in there and chosen == seeing.chosen_now() and not (judges and database.refusal()):
        st.session_state[_TRIED] = _FAILED  # where it raises, which the page tells
        if act():
            st.session_state[_SHOWN] = st.session_state[_TRIED] = None
            answered()
        else:
            st.session_state[_TRIED] = _NOTHING


def answer(act: Callable[[], bool], nothing: str = "", *, judges: bool = True) -> None:
    """Do what a button asks that tells the page of its press still: the server was begun anew, or ``press`` did not.

    ``nothing`` is what to say where there was nothing to do.
    """
    tried = st.session_state.pop(_TRIED, None)
    if judges and (refused := database.refusal()):
        st.error(words.plain(refused), icon=":material/error:")
    elif tried != _FAILED:
        with faults.shown_errors(stop=False):
            with insides.uncut():
                done = tried is None and act()
            if done:
                answered()
                st.rerun()
            st.warning(nothing, icon=":material/undo:")


def answered() -> None:
    """Say that the press that was taken down was of what was shown, and is done."""
    _, title = st.session_state.pop(_PRESSED, None) or ("", "")
    st.session_state[_ANSWERED] = title, time.monotonic()


def tell(shown: Collection[str]) -> None:
    """Say it where a press was of none of what is ``shown`` now; softly where it may be half of a double click."""
    pressed = st.session_state.pop(_PRESSED, None)
    if pressed is None or pressed[0] in shown:
        return
    title, (last, when) = words.plain(pressed[1]), st.session_state.get(_ANSWERED) or ("", 0.0)
    if pressed[1] == last and time.monotonic() - when < _DOUBLE_S:
        st.caption(f":material/sync_problem: **{title}**, pressed once more before this was shown, did nothing.")
        return
    st.warning(
        f"Nothing was kept: what you pressed **{title}** for is not what is shown now (another event, pair or "
        "inventory was opened). Look at the pictures, then press again.",
        icon=":material/sync_problem:",
    )
