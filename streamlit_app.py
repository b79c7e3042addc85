"""The entry: `streamlit run` finds it; it welcomes a reader and leads to the inventory."""

import streamlit as st

from app import config
from app.ui import cached, choices, faults, frame, link, state, widgets, words, yours

frame.open_page(
    "Landslides, before and after",
    "Choose an event, open its Sentinel-2 pair, detect the change, score it, judge it.",
)


def look() -> None:
    """Go on to the pictures of what the session has chosen."""
    st.switch_page("pages/compare.py", query_params=link.address_of(choices.CARRIED["pages/compare.py"]))


def begin() -> None:
    """Offer the one thing to do first: above all else, so that a phone shows it without scrolling."""
    events = state.inventory().events
    if state.event() is not None:
        link.to_page("pages/compare.py", "**Go on with the chosen event**", icon=":material/arrow_forward:")
    elif events:
        source = cached.source_info(st.session_state[choices.SOURCE])
        what = "simulated" if source.simulated else source.title
        label = f"Try it now with event {words.plain(events[0].id)}, {what}"
        if source.event is None and st.button(label, key="start.try", type="primary", icon=":material/play_arrow:"):
            state.choose_event(events[0].id)
            look()


with faults.shown_errors(stop=False):
    begin()
    widgets.steps(frame.PAGES[1:])
    yours.card()
    picture, aside = st.container(key="wide").columns([2, 1])
    picture.image(
        str(config.ROOT / "static" / "sample_pair.jpg"),
        caption="A real pair that ships with Scarp: forest felled in Romania between two summers (source sample). "
        "Contains modified Copernicus Sentinel data, from the package nrt, EUPL-1.2.",
        width="stretch",
    )
    if picture.button("Open this real pair", key="start.real", icon=":material/photo_library:"):
        st.session_state[choices.SOURCE] = "sample"
        look()
    aside.info(
        "The source chosen at first, **demo**, simulates its scenes: they look and behave like Sentinel-2, with the "
        "truth known, but no satellite took them. Everything made from them says SIMULATED.",
        icon=":material/science:",
    )
