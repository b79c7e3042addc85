"""Choosing a patch: source, dates, size and bands, what that takes, and the patch to take away."""

from __future__ import annotations

import io
import tempfile
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import grid, patches
from app.bands import ALL_BANDS, BANDS, SCENE_COUNT, SENTINEL2_LAUNCH
from app.export import archives
from app.inventory import Event
from app.patches import COMPOSITES, PatchSpec
from app.pictures import compositions, contrast
from app.sources import SOURCES, SourceInfo
from app.terrain import correction, heights
from app.ui import cached, choices, chosen_patch, code, elevation, link, outlined, pictures, widgets, words
from app.ui.faults import guarded
from app.ui.keys import KEEP

if TYPE_CHECKING:
    import xarray as xr

_BUFFERS = (0.005, grid.BUFFER_DEG, 0.02, 0.03)
_RESOLUTIONS = {
    grid.RESOLUTION_DEG: f"about 10 m ({grid.RESOLUTION_DEG:.5f}°)",
    2 * grid.RESOLUTION_DEG: f"about 20 m ({2 * grid.RESOLUTION_DEG:.5f}°)",
    grid.THESIS_RESOLUTION_DEG: f"about 1 m ({grid.THESIS_RESOLUTION_DEG:.5f}°, as the thesis)",
}
_BANDS = "patch.bands"


def source() -> SourceInfo:
    """Let the reader choose where the patch comes from, and say what that source needs and costs."""
    name = st.pills(
        "Source", list(SOURCES), format_func=lambda one: cached.source_info(one).title, key=choices.SOURCE,
        required=True, wrap=True, **KEEP,
    )  # fmt: skip
    assert name is not None  # one is always chosen
    info = cached.source_info(name)
    st.markdown(info.summary)
    st.caption(f"Needs: {info.needs}  \nCost: {info.cost}  \nLimits: {info.limits}  \n{info.attribution}")
    if name == "stac":
        _catalogue()
    if info.event is not None:
        st.info(
            f"This source holds one place, **{info.event.id}**, and its dates; the event chosen in the inventory waits "
            "until you choose another source.",
            icon=":material/push_pin:",
        )
    return info


def _catalogue() -> None:
    from app.sources.stac_catalogue import catalogues

    known = catalogues()
    if st.session_state.get(choices.CATALOGUE) not in known:
        st.session_state[choices.CATALOGUE] = next(iter(known))
    st.selectbox("Catalogue", list(known), format_func=lambda one: known[one].title, key=choices.CATALOGUE, **KEEP)


def dates(subject: Event, info: SourceInfo) -> None:
    """Let the reader choose T1 and T2 among the published ones or freely."""
    if info.event is not None:
        return
    for name, proposed in zip((choices.T1, choices.T2), chosen_patch.event_dates(), strict=True):
        if st.session_state.get(name) is None:
            st.session_state[name] = proposed
    left, right = st.columns(2)
    for column, name, title, which in ((left, choices.T1, "T1, before", 0), (right, choices.T2, "T2, after", 1)):
        column.date_input(
            f"{title}{_apart(subject, which)}", key=name, value=None, format="YYYY-MM-DD",
            **_bounds(st.session_state[name]), **KEEP,
        )  # fmt: skip
    st.caption(f"The event: {subject.when or 'no date known'}. Published dates:")
    with st.container(horizontal=True, gap="small"):
        for label, name, when in _published(subject):
            st.button(f"{label} {when}", key=f"use.{label}", on_click=guarded(_use_date), args=(name, when))


