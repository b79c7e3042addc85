"""What methods found on a patch: over the picture, side by side, as outlines and as files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import patches, rasters, report, truth
from app.bands import HEIGHT, TRUTH
from app.detection import polygon_files, polygons, run, steep
from app.detection.elsewhere.run import FROM_FILE
from app.detection.methods import DECIDED, KINDS, parse
from app.errors import BandMissingError, DetectionsError, HeightsMissingError, NetworkError
from app.export import event_folder, judged
from app.files import file_word
from app.library import plain_steps, snippets
from app.pictures import render
from app.review import queue
from app.scoring import metrics
from app.terrain import heights
from app.ui import (
    cached,
    choices,
    chosen_patch,
    code,
    elevation,
    elsewhere,
    faults,
    keys,
    link,
    method_list,
    outlined,
    pictures,
    state,
    widgets,
    words,
)
from app.ui.compare import printing
from app.ui.detect import figures, listing, once, reporting
from app.ui.viewer import Layer

if TYPE_CHECKING:
    import xarray as xr

    from app.detection.methods import Method
    from app.detection.run import Detection
    from app.patches import PatchSpec

Features = Callable[[], list[polygons.Feature]]
_PICTURES_A_ROW = 3


@dataclass(frozen=True, eq=False)
class Found:
    """One method's scores on a patch with the threshold, opening and smallest area chosen now."""

    method: Method
    detection: Detection
    threshold: float
    mask: np.ndarray  # bool (y, x), clear pixels only, cleaned
    key: str  # the same for all who have the same scores
    cut: once.Cut
    removed: int  # pixels that cleaning took away
    colour: tuple[int, int, int]


def controls(spec: PatchSpec, patch: xr.Dataset) -> list[Found]:
    """Draw the choice of methods and their settings; returns what each finds, the open one first.

    A method that reads a band the patch lacks is left out, with the reason beside the choice.
    """
    opened = method_list.choose(patch)
    detections = _detections(spec, opened)
    if opened in detections:
        method_list.choose_threshold(opened, detections[opened])
    beside = st.container()
    smallest, opening, least = widgets.minimum_area(), widgets.opening(), elevation.minimum_slope(patch)
    detections = {method: _on_steep_ground(found, spec, patch, least) for method, found in detections.items()}
    every = [
        _found(detections[method], spec, patch, method, n, smallest, opening)
        for n, method in enumerate(method_list.held())
        if method in detections
    ]
    every.sort(key=lambda found: found.method != opened)
    if every and TRUTH in patch:
        with beside:
            _against_truth(every[0], patch)
    if every:
        _figures(every[0], patch)
    return every


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
def _parts(every: list[Found], spec: PatchSpec, patch: xr.Dataset, features: Features) -> None:
    faults.show()
    name, place = widgets.open_part(_PARTS, keys.FOUND_PART, "found.part")
    with place, faults.shown_errors():
        if name == "side":
            _compared(every, spec, patch)
        elif name == "polygons":
            st.caption(f"{words.counted(len(features()), 'polygon')} of {every[0].method.title}.")
            listing.draw(features(), elevation.told(patch))
        elif name == "files":
            _taken_away(every, spec, patch, features)
        else:
            _what_ran(every, patch)
            made = [_settings(one) for one in every]
            code.of_patch(spec, patch, snippets.detections(made), plain=plain_steps.detections(patch, made))


def _taken_away(every: list[Found], spec: PatchSpec, patch: xr.Dataset, features: Features) -> None:
    _files(every[0], spec, patch, features)
    marked = [report.Marked(_named(one.method, one.detection), one.threshold, one.mask) for one in every]
    with st.container(horizontal=True):
        reporting.everything(marked, spec, patch)
        reporting.button(marked, spec, patch)
        shown = pictures.shown(patch)
        printing.offer(spec, patch, *shown, lambda: list(map(event_folder.outlined, marked)), "pages/detect.py")


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


def _named(method: Method, held: Detection) -> Detection:
    """Return a detection under the name that its threshold of now gives it, by which a command finds the same."""
    name = str(method)
    return replace(held, method=name, ran=name if held.ran == held.method else held.ran)


