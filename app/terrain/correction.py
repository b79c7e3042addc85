"""Light evened out over slopes: reflectance as level ground would have shown it under the same sun."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.errors import InputError
from app.terrain import heights, light, slopes

if TYPE_CHECKING:
    import xarray as xr

    from app.grid import Grid
    from app.terrain.light import SunAngles

C, SCS_C = "c", "scs+c"
WAYS = {
    C: "C correction (Teillet, Guindon and Goodenough 1982, doi:10.1080/07038992.1982.10855028)",
    SCS_C: "SCS+C correction (Soenen, Peddle and Coburn 2005, doi:10.1109/TGRS.2005.852480)",
}
ATTRIBUTE = "topographic_correction"  # of a patch: what was done to it
SLOPING_DEG = 5.0  # ground from which c is told: level ground says nothing of how light falls on slopes
FEWEST = 100  # such pixels, below which nothing is evened out
LEAST_COSINE = 0.05  # ground that hardly any sun reaches is left as it is
_WORTH_SAYING = 0.0005  # of the pixels: less would be told as 0.0 %
_MOST_FACTOR = 4.0  # more would be noise that is lifted


@dataclass(frozen=True, eq=False)
class _Light:
    """What one date's light is on each pixel: cosines, float32 (y, x), and of level ground."""

    cosine: np.ndarray
    slope: np.ndarray  # degrees
    level: float  # the cosine on level ground: the sine of the sun's elevation


def corrected(patch: "xr.Dataset", way: str) -> "xr.Dataset":
    """Return a patch whose bands are as under even light, with what was done among its attributes.

    ``way`` is ``c`` or ``scs+c``. For each band and date c is the intercept over the rise of a straight line through
    reflectance against the cosine of the sun's angle, over clear ground of five degrees and more. A band whose line
    does not rise, or with fewer than a hundred such pixels, stays as it is, and so does ground the sun hardly reaches;
    both is said in ``warnings``. Raises InputError for another way, HeightsMissingError without heights and GridError
    at no known place; a patch whose light is even already is refused as well.
    """
    if way not in WAYS:
        raise InputError(f"There is no way {way!r} of evening light out; choose {' or '.join(WAYS)}.")
    if ATTRIBUTE in patch.attrs:
        raise InputError("The light of this patch is evened out already, as it says itself; leave --light away.")
    on, suns = patches.grid_of(patch), light.of_patch(patch)
    height = heights.of(patch)
    lights = [_of_sun(height, on, sun) for sun in suns]
    clear, told, made, left = patch["CLM"].values == patches.CLEAR, [], {}, []
    for band in patches.band_names(patch):
        dates = []
        for number, (values, lit) in enumerate(zip(patch[band].values, lights, strict=True)):
            c = _c_of(values, lit, clear[number])
            dates.append(values if c is None else _evened(values, lit, c, way))
            told.append(f"{band} T{number + 1} {'left' if c is None else f'c={c:.3g}'}")
            left += [f"{band} at T{number + 1}"] if c is None else []
        made[band] = (patch[band].dims, np.stack(dates), patch[band].attrs)
    sun = "; ".join(f"sun at T{n + 1} {one.words}" for n, one in enumerate(suns))
    out = patch.assign(made)
    for band in made:
        out[band].encoding.update(patch[band].encoding)
    attrs = {**patch.attrs, ATTRIBUTE: f"{WAYS[way]}; {sun}; {', '.join(told)}"}
    return out.assign_attrs(patches.with_warnings(attrs, _doubts(left, lights)))


