"""What lies between the ground and the sensor: clouds and their shadows, haze, blur and noise."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from app.bands import ALL_BANDS, BANDS
from app.simulate.climate import Sun
from app.simulate.lattice import NATIVE_M, Lattice, coarsened, held_where_small
from app.simulate.noise import cells, combine, fbm, normal, rise, smooth, uniform
from app.simulate.scars import SITE_SPACING_M, certain, site
from app.simulate.spectra import spectrum

CLOUD_CELL_M = 1150.0
CLEAR_DAYS = 0.4  # share of the scenes chosen by people that hold no cloud at all
KEEP_CLEAR_M = 430.0  # clouds and shadows stay this far from where scars are looked for
SHADOW = 0.38  # light left in a cloud's shadow
CLOUD_SEEN = 0.3  # opacity from which a cloud mask notices
BLUR_PX = 0.55  # standard deviation of the sensor's point spread at 10 m
OFFSET_PX = 0.3  # usual misregistration between dates: Gascon et al. (2017), doi:10.3390/rs9060584


@dataclass(frozen=True)
class Sky:
    """The clouds of one date over a window, float32 (h, w)."""

    opacity: np.ndarray
    shadow: np.ndarray

    @property
    def masked(self) -> np.ndarray:
        """Bool (h, w) at 20 m, as a cloud mask draws it: clouds and their shadows, thin edges missed."""
        seen = np.maximum(self.opacity, self.shadow)
        return np.repeat(np.repeat(coarsened(seen, 20) > CLOUD_SEEN, 2, axis=0), 2, axis=1)


def sky(lattice: Lattice, day: date, sun: Sun, seed: int) -> Sky:
    """Return the clouds of a date: small cumulus with shadows displaced away from the sun."""
    own = combine(seed, 131, day.toordinal())
    draw = uniform(np.arange(3), 1, own)
    if draw[0] < CLEAR_DAYS:
        empty = np.zeros(lattice.shape, np.float32)
        return Sky(empty, empty)
    share, top_m = 0.2 + 0.5 * draw[1], 600 + 800 * draw[2]
    away = top_m / np.tan(sun.elevation)
    shift = (-away * np.sin(sun.azimuth), -away * np.cos(sun.azimuth))
    cover = [_cumulus(lattice.x - dx, lattice.y - dy, shift, share, own, seed) for dx, dy in ((0, 0), shift)]
    return Sky(cover[0], cover[1] * (1 - cover[0]))


def _cumulus(x: np.ndarray, y: np.ndarray, shift: tuple[float, float], share: float, own: int, seed: int) -> np.ndarray:
    """Return the opacity of the clouds above the positions of the axes ``x`` and ``y``."""
    at_x, at_y = np.meshgrid(x, y)
    cell = cells(at_x, at_y, CLOUD_CELL_M, own, jitter=0.7)
    present = uniform(cell.column, cell.row, combine(own, 1)) < share
    for dx, dy in ((0, 0), shift):
        present &= ~_near_site(cell.point_x + dx, cell.point_y + dy, seed)
    radius = 90 + 190 * uniform(cell.column, cell.row, combine(own, 2)) ** 1.5
    away = np.hypot(x[None, :] - cell.point_x, y[:, None] - cell.point_y)
    body = 0.8 - away / radius + 0.42 * fbm(x, y, 230, combine(own, 3), 5, 0.68)
    return (present * rise(body, 0.0, 0.85) * 0.97 * rise(430 - away, 0, 120)).astype(np.float32)


def _near_site(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Whether a slide is looked for near a position: people choose scenes that show the place."""
    column, row = np.floor(x / SITE_SPACING_M).astype(np.int64), np.floor(y / SITE_SPACING_M).astype(np.int64)
    near = np.zeros(np.shape(x), bool)
    for dr in (-1, 0, 1):
        for dc in (-1, 0, 1):
            sx, sy = site(column + dc, row + dr, seed)
            near |= ((sx - x) ** 2 + (sy - y) ** 2 < KEEP_CLEAR_M**2) & certain(column + dc, row + dr)
    return near


def measured(
    image: dict[str, np.ndarray], lattice: Lattice, clouds: Sky, day: date, seed: int
) -> dict[str, np.ndarray]:
    """Return what the sensor and the atmospheric correction make of a surface, each band at its own pixel size.

    ``image`` holds float32 reflectance (h, w) at 10 m; the result is coarser by band. Haze left
    by the correction falls with the wavelength; noise is that of the radiometer (Gascon et al. 2017).
    """
    own = combine(seed, 132, day.toordinal())
    draws = uniform(np.arange(4), 2, own)
    haze = _haze(lattice, draws[0], own)
    gain = 1 + 0.05 * (draws[1] - 0.5)
    offset = (2 * draws[2:4] - 1) * OFFSET_PX
    cloud = spectrum("cloud")
    bright = 0.82 + 0.16 * rise(clouds.opacity, 0.5, 1)
    found = {}
    for band, values in image.items():
        thin = np.float32((490 / BANDS[band].centre_nm) ** 1.6)
        values = values * np.float32(gain) * (1 - np.float32(1 - SHADOW) * clouds.shadow) + thin * haze
        values += clouds.opacity * (np.float32(cloud[band]) * bright - values)
        size = BANDS[band].native_m
        coarse = coarsened(_blurred(values, offset), size)
        found[band] = np.maximum(
            coarse + _noise(lattice, coarse, size, combine(own, 3, ALL_BANDS.index(band))), np.float32(1e-4)
        )
    return found


def _haze(lattice: Lattice, draw: float, own: int) -> np.ndarray:
    """Return what haze adds to the blue band, float32 (h, w): even on a good day, uneven on a hazy one."""
    amount = 0.001 + 0.014 * draw**2
    uneven = 1 + 0.3 * smooth(lattice.x, lattice.y, 2600, combine(own, 4))
    return np.maximum(amount * uneven, 0).astype(np.float32)


def _blurred(values: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Return an image seen through the point spread function, ``offset`` (columns, rows) pixels aside."""
    from scipy.ndimage import correlate1d

    steps = np.arange(-2, 3)
    for axis, aside in ((0, offset[1]), (1, offset[0])):
        weights = np.exp(-0.5 * ((steps - aside) / BLUR_PX) ** 2)
        values = correlate1d(values, (weights / weights.sum()).astype(np.float32), axis=axis, mode="nearest")
    return values


def _noise(lattice: Lattice, values: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Return radiometric noise: a floor and a part that grows with the signal."""
    return _grain(lattice, size, seed) * np.sqrt(np.float32(7e-4) ** 2 + (np.float32(0.006) * values) ** 2)


@held_where_small(512)  # of 90 kB at 10 m, twelve bands a date
def _grain(lattice: Lattice, size: int, seed: int) -> np.ndarray:
    """Return float32 values close to a standard normal, one for each pixel of ``size`` metres; read only."""
    step = size // NATIVE_M
    column = lattice.column // step + np.arange(lattice.width // step)
    row = lattice.row // step + np.arange(lattice.height // step)
    return normal(column[None, :], row[:, None], seed)
