"""GeoTIFFs opened: local files of bearable size that are what their name says, and what they tell before any pixel."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app import config
from app.bands import BANDS
from app.errors import GridError, InputError
from app.files import local
from app.grid import Grid, plane, require_on_earth
from app.patches import told_simulated
from app.stored import channels as stored_channels
from app.stored.channels import tags_in

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

TIFF_ENDINGS = (".tif", ".tiff")


@contextmanager
def opened(path: Path | str) -> Iterator["DatasetReader"]:
    """Open a local GeoTIFF of bearable size, and nothing that only ends like one."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    found = local_raster(path, TIFF_ENDINGS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(found, driver="GTiff") as source:
                check_size(found.name, source.width, source.height)
                yield source
    except (RasterioError, UnicodeError) as error:  # the latter: of a name, of a channel or the file, that is no UTF-8
        raise InputError(f"{found.name} cannot be read as a GeoTIFF ({why_not(found, error)}).") from error


def local_raster(path: Path | str, endings: tuple[str, ...]) -> Path:
    """Return the path of an existing local file."""
    found = local(path)
    if found.suffix.lower() not in endings:
        raise InputError(f"{found.name} should be a file ending in {' or '.join(endings)}.")
    if found.is_dir():
        raise InputError(f"{found.name} is a folder, not a file; name the file in it.")
    if found.is_symlink() and not found.exists():
        raise InputError(f"{found.name} is a link to a file that is not there; check where it leads.")
    if not found.is_file():
        raise InputError(f"There is no file {found}; check the path.")
    return found


def why_not(path: Path, error: Exception) -> str:
    """Return in a line why a raster cannot be read, without the folder: an upload lies where nobody put it."""
    if isinstance(error, UnicodeEncodeError):
        return "its name, or its folder's, is no UTF-8; call it otherwise"
    if path.is_file():
        with path.open("rb") as file:
            if file.read(200).lstrip().startswith(b"<VRTDataset"):  # whatever its ending
                return "it only names other files; bring those"
    return " ".join(str(error).replace(str(path), path.name).split())[:200] or type(error).__name__


def check_size(name: str, width: int, height: int) -> None:
    """Raise InputError for more pixels than one date may have (``Settings.max_raster_mpx``)."""
    limit = config.settings().max_raster_mpx
    if width * height > limit * 1_000_000:
        raise InputError(f"{name} is {width} x {height} pixels, over the limit of {limit} million; cut a part out.")


def grid_in(name: str, source: "DatasetReader", placed: bool) -> Grid:
    """Return the grid of an opened raster; one without a reference system lies on a plane, unless ``placed``.

    Raises GridError, with what to do, for one that is not north-up or lies off the globe, and for one without a
    reference system that has to be ``placed``.
    """
    if source.crs is None:
        if not placed:
            return plane((source.height, source.width))
        raise GridError(f"{name} has no coordinate reference system; assign one (gdal_edit.py -a_srs EPSG:...).")
    a, b, c, d, e, f = tuple(source.transform)[:6]
    code = source.crs.to_epsg()
    crs = f"EPSG:{code}" if code else source.crs.to_wkt()
    on = Grid(c, f + e * source.height, a, -e, source.width, source.height, crs)
    if not all(math.isfinite(part) for part in (a, b, c, d, e, f)) or a == 0 or e == 0:
        require_on_earth(on, name)
    if b or d or a <= 0 or e >= 0:
        raise GridError(f"{name} is not north-up; warp it first (gdalwarp -t_srs).")
    require_on_earth(on, name)
    return on


def channels_described(path: Path | str) -> tuple[bool, int]:
    """Return whether a GeoTIFF says which bands it holds, and its number of channels; reads no pixels."""
    with opened(path) as source:
        return any(stored_channels.described(text) in BANDS for text in source.descriptions), source.count


def tells_simulated(path: Path | str) -> bool:
    """Return whether a GeoTIFF says that what it shows is simulated; reads no pixels."""
    with opened(path) as source:
        return told_simulated(tags_in(source).get("simulated", ""))