def of_other_days(
    patch: "xr.Dataset", layers: Mapping[str, np.ndarray], clm: np.ndarray, days: Sequence[date]
) -> dict[str, np.ndarray]:
    """Return other scenes of a patch's place with their light evened out as its own was, if it was.

    ``layers`` is reflectance by band, float32 (day, y, x), and ``clm`` their cloud masks. The sun is that of a usual
    overpass on each day. Raises as ``corrected``.
    """
    way = next((way for way, words in WAYS.items() if said(patch).startswith(words)), "")
    made = {band: np.array(values, np.float32) for band, values in layers.items()}
    if not way:
        return made
    on, height = patches.grid_of(patch), heights.of(patch)
    _, south, _, north = on.required_place().bbox_deg
    for number, day in enumerate(days):
        lit = _of_sun(height, on, light.at_overpass(day, (south + north) / 2))
        for values in made.values():
            c = _c_of(values[number], lit, clm[number] == patches.CLEAR)
            if c is not None:
                values[number] = _evened(values[number], lit, c, way)
    return made


def said(patch: "xr.Dataset") -> str:
    """Return what was done to the light of a patch; empty where nothing was."""
    return str(patch.attrs.get(ATTRIBUTE, ""))


def dependence(patch: "xr.Dataset", band: str) -> tuple[float, float]:
    """Return how far reflectance follows the light at T1 and at T2: correlation with the cosine, -1 to 1, NaN unknown.

    Over clear ground of five degrees and more; 0 is what evening light out aims at. Raises as ``corrected``.
    """
    on, suns = patches.grid_of(patch), light.of_patch(patch)
    found = []
    for number, sun in enumerate(suns):
        lit, values = _of_sun(heights.of(patch), on, sun), patch[band].values[number]
        used = _used(values, lit, patch["CLM"].values[number] == patches.CLEAR)
        spread = used.sum() > 2 and np.ptp(values[used]) > 0 and np.ptp(lit.cosine[used]) > 0
        found.append(float(np.corrcoef(values[used], lit.cosine[used])[0, 1]) if spread else float("nan"))
    return found[0], found[1]


def _of_sun(height: np.ndarray, on: "Grid", sun: "SunAngles") -> _Light:
    level = float(np.sin(np.radians(sun.elevation_deg)))
    return _Light(light.incidence(height, on, sun), slopes.slope_deg(height, on), level)


def _used(values: np.ndarray, lit: _Light, clear: np.ndarray) -> np.ndarray:
    """Return bool (y, x): pixels from which c is told."""
    with np.errstate(invalid="ignore"):
        return clear & np.isfinite(values) & (lit.slope >= SLOPING_DEG) & (lit.cosine >= LEAST_COSINE)


def _c_of(values: np.ndarray, lit: _Light, clear: np.ndarray) -> float | None:
    """Return c of one band and date, None where it cannot be told."""
    used = _used(values, lit, clear)
    if np.count_nonzero(used) < FEWEST:
        return None
    cosine, bright = lit.cosine[used].astype(np.float64), values[used].astype(np.float64)
    varied = cosine.var()
    rise = ((cosine - cosine.mean()) * (bright - bright.mean())).mean() / varied if varied > 0 else 0.0
    if rise <= 0:
        return None
    return float(max(0.0, (bright.mean() - rise * cosine.mean()) / rise))


def _evened(values: np.ndarray, lit: _Light, c: float, way: str) -> np.ndarray:
    """Return reflectance under even light, float32 (y, x); where the sun hardly reaches, as it was."""
    upright = np.cos(np.radians(lit.slope)) if way == SCS_C else np.float32(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = (upright * lit.level + c) / (lit.cosine + c)
        usable = (lit.cosine >= LEAST_COSINE) & np.isfinite(factor)
    return (values * np.where(usable, np.clip(factor, 0, _MOST_FACTOR), 1)).astype(np.float32)


def _doubts(left: list[str], lights: list[_Light]) -> list[str]:
    found = [f"The light of {', '.join(left)} follows no slope and was left as it is."] if left else []
    for number, lit in enumerate(lights):
        dark = float(np.mean(lit.cosine < LEAST_COSINE))
        if dark >= _WORTH_SAYING:
            found.append(f"{dark:.1%} of T{number + 1} turns from the sun; its light was left as it is.")
    return found
