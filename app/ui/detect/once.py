"""What everybody who looks at the same detection sees, worked out once and kept as it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.detection import steep
from app.pictures import render
from app.scoring import curves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.detection.run import Detection
    from app.patches import PatchSpec
    from app.scoring.curves import Curve

Cut = tuple[float, float, int]  # what makes a mask of scores: threshold, smallest area, opening
Pixel = tuple[float, float]  # how wide and high one is on the ground
Colour = tuple[int, int, int]


def key(spec: PatchSpec, found: Detection) -> str:
    """Return what two detections have in common only where their scores are the same."""
    said = (found.ran, found.model_sha256, found.device, found.provider, found.fallback, found.min_slope_deg)
    return f"{spec.key} {said}"


@st.cache_data(max_entries=128, show_spinner=False)
def curve(key: str, truth: str, method: str, _found: Detection, _landslide: np.ndarray, _valid: np.ndarray) -> Curve:
    """Return the counts of a detection against its patch's truth at every threshold.

    ``truth`` names that truth (``outlined.key_of``): readers have outlines of their own, and rules for them.
    ``_landslide`` and ``_valid`` are bool (y, x), of the truth and of the pixels that count.
    """
    return curves.count_of_method(steep.ranked(_found), _landslide, _valid, method, _found.unit)


@st.cache_data(max_entries=256, show_spinner=False)
def spread(key: str, _found: Detection) -> tuple[float, float]:
    """Return the scores that are drawn black and white: the first and the last per cent; (0, 1) where there is none.

    Of clear pixels: a cloud is no measure of what is bright.
    """
    finite = _found.score[np.isfinite(_found.score) & _found.clear]
    low, high = (float(edge) for edge in np.percentile(finite, (1, 99))) if finite.size else (0.0, 1.0)
    return low, high


@st.cache_data(max_entries=64, show_spinner=False)
def score(key: str, low: float, high: float, pixel: Pixel, simulated: bool, _found: Detection) -> bytes:
    """Return the scores between two edges as an encoded picture, in its proportions on the ground."""
    return render.encode(render.in_proportion(render.grey(_found.score, low, high), pixel), simulated)[0]


@st.cache_data(max_entries=64, show_spinner=False)
def marked(
    key: str, cut: Cut, edges: tuple[float, float], colour: Colour, pixel: Pixel, simulated: bool,
    _found: Detection, _mask: np.ndarray,
) -> bytes:  # fmt: skip
    """Return the scores with what was detected over them, encoded as ``score`` is.

    ``cut`` is what makes ``_mask``, bool (y, x), of the scores.
    """
    over = render.painted(render.grey(_found.score, *edges), _mask, colour)
    return render.encode(render.in_proportion(over, pixel), simulated)[0]


@st.cache_data(max_entries=64, show_spinner=False)
def agreed(cuts: tuple[tuple[str, Cut], ...], pixel: Pixel, simulated: bool, _masks: Sequence[np.ndarray]) -> bytes:
    """Return how many of several detections mark each pixel, black for none to white for all, encoded as ``score`` is.

    ``cuts`` holds key and cut of each of ``_masks``, bool (y, x).
    """
    counted = np.stack(_masks).sum(axis=0, dtype=np.float32)
    return render.encode(render.in_proportion(render.grey(counted, 0, len(_masks)), pixel), simulated)[0]
