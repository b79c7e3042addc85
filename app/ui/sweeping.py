"""The search for garbage that follows every run of a page: how far it goes, and what it always leaves out."""

import gc
import sys
import time

_MANY = 100  # modules more than at the last time: a page imported a library
_SELDOM = 20  # times as long as a search through everything took, until the next one: a twentieth of the time at most

_seen = 0
_next = 0.0  # the moment of time.monotonic before which only what is new is looked through


def spare() -> None:
    """Take all that is alive out of the search, where many modules have come since the last time.

    After a run every object may be looked through, and half a million of those are modules, classes and functions,
    which never end: a third of a second in which the answer to a key waits.
    """
    global _seen
    if len(sys.modules) >= _seen + _MANY:
        _seen = len(sys.modules)
        gc.collect()
        gc.freeze()


def after_run() -> None:
    """Look for garbage once a page has run: among what is new, and among everything where the last time is long past.

    Everything, each time, is what Streamlit would do by itself: with fifty sessions open that held all of them up for
    40 ms after each run of one. The less there is to look through, the more often it is.
    """
    global _next
    began = time.monotonic()
    gc.collect(2 if began >= _next else 1)
    if began >= _next:
        ended = time.monotonic()
        _next = ended + _SELDOM * (ended - began)


def sweep() -> None:
    """Look through all of it once, what was left out too: among that is what sessions held that have ended since."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
