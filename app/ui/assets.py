"""What the maps need of others' scripts, from their installed packages, served by this application: no CDN."""

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from app.config import ROOT
from app.files import digest, placed

VENDOR = ROOT / "static" / "vendor"
SERVED = "../../app/static/vendor"  # from a component's own page, under a base path too
_LEAFLET, _DRAW, _MINI = (
    ("xstatic.pkg.leaflet", "data"), ("leaflet", "static/leaflet/draw"), ("leaflet", "static/leaflet")
)  # fmt: skip
_OWN = ("app.ui.layers", "")
_PICTURES = ("images/layers.png", "images/layers-2x.png", "images/marker-icon.png")
_SPRITES = tuple(f"images/spritesheet{end}" for end in (".svg", ".png", "-2x.png"))
# a file in static/vendor -> the packages' files it is made of: few and large ones, since each costs a page a request
_FILES = {
    "first.js": (("app.ui.map", "", "map.js"),),  # it tells where the other does not come
    "maps.js": (
        (*_LEAFLET, "leaflet.js"), (*_DRAW, "leaflet.draw.js"), (*_MINI, "Control.MiniMap.js"), (*_OWN, "dots.js"),
        (*_OWN, "areas.js"), (*_OWN, "patch.js"),
    ),
    "maps.css": (
        (*_LEAFLET, "leaflet.css"), (*_DRAW, "leaflet.draw.css"), (*_MINI, "Control.MiniMap.css"),
        (*_OWN, "layers.css"),
    ),
    **{name: ((*_LEAFLET, name),) for name in _PICTURES},
    **{name: ((*_DRAW, name),) for name in _SPRITES},
    "images/toggle.png": ((*_MINI, "images/toggle.png"),),
}  # fmt: skip


@lru_cache(maxsize=1)
def use_local_assets() -> None:
    """Put scripts, styles and their pictures into ``static/vendor`` where they are missing or others."""
    for name in _FILES:
        _write(content(name), VENDOR / name)


@cache
def address(name: str) -> str:
    """Return where a component's page finds a file of ``static/vendor``: another address for another content."""
    return f"{SERVED}/{name}?v={digest(content(name))[:8]}"


def content(name: str) -> bytes:
    """Return a file of ``static/vendor``; no package is imported for it. Raises OSError where one is missing."""
    return b"\n".join(_packaged(package, f"{folder}/{file}") for package, folder, file in _FILES[name])


def _packaged(package: str, path: str) -> bytes:
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"the package {package} is not installed; install requirements.txt")
    return (Path(found.submodule_search_locations[0]) / path.lstrip("/")).read_bytes()


def _write(data: bytes, served: Path) -> None:
    if served.exists() and served.read_bytes() == data:
        return
    served.parent.mkdir(parents=True, exist_ok=True)
    with placed(served) as beside:
        beside.write_bytes(data)
