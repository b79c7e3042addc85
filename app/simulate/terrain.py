"""Terrain with drainage: massifs between valleys, cut by streams until slope and catchment agree."""

from dataclasses import dataclass

import numpy as np

from app.simulate.lattice import NATIVE_M, Lattice
from app.simulate.noise import cells, combine, fbm, rise, smooth, spline, uniform

MASSIF_M = 1500.0  # spacing of massifs; valleys run between them
MASSIF_JITTER = 0.6  # how irregular they lie, 0 to 1
PLAIN_CHANCE = 0.85  # of a massif that may be a plain
NODE_M = 20  # spacing of the drainage nodes
FLAT_FALL_M = 0.05  # from node to node where nothing else says where water goes
CONCAVITY = 0.45  # theta in slope = ks * area ** -theta (Flint 1974, doi:10.1029/WR010i005p00969)
_REACH_M = 2900.0  # how far a massif that touches the window can extend beyond it
_WINDING_M = 140.0  # and how far aside its nodes may be read
_NEIGHBOURS = tuple((dr, dc) for dr in (-1, 0, 1) for dc in (-1, 0, 1) if dr or dc)


@dataclass(frozen=True)
class Massifs:
    """Heights and flow on 20 m nodes, for whole massifs: (rows, columns), row 0 southernmost."""

    x: np.ndarray
    y: np.ndarray
    height: np.ndarray  # m; NaN outside the massifs that touch the window
    slope: np.ndarray  # tangent along the flow
    area: np.ndarray  # catchment, m2
    receiver: np.ndarray  # flat index of the node each one drains to; itself on valley floors
    floor: np.ndarray  # bool: valley floor or river plain
    above: np.ndarray  # m above the valley
    key: np.ndarray  # one integer a massif
    river_m: np.ndarray  # signed distance to the main river's line
    edge_m: np.ndarray  # distance to the next massif


@dataclass(frozen=True)
class Terrain:
    """The ground of a lattice window at 10 m, float64 (h, w), row 0 southernmost."""

    height: np.ndarray  # m
    east: np.ndarray  # gradient towards the east, m/m
    north: np.ndarray
    slope: np.ndarray  # degrees
    above: np.ndarray  # m above the valley
    flow: np.ndarray  # log10 of the catchment in m2
    river_m: np.ndarray  # signed distance to the main river's line
    massifs: Massifs


@dataclass(frozen=True)
class _Plan:
    """What is known of any position before water has worked on it, all (h, w)."""

    base: np.ndarray  # height of the valley floor, m
    edge_m: np.ndarray  # distance to the boundary between massifs
    floor: np.ndarray
    uplift: np.ndarray  # steepness of the massif, about 0 (plain) to 1.2
    key: np.ndarray
    river_m: np.ndarray


def terrain(lattice: Lattice, seed: int) -> Terrain:
    """Return the terrain of a window; overlapping windows agree.

    Every massif drains to the valleys around it, whose place and height are functions of the
    coordinates, so its streams depend on nothing outside it.
    """
    massifs = _massifs(lattice, seed)
    x, y = lattice.x, lattice.y
    aside = winding(x, y, seed)
    at = ((y[:, None] + aside[1] - massifs.y[0]) / NODE_M, (x[None, :] + aside[0] - massifs.x[0]) / NODE_M)
    known = np.where(np.isnan(massifs.height), np.nanmin(massifs.height), massifs.height)
    above = _read(massifs.above, at)
    rough = 0.25 + 2.2 * rise(above, 2, 60)
    height = _read(known, at) + rough * fbm(x, y, 170, combine(seed, 21), octaves=4, gain=0.55)
    north, east = np.gradient(height, NATIVE_M)
    return Terrain(
        height=height,
        east=east,
        north=north,
        slope=np.degrees(np.arctan(np.hypot(east, north))),
        above=above,
        flow=_read(np.log10(massifs.area), at),
        river_m=_read(massifs.river_m, at),
        massifs=massifs,
    )


