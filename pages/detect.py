"""Detect: where reflectance changed, as a mask over the picture, an area and polygons."""

import streamlit as st

from app.ui import faults, frame, pictures, views, widgets
from app.ui.detect import detecting

frame.open_page(
    "Detect",
    "Change between T1 and T2. Moving the threshold redraws; nothing is computed again.",
)

spec = widgets.require_spec()
with faults.shown_errors():
    patch = widgets.opened(spec)
    picture, controls = st.container(key="wide").columns([3, 1.15])
    with controls:
        found = detecting.controls(spec, patch)
    with picture:
        composition, stretch = pictures.controls(patch)
        views.comparison(spec, patch, composition, stretch, detecting.layers(found))
        detecting.figures_of(found, patch)
    detecting.results(found, spec, patch)
