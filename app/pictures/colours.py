"""Colour ramps that are even to the eye: equal steps of a value look like equal steps of colour."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

STEPS = 256
RGB = tuple[int, int, int]

# linear sRGB to cone response, and cone response to OKLab; Ottosson (2020), "A perceptual color space
# for image processing", https://bottosson.github.io/posts/oklab/
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Return uint8 sRGB colours (..., 3) as OKLab: lightness 0 to 1, then the two colour axes.

    Distances in it follow what the eye tells apart.
    """
    share = np.asarray(rgb, float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T


def from_oklab(lab: np.ndarray) -> np.ndarray:
    """Return OKLab colours (..., 3) as uint8 sRGB, held to what a screen can show."""
    linear = np.clip((lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T, 0, 1)
    share = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * share).astype(np.uint8)


@lru_cache
def ramp(*through: RGB) -> np.ndarray:
    """Return uint8 (256, 3): a ramp through the given colours, its steps equal in OKLab. Read-only."""
    anchors = oklab(np.array(through))
    fine = np.linspace(0, len(through) - 1, 64 * len(through))
    path = np.stack([np.interp(fine, range(len(through)), axis) for axis in anchors.T], axis=-1)
    walked = np.append(0, np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=-1)))
    even = np.linspace(0, walked[-1], STEPS)
    made = from_oklab(np.stack([np.interp(even, walked, axis) for axis in path.T], axis=-1))
    made.setflags(write=False)
    return made


@lru_cache
def diverging(low: tuple[RGB, ...], middle: RGB, high: tuple[RGB, ...]) -> np.ndarray:
    """Return uint8 (257, 3): two even ramps that meet at ``middle``, which is entry 128. Read-only."""
    first, second = ramp(*low, middle), ramp(middle, *high)
    made = np.concatenate([first[::2], [middle], second[1::2]]).astype(np.uint8)
    made.setflags(write=False)
    return made


# dark to pale, lightness rising all the way: it reads the same in grey and to colour-blind eyes
SCORE = ramp((26, 18, 70), (122, 36, 124), (214, 80, 100), (248, 164, 84), (252, 246, 190))
GREY = np.repeat(np.arange(STEPS, dtype=np.uint8)[:, None], 3, axis=1)
# what an index is drawn through, from low to high: the colour of a fresh scar is the paler end
RAMPS: dict[str, tuple[RGB, ...]] = {
    "vegetation": ((250, 244, 226), (196, 196, 120), (96, 140, 60), (12, 60, 28)),  # bare pale, dense dark
    "moisture": ((252, 240, 214), (176, 204, 190), (70, 140, 170), (14, 44, 98)),  # dry pale, moist dark blue
    "bare": ((24, 62, 58), (98, 128, 92), (206, 176, 112), (255, 240, 210)),  # covered dark, bare pale
    "burnt": ((255, 243, 214), (240, 168, 90), (150, 74, 60), (38, 30, 44)),  # bare or burnt pale, sound dark
}
# blue and orange stay apart for every common kind of colour blindness
CHANGE = diverging(((9, 57, 120), (86, 150, 205)), (246, 245, 242), ((230, 140, 60), (140, 45, 4)))


def _facing() -> np.ndarray:
    """Return uint8 (256, 3): north dark green, east yellow, south pale rose, west blue, and north again. Read-only.

    North and south differ in lightness, east and west in yellow and blue, which colour-blind eyes tell apart as well.
    """
    turn = np.linspace(0, 2 * np.pi, STEPS)
    made = from_oklab(np.stack([0.70 - 0.18 * np.cos(turn), -0.08 * np.cos(turn), 0.12 * np.sin(turn)], axis=-1))
    made.setflags(write=False)
    return made


FACING = _facing()