def winding(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how far (east, north) of each position its drainage nodes are read, in metres, (h, w).

    Water on the nodes runs in eight directions; read through this, valleys wind.
    """
    east, north = (
        26 * smooth(x, y, 300, combine(seed, k)) + 11 * smooth(x, y, 120, combine(seed, k + 2)) for k in (22, 23)
    )
    return east, north


def _read(values: np.ndarray, at: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return node values at fractional (row, column) positions, through a smoothing cubic B-spline."""
    from scipy.ndimage import map_coordinates

    return map_coordinates(values, at, order=3, prefilter=False, mode="nearest")


def _river_line(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Return a field whose zero line is the main river."""
    wide = smooth(x, y, 3600, combine(seed, 31)) + 0.33 * smooth(x, y, 2100, combine(seed, 32))
    return wide + 0.085 * smooth(x, y, 620, combine(seed, 33)) + 0.02 * smooth(x, y, 240, combine(seed, 34))


def _river_m(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    line = _river_line(x, y, seed)
    north, east = np.gradient(line, x[1] - x[0])
    return line / np.maximum(np.hypot(east, north), 1.5e-4)


def _plan(x: np.ndarray, y: np.ndarray, seed: int) -> _Plan:
    bend = [230 * fbm(x, y, 1100, combine(seed, k), 5, 0.62) for k in (41, 42)]
    cell = cells(x[None, :] + bend[0], y[:, None] + bend[1], MASSIF_M, combine(seed, 45), MASSIF_JITTER)
    river = _river_m(x, y, seed)
    draw = uniform(cell.column, cell.row, combine(seed, 46))
    alone = (cell.column % 2 == 0) & (cell.row % 2 == 0)  # plains never adjoin: every scene has its slopes
    uplift = np.where(alone & (draw < PLAIN_CHANCE), 0.05 + 0.12 * draw, 0.6 + 0.6 * draw)
    half = 26 + 75 * rise(smooth(x, y, 1200, combine(seed, 47)), -0.3, 1.8)
    floor = (cell.edge_m < half) | (np.abs(river) < half + 45)
    base = 60 + 70 * np.abs(_river_line(x, y, seed)) + 18 * smooth(x, y, 3000, combine(seed, 48))
    key = ((cell.row + 40_000) << 20) + cell.column + 400_000
    return _Plan(base, cell.edge_m, floor, uplift, key, river)


def _massifs(lattice: Lattice, seed: int) -> Massifs:
    """Return the drainage of every massif that touches the window, eroded at 40 m, then at 20 m."""
    coarse = 2 * NODE_M
    x, y = (_axis(at[0] - _REACH_M, at[-1] + _REACH_M, coarse) for at in (lattice.x, lattice.y))
    plan = _plan(x, y, seed)
    inside = (np.abs(x - lattice.x.mean()) <= np.ptp(lattice.x) / 2 + _WINDING_M)[None, :] & (
        np.abs(y - lattice.y.mean()) <= np.ptp(lattice.y) / 2 + _WINDING_M
    )[:, None]
    needed = np.isin(plan.key, np.unique(plan.key[inside]))
    rows, columns = (np.flatnonzero(needed.any(axis=axis)) for axis in (1, 0))
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    first = _eroded(_cut(plan, window), needed[window], x[window[1]], y[window[0]], seed, None, rounds=14)
    fine_x, fine_y = (_axis(at[0], at[-1] + NODE_M, NODE_M) for at in (x[window[1]], y[window[0]]))
    plan = _plan(fine_x, fine_y, seed)
    needed = np.isin(plan.key, first.key[~np.isnan(first.height)])
    return _eroded(plan, needed, fine_x, fine_y, seed, first, rounds=7)


def _axis(low: float, high: float, step: int) -> np.ndarray:
    start = np.floor(low / (2 * NODE_M)) * 2 * NODE_M
    return np.arange(start, high + step / 2, step)


def _cut(plan: _Plan, window: tuple[slice, slice]) -> _Plan:
    return _Plan(*(getattr(plan, name)[window] for name in ("base", "edge_m", "floor", "uplift", "key", "river_m")))


def _eroded(
    plan: _Plan, needed: np.ndarray, x: np.ndarray, y: np.ndarray, seed: int, coarse: Massifs | None, rounds: int
) -> Massifs:
    """Return the massifs after ``rounds`` of routing water and moving each node towards its stream's profile."""
    step = float(x[1] - x[0])
    steepest = np.tan(np.radians(37 + 4 * smooth(x, y, 300, combine(seed, 51)))) * (
        0.25 + 0.75 * np.minimum(plan.uplift, 1)
    )
    strength = 29 * plan.uplift * np.exp(0.35 * fbm(x, y, 500, combine(seed, 52), 3))
    if coarse is None:
        above = plan.uplift * (0.15 * plan.edge_m + 30 + 22 * fbm(x, y, 420, combine(seed, 53), 4, 0.6))
    else:
        apart = coarse.above * rise(coarse.edge_m, 90, 170)  # no massif's start may depend on the next one's
        above = spline(apart, x, y, coarse.x[0], coarse.y[0], 2 * step)
        above = above + plan.uplift * 1.5 * smooth(x, y, 60, combine(seed, 54))
    height = plan.base + np.where(plan.floor, 0, np.maximum(above, 0.5))
    height[~needed & ~plan.floor] = np.inf
    floor = plan.floor | ~needed
    ways = _ways(plan.key, floor, x, y, step, seed)
    height = _filled(height, floor, ways)
    for _ in range(rounds):
        receiver, run = _receivers(height, floor, step, ways)
        profile, slope, area = _profiles(height, receiver, run, strength, steepest, step)
        height[~floor] += 0.6 * (profile[~floor] - height[~floor])
    height = np.where(needed, height, np.nan)
    above = np.where(needed, height - plan.base, 0)
    return Massifs(x, y, height, slope, area, receiver, plan.floor, above, plan.key, plan.river_m, plan.edge_m)


def _ways(key: np.ndarray, floor: np.ndarray, x: np.ndarray, y: np.ndarray, step: float, seed: int) -> list[np.ndarray]:
    """Return, for each of the eight directions, how readily water goes there: 0 into another massif.

    The weights are random, so that streams do not run along the directions of the grid
    (Fairfield and Leymarie 1991, doi:10.1029/90WR02658).
    """
    columns, rows = (np.round(at / step).astype(np.int64) for at in (x, y))
    own, level = np.pad(key, 1, constant_values=-1), np.pad(floor, 1)
    ways = []
    for number, (dr, dc) in enumerate(_NEIGHBOURS):
        there = np.s_[1 + dr : 1 + dr + len(y), 1 + dc : 1 + dc + len(x)]
        weight = 0.75 + 0.5 * uniform(columns[None, :], rows[:, None], combine(seed, 55, number))
        ways.append(np.where((own[there] == key) | level[there], weight, 0))
    return ways


def _filled(height: np.ndarray, floor: np.ndarray, ways: list[np.ndarray]) -> np.ndarray:
    """Return heights raised so that every node drains to a floor, with a little fall across flats.

    Nothing flows between massifs. Source: Planchon and Darboux (2002), doi:10.1016/S0341-8162(01)00164-3.
    """
    rows, columns = height.shape
    walls = [np.where(way > 0, 0, np.inf) for way in ways]
    water = np.pad(np.where(floor, height, np.inf), 1, constant_values=np.inf)
    while True:
        lowest = np.full(height.shape, np.inf)
        for (dr, dc), closed in zip(_NEIGHBOURS, walls, strict=True):
            np.minimum(lowest, water[1 + dr : 1 + dr + rows, 1 + dc : 1 + dc + columns] + closed, out=lowest)
        level = np.where(floor, height, np.maximum(height, lowest + FLAT_FALL_M))
        if np.array_equal(level, water[1:-1, 1:-1]):
            return np.where(np.isfinite(level), level, height)  # a lone node of a massif drains nowhere
        water[1:-1, 1:-1] = level


def _receivers(
    height: np.ndarray, floor: np.ndarray, step: float, ways: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return each node's receiver, a lower neighbour (flat index, itself where none), and the distance to it.

    The steepest fall wins, each weighted by how readily water goes that way.
    """
    rows, columns = height.shape
    own = np.arange(height.size).reshape(height.shape)
    padded = np.pad(height, 1, constant_values=np.inf)
    best, receiver, run = np.zeros(height.shape), own.copy(), np.full(height.shape, step)
    with np.errstate(invalid="ignore"):
        for (dr, dc), weight in zip(_NEIGHBOURS, ways, strict=True):
            length = step * np.hypot(dr, dc)
            fall = (height - padded[1 + dr : 1 + dr + rows, 1 + dc : 1 + dc + columns]) / length * weight
            better = (fall > best) & ~floor
            best = np.where(better, fall, best)
            receiver = np.where(better, own + dr * columns + dc, receiver)
            run = np.where(better, length, run)
    return receiver, run


def _profiles(
    height: np.ndarray, receiver: np.ndarray, run: np.ndarray, strength: np.ndarray, steepest: np.ndarray, step: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the height each node would have in balance with its stream, the slope there and its catchment.

    Water flows down the tree of receivers; nodes are handled level by level, a level being the
    number of steps to the outlet, so that each level is one array operation. Source of the tree
    and its order: Braun and Willett (2013), doi:10.1016/j.geomorph.2012.10.008.
    """
    flat, tree = height.ravel().copy(), receiver.ravel()
    area = np.full(flat.size, step * step)
    levels = _levels(tree)
    for level in reversed(levels):
        np.add.at(area, tree[level], area[level])
    slope = np.minimum(strength.ravel() * area**-CONCAVITY, steepest.ravel())
    if not levels:
        return flat.reshape(height.shape), slope.reshape(height.shape), area.reshape(height.shape)
    for level in levels:
        flat[level] = flat[tree[level]] + slope[level] * run.ravel()[level]
    shape = height.shape
    return flat.reshape(shape), slope.reshape(shape), area.reshape(shape)


def _levels(tree: np.ndarray) -> list[np.ndarray]:
    """Return the nodes that drain somewhere, grouped by their number of steps to the outlet, nearest first."""
    depth, pointer = (tree != np.arange(tree.size)).astype(np.int32), tree
    while True:
        onward = depth[pointer]
        if not onward.any():
            break
        depth, pointer = depth + onward, pointer[pointer]
    nodes = np.flatnonzero(depth)
    order = nodes[np.argsort(depth[nodes], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(depth[order])) + 1) if len(order) else []
