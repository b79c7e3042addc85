"""Review: an expert's verdicts on one event after the other, each kept with who said it and what was seen."""

import streamlit as st

from app.ui import code, faults, frame, pictures, views, widgets
from app.ui.review import labels, outlining, queueing, reviewing, telling, walking

frame.open_page(
    "Review",
    "One press or key a verdict, then the next event. Each is kept with your name and with what you looked at.",
    for_visitors="Event after event, or polygon by polygon, as an expert goes through them.",
)

if labels.asked():  # which need no event of the inventory
    with faults.shown_errors():
        labels.page()
    st.stop()
spec = widgets.spec_or_way()
if spec is None:  # what was said of others can be read and taken away all the same
    telling.draw(None)
    st.stop()
with faults.shown_errors():
    patch = widgets.opened(spec)
    picture, panel = st.container(key="wide").columns([3, 1.15])
    with picture:
        composition, stretch = pictures.controls(patch)
    with panel:  # before the pictures: a press goes on without drawing what is left behind
        reviewing.tell_visitors()
        polygons = walking.switch()
        seen = reviewing.seen_now(spec, patch, composition, stretch)
        now = queueing.line()
        walk = walking.judging(seen, now, spec, patch) if polygons else None
        if walk is None:
            reviewing.judging(seen, now, outlining.carried(spec, patch))
    with picture:
        if walk is not None:
            views.comparison(spec, patch, composition, stretch, walk.layers, walk.look)
        elif outlining.switch():
            outlining.draw(spec, patch, composition, stretch)
        else:
            views.comparison(spec, patch, composition, stretch)
    telling.draw(spec)
    code.of_pictures(spec, patch, composition, stretch)
    queueing.fetch_ahead(walking.onward(now) if polygons else now, composition, stretch)
