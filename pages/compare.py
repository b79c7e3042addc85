"""Compare: both dates of the patch under one zoom, one pan and one contrast."""

import streamlit as st

from app.ui import code, faults, frame, pictures, views, widgets

frame.open_page(
    "Compare",
    "Before and after under one zoom. Drag to pan, wheel to zoom, click a pixel for its spectrum.",
)

spec = widgets.require_spec()
with faults.shown_errors():
    patch = widgets.opened(spec)
    composition, stretch = pictures.controls(patch)
    pick = views.comparison(spec, patch, composition, stretch)
    with st.container(horizontal=True):
        views.figure(spec, patch, composition, stretch)
        views.animation(spec, patch, composition, stretch)
        code.of_pictures(spec, patch, composition, stretch)
    views.pixel(spec, patch, pick)
    views.drawings(spec, patch, composition, stretch)
    views.years(spec)
