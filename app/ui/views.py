"""Pictures of a patch on a page: their controls, the viewer, and what a clicked pixel holds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import patches, truth
from app.bands import CLOUD_MASK, TRUTH
from app.detection import methods, run
from app.detection.marking import Marked
from app.export import event_folder
from app.files import file_word
from app.patches import NODATA, PatchSpec
from app.pictures import render
from app.ui import cached, elevation, outlined, pictures, viewer
from app.ui.compare import drawing, inspector, moving, printing, profiles
from app.ui.compare import years as over_years
from app.ui.viewer import Aim, Layer, Pick, Picture

if TYPE_CHECKING:
    import xarray as xr

    from app.detection.run import Detection
    from app.export.panels import Outlined

NODATA_COLOUR = (150, 150, 150)
_SAMPLE = 200_000  # scores that limits are told from


def comparison(
    spec: PatchSpec,
    patch: xr.Dataset,
    composition: str,
    stretch: str,
    layers: list[Layer] | None = None,
    look: Aim | None = None,
) -> Pick | None:
    """Draw both dates in the viewer with all that may lie over or beside them; returns a clicked pixel.

    ``layers`` come before clouds, nodata and truth; ``look`` is where the page wants the reader to look.
    """
    panes, _ = cached.panes(spec, composition, stretch)
    scores = [_score_picture(spec, patch, found) for found in cached.detections(spec)]
    pick = viewer.show(
        panes,
        patches.grid_of(patch),
        [*(layers or []), *_standing_layers(patch), *_beside_truth(spec, patch), *elevation.layers(spec, patch)],
        key=spec.key,
        simulated=patches.is_simulated(patch),
        more=[_change_picture(spec, patch), *scores, *elevation.pictures(spec, patch)],
        linked=True,
        look=look,
    )
    pictures.caption(spec, patch, composition, stretch)
    return pick


def figure(spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str) -> None:
    """Offer both dates as a figure for print, with what was detected and drawn."""
    detected = cached.detections(spec)

    def outlined() -> list[Outlined]:
        marked = (Marked(found, found.threshold, run.mask(found)) for found in detected)
        return [event_folder.outlined(one) for one in marked]

    printing.offer(spec, patch, composition, stretch, outlined if detected else None)


def animation(spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str) -> None:
    """Offer T1 and T2 in turn as a moving picture."""
    moving.of_pair(spec, patch, composition, stretch)


def drawings(spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str) -> None:
    """List what the reader has drawn on this patch, with its sizes and the mean change inside, and its profile."""
    drawing.listing(spec, patch, pictures.change(patch))
    profiles.draw(spec, patch, pictures.change(patch), composition, stretch)


def pixel(spec: PatchSpec, patch: xr.Dataset, pick: Pick | None) -> None:
    """Show what the pixel clicked last in this patch holds."""
    inspector.pixel(spec, patch, pick)


def years(spec: PatchSpec) -> None:
    """Show what places of this patch did over the years, and when they changed."""
    over_years.draw(spec)


def _change_picture(spec: PatchSpec, patch: xr.Dataset) -> Picture:
    name = pictures.change(patch)
    label = f"T2 - T1 · {name} · {cached.span(patch)}"
    return Picture("change", f"Difference of {name}", label, lambda: _sent(cached.change_pane(spec, name)[0]))


def _sent(pane: viewer.Pane) -> viewer.Encoded:
    return pane.data, pane.media


def _score_picture(spec: PatchSpec, patch: xr.Dataset, found: Detection) -> Picture:
    title = methods.parse(found.ran).title
    low, high = _score_limits(spec.key, found.ran, found.model_sha256, found)
    label = f"Score of {title}, {low:.3f} dark to {high:.3f} pale · {cached.span(patch)}"
    make = partial(_encoded_score, spec.key, found.ran, found.model_sha256, patches.is_simulated(patch), found)
    return Picture(f"score.{file_word(found.ran)}"[:60], f"Score: {title}", label, make)


@st.cache_data(max_entries=256, show_spinner=False)
def _score_limits(key: str, ran: str, network: str, _found: Detection) -> tuple[float, float]:
    """Return the 1st and 99th percentile of the clear pixels' scores: a cloud is no measure of what is bright."""
    scores = _found.score[_found.clear]
    scores = scores[:: max(1, scores.size // _SAMPLE)]
    scores = scores[np.isfinite(scores)]
    low, high = (float(edge) for edge in np.percentile(scores, (1, 99))) if scores.size else (0.0, 1.0)
    return low, max(high, low + 1e-6)


@st.cache_data(max_entries=32, show_spinner=False)
def _encoded_score(key: str, ran: str, network: str, simulated: bool, _found: Detection) -> viewer.Encoded:
    limits = _score_limits(key, ran, network, _found)
    return render.encode(render.score_picture(_found.score, *limits), simulated)


def _standing_layers(patch: xr.Dataset) -> list[Layer]:
    """Return what every patch has: clouds of each date, nodata where there is any, truth where it is known."""
    clouds, gaps = render.cloud_masks(patch), patch[CLOUD_MASK].values == NODATA
    layers = [
        Layer(f"cloud{n + 1}", f"Cloud T{n + 1}", mask, render.CLOUD_COLOUR, False, n) for n, mask in enumerate(clouds)
    ]
    layers += [
        Layer(f"nodata{n + 1}", f"No data T{n + 1}", mask, NODATA_COLOUR, False, n)
        for n, mask in enumerate(gaps)
        if mask.any()
    ]
    if TRUTH in patch:
        layers.append(Layer("truth", "Truth", truth.read(patch)[0], render.TRUTH_COLOUR, False))
    return layers


def _beside_truth(spec: PatchSpec, patch: xr.Dataset) -> list[Layer]:
    """Return the outlines of the inventory where a patch has another truth of its own."""
    found = outlined.of(spec) if TRUTH in patch and not outlined.said(patch) else None
    if found is None:
        return []
    return [Layer("outlines", "Outlines of the inventory", truth.split(found.truth)[0], render.OUTLINE_COLOUR, False)]
