"""Real scars to learn from: scenes after landslides with hand-drawn masks, colours alone, and pairs made of them.

The scenes are Landslide4Sense's (Ghorbanzadeh et al. 2022, doi:10.1109/JSTARS.2022.3215209), of which no pixel is part
of Scarp. Each is one date; the other is made: its scars are taken out of it, or scars of other scenes laid onto it.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from app import config
from app.errors import InputError
from app.grid import BUFFER_DEG
from app.testsets import real
from app.testsets.real import Place
from app.testsets.scars import Pair, Rng
from models import data, paint, restyle

FILE = "landslide4sense_chips/chips.npz"
SIDE = 128
BLOCK, HELD_BACK = 100, (4, 9)  # of every ten hundreds of numbers, those that are for validation
COLOURS = ("B02", "B03", "B04")
NEAR_PX = 2  # around a mask, what is still counted to a scar: outlines are drawn a pixel or two beside
TRIES = 24
VARIANTS = 2  # ways in which the scars of a scene are filled
DECOYS = 0.35  # share of dates that are filled where nothing slid
MORE_LOOKS = 1.67  # how often an image of T2 alone is restyled, beside a T2 of two dates


@dataclass(frozen=True, eq=False)
class Chip:
    """One scene: ``image`` float32 (3, 128, 128), B02 to B04, its median brightness 1; ``scars`` bool (128, 128)."""

    number: int
    image: np.ndarray
    scars: np.ndarray


@cache
def chips(split: str) -> tuple[Chip, ...]:
    """Return the scenes for "train" or "validation"; raises InputError where the file is not there.

    Regions cannot be told apart, so blocks of a hundred numbers, which lie near each other, stay together.
    """
    reason = real.absent(FILE)
    if reason:
        raise InputError(reason)
    with np.load(config.settings().data / FILE) as held:
        rgb, numbers = held["rgb"], held["ids"]
        scars = np.unpackbits(held["mask"], axis=2).astype(bool)
    wanted = [k for k, number in enumerate(numbers) if (split == "validation") == (number // BLOCK % 10 in HELD_BACK)]
    return tuple(Chip(int(numbers[k]), _image(rgb[k]), scars[k]) for k in wanted)


def _image(rgb: np.ndarray) -> np.ndarray:
    return restyle.evened(np.ascontiguousarray(rgb.transpose(2, 0, 1)[::-1]).astype(np.float32))


def without(image: np.ndarray, holes: np.ndarray, avoid: np.ndarray, rng: Rng) -> np.ndarray:
    """Return the image with each hole filled by ground of the same image whose surroundings fit, blended at its edge.

    ``holes`` and ``avoid`` (what no ground is taken from) are bool (y, x). Where nothing in the image fits, the nearest
    pixels beside the hole fill it.
    """
    from scipy.ndimage import binary_dilation, find_objects, label

    wide = binary_dilation(holes, np.ones((3, 3)), NEAR_PX)
    image, (groups, _) = image.copy(), label(wide)
    shut = avoid | wide
    for group, window in enumerate(find_objects(groups), start=1):
        rows, columns = (
            slice(max(0, s.start - 4), min(n, s.stop + 4)) for s, n in zip(window, holes.shape, strict=True)
        )
        _fill(image, groups == group, shut, rows, columns, rng)
    return image


@cache
def bare(chip: Chip, variant: int) -> np.ndarray:
    """Return the image of a scene without its scars; each variant fills them with other ground."""
    return without(chip.image, chip.scars, chip.scars, np.random.default_rng([chip.number, variant]))


def _fill(image: np.ndarray, hole: np.ndarray, shut: np.ndarray, rows: slice, columns: slice, rng: Rng) -> None:
    """Fill one hole of ``image`` in place; ``rows`` and ``columns`` are its window with some ground around it."""
    from scipy.ndimage import gaussian_filter

    inside, here = hole[rows, columns], image[:, rows, columns]
    ring = ~shut[rows, columns]
    taken = _fitting(image, inside, ring, shut, rows, columns, rng)
    if taken is None:
        taken = _nearest(image, shut, rows, columns)
    elif ring.any():
        taken = taken * (here[:, ring].mean(1) / np.maximum(taken[:, ring].mean(1), 1e-3)).clip(0.6, 1.6)[:, None, None]
    share = np.maximum(inside, gaussian_filter(inside.astype(np.float32), 1.2))
    image[:, rows, columns] = here * (1 - share) + taken * share


def _fitting(
    image: np.ndarray, inside: np.ndarray, ring: np.ndarray, shut: np.ndarray, rows: slice, columns: slice, rng: Rng
) -> np.ndarray | None:
    """Return the window of the image, of some drawn at random, that has no scar where the hole is and the like ring."""
    best, least = None, np.inf
    height, width = inside.shape
    for _ in range(TRIES):
        y, x = (int(rng.integers(side - size + 1)) for side, size in zip(shut.shape, (height, width), strict=True))
        there = (slice(y, y + height), slice(x, x + width))
        if (shut[there] & inside).any():
            continue
        fits = ring & ~shut[there]
        seen = image[:, there[0], there[1]]
        miss = float(np.abs(seen - image[:, rows, columns])[:, fits].mean()) if fits.any() else 1e6
        if miss < least:
            best, least = seen.copy(), miss
    return best


def _nearest(image: np.ndarray, shut: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
    from scipy.ndimage import distance_transform_edt

    if shut.all():
        return image[:, rows, columns].copy()
    _, (y, x) = distance_transform_edt(shut, return_indices=True)
    return image[:, y[rows, columns], x[rows, columns]]


def laid(image: np.ndarray, chip: Chip, rng: Rng, most: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
    """Return an image with the scars of a scene laid onto it, texture and outline, and where, bool (y, x).

    They keep their colours beside the scene they are from, as far as that and the image are lit alike: a band of them
    becomes at most ``most`` times as bright, or as dark.
    """
    from scipy.ndimage import gaussian_filter

    turns, mirrored = int(rng.integers(4)), rng.uniform() < 0.5
    scars, seen = (np.rot90(values, turns, (-2, -1)) for values in (chip.scars, chip.image))
    if mirrored:
        scars, seen = scars[:, ::-1], seen[..., ::-1]
    moved = rng.integers(-40, 41, 2)
    scars, seen = np.roll(scars, moved, (0, 1)), np.roll(seen, moved, (1, 2))
    around = np.median(seen[:, ~scars], axis=1)
    level = (np.median(image.reshape(len(image), -1), axis=1) / np.maximum(around, 1e-3)).clip(1 / most, most)
    gain = level * np.exp(rng.normal(0, 0.15)) * np.exp(rng.normal(0, 0.04, len(image)))
    share = gaussian_filter(scars.astype(np.float32), rng.uniform(0.3, 0.7))
    given = seen * gain[:, None, None].astype(np.float32)
    return (image * (1 - share) + given * share).astype(np.float32), share >= 0.5


class Chips(data.Maker):
    """Makes pairs of B02, B03 and B04 without end, most of them with real scars; numbers as of ``data.Maker``.

    Half of the pairs have a scene with its scars at T2 and without them at T1; decoys, filled in the same way where
    nothing slid, keep the filling from being what is learnt.
    """

    MIX: tuple[tuple[str, float], ...] = (("removed", 0.45), ("laid", 0.2), ("unchanged", 0.12), ("made", 0.23))
    split = "train"

    def __init__(self, pool: list[Pair], places: list[Place], seed: int, side: int = SIDE) -> None:
        super().__init__(pool, places, seed, side)
        self.chips = chips(self.split)

    def pair(self, number: int) -> Pair:
        rng = np.random.default_rng([self.seed, number])
        kind = self._kind(rng)
        if kind == "made":
            made = super().pair(number)
            t1, t2 = restyle.evened(made.t1[:3]), restyle.evened(made.t2[:3])
            return Pair(restyle.sensor(t1, rng), restyle.sensor(t2, rng), made.truth, made.clear)
        made = {"removed": self.removed, "laid": self.laid, "unchanged": self.same}[kind](rng)
        return _looked(made, rng)

    def _kind(self, rng: Rng) -> str:
        return self.MIX[int(rng.choice(len(self.MIX), p=[share for _, share in self.MIX]))][0]

    def _chip(self, rng: Rng) -> Chip:
        return self.chips[int(rng.integers(len(self.chips)))]

    def removed(self, rng: Rng) -> Pair:
        """Return a scene as T2, and as T1 the same without its scars; both dates have decoys."""
        chip = self._chip(rng)
        t2 = self._decoys(chip.image, chip, rng)
        t1 = self._decoys(bare(chip, int(rng.integers(VARIANTS))), chip, rng)
        return Pair(t1, t2, chip.scars, np.ones_like(chip.scars))

    def laid(self, rng: Rng) -> Pair:
        """Return a scene, or a real place, as T1, and as T2 the same with another scene's scars; its own are old."""
        place = self._ground(rng)
        t2, truth = laid(place, self._chip(rng), rng)
        return Pair(place, t2, truth, np.ones_like(truth))

    def same(self, rng: Rng) -> Pair:
        """Return a scene, or a real place, twice: its scars are old, and decoys are no change."""
        chip = self._chip(rng)
        t1, t2 = (self._decoys(chip.image, chip, rng) for _ in range(2))
        if rng.uniform() < 0.4:
            t1 = t2 = self._ground(rng)
        none = np.zeros_like(chip.scars)
        return Pair(t1, t2, none, ~none)

    def _decoys(self, image: np.ndarray, chip: Chip, rng: Rng) -> np.ndarray:
        """Return an image filled where another scene has its scars, but never on this one's."""
        if rng.uniform() > DECOYS:
            return image
        other = np.rot90(self._chip(rng).scars, int(rng.integers(4))) & ~chip.scars
        return without(image, other, chip.scars, rng) if other.mean() < 0.12 else image

    def _ground(self, rng: Rng) -> np.ndarray:
        """Return the image of a place, half of the time one of the real places without landslides."""
        if self.places and rng.uniform() < 0.5:
            place = self.places[int(rng.integers(len(self.places)))]
            first = int(rng.integers(len(place.dates)))
            return restyle.evened(data.cut_pair(place, first, first, self.side, rng).t1[:3])
        return self._chip(rng).image


