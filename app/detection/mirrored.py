"""Whether a network answers alike when the image is mirrored: where it does not, its answer hangs on little."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.detection import run
from app.detection.run import Detection
from app.errors import NetworkError
from app.patches import Progress, no_progress

if TYPE_CHECKING:
    import xarray as xr

AXES = (("x",), ("y",), ("y", "x"))


@dataclass(frozen=True, eq=False)
class Mirrored:
    """A network's answers on a patch as it is and mirrored in three ways, laid back to where they belong."""

    first: Detection  # of the patch as it is
    scores: np.ndarray  # float32 (4, y, x), the first as it is; NaN where there is none

    def masks(self, threshold: float | None = None) -> np.ndarray:
        """Return what each answer marks on clear pixels, bool (4, y, x)."""
        level = self.first.threshold if threshold is None else threshold
        return (self.scores >= level) & self.first.clear

    def apart(self, threshold: float | None = None) -> np.ndarray:
        """Return how many of the four answers stand against the rest, 0 to 2, uint8 (y, x)."""
        marking = self.masks(threshold).sum(axis=0, dtype=np.uint8)
        return np.minimum(marking, len(self.scores) - marking)


def answers(patch: "xr.Dataset", first: Detection, device: str, progress: Progress = no_progress) -> Mirrored:
    """Run the network that gave ``first`` on the patch mirrored from left to right, from top to bottom, and both.

    Raises NetworkError where it does not run on one of them, and what ``progress`` raises.
    """
    found = [first.score]
    for number, axes in enumerate(AXES):

        def told(share: float, doing: str, number: int = number) -> None:
            progress((number + share) / len(AXES), f"Mirrored {number + 1} of {len(AXES)}: {doing}")

        detection = run.detect(_mirrored(patch, axes), first.ran, device, told)
        if detection.ran != first.ran:
            raise NetworkError(f"{first.ran} did not run on the mirrored image: {detection.fallback}")
        found.append(detection.score[tuple(slice(None, None, -1 if axis in axes else 1) for axis in ("y", "x"))])
    return Mirrored(first, np.stack(found).astype(np.float32))


def _mirrored(patch: "xr.Dataset", axes: tuple[str, ...]) -> "xr.Dataset":
    """Return the patch with what it shows mirrored, on the grid it had."""
    turned = patch.isel({axis: slice(None, None, -1) for axis in axes})
    return turned.assign_coords({axis: patch[axis] for axis in axes})
