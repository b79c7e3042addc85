"""Landslide scars: where they start, how they run down the flow line, and what they leave bare."""

from dataclasses import dataclass

import numpy as np

from app.simulate.lattice import NATIVE_M, Lattice
from app.simulate.noise import cell_point, combine, fbm, hashed, rise, smooth, uniform
from app.simulate.terrain import MASSIF_JITTER, MASSIF_M, NODE_M, Massifs, winding

STEEP = np.tan(np.radians(20))  # slides of soil start above about 20 degrees
LONGEST_M = 900.0
HALF_WIDTH_M = (18.0, 62.0)
TARGETS = 5  # places on a massif where a slide may start; the first always does
TARGET_CHANCE = 0.55
BRANCH_CHANCE = 0.4
SITE_M = 300.0  # a slide starts within about this distance of its target
SPREAD_M = 620.0  # how far the other targets lie from the massif's site


@dataclass(frozen=True)
class Scar:
    """One landslide: its centre line from head to toe and its half width along it, in metres."""

    x: np.ndarray
    y: np.ndarray
    half_m: np.ndarray
    along: np.ndarray  # 0 at the head, 1 at the toe
    key: int  # the same for all arms of one landslide, positive


@dataclass(frozen=True)
class Scars:
    """All scars of a lattice window, (h, w)."""

    share: np.ndarray  # of each pixel that slid, 0 to 1
    along: np.ndarray  # 0 head, 1 toe, where share > 0
    number: np.ndarray  # int32, 0 none, else which scar


