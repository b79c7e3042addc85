"""What pages reuse between reruns, each keyed by what was asked for and never by pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.detection import methods as naming
from app.detection import mirrored
from app.detection import run as detection
from app.files import size_words
from app.patches import PatchSpec, Progress, grid_of, is_simulated, no_progress, said_when
from app.pictures import render
from app.sources import SourceInfo, open_source
from app.terrain import correction
from app.ui import owned
from app.ui.shelf import Shelf
from app.ui.viewer import Pane
from app.values import plausible

if TYPE_CHECKING:
    import xarray as xr

    from app.pictures.contrast import Stretch

PATCH_BYTES = 1_500_000_000
SCORE_BYTES = 500_000_000
_PREVIEW_PX, _MOST_PREVIEW_PX = 640, 1400  # the longer side of a picture on the Patches page; st.image shrinks above


@st.cache_resource(show_spinner=False)
def _patches() -> Shelf[xr.Dataset]:
    return Shelf(PATCH_BYTES, lambda patch: patch.nbytes)


@st.cache_resource(show_spinner=False)
def _scores() -> Shelf[detection.Detection]:
    return Shelf(SCORE_BYTES, lambda found: found.score.nbytes + found.clear.nbytes)


@st.cache_data(show_spinner=False)
def source_info(name: str) -> SourceInfo:
    """Return a source's description."""
    return open_source(name).describe()


def held_patch(spec: PatchSpec) -> xr.Dataset | None:
    """Return the patch if it is open already, else None."""
    return _patches().get(spec.key)


def at_hand(spec: PatchSpec) -> bool:
    """Whether the patch is open already or kept in the cache, so that opening it asks nobody."""
    if held_patch(spec) is not None:
        return True
    from app import cache

    return cache.cached(spec)


def require_bearable(spec: PatchSpec) -> None:
    """Raise InputError where the patch would take more memory than one may."""
    from app import cache

    cache.require_bearable(spec)


def cost(*specs: PatchSpec) -> str:
    """Return what opening patches of one source takes from an account, in words; empty where nothing."""
    source = open_source(specs[0].source) if specs else None
    if source is None or not hasattr(source, "estimate"):
        return ""
    costs = [source.estimate(spec) for spec in specs]
    units, requests = sum(one.units for one in costs), sum(one.requests for one in costs)
    how = "at most" if any(spec.composite for spec in specs) else "about"
    return f"It takes {how} {units:,.2f} processing units and {requests:,} requests of your account."


def counted_cost(spec: PatchSpec) -> str:
    """Return what a composite takes, the sum over its scenes, after these were listed; raises what listing does."""
    from app.cache import composites

    return composites.cost(spec)


def patch(spec: PatchSpec) -> xr.Dataset:
    """Return the patch, opened now under a progress bar where it is not open yet.

    A press of the page's stop button, or leaving the page, ends the opening.
    """
    held = held_patch(spec)
    if held is not None:
        return held
    place = st.empty()
    bar = place.progress(0.0, text=f"Opening the patch of event {spec.event_id}")

    def progress(share: float, doing: str) -> None:
        bar.progress(min(1.0, max(0.0, share)), text=doing)

    try:
        return _patches().get_or_make(spec.key, lambda: _read_only(_load(spec, progress)))
    finally:
        place.empty()


def keep(spec: PatchSpec, opened: xr.Dataset) -> None:
    """Keep a patch that was made of what the reader brought, open here and in the cache."""
    from app import cache

    cache.keep(spec, opened)
    _patches().get_or_make(spec.key, lambda: _read_only(plausible.told(opened)))


def patch_quietly(spec: PatchSpec) -> xr.Dataset:
    """Return the patch without a bar of its own, for work that shows its own progress."""
    return _patches().get_or_make(spec.key, lambda: _read_only(_load(spec, no_progress)))


def detect(spec: PatchSpec, method: str, device: str = "auto") -> detection.Detection:
    """Return one method's scores on a patch, run under a bar where they are not held yet.

    A threshold moved later needs no second run, and a network whose file changed or has come gets one. Any press of
    the page ends a run under way.
    """
    owned.methods()
    key = f"{spec.key} {device} {method} {detection.file_state(naming.parse(method))}"
    held = _scores().get(key)
    if held is not None:
        return held
    from app.series import earlier  # xarray, which a page starts without

    place = st.empty()

    def progress(share: float, doing: str) -> None:
        place.progress(min(1.0, max(0.0, share)), text=f"{method}: {doing}")

    try:
        return _scores().get_or_make(
            key,
            lambda: detection.detect(earlier.read_by(spec, patch(spec), method, progress), method, device, progress),
        )
    finally:
        place.empty()


def detections(spec: PatchSpec) -> list[detection.Detection]:
    """Return what methods have found on a patch so far, the latest of each that ran, by name; runs none.

    Of networks and of what others detected, those alone that this reader has too.
    """
    owned.methods()
    latest = {found.ran: found for found in _scores().held(f"{spec.key} ") if _is_known(found)}
    return [latest[name] for name in sorted(latest)]


@st.cache_resource(show_spinner=False)
def _mirrored() -> Shelf[mirrored.Mirrored]:
    return Shelf(SCORE_BYTES, lambda found: found.scores.nbytes)


