"""The boxes and grids that are asked for: the same box and resolution give the same pixels from every source."""

import math
from dataclasses import replace

from app.errors import GridError
from app.grid.pixels import BBox, Grid

RESOLUTION_DEG = 0.00009  # about 10 m, Sentinel-2's finest
BUFFER_DEG = 0.01  # from an event to the edge of its patch where nobody says otherwise, as in the thesis
BUFFERS_DEG = (0.002, 0.05)  # the least and the most that a reader, or an outline, may ask for
# the thesis's grid: pixels of about 1 m, and how many of them the service made a side of BUFFER_DEG each way
THESIS_RESOLUTION_DEG, THESIS_SIDE_PX = 0.00001, 2048
TILE_PX = 1024  # request tile; xcube-sh pads a side of 1.5 tiles or more to whole tiles
MAX_SIDE_PX = 10_240


def around(latitude: float, longitude: float, buffer_deg: float = BUFFER_DEG) -> BBox:
    """Return the box of ``buffer_deg`` degrees each way around a point.

    Across the 180th meridian it goes on counting from the point's own side: beyond 180, or below -180. Raises GridError
    where the box would reach over a pole or is empty.
    """
    if not 0 < buffer_deg <= 0.5:
        raise GridError(f"A buffer of {buffer_deg} degrees is not usable; choose one above 0 and up to 0.5.")
    box = (longitude - buffer_deg, latitude - buffer_deg, longitude + buffer_deg, latitude + buffer_deg)
    if box[1] < -90 or box[3] > 90:
        raise GridError(
            f"A box of {buffer_deg:g} degrees around {latitude:.5f}, {longitude:.5f} leaves the globe: "
            f"no patch reaches over a pole. {_instead(90 - abs(latitude), buffer_deg)}."
        )
    return box


def _instead(room: float, buffer_deg: float) -> str:
    """Return what fits where an event is ``room`` degrees from an edge: a buffer a reader may choose, another point."""
    fits = math.floor(room * 1e4) / 1e4
    smaller = f"Choose a buffer of at most {fits:.4f} degrees (--buffer), or move" if fits >= BUFFERS_DEG[0] else "Move"
    return f"{smaller} the event's point {buffer_deg - room:.4f} degrees away from there in the inventory"


def boxes(bbox: BBox) -> list[BBox]:
    """Return a box in degrees for those who know longitudes from -180 to 180: in two across the 180th meridian."""
    west, south, east, north = bbox
    if west < -180:
        return [(west + 360, south, 180.0, north), (-180.0, south, east, north)]
    if east > 180:
        return [(west, south, 180.0, north), (-180.0, south, east - 360, north)]
    return [bbox]


def halves(on: Grid) -> list[Grid]:
    """Return the parts of a grid in degrees on either side of the 180th meridian, west first, within -180 to 180.

    A pixel is of the side its centre is on. A grid that does not cross it, or is in other units, is returned whole.
    """
    if not on.in_degrees or len(boxes(on.bbox)) == 1:
        return [on]
    beyond, turn = (on.x < -180, 360) if on.west < -180 else (on.x <= 180, -360)
    columns = int(beyond.sum())
    left = replace(on, width=columns, west=on.west + max(turn, 0))
    right = replace(on, width=on.width - columns, west=on.west + columns * on.res_x + min(turn, 0))
    return [one for one in (left, right) if one.width]


def require_one_side(bbox: BBox, source: str) -> None:
    """Raise GridError, with what fits instead, for a box across the 180th meridian that ``source`` cannot open."""
    if len(boxes(bbox)) == 1:
        return
    west, south, east, north = bbox
    longitude, buffer_deg = (west + east) / 2, (east - west) / 2
    raise GridError(
        f"{source} opens no patch across the 180th meridian, as this one of {buffer_deg:g} degrees around "
        f"{(south + north) / 2:.5f}, {longitude:.5f}. {_instead(180 - abs(longitude), buffer_deg)}, "
        "or choose the source stac, which opens it."
    )


def for_bbox(bbox: BBox, resolution_deg: float = RESOLUTION_DEG) -> Grid:
    """Return the grid every source delivers for a box in EPSG:4326.

    The corner (west, south) stays; the size is rounded to whole pixels and, from one and a
    half tiles on, up to whole tiles, growing east and north, as xcube-sh 0.11 does.
    Raises GridError for an empty, reversed or too large box.
    """
    west, south, east, north = bbox
    if not (west < east and south < north):
        raise GridError(f"The box {bbox} is empty or reversed; give west, south, east, north in that order.")
    if not 0 < resolution_deg < math.inf:
        raise GridError(f"A resolution of {resolution_deg} degrees is not usable; {RESOLUTION_DEG:.5f} is 10 m.")
    width, height = (_side((b - a) / resolution_deg) for a, b in ((west, east), (south, north)))
    if max(width, height) > MAX_SIDE_PX:
        raise GridError(
            f"The box is {width} x {height} pixels at {resolution_deg} degrees; at most {MAX_SIDE_PX} a side "
            "can be opened. Choose a smaller buffer or a coarser resolution."
        )
    return Grid(west, south, resolution_deg, resolution_deg, width, height)


def thesis_bbox(latitude: float, longitude: float) -> BBox:
    """Return the box of the thesis's grid around an event: the usual one as ``for_bbox`` rounds it at 1 m."""
    west, south, side = longitude - BUFFER_DEG, latitude - BUFFER_DEG, THESIS_SIDE_PX * THESIS_RESOLUTION_DEG
    return west, south, west + side, south + side


def _side(pixels: float) -> int:
    side = max(1, round(pixels))
    return side if side < 1.5 * TILE_PX else -(-side // TILE_PX) * TILE_PX
