"""The heights of the ground on a patch: the variable DEM, brought onto its grid from any file or source."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.bands import HEIGHT
from app.errors import GridError, HeightsMissingError
from app.files import local
from app.grid import BBox, Grid
from app.terrain import believed

if TYPE_CHECKING:
    import xarray as xr
    from rasterio.io import DatasetReader
    from rasterio.windows import Window

LOWEST_M, HIGHEST_M = -500.0, 9000.0  # the Dead Sea's shore and the Everest, with room to spare: all else is a void
COARSE_M = 60.0  # pixels above that make hillsides flatter than they are
UNSTATED = "not stated"
_MARGIN_PX = 4  # around what is read, for the pixels that lie half outside
_TURN_DEG = 360.0


@dataclass(frozen=True, eq=False)
class Heights:
    """Heights on a grid: float32 (y, x) in metres above ``datum``, NaN where unknown; where they are from."""

    values: np.ndarray
    source: str
    datum: str = UNSTATED  # vertical
    simulated: bool = False
    notes: tuple[str, ...] = ()  # how they were read

    @property
    def attrs(self) -> dict[str, object]:
        """What the variable says of itself."""
        return {
            "long_name": "height of the ground",
            "units": "m",
            "source": self.source,
            "vertical_datum": self.datum,
            "simulated": int(self.simulated),
            **({"comment": " ".join(self.notes)} if self.notes else {}),
        }


def onto(patch: "xr.Dataset", heights: Heights) -> "xr.Dataset":
    """Return a patch with heights as its variable DEM, and their notes among its warnings.

    One whose heights are simulated is simulated.
    """
    held = patch.assign({HEIGHT: (("y", "x"), heights.values.astype(np.float32), heights.attrs)})
    held[HEIGHT].encoding["grid_mapping"] = "spatial_ref"
    said = patches.with_warnings(patch.attrs, heights.notes) if heights.notes else patch.attrs
    return held.assign_attrs({**said, "simulated": int(patches.is_simulated(patch) or heights.simulated)})


def as_dataset(heights: Heights, on: Grid) -> "xr.Dataset":
    """Return heights alone, as they are kept: one variable on its grid, of no date."""
    import xarray as xr

    held = xr.Dataset({HEIGHT: (("y", "x"), heights.values.astype(np.float32), heights.attrs)})
    return held.assign_coords(y=("y", on.y), x=("x", on.x)).assign_attrs(crs=on.crs, simulated=int(heights.simulated))


def heights_in(held: "xr.Dataset") -> Heights:
    """Return the heights of a dataset that has them."""
    said = held[HEIGHT].attrs
    return Heights(
        held[HEIGHT].values, str(said.get("source", "unknown")), str(said.get("vertical_datum", UNSTATED)),
        patches.told_simulated(said.get("simulated", 0)), tuple(filter(None, [str(said.get("comment", ""))])),
    )  # fmt: skip


def of(patch: "xr.Dataset") -> np.ndarray:
    """Return the heights of a patch, float32 (y, x) in metres, NaN where unknown.

    Raises HeightsMissingError for a patch without them.
    """
    if HEIGHT not in patch:
        raise HeightsMissingError(
            "This patch holds no heights (DEM), so it has no slope. Open it again with heights (`patch --dem`), or "
            "give a file of them (`--dem FILE.tif`)."
        )
    return patch[HEIGHT].values


def about(patch: "xr.Dataset") -> str:
    """Return where a patch's heights are from and above what they count, in words; empty without heights."""
    if HEIGHT not in patch:
        return ""
    return f"{source(patch)}; vertical datum: {patch[HEIGHT].attrs.get('vertical_datum', UNSTATED)}"


def source(patch: "xr.Dataset") -> str:
    """Return where a patch's heights are from, and whether they are SIMULATED; raises KeyError without them."""
    said = patch[HEIGHT].attrs
    named = str(said.get("source", "unknown"))
    simulated = patches.told_simulated(said.get("simulated", 0)) and "SIMULATED" not in named
    return f"{'SIMULATED, ' if simulated else ''}{named}"


