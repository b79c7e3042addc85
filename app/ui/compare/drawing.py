"""Shapes drawn on a patch: what each measures and what changed inside, as a list and as a file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from app import config, patches
from app.patches import PatchSpec
from app.pictures import readings, shapes
from app.ui import viewer, words
from app.ui.cached import span
from app.ui.compare import inspector
from app.ui.faults import guarded

if TYPE_CHECKING:
    import xarray as xr

    from app.pictures.shapes import Shape

_LIST = "drawing.list"
_FORMAT = {
    "area (m²)": st.column_config.NumberColumn(format="%.0f"),
    "outline (m)": st.column_config.NumberColumn(format="%.0f"),
    "clear pixels": st.column_config.NumberColumn(format="%d"),
}


def listing(spec: PatchSpec, patch: xr.Dataset, change: str) -> None:
    """Draw the list of what the reader has drawn; a row chosen shows what the area holds.

    ``change`` is the band or index whose mean difference, T2 minus T1, each row tells.
    """
    drawn = viewer.drawn(spec.key)
    if not drawn:
        st.caption("Draw a point, a box or a polygon with the tools above the picture to measure what lies inside.")
        return
    title = f"mean change of {change}"
    rows = [_row(spec, patch, n, shape, change, title) for n, shape in enumerate(drawn, start=1)]
    st.markdown(f"**{words.counted(len(drawn), 'drawn shape')}**")
    chosen = st.dataframe(
        rows,
        hide_index=True,
        height=min(38 * len(rows) + 40, 260),
        key=f"{_LIST}.{spec.key}",
        on_select="rerun",
        selection_mode="single-row",
        column_config={**_FORMAT, title: st.column_config.NumberColumn(format="%+.3f", help="T2 minus T1")},
    )["selection"]["rows"]
    number = chosen[0] if chosen and chosen[0] < len(drawn) else None
    _buttons(spec, patch, drawn, number)
    if number is None:
        st.caption("Choose a row to see the spectra of its area. Areas are true ground area on the WGS 84 ellipsoid.")
    else:
        inside = shapes.mask(drawn[number], patches.grid_of(patch))
        inspector.area(spec, patch, inside, f"{drawn[number].kind.capitalize()} {number + 1}")


def document(spec: PatchSpec, patch: xr.Dataset, drawn: list[Shape]) -> str:
    """Return the drawn shapes as GeoJSON in degrees, saying what they were drawn on."""
    before, after = patches.when(patch)
    said = {
        "event": spec.event_id,
        "source": str(patch.attrs.get("source", spec.source)),
        "t1": str(before),
        "t2": str(after),
        "simulated": str(patches.is_simulated(patch)).lower(),
        "drawn_on": span(patch),
        "software": config.software(),
    }
    return shapes.geojson(drawn, patches.grid_of(patch), said)


def _buttons(spec: PatchSpec, patch: xr.Dataset, drawn: list[Shape], number: int | None) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "Shapes (GeoJSON)",
            lambda: document(spec, patch, drawn),  # made outside the session, so it is handed what it needs
            f"{patches.file_stem(spec, patch)}_shapes.geojson",
            "application/geo+json",
            icon=":material/download:",
            on_click="ignore",
        )
        if number is not None and len(drawn) > 1:
            st.button(
                f"Delete shape {number + 1}", icon=":material/delete:", key="drawing.delete",
                on_click=guarded(viewer.remove), args=(spec.key, number),
            )  # fmt: skip
        label = "Delete all" if len(drawn) > 1 else "Delete it"
        st.button(
            label,
            icon=":material/delete_sweep:",
            key="drawing.clear",
            on_click=guarded(viewer.remove),
            args=(spec.key,),
        )


def _row(spec: PatchSpec, patch: xr.Dataset, number: int, shape: Shape, change: str, title: str) -> dict[str, object]:
    area, outline, used, means = _measured(spec.key, shape, patch)
    flat = shape.kind == shapes.POINT
    return {
        "shape": number,
        "kind": shape.kind,
        "area (m²)": None if flat else area,
        "outline (m)": None if flat else outline,
        "clear pixels": used,
        title: None if math.isnan(means.get(change, math.nan)) else means[change],
    }


@st.cache_data(max_entries=1000, show_spinner=False)
def _measured(key: str, shape: Shape, _patch: xr.Dataset) -> tuple[float, float, int, dict[str, float]]:
    """Return area, outline, clear pixels and the mean change of each band and index inside."""
    grid = patches.grid_of(_patch)
    reading = readings.over(_patch, shapes.mask(shape, grid))
    means = {name: pair.change for name, pair in {**reading.bands, **reading.indices}.items()}
    return shapes.area_m2(shape, grid), shapes.length_m(shape, grid), reading.used, means
