"""What lies where on the simulated ground: land use, fields, roads, houses and water, before any date."""

from dataclasses import dataclass

import numpy as np

from app.simulate.climate import Climate
from app.simulate.lattice import NATIVE_M, Lattice
from app.simulate.noise import cells, combine, fbm, rise, smooth, uniform
from app.simulate.terrain import Terrain

BLOCK_M = 520.0  # a block of fields with one direction of tillage
STAND_M = 165.0  # a forest stand, cut as a whole
TRACK_RISE_M = 200.0  # how much a track climbs around a hill


@dataclass(frozen=True)
class Fields:
    """Farm land, (h, w): which parcel each pixel is in and how far inside it."""

    tilled: np.ndarray  # share of the pixel that is farmed
    key: np.ndarray  # one integer a parcel
    edge_m: np.ndarray
    furrows: np.ndarray  # brightness along the rows, about 1


@dataclass(frozen=True)
class Built:
    """What people built, shares of each pixel (h, w)."""

    town: np.ndarray
    roofs: np.ndarray
    bright_roofs: np.ndarray
    road: np.ndarray
    tracks: np.ndarray
    new_track: np.ndarray  # there only once it is opened


@dataclass(frozen=True)
class River:
    """The main river, metres (h, w)."""

    line_m: np.ndarray  # distance to its line
    bed_m: np.ndarray  # half width of its bed
    thalweg_m: np.ndarray  # distance to the deepest water, now at one bank, now at the other


@dataclass(frozen=True)
class Woods:
    """Trees, (h, w)."""

    forest: np.ndarray  # share of the pixel
    conifer: np.ndarray  # share of the trees
    canopy: np.ndarray  # brightness of the crowns, about 1
    single: np.ndarray  # trees on open land: 1 where one stands
    stand: np.ndarray  # one integer a stand
    stand_edge_m: np.ndarray


@dataclass(frozen=True)
class Ground:
    """Everything about the ground that no date changes; shares are 0 to 1, float64 (h, w)."""

    climate: Climate
    woods: Woods
    shrub: np.ndarray
    rock: np.ndarray
    moist: np.ndarray  # 0 dry ridge to 1 wet hollow
    mottle: np.ndarray  # brightness of open ground, about 1
    fields: Fields
    built: Built
    river: River
    redness: float
    brightness: float


def ground(lattice: Lattice, terrain: Terrain, climate: Climate, seed: int) -> Ground:
    """Return the land use of a window: a function of coordinates, terrain and climate."""
    x, y = lattice.x, lattice.y
    moist = rise(terrain.flow + 0.25 * smooth(x, y, 300, combine(seed, 71)), 2.8, 4.6)
    gentle = 1 - rise(terrain.slope + 2.5 * smooth(x, y, 160, combine(seed, 72)), 8, 13)
    fields = _fields(x, y, gentle * _farmed(x, y, terrain, climate, seed), climate, seed)
    river = _river(x, y, terrain, seed)
    tone = uniform(np.arange(2), int(np.floor(lattice.latitude * 2)) * 4096 + lattice.zone, combine(seed, 77))
    return Ground(
        climate=climate,
        woods=_woods(lattice, terrain, climate, moist, fields, seed),
        shrub=rise(fbm(x, y, 260, combine(seed, 79), 5, 0.75), -0.3, 1.0) * (1 - 0.35 * gentle),
        rock=0.8 * rise(terrain.slope + 5 * fbm(x, y, 90, combine(seed, 80), 4, 0.7) - 6 * climate.forest, 41, 50),
        moist=moist,
        mottle=np.exp(0.14 * fbm(x, y, 170, combine(seed, 81), 5, 0.8)),
        fields=fields,
        built=_built(lattice, terrain, gentle, river, fields, seed),
        river=river,
        redness=float({"tropical": 0.7, "boreal": -0.4}.get(climate.name, 0.0) + 0.9 * (tone[0] - 0.5)),
        brightness=float(0.85 + 0.35 * tone[1]),
    )


