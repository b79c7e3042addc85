"""The methods beside each other: a row of figures and a row of pictures each, and where all agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import patches
from app.bands import TRUTH
from app.detection import polygons
from app.detection.methods import KINDS, parse
from app.errors import NetworkError
from app.pictures import render
from app.review import queue
from app.ui import cached, keys, method_list, outlined, words
from app.ui.detect import once
from app.ui.detect.found import Found, counted

if TYPE_CHECKING:
    import xarray as xr

    from app.patches import PatchSpec

_PICTURES_A_ROW = 3


def draw(every: list[Found], spec: PatchSpec, patch: xr.Dataset) -> None:
    """Show what every method found as a row of figures and a row of pictures, and where all agree."""
    rows = [_row(found, patch) for found in every]
    if any(found.detection.fallback for found in every):
        rows = [{**row, "instead": found.detection.fallback} for row, found in zip(rows, every, strict=True)]
    st.dataframe(rows, hide_index=True, column_config=_SCORE_FORMAT)
    if TRUTH in patch:
        st.caption("Precision, recall and F1 against the known truth of this patch: whole patch, clear pixels of known "
                   "truth, after cleaning.")  # fmt: skip
    outlined.truth_told(spec, patch)
    simulated, pixel = patches.is_simulated(patch), patches.grid_of(patch).proportions
    for n, found in enumerate(every):
        row = _pictures(found, pixel, simulated)
        if n == 0 and len(every) > 1:
            cuts = tuple((one.key, one.cut) for one in every)
            agreed = once.agreed(cuts, pixel, simulated, [one.mask for one in every])
            row.append((agreed, f"Agreement: white where all {len(every)} methods detect change"))
        for column, (data, caption) in zip(st.columns(_PICTURES_A_ROW), row, strict=False):
            column.image(data, caption=caption + (" · SIMULATED" if simulated else ""), width="stretch")
    if KINDS[parse(every[0].detection.ran).kind].target == "network":
        _mirrored(every[0], spec, pixel, simulated)


def _mirrored(found: Found, spec: PatchSpec, pixel: tuple[float, float], simulated: bool) -> None:
    """Offer to ask a network again with the image mirrored, and show where its answers stand against each other."""
    pressed = st.button(
        f"Ask {found.method.title} again with the image mirrored", icon=":material/flip:", key=keys.MIRROR,
        help="Three runs more. A landslide is one whichever way it is seen: doubt what differs.",
    )  # fmt: skip
    try:
        asked = cached.mirrored_answers(spec, found.detection, method_list.device(), run=pressed)
    except NetworkError as error:
        st.warning(words.plain(str(error)), icon=":material/flip:")
        return
    if asked is None:
        return
    grey = render.grey(asked.apart(found.threshold).astype(np.float32), 0, 2)
    picture = render.encode(render.in_proportion(grey, pixel), simulated)[0]
    said = f"{found.method.title} mirrored: black where all four answers agree, white where two stand against two"
    st.columns(_PICTURES_A_ROW)[0].image(picture, said + (" · SIMULATED" if simulated else ""), width="stretch")
    masks = asked.masks(found.threshold)
    share = 1 - queue.disagreement(list(masks))
    some = int(np.count_nonzero(masks.any(axis=0)))
    st.caption(f"Of {some:,} pixels that any of the four marks at {found.threshold:.3f}, all mark {share:.0%}, before "
               "cleaning. Review's queue can begin with the events where it is least.")  # fmt: skip


_SCORE_FORMAT = {
    "threshold": st.column_config.NumberColumn(format="%.3f"),
    **{name: st.column_config.NumberColumn(format="localized") for name in ("area (m²)", "pixels")},
    **{name: st.column_config.NumberColumn(format="%.3f") for name in ("precision", "recall", "F1")},
    "seconds": st.column_config.NumberColumn(format="%.3f"),
}


def _row(found: Found, patch: xr.Dataset) -> dict[str, object]:
    detection = found.detection
    row = {
        "method": found.method.title,
        "threshold": found.threshold,
        "unit": detection.unit,
        "area (m²)": float(np.round(polygons.area_m2(found.mask, patches.grid_of(patch)))),  # NaN at no place
        "pixels": int(np.count_nonzero(found.mask)),
    }
    if TRUTH in patch:
        counts, _, _ = counted(found, patch)
        rates = {"precision": counts.precision, "recall": counts.recall, "F1": counts.f1}
        row |= {title: None if np.isnan(rate) else rate for title, rate in rates.items()}
    return {**row, "ran on": f"{detection.device}, {detection.provider}", "seconds": detection.seconds}


def _pictures(found: Found, pixel: tuple[float, float], simulated: bool) -> list[tuple[bytes, str]]:
    low, high = once.spread(found.key, found.detection)
    edges = low, max(high, low + 1e-6, found.threshold)
    marked = once.marked(
        found.key, found.cut, edges, found.colour, pixel, simulated, found.detection, found.mask
    )  # fmt: skip
    title = found.method.title
    return [
        (once.score(found.key, *edges, pixel, simulated, found.detection),
         f"{title}: score, {low:.3f} black to {edges[1]:.3f} white"),
        (marked, f"{title}: at or above {found.threshold:.3f}"),
    ]  # fmt: skip
