"""What is taken away of a detection: its files, everything as a folder, a report and a figure."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app import patches, rasters, report
from app.detection import polygon_files, polygons, run
from app.export import event_folder, judged
from app.files import file_word
from app.ui import chosen_patch, link, pictures, state
from app.ui.compare import printing
from app.ui.detect import reporting
from app.ui.detect.found import Found, named

if TYPE_CHECKING:
    import xarray as xr

    from app.patches import PatchSpec

Features = Callable[[], list[polygons.Feature]]
_POLYGONS = {"GeoJSON": ".geojson", "GeoPackage": ".gpkg", "FlatGeobuf": ".fgb", "shapefile": ".shp.zip"}


def draw(every: list[Found], spec: PatchSpec, patch: xr.Dataset, features: Features) -> None:
    _files(every[0], spec, patch, features)
    marked = [report.Marked(named(one.method, one.detection), one.threshold, one.mask, *one.cut[1:]) for one in every]
    with st.container(horizontal=True):
        reporting.everything(marked, spec, patch)
        reporting.button(marked, spec, patch)
        shown = pictures.shown(patch)
        printing.offer(spec, patch, *shown, lambda: list(map(event_folder.outlined, marked)), "pages/detect.py")


def _labels(found: Found, patch: xr.Dataset) -> Callable[[], dict[str, str]]:
    """Return what gives the words of every file of a detection: how it was made, the verdict, and the view."""
    entries, view = reporting.entries(chosen_patch.subject(), state.inventory()), link.query("pages/detect.py")

    def made() -> dict[str, str]:
        verdict = judged.in_a_word(entries()[0])
        said = run.labels(patch, named(found.method, found.detection), found.threshold, *found.cut[1:])
        return {**said, **({"verdict": verdict} if verdict else {}), "link": view}

    return made


def _files(found: Found, spec: PatchSpec, patch: xr.Dataset, features: Features) -> None:
    grid, said = patches.grid_of(patch), _labels(found, patch)
    stem = f"{patches.file_stem(spec, patch)}_{file_word(str(found.method))}"
    clear, score = found.detection.clear, found.detection.score
    writers: dict[str, tuple[str, Callable[[Path], None]]] = {
        "Mask (GeoTIFF)": (f"{stem}_mask.tif", lambda path: rasters.write_mask(path, found.mask, clear, grid, said())),
        "Score (GeoTIFF)": (f"{stem}_score.tif", lambda path: rasters.write_score(path, score, grid, said())),
        **{
            f"Polygons ({title})": (
                f"{stem}{ending}",
                lambda path: polygon_files.write_polygons(features(), path, said()),
            )
            for title, ending in _POLYGONS.items()
        },
    }
    st.caption(f"Of {found.method.title}.")
    with st.container(horizontal=True):
        for label, (name, write) in writers.items():
            st.download_button(label, _made(name, write), name, icon=":material/download:", on_click="ignore")
    st.caption("Every file says method, threshold, dates, scenes, source, link, and whether the scene was simulated.")


def _made(name: str, write: Callable[[Path], None]) -> Callable[[], bytes]:
    def make() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            write(path)
            return path.read_bytes()

    return make
