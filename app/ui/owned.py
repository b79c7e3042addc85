"""What a reader at a page brought and nobody else sees: networks, beside those everybody has, and detections."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import streamlit as st

from app.detection.elsewhere import collections
from app.detection.network import registry
from app.ui import choices, workspace
from app.visitors import turns

_Kept = TypeVar("_Kept")


def networks() -> Path:
    """Make this run's networks those of the reader at the page; returns the folder of their own, there or not."""
    folder = workspace.current().folder / "networks"
    registry.belong_to(folder)
    turns.belong_to(folder.parent.name)
    return folder


def detections() -> Path:
    """Make this run's collections of detections those of the reader at the page; returns their folder, there or not."""
    folder = workspace.current().folder / "detections"
    collections.belong_to(folder)
    return folder


def methods() -> None:
    """Make all files that methods of this run read those of the reader at the page."""
    networks()
    detections()


def keep(nbytes: int, save: Callable[[], _Kept]) -> _Kept:
    """Keep so many bytes for the reader; returns what ``save`` does. Raises WorkspaceError where they do not fit."""
    mine = workspace.current()
    mine.make_room(nbytes)
    kept = save()
    mine.touch()
    return kept


def forget_methods(gone: Callable[[str], bool]) -> None:
    """Choose no method any more of which ``gone`` is true; where none is left, the usual ones."""
    for key in (choices.METHODS, choices.SCORED):
        left = [one for one in st.session_state.get(key) or [] if not gone(one)]
        st.session_state[key] = left or list(choices.DEFAULTS.get(key) or [])
