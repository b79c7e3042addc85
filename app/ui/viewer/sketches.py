"""What a reader has drawn on each patch: kept for other pages and tabs, each list under a number that grows with it."""

import logging
from typing import Any

import streamlit as st

from app.errors import InputError
from app.grid import Grid
from app.pictures import shapes
from app.pictures.shapes import Shape
from app.ui import kept, keys

log = logging.getLogger(__name__)

_MOST_REVISIONS = 1_000_000  # a page with so many changes is none


def take_up(key: str, grid: Grid) -> None:
    """Show the shapes kept for a patch: those of an earlier page, or what another tab has drawn since."""
    news = kept.shapes(key)
    if news is None:
        return
    known = st.session_state.setdefault(keys.DRAWN, {})
    try:
        found = shapes.read(news[1], grid)
    except InputError as error:
        log.warning("The shapes kept for a patch cannot be used: %s", error)
        return
    known[key] = (max(known[key][0], news[0]) + 1 if key in known else news[0], found)


def drawn(key: str) -> list[Shape]:
    """Return what a reader has drawn under a key, in order."""
    return list(held(key)[1])


def add(key: str, grid: Grid, shape: Shape) -> None:
    """Add a shape to what a reader has drawn under a key, here or before; raises InputError where that is too many."""
    take_up(key, grid)
    revision, found = held(key)
    if len(found) >= shapes.MOST_SHAPES:
        raise InputError(f"There are {len(found)} shapes on this patch already; remove one before you draw another.")
    _hold(key, revision + 1, [*found, shape])


def remove(key: str, number: int | None = None) -> None:
    """Forget one shape drawn under a key, by its place from 0, or all of them."""
    revision, found = held(key)
    left = [shape for n, shape in enumerate(found) if number is not None and n != number]
    _hold(key, revision + 1, left)


def forget() -> None:
    """Forget what is drawn on every patch."""
    every = st.session_state.get(keys.DRAWN, {})
    st.session_state[keys.DRAWN] = {key: (revision + 1, []) for key, (revision, _) in every.items()}  # kept by nobody


def keep(key: str, grid: Grid, sent: Any) -> bool:
    """Take over what a browser sent, unless the page has changed the list in the meantime; returns whether it was."""
    revision, _ = held(key)
    said = sent.get("revision") if isinstance(sent, dict) else None
    if type(said) is not int or not revision <= said <= _MOST_REVISIONS:  # later than the page's: it began anew
        return False
    try:
        found = shapes.read(sent.get("shapes"), grid)
    except InputError as error:
        log.warning("The viewer sent shapes that cannot be used: %s", error)
        return False
    _hold(key, said, found)
    return True


def held(key: str) -> tuple[int, list[Shape]]:
    """Return the number of the list under a key, 0 of none, and the shapes in it."""
    return st.session_state.get(keys.DRAWN, {}).get(key, (0, []))


def _hold(key: str, revision: int, drawn_here: list[Shape]) -> None:
    st.session_state.setdefault(keys.DRAWN, {})[key] = (revision, drawn_here)
    kept.keep_shapes(key, revision, shapes.as_lists(drawn_here))
