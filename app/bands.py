"""The Sentinel-2 L2A bands by name, with what a reader needs to know about each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.errors import InputError


@dataclass(frozen=True)
class Band:
    """One spectral band; wavelengths are those of Sentinel-2A (ESA, S2 MSI technical guide)."""

    name: str
    title: str
    centre_nm: float
    native_m: int


_TABLE = (
    Band("B01", "coastal aerosol", 442.7, 60),
    Band("B02", "blue", 492.4, 10),
    Band("B03", "green", 559.8, 10),
    Band("B04", "red", 664.6, 10),
    Band("B05", "red edge 1", 704.1, 20),
    Band("B06", "red edge 2", 740.5, 20),
    Band("B07", "red edge 3", 782.8, 20),
    Band("B08", "near infrared", 832.8, 10),
    Band("B8A", "narrow near infrared", 864.7, 20),
    Band("B09", "water vapour", 945.1, 60),
    Band("B11", "short-wave infrared 1", 1613.7, 20),
    Band("B12", "short-wave infrared 2", 2202.4, 20),
)

BANDS: dict[str, Band] = {band.name: band for band in _TABLE}
ALL_BANDS: tuple[str, ...] = tuple(BANDS)
DEFAULT_BANDS = ALL_BANDS  # L2A has no B10; the thesis used these twelve
SENTINEL2_LAUNCH = date(2015, 6, 23)  # of Sentinel-2A (ESA); nothing before it can have a scene
CLOUD_MASK = "CLM"
TRUTH = "truth"
SCENE_COUNT = "scene_count"  # of a composite: how many clear scenes each pixel is made of
HEIGHT = "DEM"  # of the ground in metres, the variable as Copernicus and Sentinel Hub call it


def normalise(name: str) -> str:
    """Return the standard name of a band: ``b4``, ``B4`` and ``B04`` are all ``B04``."""
    text = name.strip().upper()
    if len(text) == 2 and text[0] == "B" and text[1].isdigit():
        text = f"B0{text[1]}"
    return text


def parse(names: str | Iterable[str]) -> tuple[str, ...]:
    """Return the bands of a list or a comma-separated text, in order, each once.

    Raises InputError for a name Sentinel-2 L2A does not have.
    """
    parts = names.split(",") if isinstance(names, str) else names
    chosen = tuple(dict.fromkeys(normalise(part) for part in parts if part.strip()))
    unknown = [name for name in chosen if name not in BANDS]
    if unknown:
        raise InputError(f"Sentinel-2 L2A has no band {', '.join(unknown)}. Choose from {', '.join(ALL_BANDS)}.")
    if not chosen:
        raise InputError(f"Name at least one band, for example B04. Choose from {', '.join(ALL_BANDS)}.")
    return chosen
