"""How scenes look over one patch, from their scene classes: which is the clearest, and which pixels are taken first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.patches import CLEAR, NODATA
from app.sources import scl
from app.sources.stac_search import Scene


@dataclass(frozen=True)
class Look:
    """How a scene looks over one patch, from its scene classes at coarse resolution."""

    scene: Scene
    classes: np.ndarray  # uint8 (y, x), 0 nodata

    @property
    def clear_share(self) -> float:
        """Share of the patch that is seen and clear, 0 to 1."""
        return clear_share(self.classes)

    @property
    def seen(self) -> bool:
        """Whether the scene holds any pixel of the patch."""
        return bool((scl.cloud_mask(self.classes) != NODATA).any())


def clear_share(classes: np.ndarray) -> float:
    """Return the share of scene classes that are seen and clear, 0 to 1."""
    return float(np.mean(scl.cloud_mask(classes) == CLEAR))


def ranked(looks: Sequence[Look]) -> list[Look]:
    """Return the scenes of one day, the one to take pixels from first.

    The clearest overpass comes first, in it the clearest tile, of equals the newest processing.
    """
    passes: dict[str, float] = {}
    for taken in {look.scene.taken for look in looks}:
        passes[taken] = clear_share(mosaic([look.classes for look in looks if look.scene.taken == taken]))
    return sorted(
        (look for look in looks if look.seen),
        key=lambda look: (
            -round(passes[look.scene.taken], 2),
            look.scene.taken,
            -round(look.clear_share, 2),
            tuple(-part for part in look.scene.baseline),
            look.scene.id,
        ),
    )


def mosaic(layers: Sequence[np.ndarray]) -> np.ndarray:
    """Return the layers laid over each other, 0 nodata, the first on top."""
    result = layers[0].copy()
    for layer in layers[1:]:
        np.copyto(result, layer, where=result == 0)
    return result


def of_clearest_day(looks: Sequence[Look], asked: date) -> list[Look]:
    """Return the scenes of the clearest day as ``ranked`` does, of days as clear the nearest; empty without any."""
    days: dict[date, list[Look]] = {}
    for look in looks:
        if look.seen:
            days.setdefault(look.scene.day, []).append(look)
    best = min(
        days,
        key=lambda day: (
            -round(clear_share(mosaic([look.classes for look in ranked(days[day])])), 2),
            abs(day - asked),
        ),
        default=None,
    )
    return ranked(days[best]) if best is not None else []
