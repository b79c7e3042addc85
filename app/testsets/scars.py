"""Fresh scars painted on an image: of real or simulated outlines, where its cover allows them."""

from dataclasses import dataclass

import numpy as np

from app.simulate.spectra import spectrum
from app.testsets.real import BANDS

GREEN_NDVI = 0.35  # above it a pixel is vegetated: a scar shows there, and one is only painted there
SOILS = ("debris", "soil", "rock", "track", "gravel")

Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Pair:
    """Two dates: float32 reflectance (bands, y, x) each; bool (y, x) what slid between them, and what is clear."""

    t1: np.ndarray
    t2: np.ndarray
    truth: np.ndarray
    clear: np.ndarray


def smooth(shape: tuple[int, int], scale_px: float, rng: Rng) -> np.ndarray:
    """Return a smooth random field of mean 0 and standard deviation 1, float32 (y, x)."""
    from scipy.ndimage import gaussian_filter, zoom

    step = max(1, int(scale_px / 3))
    small = [side // step + 8 for side in shape]
    field = gaussian_filter(rng.standard_normal(small), scale_px / step, mode="wrap")
    field = zoom(field, step, order=1)[: shape[0], : shape[1]] if step > 1 else field[: shape[0], : shape[1]]
    return ((field - field.mean()) / max(float(field.std()), 1e-6)).astype(np.float32)


def colour(covers: tuple[str, ...], rng: Rng) -> np.ndarray:
    """Return the reflectance of a random mixture of covers, tinted and lit at random, float32 (bands,)."""
    redness = rng.uniform(-1, 1)
    parts = np.array([[spectrum(cover, redness)[band] for band in BANDS] for cover in covers])
    mixed = rng.dirichlet(np.full(len(covers), 0.5)) @ parts
    return (mixed * np.exp(rng.normal(-0.12, 0.3)) * np.exp(rng.normal(0, 0.05, len(BANDS)))).astype(np.float32)


def ndvi(image: np.ndarray) -> np.ndarray:
    """Return NDVI of an image (bands, y, x), 0 where both bands are."""
    red, infrared = image[BANDS.index("B04")], image[BANDS.index("B08")]
    return (infrared - red) / np.maximum(infrared + red, np.float32(1e-3))


def cover_with(image: np.ndarray, share: np.ndarray, colour_of: np.ndarray, texture: np.ndarray) -> np.ndarray:
    """Return the image with ``share`` (y, x) of each pixel replaced by a colour times a texture (y, x)."""
    return (image * (1 - share) + colour_of[:, None, None] * (texture * share)).astype(np.float32)


def scar(image: np.ndarray, shape: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Return the image with a fresh scar painted where ``shape`` (bool (y, x)) says, and the scar's mask.

    The scar keeps part of the light and shade of what it covers, carries rafts of what stood there and may have
    begun to grow over; half of them leave some of it standing everywhere. Its mask holds the pixels of which at
    least half slid.
    """
    from scipy.ndimage import gaussian_filter

    inside = gaussian_filter(shape.astype(np.float32), rng.uniform(0.4, 0.8))
    rafts = np.clip(smooth(shape.shape, rng.uniform(2, 5), rng) - rng.uniform(1.0, 2.2), 0, 1)
    overgrown = rng.uniform(0, 0.45) * rng.integers(2) * np.clip(0.5 + 0.5 * smooth(shape.shape, 5, rng), 0, 1)
    infrared = gaussian_filter(image[BANDS.index("B08")], 1)
    light = np.clip(infrared / max(float(infrared[shape].mean()), 1e-3), 0.55, 1.5) ** rng.uniform(0.2, 0.8)
    texture = light * np.exp(rng.uniform(0.05, 0.25) * smooth(shape.shape, rng.uniform(1.2, 6), rng))
    bare = rng.uniform(0.4, 1) if rng.uniform() < 0.5 else 1.0
    share = inside * (1 - rafts) * (1 - overgrown) * bare
    return cover_with(image, share, colour(SOILS, rng), texture), inside >= 0.5


def plausible(image: np.ndarray, shape: np.ndarray) -> bool:
    """Whether a scar of this shape may be painted: at least ten pixels, mostly on vegetation."""
    return int(np.count_nonzero(shape)) >= 10 and float((ndvi(image)[shape] > GREEN_NDVI).mean()) >= 0.7


def with_scar(pair: Pair, shape: np.ndarray, rng: Rng, tries: int = 8) -> Pair:
    """Return the pair with a scar of ``shape`` painted on T2, turned and moved until the cover allows it."""
    side = pair.truth.shape[0]
    for _ in range(tries):
        turned = np.rot90(shape, int(rng.integers(4)))
        turned = np.roll(turned[:, ::-1] if rng.uniform() < 0.5 else turned, rng.integers(0, side, 2), (0, 1))
        placed = np.zeros((side, side), bool)
        rows, columns = min(side, turned.shape[0]), min(side, turned.shape[1])
        placed[:rows, :columns] = turned[:rows, :columns]
        if plausible(pair.t1, placed):
            t2, truth = scar(pair.t2, placed, rng)
            return Pair(pair.t1, t2, truth, pair.clear)
    return pair
