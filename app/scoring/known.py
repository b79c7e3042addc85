"""Find out what is known of an event: from its patch, from the inventory, from what reviewers said."""

import math
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.bands import TRUTH
from app.detection import polygons
from app.grid import Grid, thesis_bbox
from app.scoring.facts import Facts
from app.truth import LANDSLIDE

if TYPE_CHECKING:
    import xarray as xr

    from app.inventory import Event, Inventory
    from app.review import Verdict

# of the inventory's warnings: with these dates a pair may not show the landslide appear
DOUBTFUL_CODES = ("t1-not-before-event", "t2-not-after-event", "t1-not-before-t2", "date-unreadable")


def of_patch(patch: "xr.Dataset", assumed: Grid | None = None) -> Facts:
    """Return area of the mapped landslides, days between the dates, share not clear, and whether simulated.

    ``assumed`` is where the pixels are taken to lie if the patch itself does not say its place.
    """
    truth = patch[TRUTH].values if TRUTH in patch else None
    return Facts(
        area_m2=math.nan if truth is None else area_m2(truth, ground(patches.grid_of(patch), assumed)),
        slope_deg=math.nan if truth is None else _simulated_slope(patch, truth == LANDSLIDE),
        days=_days(*patches.dates(patch)),
        cloud_share=1.0 - float(patches.clear_mask(patch).mean()),
        simulated=patches.is_simulated(patch),
    )


def of_event(event: "Event", doubtful: str = "") -> Facts:
    """Return what an inventory's row says: category, source, and the days between its dates."""
    days = float((event.t2 - event.t1).days) if event.t1 and event.t2 else math.nan
    return Facts(category=event.category, source=event.source, days=days, doubtful=doubtful)


def of_inventory(inventory: "Inventory | None") -> dict[str, Facts]:
    """Return event -> what its row says; nothing without an inventory."""
    if inventory is None:
        return {}
    doubts = doubtful(inventory)
    return {event.id: of_event(event, doubts.get(event.id, "")) for event in inventory.events}


def doubtful(inventory: "Inventory | None", verdicts: "Iterable[Verdict]" = ()) -> dict[str, str]:
    """Return event -> why its truth is to be doubted: a date warning, or what a reviewer judged.

    ``verdicts`` come newest first, as ``review.Reviews.all`` returns them; each reviewer's latest
    on the inventory counts.
    """
    reasons: dict[str, list[str]] = {}
    for warning in inventory.warnings if inventory else ():
        if warning.code in DOUBTFUL_CODES:
            reasons.setdefault(warning.event, []).append(warning.message)
    for event, reason in _judged(verdicts, inventory):
        reasons.setdefault(event, []).append(reason)
    return {event: " ".join(dict.fromkeys(said)) for event, said in reasons.items()}


def area_m2(truth: np.ndarray, on: Grid | None) -> float:
    """Return the ground area of the landslides in a truth (uint8: 1 landslide), NaN where pixels have no size."""
    return math.nan if on is None else polygons.area_m2(truth == LANDSLIDE, on)


def ground(grid: Grid | None, assumed: Grid | None = None) -> Grid | None:
    """Return where pixels lie on the ground: as they say themselves, else as assumed, else None."""
    return grid if grid is not None and grid.placed else assumed


def assumed_grid(shape: tuple[int, int], event: "Event") -> Grid:
    """Return where the pixels of a published patch without a place are taken to lie: in the thesis's box."""
    return Grid.spanning(thesis_bbox(event.latitude, event.longitude), shape)


def _simulated_slope(patch: "xr.Dataset", landslide: np.ndarray) -> float:
    """Return the mean slope under the landslides in degrees; NaN where the simulator did not make the ground."""
    if patch.attrs.get("source") != "demo" or not landslide.any():
        return math.nan
    from app.simulate import scene

    return float(scene.slope_deg(patches.grid_of(patch))[landslide].mean())


def _judged(verdicts: "Iterable[Verdict]", inventory: "Inventory | None") -> Iterable[tuple[str, str]]:
    from app.review import KNOWN, is_on, not_taken_back

    if inventory is None:
        return
    events = {event.id: event for event in inventory.events}
    of_this: dict[tuple[str, ...], Verdict] = {}
    for one in not_taken_back(verdicts):
        on_truth = one.kind != "polygon"  # one detected polygon says nothing of what is mapped
        if on_truth and one.event in events and is_on(one, events[one.event], inventory.name):
            of_this.setdefault((one.event, one.kind, one.subject, one.reviewer), one)  # the newest comes first
    for verdict in of_this.values():
        if verdict.meaning != "confirmed" and verdict.verdict in KNOWN:
            what = "an outline of it" if verdict.kind == "truth" else "it"
            yield verdict.event, f"{verdict.reviewer or 'Somebody'} judged {what}: {verdict.title.lower()}."


def _days(t1: str, t2: str) -> float:
    return math.nan if "NaT" in (t1, t2) else float((date.fromisoformat(t2) - date.fromisoformat(t1)).days)
