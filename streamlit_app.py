"""The entry: `streamlit run` finds it; it welcomes a reader and leads to the inventory."""

import streamlit as st

from app.ui import frame, state, widgets

frame.open_page(
    "Landslides, before and after",
    "Choose an event, open its Sentinel-2 pair, detect the change, score it, judge it.",
)

with state.shown_errors(stop=False):
    widgets.steps(frame.PAGES[1:])
    events = state.inventory().events
    if state.event() is not None:
        st.page_link("pages/compare.py", label="**Go on with the chosen event**", icon=":material/arrow_forward:")
    elif events and st.button(f"Try it now with event {events[0].id}", type="primary", icon=":material/play_arrow:"):
        state.choose_event(events[0].id)
        st.switch_page("pages/compare.py")
    st.info(
        "The source chosen at first, **demo**, simulates its scenes: they look and behave like Sentinel-2, with the "
        "truth known, but no satellite took them. Everything made from them says SIMULATED.",
        icon=":material/science:",
    )