def spans(info: SourceInfo) -> None:
    """Let the reader make T1 or T2 a span of days, and say what becomes of the scenes in it."""
    if (
        not info.scenes
        or (info.event is not None and not info.days)
        or (info.brought and not chosen_patch.brought_days())
    ):
        return
    chosen = any(chosen_patch.spans())
    with st.expander("Spans: a composite of many scenes", icon=":material/layers:", expanded=chosen):
        left, right = st.columns(2)
        for column, name, title in ((left, choices.T1_FROM, "T1 from"), (right, choices.T2_TO, "T2 until")):
            column.date_input(
                title, key=name, value=None, format="YYYY-MM-DD", **_bounds(st.session_state.get(name)), **KEEP
            )
        st.selectbox(
            "Of each pixel", list(COMPOSITES), key=choices.COMPOSITE, disabled=not chosen,
            format_func=lambda one: f"{one.capitalize()}: {COMPOSITES[one]}", **KEEP,
        )  # fmt: skip
        st.caption(
            "T1 is then all clear scenes from the day above to the T1 chosen, T2 those from the T2 chosen on. "
            "Clouds of one day are filled by another; days near the event show it best."
        )
        if chosen:
            st.button("Single days again", key="spans.off", on_click=guarded(_no_spans))


def _no_spans() -> None:
    st.session_state[choices.T1_FROM] = st.session_state[choices.T2_TO] = None


def size_and_bands(info: SourceInfo) -> None:
    """Let the reader choose the box, the resolution and the bands."""
    one, two = st.columns(2)
    buffers = sorted({*_BUFFERS, st.session_state[choices.BUFFER]})
    one.selectbox(
        "Event to edge", buffers, key=choices.BUFFER,
        format_func=lambda degrees: f"{degrees:g}° (about {degrees * 111.2:.1f} km)", **KEEP,
    )  # fmt: skip
    resolutions = [*_RESOLUTIONS]
    if st.session_state[choices.RESOLUTION] not in resolutions:
        resolutions.append(st.session_state[choices.RESOLUTION])
    two.selectbox(
        "Pixel", resolutions, key=choices.RESOLUTION,
        format_func=lambda degrees: _RESOLUTIONS.get(degrees, f"{degrees:g}°"), **KEEP,
    )  # fmt: skip
    _bands(info)
    elevation.toggle()
    elevation.choose_light()


def _bands(info: SourceInfo) -> None:
    """Let the reader choose among the source's bands; what it lacks stays chosen for the next source."""
    shown = list(chosen_patch.bands(info.name))
    if st.session_state.get(_BANDS) != shown:
        st.session_state[_BANDS] = shown
    st.multiselect(
        "Bands", info.bands, key=_BANDS, on_change=guarded(_choose_bands), args=(info.bands,),
        format_func=lambda name: f"{name} {BANDS[name].title}", **KEEP,
    )  # fmt: skip
    lacking = [name for name in st.session_state[choices.BANDS] if name not in info.bands]
    if lacking:
        st.caption(f"{info.title} has no {', '.join(lacking)}; chosen again where a source has.")


def _choose_bands(held: tuple[str, ...]) -> None:
    chosen = {*st.session_state[_BANDS], *(name for name in st.session_state[choices.BANDS] if name not in held)}
    st.session_state[choices.BANDS] = [name for name in ALL_BANDS if name in chosen]


def what_it_takes(spec: PatchSpec) -> None:
    """Say how large the patch will be before anything is opened."""
    st.markdown(f"**{cached.describe_grid(spec)}**  \n{spec.source} · {' and '.join(spec.when)}")
    if sentence := outlined.size_told(spec):
        st.caption(words.plain(sentence))


def preview(spec: PatchSpec, patch: xr.Dataset) -> None:
    """Show both dates small, with how much of each is clear."""
    shown = compositions.available(patch)
    if shown:
        panes, limits = cached.preview(spec, shown[0], str(contrast.USUAL))
        for column, pane in zip(st.columns(2), panes, strict=True):
            column.image(pane.data, caption=pane.label)
        st.caption(f"{compositions.parse(shown[0]).title}. Contrast {limits}.")
    first, second = patches.share_words(patch)
    st.caption(f"T1: {first}{_made_of(patch, 0)}  \nT2: {second}{_made_of(patch, 1)}")


