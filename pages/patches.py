"""Patches: where the Sentinel-2 pair of the chosen event comes from, its dates, size and bands."""

import streamlit as st

from app.ui import chosen_patch, faults, film, frame, own_pair, placing, state, widgets
from app.ui.patches import evened, fetching, picker

frame.open_page(
    "Patches",
    "The square of Sentinel-2 around the event, before (T1) and after (T2).",
)

reel = st.container()
if own_pair.is_brought_now():  # there is nothing to show beside the form yet
    choices, picture = st.container(), st.container()
else:
    choices, picture = st.container(key="wide_picture_second").columns([2, 3])

with choices, faults.shown_errors():
    info = picker.source()
    if info.brought:
        own_pair.form()
        own_pair.choose_light()
        if chosen_patch.brought_days() and (event := state.event()) is not None:
            picker.spans(info)
            with reel, faults.shown_errors(stop=False):
                film.draw(event, info)
    subject = None if info.brought else chosen_patch.subject()
    if subject is not None:
        picker.dates(subject, info)
        picker.spans(info)
        if info.event is None:
            fetching.propose_dates(subject)
        picker.size_and_bands(info)
        with reel, faults.shown_errors(stop=False):
            film.draw(subject, info)
    spec = widgets.require_spec(dates_here=True)
    picker.what_it_takes(spec)
    if not info.brought:
        fetching.prefetching(info.name)

with picture, faults.shown_errors():
    patch = widgets.opened(spec)
    dates, place = st.tabs(["Both dates", "On the map"])
    with dates:
        picker.preview(spec, patch)
    with place:
        placing.on_map(spec, patch)
    picker.downloads(spec, patch)
    evened.draw(spec, patch)
    picker.provenance(patch)
    own_pair.about(spec.event_id)
