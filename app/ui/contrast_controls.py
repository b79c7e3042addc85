"""How bright pictures are: the controls of the contrast, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from app.errors import InputError
from app.pictures import compositions, contrast
from app.pictures.compositions import Composition
from app.pictures.contrast import FIXED, PERCENTILE, Contrast
from app.ui import choices, words
from app.ui.faults import guarded
from app.ui.keys import KEEP

_KIND, _PERCENTILES, _LOW, _HIGH = "picture.kind", "picture.percentiles", "picture.low", "picture.high"
_GAMMA, _APART, _REFUSED = "picture.gamma", "picture.apart", "picture.refused"


def choose(composition: Composition, chosen: Contrast) -> None:
    """Draw the parts of the contrast; a change is in its name at the next run."""
    put(_KIND, chosen.kind)
    st.segmented_control(
        "Stretch, the same at both dates", [PERCENTILE, FIXED], key=_KIND, required=True,
        on_change=guarded(_kind_changed), format_func=words.titled({PERCENTILE: "Percentiles", FIXED: "Fixed range"}),
        **KEEP,
    )  # fmt: skip
    if chosen.kind == PERCENTILE:
        _choose_percentiles(chosen)
    else:
        _choose_range(chosen, composition)
    put(_GAMMA, chosen.gamma)
    st.slider(
        "Gamma", *contrast.GAMMA_RANGE, step=0.1, format="%.1f", key=_GAMMA, on_change=guarded(_contrast_changed),
        help="Above 1 lifts the dark half.", **KEEP,
    )  # fmt: skip
    refused = st.session_state.pop(_REFUSED, "")
    if refused:
        st.warning(words.plain(refused), icon=":material/error:")
    st.button(
        f"Back to {in_words(contrast.USUAL)}", icon=":material/undo:", key="picture.reset",
        on_click=guarded(_reset_contrast), disabled=chosen == contrast.USUAL,
    )  # fmt: skip


def _choose_percentiles(chosen: Contrast) -> None:
    put(_PERCENTILES, chosen.percentiles)
    st.slider(
        "Percentiles of the clear pixels", 0.0, 100.0, step=0.5, format="%.1f", key=_PERCENTILES,
        on_change=guarded(_contrast_changed),
        help="What lies below the first is darkest, what lies above the second brightest.", **KEEP,
    )  # fmt: skip
    put(_APART, chosen.apart)
    st.toggle(
        "Each date by itself", key=_APART, on_change=guarded(_contrast_changed),
        help="An exception for dates of very different light: equal colours then no longer mean equal values.", **KEEP,
    )  # fmt: skip


def _choose_range(chosen: Contrast, composition: Composition) -> None:
    low, high = _range(chosen, composition)
    unit = composition.title if composition.index else "reflectance"
    with st.container(horizontal=True):
        for label, key, value in ((f"From ({unit})", _LOW, low), ("To", _HIGH, high)):
            put(key, value)
            st.number_input(
                label,
                *contrast.VALUE_RANGE,
                step=0.01,
                format="%.3f",
                key=key,
                width=150,
                on_change=guarded(_contrast_changed),
                **KEEP,
            )


def _range(chosen: Contrast, composition: Composition) -> tuple[float, float]:
    return composition.fixed if chosen.low is None or chosen.high is None else (chosen.low, chosen.high)


def in_words(chosen: Contrast) -> str:
    """Return a contrast as the button that opens its parts calls it."""
    if chosen.kind == PERCENTILE:
        ends = "{:g} to {:g} %".format(*chosen.percentiles)
    else:
        ends = "Fixed range" if chosen.low is None else f"{chosen.low:g} to {chosen.high:g}"
    gamma = f", gamma {chosen.gamma:g}" if chosen.gamma != 1 else ""
    return f"{ends}{gamma}{', dates apart' if chosen.apart else ''}"


def suited(chosen: Contrast, before: Composition, now: Composition) -> Contrast:
    """Return the contrast for another composition: a range of reflectance says nothing of an index."""
    if chosen.kind == FIXED and before.index != now.index:
        return replace(chosen, low=None, high=None)
    return chosen


def _kind_changed() -> None:
    chosen = contrast.parse(st.session_state[choices.STRETCH])
    st.session_state[choices.STRETCH] = str(Contrast(st.session_state[_KIND], gamma=chosen.gamma))


def _contrast_changed() -> None:
    chosen = contrast.parse(st.session_state[choices.STRETCH])
    low, high = st.session_state[_PERCENTILES] if chosen.kind == PERCENTILE else _entered(chosen)
    apart = chosen.kind == PERCENTILE and st.session_state[_APART]
    try:
        made = Contrast(chosen.kind, low, high, gamma=st.session_state[_GAMMA], apart=apart)
    except InputError as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state[choices.STRETCH] = str(contrast.parse(str(made)))


def _entered(chosen: Contrast) -> tuple[float | None, float | None]:
    """Return the range in the two fields; None twice while it is the composition's own."""
    ends = st.session_state[_LOW], st.session_state[_HIGH]
    composition = compositions.parse(st.session_state[choices.COMPOSITION])
    return (None, None) if chosen.low is None and ends == composition.fixed else ends


def _reset_contrast() -> None:
    st.session_state[choices.STRETCH] = str(contrast.USUAL)


def put(key: str, value: object) -> None:
    """Give a widget its value; one that is there already, but for rounding, is left to the reader's hand."""
    held = st.session_state.get(key)
    same = held == value
    if not same and held is not None and isinstance(value, float | tuple):
        same = bool(np.allclose(held, value, rtol=0, atol=1e-6))
    if not same:
        st.session_state[key] = value