def site(column: np.ndarray, row: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the place (x, y) around which each massif's first scar is looked for; clouds keep away from it."""
    return cell_point(column, row, MASSIF_M, combine(seed, 45), MASSIF_JITTER)


def scars(massifs: Massifs, lattice: Lattice, seed: int) -> Scars:
    """Return the scars of every massif that touches the window, drawn on its pixels."""
    share, along = np.zeros(lattice.shape), np.zeros(lattice.shape)
    number = np.zeros(lattice.shape, np.int32)
    for scar in _all(massifs, seed):
        window = _window(scar, lattice)
        if window is None:
            continue
        part, where = _drawn(scar, lattice.x[window[1]], lattice.y[window[0]], combine(seed, 61, scar.key))
        stronger = part > share[window]
        for kept, new in ((share, part), (along, where), (number, scar.key)):
            kept[window] = np.where(stronger, new, kept[window])
    return Scars(share, along, number)


def _all(massifs: Massifs, seed: int) -> list[Scar]:
    found: list[Scar] = []
    whole = ~np.isnan(massifs.height)
    for key in np.unique(massifs.key[whole]):
        nodes = np.flatnonzero((massifs.key == key) & whole & ~massifs.floor)
        if len(nodes) > 40:
            found += _of_massif(massifs, nodes, int(key), seed)
    return found


def _of_massif(massifs: Massifs, nodes: np.ndarray, key: int, seed: int) -> list[Scar]:
    """Return one to five scars of a massif, none where nothing is steep."""
    row, column = (key >> 20) - 40_000, (key & 0xFFFFF) - 400_000
    home = [float(at[0]) for at in site(column, row, seed)]
    x, y = massifs.x[nodes % len(massifs.x)], massifs.y[nodes // len(massifs.x)]
    appeal = _appeal(massifs, nodes) + 0.5 * uniform(nodes * 0 + key, np.round(x + 7919 * y).astype(np.int64), combine(seed, 62))
    made: list[Scar] = []
    for k in range(TARGETS):
        draws = uniform(np.arange(7), key * TARGETS + k, combine(seed, 63))
        if k and draws[6] > TARGET_CHANCE:
            continue
        aside = SPREAD_M * (2 * draws[4:6] - 1) * (k > 0)
        score = appeal - np.minimum(np.hypot(x - home[0] - aside[0], y - home[1] - aside[1]) / SITE_M, 3) ** 2 * 0.5
        best = int(np.argmax(score))
        if not np.isfinite(score[best]):
            break
        made += _slide(massifs, nodes, score, best, draws[:4], seed)
        appeal = np.where(np.hypot(x - x[best], y - y[best]) < 260, -np.inf, appeal)
    return made


def _appeal(massifs: Massifs, nodes: np.ndarray) -> np.ndarray:
    """Return how ready each node is to fail: steep, high on the slope, near the head of a hollow."""
    slope, area = massifs.slope.ravel()[nodes], massifs.area.ravel()[nodes]
    above = massifs.above.ravel()[nodes]
    height = above / max(float(above.max()), 1.0)
    ready = 1.2 * rise(slope, STEEP, 0.8) + 0.8 * rise(height, 0.15, 0.6) + 0.5 * np.exp(-((np.log10(area) - 3.6) ** 2))
    return np.where((slope > STEEP) & (above > 25), ready, -np.inf)


def _slide(massifs: Massifs, nodes, score, best: int, draws: np.ndarray, seed: int) -> list[Scar]:
    """Return the scar that starts at ``nodes[best]``, with a second arm where the draw says so."""
    main = _path(massifs, int(nodes[best]), 180 + (LONGEST_M - 180) * draws[0] ** 1.6)
    length = NODE_M * len(main)
    half = float(np.clip((0.075 + 0.10 * draws[1]) * length, *HALF_WIDTH_M))
    key = _number(massifs, int(nodes[best]), seed)
    arms = [_scar(massifs, main, half, draws[3], key, seed)]
    if draws[2] < BRANCH_CHANCE:
        columns = len(massifs.x)
        apart = NODE_M * np.hypot(nodes % columns - nodes[best] % columns, nodes // columns - nodes[best] // columns)
        second = int(np.argmax(np.where((apart > 3 * half) & (apart < 260), score, -np.inf)))
        arms.append(_scar(massifs, _path(massifs, int(nodes[second]), 0.8 * length), 0.7 * half, 0.2, key, seed))
    return arms


def _number(massifs: Massifs, node: int, seed: int) -> int:
    """Return a positive number for a landslide that does not depend on the window it is seen in."""
    x, y = massifs.x[node % len(massifs.x)], massifs.y[node // len(massifs.x)]
    return int(hashed(int(x), int(y), combine(seed, 65))[0] >> np.uint64(34)) + 1


def _path(massifs: Massifs, node: int, length: float) -> np.ndarray:
    """Return the nodes a slide passes: down the flow line until it is long enough or the ground flattens."""
    tree, slope, columns = massifs.receiver.ravel(), massifs.slope.ravel(), len(massifs.x)
    path, run = [node], 0.0
    while tree[node] != node and run < length and (run < 120 or slope[node] > np.tan(np.radians(7))):
        onward = int(tree[node])
        run += NODE_M * float(np.hypot(onward % columns - node % columns, onward // columns - node // columns))
        path.append(onward)
        node = onward
    return np.array(path)


def _scar(massifs: Massifs, path: np.ndarray, half: float, spread: float, key: int, seed: int) -> Scar:
    """Return a scar along a path: a rounded head, a narrower track, a toe that spreads (``spread`` 0 to 1)."""
    columns = len(massifs.x)
    coarse = np.linspace(0, 1, len(path))
    along = np.linspace(0, 1, max(8, 4 * len(path)))
    at = _surfaced(massifs.x[path % columns], massifs.y[path // columns], seed)
    x, y = (np.interp(along, coarse, _eased(values)) for values in at)
    narrow = 1 - (0.5 - 0.3 * spread) * rise(along, 0.22, 0.5)
    wider = 1 + (0.15 + 0.75 * spread) * rise(along, 0.6, 0.9)
    ends = np.sqrt(np.clip(along / 0.13, 0.1, 1)) * np.sqrt(np.clip((1.01 - along) / 0.12, 0, 1))
    uneven = np.exp(0.28 * np.diag(smooth(x, y, 75, combine(seed, 64))))
    return Scar(x, y, half * narrow * wider * ends * uneven, along, key)


def _surfaced(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where on the ground drainage nodes come to lie: the inverse of ``winding``."""
    at_x, at_y = x.astype(float), y.astype(float)
    for _ in range(3):
        east, north = winding(at_x, at_y, seed)
        at_x, at_y = x - np.diag(east), y - np.diag(north)
    return at_x, at_y


def _eased(values: np.ndarray) -> np.ndarray:
    """Return positions smoothed along the path, ends kept: nodes lie on a grid, slides do not."""
    padded = np.pad(values.astype(float), 2, mode="reflect", reflect_type="odd") if len(values) > 2 else None
    return values if padded is None else np.convolve(padded, np.array([1, 2, 3, 2, 1]) / 9, mode="valid")


def _window(scar: Scar, lattice: Lattice) -> tuple[slice, slice] | None:
    """Return the rows and columns a scar may touch, or None where it lies outside the window."""
    reach = 2 * scar.half_m.max() + 3 * NATIVE_M
    sides = []
    for at, axis in ((scar.y, lattice.y), (scar.x, lattice.x)):
        low, high = np.searchsorted(axis, [at.min() - reach, at.max() + reach])
        if low == high:
            return None
        sides.append(slice(int(low), int(high)))
    return sides[0], sides[1]


def _drawn(scar: Scar, x: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of each pixel inside the scar and the position along it."""
    inside = np.full((len(y), len(x)), -np.inf)
    along = np.zeros(inside.shape)
    for px, py, half, where in zip(scar.x, scar.y, scar.half_m, scar.along, strict=True):
        depth = half - np.hypot(x[None, :] - px, y[:, None] - py)
        along = np.where(depth > inside, where, along)
        inside = np.maximum(inside, depth)
    ragged = inside + 0.28 * scar.half_m.max() * fbm(x, y, 90, seed, octaves=4, gain=0.72)
    return np.clip(0.5 + ragged / NATIVE_M, 0, 1), along
