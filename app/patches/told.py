"""What a patch says of itself: bands, clear pixels, days, doubts, and whether it was simulated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from app import grid
from app.bands import BANDS, CLOUD_MASK
from app.errors import BandMissingError
from app.files import file_word
from app.grid import Grid
from app.patches.spec import COMPOSITES, SPAN, PatchSpec

if TYPE_CHECKING:
    import xarray as xr

CLEAR, CLOUDY, NODATA = 0, 1, 255
WARNINGS = "warnings"  # the attribute that holds what a reader should doubt, a sentence a line
_SPANS = re.compile(r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d")


def band_names(patch: xr.Dataset) -> tuple[str, ...]:
    """Return the spectral bands a patch holds, in the order of wavelength."""
    return tuple(name for name in BANDS if name in patch.data_vars)


def require_bands(patch: xr.Dataset, *needed: str) -> None:
    """Raise BandMissingError unless the patch holds every band in ``needed``."""
    held = band_names(patch)
    missing = [name for name in needed if name not in held]
    if missing:
        raise BandMissingError(
            f"This patch holds {', '.join(held) or 'no bands'} but not {', '.join(missing)}. "
            f"Open it again with {', '.join(missing)} among the bands."
        )


def clear_mask(patch: xr.Dataset, read: Sequence[int] = (0, 1)) -> np.ndarray:
    """Return bool (y, x): True where the dates ``read``, both or T2 alone, are clear (neither cloud nor nodata)."""
    return (patch[CLOUD_MASK].values[list(read)] == CLEAR).all(axis=0)


def clear_shares(patch: xr.Dataset) -> tuple[float, float]:
    """Return the share of clear pixels at T1 and at T2, each 0 to 1."""
    first, second = (patch[CLOUD_MASK].values == CLEAR).mean(axis=(1, 2))
    return float(first), float(second)


def share_words(patch: xr.Dataset) -> tuple[str, str]:
    """Return in words how much of T1 and of T2 is clear, cloud or shadow, and without data; nothing of what is none."""
    kinds = {CLEAR: "clear", CLOUDY: "cloud or shadow", NODATA: "without data"}
    first, second = (
        ", ".join(f"{_percent(count, date.size)} {kinds[kind]}" for kind, count in _counts(date).items() if count)
        for date in patch[CLOUD_MASK].values
    )
    return first, second


def _counts(date: np.ndarray) -> dict[int, int]:
    clear, empty = (int(np.count_nonzero(date == kind)) for kind in (CLEAR, NODATA))
    return {CLEAR: clear, CLOUDY: date.size - clear - empty, NODATA: empty}


def _percent(count: int, of: int) -> str:
    """Return a share that is whole only where it is, and never none where there is some."""
    share = 100 * count / of
    if count == of:
        return "100%"
    return "over 99.9%" if share > 99.9 else "under 0.1%" if share < 0.1 else f"{share:.1f}%"


def is_simulated(patch: xr.Dataset) -> bool:
    """Whether any pixel of the patch was simulated rather than measured."""
    return told_simulated(patch.attrs.get("simulated", 0))


def told_simulated(value: object) -> bool:
    """Return what a file says of being simulated, in whatever way it is written; a word nobody knows is a yes."""
    text = str(value).strip().lower()
    return text not in ("", "false", "no", "n", "f", "none", "nan", "0", "0.0", "[0]", "[false]")


def warnings(patch: xr.Dataset) -> tuple[str, ...]:
    """Return what a reader of this patch should doubt, one sentence each; kept with its pixels, in every format."""
    return tuple(line for line in str(patch.attrs.get(WARNINGS, "")).splitlines() if line)


def with_warnings(attrs: Mapping[str, object], sentences: Iterable[str]) -> dict[str, object]:
    """Return a patch's attributes with more sentences among its warnings, each once."""
    held = str(attrs.get(WARNINGS, "")).splitlines()
    told = dict.fromkeys([*held, *(" ".join(one.split()) for one in sentences)])
    return {**attrs, WARNINGS: "\n".join(one for one in told if one)}


def dates(patch: xr.Dataset) -> tuple[str, str]:
    """Return the two dates as ISO text, T1 first."""
    first, second = (str(value)[:10] for value in patch["time"].values)
    return first, second


def when(patch: xr.Dataset) -> tuple[str, str]:
    """Return T1 and T2 as text: the day of a scene, or FROM/TO for the composite of a span."""
    first, second = (
        str(patch.attrs[name]) if _SPANS.fullmatch(str(patch.attrs.get(name, ""))) else day
        for name, day in zip(("t1", "t2"), dates(patch), strict=True)
    )
    return first, second


def said_when(patch: xr.Dataset) -> tuple[str, str]:
    """Return T1 and T2 in words, a composite with what it is: what stands on a picture."""
    said = str(patch.attrs.get("composite", ""))
    made = said if said in COMPOSITES else "composite"
    first, second = (f"{made} of {day.replace(SPAN, ' to ')}" if SPAN in day else day for day in when(patch))
    return first, second


def origin(patch: xr.Dataset) -> dict[str, str]:
    """Return what every file made from a patch says of its scenes, as text; nothing of what is not known."""
    names = ("event_date", "t1_scenes", "t2_scenes", "processing_baseline", "cloud_mask", "attribution")
    said = {name: str(patch.attrs.get(name, "")) for name in names}
    return {name: text for name, text in said.items() if text}


def file_stem(spec: PatchSpec, patch: xr.Dataset) -> str:
    """Return how names of files begin that hold something of a patch: simulated or not, event, spans of a composite."""
    simulated = "SIMULATED_" if is_simulated(patch) else ""
    spans = "_".join([spec.composite, *(day.replace("-", "").replace(SPAN, "-") for day in spec.when)])
    return f"{simulated}event{file_word(spec.event_id)}{f'_{spans}' if spec.composite else ''}"


def grid_of(patch: xr.Dataset) -> Grid:
    """Return the grid of a patch from its own coordinates."""
    crs = patch.attrs.get("crs", grid.EPSG_4326)
    return Grid.of_centres(patch["x"].values, patch["y"].values, crs, alone=1.0)


def resized(patch: xr.Dataset, shape: tuple[int, int]) -> xr.Dataset:
    """Return a patch of the same ground in (height, width) pixels: of each variable the nearest one."""
    held, on = (patch.sizes["y"], patch.sizes["x"]), grid_of(patch).resized(shape)
    rows, columns = (grid.nearest(*sizes) for sizes in zip(held, shape, strict=True))
    places = {"y": ("y", on.y, patch["y"].attrs), "x": ("x", on.x, patch["x"].attrs)}
    return patch.isel(y=rows, x=columns).assign_coords(places)
