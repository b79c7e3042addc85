"""A pair of the simulated world on which everything that fools a detector is set by hand, one thing at a time."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from app.bands import ALL_BANDS, BANDS
from app.grid import Grid
from app.patches import CLOUDY
from app.simulate import climate as climates
from app.simulate import scene
from app.simulate.atmosphere import SHADOW, Sky, measured
from app.simulate.ground import Ground
from app.simulate.lattice import NATIVE_M, Lattice, coarsened, covering, held_where_small
from app.simulate.noise import combine, fbm, rise, uniform
from app.simulate.scars import Scar, Scars, drawn
from app.simulate.spectra import spectrum
from app.simulate.surface import Image, Moment, finished, illumination, unslid
from app.simulate.terrain import Terrain

HAZE = 0.09  # reflectance that the thickest haze adds to the blue band
OFFSET = 0.1  # reflectance that baseline 04.00 adds where nobody takes it away
CLOUD_TOP_M = 700.0
CLOUD_SEEN = 0.3  # opacity from which a pixel is hidden
STEEP_DEG = 15.0
APART_M = 170.0  # between two scars, at least
EDGE_M = 90.0  # scars begin this far from the edge of the picture


@dataclass(frozen=True)
class Staging:
    """What lies between the dates; shares are 0 to 1."""

    seed: int = 0  # of scars, clouds and harvested parcels; the place is the grid's
    scars: int = 4
    size_m: float = 60.0  # how wide a scar is
    faint: float = 0.0  # share of a scar that shows what was there before
    haze: float = 0.0  # at T2
    cloud: float = 0.0  # share of the picture under cloud or its shadow at T2, about
    missed: float = 0.0  # share of what is hidden that the cloud mask does not say
    harvest: float = 0.0  # share of the parcels that are cut between the dates
    shift_px: float = 0.0  # how far T2 lies aside
    offset: bool = False  # whether T2 holds the offset of baseline 04.00 still


@dataclass(frozen=True)
class StagedPair:
    """Both dates on the grid, T1 first."""

    bands: dict[str, np.ndarray]  # float32 (2, height, width) reflectance
    clm: np.ndarray  # uint8 (2, height, width): 0 clear, 1 cloud or shadow as the mask says
    truth: np.ndarray  # bool (height, width): slid between the dates
    hidden: np.ndarray  # bool (height, width): under cloud or shadow at T2, whatever the mask says
    cut: np.ndarray  # bool (height, width): parcels cut between the dates
    farmed: np.ndarray  # bool (height, width)
    steep_deg: np.ndarray  # float64 (height, width)
    sun_deg: tuple[float, float]  # how high the sun stands at T1 and T2


def stage(grid: Grid, t1: date, t2: date, staging: Staging, bands: tuple[str, ...] = ALL_BANDS) -> StagedPair:
    """Return both dates of a place with what ``staging`` says between them, and nothing else that changed the ground.

    Fields look as they did at T1 unless they are cut, no track is opened, and no cloud hides T1: season, light and
    the passing of time remain. Raises SourceError for a box too large.
    """
    lattice = covering(grid)
    world = scene.world(lattice)
    seed = combine(world.seed, 900 + staging.seed)
    cover = _cover(world)
    slides = _slides(lattice, staging.seed, staging.scars, staging.size_m)
    moments = [_moment(day, lattice, world.climate, t2 - timedelta(days=1)) for day in (t1, t2)]
    shown = replace(slides, share=slides.share * (1 - staging.faint))
    first, seen = _before(lattice, bands, t1)
    second = _painted(lattice, bands, shown, moments[1])
    first, cut = _fields(first, second, world.land, cover, slides, moments, staging, seed)
    if staging.harvest:
        seen = measured(first, lattice, _clear(lattice), t1, world.seed)
    clouds = _clouds(lattice, moments[1], staging, seed)
    both = (seen, measured(_hazed(second, staging), lattice, clouds, t2, world.seed))
    at = {size: lattice.indices(grid, size) for size in {NATIVE_M, *(BANDS[band].native_m for band in bands)}}
    here = at[NATIVE_M]
    hidden = (np.maximum(clouds.opacity, clouds.shadow) > CLOUD_SEEN).ravel()[here]
    out = {
        band: np.stack([one[band].ravel()[at[BANDS[band].native_m]] for one in both]).astype(np.float32)
        for band in bands
    }
    return StagedPair(
        bands={band: _as_delivered(values, staging) for band, values in out.items()},
        clm=np.stack([np.zeros(grid.shape, np.uint8), CLOUDY * _masked(clouds, staging).ravel()[here]]),
        truth=(slides.share >= scene.SLID_SHARE).ravel()[here],
        hidden=hidden,
        cut=cut.ravel()[here],
        farmed=(cover.fields.tilled > 0.5).ravel()[here],
        steep_deg=world.land.slope.ravel()[here],
        sun_deg=(float(np.degrees(moments[0].sun.elevation)), float(np.degrees(moments[1].sun.elevation))),
    )


def _cover(world: scene.World) -> Ground:
    return replace(world.cover, built=replace(world.cover.built, new_track=np.zeros_like(world.cover.built.new_track)))


@held_where_small(64)  # of 1 MB: a knob of the sky leaves it as it is
def _unslid(lattice: Lattice, bands: tuple[str, ...], day: date) -> Image:
    """Return a day's ground before scars, water and light; read only."""
    place = scene.world(lattice)
    return unslid(bands, lattice, _cover(place), _moment(day, lattice, place.climate, day), place.seed)


