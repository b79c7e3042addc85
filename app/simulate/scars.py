"""Landslide scars: where they start, how they run down the flow line, and what they leave bare."""

from dataclasses import dataclass

import numpy as np

from app.simulate.lattice import NATIVE_M, Lattice
from app.simulate.noise import cell_point, combine, fbm, hashed, rise, smooth, uniform
from app.simulate.terrain import NODE_M, Massifs, winding

STEEP = np.tan(np.radians(20))  # slides of soil start above about 20 degrees
LONGEST_M = 900.0
HALF_WIDTH_M = (21.0, 64.0)
SITE_SPACING_M = 820.0  # of the lattice of places where a slide may start
SITE_M = 300.0  # a slide starts about this far from its place, at most twice as far
FREE_CHANCE = 0.5  # every second place has its slide for certain, the others with this chance
APART_M = 260.0  # between two heads
BRANCH_CHANCE = 0.4


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


def site(column: np.ndarray | int, row: np.ndarray | int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the place (x, y) of each lattice square around which a slide is looked for."""
    return cell_point(column, row, SITE_SPACING_M, combine(seed, 66), jitter=0.5)


def certain(column: np.ndarray | int, row: np.ndarray | int) -> np.ndarray | bool:
    """Whether a place has its slide wherever there is steep ground; clouds keep away from these."""
    return (column + row) % 2 == 0


def scars(massifs: Massifs, lattice: Lattice, seed: int) -> Scars:
    """Return the scars of every massif that touches the window, drawn on its pixels."""
    return drawn(_all(massifs, seed), lattice, seed)


def drawn(every: list[Scar], lattice: Lattice, seed: int) -> Scars:
    """Return scars drawn on the pixels of a window; where they overlap, the one that holds more of the pixel."""
    share, along = np.zeros(lattice.shape), np.zeros(lattice.shape)
    number = np.zeros(lattice.shape, np.int32)
    for scar in every:
        window = _window(scar, lattice)
        if window is None:
            continue
        part, where = _drawn(scar, lattice.x[window[1]], lattice.y[window[0]], combine(seed, 61, scar.key))
        stronger = part > share[window]
        for kept, new in ((share, part), (along, where), (number, scar.key)):
            kept[window] = np.where(stronger, new, kept[window])
    return Scars(share, along, number)


def _all(massifs: Massifs, seed: int) -> list[Scar]:
    """Return the scars of all whole massifs, found place by place; each stays on the massif of its place."""
    hillside: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # massif -> nodes, and how ready each is to fail
    found: list[Scar] = []
    for column, row, key in _places(massifs, seed):
        draws = uniform(np.arange(5) + 5 * column, row, combine(seed, 63))
        if not certain(column, row) and draws[4] > FREE_CHANCE:
            continue
        if key not in hillside:
            nodes = np.flatnonzero((massifs.key == key) & ~massifs.floor)
            hillside[key] = nodes, _appeal(massifs, nodes)
        nodes, appeal = hillside[key]
        away = _away(massifs, nodes, *(float(at[0]) for at in site(column, row, seed))) / SITE_M
        score = np.where(away < 2, appeal - 0.5 * away**2, -np.inf)
        best = int(np.argmax(score)) if len(nodes) else 0
        if len(nodes) and np.isfinite(score[best]):
            found += _slide(massifs, nodes, score, best, draws[:4], seed)
            head = _away(massifs, nodes, *_position(massifs, nodes[best]))
            hillside[key] = nodes, np.where(head < APART_M, -np.inf, appeal)
    return found


def _places(massifs: Massifs, seed: int) -> list[tuple[int, int, int]]:
    """Return (column, row, massif) of every place that lies on a whole massif."""
    columns, rows = (
        np.arange(at[0] // SITE_SPACING_M, at[-1] // SITE_SPACING_M + 1).astype(np.int64)
        for at in (massifs.x, massifs.y)
    )
    column, row = (at.ravel() for at in np.meshgrid(columns, rows))
    x, y = site(column, row, seed)
    at_c, at_r = (np.round((p - axis[0]) / NODE_M).astype(int) for p, axis in ((x, massifs.x), (y, massifs.y)))
    inside = (at_c >= 0) & (at_c < len(massifs.x)) & (at_r >= 0) & (at_r < len(massifs.y))
    column, row, at_c, at_r = (values[inside] for values in (column, row, at_c, at_r))
    whole = ~np.isnan(massifs.height[at_r, at_c])
    return list(zip(column[whole].tolist(), row[whole].tolist(), massifs.key[at_r, at_c][whole].tolist(), strict=True))


def _position(massifs: Massifs, node: int) -> tuple[float, float]:
    return float(massifs.x[node % len(massifs.x)]), float(massifs.y[node // len(massifs.x)])


def _away(massifs: Massifs, nodes: np.ndarray, x: float, y: float) -> np.ndarray:
    columns = len(massifs.x)
    return np.hypot(massifs.x[nodes % columns] - x, massifs.y[nodes // columns] - y)


def _appeal(massifs: Massifs, nodes: np.ndarray) -> np.ndarray:
    """Return how ready each node is to fail: steep, high on the slope, near the head of a hollow."""
    slope, area = massifs.slope.ravel()[nodes], massifs.area.ravel()[nodes]
    above = massifs.above.ravel()[nodes]
    height = above / max(float(above.max(initial=0)), 1.0)
    ready = 1.2 * rise(slope, STEEP, 0.8) + 1.1 * rise(height, 0.15, 0.7) + 0.5 * np.exp(-((np.log10(area) - 3.6) ** 2))
    return np.where((slope > STEEP) & (above > 25), ready, -np.inf)


def _slide(
    massifs: Massifs, nodes: np.ndarray, score: np.ndarray, best: int, draws: np.ndarray, seed: int
) -> list[Scar]:
    """Return the scar that starts at ``nodes[best]``, with a second arm where the draw says so."""
    main = _path(massifs, int(nodes[best]), 180 + (LONGEST_M - 180) * draws[0] ** 1.6)
    length = NODE_M * len(main)
    half = float(np.clip((0.10 + 0.12 * draws[1]) * length, *HALF_WIDTH_M))
    key = _number(massifs, int(nodes[best]), seed)
    arms = [_scar(massifs, main, half, draws[3], key, seed)]
    if draws[2] < BRANCH_CHANCE:
        apart = _away(massifs, nodes, *_position(massifs, nodes[best]))
        second = int(np.argmax(np.where((apart > 2.5 * half) & (apart < 240), score, -np.inf)))
        arm = _until(_path(massifs, int(nodes[second]), length), main)
        if arm is not None:
            arms.append(_scar(massifs, arm, 0.75 * half, 0.2, key, seed))
    return arms


def _until(path: np.ndarray, main: np.ndarray) -> np.ndarray | None:
    """Return a path up to where it meets the upper part of ``main``, or None where it does not."""
    met = np.flatnonzero(np.isin(path, main[: max(2, 2 * len(main) // 3)]))
    return path[: met[0] + 1] if len(met) and met[0] >= 3 else None


def _number(massifs: Massifs, node: int, seed: int) -> int:
    """Return a positive number for a landslide that does not depend on the window it is seen in."""
    x, y = _position(massifs, node)
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