def _river(x: np.ndarray, y: np.ndarray, terrain: Terrain, seed: int) -> River:
    bed = 13 + 30 * rise(smooth(x, y, 1500, combine(seed, 73)), 0.0, 1.9)
    swing = 0.35 * bed * np.clip(smooth(x, y, 350, combine(seed, 103)), -1.2, 1.2)
    return River(np.abs(terrain.river_m), bed, np.abs(terrain.river_m - swing))


def _woods(lattice: Lattice, terrain: Terrain, climate: Climate, moist: np.ndarray, fields: Fields, seed: int) -> Woods:
    x, y = lattice.x, lattice.y
    forest = _forest(x, y, terrain, climate, moist, seed)
    stand = cells(*_bent(x, y, 28, 110, combine(seed, 75)), STAND_M, combine(seed, 76))
    return Woods(
        forest=np.where(fields.tilled > 0.5, 0.15 * forest, forest),
        conifer=rise(fbm(x, y, 500, combine(seed, 78), 3) + 0.9 * _odds(climate.conifer), -0.6, 0.6),
        canopy=_canopy(lattice, seed),
        single=_trees(lattice, moist, climate, seed),
        stand=(stand.row << 24) + stand.column,
        stand_edge_m=stand.edge_m,
    )


def _built(lattice: Lattice, terrain: Terrain, gentle: np.ndarray, river: River, fields: Fields, seed: int) -> Built:
    x, y = lattice.x, lattice.y
    level = gentle * (1 - rise(terrain.above, 14, 26))
    town = level * rise(fbm(x, y, 900, combine(seed, 74), 5, 0.65), 0.7, 1.7) * (river.line_m > river.bed_m + 30)
    roofs, bright = _roofs(lattice, town, fields.tilled, seed)
    beside = np.abs(terrain.river_m - 120 - 40 * smooth(x, y, 900, combine(seed, 82)))
    permanent, fresh = _tracks(x, y, terrain, seed)
    return Built(town, roofs, bright, _line(beside, 9) * (gentle > 0.2), permanent, fresh)


def _forest(
    x: np.ndarray, y: np.ndarray, terrain: Terrain, climate: Climate, moist: np.ndarray, seed: int
) -> np.ndarray:
    """Return tree cover: on slopes and along streams, in patches with sharp edges."""
    patches = fbm(x, y, 520, combine(seed, 83), 5, 0.6)
    shade = np.clip(terrain.north, -0.6, 0.6) * (-1 if y[0] < 0 else 1)  # slopes that face the pole keep water
    upland = np.clip(np.maximum(terrain.slope, 0.45 * terrain.above), 0, 30)  # ridges are level but not meadows
    score = 0.9 * _odds(climate.forest) + 1.5 * patches + (upland - 14) / 7 - 1.2 * shade + 1.2 * (moist - 0.5)
    return rise(score, -0.25, 0.25)


def _odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def _farmed(x: np.ndarray, y: np.ndarray, terrain: Terrain, climate: Climate, seed: int) -> np.ndarray:
    """Return where gentle ground is tilled: wide plains, in irregular patches."""
    want = (
        1.3 * fbm(x, y, 800, combine(seed, 84), 3) + 3.2 * (climate.farm - 0.6) - np.maximum(terrain.above - 60, 0) / 60
    )
    return rise(want, -0.15, 0.15)


def _fields(x: np.ndarray, y: np.ndarray, tilled: np.ndarray, climate: Climate, seed: int) -> Fields:
    """Return parcels: blocks of farm land, each cut into strips in its own direction."""
    at_x, at_y = _bent(x, y, 45, 500, combine(seed, 85))
    block = cells(at_x, at_y, BLOCK_M, combine(seed, 86))
    turn = uniform(block.column, block.row, combine(seed, 88))
    sway = uniform(block.column, block.row, combine(seed, 89)) - 0.5
    angle = np.pi / 4 * np.floor(4 * turn) + 0.5 * sway
    size = climate.parcel_m * (0.55 + 1.3 * uniform(block.column, block.row, combine(seed, 90)))
    dx, dy = at_x - block.point_x, at_y - block.point_y
    along, across = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
    strip = np.floor(across / size).astype(np.int64)
    name = (block.row << 28) + (block.column << 8) + strip
    length = size * (1.6 + 2.6 * uniform(name, 1, combine(seed, 91)))
    piece = along / length + uniform(name, 2, combine(seed, 91))
    number = np.floor(piece).astype(np.int64)
    side = np.minimum(across / size - strip, 1 - across / size + strip) * size
    end = np.minimum(piece - number, 1 - piece + number) * length
    rows = uniform(name * 64 + np.floor(across / 17).astype(np.int64), 3, combine(seed, 92))
    return Fields(tilled, name * 32 + number, np.minimum(np.minimum(side, end), block.edge_m), 1 + 0.09 * (rows - 0.5))


