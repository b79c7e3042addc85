"""Dates of the same season of earlier years, attached to a patch for methods that know the season."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from app.bands import CLOUD_MASK, SENTINEL2_LAUNCH
from app.cache.stacking import open_stack
from app.detection import methods
from app.detection.season import EARLIER, FEWEST
from app.errors import EarlierMissingError
from app.patches import PatchSpec, Progress, no_progress
from app.sources import choosing, scenes
from app.terrain import correction

if TYPE_CHECKING:
    import xarray as xr

    from app.sources.scenes import SceneInfo

WITHIN_DAYS = 45  # of the day of the year of T2
YEAR_APART_DAYS = 180  # nearer ones are of the same year's season
MOST = 24  # earlier dates: six a year over four years


def chosen(spec: PatchSpec, found: tuple[SceneInfo, ...]) -> tuple[SceneInfo, ...]:
    """Return the scenes T2 is held against: of its season, of earlier years, before the event, at most ``MOST``."""
    before = spec.event_date.toordinal() - 1 if spec.event_date else spec.t1.toordinal()
    last = min(before, spec.t2.toordinal() - YEAR_APART_DAYS)
    of_season = choosing.of_season(found, spec.t2, WITHIN_DAYS)
    return choosing.thinned([one for one in of_season if one.date.toordinal() <= last], MOST)[0]


def attached(spec: PatchSpec, patch: xr.Dataset, progress: Progress = no_progress) -> xr.Dataset:
    """Return a patch with its bands and cloud mask on earlier dates of T2's season beside it.

    ``B04_earlier`` and so on are float32 reflectance (earlier, y, x), NaN nodata, ``CLM_earlier`` uint8; their light is
    evened out over slopes where that of the patch is. Raises
    EarlierMissingError where the source lists no scenes or has too few, and what opening them raises.
    """
    if not scenes.can_list(spec.source):
        raise EarlierMissingError(
            f"The source {spec.source} opens pairs alone, and the season is known from earlier years; choose one of "
            f"{', '.join(scenes.sources_with_scenes())}, or another method."
        )
    first = max(SENTINEL2_LAUNCH, date(spec.t2.year - 5, 1, 1))
    wanted = chosen(spec, scenes.open_scenes(spec, first, spec.t2, progress))
    if len(wanted) < FEWEST:
        raise EarlierMissingError(
            f"{spec.source} has {len(wanted)} scenes of the season of {spec.t2} in the years before, and {FEWEST} are "
            "needed; choose a later T2, another source, or another method."
        )
    stack = open_stack(spec, wanted, progress)
    beside = {
        f"{name}_{EARLIER}": ((EARLIER, "y", "x"), np.asarray(stack[name].values)) for name in (*spec.bands, CLOUD_MASK)
    }
    return evened(patch.assign(beside).assign_coords({EARLIER: (EARLIER, stack["time"].values)}))


def evened(patch: xr.Dataset) -> xr.Dataset:
    """Return a patch whose earlier dates, if it carries some as measured, have as even a light as T1 and T2.

    Else T2 under even light would be held against years in which every slope has its own.
    """
    if EARLIER not in patch.dims or not correction.said(patch):
        return patch
    held = {str(name): patch[name] for name in patch.data_vars if str(name).endswith(f"_{EARLIER}")}
    clm = held.pop(f"{CLOUD_MASK}_{EARLIER}").values
    days = [date.fromisoformat(str(day)[:10]) for day in patch[EARLIER].values]
    made = correction.of_other_days(patch, {name: layer.values for name, layer in held.items()}, clm, days)
    return patch.assign({name: (held[name].dims, values, held[name].attrs) for name, values in made.items()})


def reads(method: str) -> bool:
    """Return whether a method reads earlier dates."""
    return methods.parse(method).unit == methods.DEVIATIONS


def read_by(spec: PatchSpec, patch: xr.Dataset, method: str, progress: Progress = no_progress) -> xr.Dataset:
    """Return a patch with all that a method reads: earlier dates for one that knows the season; else as it is.

    Raises as ``attached`` where the method needs dates that the source does not have.
    """
    if not reads(method) or f"{CLOUD_MASK}_{EARLIER}" in patch:
        return patch
    return attached(spec, patch, progress)
