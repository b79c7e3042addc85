"""GeoTIFF pairs in, masks and scores out; nothing but local files is ever opened."""

from app.rasters.opening import (
    TIFF_ENDINGS,
    channels_described,
    check_size,
    grid_in,
    local_raster,
    opened,
    tells_simulated,
    why_not,
)
from app.rasters.pair import DateFile, assembled, read_pair
from app.rasters.writing import MASK_COLOURS, RGBA, write_date, write_mask, write_picture, write_score

__all__ = [
    "MASK_COLOURS",
    "RGBA",
    "TIFF_ENDINGS",
    "DateFile",
    "assembled",
    "channels_described",
    "check_size",
    "grid_in",
    "local_raster",
    "opened",
    "read_pair",
    "tells_simulated",
    "why_not",
    "write_date",
    "write_mask",
    "write_picture",
    "write_score",
]
