"""Real scars with their near infrared, to go on training ``bit`` with: four scenes, and places to lay scars on.

They are of Landslide4Sense, as those of ``models.chips``, of which no pixel is part of Scarp. Each is one date; the
other is made. Their bands are over their means: ``MEANS`` makes reflectance of them again.
"""

from functools import cache

import numpy as np

from app import config
from app.errors import InputError
from app.testsets import real
from app.testsets.scars import Pair, Rng, plausible
from models import chips, data, paint
from models.chips import Chip
from models.mountains import FILE

AMONG = (1, 2, 3, 7)  # B02, B03, B04 and B08 among the bands of the file
# Every value is a whole number of steps, and a step is 1/10,000 of reflectance over the mean of the band: so these four
# means of reflectance at the top of the atmosphere can be read back, to a part in 10,000.
MEANS = np.array([0.0824632, 0.0663416, 0.0445173, 0.1941322], np.float32)
HALVES = (
    (0, 3),
    (1, 2),
)  # of the scenes with a mask, near numbers together: one half is scored on, the other learnt from
SHARE = 0.4  # of the pairs that show these scenes; the others are made as ever
KINDS = (("removed", 0.35), ("laid", 0.45), ("twice", 0.2))
VARIANTS = 6  # ways in which the scars of a scene are filled
MOST_LIT = 1.4  # how much brighter or darker a scar becomes where it is laid, by band
TRIES = 6  # at laying a scar where something grows


@cache
def scenes() -> tuple[Chip, ...]:
    """Return the scenes with a mask, reflectance (4, 128, 128) each; raises InputError where the file is not there."""
    bands, masks, numbers, _ = _held()
    return tuple(Chip(int(n), image(b), m) for n, b, m in zip(numbers, bands, masks, strict=True))


@cache
def places() -> tuple[np.ndarray, ...]:
    """Return the places without a mask, reflectance (4, 128, 128) each; some may show scars that nobody drew."""
    return tuple(image(bands) for bands in _held()[3])


@cache
def _held() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    if reason := real.absent(FILE):
        raise InputError(reason)
    with np.load(config.settings().data / FILE) as held:
        return held["bands"], held["mask"].astype(bool), held["ids"], held["unlabelled"]


def image(bands: np.ndarray) -> np.ndarray:
    """Return B02, B03, B04 and B08 of bands over their means (14, y, x) as reflectance, float32 (4, y, x)."""
    return bands[list(AMONG)].astype(np.float32) * MEANS[:, None, None]


@cache
def bare(number: int, variant: int) -> np.ndarray:
    """Return scene ``number`` of ``scenes`` without its scars; each variant fills them with other ground of it."""
    scene = scenes()[number]
    return chips.without(scene.image, scene.scars, scene.scars, np.random.default_rng([scene.number, variant, 4]))


def moved(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Return an image displaced by up to ``paint.MISREGISTRATION_PX``, mostly by less."""
    by = rng.uniform(-1, 1, 2) * paint.MISREGISTRATION_PX * rng.uniform() ** 1.5
    return paint.cut(image, image.shape[1], (1, 1), np.zeros(2), 1, by)


class Scarred(data.Maker):
    """Makes pairs as ``data.Maker`` does, and among them pairs with real scars, or with the places these are from.

    A scene has its scars at T2 and not at T1, or they are laid, texture and outline, onto a real place or a mountain.
    Decoys, filled in the same way where nothing slid, keep the filling from being what is learnt.
    """

    used: tuple[int, ...] = (0, 1, 2, 3)  # of the scenes with a mask

    def pair(self, number: int) -> Pair:
        rng = np.random.default_rng([self.seed, number, 7])
        if rng.uniform() >= SHARE:
            return super().pair(number)
        kind = KINDS[int(rng.choice(len(KINDS), p=[share for _, share in KINDS]))][0]
        made = {"removed": self._removed, "laid": self._laid, "twice": self._twice}[kind](rng)
        return data._turned(data._relit(data.finish(made, rng), rng), rng)

    def _scene(self, rng: Rng) -> int:
        return self.used[int(rng.integers(len(self.used)))]

    def _removed(self, rng: Rng) -> Pair:
        number = self._scene(rng)
        scene, before = scenes()[number], bare(number, int(rng.integers(VARIANTS)))
        t1, t2 = (self._decoys(one, scene.scars, rng) for one in (before, scene.image))
        return _pair(moved(t1, rng), t2, scene.scars)

    def _laid(self, rng: Rng) -> Pair:
        """Return a place with a scene's scars at T2; without them where nothing grows on which they would show."""
        ground, scene = self._ground(rng), scenes()[self._scene(rng)]
        for _ in range(TRIES):
            t2, where = chips.laid(ground.t2, scene, rng, MOST_LIT)
            if plausible(ground.t1, where):
                return Pair(ground.t1, t2, where, ground.clear)
        return ground

    def _twice(self, rng: Rng) -> Pair:
        before = self._mountain(rng)
        none = np.zeros(before.shape[1:], bool)
        t1, t2 = (self._decoys(before, none, rng) for _ in range(2))
        return _pair(moved(t1, rng), t2, none)

    def _ground(self, rng: Rng) -> Pair:
        """Return two dates of a real place, or a mountain twice, T1 a little displaced."""
        if self.places and rng.uniform() < 0.5:
            return self._cut(self.places[int(rng.integers(len(self.places)))], rng)
        before = self._mountain(rng)
        return _pair(moved(before, rng), before, np.zeros(before.shape[1:], bool))

    def _mountain(self, rng: Rng) -> np.ndarray:
        """Return a place without a mask or, as one of them, a scene with its scars, which are old then."""
        every = (*places(), *(scenes()[number].image for number in self.used))
        return every[int(rng.integers(len(every)))]

    def _decoys(self, image: np.ndarray, scars: np.ndarray, rng: Rng) -> np.ndarray:
        """Return an image filled where another scene has its scars, but never on this one's."""
        if rng.uniform() > chips.DECOYS:
            return image
        other = np.rot90(scenes()[self._scene(rng)].scars, int(rng.integers(4))) & ~scars
        return chips.without(image, other, scars, rng) if other.mean() < 0.12 else image


class WithoutFirst(Scarred):
    """Without the scenes of the first half, on which its network is scored."""

    used = HALVES[1]


class WithoutSecond(Scarred):
    """Without the scenes of the second half, on which its network is scored."""

    used = HALVES[0]


def _pair(t1: np.ndarray, t2: np.ndarray, truth: np.ndarray) -> Pair:
    return Pair(t1, t2, truth, np.ones_like(truth))
