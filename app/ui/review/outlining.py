"""Correcting an outline on the Review page: what may be taken over, the editor, and what goes along with a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import patches, truth
from app.bands import TRUTH
from app.detection import methods, run
from app.errors import ReviewError, ScarpError
from app.review import corrected, pieces
from app.ui import cached, editor, faults, keys, outlined, pictures, state
from app.ui.editor import Score, Sent, Start
from app.ui.keys import KEEP
from app.ui.review import drafts, seeing
from app.ui.review.database import reviewer, reviews

if TYPE_CHECKING:
    import xarray as xr

    from app.patches import PatchSpec

_ALWAYS = ("band-difference:B04:0.05", "index-drop:NDVI:0.2")  # scores to snap to where no method has run
_OWN_MOST = 5


@dataclass(frozen=True)
class Carried:
    """What goes along with a verdict on a patch: the outline painted on it, if there is one."""

    spec: PatchSpec
    patch: xr.Dataset

    def geometry(self) -> str:
        """Return the outline as a verdict keeps it, empty for none."""
        grid = patches.grid_of(self.patch)
        _hear(self.spec.key, editor.last_sent(self.spec.key, grid))  # a step that came with the press of the verdict
        mask = mask_of(self.spec.key, self.patch)
        return "" if mask is None else corrected.geometry_of(mask, grid, self.spec)

    def done(self) -> None:
        """Begin anew: the outline is kept."""
        drafts.clear(self.spec.key)

    def tell(self) -> None:
        """Say beside the verdicts that an outline goes along; while it is corrected, the editor says so."""
        if not st.session_state.get(keys.OUTLINING) and mask_of(self.spec.key, self.patch) is not None:
            st.caption(":material/gesture: Your corrected outline goes along with the verdict.")


def mask_of(key: str, patch: xr.Dataset) -> np.ndarray | None:
    """Return the outline painted on a patch, bool (y, x), None where there is none."""
    step, grid = drafts.of(key), patches.grid_of(patch)
    if step.packed is None or len(step.packed) != (grid.width * grid.height + 7) // 8:
        return None
    return editor.unpacked(step.packed, grid)


def switch() -> bool:
    """Draw the switch between looking and correcting; returns whether an outline is corrected."""
    return st.toggle(
        "Correct an outline", key=keys.OUTLINING,
        help="Brush, eraser, corners, split, merge and snap on the pixels of the patch. What is marked goes along with "
        "your next verdict, and is kept meanwhile.", **KEEP,
    )  # fmt: skip


def draw(spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str) -> None:
    """Draw the editor with both dates and all that may be taken over. Raises ReviewError where nothing can be kept."""
    grid = patches.grid_of(patch)
    if not grid.placed:
        raise ReviewError("These images lie at no known place, so an outline on them cannot be kept with a verdict.")
    if grid.width * grid.height > editor.MOST_PIXELS:
        raise ReviewError(
            f"This patch has {grid.width * grid.height:,} pixels; outlines are corrected on {editor.MOST_PIXELS:,} at "
            "most. Choose a coarser resolution or a smaller patch on the Patches page."
        )
    _framed(spec, patch, composition, stretch)
    pictures.caption(spec, patch, composition, stretch)


@st.fragment
def _framed(spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str) -> None:
    faults.show()
    panes, _ = cached.panes(spec, composition, stretch)
    editor.show(
        panes, patches.grid_of(patch), starts(spec, patch), _scores(spec, patch), key=spec.key,
        held=drafts.of(spec.key), simulated=patches.is_simulated(patch), heard=lambda step: _hear(spec.key, step),
    )  # fmt: skip


def _hear(key: str, step: Sent | None) -> None:
    """Keep a step that is newer than what is kept."""
    if step is not None and step.revision > drafts.of(key).revision:
        drafts.keep(key, step)


def starts(spec: PatchSpec, patch: xr.Dataset) -> list[Start]:
    """Return what may be taken over: detections, truth, the inventory's outlines, what the reader kept before."""
    found = [
        Start(f"found.{n}", f"Detected: {methods.parse(one.ran).title}", run.mask(one))
        for n, one in enumerate(cached.detections(spec))
    ]
    if TRUTH in patch:
        found.append(Start("truth", "Truth of the patch", truth.read(patch)[0]))
    mapped = outlined.of(spec)
    if mapped is not None:
        found.append(Start("outlines", "Outlines of the inventory", truth.split(mapped.truth)[0]))
    return [*found, *_own(spec, patch)]


def _own(spec: PatchSpec, patch: xr.Dataset) -> list[Start]:
    names, grid = (seeing.inventory_name(spec), state.inventory().name), patches.grid_of(patch)
    mine = [one for one in reviews().on(seeing.subject(), *names) if one.reviewer == reviewer()]
    found = [
        Start(f"kept.{n}", f"Kept polygons of {one.method}", one.mask)
        for n, one in enumerate(pieces.kept(mine))
        if one.grid.same_as(grid)
    ]
    outlines = [one for one in mine if one.kind != "polygon" and corrected.holds_mask(one.geometry)]
    for n, one in enumerate(outlines[:_OWN_MOST]):
        when = f"{one.made_at:%Y-%m-%d %H:%M}" if one.made_at else "before"
        try:
            found.append(Start(f"own.{n}", f"Yours of {when}", corrected.mask_of(one.geometry, grid)[0]))
        except ReviewError:
            continue
    return found


def _scores(spec: PatchSpec, patch: xr.Dataset) -> list[Score]:
    ran = {one.ran: one.score for one in cached.detections(spec)}
    for name in _ALWAYS:
        made = _score(spec.key, name, patch) if name not in ran else None
        if made is not None:
            ran[name] = made
    return [Score(f"s{n}", methods.parse(name).title, score) for n, (name, score) in enumerate(ran.items())]


@st.cache_resource(max_entries=16, show_spinner=False)
def _score(key: str, name: str, _patch: xr.Dataset) -> np.ndarray | None:
    try:
        return run.detect(_patch, name).score
    except ScarpError:  # the patch lacks its bands
        return None
