"""One channel of a raster as its file stores it: what it is called, its values, and what masks them."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from app.bands import BANDS, CLOUD_MASK, normalise
from app.patches import require_days
from app.truth import UNKNOWN
from app.values.units import OFFSET_DAY, StoredBand

if TYPE_CHECKING:
    from rasterio.io import DatasetReader
    from rasterio.windows import Window

_DATE_TAGS = ("date", "acquisition_date", "acquisitiondatetime", "sensing_time", "datetime")
_BASELINE_TAGS = ("processing_baseline", "s2:processing_baseline", "processing:version", "baseline")
_SMALL_INTEGERS = ("uint8", "int8", "uint16", "int16")  # each a float32 as it is
_SENSOR = re.compile(r"^S(?:ENTINEL-?)?2[A-D]?[-_](?:L[12][AC][-_])?", re.IGNORECASE)  # another's B04 may be no red
_MASK_BANDS = ("alpha", "datamask", "valid", "validmask", "validity", "validpixels")  # 0 where there is no data


def described(text: str | None) -> str:
    """Return the band a description begins with, as in ``B4``, ``B04 red`` or openEO's ``S2-L2A-B04``, or ``-``."""
    words = (text or "").split()
    name = normalise(_SENSOR.sub("", words[0])) if words else "-"
    return name if name in BANDS or name == CLOUD_MASK else "-"


def says_valid(text: str | None) -> bool:
    """Whether a description is of a band that is 0 where there is no data."""
    return re.sub(r"[^a-z]", "", (text or "").lower()) in _MASK_BANDS


def tags_in(source: "DatasetReader") -> dict[str, str]:
    """Return what a file says of itself, names in lower case."""
    return {name.lower(): text for space in ("IMAGERY", None) for name, text in source.tags(ns=space).items()}


def day_in(name: str, tags: Mapping[str, str]) -> str:
    """Return the date a file's tags give, else NaT; TIFF's own DateTime is when it was written, not seen."""
    for tag in _DATE_TAGS:
        try:
            day = date.fromisoformat(tags.get(tag, "")[:10])
        except ValueError:
            continue
        require_days(day, name=name)
        return str(day)
    return "NaT"


def baseline_in(file_name: str, tags: Mapping[str, str]) -> tuple[int, int] | None:
    """Return the processing baseline that tags or a product's name state, None where nothing does."""
    stated = next((tags[name] for name in _BASELINE_TAGS if name in tags), "")
    match = re.search(r"(\d{1,2})\.(\d{1,2})", stated) or re.search(r"_N(\d\d)(\d\d)_", f"{file_name}_")
    return (int(match[1]), int(match[2])) if match else None


def newer(file_name: str, tags: Mapping[str, str], day: str) -> bool | None:
    """Return whether a file's processing adds 1000 to digital numbers: as it states, else as its day suggests."""
    stated = baseline_in(file_name, tags)
    if stated:
        return stated >= (4, 0)
    return None if day == "NaT" else day >= OFFSET_DAY


def stored(source: "DatasetReader", index: int, used: Collection[int], window: "Window | None" = None) -> StoredBand:
    """Return one channel as its file stores it, float32 (y, x), NaN where the file declares nodata or masks it.

    ``used`` are the numbers of the channels that are bands: an alpha band among them masks nothing.
    """
    from rasterio.enums import MaskFlags

    flags = source.mask_flag_enums[index - 1]
    if MaskFlags.all_valid in flags and source.dtypes[index - 1] in _SMALL_INTEGERS:  # nothing to mask, or to clip
        values = source.read(index, window=window, out_dtype="float32")
        return StoredBand(values, True, float(source.scales[index - 1]), float(source.offsets[index - 1]))
    alpha = MaskFlags.alpha in flags and alpha_of(source) in used
    read = source.read(index, masked=not alpha, window=window)  # a band in the place of an alpha band masks nothing
    integer = np.issubdtype(read.dtype, np.integer)
    with np.errstate(over="ignore"):
        values = read.astype(np.float32)
    values = values if alpha else values.filled(np.nan)
    largest = np.finfo(np.float32).max
    np.clip(values, -largest, largest, out=values)  # an infinite value is fill like any other
    return StoredBand(values, integer, float(source.scales[index - 1]), float(source.offsets[index - 1]))


def alpha_of(source: "DatasetReader") -> int:
    """Return the number of the alpha band, 0 where there is none."""
    from rasterio.enums import ColorInterp

    return next((n for n, kind in enumerate(source.colorinterp, 1) if kind == ColorInterp.alpha), 0)


def hidden(source: "DatasetReader", used: Collection[int], window: "Window | None" = None) -> np.ndarray | None:
    """Return bool (y, x), True where an alpha band or a band that says which pixels hold data is 0; None without."""
    numbers = {n for n, text in enumerate(source.descriptions, 1) if says_valid(text)} | {alpha_of(source)}
    found = None
    for number in sorted(numbers - {0, *used}):
        missing = source.read(number, window=window) == 0
        found = missing if found is None else found | missing
    return found


def stored_clm(source: "DatasetReader", index: int, window: "Window | None" = None) -> np.ndarray:
    """Return the cloud mask as uint8 (y, x): 0 clear, 1 cloud, 255 nodata.

    Read without the file's nodata value: that is often 0, which here means clear.
    """
    values = source.read(index, window=window).astype(np.float32)
    missing = ~np.isfinite(values) | (values == UNKNOWN)
    return np.where(missing, UNKNOWN, values != 0).astype(np.uint8)