def mirrored_answers(
    spec: PatchSpec, found: detection.Detection, device: str, *, run: bool
) -> mirrored.Mirrored | None:
    """Return how a network answers a patch mirrored; None where that was not asked before and ``run`` is not set."""
    key = f"{spec.key} {found.ran} {found.model_sha256}"
    held = _mirrored().get(key)
    if held is not None or not run:
        return held
    place = st.empty()

    def progress(share: float, doing: str) -> None:
        place.progress(min(1.0, max(0.0, share)), text=doing)

    try:
        return _mirrored().get_or_make(key, lambda: mirrored.answers(patch(spec), found, device, progress))
    finally:
        place.empty()


def mirrored_so_far(spec: PatchSpec) -> list[mirrored.Mirrored]:
    """Return the answers to a patch mirrored that there are, of networks that this reader has; runs none."""
    owned.methods()
    return [found for found in _mirrored().held(f"{spec.key} ") if _is_known(found.first)]


def _is_known(found: detection.Detection) -> bool:
    """Whether this reader has the file that gave a detection: another reader's own is not shown."""
    return not found.model_sha256 or detection.gave(naming.parse(found.ran), found.model_sha256)


def panes(spec: PatchSpec, composition: str, stretch: str) -> tuple[tuple[Pane, Pane], str]:
    """Return both dates as encoded, labelled pictures, and the stretch in words.

    ``composition`` and ``stretch`` are canonical names (see compositions and contrast in ``app.pictures``).
    """
    return _encoded(spec.key, composition, stretch, spec)


def preview(spec: PatchSpec, composition: str, contrast: str) -> tuple[tuple[Pane, Pane], str]:
    """Return both dates as ``panes`` does, in their proportions on the ground and no larger than a page shows."""
    return _preview(spec.key, composition, contrast, spec), str(stretch(spec.key, composition, contrast, spec))


def change_pane(spec: PatchSpec, of: str) -> tuple[Pane, str]:
    """Return T2 minus T1 of a band or index as an encoded, labelled picture, and its limits in words."""
    return _encoded_change(spec.key, of, spec)


@st.cache_data(max_entries=256, show_spinner=False)
def stretch(key: str, composition: str, contrast: str, _spec: PatchSpec) -> Stretch:
    """Return the numbers a contrast comes to on a patch."""
    return render.stretch_for(patch(_spec), composition, contrast)


@st.cache_data(max_entries=32, show_spinner=False)
def _encoded(key: str, composition: str, contrast: str, _spec: PatchSpec) -> tuple[tuple[Pane, Pane], str]:
    opened, limits = patch(_spec), stretch(key, composition, contrast, _spec)
    made = []
    for picture, label in zip(render.pair(opened, composition, limits), labels(opened), strict=True):
        made.append(Pane(*render.encode(picture, is_simulated(opened)), label))
    return (made[0], made[1]), str(limits)


@st.cache_data(max_entries=16, show_spinner=False)
def _preview(key: str, composition: str, contrast: str, _spec: PatchSpec) -> tuple[Pane, Pane]:
    opened, limits = patch(_spec), stretch(key, composition, contrast, _spec)
    on = grid_of(opened)
    longest = min(_MOST_PREVIEW_PX, max(_PREVIEW_PX, *on.shape))
    first, second = (
        Pane(*render.encode(render.in_proportion(picture, on.proportions, longest), is_simulated(opened)), label)
        for picture, label in zip(render.pair(opened, composition, limits), labels(opened), strict=True)
    )
    return first, second


@st.cache_data(max_entries=16, show_spinner=False)
def _encoded_change(key: str, of: str, _spec: PatchSpec) -> tuple[Pane, str]:
    opened = patch(_spec)
    picture, words = render.change_picture(opened, of)
    before, after = said_when(opened)
    label = f"T2 - T1 · {of} · {before} to {after} · {_origin(opened)}"
    return Pane(*render.encode(picture, is_simulated(opened)), label), words


def labels(opened: xr.Dataset) -> tuple[str, str]:
    """Return what stands on each picture: which date, and where it comes from."""
    before, after = said_when(opened)
    return f"T1 · {before} · {_origin(opened)}", f"T2 · {after} · {_origin(opened)}"


def span(opened: xr.Dataset) -> str:
    """Return from when to when a picture of both dates is, and where it comes from."""
    before, after = said_when(opened)
    return f"{before} to {after} · {_origin(opened)}"


def describe_grid(spec: PatchSpec) -> str:
    """Return the size of a patch in pixels, kilometres and megabytes."""
    height, width = spec.grid.shape
    across, along = spec.grid.pixel_m
    return (
        f"{width} x {height} pixels, {width * across / 1000:.2f} x {height * along / 1000:.2f} km, "
        f"{len(spec.bands)} bands, {size_words(spec.nbytes)} in memory"
    )


def _load(spec: PatchSpec, progress: Progress) -> xr.Dataset:
    from app import cache

    return cache.load(spec, progress)


def _origin(opened: xr.Dataset) -> str:
    origin = str(opened.attrs.get("source", "file"))
    origin = f"{origin} · light evened out" if correction.said(opened) else origin
    return f"{origin} · SIMULATED" if is_simulated(opened) else origin


def _read_only(opened: xr.Dataset) -> xr.Dataset:
    for variable in opened.variables.values():
        if hasattr(variable.data, "setflags"):
            variable.data.setflags(write=False)
    return opened
