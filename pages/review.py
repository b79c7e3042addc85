"""Review: an expert's verdict on the chosen event, kept with who said it and what was seen."""

from app.ui import frame, pictures, state, views, widgets
from app.ui.review import reviewing

frame.open_page(
    "Review",
    "Your verdict on this pair. It is kept with your name and with what you looked at: place, source and dates.",
)

spec = widgets.require_spec()
with state.shown_errors():
    patch = widgets.opened(spec)
    composition, stretch = pictures.controls(patch)
    views.comparison(spec, patch, composition, stretch)
    reviewing.form(spec, patch)
    reviewing.history(spec)
