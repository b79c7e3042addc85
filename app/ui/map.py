"""The map of an inventory: an outline of the world and one clickable point an event, no network."""

import json
import logging
import re
from functools import lru_cache

import streamlit as st

from app.config import ROOT
from app.grid import BBox
from app.inventory import Event
from app.ui import assets

log = logging.getLogger(__name__)
HEIGHT_PX = 400
_POINT, _CHOSEN, _DOUBTFUL = "#2b6f8e", "#b4532a", "#c69a2d"


def event_map(
    events: list[Event], extent: BBox | None, chosen: str | None, doubtful: set[str], turn: int
) -> int | None:
    """Draw the events and return the position in ``events`` of the one clicked, if any.

    ``extent`` is what the map shows at first; while it stays the same, zoom and pan are kept.

    ``turn`` has to change with the choice: the same point clicked again is then a new click.
    Only positions, dates and cleaned words go into the map, for a map's text is code (an
    inventory may hold ``${...}`` or ``<script>``).
    """
    try:
        assets.use_local_assets()
    except OSError as error:
        log.warning("The map's scripts cannot be put in place: %s", error)
        st.warning("The map cannot be drawn: its scripts could not be written to static/vendor. Use the table.")
        return None
    import folium
    from streamlit_folium import st_folium

    points = folium.FeatureGroup(name="Events")
    points.add_child(_points(events, chosen, doubtful, turn))
    answer = st_folium(
        _base_map(extent),
        key="event-map",
        height=HEIGHT_PX,
        use_container_width=True,
        feature_group_to_add=points,
        returned_objects=["last_active_drawing"],
    )
    clicked = ((answer or {}).get("last_active_drawing") or {}).get("properties") or {}
    position, when = clicked.get("n"), clicked.get("turn")
    fresh = isinstance(position, int) and when == turn and 0 <= position < len(events)
    return position if fresh else None


def _base_map(extent: BBox | None):
    import folium

    world = folium.Map(
        location=(20, 10), zoom_start=1, min_zoom=0, max_zoom=14, tiles=None, prefer_canvas=True, zoom_snap=0.25,
        max_bounds=False,
    )  # fmt: skip
    if extent:
        west, south, east, north = extent
        world.fit_bounds([[south, west], [north, east]], padding=(25, 25), max_zoom=6)
    folium.GeoJson(
        _outline(),
        name="World",
        style_function=lambda _: {"color": "#8a8f94", "weight": 0.8, "fillColor": "#e7e2d8", "fillOpacity": 1.0},
        interactive=False,
        control=False,
    ).add_to(world)
    return world


def _points(events: list[Event], chosen: str | None, doubtful: set[str], turn: int):
    import folium

    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [event.longitude, event.latitude]},
            "properties": {"n": n, "turn": turn, "text": _tooltip(event), "fill": _colour(event, chosen, doubtful),
                           "size": 9 if event.id == chosen else 6},
        }
        for n, event in enumerate(events)
    ]  # fmt: skip
    features.sort(key=lambda feature: feature["properties"]["size"])  # the chosen one on top
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        marker=folium.CircleMarker(radius=6, weight=1.5, color="#ffffff", fill=True, fill_opacity=0.95),
        style_function=lambda feature: {
            "fillColor": feature["properties"]["fill"],
            "radius": feature["properties"]["size"],
        },
        tooltip=folium.GeoJsonTooltip(fields=["text"], labels=False) if features else None,
    )


def _colour(event: Event, chosen: str | None, doubtful: set[str]) -> str:
    if event.id == chosen:
        return _CHOSEN
    return _DOUBTFUL if event.id in doubtful else _POINT


def _tooltip(event: Event) -> str:
    words = f"{event.id}: {event.category}, {event.date or 'no date'}, {event.source}"
    return re.sub(r"[^\w .,:()/-]", "", words)[:80]


@lru_cache(maxsize=1)
def _outline() -> dict:
    return json.loads((ROOT / "static" / "world.geojson").read_text("utf-8"))
