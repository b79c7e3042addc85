"""The common pixel grid: the same box and resolution give the same pixels from every source."""

from app.grid.pixels import (
    EPSG_4326,
    UNPLACED,
    BBox,
    Grid,
    label_areas_m2,
    nearest,
    plane,
    require_on_earth,
    transformer,
)
from app.grid.usual import (
    BUFFER_DEG,
    BUFFERS_DEG,
    MAX_SIDE_PX,
    RESOLUTION_DEG,
    THESIS_RESOLUTION_DEG,
    THESIS_SIDE_PX,
    TILE_PX,
    around,
    for_bbox,
    thesis_bbox,
)

__all__ = [
    "BUFFERS_DEG",
    "BUFFER_DEG",
    "EPSG_4326",
    "MAX_SIDE_PX",
    "RESOLUTION_DEG",
    "THESIS_RESOLUTION_DEG",
    "THESIS_SIDE_PX",
    "TILE_PX",
    "UNPLACED",
    "BBox",
    "Grid",
    "around",
    "for_bbox",
    "label_areas_m2",
    "nearest",
    "plane",
    "require_on_earth",
    "thesis_bbox",
    "transformer",
]
