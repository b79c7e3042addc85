"""Leaflet from its installed package, served by this application: no CDN."""

import shutil
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from app.config import ROOT
from app.files import placed

VENDOR = ROOT / "static" / "vendor"
_FILES = {
    "leaflet/leaflet.js": ("xstatic.pkg.leaflet", "leaflet.js"),
    "leaflet/leaflet.css": ("xstatic.pkg.leaflet", "leaflet.css"),
}


@lru_cache(maxsize=1)
def use_local_assets() -> None:
    """Put the scripts into ``static/vendor`` where they are missing."""
    for target, (package, name) in _FILES.items():
        _copy(Path(str(files(package))) / "data" / name, VENDOR / target)


def _copy(packaged: Path, served: Path) -> None:
    if served.exists() and served.stat().st_size == packaged.stat().st_size:
        return
    served.parent.mkdir(parents=True, exist_ok=True)
    with placed(served) as beside:
        shutil.copyfile(packaged, beside)
