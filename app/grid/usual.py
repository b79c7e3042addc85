"""The boxes and grids that are asked for: the same box and resolution give the same pixels from every source."""

import math

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

    Raises GridError where the box would leave the globe or is empty.
    """
    if not 0 < buffer_deg <= 0.5:
        raise GridError(f"A buffer of {buffer_deg} degrees is not usable; choose one above 0 and up to 0.5.")
    box = (longitude - buffer_deg, latitude - buffer_deg, longitude + buffer_deg, latitude + buffer_deg)
    if box[1] < -90 or box[3] > 90 or box[0] < -180 or box[2] > 180:
        raise GridError(_no_room(latitude, longitude, buffer_deg))
    return box


def _no_room(latitude: float, longitude: float, buffer_deg: float) -> str:
    """Return why a box is none, and the buffer that fits, where one does that a reader may choose."""
    poles, across = 90 - abs(latitude), 180 - abs(longitude)
    room, edge = min((across, "across the 180th meridian"), (poles, "over a pole"))
    fits = math.floor(room * 1e4) / 1e4
    smaller = f"Choose a buffer of at most {fits:.4f} degrees (--buffer), or move" if fits >= BUFFERS_DEG[0] else "Move"
    return (
        f"A box of {buffer_deg:g} degrees around {latitude:.5f}, {longitude:.5f} leaves the globe: no patch reaches "
        f"{edge}. {smaller} the event's point {buffer_deg - room:.4f} degrees away from there in the inventory."
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
    if not resolution_deg > 0:
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
