"""What lasts as long as the program is left out of the search for garbage that follows every run of a page."""

import gc
import sys

_MANY = 100  # modules more than at the last time: a page imported a library

_seen = 0


def spare() -> None:
    """Take all that is alive out of the search, where many modules have come since the last time.

    Streamlit looks through every object after every run, and half a million of those are modules, classes and
    functions, which never end: a third of a second in which the answer to a key waits.
    """
    global _seen
    if len(sys.modules) >= _seen + _MANY:
        _seen = len(sys.modules)
        gc.collect()
        gc.freeze()


def sweep() -> None:
    """Look through all of it once, what was left out too: among that is what sessions held that have ended since."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
