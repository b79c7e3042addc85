"""Random fields that are functions of world coordinates: the same place always gives the same value."""

from dataclasses import dataclass

import numpy as np

_SPLINE_STD = 0.2766  # of a cubic B-spline through uniform values in -1 to 1, averaged over the phase


def hashed(ix: np.ndarray | int, iy: np.ndarray | int, seed: int) -> np.ndarray:
    """Return a uint64 for every pair of integers, well mixed and the same on every machine.

    The finaliser is SplitMix64's (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
    """
    ix, iy = np.atleast_1d(np.asarray(ix, np.int64)), np.atleast_1d(np.asarray(iy, np.int64))
    x = ix.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    y = iy.view(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    z = (x ^ (y + np.uint64((seed * 0xD6E8FEB86659FD93) & 0xFFFFFFFFFFFFFFFF))) + np.uint64(0x165667B19E3779F9)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(ix: np.ndarray | int, iy: np.ndarray | int, seed: int) -> np.ndarray:
    """Return float64 in 0 to 1 for every pair of integers."""
    return (hashed(ix, iy, seed) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(ix: np.ndarray, iy: np.ndarray, seed: int) -> np.ndarray:
    """Return float32 values close to a standard normal: four 16-bit parts of one hash, summed."""
    bits = hashed(ix, iy, seed)
    a, b, c, d = (((bits >> np.uint64(shift)) & np.uint64(0xFFFF)).astype(np.float32) for shift in (0, 16, 32, 48))
    return ((a + b + c + d) / np.float32(65536) - np.float32(2)) * np.float32(3**0.5)


def combine(seed: int, *parts: int) -> int:
    """Return one seed for a seed and further integers (a date's ordinal, a purpose)."""
    for part in parts:
        seed = int(hashed(part, seed & 0x7FFFFFFF, 17)[0]) & 0x7FFFFFFFFFFF
    return seed


def smooth(x: np.ndarray, y: np.ndarray, wavelength: float, seed: int) -> np.ndarray:
    """Return one octave of smooth noise on the grid of ``x`` (w,) and ``y`` (h,), in metres.

    Float64 (h, w), mean 0 and standard deviation 1: a cubic B-spline through hashed lattice
    values. Each seed shifts the lattice, so that octaves never line up.
    """
    shift = uniform(np.array([1, 2]), 0, seed)
    (column, across), (row, down) = _taps(x / wavelength + shift[0]), _taps(y / wavelength + shift[1])
    columns, rows = (np.arange(at.min() - 1, at.max() + 3) for at in (column, row))
    values = 2 * uniform(columns[None, :], rows[:, None], seed) - 1
    return _spread(values, row - row.min(), down, column - column.min(), across) / _SPLINE_STD


def _taps(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lattice cell (n,) of positions ``at`` and the weights (4, n) of the points from one before it."""
    cell = np.floor(at).astype(np.int64)
    t = at - cell
    four = ((1 - t) ** 3 / 6, (3 * t**3 - 6 * t**2 + 4) / 6, (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6, t**3 / 6)
    return cell, np.stack(four)


def _spread(
    values: np.ndarray, row: np.ndarray, down: np.ndarray, column: np.ndarray, across: np.ndarray
) -> np.ndarray:
    """Return the spline through lattice ``values``; plain sums, so that no window changes a bit of the result."""
    lines = sum(np.take(values, row + k, axis=0) * down[k][:, None] for k in range(4))
    return sum(np.take(lines, column + k, axis=1) * across[k] for k in range(4))


def spline(values: np.ndarray, x: np.ndarray, y: np.ndarray, x0: float, y0: float, step: float) -> np.ndarray:
    """Return ``values`` (rows by y, columns by x, from (x0, y0) every ``step``) on a finer grid.

    A smoothing cubic B-spline; positions outside repeat the edge. Float64 (len(y), len(x)).
    """
    (column, across), (row, down) = _taps((x - x0) / step), _taps((y - y0) / step)
    padded = np.pad(values, 3, mode="edge")
    row, column = (np.clip(at + 2, 0, size - 4) for at, size in zip((row, column), padded.shape, strict=True))
    return _spread(padded, row, down, column, across)


def fbm(x: np.ndarray, y: np.ndarray, wavelength: float, seed: int, octaves: int = 4, gain: float = 0.5) -> np.ndarray:
    """Return fractal noise, float64 (h, w) with mean 0 and standard deviation 1.

    Each octave halves the wavelength (metres) and multiplies the amplitude by ``gain``.
    """
    total = sum(gain**i * smooth(x, y, wavelength / 2**i, combine(seed, i)) for i in range(octaves))
    return total / np.sqrt(sum(gain ** (2 * i) for i in range(octaves)))


@dataclass(frozen=True)
class Tessellation:
    """A tessellation around jittered lattice points, evaluated at given positions (all (h, w))."""

    column: np.ndarray  # lattice column of the nearest point
    row: np.ndarray
    edge_m: np.ndarray  # distance to the boundary with the next cell
    point_x: np.ndarray  # the nearest point itself
    point_y: np.ndarray


def cells(x: np.ndarray, y: np.ndarray, size: float, seed: int, jitter: float = 0.8) -> Tessellation:
    """Return the cell that holds each position; ``x`` and ``y`` are (h, w) in metres.

    Source: Worley (1996), doi:10.1145/237170.237267.
    """
    home_c, home_r = np.floor(x / size).astype(np.int64), np.floor(y / size).astype(np.int64)
    near = [np.full(np.shape(x), np.inf)] + [np.zeros(np.shape(x)) for _ in range(4)]
    second = [np.full(np.shape(x), np.inf)] + [np.zeros(np.shape(x)) for _ in range(2)]
    for dr in (-1, 0, 1):
        for dc in (-1, 0, 1):
            column, row = home_c + dc, home_r + dr
            px, py = cell_point(column, row, size, seed, jitter)
            squared = (px - x) ** 2 + (py - y) ** 2
            _rank([squared, px, py, column, row], near, second)
    apart = np.hypot(near[1] - second[1], near[2] - second[2])
    edge = (second[0] - near[0]) / (2 * np.maximum(apart, 1e-6))
    return Tessellation(near[3].astype(np.int64), near[4].astype(np.int64), edge, near[1], near[2])


def cell_point(
    column: np.ndarray | int, row: np.ndarray | int, size: float, seed: int, jitter: float = 0.8
) -> tuple[np.ndarray, np.ndarray]:
    """Return the position (x, y) of the point of each lattice square, in metres."""
    bits = hashed(column, row, seed)
    u = (bits & np.uint64(0xFFFFFFFF)).astype(np.float64) * 2.0**-32
    v = (bits >> np.uint64(32)).astype(np.float64) * 2.0**-32
    return (column + 0.5 + jitter * (u - 0.5)) * size, (row + 0.5 + jitter * (v - 0.5)) * size


def _rank(found: list, near: list, second: list) -> None:
    """Keep the nearest and the second nearest point of every position, in place."""
    first = found[0] < near[0]
    middle = ~first & (found[0] < second[0])
    for k, kept in enumerate(second):
        kept[...] = np.where(first, near[k], np.where(middle, found[k], kept))
    for k, kept in enumerate(near):
        kept[...] = np.where(first, found[k], kept)


def rise(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return 0 below ``low``, 1 above ``high`` and a smooth rise between them."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
