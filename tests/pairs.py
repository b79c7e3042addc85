"""Small pairs of one colour, so that what is painted on them can be told by eye."""

import numpy as np

from app.testsets.real import BANDS
from app.testsets.scars import Pair

FOREST = np.array([0.02, 0.04, 0.02, 0.35], np.float32)
SOIL = np.array([0.08, 0.11, 0.15, 0.22], np.float32)


def image(colour=FOREST, side=32) -> np.ndarray:
    return np.broadcast_to(colour[:, None, None], (len(BANDS), side, side)).copy()


def square(side=32, first=10, last=20) -> np.ndarray:
    mask = np.zeros((side, side), bool)
    mask[first:last, first:last] = True
    return mask


def pair_of(t1, t2, truth=None) -> Pair:
    shape = t1.shape[1:]
    return Pair(t1, t2, np.zeros(shape, bool) if truth is None else truth, np.ones(shape, bool))
