"""What makes two looks of unchanged ground differ more than a scar may: light, leaves by cover, fields worked."""

import numpy as np

from app.simulate.spectra import spectrum
from app.testsets.real import BANDS
from app.testsets.scars import Rng, cover_with, ndvi, smooth
from models import paint

LEAVES = ("leafless", "dry grass", "dry shrub", "grass", "crop", "broadleaf")


def varied(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return a look of reflectance (bands, y, x) with fields worked, leaves turned and another light; nothing slid."""
    if rng.uniform() < 0.5:
        image = paint.parcels(image, rng)
    if rng.uniform() < 0.5:
        image = leaves(image, rng)
    return lit(image, rng) if rng.uniform() < 0.6 else image


def leaves(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return the image with the vegetation of a random range of NDVI turned: one cover changes, its neighbour stays."""
    aim = np.array([spectrum(LEAVES[int(rng.integers(len(LEAVES)))])[band] for band in BANDS], np.float32)
    green = ndvi(image)
    near = np.exp(-(((green - rng.uniform(0.3, 0.9)) / rng.uniform(0.06, 0.25)) ** 2))
    uneven = np.clip(0.8 + 0.2 * smooth(green.shape, rng.uniform(4, 30), rng), 0, 1)
    share = rng.uniform(0, 0.6) * near * np.clip((green - 0.2) / 0.15, 0, 1) * uneven
    return cover_with(image, share, aim, np.ones_like(green))


def lit(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return the image in a light that varies softly over it, with a gain and an offset of each band."""
    light = np.exp(rng.uniform(0, 0.15) * smooth(image.shape[1:], rng.uniform(5, 40), rng))
    gain = np.exp(rng.normal(0, 0.06, len(BANDS))).astype(np.float32)[:, None, None]
    offset = rng.normal(0, 0.004, len(BANDS)).astype(np.float32)[:, None, None]
    return np.maximum(image * light * gain + offset, 0).astype(np.float32)
