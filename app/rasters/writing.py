"""GeoTIFFs written whole or not at all: a mask, a score, one date of a patch, a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.bands import CLOUD_MASK
from app.errors import GridError, InputError
from app.files import written_whole
from app.grid import Grid
from app.patches import band_names, grid_of
from app.rasters.opening import TIFF_ENDINGS
from app.truth import UNKNOWN

if TYPE_CHECKING:
    import xarray as xr
    from rasterio.io import DatasetWriter

RGBA = tuple[int, int, int, int]
# what a mask's numbers look like where nothing else says so; 255, which is nodata, is not drawn
MASK_COLOURS: dict[int, RGBA] = {0: (226, 226, 226, 255), 1: (255, 176, 0, 255), UNKNOWN: (0, 0, 0, 0)}


def write_mask(
    path: Path | str, mask: np.ndarray, clear: np.ndarray, grid: Grid, tags: Mapping[str, object] | None = None
) -> None:
    """Write bool (y, x) as a GeoTIFF with a table of colours: 1 changed, 0 not, 255 (nodata) where not ``clear``."""
    values = np.where(clear, mask.view(np.uint8), np.uint8(UNKNOWN))
    about = ("change: 1 yes, 0 no, 255 not clear",)
    _write(path, values[None], grid, UNKNOWN, _Said(about, tags or {}, colours=MASK_COLOURS))


def write_score(path: Path | str, score: np.ndarray, grid: Grid, tags: Mapping[str, object] | None = None) -> None:
    """Write float32 (y, x) as a GeoTIFF whose nodata is NaN."""
    _write(path, np.asarray(score, np.float32)[None], grid, float("nan"), _Said(("score",), tags or {}))


def write_date(path: Path | str, patch: "xr.Dataset", at: int, tags: Mapping[str, object]) -> None:
    """Write one date of a patch as a GeoTIFF that ``read_pair`` reads: its bands in reflectance, then ``CLM``.

    Each band says what it is, its unit, its wavelength and its scale, which is 1.
    """
    names = (*band_names(patch), CLOUD_MASK)
    values = np.stack([patch[name].values[at].astype(np.float32) for name in names])
    day = str(patch["time"].values[at])[:10]
    said = {**tags, **({} if day == "NaT" else {"date": day})}
    about = [{**patch[name].attrs, "scale": 1, "offset": 0} for name in names]
    _write(path, values, grid_of(patch), float("nan"), _Said(names, said, each=about))


def write_picture(
    path: Path | str, picture: np.ndarray, seen: np.ndarray, grid: Grid, tags: Mapping[str, object] | None = None
) -> None:
    """Write uint8 (y, x, 3) as a GeoTIFF of red, green, blue and alpha, transparent where not ``seen``, bool (y, x)."""
    alpha = np.where(seen, np.uint8(255), np.uint8(0))
    values = np.concatenate([np.moveaxis(picture, -1, 0), alpha[None]])
    _write(path, values, grid, None, _Said(("red", "green", "blue", "alpha"), tags or {}))


@dataclass(frozen=True)
class _Said:
    """What a file says of its numbers."""

    about: Sequence[str]  # a description for each band
    tags: Mapping[str, object]  # of the whole file
    each: Sequence[Mapping[str, object]] = ()  # tags for each band
    colours: Mapping[int, RGBA] | None = None  # what the numbers of the first band look like

    def into(self, target: "DatasetWriter") -> None:
        """Write it into an open file."""
        target.descriptions = tuple(self.about)
        target.update_tags(**{name: str(value) for name, value in self.tags.items()})
        for band, said in enumerate(self.each, start=1):
            target.update_tags(band, **{name: str(value) for name, value in said.items()})
        if self.about[-1] == "alpha":
            from rasterio.enums import ColorInterp

            target.colorinterp = [ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha]
        if self.colours is not None:
            target.write_colormap(1, dict(self.colours))


def _write(path: Path | str, values: np.ndarray, grid: Grid, nodata: float | None, said: _Said) -> None:
    """Write bands (band, y, x) as a cloud-optimised GeoTIFF, whole or not at all."""
    from rasterio.io import MemoryFile

    path = Path(path)
    if path.suffix.lower() not in TIFF_ENDINGS:
        raise InputError(f"{path.name} should end in .tif.")
    if values.shape[1:] != grid.shape:
        raise GridError(
            f"Values of {values.shape[1:]} pixels do not lie on a grid of {grid.shape}; use the patch's grid."
        )
    with MemoryFile() as made:  # GDAL says nothing where the end of a file finds no room on the disk
        with made.open(**_profile(values, grid, nodata)) as target:
            target.write(values)
            said.into(target)
        with written_whole(path) as beside:
            beside.write_bytes(made.getbuffer())


def _profile(values: np.ndarray, grid: Grid, nodata: float | None) -> dict[str, object]:
    from affine import Affine

    return {
        "driver": "COG",
        "count": len(values),
        "height": grid.height,
        "width": grid.width,
        "dtype": values.dtype.name,
        "crs": grid.crs,
        "transform": Affine(*grid.transform),
        "nodata": nodata,
        "compress": "deflate",
        "overview_resampling": "nearest",  # no overview shows a number that was not there
    }