def _roofs(lattice: Lattice, town: np.ndarray, tilled: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of each pixel under usual and under bright roofs: single houses and halls."""
    column = lattice.column + np.arange(lattice.width)[None, :]
    row = lattice.row + np.arange(lattice.height)[:, None]
    here, cover, kind = (uniform(column, row, combine(seed, 93, k)) for k in range(3))
    hall = uniform(column // 3, row // 2, combine(seed, 94)) < 0.02 * town
    built = np.where((here < 0.26 * town + 0.0012 * tilled) | hall, 0.2 + 0.6 * cover, 0)
    bright = (kind < 0.08) | (hall & (uniform(column // 3, row // 2, combine(seed, 95)) < 0.4))
    return np.where(bright, 0, built), np.where(bright, built, 0)


def _tracks(x: np.ndarray, y: np.ndarray, terrain: Terrain, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return forest tracks that climb around the hills: those always there, and one that is opened at some date."""
    lines = []
    for k, part in ((96, 0.3), (97, 0.9)):
        field = terrain.above / TRACK_RISE_M - 0.4 + smooth(x, y, 800, combine(seed, k))
        north, east = np.gradient(field, NATIVE_M)
        line = _line(np.abs(field) / np.maximum(np.hypot(north, east), 1e-3), 6)
        line *= rise(terrain.above, 10, 20) * rise(terrain.slope, 5, 9)
        lines.append(line * rise(smooth(x, y, 1000, combine(seed, k + 20)), part, part + 0.2))
    return 0.6 * lines[0], 0.9 * lines[1]


def _line(distance: np.ndarray, width: float) -> np.ndarray:
    """Return the share of each pixel covered by a line ``width`` metres wide, given the distance to its middle."""
    return np.clip((width + NATIVE_M) / 2 - distance, 0, min(width, NATIVE_M)) / NATIVE_M


def _canopy(lattice: Lattice, seed: int) -> np.ndarray:
    """Return the brightness of tree crowns: stands, groups and single crowns with their shadows."""
    x, y = lattice.x, lattice.y
    column = lattice.column + np.arange(lattice.width)[None, :]
    row = lattice.row + np.arange(lattice.height)[:, None]
    single = uniform(column, row, combine(seed, 98)) + uniform(column, row, combine(seed, 99)) - 1
    groups = 0.07 * smooth(x, y, 23, combine(seed, 100)) + 0.05 * smooth(x, y, 60, combine(seed, 101))
    return np.exp(groups + 0.16 * single + 0.08 * fbm(x, y, 420, combine(seed, 102), 3))


def _trees(lattice: Lattice, moist: np.ndarray, climate: Climate, seed: int) -> np.ndarray:
    """Return single trees and bushes of open land, denser in moist places: 1 where one stands, else 0."""
    column = lattice.column + np.arange(lattice.width)[None, :]
    row = lattice.row + np.arange(lattice.height)[:, None]
    groves = np.exp(0.9 * fbm(lattice.x, lattice.y, 130, combine(seed, 104), 3))
    wanted = 0.09 * (1 - 0.5 * climate.dryness) * groves * (0.4 + 1.2 * moist)
    return (uniform(column, row, combine(seed, 105)) < wanted).astype(float)


def _bent(x: np.ndarray, y: np.ndarray, by: float, wavelength: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates (h, w) moved smoothly, so that straight boundaries bend."""
    aside = [by * smooth(x, y, wavelength, combine(seed, k)) for k in (1, 2)]
    return x[None, :] + aside[0], y[:, None] + aside[1]