def _figures(found: Found, patch: xr.Dataset) -> None:
    area = polygons.area_m2(found.mask, patches.grid_of(patch))
    clear, pixels = int(np.count_nonzero(found.detection.clear)), int(np.count_nonzero(found.mask))
    st.metric("Changed area", _area(area), border=True)
    nowhere = f"no pixel is clear {found.detection.clear_at}"
    share = f"{pixels / clear:.2%} of the {clear:,} clear pixels" if clear else nowhere
    dropped = f"; {found.removed:,} pixels cleaned away" if found.removed else ""
    least = found.detection.min_slope_deg
    slope = f" on hillsides of {least:g}° and more" if least else ""
    st.caption(f"{pixels:,} pixels{slope}, {share}{dropped}. True ground area at this latitude.")
    if found.detection.fallback:
        st.warning(words.plain(found.detection.fallback), icon=":material/swap_horiz:")
    for doubt in run.warnings_at(found.detection, found.threshold):
        st.warning(words.plain(doubt), icon=":material/warning:")
    scores = found.detection.score[found.detection.clear]
    st.plotly_chart(figures.histogram(scores[np.isfinite(scores)], found.threshold, found.detection.unit), key="scores")


def _against_truth(found: Found, patch: xr.Dataset) -> None:
    """Show precision, recall and F1 beside the threshold, and where it stands on the curve of all thresholds."""
    counts, landslide, valid = _counted(found, patch)
    if not counts.tp + counts.fn:
        st.caption(
            "The truth of this patch is known: no landslide on its clear pixels, so all that is marked is false alarm."
        )
        return
    rates = {"Precision": counts.precision, "Recall": counts.recall, "F1": counts.f1}
    for column, (title, rate) in zip(st.columns(3), rates.items(), strict=True):
        column.metric(title, "–" if np.isnan(rate) else f"{rate:.2f}")
    detection = found.detection
    if detection.unit == DECIDED:  # there is no threshold, so no curve
        return
    curve = once.curve(found.key, method_list.unthresholded(found.method), detection, landslide, valid)
    st.plotly_chart(figures.precision_recall(curve, counts), key="against_truth", config={"displayModeBar": False})
    st.caption(
        "Whole patch, clear pixels of known truth. The line is every threshold before cleaning, the dot yours after it."
    )


def _counted(found: Found, patch: xr.Dataset) -> tuple[metrics.Confusion, np.ndarray, np.ndarray]:
    """Return the counts against the truth of a patch, where it says landslide, and which pixels count."""
    landslide, known = truth.read(patch)
    valid = found.detection.clear & known
    return metrics.confusion(found.mask, landslide, valid), landslide, valid


def _compared(every: list[Found], spec: PatchSpec, patch: xr.Dataset) -> None:
    """Show every method's score and mask beside the others, and how many methods agree on each pixel."""
    st.dataframe([_row(found, patch) for found in every], hide_index=True, column_config=_SCORE_FORMAT)
    if TRUTH in patch:
        st.caption("Precision, recall and F1 against the known truth of this patch: whole patch, clear pixels of known "
                   "truth, after cleaning.")  # fmt: skip
    outlined.truth_told(spec, patch)
    simulated, pixel = patches.is_simulated(patch), patches.grid_of(patch).proportions
    pictures = [picture for found in every for picture in _pictures(found, pixel, simulated)]
    if len(every) > 1:
        cuts = tuple((found.key, found.cut) for found in every)
        agreed = once.agreed(cuts, pixel, simulated, [found.mask for found in every])
        pictures.insert(0, (agreed, f"Agreement: white where all {len(every)} methods detect change"))
    for start in range(0, len(pictures), _PICTURES_A_ROW):
        row = st.columns(_PICTURES_A_ROW)
        for column, (data, caption) in zip(row, pictures[start : start + _PICTURES_A_ROW], strict=False):
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
    "area (m²)": st.column_config.NumberColumn(format="%.0f"),
    **{name: st.column_config.NumberColumn(format="%.3f") for name in ("precision", "recall", "F1")},
    "seconds": st.column_config.NumberColumn(format="%.3f"),
}


