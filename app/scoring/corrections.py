"""Truth that a reviewer corrected in the place of a label: which events have it, and how it comes onto their pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app import patches, review
from app.bands import TRUTH
from app.errors import GridError, ReviewError
from app.review import corrected
from app.scoring import known as facts
from app.scoring.cases import Case, Comparable, MasksWithTruth, PatchWithTruth

if TYPE_CHECKING:
    import xarray as xr

    from app.grid import Grid
    from app.inventory import Inventory
    from app.review.corrected import Correction


def of_inventory(
    found: Mapping[tuple[str, str], Correction], inventory: Inventory, simulated: bool
) -> dict[str, Correction]:
    """Return event -> its corrected outline, as ``corrections`` has them: of real pairs, or of simulated ones."""
    events = {one.id: one for one in inventory.events}
    return {
        event: one
        for (event, _), one in found.items()
        if event in events
        and one.verdict.simulated == simulated
        and review.is_on(one.verdict, events[event], inventory.name)
    }


def said(one: Correction) -> str:
    """Return whose outline the truth of an event is, in words."""
    when = f", {one.verdict.made_at:%Y-%m-%d}" if one.verdict.made_at else ""
    return f"The truth of event {one.verdict.event} is the outline that {one.verdict.reviewer} corrected{when}."


def onto(patch: xr.Dataset, one: Correction, assumed: Grid | None = None) -> xr.Dataset:
    """Return a patch whose truth is a corrected outline, uint8 (y, x) of 1 and 0, known everywhere.

    Raises GridError where the patch lies at no known place, and ReviewError where one of the two is simulated alone.
    """
    if patches.is_simulated(patch) != one.verdict.simulated:
        raise ReviewError(
            f"The corrected outline of event {one.verdict.event} and these pictures are not both simulated or both "
            "real; switch corrected truth off."
        )
    values = _laid(one, facts.ground(patches.grid_of(patch), assumed))
    return patch.assign({TRUTH: (("y", "x"), values, {"long_name": "landslide", "comment": said(one)})})


def applied(case: Case, one: Correction) -> Case:
    """Return a case of files whose truth is the corrected outline; the outline becomes part of its key."""
    return replace(case, open=lambda: _opened(case, one), key=key(case.key, one))


def key(held: str, one: Correction) -> str:
    """Return what names a case with corrected truth for a store of scores; empty where the case has no name."""
    return f"{held} corrected {one.verdict.uid}" if held else ""


def _opened(case: Case, one: Correction) -> Comparable:
    opened = case.open()
    if isinstance(opened, PatchWithTruth):
        patch = onto(opened.patch, one, opened.assumed)
        return replace(opened, patch=patch, notes=(*opened.notes, said(one)))
    if isinstance(opened, MasksWithTruth):
        if opened.simulated != one.verdict.simulated:
            raise ReviewError("The corrected outline and these masks are not both simulated or both real.")
        truth = _laid(one, facts.ground(opened.grid, opened.assumed))
        return replace(opened, truth=truth, notes=(*opened.notes, said(one)))
    raise ReviewError("The truth of these data cannot be corrected; switch corrected truth off.")


def _laid(one: Correction, ground: Grid | None) -> np.ndarray:
    if ground is None:
        raise GridError("These pixels lie at no known place, so the corrected outline cannot be laid on them.")
    mask = one.mask if one.grid.same_as(ground) else corrected.mask_of(one.verdict.geometry, ground)[0]
    return mask.astype(np.uint8)
