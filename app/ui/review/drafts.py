"""The outline being corrected on a patch: kept with every step, for a reload, another tab and the next verdict."""

import base64
import binascii

import streamlit as st

from app.files import digest
from app.ui import kept, keys, workspace
from app.ui.editor import MOST_REVISIONS, Sent

NONE = Sent(0, None)


def of(key: str) -> Sent:
    """Return the newest step of the outline on a patch, of this page or of another tab."""
    here = st.session_state.get(keys.OUTLINES, {}).get(key, NONE)
    return max(here, _kept(key), key=lambda one: one.revision)


def keep(key: str, step: Sent) -> None:
    """Keep a step; without a mask there is no outline."""
    st.session_state.setdefault(keys.OUTLINES, {})[key] = step
    text = base64.b64encode(step.packed).decode("ascii") if step.packed is not None else ""
    workspace.keep(_item(key), {"revision": step.revision, "bits": text})


def clear(key: str) -> None:
    """Begin anew: what was painted is kept elsewhere, or given up. One more step, which other tabs follow."""
    step = of(key)
    if step.packed is not None:
        keep(key, Sent(step.revision + 1, None))


def forget() -> None:
    """Forget the outlines of this page."""
    st.session_state[keys.OUTLINES] = {}


def _kept(key: str) -> Sent:
    """Return what the workspace holds, checked: a file of that folder may be anything."""
    said = workspace.current().held(_item(key))
    revision, bits = (said.get("revision"), said.get("bits")) if isinstance(said, dict) else (None, None)
    if type(revision) is not int or not 0 <= revision <= MOST_REVISIONS or not isinstance(bits, str):
        return NONE
    try:
        return Sent(revision, base64.b64decode(bits, validate=True) if bits else None)
    except binascii.Error:
        return NONE


def _item(key: str) -> str:
    return f"{kept.OUTLINE}.{digest(key)[:24]}"
