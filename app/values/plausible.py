"""Whether a finished patch can be what it says: its ranges, the agreement of its dates, values that repeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.bands import CLOUD_MASK

if TYPE_CHECKING:
    import xarray as xr

VISIBLE = ("B01", "B02", "B03", "B04", "B05")  # where haze shows, and dark ground tells an offset
OFFSET = 0.1  # what +1000 of baseline 04.00 is in reflectance

_SAMPLE = 12_000  # pixels that are looked at; a patch is opened in a hundredth of a second
FEWEST = 100  # pixels clear at both dates, below which dates are not compared
_SHIFT = 0.06  # of reflectance: less is what haze and season do
_ALIKE = 0.3  # how far a band's shift may be from that of all, of that
_MOST, _MANY = 0.8, 0.6  # of the pixels, within half of the shift: in the visible bands, and in the others
_HARDLY_LESS = 0.9  # of the pixels, where one or two visible bands are all there is
_STILL = 0.02  # of reflectance: what a visible band moves while another carries an offset
_FACTOR = 30  # between the dates in every band: no season does that
_LEAST_FACTOR = 4  # between the dates in every band and pixel alike
_ALONE = 6  # of one band, while the others stay within a half and twice
_BRIGHT, _NEGATIVE = 1.3, -0.02  # of a median
_BLACK = 0.04  # of the brightest hundredth in all bands: darker than deep water
_FLOOR = 0.09  # of the darkest pixels in every band
_NEVER = (-0.3, 2.0)  # reflectance beyond these is not measured
_REPEATED = 10


@dataclass(frozen=True)
class Shift:
    """By how much T2 is brighter than T1 in nearly every pixel, alike in ``bands``."""

    size: float
    bands: tuple[str, ...]
    whole: bool  # in all bands of the patch, and not only in the visible ones


def told(patch: xr.Dataset) -> xr.Dataset:
    """Return the patch with what is to be doubted of it among its warnings; the pixels are not copied."""
    found = doubts(patch)
    return patch.assign_attrs(patches.with_warnings(patch.attrs, found)) if found else patch


def doubts(patch: xr.Dataset) -> list[str]:
    """Return what a reader should doubt of a patch, one sentence each; empty where nothing looks odd."""
    names = patches.band_names(patch)
    step = max(1, int((patch.sizes["y"] * patch.sizes["x"] / _SAMPLE) ** 0.5))
    some = patch[[*names, CLOUD_MASK]].isel(y=slice(None, None, step), x=slice(None, None, step))
    seen = some[CLOUD_MASK].values == patches.CLEAR
    bands = {name: some[name].values for name in names}
    found = []
    for number, date_name in enumerate(("T1", "T2")):
        found += _of_date(date_name, {name: values[number] for name, values in bands.items()}, seen[number])
    both = seen.all(axis=0)
    t1, t2 = ({name: values[number][both] for name, values in bands.items()} for number in (0, 1))
    return found + _of_both(t1, t2)


def common_shift(t1: Mapping[str, np.ndarray], t2: Mapping[str, np.ndarray]) -> Shift | None:
    """Return the shift common to all bands, or to the visible ones, and to nearly all pixels; None where there is none.

    Both map band -> reflectance of the same pixels, of any shape, NaN where nodata. A season moves
    bands by different amounts and pixels by different amounts: that is no shift. It takes three
    bands to tell, or fewer visible ones that hardly any pixel departs from.
    """
    changes = {name: (t2[name] - t1[name]).ravel() for name in t1}
    changes = {name: change[np.isfinite(change)] for name, change in changes.items()}
    if not changes or min(change.size for change in changes.values()) < FEWEST:
        return None
    whole = _alike(changes, _MOST) if len(changes) >= 3 else None
    if whole is not None:
        return Shift(whole, tuple(changes), True)
    visible = {name: change for name, change in changes.items() if name in VISIBLE}
    size = _alike(visible, _MOST if len(visible) >= 3 else _HARDLY_LESS) if visible else None
    return None if size is None else Shift(size, tuple(visible), False)


def _alike(changes: Mapping[str, np.ndarray], most: float) -> float | None:
    """Return by how much all bands changed, where they changed alike in ``most`` of the pixels."""
    middles = {name: float(np.median(change)) for name, change in changes.items()}
    size = float(np.median(list(middles.values())))
    if abs(size) < _SHIFT:
        return None
    for name, change in changes.items():
        within = float(np.mean(np.abs(change - size) <= 0.5 * abs(size)))
        if abs(middles[name] - size) > _ALIKE * abs(size) or within < (most if name in VISIBLE else _MANY):
            return None
    return size


def _of_date(name: str, bands: Mapping[str, np.ndarray], seen: np.ndarray) -> list[str]:
    """Return what is odd about one date: ``bands`` (y, x), ``seen`` where its cloud mask is clear."""
    clear = {band: values[seen & np.isfinite(values)] for band, values in bands.items()}
    measured = {band: values for band, values in clear.items() if values.size}
    if not any(np.isfinite(values).any() for values in bands.values()):
        return [f"{name} holds no measurement at all: every pixel is nodata."]
    if not measured:
        return [f"No pixel of {name} is clear."]
    return [*_range(name, measured), *_repeated(name, bands), *_constant(name, measured)]


def is_too_bright(values: np.ndarray) -> bool:
    """Whether measured values, of any shape and without NaN, are too large for reflectance."""
    return bool(np.median(values) > _BRIGHT or np.percentile(values, 99) > _NEVER[1])


def _range(name: str, bands: Mapping[str, np.ndarray]) -> list[str]:
    middles = {band: float(np.median(values)) for band, values in bands.items()}
    highs = {band: float(np.percentile(values, 99)) for band, values in bands.items()}
    found = []
    bright = [band for band, values in bands.items() if is_too_bright(values)]
    if bright:
        worst = max(bright, key=lambda band: highs[band])
        found.append(
            f"{name}: {_listed(bright)} hold too much for reflectance (half of {worst} is above {middles[worst]:.3g}, "
            f"a hundredth above {highs[worst]:.3g}); check in which unit the numbers are. Where "
            "65,535 stands for 1, say so as the pair is opened on Patches, or divide them by 6.5535."
        )
    dark = [band for band in bands if middles[band] < _NEGATIVE]
    if dark:
        found.append(
            f"{name}: half of the pixels of {_listed(dark)} are below {max(middles[band] for band in dark):.3f}; "
            "an offset may have been subtracted twice, or from numbers that had none."
        )
    elif _nearly_black(middles, highs):
        found.append(
            f"{name} is nearly black: in no band does half of the pixels exceed {max(middles.values()):.2g}, or a "
            f"hundredth {max(highs.values()):.2g}; its numbers may be in another unit."
        )
    return found


def _nearly_black(middles: Mapping[str, float], highs: Mapping[str, float]) -> bool:
    """Whether a date is darker than deep water, which shows in blue, and than shadow, which leaves bright spots."""
    visible = [middle for band, middle in middles.items() if band in VISIBLE]
    darker = len(visible) >= 2 and max(visible) < _BLACK / 4 and max(middles.values()) < _BLACK
    return len(highs) > 1 and (darker or max(highs.values()) < _BLACK)


def _repeated(name: str, bands: Mapping[str, np.ndarray]) -> list[str]:
    """Return a sentence on a value nobody measures that many pixels share: fill that was never declared."""
    for band, values in bands.items():
        odd = values[np.isfinite(values) & ((values < _NEVER[0]) | (values > _NEVER[1]))]
        if odd.size >= _REPEATED:
            held, counts = np.unique(odd, return_counts=True)
            if counts.max() >= _REPEATED:
                share = counts.max() / values.size
                value = f"{float(held[counts.argmax()]):.4g}"
                return [f"{name}: {share:.1%} of {band} are exactly {value}, which is likely to mean nodata."]
    return []


def _constant(name: str, bands: Mapping[str, np.ndarray]) -> list[str]:
    flat = [band for band, values in bands.items() if values.size >= FEWEST and values.min() == values.max()]
    if not flat:
        return []
    which = "every band" if len(flat) == len(bands) else _listed(flat)
    return [f"{name}: all pixels of {which} are the same, which no scene is."]


def _of_both(t1: Mapping[str, np.ndarray], t2: Mapping[str, np.ndarray]) -> list[str]:
    """Return what is odd between the dates; band -> the pixels clear at both."""
    pairs = {name: np.isfinite(t1[name]) & np.isfinite(t2[name]) for name in t1}
    if not pairs or min(int(np.count_nonzero(both)) for both in pairs.values()) < FEWEST:
        return []
    t1, t2 = ({name: one[name][both] for name, both in pairs.items()} for one in (t1, t2))
    if all(np.array_equal(t1[name], t2[name]) for name in t1):
        return [
            "T1 and T2 hold the same numbers in every pixel that was looked at: they are one scene twice, and no "
            "change can show. Give another scene for one of them."
        ]
    factor = _factor(t1, t2)
    if factor:
        return [factor]
    shift = common_shift(t1, t2)
    if shift is not None:
        return [*_single(t1, t2), sentence(shift)]
    return [*_single(t1, t2), *(_some_shifted(t1, t2) or _floors(t1, t2))]


def sentence(shift: Shift) -> str:
    """Return what a shift may mean, in words."""
    one, other = ("T2", "T1") if shift.size > 0 else ("T1", "T2")
    where = "in all bands" if shift.whole else f"in {_listed(shift.bands)}"
    said = f"{one} is brighter than {other} by about {abs(shift.size):.3f} {where} and in nearly every pixel"
    if abs(abs(shift.size) - OFFSET) > 0.035:
        return f"{said}. No landslide does that; haze, thin cloud, snow, an offset or another processing do."
    return (
        f"{said}. No landslide does that; the +1000 that digital numbers carry since baseline 04.00 does, and haze. "
        f"Where it is the offset, subtract 1000 from {one} first."
    )


def _factor(t1: Mapping[str, np.ndarray], t2: Mapping[str, np.ndarray]) -> str:
    """Return a sentence where one date is many times the other in every band alike."""
    ratios = np.array(list(_ratios(t1, t2).values()))
    if not ratios.size or abs(np.sign(ratios).sum()) < ratios.size:
        return ""
    if np.abs(ratios).min() < np.log(_FACTOR) and not _same_factor(t1, t2):
        return ""
    times = float(np.exp(np.abs(np.median(ratios))))
    one, other = ("T2", "T1") if ratios[0] > 0 else ("T1", "T2")
    return (
        f"{one} is about {times:,.0f} times as bright as {other} in every band: the two dates are in different units, "
        "or one holds hardly any measurement."
    )


def _same_factor(t1: Mapping[str, np.ndarray], t2: Mapping[str, np.ndarray]) -> bool:
    """Whether all bands of nearly all pixels differ by one factor, which snow, sun and season do not bring about."""
    logs = []
    for name in t1:
        above = (t1[name] > 0) & (t2[name] > 0)
        ratio = np.log(t2[name][above] / t1[name][above])
        middle = float(np.median(ratio)) if ratio.size else 0.0
        if abs(middle) < np.log(_LEAST_FACTOR) or np.mean(np.abs(ratio - middle) < np.log(1.5)) < _MOST:
            return False
        logs.append(middle)
    return len(logs) >= 3 and max(logs) - min(logs) < np.log(1.5)


def _single(t1: Mapping[str, np.ndarray], t2: Mapping[str, np.ndarray]) -> list[str]:
    """Return a sentence for each band that is many times brighter at one date while all others stay as they are."""
    ratios = _ratios(t1, t2)
    found = []
    for band, ratio in ratios.items():
        others = [abs(other) for name, other in ratios.items() if name != band]
        if len(others) >= 2 and abs(ratio) > np.log(_ALONE) and max(others) < np.log(2):
            one, other = ("T2", "T1") if ratio > 0 else ("T1", "T2")
            found.append(
                f"{band} is about {np.exp(abs(ratio)):,.0f} times as bright at {one} as at {other}, and no other band "
                "is: it may be in another unit, or hold another band."
            )
    return found


def _some_shifted(t1: Mapping[str, np.ndarray], t2: Mapping[str, np.ndarray]) -> list[str]:
    """Return a sentence where the offset shows in some visible bands while the others stay as they are."""
    changes = {name: t2[name] - t1[name] for name in t1 if name in VISIBLE}
    middles = {name: float(np.median(change)) for name, change in changes.items()}
    shifted = {name: changes[name] for name, middle in middles.items() if abs(middle) > _SHIFT}
    rest = [abs(middle) for name, middle in middles.items() if name not in shifted]
    size = _alike(shifted, _HARDLY_LESS) if shifted and len(changes) >= 3 else None
    if size is None or not rest or max(rest) > _STILL or abs(abs(size) - OFFSET) > 0.035:
        return []
    one, other = ("T2", "T1") if size > 0 else ("T1", "T2")
    return [
        f"{one} is brighter than {other} by about {abs(size):.3f} in {_listed(shifted)} and in nearly every pixel, and "
        "in no other visible band: these bands may carry the +1000 of baseline 04.00 alone, or hold other bands."
    ]


def _ratios(t1: Mapping[str, np.ndarray], t2: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the logarithm of how many times brighter each band's bright pixels are at T2, where both are above 0."""
    first, second = ({name: float(np.percentile(one[name], 95)) for name in one} for one in (t1, t2))
    return {name: float(np.log(second[name] / first[name])) for name in t1 if min(first[name], second[name]) > 0}


