"""Errors as a reader sees them: one sentence each, whether a page or a callback of a widget raised it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import streamlit as st

from app.errors import Cancelled, ScarpError
from app.lessons.refusal import Refusal
from app.lessons.words import said
from app.ui import insides, keys, spoken
from app.ui.words import plain

log = logging.getLogger(__name__)

WORDLESS = said("refused", "wordless")


def guarded(act: Callable[..., object]) -> Callable[..., None]:
    """Return a callback whose errors the next ``show`` tells: raised out of it, they would leave the page empty.

    It is done to its end, also where the reader presses something else meanwhile.
    """

    @wraps(act)
    def run(*args: object, **kwargs: object) -> None:
        with insides.uncut():
            try:
                act(*args, **kwargs)
            except Exception as error:  # what Streamlit itself raises to stop or rerun a script is no Exception
                st.session_state.setdefault(keys.FAULTS, []).append(told(error, "A callback"))

    return run


@contextmanager
def shown_errors(stop: bool = True) -> Iterator[None]:
    """Show any error of Scarp's as its own sentence, and anything else as one that says where to look."""
    try:
        yield
    except Exception as error:  # what Streamlit itself raises to stop or rerun a script is no Exception
        draw(error)
    else:
        return
    if stop:
        st.stop()


def sent(key: str, what: str) -> Any:
    """Return what a component or a chart told its callback, None where its page has gone meanwhile.

    Streamlit forgets a key with its page, while what the browser sent last may still be on its way.
    """
    return getattr(st.session_state.get(key), what, None)


def show() -> None:
    """Tell the errors of callbacks since the last call."""
    for icon, sentence in st.session_state.pop(keys.FAULTS, []):
        tell(icon, sentence)


def draw(error: Exception) -> None:
    """Tell an error of the page itself."""
    tell(*told(error))


def told(error: Exception, what: str = "A page") -> tuple[str, str]:
    """Return icon and sentence; what Scarp has no sentence for goes into the log."""
    if isinstance(error, Cancelled):
        return ":material/block:", str(error)
    if isinstance(error, Refusal):
        return ":material/error:", error.told(_language())
    if isinstance(error, ScarpError):
        return ":material/error:", str(error)
    log.error("%s failed", what, exc_info=error)
    return ":material/error:", said("refused", "wordless", language=_language())


def _language() -> str:
    return spoken.language_of(st.session_state.get(keys.PAGE, ""))


def tell(icon: str, sentence: str) -> None:
    """Draw a sentence as text, never markup: what the reader stopped themselves in blue, all else in red."""
    (st.info if icon == ":material/block:" else st.error)(plain(sentence), icon=icon)
