"""Scores for a notebook: methods against the truth of patches, as a table."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from app.patches import Progress, no_progress

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ALL = "all (micro)"  # the row of a method's pooled pixels


def evaluate(
    patches: "Mapping[str, xr.Dataset]",
    methods: Sequence[str],
    region: str = "whole",
    device: str = "auto",
    progress: Progress = no_progress,
) -> "pd.DataFrame":
    """Return how methods do on patches with truth: a row a method and event, then one of all pixels pooled.

    ``patches`` are by the event's id, each with a variable ``truth`` (see ``add_truth``; simulated ones have it).
    Columns are tp, fp, fn, tn over clear pixels of known truth, precision, recall, f1, iou, accuracy and kappa, NaN
    where undefined. ``region`` is ``whole`` or ``box``, the published boxes. ``attrs`` hold ``skipped`` and
    ``warnings``. Raises MethodError, TruthMissingError where no patch has truth.
    """
    import pandas as pd

    from app.scoring import evaluate as scoring
    from app.scoring.cases import Case, PatchWithTruth

    cases = [Case(str(event), partial(PatchWithTruth, patch)) for event, patch in patches.items()]
    found = scoring.evaluate(cases, scoring.canonical(list(methods)), region, progress, device)
    rows = [
        {"method": score.method, "event": event, **counts.as_dict()}
        for score in found.methods
        for event, counts in [*((one.event, one.counts) for one in score.events), (ALL, score.micro)]
    ]
    table = pd.DataFrame(rows).set_index(["method", "event"])
    table.attrs = {
        "skipped": [{"event": one.event, "method": one.method, "reason": one.reason} for one in found.skipped],
        "warnings": list(found.warnings), "region": region,
    }  # fmt: skip
    return table