@held_where_small(32)  # of 1.6 MB: most knobs turn at T2 alone
def _before(lattice: Lattice, bands: tuple[str, ...], day: date) -> tuple[Image, Image]:
    """Return T1 at 10 m and as it is measured, where no parcel is to be cut; read only."""
    place, nothing = scene.world(lattice), np.zeros(lattice.shape)
    moment = _moment(day, lattice, place.climate, day + timedelta(days=1))
    none = Scars(nothing, nothing, nothing.astype(np.int32))
    ground = _painted(lattice, bands, none, moment)
    return ground, measured(ground, lattice, _clear(lattice), day, place.seed)


def _painted(lattice: Lattice, bands: tuple[str, ...], slides: Scars, moment: Moment) -> Image:
    place = scene.world(lattice)
    image = {band: values.copy() for band, values in _unslid(lattice, bands, moment.day).items()}
    return finished(image, lattice, place.land, _cover(place), slides, moment, place.seed)


def _moment(day: date, lattice: Lattice, climate: climates.Climate, event: date) -> Moment:
    return Moment(day, climates.season(day, lattice.latitude, climate), climates.sun(day, lattice.latitude), event)


# --- scars --------------------------------------------------------------------------------


@held_where_small(64)  # of 0.5 MB
def _slides(lattice: Lattice, number: int, scars: int, size_m: float) -> Scars:
    """Return the scars of a staging by its seed, drawn; read only."""
    world = scene.world(lattice)
    seed = combine(world.seed, 900 + number)
    return drawn(_scars(world.land, lattice, scars, size_m, seed), lattice, seed)


def _scars(land: Terrain, lattice: Lattice, most: int, size_m: float, seed: int) -> list[Scar]:
    """Return as many scars as fit: each from steep ground down the slope, apart from the others."""
    rows, columns = np.nonzero(_startable(land, lattice))
    order = np.argsort(uniform(columns, rows, combine(seed, 1)))
    heads: list[tuple[float, float]] = []
    found: list[Scar] = []
    for k in order:
        if len(found) == most:
            break
        x, y = lattice.x[columns[k]], lattice.y[rows[k]]
        if any(np.hypot(x - a, y - b) < APART_M for a, b in heads):
            continue
        heads.append((x, y))
        found.append(_scar(land, lattice, int(rows[k]), int(columns[k]), size_m, len(found) + 1, seed))
    return found


def _startable(land: Terrain, lattice: Lattice) -> np.ndarray:
    """Return where a scar may start, bool (h, w): steep ground, or the steepest there is, away from the edges."""
    edge = int(EDGE_M / NATIVE_M) + 6
    inside = np.zeros(lattice.shape, bool)
    inside[edge:-edge, edge:-edge] = True
    steep = min(STEEP_DEG, float(np.quantile(land.slope[inside], 0.8)))
    return inside & (land.slope >= steep)


def _scar(land: Terrain, lattice: Lattice, row: int, column: int, width_m: float, number: int, seed: int) -> Scar:
    """Return a scar that runs down from a pixel, four times as long as wide."""
    length, x, y = 4.0 * width_m, [lattice.x[column]], [lattice.y[row]]
    for _ in range(int(length / NATIVE_M)):
        r = int(np.clip((y[-1] - lattice.y[0]) / NATIVE_M, 0, lattice.height - 1))
        c = int(np.clip((x[-1] - lattice.x[0]) / NATIVE_M, 0, lattice.width - 1))
        east, north = -land.east[r, c], -land.north[r, c]
        steep = max(float(np.hypot(east, north)), 1e-6)
        x.append(x[-1] + NATIVE_M * east / steep)
        y.append(y[-1] + NATIVE_M * north / steep)
    along = np.linspace(0, 1, len(x))
    ends = np.sqrt(np.clip(along / 0.15, 0.12, 1)) * np.sqrt(np.clip((1.01 - along) / 0.15, 0, 1))
    half = 0.5 * width_m * (1 - 0.35 * rise(along, 0.25, 0.5) + 0.4 * rise(along, 0.6, 0.9)) * ends
    return Scar(np.array(x), np.array(y), half, along, number)