def _row(found: Found, patch: xr.Dataset) -> dict[str, object]:
    detection = found.detection
    row = {
        "method": found.method.title,
        "threshold": found.threshold,
        "unit": detection.unit,
        "area (m²)": polygons.area_m2(found.mask, patches.grid_of(patch)),
        "pixels": int(np.count_nonzero(found.mask)),
    }
    if TRUTH in patch:
        counts, _, _ = _counted(found, patch)
        rates = {"precision": counts.precision, "recall": counts.recall, "F1": counts.f1}
        row |= {title: None if np.isnan(rate) else rate for title, rate in rates.items()}
    return {**row, "ran on": f"{detection.device}, {detection.provider}", "seconds": detection.seconds,
            "instead": detection.fallback}  # fmt: skip


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


def _labels(found: Found, patch: xr.Dataset) -> Callable[[], dict[str, str]]:
    """Return what gives the words of every file of a detection: how it was made, the verdict, and the view."""
    entries, view = reporting.entries(chosen_patch.subject(), state.inventory()), link.query("pages/detect.py")

    def made() -> dict[str, str]:
        verdict = judged.in_a_word(entries()[0])
        said = run.labels(patch, _named(found.method, found.detection), found.threshold)
        return {**said, **({"verdict": verdict} if verdict else {}), "link": view}

    return made


def _files(found: Found, spec: PatchSpec, patch: xr.Dataset, features: Features) -> None:
    grid, said = patches.grid_of(patch), _labels(found, patch)
    stem = f"{patches.file_stem(spec, patch)}_{file_word(str(found.method))}"
    clear, score = found.detection.clear, found.detection.score
    writers: dict[str, tuple[str, Callable[[Path], None]]] = {
        "Mask (GeoTIFF)": (f"{stem}_mask.tif", lambda path: rasters.write_mask(path, found.mask, clear, grid, said())),
        "Score (GeoTIFF)": (f"{stem}_score.tif", lambda path: rasters.write_score(path, score, grid, said())),
        **{
            f"Polygons ({title})": (
                f"{stem}{ending}",
                lambda path: polygon_files.write_polygons(features(), path, said()),
            )
            for title, ending in _POLYGONS.items()
        },
    }
    st.caption(f"Of {found.method.title}.")
    with st.container(horizontal=True):
        for label, (name, write) in writers.items():
            st.download_button(label, _made(name, write), name, icon=":material/download:", on_click="ignore")
    st.caption("Every file says method, threshold, dates, scenes, source, link, and whether the scene was simulated.")


_POLYGONS = {"GeoJSON": ".geojson", "GeoPackage": ".gpkg", "FlatGeobuf": ".fgb", "shapefile": ".shp.zip"}


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
    named = elsewhere.for_a_command(str(every[0].method))
    st.caption("The same from the command line, on the NetCDF of the Patches page:")
    least = every[0].detection.min_slope_deg
    held = f" --min-slope {least:g}" if least else ""
    command = f"python -m app detect PATCH.nc --method '{named}'{held} --out mask.tif --polygons change.geojson --json"
    st.code(command, language="bash")
    if TRUTH in patch:
        link.to_page("pages/metrics.py", "The truth of this patch is known: score it", icon=":material/monitoring:")


def _settings(found: Found) -> tuple[str, float, float, int, float]:
    """Return what a detection was made with: method, threshold, smallest area, opening and smallest slope."""
    smallest, opening = st.session_state[choices.MIN_AREA], st.session_state[choices.OPENING]
    return str(found.method), found.threshold, smallest, opening, found.detection.min_slope_deg


def _area(square_metres: float) -> str:
    return f"{square_metres:,.0f} m²" if square_metres < 1e6 else f"{square_metres / 1e6:,.2f} km²"


def _made(name: str, write: Callable[[Path], None]) -> Callable[[], bytes]:
    def make() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            write(path)
            return path.read_bytes()

    return make
