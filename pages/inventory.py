"""Inventory: which landslides there are, what is doubtful about them, and which one to look at."""

import streamlit as st

from app.ui import faults, frame, own_pair, places, state, widgets, yours
from app.ui.inventory import asking, batches, bringing, chooser, editing, exporting, merge, proposals

frame.open_page(
    "Inventory",
    "Landslides with their dates and places. Choose one on the map, in the table or on the timeline.",
)

with st.container():  # so that the map below keeps its place, and its frame, whatever is said here
    with st.container(
        key="ways", horizontal=True, vertical_alignment="center"
    ):  # on one line, so that the map is in sight
        bringing.inventory_file()
        places.way()
        merge.way()
        own_pair.way_there()
        yours.way_back()
    bringing.refused()
    asking.form()
    places.pressed()
    merge.panel()
    inventory = state.inventory()
    bringing.what_was_read(inventory)
chosen = state.event()

with faults.shown_errors():
    if not inventory.events:
        st.stop()  # what was said above is all there is
    listing = state.listing()
    shown, batch = chooser.filtered(listing), batches.followed()
    known = chooser.told(listing, batch)
    left, right = st.container(key="wide").columns([5, 4])
    with left:
        chooser.on_map(listing, shown, known)
    with right:
        if chosen is None:
            st.info("Choose an event on the map, in the table or on the timeline.", icon=":material/touch_app:")
        else:
            widgets.event_summary(chosen, inventory.warnings_for(chosen.id), inventory.along.of(chosen))
            proposals.of_event(chosen)
            editing.form(chosen)
        chooser.in_table(listing, shown, known)
    chooser.on_timeline(listing, shown)
    proposals.panel(listing, shown)
    batches.panel(listing, shown, batch)
    exporting.panel(listing, shown)