def taken(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return heights as float32 without those no ground has, and how many these were."""
    with np.errstate(over="ignore", invalid="ignore"):
        heights = np.asarray(values, np.float32)
        never = np.isfinite(heights) & ((heights < LOWEST_M) | (heights > HIGHEST_M)) | np.isinf(heights)
    return np.where(never, np.float32(np.nan), heights), int(np.count_nonzero(never))


def resampled(values: np.ndarray, held: Grid, on: Grid) -> np.ndarray:
    """Return heights of a grid at the pixels of another: bilinear, the mean where these are larger; NaN beyond.

    ``values`` is float32 (y, x), NaN where unknown, which is left out of the mean. A grid in degrees may count its
    longitudes from another meridian: what lies a whole turn away is brought here.
    """
    from rasterio import Affine
    from rasterio.warp import Resampling, reproject

    out = np.full(on.shape, np.nan, np.float32)
    reproject(
        values, out, src_transform=Affine(*_turned(held, on).transform), src_crs=held.crs, src_nodata=np.nan,
        dst_transform=Affine(*on.transform), dst_crs=on.crs, dst_nodata=np.nan, resampling=Resampling.bilinear,
    )  # fmt: skip
    return out


def from_file(path: Path | str, on: Grid) -> Heights:
    """Return the heights in a GeoTIFF on a grid; what was guessed or left out is among their notes.

    Heights in feet become metres where the file says so; values no ground has are voids. Raises InputError for a file
    that cannot be read, HeightsMissingError for one that holds something else, or no heights on the grid, and GridError
    without a place.
    """
    from app import rasters
    from app.stored import channels

    on.required_place()
    name = Path(path).name
    with rasters.opened(local(path)) as source:
        channel = believed.channel_in(name, source)
        unit, said = believed.metres_in(name, source.units[channel - 1] or "")
        held, window = _window(name, source, on)
        read = source.read(channel, window=window, masked=True).astype(np.float64).filled(np.nan)
        heights, voids = taken((read * source.scales[channel - 1] + source.offsets[channel - 1]) * unit)
        dtype = source.dtypes[channel - 1]
        simulated = patches.told_simulated(channels.tags_in(source).get("simulated", ""))
        found = Heights(resampled(heights, held, on), f"file {name}", _datum(source), simulated)
    if not np.isfinite(found.values).any():
        raise HeightsMissingError(_nothing(name, heights, voids))
    doubts = believed.doubts(name, dtype, heights, max(held.pixel_m), found.values, on)
    notes = [*_noted(name, voids, held), *said, *doubts, *unknown(found.values)]
    return replace(found, notes=tuple(f"Heights: {note}" for note in notes))


def _nothing(name: str, heights: np.ndarray, voids: int) -> str:
    if voids and not np.isfinite(heights).any():
        return f"{name} holds no heights in metres here: all its numbers are below {LOWEST_M:g} or above {HIGHEST_M:g}."
    return f"{name} holds no height where the patch lies; check that it is of the same place."


def _noted(name: str, voids: int, held: Grid) -> list[str]:
    size = max(held.pixel_m)
    return [
        *([f"{voids:,} numbers of {name} are no height on earth and count as unknown."] if voids else []),
        *([f"the pixels of {name} are about {size:.0f} m wide: hillsides are steeper than they look."]
          if size > COARSE_M else []),
    ]  # fmt: skip


def unknown(values: np.ndarray) -> list[str]:
    """Return what to say of heights (y, x) that are not known everywhere, in a sentence; nothing where they are."""
    share = float(np.mean(~np.isfinite(values)))
    part = f"{share:.1%}" if share >= 0.0005 else "Less than 0.1%"
    return [f"{part} of the pixels have no height, and with their neighbours no slope."] if share else []


def _window(name: str, source: "DatasetReader", on: Grid) -> tuple[Grid, "Window"]:
    """Return the part of a file that is needed for a grid, and where it is read; HeightsMissingError for none."""
    from rasterio.windows import Window

    from app import rasters

    whole = rasters.grid_in(name, source, placed=True)
    west, south, east, north = _bounds(on, _turned(whole, on))
    left, _, _, top = _turned(whole, on).bbox
    columns = np.array([west - left, east - left]) / whole.res_x + (-_MARGIN_PX, _MARGIN_PX)
    rows = np.array([top - north, top - south]) / whole.res_y + (-_MARGIN_PX, _MARGIN_PX)
    (start, stop), (first, last) = (
        np.clip((np.floor(low), np.ceil(high)), 0, size).astype(int)
        for (low, high), size in ((columns, whole.width), (rows, whole.height))
    )
    if start >= stop or first >= last:
        raise HeightsMissingError(f"{name} holds no height where the patch lies; check that it is of the same place.")
    west, _, _, north = whole.bbox
    part = Grid(
        west + start * whole.res_x, north - last * whole.res_y, whole.res_x, whole.res_y,
        int(stop - start), int(last - first), whole.crs,
    )  # fmt: skip
    return part, Window(int(start), int(first), part.width, part.height)


def _bounds(on: Grid, held: Grid) -> BBox:
    """Return the box in the units of ``held`` that holds a grid; raises GridError where it has none there."""
    from app.grid import transformer

    if on.crs == held.crs:
        return on.bbox
    found = transformer(on.crs, held.crs).transform_bounds(*on.bbox, densify_pts=21)
    if not np.isfinite(found).all():
        raise GridError("The heights are in a reference system that does not reach to where the patch lies.")
    return found


def _turned(held: Grid, on: Grid) -> Grid:
    """Return the grid, moved by whole turns in longitude to where it meets another: it may count from 0 to 360."""
    if not held.geographic or held.unit != "degree":
        return held
    here, there = (sum(one.bbox[::2]) / 2 for one in (Grid.spanning(_bounds(on, held), (1, 1), held.crs), held))
    return replace(held, west=held.west + _TURN_DEG * round((here - there) / _TURN_DEG))


def _datum(source: "DatasetReader") -> str:
    """Return the vertical datum a file states: in its reference system, else in its tags."""
    from pyproj import CRS

    from app.stored import channels

    parts = CRS.from_user_input(source.crs.to_wkt()).sub_crs_list
    tags: Mapping[str, str] = channels.tags_in(source)
    vertical = [part.name for part in parts if part.is_vertical]
    return vertical[0] if vertical else (tags.get("vertical_datum") or tags.get("vertical_crs") or UNSTATED)[:120]
