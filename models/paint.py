"""What makes two dates of one place differ: parcels, season, haze, cloud, misregistration, resampling."""

import numpy as np

from app.bands import BANDS as ALL
from app.simulate.spectra import spectrum
from app.testsets.real import BANDS
from app.testsets.scars import Rng, colour, cover_with, ndvi, smooth

TILLED = ("soil", "stubble", "dry grass", "crop", "grass")
SCATTERING = np.array([(490 / ALL[band].centre_nm) ** 1.6 for band in BANDS], np.float32)
MISREGISTRATION_PX = 1.5


def blots(side: int, rng: Rng) -> np.ndarray:
    """Return one to six small patches with ragged edges, bool (side, side): slips too short to have run out."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    ragged = smooth((side, side), rng.uniform(1.5, 4), rng)
    shape = np.zeros((side, side), bool)
    for _ in range(int(rng.integers(1, 7))):
        angle, radius, long = rng.uniform(0, np.pi), rng.uniform(1.8, 6), rng.uniform(1, 2.2)
        dx, dy = x - rng.uniform(0, side), y - rng.uniform(0, side)
        along, across = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        shape |= np.hypot(along / long, across) + 0.8 * ragged < radius
    return shape


def damaged(image: np.ndarray, other: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Return the image with ragged patches of it replaced, and where, bool (y, x); no patch is made like a landslide.

    They show what ``other`` shows there, or one colour of it; from a twentieth to a sixth of the image is lost.
    """
    field = smooth(image.shape[1:], rng.uniform(2, 14), rng)
    where = field > np.quantile(field, 1 - rng.uniform(0.05, 0.17))
    if rng.uniform() < 0.6:
        row, column = (int(rng.integers(side - 3)) for side in other.shape[1:])
        seen = other[:, row : row + 3, column : column + 3].mean((1, 2))
        texture = np.exp(rng.uniform(0.05, 0.25) * smooth(image.shape[1:], rng.uniform(1.2, 6), rng))
        other = seen[:, None, None] * np.exp(rng.normal(0, 0.25)) * texture
    share = where * np.float32(rng.uniform(0.5, 1))
    return (image * (1 - share) + other * share).astype(np.float32), where


def parcels(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return the image with some rectangular parcels tilled, mown or sown anew: change that is no landslide."""
    height, width = image.shape[1:]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    for _ in range(rng.integers(1, 5)):
        angle, half = rng.uniform(0, np.pi), rng.uniform((4, 6), (14, 30))
        dx, dy = x - rng.uniform(0, width), y - rng.uniform(0, height)
        along, across = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        share = np.clip(half[1] + 0.5 - np.abs(along), 0, 1) * np.clip(half[0] + 0.5 - np.abs(across), 0, 1)
        texture = np.exp(0.08 * smooth((height, width), rng.uniform(1.5, 8), rng))
        image = cover_with(image, share * rng.uniform(0.8, 1), colour(TILLED, rng), texture)
    return image


def season(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return the image with its vegetation turned towards bare twigs, dry grass or lush green, unevenly."""
    green = np.clip((ndvi(image) - 0.25) / 0.4, 0, 1)
    cover = ("leafless", "dry grass", "dry shrub", "grass", "broadleaf")[rng.integers(5)]
    aim = np.array([spectrum(cover)[band] for band in BANDS], np.float32)
    amount = rng.uniform(0, 0.6) * np.clip(0.6 + 0.4 * smooth(green.shape, rng.uniform(3, 25), rng), 0, 1) * green
    return cover_with(image, amount, aim, np.ones_like(green))


def sky(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return the image under another sky: gain, gain by band, haze that falls with the wavelength, noise."""
    gain = np.exp(rng.normal(0, 0.07) + rng.normal(0, 0.025, len(BANDS))).astype(np.float32)
    haze = 0.03 * rng.uniform() ** 2 * (1 + 0.3 * smooth(image.shape[1:], 40, rng))
    lit = image * gain[:, None, None] + SCATTERING[:, None, None] * haze + np.float32(rng.normal(0, 0.003))
    noise = rng.standard_normal(image.shape, np.float32) * (np.float32(0.0015) + np.float32(0.01) * image)
    return np.maximum(lit + noise, 0).astype(np.float32)


def restyled(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return another look of one image: season, sky, light and contrast, nothing moved or replaced."""
    for _ in range(int(rng.integers(3))):
        image = season(image, rng)
    level = image.mean((1, 2), keepdims=True)
    image = level + (image - level) * np.float32(rng.uniform(0.7, 1.3))
    return sky(np.maximum(image * np.float32(np.exp(rng.normal(0, 0.2))), 0), rng)


def clouds(image: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Return the image with clouds and their shadows, and what a cloud mask leaves as clear, bool (y, x).

    The mask misses thin edges, as the real ones do.
    """
    shape = image.shape[1:]
    opacity = np.clip((smooth(shape, rng.uniform(6, 20), rng) - rng.uniform(1.2, 2.2)) * 2, 0, 1)
    shift = rng.integers(-25, 26, 2)
    shade = np.clip(np.roll(opacity, shift, (0, 1)) - opacity, 0, 1)
    image = image * (1 - np.float32(rng.uniform(0.4, 0.7)) * shade)
    image = cover_with(image, opacity, np.full(len(BANDS), rng.uniform(0.35, 0.8), np.float32), np.ones_like(opacity))
    return image, (opacity < 0.35) & (shade < 0.45)


def cut(
    images: np.ndarray, side: int, zoom: tuple[float, float], corner: np.ndarray, order: int, moved: np.ndarray
) -> np.ndarray:
    """Return float32 (n, side, side) cut from ``images`` (n, y, x), mirrored beyond the edges.

    ``zoom`` is the number of new pixels in an old one (y, x), ``corner`` the old pixel the cut starts at,
    ``moved`` how far (old pixels) it is displaced from there; ``order`` 0 takes the nearest pixel, 1 interpolates.
    """
    from scipy.ndimage import map_coordinates

    at = [start + by + (np.arange(side) + 0.5) / z - 0.5 for start, by, z in zip(corner, moved, zoom, strict=True)]
    grid = np.meshgrid(*at, indexing="ij")
    return np.stack([map_coordinates(image, grid, order=order, mode="mirror") for image in images]).astype(np.float32)
