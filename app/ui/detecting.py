"""Choosing a method and its threshold on a page, and showing what it found."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import patches, rasters, render
from app.bands import BANDS, TRUTH
from app.detection import methods, polygons, run
from app.detection.methods import INDICES, KINDS, Method
from app.detection.run import Detection
from app.errors import BandMissingError
from app.patches import PatchSpec
from app.ui import cached, figures, keys, state, widgets
from app.ui.viewer import Layer

if TYPE_CHECKING:
    import xarray as xr

_KIND, _TARGET, _DIRECTION, _THRESHOLD, _OTSU = (
    f"method.{part}" for part in ("kind", "target", "direction", "threshold", "otsu")
)
_RANGES = {  # unit -> highest threshold, step, format
    methods.REFLECTANCE: (0.4, 0.005, "%.3f"),
    methods.INDEX: (1.5, 0.01, "%.2f"),
    methods.PERCENT: (200.0, 1.0, "%.0f"),
    methods.PROBABILITY: (1.0, 0.01, "%.2f"),
}
_LISTED_OBJECTS = 200


@dataclass(frozen=True, eq=False)
class Found:
    """One method's scores on a patch with the threshold and the smallest area chosen now."""

    method: Method
    detection: Detection
    threshold: float
    mask: np.ndarray  # bool (y, x), clear pixels only, small objects dropped
    removed: int  # objects' pixels below the smallest area


def controls(spec: PatchSpec, patch: xr.Dataset) -> Found:
    """Draw the choice of method, band, direction, threshold and smallest area; returns what it finds."""
    method = _choose(patch)
    detection = cached.detect(spec, _unthresholded(method))
    threshold = _threshold(method, detection)
    smallest = widgets.minimum_area()
    raw = run.mask(detection, threshold)
    kept = polygons.clean(raw, patches.grid_of(patch), smallest)
    found = Found(method, detection, threshold, kept, int(np.count_nonzero(raw) - np.count_nonzero(kept)))
    _figures(found, patch)
    return found


def layers(found: Found, patch: xr.Dataset) -> list[Layer]:
    """Return what was detected as an overlay of the viewer."""
    return [Layer("detected", "Detected", found.mask, render.DETECTED_COLOUR)]


def results(found: Found, spec: PatchSpec, patch: xr.Dataset) -> None:
    """Draw the outlines found, their areas and scores, and the files to take away."""
    grid = patches.grid_of(patch)
    features = polygons.polygons(found.mask, found.detection.score, grid)
    tabs = st.tabs([f"Polygons ({len(features)})", "Take away", "What ran"])
    with tabs[0]:
        _table(features)
    with tabs[1]:
        _files(found, spec, patch, features)
    with tabs[2]:
        _what_ran(found, patch)


def _choose(patch: xr.Dataset) -> Method:
    """Draw the parts of a method's name, each following from the name held, and return the method."""
    method = _usable(methods.parse(st.session_state[keys.METHOD]), patch)
    kinds = [kind.name for kind in methods.available()]
    _set(_KIND, method.kind)
    st.selectbox("Method", kinds, format_func=lambda name: KINDS[name].title, key=_KIND, on_change=_kind_changed)
    kind = KINDS[method.kind]
    st.caption(kind.summary)
    if kind.target:
        held = patches.band_names(patch) if kind.target == "band" else INDICES
        _set(_TARGET, method.target)
        st.selectbox(kind.target.capitalize(), held, format_func=_titled, key=_TARGET, on_change=_part_changed)
    if kind.directed:
        _set(_DIRECTION, method.direction)
        st.segmented_control(
            "Change", methods.DIRECTIONS, format_func=str.capitalize, key=_DIRECTION, required=True,
            on_change=_part_changed,
            help="Fresh soil and rock are brighter than what they buried: the thesis counts increases only.",
        )  # fmt: skip
    return method


def _usable(method: Method, patch: xr.Dataset) -> Method:
    """Return the method, on a band the patch holds where a link or another patch named one it lacks."""
    held = patches.band_names(patch)
    if KINDS[method.kind].target != "band" or method.target in held:
        return method
    if not held:
        raise BandMissingError("This patch holds no bands; open it again on the Patches page.")
    instead = replace(method, target="B04" if "B04" in held else held[0])
    st.caption(f":orange[This patch has no {method.target}; showing {instead.target}.]")
    st.session_state[keys.METHOD] = str(instead)
    return instead


def _threshold(method: Method, detection: Detection) -> float:
    """Draw the threshold and return it, in the unit of the scores."""
    highest, step, shape = _RANGES[detection.unit]
    automatic = run.otsu(detection.score, detection.clear) if method.otsu else None
    _set(_OTSU, method.otsu)
    wanted = detection.threshold if method.threshold is None else method.threshold
    value = automatic if method.otsu else wanted
    _set(_THRESHOLD, float(np.clip(value, 0.0, highest)) if math.isfinite(value) else highest)
    st.slider(
        f"Threshold ({detection.unit})", 0.0, highest, step=step, format=shape, key=_THRESHOLD, disabled=method.otsu,
        on_change=_part_changed, help="Moving it redraws the mask; nothing is computed again.",
    )  # fmt: skip
    st.toggle(
        "Otsu's threshold",
        key=_OTSU,
        on_change=_part_changed,
        help="Chosen from the scores: the split with the least spread within both parts.",
    )
    return float(automatic) if method.otsu else st.session_state[_THRESHOLD]


