"""Patches: where the Sentinel-2 pair of the chosen event comes from, its dates, size and bands."""

from app.ui import frame, keys, picker, state, widgets

frame.open_page(
    "Patches",
    "The square of Sentinel-2 around the event, before (T1) and after (T2).",
    carries=(*frame.PATCH_LINK, keys.BANDS),
)

info = picker.source()
subject = state.subject()
if subject is not None:
    widgets.event_dates(subject)
    picker.dates(subject, info)
    picker.size_and_bands(info)

spec = state.require_spec()
picker.what_it_takes(spec)

with state.shown_errors():
    patch = widgets.opened(spec)
    picker.preview(spec, patch)
    picker.downloads(spec, patch)