class Alone(Chips):
    """Makes images of B02, B03 and B04 without end, as T2; truth is every scar that is there, old ones too."""

    MIX: tuple[tuple[str, float], ...] = (("scene", 0.7), ("laid", 0.1), ("ground", 0.08), ("made", 0.12))

    def pair(self, number: int) -> Pair:
        rng = np.random.default_rng([self.seed, number])
        kind = self._kind(rng)
        if kind == "made":  # draws its kind with the number that chose it: always real ground (docs/TRAINING.md)
            made = data.Maker.pair(self, number)
            return Pair(made.t1[:3], restyle.sensor(restyle.evened(made.t2[:3]), rng), made.truth, made.clear)
        return _looked(self._scene(kind, rng), rng, MORE_LOOKS, alone=True)

    def _scene(self, kind: str, rng: Rng) -> Pair:
        chip = self._chip(rng)
        image, truth = chip.image, chip.scars
        if kind == "laid":
            image, added = laid(image, self._chip(rng), rng)
            truth = truth | added
        if kind == "ground" and self.places:
            image, truth = self._real(rng), np.zeros_like(truth)
        return Pair(image, image, truth, np.ones_like(truth))

    def _real(self, rng: Rng) -> np.ndarray:
        place = self.places[int(rng.integers(len(self.places)))]
        first = int(rng.integers(len(place.dates)))
        return restyle.evened(data.cut_pair(place, first, first, self.side, rng).t1[:3])


