"""Correcting an outline on the Review page: what may be taken over, the editor, and what goes along with a verdict."""

from __future__ import annotations

from collections.abc import Callable
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
from app.ui.review.database import may_judge, reviewer, reviews

if TYPE_CHECKING:
    import xarray as xr

    from app.grid import Grid
    from app.patches import PatchSpec
    from app.ui.viewer import Pane

_ALWAYS = ("band-difference:B04:0.05", "index-drop:NDVI:0.2")  # scores to snap to where no method has run
_OWN_MOST = 5


@dataclass(frozen=True)
class Carried:
    """What goes along with a verdict on pixels: the outline painted on them, if there is one."""

    key: str  # names the pixels
    grid: Grid
    spec: PatchSpec | None = None  # opens their pictures again; None where these come from a folder

    def geometry(self) -> str:
        """Return the outline as a verdict keeps it, empty for none."""
        _hear(self.key, editor.last_sent(self.key, self.grid))  # a step that came with the press of the verdict
        mask = mask_of(self.key, self.grid)
        return "" if mask is None else corrected.geometry_of(mask, self.grid, self.spec)

    def done(self) -> None:
        """Begin anew: the outline is kept."""
        drafts.clear(self.key)

    def tell(self) -> None:
        """Say beside the verdicts that an outline goes along; while it is corrected, the editor says so."""
        if not st.session_state.get(keys.OUTLINING) and mask_of(self.key, self.grid) is not None:
            st.caption(":material/gesture: Your corrected outline goes along with the verdict.")


def carried(spec: PatchSpec, patch: xr.Dataset) -> Carried:
    """Return what goes along with a verdict on a patch."""
    return Carried(spec.key, patches.grid_of(patch), spec)


def mask_of(key: str, grid: Grid) -> np.ndarray | None:
    """Return the outline painted on pixels, bool (y, x), None where there is none."""
    step = drafts.of(key)
    if step.packed is None or len(step.packed) != (grid.width * grid.height + 7) // 8:
        return None
    return editor.unpacked(step.packed, grid)


def switch() -> bool:
    """Draw the switch between looking and correcting; returns whether an outline is corrected: of a visitor none is."""
    if not may_judge():
        return False
    return st.toggle(
        "Correct an outline", key=keys.OUTLINING,
        help="Brush, eraser, corners, split, merge and snap on the pixels of the patch. What is marked goes along with "
        "your next verdict, and is kept meanwhile.", **KEEP,
    )  # fmt: skip


def draw(spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str) -> None:
    """Draw the editor with both dates and all that may be taken over. Raises ReviewError where nothing can be kept."""
    panes, _ = cached.panes(spec, composition, stretch)
    edit(
        carried(spec, patch), panes, lambda: starts(spec, patch), lambda: _scores(spec, patch),
        simulated=patches.is_simulated(patch),
    )  # fmt: skip
    pictures.caption(spec, patch, composition, stretch)


def edit(
    of: Carried, panes: tuple[Pane, Pane], starts: Callable[[], list[Start]], scores: Callable[[], list[Score]], *,
    simulated: bool,
) -> None:  # fmt: skip
    """Draw the editor on any pixels of a known place. Raises ReviewError where nothing can be kept of them."""
    if not of.grid.placed:
        raise ReviewError("These images lie at no known place, so an outline on them cannot be kept with a verdict.")
    if of.grid.width * of.grid.height > editor.MOST_PIXELS:
        raise ReviewError(
            f"This patch has {of.grid.width * of.grid.height:,} pixels; outlines are corrected on "
            f"{editor.MOST_PIXELS:,} at most. Choose a coarser resolution or a smaller patch on the Patches page."
        )
    _framed(of, panes, starts, scores, simulated)


@st.fragment
def _framed(
    of: Carried, panes: tuple[Pane, Pane], starts: Callable[[], list[Start]], scores: Callable[[], list[Score]],
    simulated: bool,
) -> None:  # fmt: skip
    faults.show()
    editor.show(
        panes, of.grid, starts(), scores(), key=of.key, held=drafts.of(of.key), simulated=simulated,
        heard=lambda step: _hear(of.key, step),
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
