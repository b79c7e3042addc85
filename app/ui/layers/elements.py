"""The map of an inventory as folium's elements: what never changes is the map, what does change is one call of it."""

import base64
import json
from functools import cache

import folium
from folium.elements import JSCSSMixin
from folium.map import FeatureGroup, Layer
from folium.plugins import Draw, MiniMap
from folium.template import Template

from app.ui import assets

OUTLINE = "Outline only"
_WORLD = "../../app/static/world.geojson"
# asked for only once a reader has chosen one: name, address, deepest zoom, credit
_GROUNDS = (
    (
        "OpenStreetMap", "https://tile.openstreetmap.org/{z}/{x}/{y}.png", 19,
        '© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> contributors',
    ),
    (
        "The Sentinel-2 mosaic", "https://tiles.maps.eox.at/wmts/1.0.0/s2cloudless_3857/default/g/{z}/{y}/{x}.jpg", 14,
        '<a href="https://s2maps.eu">Sentinel-2 cloudless</a> 2016 by EOX, CC BY 4.0, contains modified Copernicus '
        "Sentinel data",
    ),
)  # fmt: skip
_DRAWN = {
    "polyline": {}, "rectangle": {"showArea": False}, "polygon": {}, "circle": False, "marker": False,
    "circlemarker": False,
}  # fmt: skip


class Events(JSCSSMixin, Layer):
    """Events as dots on one canvas, with all that Scarp does on a map; it comes after the control of the layers."""

    _template = Template(
        "{% macro script(this, kwargs) %}var scarp = new scarpMap({{ this._parent.get_name() }}, "
        "{{ this.switches.get_name() }}, {{ this.switches.get_name() }}_layers.base_layers, {{ this.world }}); "
        "var {{ this.get_name() }} = scarp.dots;{% endmacro %}"
    )

    def __init__(self, switches: folium.LayerControl, world: object) -> None:
        super().__init__("events", control=False)
        self._name, self.switches, self.world = "Events", switches, _literal(world)


class Overview(MiniMap):
    """Folium's mini map over the outline of the world, which asks nobody for a tile; folded until it is asked for."""

    _template = Template(
        "{% macro script(this, kwargs) %}var over = new L.Control.MiniMap(scarp.small, {{ this.options|tojavascript }})"
        ".addTo({{ this._parent.get_name() }}); over.getContainer().querySelector('a').click();"
        # its middle is rounded to its own pixels: it leads the map only where it is dragged
        "over._miniMap.off('moveend', over._onMiniMapMoved, over)"
        ".on('dragend', () => scarp.map.panTo(over._miniMap.getCenter()));"
        "{% endmacro %}"
    )


class Now(folium.MacroElement):
    """What the map shows at this run of the page: given to the map that is there, which is never made anew for it."""

    _template = Template("{% macro script(this, kwargs) %}scarp.update({{ this.state }});{% endmacro %}")

    def __init__(self, state: dict[str, object]) -> None:
        super().__init__()
        self._name, self.state = "Now", _literal(state)


class _Written(folium.Map):
    """A map whose script was written before: a rerun of a page makes the same one again and again."""

    _template = Template("{% macro script(this, kwargs) %}{{ this.script }}{% endmacro %}")

    def __init__(self, script: str) -> None:
        super().__init__(tiles=None)
        self._name, self.script, self.default_js, self.default_css = "Map", script, _scripts(), _styles()

    def render(self, **kwargs: object) -> str:
        """Write nothing: it is all there."""
        return ""


def world_map() -> folium.Map:
    """Return the map with nothing of any inventory in it, as streamlit-folium takes it."""
    return _Written(_script())


@cache
def _script() -> str:
    from streamlit_folium import generate_leaflet_string

    made = built(_WORLD)
    made.get_root().render()
    return str(generate_leaflet_string(made))


def built(world: object) -> folium.Map:
    """Return the map as folium draws it; ``world`` is GeoJSON, or the address of it."""
    made = folium.Map(
        [20, 10], zoom_start=1, tiles=None, font_size="12px", zoom_snap=0.25, wheel_px_per_zoom_level=90,
        max_bounds_viscosity=1,
    )  # fmt: skip
    FeatureGroup(OUTLINE, overlay=False).add_to(made)
    for name, address, most, credit in _GROUNDS:
        folium.TileLayer(
            address, name=name, attr=credit, max_native_zoom=most, max_zoom=19, show=False, overlay=False, no_wrap=True
        ).add_to(made)
    draw = Draw(show_geometry_on_click=False, draw_options=_DRAWN, edit_options={"edit": False, "remove": False})
    over = Overview(toggle_display=True, width=130, height=90, zoom_level_offset=-4)
    switches = folium.LayerControl()
    for one in (draw, switches, Events(switches, world), over):
        one.add_to(made)
    for one in (draw, over):  # all come in one file
        one.default_js, one.default_css = [], []
    made.default_js, made.default_css = _scripts(), _styles()
    return made


def _scripts() -> list[tuple[str, str]]:
    return [(name, assets.address(name)) for name in ("first.js", "maps.js")]


def _styles() -> list[tuple[str, str]]:
    return [("maps.css", assets.address("maps.css"))]


def now(state: dict[str, object]) -> FeatureGroup:
    """Return what changes, as streamlit-folium adds it to a map that stays."""
    group = FeatureGroup("now", control=False)
    Now(state).add_to(group)
    return group


def _literal(value: object) -> str:
    """Return a value as a script holds it: words in letters that no template and no script takes for its own."""
    return f'JSON.parse(atob("{base64.b64encode(json.dumps(value).encode("ascii")).decode("ascii")}"))'
