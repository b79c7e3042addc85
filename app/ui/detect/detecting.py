"""What methods found on a patch: over the picture, side by side, as outlines and as files."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import patches
from app.bands import HEIGHT, TRUTH
from app.detection import polygons, run, steep
from app.detection.elsewhere.run import FROM_FILE
from app.detection.methods import DECIDED
from app.errors import BandMissingError, DetectionsError, HeightsMissingError
from app.library import plain_steps, snippets
from app.pictures import render
from app.terrain import heights
from app.ui import (
    cached,
    choices,
    code,
    elevation,
    elsewhere,
    faults,
    keys,
    link,
    method_list,
    outlined,
    widgets,
    words,
)
from app.ui.detect import beside, figures, listing, once, taking
from app.ui.detect.found import Found, counted
from app.ui.viewer import Layer

if TYPE_CHECKING:
    import xarray as xr

    from app.detection.methods import Method
    from app.detection.run import Detection
    from app.patches import PatchSpec


def controls(spec: PatchSpec, patch: xr.Dataset) -> list[Found]:
    """Draw the choice of methods and their settings; returns what each finds, the open one first.

    A method that reads a band the patch lacks is left out, with the reason beside the choice.
    """
    opened = method_list.choose(patch)
    detections = _detections(spec, opened)
    if opened in detections:
        method_list.choose_threshold(opened, detections[opened])
    rates = st.container()
    smallest, opening, least = widgets.minimum_area(), widgets.opening(), elevation.minimum_slope(patch)
    detections = {method: _on_steep_ground(found, spec, patch, least) for method, found in detections.items()}
    every = [
        _found(detections[method], spec, patch, method, n, smallest, opening)
        for n, method in enumerate(method_list.held())
        if method in detections
    ]
    every.sort(key=lambda found: found.method != opened)
    if every:
        if TRUTH in patch:
            with rates:  # in sight of whoever moves the threshold
                _against_truth(every[0], patch)
        _tell_doubts(every[0])
    return every


def figures_of(every: list[Found], patch: xr.Dataset) -> None:
    """Draw below the pictures what the first method found in figures: its area and its scores."""
    if not every:
        return
    with st.container(key="figures"):
        parts = st.columns([1, 1.5])
    with parts[0]:
        _area_of(every[0], patch)
    with parts[1]:
        _scores(every[0])


def _on_steep_ground(found: Detection, spec: PatchSpec, patch: xr.Dataset, least_deg: float) -> Detection:
    return steep.by_slope(found, elevation.hillside(spec, patch), least_deg) if least_deg else found


def layers(every: list[Found]) -> list[Layer]:
    """Return what was detected as overlays of the viewer, one a method, and where they agree."""
    shown = [
        Layer(f"detected{n}", found.method.title if len(every) > 1 else "Detected", found.mask, found.colour, n == 0)
        for n, found in enumerate(every)
    ]
    if len(every) > 1:
        agreed = np.logical_and.reduce([found.mask for found in every])
        shown.append(Layer("agreed", "All agree", agreed, render.AGREED_COLOUR, False))
    return shown


def results(every: list[Found], spec: PatchSpec, patch: xr.Dataset) -> None:
    """Draw the comparison, the outlines of the first method, and the files to take away."""
    if not every:
        st.info("None of the chosen methods can run on this patch; choose another one.", icon=":material/search_off:")
        return
    found, grid = every[0], patches.grid_of(patch)
    height = heights.of(patch) if HEIGHT in patch else None
    features = cache(partial(polygons.polygons, found.mask, found.detection.score, grid, height))  # where they are seen
    st.session_state[keys.DETECTED] = (spec.key, features)  # the maps show them too
    with st.container(key="found"):
        _parts(every, spec, patch, features)


_PARTS = {"side": "Side by side", "polygons": "Polygons", "files": "Take away", "ran": "What ran"}


@st.fragment  # another part is opened without the rest of the page
def _parts(every: list[Found], spec: PatchSpec, patch: xr.Dataset, features: taking.Features) -> None:
    faults.show()
    name, place = widgets.open_part(_PARTS, keys.FOUND_PART, "found.part")
    with place, faults.shown_errors():
        if name == "side":
            beside.draw(every, spec, patch)
        elif name == "polygons":
            st.caption(f"{words.counted(len(features()), 'polygon')} of {every[0].method.title}.")
            listing.draw(features(), elevation.told(patch))
        elif name == "files":
            taking.draw(every, spec, patch, features)
        else:
            _what_ran(every, patch)
            made = [_settings(one) for one in every]
            code.of_patch(
                spec,
                patch,
                snippets.detections(made),
                plain=plain_steps.detections(patch, made),
                methods=[one[0] for one in made],
                sloped=any(one[4] for one in made),
            )


def _detections(spec: PatchSpec, opened: Method) -> dict[Method, Detection]:
    """Return the scores of each method that can run on the patch, and say why the others cannot."""
    ran = {}
    for method in method_list.held():
        try:
            ran[method] = cached.detect(spec, method_list.unthresholded(method), method_list.device())
        except (BandMissingError, HeightsMissingError, DetectionsError) as error:
            text = f"{method.title} cannot run on this patch. {error}"
            if method == opened:
                st.warning(words.plain(text), icon=":material/layers_clear:")
            else:
                st.caption(f":orange[{words.plain(text)}]")
    return ran


def _found(
    detection: Detection, spec: PatchSpec, patch: xr.Dataset, method: Method, n: int, smallest: float, opening: int
) -> Found:
    threshold = method_list.threshold(method, detection)
    raw = run.mask(detection, threshold)
    kept = polygons.clean(raw, patches.grid_of(patch), smallest, opening)
    removed = int(np.count_nonzero(raw) - np.count_nonzero(kept))
    key, cut = once.key(spec, detection), (threshold, smallest, opening)
    colour = render.METHOD_COLOURS[n % len(render.METHOD_COLOURS)]
    return Found(method, detection, threshold, kept, key, cut, removed, colour)


def _area_of(found: Found, patch: xr.Dataset) -> None:
    area = polygons.area_m2(found.mask, patches.grid_of(patch))
    clear, pixels = int(np.count_nonzero(found.detection.clear)), int(np.count_nonzero(found.mask))
    st.metric("Changed area", _area(area), border=True)
    nowhere = f"no pixel is clear {found.detection.clear_at}"
    share = f"{pixels / clear:.2%} of the {clear:,} clear pixels" if clear else nowhere
    dropped = f"; {found.removed:,} pixels cleaned away" if found.removed else ""
    least = found.detection.min_slope_deg
    slope = f" on hillsides of {least:g}° and more" if least else ""
    st.caption(f"{pixels:,} pixels{slope}, {share}{dropped}. True ground area at this latitude.")


def _tell_doubts(found: Found) -> None:
    if found.detection.fallback:
        st.warning(words.plain(found.detection.fallback), icon=":material/swap_horiz:")
    for doubt in run.warnings_at(found.detection, found.threshold):
        st.warning(words.plain(doubt), icon=":material/warning:")


def _scores(found: Found) -> None:
    scores = found.detection.score[found.detection.clear]
    figure = figures.histogram(scores[np.isfinite(scores)], found.threshold, found.detection.unit)
    st.plotly_chart(figure, key="scores", config={"displayModeBar": False})


def _against_truth(found: Found, patch: xr.Dataset) -> None:
    """Show precision, recall and F1, and where the threshold stands on the curve of all."""
    counts, landslide, valid = counted(found, patch)
    if not counts.tp + counts.fn:
        st.caption(
            "The truth of this patch is known: no landslide on its clear pixels, so all that is marked is false alarm."
        )
        return
    rates = {"Precision": counts.precision, "Recall": counts.recall, "F1": counts.f1}
    with st.container(horizontal=True):  # in one line on a telephone as well
        for title, rate in rates.items():
            st.metric(title, "–" if np.isnan(rate) else f"{rate:.2f}", width="content")
    detection = found.detection
    if detection.unit == DECIDED:  # there is no threshold, so no curve
        return
    of_truth, method = outlined.key_of(patch), method_list.unthresholded(found.method)
    curve = once.curve(found.key, of_truth, method, detection, landslide, valid)
    st.plotly_chart(figures.precision_recall(curve, counts), key="against_truth", config={"displayModeBar": False})
    st.caption(
        "Whole patch, clear pixels of known truth. The line is every threshold before cleaning, the dot yours after it."
    )


def _what_ran(every: list[Found], patch: xr.Dataset) -> None:
    for found in every:
        detection = found.detection
        st.markdown(
            f"`{found.method}` ran as `{detection.ran}` on {detection.device} ({detection.provider}) "
            f"in {detection.seconds:.3f} s."
        )
        for remark in (detection.fallback, detection.note, *run.warnings_at(detection, found.threshold)):
            if remark:
                st.caption(words.plain(remark))
        if detection.model_sha256:
            of = "files" if detection.provider == FROM_FILE else "network"
            st.caption(f"SHA-256 of the {of}: {detection.model_sha256}")
    opened = f", but for the opening by {every[0].cut[2]} pixels" if every[0].cut[2] else ""
    st.caption(f"The same from the command line, on the NetCDF of the Patches page{opened}:")
    st.code(command(every[0]), language="bash")
    if TRUTH in patch:
        link.to_page("pages/metrics.py", "The truth of this patch is known: score it", icon=":material/monitoring:")


def command(found: Found) -> str:
    """Return the command that marks the same as the page; an opening is none of its options."""
    named = elsewhere.for_a_command(str(found.method))
    least, smallest = found.detection.min_slope_deg, found.cut[1]
    held = f" --min-slope {least:g}" if least else ""
    held += f" --min-area {smallest:.10g}" if smallest else ""
    return f"python -m app detect PATCH.nc --method '{named}'{held} --out mask.tif --polygons change.geojson --json"


def _settings(found: Found) -> tuple[str, float, float, int, float]:
    """Return what a detection was made with: method, threshold, smallest area, opening and smallest slope."""
    smallest, opening = st.session_state[choices.MIN_AREA], st.session_state[choices.OPENING]
    return str(found.method), found.threshold, smallest, opening, found.detection.min_slope_deg


def _area(square_metres: float) -> str:
    return f"{square_metres:,.0f} m²" if square_metres < 1e6 else f"{square_metres / 1e6:,.2f} km²"
