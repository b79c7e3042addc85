"""How values become brightness: a stretch chosen in words, and the numbers it comes to for a patch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.bands import CLOUD_MASK
from app.detection.indices import at_both_dates
from app.errors import InputError
from app.patches import CLEAR, clear_mask
from app.pictures.compositions import Composition

if TYPE_CHECKING:
    import xarray as xr

PERCENTILE, FIXED = "percentile", "fixed"
DEFAULT_PERCENTILES = (2.0, 98.0)
VALUE_RANGE = (-2.0, 2.0)  # every index lies in it, and reflectance does but for glare
LEAST_WIDTH = 0.001  # of a range of values: less than the noise of the sensor
GAMMA_RANGE = (0.2, 5.0)
_APART = "each"
_DECIMALS = 4  # of a number in a name
_SAMPLE_PX = 250_000  # pixels that percentiles are taken from: the same to a grey level as from all
_LEVELS = 4096  # steps between low and high before gamma, fine enough that none of the 256 is missed


@dataclass(frozen=True)
class Contrast:
    """What a reader chose; ``str`` gives its canonical name, which ``parse`` reads back.

    ``low`` and ``high`` are percentiles, or values where ``kind`` is "fixed"; None stands for
    the default: DEFAULT_PERCENTILES, or the composition's own range. Both dates share one stretch unless
    ``apart``.
    """

    kind: str = PERCENTILE
    low: float | None = None
    high: float | None = None
    gamma: float = 1.0
    apart: bool = False

    def __post_init__(self) -> None:
        if self.kind not in (PERCENTILE, FIXED):
            raise InputError(f"There is no stretch {self.kind[:40]!r}. Choose {PERCENTILE} or {FIXED}.")
        if (self.low is None) != (self.high is None):
            raise InputError("A stretch needs both ends of its range, for example fixed:0:0.3.")
        if self.low is not None and self.high is not None:
            self._check_range(self.low, self.high)
        if not GAMMA_RANGE[0] <= self.gamma <= GAMMA_RANGE[1]:
            raise InputError(f"A gamma of {self.gamma} is not usable; choose one from 0.2 to 5.")

    def _check_range(self, low: float, high: float) -> None:
        least, most = VALUE_RANGE if self.kind == FIXED else (0.0, 100.0)
        width = LEAST_WIDTH if self.kind == FIXED else 1.0
        if not (least <= low and high <= most and high - low >= width * (1 - 1e-9)):
            raise InputError(
                f"A {self.kind} stretch from {low} to {high} is not usable; choose a range of at least {width:g} "
                f"within {least:g} to {most:g}."
            )

    def __str__(self) -> str:
        parts = [self.kind]
        if self.low is not None:
            parts += [f"{self.low:g}", f"{self.high:g}"]
        if self.gamma != 1:
            parts.append(f"gamma{self.gamma:g}")
        return ":".join([*parts, _APART] if self.apart else parts)

    @property
    def percentiles(self) -> tuple[float, float]:
        """The two percentiles of a stretch of that kind."""
        return DEFAULT_PERCENTILES if self.low is None or self.high is None else (self.low, self.high)


USUAL = Contrast(PERCENTILE)  # what every picture is stretched by where nobody chose: pages, thumbnails, figures


def parse(text: str) -> Contrast:
    """Return the stretch that ``percentile[:2:98]`` or ``fixed[:0:0.3]`` names.

    ``:gamma1.4`` and ``:each``, which is each date by itself, may follow. Raises InputError.
    """
    kind, *rest = text.strip().lower().split(":")
    apart = bool(rest) and rest[-1] == _APART
    rest = rest[:-1] if apart else rest
    gamma = rest.pop().removeprefix("gamma") if rest and rest[-1].startswith("gamma") else "1"
    if len(rest) not in (0, 2):
        raise InputError(f"The stretch {text[:40]!r} is not understood; write it like percentile:2:98 or fixed:0:0.3.")
    low, high = (_number(part, text) for part in rest) if rest else (None, None)
    if kind == PERCENTILE and (low, high) == DEFAULT_PERCENTILES:
        low, high = None, None
    return Contrast(kind, low, high, _number(gamma, text), apart)


@dataclass(frozen=True)
class Stretch:
    """How values become brightness: one (low, high) a channel, the same at both dates.

    ``t2_limits`` are T2's own where the dates are stretched apart, as a labelled exception.
    """

    kind: str  # in words: what was chosen
    limits: tuple[tuple[float, float], ...]
    channels: tuple[str, ...] = ()  # the band or index of each limit
    gamma: float = 1.0
    t2_limits: tuple[tuple[float, float], ...] | None = None

    def at(self, when: int) -> tuple[tuple[float, float], ...]:
        """Return the limits of T1 (0) or T2 (1)."""
        return self.t2_limits if when == 1 and self.t2_limits is not None else self.limits

    def __str__(self) -> str:
        words = f"{self.kind}: {self._ranges(self.limits)}"
        if self.t2_limits is not None:
            words = (
                f"{self.kind}, each date by itself: T1 {self._ranges(self.limits)}; T2 {self._ranges(self.t2_limits)}"
            )
        gamma = f", gamma {self.gamma:g}" if self.gamma != 1 else ""
        warned = "; equal colours are not equal values" if self.t2_limits is not None else ""
        return words + gamma + warned

    def _ranges(self, limits: tuple[tuple[float, float], ...]) -> str:
        named = self.channels or ("",) * len(limits)
        if len(set(limits)) == 1:
            named, limits = (" ".join(dict.fromkeys(named)),), limits[:1]
        return ", ".join(
            f"{name} {low:.3f} to {high:.3f}".strip() for name, (low, high) in zip(named, limits, strict=True)
        )


def stretch(patch: xr.Dataset, composition: Composition, contrast: Contrast) -> Stretch:
    """Return the numbers a contrast comes to for a composition whose bands the patch holds.

    Percentiles are those of pixels clear at both dates; where the dates are stretched apart,
    of the pixels clear at each.
    """
    names = composition.channels
    if contrast.kind == FIXED:
        fixed = composition.fixed if contrast.low is None or contrast.high is None else (contrast.low, contrast.high)
        return Stretch("fixed range", (fixed,) * len(names), names, contrast.gamma)
    low, high = contrast.percentiles
    kind = f"{low:g} to {high:g} %"
    sample = sampled(patch)
    values = [channel_values(sample, composition, channel) for channel in range(len(names))]
    if not contrast.apart:
        clear = np.broadcast_to(clear_mask(sample), values[0].shape)
        return Stretch(kind, tuple(_limits(one, clear, contrast) for one in values), names, contrast.gamma)
    clear = sample[CLOUD_MASK].values == CLEAR
    first, second = (tuple(_limits(one[when], clear[when], contrast) for one in values) for when in (0, 1))
    return Stretch(kind, first, names, contrast.gamma, second)


def sampled(patch: xr.Dataset) -> xr.Dataset:
    """Return every nth pixel both ways, n such that enough are left to take percentiles from."""
    height, width = patch.sizes["y"], patch.sizes["x"]
    step = max(1, math.isqrt(height * width // _SAMPLE_PX))
    return patch if step == 1 else patch.isel(y=slice(None, None, step), x=slice(None, None, step))


def channel_values(patch: xr.Dataset, composition: Composition, channel: int) -> np.ndarray:
    """Return what one channel of a composition shows, float32 (2, y, x), NaN where nodata or undefined."""
    if composition.index:
        return np.stack(at_both_dates(patch, composition.index))
    return patch[composition.bands[channel]].values


def scaled(values: np.ndarray, low: float, high: float, gamma: float = 1.0) -> np.ndarray:
    """Return values as brightness, uint8 of the same shape: 0 at ``low`` and below or NaN, 255 at ``high`` and above.

    A ``gamma`` above 1 lifts the dark half.
    """
    top = 255 if gamma == 1 else _LEVELS - 1
    steps = np.subtract(values, np.float32(low), dtype=np.float32)
    steps *= np.float32(top / (high - low))
    steps += np.float32(0.5)
    np.fmin(np.fmax(steps, 0, out=steps), top, out=steps)  # fmax takes NaN to 0
    if gamma == 1:
        return steps.astype(np.uint8)
    return np.take(_curve(gamma), steps.astype(np.uint16))


def _curve(gamma: float) -> np.ndarray:
    return np.rint(255 * np.linspace(0, 1, _LEVELS) ** (1 / gamma)).astype(np.uint8)


def _limits(values: np.ndarray, clear: np.ndarray, contrast: Contrast) -> tuple[float, float]:
    usable = values[clear] if clear.any() else values
    usable = usable[np.isfinite(usable)]
    if usable.size == 0:
        return 0.0, 1.0
    low, high = np.percentile(usable, contrast.percentiles)
    return float(low), float(max(high, low + LEAST_WIDTH))


def _number(part: str, text: str) -> float:
    try:
        value = float(part)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"The stretch {text[:40]!r} is not understood: {part[:20]!r} is no number.")
    return round(value, _DECIMALS)
