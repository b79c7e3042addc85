"""The parts of the Learn page, and how one goes from one to another."""

import streamlit as st

from app.lessons import classroom
from app.lessons.knobs import Knobs, usual_cut
from app.ui import choices, keys, link
from app.ui.choices import texts
from app.ui.faults import guarded
from app.ui.learn import saying
from app.ui.learn.saying import said

_WAYS = {
    "course": ("lessons", ":material/menu_book:"),
    "bench": ("bench", ":material/tune:"),
    "glossary": ("glossary", ":material/dictionary:"),
    "quiz": ("quiz", ":material/quiz:"),
    "make": ("make", ":material/edit_note:"),
}
KNOBS = (
    choices.LAND, choices.SCENE, choices.MONTH, choices.DAYS, choices.HAZE, choices.CLOUD, choices.MISSED,
    choices.HARVEST, choices.ASIDE, choices.SCARS, choices.WIDTH, choices.FAINT, choices.HOW, choices.COLOURS,
    choices.SMALLEST,
)  # fmt: skip


def ways() -> None:
    """Draw the ways to the parts of the page, and the choice of its language."""
    here = st.session_state[choices.LEARN]
    with st.container(horizontal=True, vertical_alignment="center"):
        for part, (word, icon) in _WAYS.items():
            if part == "quiz" and classroom.CLASS.quiz is None and not st.session_state[choices.QUIZ]:
                continue
            current = here == part or (part == "course" and here not in _WAYS)
            st.button(
                said("page", word), key=f"learn.way.{part}", icon=icon, on_click=guarded(go), args=(part,),
                type="primary" if current else "secondary",
            )  # fmt: skip
        saying.choice()


def go(part: str, step: int = 1) -> None:
    """Go to a part of the page, or to a step of a lesson."""
    st.session_state[choices.LEARN], st.session_state[choices.STEP] = part, step
    for name in (keys.LEARN_SAID, keys.LEARN_HINT):
        st.session_state.pop(name, None)


def knobs() -> Knobs:
    """Return the knobs as the session has them; raises InputError where a link says what cannot be."""
    held = {name: st.session_state[name] for name in KNOBS}
    return Knobs(**held, offset=st.session_state[choices.OFFSET] == texts.ON)


def turn(to: Knobs, cut: float | None = None) -> None:
    """Set every knob, and the threshold with them; None: where the method begins."""
    for name in KNOBS:
        st.session_state[name] = getattr(to, name)
    st.session_state[choices.OFFSET] = texts.ON if to.offset else texts.OFF
    move(cut)
    st.session_state[keys.LEARN_TURN] = st.session_state.get(keys.LEARN_TURN, 0) + 1


def move(cut: float | None) -> None:
    """Set the threshold, whatever the browser wrote of it; None: where the method begins."""
    link.overrule(choices.CUT)
    st.session_state[choices.CUT] = cut


def cut() -> float:
    """Return the threshold as far as the server knows of it: the browser moves it by itself."""
    held = st.session_state.get(choices.CUT)
    return usual_cut(st.session_state[choices.HOW]) if held is None else held


def switch(label: str, choice: str, told: str | None = None, disabled: bool = False) -> bool:
    """Draw a toggle for a choice that a link says with on and off; returns whether it is on."""
    key = f"learn.{choice}"
    st.session_state[key] = st.session_state[choice] == texts.ON
    return st.toggle(
        label, key=key, help=told, disabled=disabled, on_change=guarded(_switched), args=(choice, key), **keys.KEEP
    )


def _switched(choice: str, key: str) -> None:
    st.session_state[choice] = texts.ON if st.session_state.get(key) else texts.OFF