def _floors(t1: Mapping[str, np.ndarray], t2: Mapping[str, np.ndarray]) -> list[str]:
    """Return a sentence where nothing is dark at a date, in any band: an offset left in it."""
    visible = [name for name in t1 if name in VISIBLE]
    if len(visible) < 2:
        return []
    first, second = ({name: float(np.percentile(values, 0.2)) for name, values in one.items()} for one in (t1, t2))
    high = [min(one.values()) >= _FLOOR for one in (first, second)]
    if all(high):
        return [
            f"No band falls below {min(*first.values(), *second.values()):.2f} at either date: the numbers may still "
            "carry the +1000 of baseline 04.00, unless all is snow, sand or haze. Indices would be off."
        ]
    one, other, name = (second, first, "T2") if high[1] else (first, second, "T1")
    rises = [one[band] - other[band] for band in visible]
    if not any(high) or min(rises) < OFFSET - 0.03 or max(rises) > OFFSET + 0.035:
        return []
    return [
        f"{name} has nothing darker than {min(one.values()):.2f} in any band, and its darkest ground is brighter than "
        f"the other date's by about {float(np.median(rises)):.2f}: haze, or the +1000 that digital numbers carry since "
        f"baseline 04.00; where it is the offset, subtract 1000 from {name} first."
    ]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
