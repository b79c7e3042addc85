"""Detected polygons one by one: what names each of a mask, and what reviewers kept of a detection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from app.errors import ReviewError
from app.files import digest
from app.grid import label_areas_m2
from app.review import corrected
from app.review.standing import standing

if TYPE_CHECKING:
    from app.grid import Grid
    from app.review.records import Verdict

MOST = 500  # of one event: the largest; more are no landslides but noise
_TOUCHING = np.ones((3, 3), bool)  # as ``app.detection.polygons`` has it


@dataclass(frozen=True, eq=False)
class Piece:
    """One polygon of a detection; its ``subject`` follows from its pixels and their place alone."""

    subject: str
    number: int
    labels: np.ndarray  # int32 (y, x): ``number`` where the polygon is
    area_m2: float
    pixels: int
    score: float  # mean over the polygon, NaN where none is known

    @property
    def mask(self) -> np.ndarray:
        """The polygon, bool (y, x)."""
        return self.labels == self.number


@dataclass(eq=False)
class KeptDetection:
    """What reviewers left of one method's detection on one patch: bool (y, x) on ``grid``."""

    event: str
    method: str
    grid: Grid
    mask: np.ndarray
    verdicts: list[Verdict] = field(default_factory=list)  # of the polygons kept
    dropped: int = 0


def pieces(mask: np.ndarray, score: np.ndarray, grid: Grid, least_m2: float = 0.0) -> list[Piece]:
    """Return the polygons of a bool mask (y, x), largest first, at most ``MOST``, none below ``least_m2``.

    ``score`` is float32 (y, x). Raises GridError where the grid lies at no known place.
    """
    from scipy import ndimage

    grid.required_place()
    labels, number = ndimage.label(mask, _TOUCHING)
    if not number:
        return []
    areas, pixels = label_areas_m2(labels, number, grid), np.bincount(labels.ravel())[1:]
    means = ndimage.mean(score, labels, np.arange(1, number + 1))
    largest = [n for n in np.argsort(-areas, kind="stable") if areas[n] >= least_m2 * (1 - 1e-9)][:MOST]
    where = ndimage.find_objects(labels)
    return [
        Piece(_subject(labels, int(n) + 1, where[n], grid), int(n) + 1, labels, float(areas[n]), int(pixels[n]),
              float(means[n]))
        for n in largest
    ]  # fmt: skip


def judged(entries: Iterable[Verdict], reviewer: str, kind: str = "polygon") -> dict[str, Verdict]:
    """Return subject -> the verdict on it that counts, of one reviewer, one kind, and of entries on one event."""
    return {item[3]: one for (item, who), one in standing(entries).items() if who == reviewer and item[2] == kind}


def kept(entries: Iterable[Verdict]) -> list[KeptDetection]:
    """Return what was kept of each method's detection on each event, of every polygon the newest verdict of anybody.

    Where polygons were looked at and all dropped, the mask is empty. Of an outline that cannot be read again, and of
    polygons nobody judged, nothing is kept.
    """
    met: set[tuple[str, ...]] = set()
    found: dict[tuple[object, ...], KeptDetection] = {}
    for (item, _), one in standing(entries).items():
        if item[2] != "polygon" or item in met or one.odd or one.meaning not in ("confirmed", "rejected"):
            continue
        met.add(item)
        try:
            mask, grid = corrected.mask_of(one.geometry)
        except ReviewError:
            continue
        held = found.setdefault((item[0], item[1], one.method, grid), _nothing(one, grid))
        if one.meaning == "confirmed":
            held.mask |= mask
            held.verdicts.append(one)
        else:
            held.dropped += 1
    return list(found.values())


def _nothing(one: Verdict, grid: Grid) -> KeptDetection:
    return KeptDetection(one.event, one.method, grid, np.zeros(grid.shape, bool))


def _subject(labels: np.ndarray, number: int, where: tuple[slice, slice], grid: Grid) -> str:
    place = [(one.start, one.stop) for one in where]
    inside = np.packbits(labels[where] == number).tobytes()
    return digest(f"{grid!r} {place} ".encode() + inside)[:20]