# --- fields -------------------------------------------------------------------------------


def _fields(
    first: Image, second: Image, land: Terrain, cover: Ground, slides: Scars, moments: list[Moment],
    staging: Staging, seed: int,
) -> tuple[Image, np.ndarray]:  # fmt: skip
    """Make fields at T2, in place, what they were at T1, and cut those that are to be cut.

    Returns T1 with these in green, the image itself where none is, and where parcels are cut, bool (h, w).
    """
    tilled = np.where(slides.share > 0, 0, cover.fields.tilled).astype(np.float32)
    chosen = uniform(cover.fields.key, 21, combine(seed, 2)) < staging.harvest
    green, straw = spectrum("crop"), spectrum("stubble", 0.0, 1.05)
    light = [illumination(land, moment.sun) for moment in moments]
    texture = (0.85 + 0.15 * cover.mottle * cover.fields.furrows).astype(np.float32)
    grown = dict(first) if staging.harvest else first
    for band, held in first.items():
        after = np.where(chosen, straw[band] * texture * light[1], held / light[0] * light[1])
        second[band] = (second[band] + tilled * (after - second[band])).astype(np.float32)
        if staging.harvest:
            before = np.where(chosen, green[band] * texture * light[0], held)
            grown[band] = (held + tilled * (before - held)).astype(np.float32)
    return grown, chosen & (tilled > 0.5)


# --- the air and the sensor ---------------------------------------------------------------


def _hazed(image: Image, staging: Staging) -> Image:
    """Return an image under haze, which falls with the wavelength and takes contrast away."""
    if not staging.haze:
        return image
    found = {}
    for band, values in image.items():
        thin = np.float32(staging.haze * (490 / BANDS[band].centre_nm) ** 1.3)
        found[band] = values * (1 - np.float32(0.25) * thin) + np.float32(HAZE) * thin
    return found


def _clear(lattice: Lattice) -> Sky:
    empty = np.zeros(lattice.shape, np.float32)
    return Sky(empty, empty)


def _clouds(lattice: Lattice, moment: Moment, staging: Staging, seed: int) -> Sky:
    """Return clouds with shadows thrown away from the sun that together hide about the share asked for."""
    if not staging.cloud:
        return _clear(lattice)
    away = CLOUD_TOP_M / np.tan(moment.sun.elevation)
    dx, dy = -away * np.sin(moment.sun.azimuth), -away * np.cos(moment.sun.azimuth)
    here, there = (
        fbm(lattice.x - east, lattice.y - north, 520, combine(seed, 3), 5, 0.6) for east, north in ((0, 0), (dx, dy))
    )
    level = np.quantile(np.maximum(here, there), 1 - staging.cloud) - 0.1
    opacity, shadow = (rise(field - level, 0.0, 0.45) for field in (here, there))
    return Sky((0.97 * opacity).astype(np.float32), (shadow * (1 - opacity)).astype(np.float32))


def _masked(sky: Sky, staging: Staging) -> np.ndarray:
    """Return what the cloud mask says, bool (h, w): the thickest clouds first, thin edges and shadows last."""
    seen = np.maximum(sky.opacity, sky.shadow)
    hidden = seen > CLOUD_SEEN
    if not hidden.any() or staging.missed >= 1:
        return np.zeros_like(hidden)
    rank = np.repeat(np.repeat(coarsened(np.maximum(sky.opacity, (1 - SHADOW) * sky.shadow), 20), 2, 0), 2, 1)
    return hidden & (rank >= np.quantile(rank[hidden], staging.missed))


def _as_delivered(values: np.ndarray, staging: Staging) -> np.ndarray:
    """Return float32 (2, height, width) with T2 aside and with its offset, where it is so."""
    from scipy.ndimage import shift

    if staging.shift_px:
        aside = (0.6 * staging.shift_px, 0.8 * staging.shift_px)
        values[1] = shift(values[1], aside, order=1, mode="nearest")
    if staging.offset:
        values[1] += np.float32(OFFSET)
    return values
