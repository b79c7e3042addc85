"""What the name of a file says: which bands it holds, of which day, and whether its numbers carry an offset."""

import re
from datetime import date
from pathlib import PurePosixPath

from app.bands import BANDS, CLOUD_MASK, normalise

SCL, QA60, VALID, NONE = "SCL", "QA60", "valid", "-"  # what a channel may hold beside bands and the cloud mask

_BAND = re.compile(r"B(0?[1-9]|1[0-2]|8A)", re.IGNORECASE)
# what catalogues and programs call their files instead
_WORDS = {
    "coastal": "B01", "blue": "B02", "green": "B03", "red": "B04", "rededge1": "B05", "rededge2": "B06",
    "rededge3": "B07", "nir": "B08", "nir08": "B8A", "nir09": "B09", "swir16": "B11", "swir22": "B12",
    "scl": SCL, "qa60": QA60, "clm": CLOUD_MASK, "datamask": VALID,
}  # fmt: skip
# files of a product that hold no band
_NO_BAND = {"aot", "wvp", "tci", "pvi", "true", "false", "dem", "cld", "snw", "cldprb", "snwprb", "msk", "preview"}
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)-\d\d_\d\d_(\d{4}-\d\d-\d\d)-\d\d_\d\d")  # as the Copernicus Browser names files


def channels_in(name: str) -> tuple[str, ...]:
    """Return what a file's name says its channels are, in order; empty where it says nothing.

    Names of bands (``B04``, ``download.B4``, ``T33UUP_..._B04_10m``), else the words that catalogues use (``red``,
    ``scl``) where the name ends with one. ``-`` alone for a file of a product that holds no band.
    """
    words = _words(PurePosixPath(name).name)
    bands = [normalise(word) for word in words if _BAND.fullmatch(word) and normalise(word) in BANDS]
    if bands:
        return tuple(dict.fromkeys(bands))
    known = [_WORDS[word.lower()] for word in words if word.lower() in (*_ALWAYS, words[-1].lower())
             and word.lower() in _WORDS]  # fmt: skip
    if known:
        return (known[-1],)
    return (NONE,) if {word.lower() for word in words} & _NO_BAND else ()


_ALWAYS = ("scl", "qa60", "clm", "datamask")  # anywhere in a name, unlike a colour


def days_in(name: str) -> tuple[date, ...]:
    """Return the first and the last day a file's name gives, once where they are the same; empty where it gives none.

    Of a path, the nearest part that gives one counts. Names of products have several days: the first is when the
    ground was seen.
    """
    for part in reversed(PurePosixPath(name).parts):
        span = _SPAN.search(part)
        days = [*map(_day, span.groups())] if span else [_day("-".join(m.group(1, 3, 4))) for m in _DAY.finditer(part)]
        found = [day for day in days if day]
        if found:
            return tuple(dict.fromkeys(found if span else found[:1]))
    return ()


def product_in(name: str) -> str:
    """Return the part of a path that names a Sentinel-2 product, empty where none does."""
    return next((part for part in PurePosixPath(name).parts if re.match(r"S2[A-D]_MSIL[12][AC]_", part)), "")


def _words(name: str) -> list[str]:
    """Return the parts of a file's name between what is no letter or digit, without its ending; at least one."""
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", re.sub(r"\.(tiff?|jp2|j2k|nc|zarr)$", "", name, flags=re.I))]
    words = [part for part in parts if part and part.lower() != "raw"]
    while len(words) > 1 and re.fullmatch(r"\d{2,3}m", words[-1]):  # 10m, 20m, 60m
        words.pop()
    return words or [""]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
