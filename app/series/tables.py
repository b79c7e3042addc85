"""A series to take away: as a table, and its break in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.series.values import Series

if TYPE_CHECKING:
    import pandas as pd

    from app.patches import PatchSpec


def in_words(series: Series) -> str:
    """Return when a place changed, or why that cannot be told."""
    found = series.broke()
    if found is None:
        return series.why_none()
    went = "fell" if found.size < 0 else "rose"
    return (
        f"It changed after {found.after} and by {found.before}: {series.of} {went} by {abs(found.size):.2f}; the step "
        f"explains {found.confidence:.0%} of what the season does not."
    )


def rows(series: Mapping[str, Series], spec: PatchSpec) -> pd.DataFrame:
    """Return one line a date and place: what was measured, on which scene, and the break of its place."""
    import pandas as pd

    lines = []
    for place, one in series.items():
        found = one.broke()
        lines += [
            {
                "event": spec.event_id, "source": spec.source, "simulated": one.simulated, "place": place, "of": one.of,
                "date": str(point.date), "value": point.value, "clear": point.clear, "scene": point.scene,
                "break_after": str(found.after) if found else "", "break_before": str(found.before) if found else "",
                "break_size": found.size if found else None, "break_confidence": found.confidence if found else None,
            }
            for point in one.points
        ]  # fmt: skip
    return pd.DataFrame(lines)
