"""The pixel inspector: what a clicked pixel or a drawn area holds at both dates, and what methods say of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st

from app.bands import BANDS
from app.detection.methods import parse
from app.export import csv_safe
from app.files import digest
from app.patches import is_simulated
from app.pictures import readings
from app.ui import cached, keys, link, method_list, outlined, words
from app.ui.compare import spectra

if TYPE_CHECKING:
    import xarray as xr

    from app.detection.run import Detection
    from app.patches import PatchSpec
    from app.pictures.readings import BothDates, Judged, Reading
    from app.ui.viewer import Pick

_ROW_PX, _HEAD_PX = 35, 38


def pixel(spec: PatchSpec, patch: xr.Dataset, pick: Pick | None) -> None:
    """Show what the pixel clicked last in this patch holds, or how to choose one."""
    if pick is not None and 0 <= pick.column < patch.sizes["x"] and 0 <= pick.row < patch.sizes["y"]:
        st.session_state[keys.PIXEL] = (spec.key, pick)
    of, picked = st.session_state.get(keys.PIXEL, ("", None))
    if picked is None or of != spec.key:
        st.caption("Click a pixel for its spectrum at both dates, its indices and what each method says of it.")
        return
    reading = readings.at(patch, picked.column, picked.row)
    truth = f" · truth: {reading.truth}" if reading.truth else ""
    st.markdown(
        f"**Pixel column {reading.column}, row {reading.row}** at {reading.latitude:.5f}, {reading.longitude:.5f} · "
        f"T1 {reading.clm[0]}, T2 {reading.clm[1]}{truth}{_ground(reading)}"
    )
    judged = [
        readings.judged_at(found, _threshold(found), reading.column, reading.row) for found in cached.detections(spec)
    ]
    _show(spec, patch, reading, judged, "pixel")


def area(spec: PatchSpec, patch: xr.Dataset, mask: np.ndarray, title: str) -> None:
    """Show the means over a drawn area, bool (y, x), of what is clear at both dates.

    Raises InputError for a mask that holds no pixel.
    """
    reading = _over(spec.key + outlined.key_of(patch), digest(np.packbits(mask).tobytes()), patch, mask)
    truth = f" · truth: {reading.truth}" if reading.truth else ""
    st.markdown(
        f"**{words.plain(title)}**: mean of {words.counted(reading.used, 'clear pixel')} of {reading.pixels:,} around "
        f"{reading.latitude:.5f}, {reading.longitude:.5f} · T1 {reading.clm[0]}, T2 {reading.clm[1]}{truth}"
        f"{_ground(reading)}"
    )
    if reading.used == 0:
        st.info("No pixel of this area is clear at both dates; draw another one.", icon=":material/cloud_off:")
        return
    judged = [readings.judged_over(found, _threshold(found), mask) for found in cached.detections(spec)]
    _show(spec, patch, reading, judged, "area")


@st.cache_data(max_entries=256, show_spinner=False)
def _over(key: str, drawn: str, _patch: xr.Dataset, _mask: np.ndarray) -> Reading:
    """Return an area's means; ``key`` names patch and truth, ``drawn`` the mask."""
    return readings.over(_patch, _mask)


def _show(spec: PatchSpec, patch: xr.Dataset, reading: Reading, judged: list[Judged], key: str) -> None:
    with st.container(key=f"inspector-{key}"):
        chart, tables = st.columns([4, 3])
    with chart:
        st.plotly_chart(spectra.figure(reading.bands), key=f"spectra-{key}")
    with tables:
        _indices(reading.indices)
        _scores(judged)
    with st.container(horizontal=True):
        with st.popover("Reflectance by band", icon=":material/table_rows:"):
            _table([_row(f"{name} {BANDS[name].title}", pair) for name, pair in reading.bands.items()], "band", 470)
        with st.popover("Copy as CSV", icon=":material/content_copy:"):
            st.code(_csv(spec, patch, reading, judged), language=None, wrap_lines=True)


def _ground(reading: Reading) -> str:
    """Return how high and steep the ground is and where it faces, in words; nothing without heights."""
    if reading.ground is None:
        return ""
    height, slope, facing = reading.ground
    said = [f"{height:.0f} m high" if math.isfinite(height) else "height not known"]
    said += [f"slope {slope:.0f}°"] if math.isfinite(slope) else []
    said += [f"faces {readings.compass(facing)} ({facing:.0f}°)"] if math.isfinite(facing) else []
    return f" · {', '.join(said)}"


def _indices(indices: dict[str, BothDates]) -> None:
    if indices:
        _table([_row(name, pair) for name, pair in indices.items()], "index")
    else:
        st.caption("This patch holds the bands of no index.")


def _scores(judged: list[Judged]) -> None:
    if not judged:
        st.caption("No method has been run on this patch yet.")
        link.to_page("pages/detect.py", "Run one on Detect", icon=":material/travel_explore:")
        return
    rows = [
        {
            "method": parse(one.method).title,
            "verdict": one.verdict,
            "score": _or_none(one.score),
            "threshold": one.threshold,
        }
        for one in judged
    ]
    columns = {
        "method": st.column_config.TextColumn(width=190),
        "verdict": st.column_config.TextColumn(width=90),
        "score": st.column_config.NumberColumn(format="%.3f", width=65),
        "threshold": st.column_config.NumberColumn(format="%.3f", width=85),
    }
    st.dataframe(rows, hide_index=True, column_config=columns, height=_height(rows), placeholder="none")


def _table(rows: list[dict[str, object]], first: str, width: int | Literal["stretch"] = "stretch") -> None:
    rows = [{first: row["name"], "T1": row["T1"], "T2": row["T2"], "T2 - T1": row["T2 - T1"]} for row in rows]
    numbers = {
        "T1": st.column_config.NumberColumn(format="%.4f", width="small"),
        "T2": st.column_config.NumberColumn(format="%.4f", width="small"),
        "T2 - T1": st.column_config.NumberColumn(format="%+.4f", width="small"),
    }
    st.dataframe(rows, hide_index=True, column_config=numbers, height=_height(rows), width=width, placeholder="no data")


def _row(name: str, pair: BothDates) -> dict[str, object]:
    return {"name": name, "T1": _or_none(pair.t1), "T2": _or_none(pair.t2), "T2 - T1": _or_none(pair.change)}


def _height(rows: Sequence[object]) -> int:
    return _HEAD_PX + _ROW_PX * min(len(rows), 12)


def _threshold(found: Detection) -> float:
    """Return the threshold the session gives a method, else its own."""
    for method in method_list.held():
        if method_list.unthresholded(method) == found.method:
            return method_list.threshold(method, found)
    return found.threshold


def _csv(spec: PatchSpec, patch: xr.Dataset, reading: Reading, judged: list[Judged]) -> str:
    """Return the reading as CSV: a line of names and a line of values."""
    import pandas as pd

    said = {
        "event": spec.event_id,
        "source": spec.source,
        "t1": spec.when[0],
        "t2": spec.when[1],
        "simulated": is_simulated(patch),
        **readings.record(reading, judged),
    }
    return csv_safe(pd.DataFrame([said])).decode("utf-8-sig").replace("\r\n", "\n").strip()


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
