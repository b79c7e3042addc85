"""What lies on a map in its place: a patch with both dates, and outlines found on it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.grid import BBox

Address = Callable[[bytes, str, str], str]  # where a browser finds bytes of a media type, in a place of the page


@dataclass(frozen=True)
class MapPicture:
    """A picture of the patch for the map: encoded bytes, media type, and what it shows and when."""

    data: bytes
    media: str
    label: str


@dataclass(frozen=True)
class Outlines:
    """Outlines with a switch on the map: GeoJSON features in degrees. The name is Scarp's own, never a file's."""

    name: str
    colour: str
    features: tuple[Mapping[str, object], ...]

    @property
    def geojson(self) -> bytes:
        """The outlines alone, as a map draws them."""
        bare = [{"type": "Feature", "properties": {}, "geometry": one["geometry"]} for one in self.features]
        return json.dumps({"type": "FeatureCollection", "features": bare}, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Placed:
    """A patch in its place: its frame in degrees, T1 and T2 where it is open, and what was found or drawn on it."""

    key: str
    bbox: BBox
    pictures: tuple[MapPicture, ...] = ()
    outlines: tuple[Outlines, ...] = ()
    simulated: bool = False
    attribution: str = ""
    shade: MapPicture | None = None  # the ground's hillshade, under the pictures


def as_sent(patch: Placed | None, address: Address) -> dict[str, object]:
    """Return what a map is told of a patch; no bytes, but where ``address`` says that they are."""
    if patch is None:
        return {"patch": None, "outlines": []}
    pictures = [
        {"src": address(one.data, one.media, f"picture {n}"), "label": one.label}
        for n, one in enumerate(patch.pictures)
    ]
    outlines = [
        {"name": one.name, "colour": one.colour, "src": address(one.geojson, "application/json", one.name)}
        for one in patch.outlines
        if one.features
    ]
    sent: dict[str, object] = {"key": patch.key, "bbox": list(patch.bbox), "pictures": pictures}
    if patch.shade is not None:
        sent["shade"] = {"src": address(patch.shade.data, patch.shade.media, "shade"), "label": patch.shade.label}
    return {"patch": sent, "outlines": outlines}