def _made_of(patch: xr.Dataset, which: int) -> str:
    """Return of how many scenes a composite's date is made; empty for a single day."""
    if SCENE_COUNT not in patch or patches.SPAN not in patches.when(patch)[which]:
        return ""
    counts = patch[SCENE_COUNT].values[which]
    scenes = words.counted(int(patch.attrs.get(f"t{which + 1}_scene_count", counts.max())), "scene")
    return f"; made of {scenes}, {counts.min()} to {counts.max()} a pixel"


def provenance(patch: xr.Dataset) -> None:
    """Say which scenes the patch is made of, how they were processed, and what they cost."""
    attrs = patch.attrs
    said = {
        "T1 scenes": attrs.get("t1_scenes"),
        "T2 scenes": attrs.get("t2_scenes"),
        "Processing baseline": attrs.get("processing_baseline"),
        "Cloud mask": attrs.get("cloud_mask"),
        "Heights": heights.about(patch),
        "Light": correction.said(patch),
        "Processing units used": attrs.get("processing_units"),
        "Requests made": attrs.get("requests"),
        "Attribution": attrs.get("attribution"),
    }
    if patch.attrs.get("composite"):
        many = (said.pop("T1 scenes"), said.pop("T2 scenes"))
        with st.expander("The scenes of the composite", icon=":material/layers:"):
            for name, ids in zip(("T1", "T2"), many, strict=True):
                st.caption(f"{name}: {words.plain(str(ids))}")
    lines = [f"{name}: {words.plain(str(value))}" for name, value in said.items() if value not in (None, "")]
    if lines:
        st.caption("  \n".join(lines))


def downloads(spec: PatchSpec, patch: xr.Dataset) -> None:
    """Offer the patch as NetCDF, as zipped Zarr and as a GeoTIFF a date; each is made when asked for."""
    stem = f"{patches.file_stem(spec, patch)}_{spec.source}"
    images_of = pictures.images_of(patch, stem, link.query("pages/patches.py"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "NetCDF", lambda: _as_file(patch, "nc"), f"{stem}.nc", icon=":material/download:", on_click="ignore"
        )
        st.download_button(
            "Zarr (zip)",
            lambda: _as_file(patch, "zarr"),
            f"{stem}.zarr.zip",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "GeoTIFF (zip)", lambda: archives.zipped(images_of), f"{stem}_geotiff.zip", icon=":material/download:",
            on_click="ignore",
            help="T1 and T2: all bands, and the picture of Compare; cloud-optimised, with styles for QGIS.",
        )  # fmt: skip
        code.of_patch(spec, patch, ["print(pair)"], plain=["print(pair)"])
        link.to_page("pages/compare.py", "**Compare**", icon=":material/compare:")
        link.to_page("pages/detect.py", "**Detect**", icon=":material/travel_explore:")


def _bounds(held: date | None) -> dict[str, Any]:
    """Return from when to when scenes can be asked for; a date that a link or a list holds is never dropped."""
    days = [SENTINEL2_LAUNCH, date.today() + timedelta(days=1), *([held] if held else [])]
    return {"min_value": min(days), "max_value": max(days)}


def _apart(subject: Event, which: int) -> str:
    when = chosen_patch.dates()[which]
    day = subject.last_day if which else subject.date  # an event of several days has its T2 after the last
    return f" ({widgets.apart(when, day)})" if when and day else ""


def _published(subject: Event) -> list[tuple[str, str, date]]:
    before = [(f"pre{n}", choices.T1, when) for n, when in enumerate(subject.t1_options, start=1)]
    return before + ([("post1", choices.T2, subject.t2)] if subject.t2 else [])


def _use_date(name: str, when: date) -> None:
    st.session_state[name] = when


def _as_file(patch: xr.Dataset, kind: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"patch.{kind}"
        patches.write(patch, path)
        return path.read_bytes() if kind == "nc" else _zipped(path)


def _zipped(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # Zarr has compressed its chunks already
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent))
    return out.getvalue()
