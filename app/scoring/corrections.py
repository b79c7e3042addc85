"""Truth that a reviewer corrected in the place of a label: which events have it, and how it comes onto their pixels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app import patches, review
from app.bands import TRUTH
from app.errors import GridError, ReviewError, TruthMissingError
from app.files import digest
from app.review import corrected, truths
from app.review.corrected import Correction
from app.review.truths import JudgedOutlines
from app.scoring import known as facts
from app.scoring.cases import Case, Comparable, MasksWithTruth, PatchWithTruth

if TYPE_CHECKING:
    import xarray as xr

    from app.grid import Grid
    from app.inventory import Inventory
    from app.review import Verdict

Corrected = Correction | JudgedOutlines  # a whole label drawn anew, or one whose outlines were judged one by one


def of_entries(entries: Iterable[Verdict]) -> dict[tuple[str, str], Corrected]:
    """Return (event, where it is) -> what corrects its truth; a label that was drawn anew goes before judged outlines.

    ``where`` is as ``review.standing`` has it, and entries are as ``Reviews.all`` returns them.
    """
    every = tuple(entries)
    return {**truths.judged(every), **corrected.corrections(every)}


def of_inventory(
    found: Mapping[tuple[str, str], Corrected], inventory: Inventory, simulated: bool
) -> dict[str, Corrected]:
    """Return event -> what corrects its truth, as ``of_entries`` has it: of real pairs, or of simulated ones."""
    events = {one.id: one for one in inventory.events}
    return {
        event: one
        for (event, _), one in found.items()
        if event in events
        and one.verdict.simulated == simulated
        and review.is_on(one.verdict, events[event], inventory.name)
    }


def said(one: Corrected) -> str:
    """Return whose outline the truth of an event is, or whose verdicts changed it, in words."""
    when = f", {one.verdict.made_at:%Y-%m-%d}" if one.verdict.made_at else ""
    if isinstance(one, JudgedOutlines):
        who = ", ".join(dict.fromkeys(each.reviewer for each in one.verdicts))
        return (
            f"Of the truth of event {one.verdict.event}, judged outline by outline by {who}{when}, {one.dropped:,} "
            f"count as no landslide and {len(one.verdicts) - one.dropped:,} as unknown."
        )
    return f"The truth of event {one.verdict.event} is the outline that {one.verdict.reviewer} corrected{when}."


def onto(patch: xr.Dataset, one: Corrected, assumed: Grid | None = None) -> xr.Dataset:
    """Return a patch whose truth, uint8 (y, x), is a corrected outline of 1 and 0, or its own as outlines were judged.

    Raises GridError where the patch lies at no known place, ReviewError where one of the two is simulated alone, and
    TruthMissingError where outlines were judged of a truth that the patch does not have.
    """
    if patches.is_simulated(patch) != one.verdict.simulated:
        raise ReviewError(
            f"The corrected outline of event {one.verdict.event} and these pictures are not both simulated or both "
            "real; switch corrected truth off."
        )
    held = patch[TRUTH].values if TRUTH in patch else None
    values = _laid(one, facts.ground(patches.grid_of(patch), assumed), held)
    return patch.assign({TRUTH: (("y", "x"), values, {"long_name": "landslide", "comment": said(one)})})


def applied(case: Case, one: Corrected) -> Case:
    """Return a case of files whose truth is the corrected outline; the outline becomes part of its key."""
    return replace(case, open=lambda: _opened(case, one), key=key(case.key, one))


def name(one: Corrected) -> str:
    """Return what names a corrected truth: another one as soon as another verdict counts."""
    if isinstance(one, JudgedOutlines):
        return digest(" ".join(each.uid for each in one.verdicts))[:32]
    return one.verdict.uid


def key(held: str, one: Corrected) -> str:
    """Return what names a case with corrected truth for a store of scores; empty where the case has no name."""
    return f"{held} corrected {name(one)}" if held else ""


def _opened(case: Case, one: Corrected) -> Comparable:
    opened = case.open()
    if isinstance(opened, PatchWithTruth):
        patch = onto(opened.patch, one, opened.assumed)
        return replace(opened, patch=patch, notes=(*opened.notes, said(one)))
    if isinstance(opened, MasksWithTruth):
        if opened.simulated != one.verdict.simulated:
            raise ReviewError("The corrected outline and these masks are not both simulated or both real.")
        truth = _laid(one, facts.ground(opened.grid, opened.assumed), opened.truth)
        return replace(opened, truth=truth, notes=(*opened.notes, said(one)))
    raise ReviewError("The truth of these data cannot be corrected; switch corrected truth off.")


def _laid(one: Corrected, ground: Grid | None, held: np.ndarray | None) -> np.ndarray:
    if ground is None:
        raise GridError("These pixels lie at no known place, so the corrected outline cannot be laid on them.")
    if isinstance(one, JudgedOutlines):
        if held is None:
            raise TruthMissingError(
                f"Outlines of event {one.verdict.event} were judged, and its truth is not known here; switch corrected "
                "truth off."
            )
        return one.onto(held, ground)
    mask = one.mask if one.grid.same_as(ground) else corrected.mask_of(one.verdict.geometry, ground)[0]
    return mask.astype(np.uint8)
