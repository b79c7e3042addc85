"""Learn: lessons, and a bench on which everything that fools a detector is a knob; on simulated scenes, offline."""

import streamlit as st

from app.ui import choices, faults, frame
from app.ui.learn import bench, course, glossary, making, parts, quiz
from app.ui.learn.saying import said

frame.open_page("Learn")  # its caption waits for the language, which the address says

DRAW = {
    "course": course.overview, "bench": bench.draw, "glossary": glossary.draw, "quiz": quiz.draw, "make": making.draw,
}  # fmt: skip

with faults.shown_errors():
    st.caption(said("page", "caption"))
    parts.ways()
    DRAW.get(st.session_state[choices.LEARN], course.lesson)()