def _figures(found: Found, patch: xr.Dataset) -> None:
    grid = patches.grid_of(patch)
    area = polygons.area_m2(found.mask, grid)
    clear = int(np.count_nonzero(found.detection.clear))
    pixels = int(np.count_nonzero(found.mask))
    st.metric("Changed area", f"{area:,.0f} m²" if area < 1e6 else f"{area / 1e6:,.2f} km²", border=True)
    share = f"{pixels / clear:.2%} of the {clear:,} clear pixels" if clear else "no pixel is clear at both dates"
    dropped = f"; {found.removed:,} pixels in smaller objects left out" if found.removed else ""
    st.caption(f"{pixels:,} pixels, {share}{dropped}. True ground area at this latitude.")
    if found.detection.fallback:
        st.warning(state.plain(found.detection.fallback), icon=":material/swap_horiz:")
    scores = found.detection.score[found.detection.clear]
    st.plotly_chart(figures.histogram(scores[np.isfinite(scores)], found.threshold, found.detection.unit), key="scores")


def _table(features: list[polygons.Feature]) -> None:
    if not features:
        st.info("Nothing is above the threshold; lower it, or choose another band.", icon=":material/search_off:")
        return
    rows = [{"polygon": n, **feature["properties"]} for n, feature in enumerate(features[:_LISTED_OBJECTS], start=1)]
    st.dataframe(
        rows,
        hide_index=True,
        height=min(38 * len(rows) + 40, 320),
        column_config={
            "area_m2": st.column_config.NumberColumn("area (m²)", format="%.0f"),
            "mean_score": st.column_config.NumberColumn("mean score", format="%.3f"),
            "max_score": st.column_config.NumberColumn("highest score", format="%.3f"),
        },
    )
    if len(features) > _LISTED_OBJECTS:
        st.caption(f"The largest {_LISTED_OBJECTS} of {len(features)}; the files hold them all.")


def _files(found: Found, spec: PatchSpec, patch: xr.Dataset, features: list[polygons.Feature]) -> None:
    grid, said = patches.grid_of(patch), run.labels(patch, found.detection, found.threshold)
    simulated = "SIMULATED_" if patches.is_simulated(patch) else ""
    stem = f"{simulated}event{patches.file_word(spec.event_id)}_{patches.file_word(str(found.method))}"
    clear, score = found.detection.clear, found.detection.score
    writers: dict[str, tuple[str, Callable[[Path], None]]] = {
        "Mask (GeoTIFF)": (f"{stem}_mask.tif", lambda path: rasters.write_mask(path, found.mask, clear, grid, said)),
        "Score (GeoTIFF)": (f"{stem}_score.tif", lambda path: rasters.write_score(path, score, grid, said)),
        "Polygons (GeoJSON)": (f"{stem}.geojson", lambda path: polygons.write_polygons(features, path, said)),
        "Polygons (GeoPackage)": (f"{stem}.gpkg", lambda path: polygons.write_polygons(features, path, said)),
    }
    with st.container(horizontal=True):
        for label, (name, write) in writers.items():
            st.download_button(label, _made(name, write), name, icon=":material/download:", on_click="ignore")
    st.caption("Every file says method, threshold, dates, source and whether the scene was simulated.")


def _what_ran(found: Found, patch: xr.Dataset) -> None:
    detection = found.detection
    st.markdown(
        f"`{found.method}` ran as `{detection.ran}` on {detection.device} ({detection.provider}) "
        f"in {detection.seconds:.3f} s."
    )
    st.caption("The same from the command line, on the NetCDF of the Patches page:")
    st.code(
        f"python -m app detect PATCH.nc --method {found.method} --out mask.tif --polygons change.geojson --json",
        language="bash",
    )
    if TRUTH in patch:
        st.page_link(
            "pages/metrics.py", label="The truth of this patch is known: score it", icon=":material/monitoring:"
        )


def _made(name: str, write: Callable[[Path], None]) -> Callable[[], bytes]:
    def make() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            write(path)
            return path.read_bytes()

    return make


def _unthresholded(method: Method) -> str:
    """Return a name that stays the same when the threshold moves, so that scores are kept."""
    default = KINDS[method.kind].threshold
    return str(replace(method, threshold=None if math.isnan(default) else default, otsu=False))


def _set(key: str, value: object) -> None:
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def _titled(target: str) -> str:
    return f"{target} · {BANDS[target].title}" if target in BANDS else target


def _kind_changed() -> None:
    st.session_state[keys.METHOD] = str(methods.parse(st.session_state[_KIND]))


def _part_changed() -> None:
    """Compose the method's name from the controls; runs before the page does."""
    method = methods.parse(st.session_state[keys.METHOD])
    kind = KINDS[method.kind]
    if kind.target:
        method = replace(method, target=st.session_state[_TARGET])
    if kind.directed:
        method = replace(method, direction=st.session_state[_DIRECTION])
    otsu = bool(st.session_state.get(_OTSU))
    threshold = None if otsu else max(float(st.session_state.get(_THRESHOLD, 0.0)), 1e-6)
    st.session_state[keys.METHOD] = str(replace(method, otsu=otsu, threshold=threshold))
