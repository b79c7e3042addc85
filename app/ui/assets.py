"""Leaflet and jQuery from their installed packages, served by this application: no CDN."""

import shutil
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from app.config import ROOT

VENDOR = ROOT / "static" / "vendor"
# relative to the frame streamlit-folium draws in, so that it holds under a base path too
_URL = "../../app/static/vendor"
_FILES = {
    "leaflet/leaflet.js": ("xstatic.pkg.leaflet", "leaflet.js"),
    "leaflet/leaflet.css": ("xstatic.pkg.leaflet", "leaflet.css"),
    "leaflet/images/layers.png": ("xstatic.pkg.leaflet", "images/layers.png"),
    "leaflet/images/layers-2x.png": ("xstatic.pkg.leaflet", "images/layers-2x.png"),
    "jquery/jquery.min.js": ("xstatic.pkg.jquery", "jquery.min.js"),
}


@lru_cache(maxsize=1)
def use_local_assets() -> None:
    """Put the scripts into ``static/vendor`` where they are missing and point folium there."""
    for target, (package, name) in _FILES.items():
        _copy(Path(str(files(package))) / "data" / name, VENDOR / target)
    import folium

    folium.Map.default_js = [
        ("leaflet", f"{_URL}/leaflet/leaflet.js"),
        ("jquery", f"{_URL}/jquery/jquery.min.js"),
    ]
    folium.Map.default_css = [("leaflet_css", f"{_URL}/leaflet/leaflet.css")]


def _copy(packaged: Path, served: Path) -> None:
    if served.exists() and served.stat().st_size == packaged.stat().st_size:
        return
    served.parent.mkdir(parents=True, exist_ok=True)
    partial = served.with_name(f"{served.name}.part")
    shutil.copyfile(packaged, partial)
    partial.replace(served)