def _looked(pair: Pair, rng: Rng, much: float = 1.0, alone: bool = False) -> Pair:
    """Return the pair turned, its dates in other looks, T1 moved a little; ``alone`` leaves T1 as it is."""
    pair = data._turned(pair, rng)
    t2, clear2 = restyle.restyled(pair.t2, rng, 0.6 * much, pair.truth)
    if alone:
        return Pair(pair.t1, t2, pair.truth, pair.clear & clear2)
    t1, clear1 = restyle.restyled(pair.t1, rng, much)
    moved = rng.uniform(-1, 1, 2) * paint.MISREGISTRATION_PX * rng.uniform() ** 1.5
    t1 = paint.cut(t1, t1.shape[1], (1, 1), np.zeros(2), 1, moved)
    return Pair(t1, t2, pair.truth, pair.clear & clear1 & clear2)


def validation_pairs(alone: bool, scenes: int = 60, others: int = 60, seed: int = 0) -> dict[str, list[Pair]]:
    """Return pairs of scenes kept for validation, "real scars", and of other ground, "other", half of it simulated.

    Bands are B02, B03 and B04. Scars are taken out of T1, and one pair in four shows nothing that slid. For networks of
    T2 ``alone`` there are the scenes as they are and nothing else: what of simulated or painted ground was bare before
    is not marked in it, and would count as false.
    """
    maker = _Held([], real.places("validation"), seed)
    rngs = [np.random.default_rng([seed, 5, k]) for k in range(scenes)]
    made = [maker.shown(number, alone, rng) for number, rng in enumerate(rngs)]
    if alone or not others:
        return {"real scars": made}
    half = others // 2
    pairs = data.validation_pairs(seed, max(half, 1), others - half)
    return {"real scars": made, "other": [Pair(one.t1[:3], one.t2[:3], one.truth, one.clear) for one in pairs]}


def unchanged_pairs(fields: int = 40, simulated: int = 40, seed: int = 0) -> list[Pair]:
    """Return pairs of validation places in which nothing slid, B02, B03 and B04: fields, then simulated scenes.

    The fields are one real date as two, worked, turned and lit otherwise; the scenes are of two seasons.
    """
    maker = data.Looks([], real.places("validation") if fields else [], seed)
    pairs = [maker._unchanged(np.random.default_rng([seed, 6, k])) for k in range(fields)]
    for k, place in enumerate(data.simulated_places("validation", simulated, seed + 3)):
        whole = data.simulate(replace(place, event=None), BUFFER_DEG, judge_felled=False)
        pairs.append(data._tile(whole, data.corner(whole.truth, np.random.default_rng([seed, 8, k]))))
    return [Pair(one.t1[:3], one.t2[:3], one.truth, one.clear) for one in pairs]


class _Held(Chips):
    """Pairs of the scenes kept for validation."""

    split = "validation"

    def shown(self, number: int, alone: bool, rng: Rng) -> Pair:
        chip = self.chips[number % len(self.chips)]
        every = np.ones_like(chip.scars)
        if alone:
            return Pair(chip.image, chip.image, chip.scars, every)
        if number % 4 == 3:
            return _looked(Pair(chip.image, chip.image, ~every, every), rng)
        t1 = without(chip.image, chip.scars, chip.scars, rng)
        return _looked(Pair(t1, chip.image, chip.scars, every), rng)
