"""What a picture of one date shows: three bands, one band, or an index; one canonical name each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.bands import ALL_BANDS, BANDS, normalise
from app.detection.indices import TABLE
from app.errors import BandMissingError, InputError
from app.patches import band_names
from app.pictures import colours

if TYPE_CHECKING:
    import xarray as xr

CHANNELS = ("red", "green", "blue")
VISIBLE = frozenset({"B01", "B02", "B03", "B04"})  # dark over land, so a narrower range than the others need


@dataclass(frozen=True)
class Composition:
    """What fills a picture, and the range of a fixed stretch.

    Three ``bands`` without an ``index`` are red, green and blue; one is grey; with an ``index``
    they are what it reads, and its value goes through a ramp of ``colours``, grey where none is named.
    """

    name: str  # canonical: in links, captions and file names
    title: str
    bands: tuple[str, ...]
    fixed: tuple[float, float]
    shows: str
    index: str = ""
    colours: str = ""  # which of ``app.pictures.colours.RAMPS``

    @property
    def ramp(self) -> np.ndarray | None:
        """The colours of a single channel from low to high, uint8 (256, 3); None for red, green and blue."""
        if len(self.channels) > 1:
            return None
        return colours.ramp(*colours.RAMPS[self.colours]) if self.colours else colours.GREY

    @property
    def heading(self) -> str:
        """The title, with the bands where it does not name them."""
        return f"{self.title} ({', '.join(self.bands)})" if self.name in PRESETS else self.title

    @property
    def channels(self) -> tuple[str, ...]:
        """What each limit of a stretch belongs to: a band each, or the index."""
        return (self.index,) if self.index else self.bands


_COLOUR_TABLE = (
    ("true-colour", "True colour", ("B04", "B03", "B02"), (0.0, 0.3), "as the eye would see it"),
    ("false-colour", "False colour", ("B08", "B04", "B03"), (0.0, 0.5), "vegetation red, bare soil cyan"),
    ("short-wave", "Short-wave", ("B12", "B8A", "B04"), (0.0, 0.5), "fresh soil and rock pink"),
)


def _presets() -> Iterator[Composition]:
    for name, title, bands, fixed, shows in _COLOUR_TABLE:
        yield Composition(name, title, bands, fixed, shows)
    for one in TABLE.values():
        yield Composition(one.name, one.title, one.bands, one.fixed, one.shows, one.name, one.colours)


PRESETS: dict[str, Composition] = {one.name: one for one in _presets()}
_BY_BANDS = {one.bands: one for one in PRESETS.values() if not one.index}
INDICES = tuple(TABLE)


def parse(text: str) -> Composition:
    """Return the composition of a name: one of PRESETS, a band (``B08``) or three (``B12-B8A-B04``).

    Names are read whatever their case; ``B4`` is ``B04``, ``B04-B03-B02`` is ``true-colour``. Raises
    InputError with the choices.
    """
    wanted = text.strip().lower()
    for name, preset in PRESETS.items():
        if wanted == name.lower():
            return preset
    bands = [normalise(part) for part in re.split(r"[-,]", text)] if len(text) <= 40 else []
    if len(bands) not in (1, 3) or any(band not in BANDS for band in bands):
        raise InputError(
            f"There is no composition {text[:40]!r}. Choose from {', '.join(PRESETS)}, "
            "or name a band like B08 or three like B12-B8A-B04."
        )
    return _BY_BANDS.get(tuple(bands)) or _of_bands(tuple(bands))


def missing(patch: xr.Dataset, composition: Composition) -> tuple[str, ...]:
    """Return the bands a composition needs and the patch lacks, in the order of the composition."""
    held = band_names(patch)
    return tuple(dict.fromkeys(band for band in composition.bands if band not in held))


def refusal(patch: xr.Dataset, composition: Composition) -> str:
    """Return why a patch cannot be shown so and what to do about it; empty where it can."""
    lacking = missing(patch, composition)
    if not lacking:
        return ""
    title = f"{composition.title} needs {', '.join(dict.fromkeys(composition.bands))}"
    return (
        f"{title}; this patch holds {', '.join(band_names(patch)) or 'no bands'}. "
        f"Open it again with {', '.join(lacking)} among the bands."
    )


def required(patch: xr.Dataset, name: str) -> Composition:
    """Return the composition of a name the patch has the bands for; raises InputError or BandMissingError."""
    composition = parse(name)
    reason = refusal(patch, composition)
    if reason:
        raise BandMissingError(reason)
    return composition


def available(patch: xr.Dataset) -> list[str]:
    """Return the presets whose bands the patch holds; where it holds none of them, its bands one by one."""
    held = set(band_names(patch))
    presets = [name for name, one in PRESETS.items() if set(one.bands) <= held]
    return presets or list(band_names(patch))


def change_of(text: str) -> str:
    """Return the standard name of what a picture of change can be of: a band or an index; raises InputError."""
    name = parse(text).name
    if name not in BANDS and name not in INDICES:
        raise InputError(f"There is no change of {text[:40]!r}. Choose from {', '.join((*ALL_BANDS, *INDICES))}.")
    return name


def _of_bands(bands: tuple[str, ...]) -> Composition:
    fixed = (0.0, 0.3) if VISIBLE.issuperset(bands) else (0.0, 0.5)
    named = [f"{band} {BANDS[band].title}" for band in bands]
    if len(bands) == 1:
        return Composition(bands[0], named[0], bands, fixed, "one band, dark to bright")
    shows = ", ".join(f"{channel} {one}" for channel, one in zip(CHANNELS, named, strict=True))
    return Composition("-".join(bands), " ".join(bands), bands, fixed, shows)
