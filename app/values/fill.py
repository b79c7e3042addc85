"""Which numbers of a band stand for no data though nothing declares them."""

import numpy as np

# what programs write where they have no number; believed only far from everything else
KNOWN = (-1.0, -99.0, -999.0, -9999.0, -32767.0, -32768.0, 32767.0, 65535.0)
BRIGHTEST, DARKEST = 1.6, -0.25  # reflectance that is never measured, though snow and glint exceed 1
_BEYOND = 1e6  # no unit makes a measurement of it: the largest float and its like
_FEW = 4  # pixels that share a value nobody calls fill, before it is taken as such
_SAMPLE = 100_000


def take_out(values: np.ndarray, unit: float = 1.0) -> list[tuple[float, int]]:
    """Make NaN of what is fill in float32 (y, x) though nothing declares it; return each value with its pixels.

    Fill is the lowest or highest value, far from all others and beyond what can be measured: one
    that programs are known to write, or any that at least a few pixels share exactly.
    ``unit`` is about what one reflectance is in the numbers.
    """
    found = []
    for _ in range(6):  # one or two values at either end is what files hold
        ends = _ends(values)
        value = next((end for end in ends if abs(end) >= _BEYOND or _is_fill(end, values, unit)), None)
        if value is None:
            break
        same = values == np.float32(value)
        found.append((value, int(np.count_nonzero(same))))
        values[same] = np.nan
    return found


def _ends(values: np.ndarray) -> list[float]:
    """Return the lowest and the highest value, the one farther from 0 first; none where all is NaN."""
    if not values.size:
        return []
    low, high = float(np.fmin.reduce(values, axis=None)), float(np.fmax.reduce(values, axis=None))
    return sorted({low, high}, key=abs, reverse=True) if low == low else []


def _is_fill(end: float, values: np.ndarray, unit: float) -> bool:
    """Whether the lowest or highest value is fill; told from a sample first, for most scenes hold none."""
    some = sample(values)
    some = some[np.isfinite(some) & (some != np.float32(end))]
    if not some.size:
        return end in KNOWN and end != -1 and not np.isfinite(values[values != np.float32(end)]).any()
    low, high = (float(edge) for edge in np.percentile(some, (1, 99)))
    reflectance, apart = end / unit, 2 * (high - low)
    if end in KNOWN and end != -1:
        apart = 0.5 * abs(end)
        odd = reflectance > BRIGHTEST or reflectance < -0.005
    else:  # 0 is the nodata of digital numbers, and a measurement where others come near
        odd = reflectance > BRIGHTEST or reflectance < DARKEST or (end == 0 and low > 100)
    if not odd or max(low - end, end - high) <= apart:
        return False
    same = values == np.float32(end)
    few = 1 if end in KNOWN and end != -1 else _FEW
    others = values[~same & np.isfinite(values)]
    return bool(np.count_nonzero(same) >= few and np.abs([others.min() - end, others.max() - end]).min() > apart)


def inner_high(values: np.ndarray) -> float:
    """Return what a hundredth of the numbers exceed, without the lowest and highest, which may be fill."""
    some = sample(values)
    some = some[np.isfinite(some) & (np.abs(some) < _BEYOND) & ~np.isin(some, KNOWN)]
    inner = some[(some > some.min()) & (some < some.max())] if some.size else some
    some = inner if inner.size else some
    return float(np.percentile(some, 99)) if some.size else 0.0


def sample(values: np.ndarray) -> np.ndarray:
    """Return some of the values, (pixels), evenly spread and few enough to be sorted at once."""
    flat = values.reshape(-1)
    return flat[:: max(1, flat.size // _SAMPLE)]
