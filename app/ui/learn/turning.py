"""The knobs of the bench as controls: each with its words, and only those that are asked for."""

import streamlit as st

from app.lessons.knobs import COLOURS, HOWS, LANDS, SPANS
from app.ui import choices
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.learn import parts
from app.ui.learn.saying import words
from app.ui.words import titled

_LISTS = {"land": LANDS, "how": HOWS, "colours": COLOURS}


def knob(name: str, disabled: bool = False) -> None:
    """Draw one knob."""
    about = words()["knobs"][name]
    label, told = about["label"], about["help"]
    if name in _LISTS:
        st.selectbox(
            label, _LISTS[name], key=name, format_func=titled(about["options"]), help=told, disabled=disabled,
            on_change=guarded(_changed), args=(name,), **KEEP,
        )  # fmt: skip
    elif name == choices.OFFSET:
        parts.switch(label, choices.OFFSET, told, disabled)
    elif name == choices.SCENE:
        span = SPANS[name]
        st.number_input(label, int(span.low), int(span.high), step=1, key=name, help=told, disabled=disabled, **KEEP)
    else:
        _slider(name, label, told, disabled)


def _slider(name: str, label: str, told: str, disabled: bool) -> None:
    span = SPANS[name]
    kind = float if isinstance(span.step, float) else int
    st.slider(
        label, kind(span.low), kind(span.high), step=kind(span.step), key=name, help=told, disabled=disabled, **KEEP
    )


def _changed(name: str) -> None:
    if name == choices.HOW:  # its scores have another unit
        parts.move(None)
