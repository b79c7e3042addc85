"""Other looks of an image of which only the colours are known: no reflectance, no infrared, gains and offsets unknown.

Images are float32 (3, y, x), B02, B03 and B04 in any unit above zero; each function returns another of that shape.
"""

import numpy as np

from app.testsets.scars import Rng, smooth

BLUER = np.array([1.0, 0.72, 0.5], np.float32)  # how much haze adds to B02, B03, B04
# vegetation of other seasons and dry or burnt ground, B02, B03, B04, of brightness about 1
TURNED = np.array(
    [[0.95, 0.97, 1.08], [0.75, 0.95, 1.3], [0.7, 0.9, 1.4], [0.9, 1.15, 0.95], [0.75, 1.2, 1.05], [0.9, 0.92, 1.18]],
    np.float32,
)


def brightness(image: np.ndarray) -> np.ndarray:
    """Return the mean of the bands, float32 (y, x)."""
    return image.mean(0)


def _column(values: np.ndarray | list[float]) -> np.ndarray:
    return np.asarray(values, np.float32)[:, None, None]


def evened(image: np.ndarray) -> np.ndarray:
    """Return the image with the median of its brightness at 1, so that amounts mean the same in all images."""
    return (image / max(float(np.median(brightness(image))), 1e-4)).astype(np.float32)


def season(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return the image with what is darkest and greenest turned towards one colour of another season, unevenly."""
    light = brightness(image)
    green = np.clip(1.5 + 8 * (image[1] - image[2]) / light, 0, 1)
    cover = np.clip((1.6 - light / np.median(light)) / 0.8, 0, 1) * green
    field = np.clip(0.6 + 0.5 * smooth(light.shape, rng.uniform(3, 25), rng), 0, 1)
    aim = _column(TURNED[int(rng.integers(len(TURNED)))] * np.exp(rng.normal(0, 0.1, 3)))
    share = rng.uniform(0.2, 1) * cover * field
    return image * (1 - share) + share * aim * light * np.float32(rng.uniform(0.8, 1.7))


def fields(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return the image with some rectangular parcels of another colour: tilled, mown or sown anew."""
    height, width = image.shape[1:]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    level = brightness(image).mean()
    turn = rng.uniform(0, np.pi)
    for _ in range(int(rng.integers(1, 9))):
        angle, half = turn + np.pi / 2 * rng.integers(2), rng.uniform((3, 4), (9, 20))
        dx, dy = x - rng.uniform(0, width), y - rng.uniform(0, height)
        along, across = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        share = np.clip(half[1] + 0.5 - np.abs(along), 0, 1) * np.clip(half[0] + 0.5 - np.abs(across), 0, 1)
        colour = _column(TURNED[int(rng.integers(len(TURNED)))] * np.exp(rng.normal(0, 0.08, 3)))
        texture = np.exp(rng.uniform(0.02, 0.1) * smooth((height, width), rng.uniform(1.5, 6), rng))
        image = image * (1 - share) + share * colour * level * np.float32(rng.uniform(0.6, 3)) * texture
    return image


def snow(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return the image with patches of snow, mostly on ground that is lit."""
    light = brightness(image)
    lit = (light - light.mean()) / max(float(light.std()), 1e-4)
    field = smooth(light.shape, rng.uniform(1.5, 12), rng) + rng.uniform(0, 0.8) * np.clip(lit, -2, 2)
    share = np.clip((field - rng.uniform(1.0, 2.6)) * 2, 0, 1) * np.float32(rng.uniform(0.4, 1))
    return image * (1 - share) + share * _column([1.08, 1.0, 0.97]) * np.float32(light.mean() * rng.uniform(2.5, 6))


def clouds(image: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Return the image with clouds and their shadows, and what a cloud mask leaves as clear, bool (y, x).

    The mask misses thin edges, and in one image in three all of it.
    """
    shape = image.shape[1:]
    opacity = np.clip((smooth(shape, rng.uniform(5, 20), rng) - rng.uniform(1.3, 2.2)) * 2, 0, 1)
    shade = np.clip(np.roll(opacity, rng.integers(-25, 26, 2), (0, 1)) - opacity, 0, 1)
    image = image * (1 - np.float32(rng.uniform(0.4, 0.7)) * shade)
    white = np.float32(np.percentile(image, 95) * rng.uniform(1.2, 3))
    clear = (opacity < 0.35) & (shade < 0.45)
    return image * (1 - opacity) + white * opacity, clear if rng.uniform() < 0.67 else np.ones(shape, bool)


def light(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return the image with its slopes lit from elsewhere and shades that vary softly."""
    shape = image.shape[1:]
    soft = np.exp(rng.uniform(0, 0.2) * smooth(shape, rng.uniform(8, 40), rng))
    relief = smooth(shape, rng.uniform(3, 7), rng)
    across = np.gradient(relief, axis=int(rng.integers(2)))
    return image * (soft * np.exp(rng.uniform(0, 0.15) * across / max(float(across.std()), 1e-4))).astype(np.float32)


def sensor(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return the image as another sensor and air show it: gamma, gain by band, haze, sharpness, noise."""
    from scipy.ndimage import gaussian_filter

    if rng.uniform() < 0.4:
        image = np.maximum(image, 1e-4) ** np.float32(np.exp(rng.normal(0, 0.2)))
    if rng.uniform() < 0.3:
        image = gaussian_filter(image, (0, *[rng.uniform(0.3, 0.9)] * 2))
    level = np.float32(np.median(image))
    haze = level * 0.8 * rng.uniform() ** 2 * (1 + 0.1 * smooth(image.shape[1:], 40, rng))
    image = image * _column(np.exp(rng.normal(0, 0.15, 3))) + BLUER[:, None, None] * haze
    noise = rng.standard_normal(image.shape, np.float32) * np.float32(level * 0.05 * rng.uniform() ** 2)
    return np.maximum(image + noise, 0).astype(np.float32)


def restyled(
    image: np.ndarray, rng: Rng, much: float = 1.0, fresh: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return another look of an image, and what of it is clear, bool (y, x); ``much`` scales how often it differs.

    On ``fresh`` scars (bool (y, x)) there are no fields and no snow.
    """
    clear = np.ones(image.shape[1:], bool)
    if rng.uniform() < 0.5 * much:
        image = season(image, rng)
    if rng.uniform() < 0.25 * much:
        image = _beside(fresh, image, fields(image, rng))
    if rng.uniform() < 0.4 * much:
        image = light(image, rng)
    if rng.uniform() < 0.2 * much:
        image = _beside(fresh, image, snow(image, rng))
    if rng.uniform() < 0.15 * much:
        image, clear = clouds(image, rng)
    return sensor(image, rng), clear


def _beside(fresh: np.ndarray | None, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return after if fresh is None else np.where(fresh, before, after)
