"""Where an event is: the outline of the world as a drawing, with a dot."""

import json
from functools import cache

from app.config import ROOT

_WORLD = ROOT / "static" / "world.geojson"
_NEAR_DEG = 12.0  # from the event to each side of the closer drawing


@cache
def land() -> str:
    """Return the world's land as the path of an SVG, in degrees, latitude downwards."""
    features = json.loads(_WORLD.read_text("utf-8"))["features"]
    rings = (ring for one in features for polygon in _polygons(one["geometry"]) for ring in polygon)
    return "".join(f"M{' '.join(f'{x:g},{-y:g}' for x, y in ring)}Z" for ring in rings)


def definition() -> str:
    """Return what a page holds once, so that every drawing of it can use the land."""
    return f'<svg width="0" height="0" aria-hidden="true"><defs><path id="land" d="{land()}"/></defs></svg>'


def whole(latitude: float, longitude: float) -> str:
    """Return the whole world with a dot; the page has to hold ``definition()``."""
    return _drawn((-180, -84, 360, 144), latitude, longitude, 4.5, "The world, with the event as a dot")


def near(latitude: float, longitude: float) -> str:
    """Return the land around an event with a dot in the middle; the page has to hold ``definition()``."""
    box = (longitude - 2 * _NEAR_DEG, -latitude - _NEAR_DEG * 0.8, 4 * _NEAR_DEG, _NEAR_DEG * 1.6)
    return _drawn(box, latitude, longitude, 0.6, "The land around the event, which is the dot")


def _drawn(box: tuple[float, float, float, float], latitude: float, longitude: float, dot: float, said: str) -> str:
    view = " ".join(f"{part:.2f}" for part in box)
    around = "".join(f'<use href="#land" x="{turn}"/>' for turn in (-360, 0, 360))  # the dateline may cross it
    return (
        f'<svg class="map" viewBox="{view}" role="img" aria-label="{said}"><g>{around}</g>'
        f'<circle cx="{longitude:.4f}" cy="{-latitude:.4f}" r="{dot}"/></svg>'
    )


def _polygons(geometry: dict) -> list:
    return geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
