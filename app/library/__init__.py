"""Scarp in a notebook: a handful of functions that return xarray and geopandas objects, without Streamlit.

    from app import library as scarp

    slides = scarp.open_inventory("slides.gpkg")
    pair = scarp.open_patch(slides.loc["171"], source="stac")
    found = scarp.detect(pair, "index-drop:NDVI:0.2")
    scarp.outlines(found).to_file("change.gpkg")
    scarp.series(scarp.open_stack("171"), "NDVI", at=(37.0, 36.6))
    scarp.evaluate({"171": pair}, ["index-drop:NDVI:0.2", "onnx:bit"])

Every error is an ``app.errors.ScarpError``, whose text says what to do.
"""

from app.library.detected import detect, outlines, pictures
from app.library.followed import open_stack, series
from app.library.opened import add_truth, open_inventory, open_pair, open_patch
from app.library.scored import evaluate

__all__ = [
    "add_truth",
    "detect",
    "evaluate",
    "open_inventory",
    "open_pair",
    "open_patch",
    "open_stack",
    "outlines",
    "pictures",
    "series",
]
