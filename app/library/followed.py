"""Many dates of a place for a notebook: the scenes as one Dataset over time, and what a place did, as a table."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app import bands as naming
from app.errors import InputError
from app.library import opened
from app.library.opened import Day
from app.patches import Progress, no_progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import xarray as xr


def open_stack(
    event: "str | pd.Series | tuple[float, float]",
    source: str = "demo",
    *,
    first: Day | None = None,
    last: Day | None = None,
    bands: "str | Sequence[str] | None" = None,
    buffer_deg: float | None = None,
    options: "Mapping[str, str] | None" = None,
    event_date: Day | None = None,
    progress: Progress = no_progress,
) -> "xr.Dataset":
    """Return every scene around an event from ``first`` to ``last``, dims (time, y, x), oldest first.

    ``event`` as for ``open_patch``. Bands are float32 reflectance, ``CLM`` the cloud mask, ``scene`` each one's id; the
    days left out are three years before the event to a year after. Every scene is kept by itself in the cache; what
    could not be read, and how many were left out, stands in ``attrs["warnings"]``. Raises SourceError where the source
    has no scenes to list, InputError for more than memory holds.
    """
    from app import patches
    from app.cache.stacking import open_stack as stacked
    from app.series import spans
    from app.sources import choosing, open_source, scenes, spec_for

    place = open_source(source).describe().event or opened.event_of(event, opened.day_of(event_date))
    begun, ended = spans.usual(place, opened.day_of(first), opened.day_of(last))
    t1, t2 = (place.t1, place.t2) if place.t1 and place.t2 else (begun, ended)
    spec = spec_for(place, source, t1=t1, t2=t2, buffer_deg=buffer_deg, options=dict(options or {}))
    spec = replace(spec, bands=naming.parse(bands) if bands else spec.bands)
    broken = ""
    try:
        found = scenes.open_scenes(spec, begun, ended, progress)
    except scenes.ScenesBrokenOffError as error:
        found, broken = error.scenes, str(error)
    kept, thinned = choosing.thinned(found, spans.MOST_SCENES)
    stack = stacked(spec, kept, progress)
    return stack.assign_attrs(patches.with_warnings(stack.attrs, [one for one in (broken, thinned) if one]))


def series(
    stack: "xr.Dataset", of: str = "NDVI", at: tuple[float, float] | None = None, mask: "np.ndarray | None" = None
) -> "pd.DataFrame":
    """Return what a place of a stack measured over time, a row a scene: ``value``, ``clear``, ``scene``, by date.

    ``of`` is a band or an index; the place is the pixel at ``at`` (latitude, longitude), or the median of the clear
    pixels of ``mask``, bool (y, x). ``attrs["break"]`` says when it changed (``after``, ``before``, ``size``,
    ``confidence``), None where that cannot be told, and ``attrs["told"]`` the same in words. Raises InputError for a
    place outside the stack, BandMissingError.
    """
    import pandas as pd

    from app.patches import grid_of
    from app.series import tables, values

    if (at is None) == (mask is None):
        raise InputError("Give either at=(latitude, longitude) or mask=, a bool array of the stack's rows and columns.")
    if at is not None:
        found = values.at(stack, values.named(of), *values.pixel_of(grid_of(stack), *at))
    else:
        found = values.over(stack, values.named(of), np.asarray(mask, bool))
    points = [{"value": one.value, "clear": one.clear, "scene": one.scene} for one in found.points]
    table = pd.DataFrame(points, index=pd.DatetimeIndex([one.date for one in found.points], name="date"))
    broke = found.broke()
    table.attrs = {
        "of": found.of, "simulated": found.simulated, "told": tables.in_words(found),
        "break": broke and {
            "after": broke.after, "before": broke.before, "size": broke.size, "confidence": broke.confidence,
        },
    }  # fmt: skip
    return table
