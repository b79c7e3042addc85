"""Whether the numbers of a file are heights in metres: its unit, its channel, and what is doubted of what came out."""

import re
from typing import TYPE_CHECKING

import numpy as np

from app.errors import HeightsMissingError
from app.grid import Grid
from app.terrain import slopes

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

STEEPEST_DEG, MOST_STEEP = 60.0, 0.02  # hillsides of 30 m beyond that are rock walls: never many of a patch
LEVEL_M = 1.0  # heights within which there is no hillside, but where numbers count in kilometres, or are classes
FEW = 4  # pixels that share the lowest or highest number, before it may stand for no data
_CLIFF_M, _TALLEST_M = 20.0, 200.0  # steps that are looked at: at least two pixels high, between these
_RIGHT_DEG, _HILLY_DEG = 90.0, 15.0  # no slope exceeds the one; no low ground is as rough as the other all over
_UNITS = {"m": 1.0, "meter": 1.0, "ft": 0.3048, "feet": 0.3048, "ftus": 1200 / 3937, "dm": 0.1, "decimetre": 0.1}
_ANGLES = ("degree", "deg", "°", "radian", "rad", "%", "percent", "per cent", "grad", "gon")
_HEIGHT = re.compile(r"(?<![a-z])(dem|dsm|dtm|dgm|heights?|elevations?|altitudes?|hgt|ele?v?)(?![a-z])", re.IGNORECASE)
_OTHER = re.compile(
    r"(?<![a-z])(slopes?|aspect|hillshade|shade|shaded|curvature|roughness|tri|tpi)(?![a-z])", re.IGNORECASE
)


def channel_in(name: str, source: "DatasetReader") -> int:
    """Return which channel of a file holds heights, from 1; raises HeightsMissingError where none can be told."""
    from rasterio.enums import ColorInterp

    held = [at for at, meant in zip(source.indexes, source.colorinterp, strict=True) if meant is not ColorInterp.alpha]
    called = {at: source.descriptions[at - 1] or "" for at in held}
    named = [at for at, text in called.items() if _HEIGHT.search(text)]
    if len(held) > 1 and len(named) != 1:
        raise HeightsMissingError(
            f"{name} holds {len(held)} channels, and does not say which are heights; give one that holds heights "
            "alone (gdal_translate -b N takes one out)."
        )
    chosen = (named or held or [1])[0]
    text = called.get(chosen, "")
    if _OTHER.search(text) and chosen not in named:
        raise HeightsMissingError(f"{name} calls what it holds “{text[:40]}”: give the heights that it was made from.")
    return chosen


def metres_in(name: str, unit: str) -> tuple[float, list[str]]:
    """Return how many metres the unit is that a file states, and what to say of it; no unit is metres.

    Raises HeightsMissingError for a unit of slopes.
    """
    from pyproj.database import get_units_map

    said = " ".join(unit.lower().replace("_", " ").split()).removeprefix("international ")
    if not said:
        return 1.0, []
    if said.removesuffix("s") in _ANGLES:
        raise HeightsMissingError(f"{name} counts in {unit}, as slopes do: give the heights that it was made from.")
    known = dict(_UNITS)
    for one in get_units_map(category="linear").values():
        for word in filter(None, (one.name, one.proj_short_name)):
            known.setdefault(word.lower(), one.conv_factor)
    said = said.replace("meter", "metre")
    factor = known.get(said, known.get(said.removesuffix("s"), known.get(said.replace("feet", "foot"))))
    if factor is None:
        return 1.0, [f"{name} counts in “{unit[:40]}”, which is not known here; its numbers were read as metres."]
    return factor, [f"{name} counts in another unit; turned into metres (times {factor:.4g})."] if factor != 1 else []


def doubts(name: str, dtype: str, read: np.ndarray, pixel_m: float, on_patch: np.ndarray, on: Grid) -> list[str]:
    """Return what is to be doubted of heights, a sentence each.

    ``read`` is float (y, x) in metres as the file has it around the patch, with pixels of ``pixel_m``; ``on_patch`` the
    same on the patch's grid ``on``; NaN where unknown.
    """
    steep = slopes.hillside_deg(slopes.slope_deg(on_patch, on), on)
    return [
        said for said in (_no_heights(name, dtype, on_patch, steep), _step(name, read, pixel_m), _steep(steep)) if said
    ]


def _no_heights(name: str, dtype: str, values: np.ndarray, steep: np.ndarray) -> str:
    """Return why a file's numbers may not be heights at all; empty where they look like some."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    word = _OTHER.search(name)
    if word:
        return f"the name of {name} speaks of {word[0].lower()}; its numbers were read as heights in metres."
    if high - low < LEVEL_M:
        return (
            f"all numbers of {name} lie within {high - low:.2g} m here: no slope follows from them. Where they count "
            "in another unit, say so in the file (gdal_edit.py -units km); where they are no heights, give some."
        )
    if dtype == "uint8":
        return f"{name} holds numbers of 8 bits, as pictures do; they were read as heights in metres."
    known = steep[np.isfinite(steep)]
    if low >= 0 and high <= _RIGHT_DEG and known.size and np.percentile(known, 95) > _HILLY_DEG:
        return (
            f"all numbers of {name} lie between {low:.0f} and {high:.0f}, as slopes in degrees do; they were read as "
            "heights in metres."
        )
    return ""


def _step(name: str, values: np.ndarray, pixel_m: float) -> str:
    """Return what to say where the lowest or highest number is shared by many and stands far from all beside it."""
    tall = max(_CLIFF_M, min(2 * pixel_m, _TALLEST_M))
    step, end, count = max(_end(values, end) for end in (float(np.nanmin(values)), float(np.nanmax(values))))
    if count < FEW or step <= tall:
        return ""
    return (
        f"{count:,} numbers of {name} are {end:g} m exactly, and the ground beside them is some {step:.0f} m away: "
        "where that is no cliff they stand for no data, which the file should say (gdal_edit.py -a_nodata)."
    )


def _end(values: np.ndarray, end: float) -> tuple[float, float, int]:
    """Return the usual step between pixels of a number and their neighbours, that number, and how many have it."""
    same = values == end
    steps = np.concatenate([_across(values, same, axis) for axis in (0, 1)])
    return float(np.median(steps)) if steps.size else 0.0, end, int(np.count_nonzero(same))


def _across(values: np.ndarray, same: np.ndarray, axis: int) -> np.ndarray:
    """Return how high the steps are between pixels that are ``same`` and neighbours along an axis that are not."""
    edge = np.diff(same.astype(np.int8), axis=axis) != 0
    steps = np.abs(np.diff(values, axis=axis))[edge]
    return steps[np.isfinite(steps)]


def _steep(steep: np.ndarray) -> str:
    known = steep[np.isfinite(steep)]
    share = float(np.mean(known > STEEPEST_DEG)) if known.size else 0.0
    if share <= MOST_STEEP:
        return ""
    return (
        f"{share:.0%} of the hillsides are steeper than {STEEPEST_DEG:g} degrees, as hardly any ground is: where the "
        "file counts in another unit, it should say so (gdal_edit.py -units ft)."
    )
