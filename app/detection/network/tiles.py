"""Cut a scene into overlapping tiles and blend what each answers, so that no seam is left."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

BATCH_PX = 8 * 256 * 256  # pixels a batch of tiles holds at most; eight tiles gain nearly all that batches gain
MOST_TILES = 64  # a batch: however small they are, a press of stop is heard between batches


@dataclass(frozen=True)
class Axis:
    """How one side of a scene is covered: ``starts`` of tiles of ``tile`` pixels, the first may be negative.

    What a tile reads beyond the scene is the scene mirrored at its edge.
    """

    side: int
    tile: int
    starts: tuple[int, ...]

    @property
    def overlap(self) -> int:
        """The fewest pixels two neighbours share; 0 where there is one tile."""
        return min((a + self.tile - b for a, b in zip(self.starts, self.starts[1:], strict=False)), default=0)

    def source(self, number: int) -> tuple[slice, np.ndarray]:
        """Return the slice of the scene a tile reads, and the index of each of its pixels in that slice."""
        at = mirrored(np.arange(self.starts[number], self.starts[number] + self.tile), self.side)
        return slice(int(at.min()), int(at.max()) + 1), at - at.min()

    def target(self, number: int) -> tuple[slice, slice]:
        """Return where a tile lies in the scene, and which of its own pixels those are."""
        start = self.starts[number]
        first, last = max(0, start), min(self.side, start + self.tile)
        return slice(first, last), slice(first - start, last - start)

    @cached_property
    def weights(self) -> np.ndarray:
        """What each tile counts for, float32 (tiles, tile): at every pixel of the scene they add up to one.

        In the middle half of an overlap a raised cosine leads from one tile to the next; the quarter
        nearest a tile's own edge counts nothing, for there a network sees least around it. Where two
        tiles share more than half, the ramp stays at a quarter of the tile, so that never more than
        two tiles meet.
        """
        weights = np.ones((len(self.starts), self.tile), np.float32)
        for number, (left, right) in enumerate(zip(self.starts, self.starts[1:], strict=False)):
            shared = left + self.tile - right
            entering = _ramp(shared, min(shared // 2, self.tile // 4))
            weights[number + 1, :shared] *= entering
            weights[number, self.tile - shared :] *= 1 - entering
        return weights


@dataclass(frozen=True)
class Tiling:
    """How a scene is cut: rows of tiles over its height, columns over its width, ``batch`` tiles at once."""

    rows: Axis
    columns: Axis
    batch: int = 1

    @property
    def count(self) -> int:
        """How many tiles there are."""
        return len(self.rows.starts) * len(self.columns.starts)

    @property
    def shape(self) -> tuple[int, int]:
        """The scene's height and width in pixels."""
        return self.rows.side, self.columns.side

    def __str__(self) -> str:
        size = f"{self.columns.tile} x {self.rows.tile} pixels"
        if self.count == 1:
            return f"one tile of {size}"
        return f"{self.count} tiles of {size}, blended over {max(self.rows.overlap, self.columns.overlap)} shared ones"


def mirrored(index: np.ndarray, side: int) -> np.ndarray:
    """Return indices folded into 0 to ``side`` - 1 by reflection at both ends, the edge pixel not repeated."""
    if side == 1:
        return np.zeros_like(index)
    folded = np.mod(index, 2 * (side - 1))
    return np.where(folded < side, folded, 2 * (side - 1) - folded)


def fixed(side: int, tile: int, overlap: int) -> Axis:
    """Return tiles of exactly ``tile`` pixels that share at least ``overlap`` of them, evenly spread.

    A side shorter than the tile lies in its middle. Overlaps count up to half a tile: more would only
    multiply the work.
    """
    if side <= tile:
        return Axis(side, tile, (-((tile - side) // 2),))
    overlap = min(overlap, tile // 2)
    count = max(2, math.ceil((side - overlap) / (tile - overlap)))
    return Axis(side, tile, tuple(round(n * (side - tile) / (count - 1)) for n in range(count)))


def fitted(side: int, overlap: int, multiple: int, largest: int) -> Axis:
    """Return the fewest tiles that cover a side, none above ``largest``, in multiples of ``multiple``.

    For networks that take any size: a side that fits into one tile gets one just as large, others the
    smallest tiles that do with as few.
    """
    largest = max(multiple, largest // multiple * multiple)
    if side <= largest:
        return fixed(side, _rounded_up(side, multiple), overlap)
    overlap = min(overlap, largest // 2)
    count = math.ceil((side - overlap) / (largest - overlap))
    return fixed(side, _rounded_up((side + (count - 1) * overlap) / count, multiple), overlap)


def batch_for(rows: Axis, columns: Axis, largest_px: int = BATCH_PX) -> int:
    """Return how many tiles to give a network at once, so that a batch keeps to ``largest_px`` pixels."""
    count = len(rows.starts) * len(columns.starts)
    batch = max(1, min(count, MOST_TILES, largest_px // (rows.tile * columns.tile)))
    return math.ceil(count / math.ceil(count / batch))  # as many batches, of more equal size


def blend(
    tiling: Tiling,
    answer: Callable[[Sequence[tuple[int, int]]], np.ndarray],
    watch: Callable[[int], None] = lambda done: None,
) -> np.ndarray:
    """Return the scores of a scene, float32 (height, width), blended from its tiles.

    ``answer`` gets up to ``tiling.batch`` tiles as (row, column) numbers and returns their scores,
    float32 (n, tile height, tile width); ``watch`` hears how many tiles are done. Beside the result
    no more than a batch is held.
    """
    out = np.zeros(tiling.shape, np.float32)
    across = len(tiling.columns.starts)
    for first in range(0, tiling.count, tiling.batch):
        watch(first)
        chosen = [divmod(number, across) for number in range(first, min(first + tiling.batch, tiling.count))]
        for (row, column), tile in zip(chosen, answer(chosen), strict=True):
            _add(out, tile, tiling, row, column)
    watch(tiling.count)
    return out


def _add(out: np.ndarray, tile: np.ndarray, tiling: Tiling, row: int, column: int) -> None:
    (y, own_y), (x, own_x) = tiling.rows.target(row), tiling.columns.target(column)
    weights = tiling.rows.weights[row][own_y, None] * tiling.columns.weights[column][None, own_x]
    # where a tile counts nothing, its having no number does not either
    out[y, x] += np.where(weights > 0, weights * tile[own_y, own_x], np.float32(0))


def _ramp(length: int, middle: int) -> np.ndarray:
    """Return weights 0 to 1 over ``length`` pixels that rise, as a raised cosine, in the ``middle`` ones only."""
    ramp = np.zeros(length)
    before = (length - middle) // 2
    ramp[before + middle :] = 1
    ramp[before : before + middle] = 0.5 - 0.5 * np.cos(np.pi * (np.arange(middle) + 0.5) / max(middle, 1))
    return ramp


def _rounded_up(value: float, multiple: int) -> int:
    return math.ceil(value / multiple) * multiple
