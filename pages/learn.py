"""Learn: lessons, and a bench on which everything that fools a detector is a knob; on simulated scenes, offline."""

import streamlit as st

from app.lessons.words import said
from app.ui import choices, frame, state
from app.ui.learn import bench, course, glossary, parts, quiz

frame.open_page("Learn", said("page", "caption"))

DRAW = {"course": course.overview, "bench": bench.draw, "glossary": glossary.draw, "quiz": quiz.draw}

with state.shown_errors():
    parts.ways()
    DRAW.get(st.session_state[choices.LEARN], course.lesson)()
