"""One event taken apart: where a method is right and wrong, as counts and as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import patches
from app.errors import InputError
from app.files import file_word
from app.grid import plane
from app.pictures import render
from app.scoring import evaluate, metrics
from app.scoring.evaluate import Comparable, Compared, MasksWithTruth, PatchWithTruth
from app.scoring.results import EventScore
from app.ui import cached, faults, pictures, viewer, views, words
from app.ui.metrics import downloads, figures, tables
from app.ui.metrics.about import About
from app.ui.metrics.running import Scores
from app.ui.metrics.shelved import Shelved
from app.ui.shelf import Shelf
from app.ui.viewer import Layer, Pane, Picture

if TYPE_CHECKING:
    import xarray as xr

_BYTES = 300_000_000


@dataclass(frozen=True, eq=False)
class _Opened:
    """An event opened for its picture, and one method's mask beside its truth."""

    event: Comparable
    compared: Compared

    @property
    def nbytes(self) -> int:
        compared = self.compared
        patch = getattr(self.event, "patch", None)
        return sum(one.nbytes for one in (compared.detected, compared.truth, compared.valid)) + (
            patch.nbytes if patch is not None else 0
        )


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf[_Opened]:
    return Shelf(_BYTES, lambda opened: opened.nbytes)


def picture(scores: Scores, score: EventScore, method: str) -> None:
    """Draw the errors of one method on one event over its pictures, with the counts beside them."""
    with faults.shown_errors(stop=False):
        opened = _open(scores, score.event, method)
        layers = _layers(opened.compared, score.event, scores.found.region)
        shown, counted = st.container(key="wide").columns([3, 2])
        with shown:
            _draw(opened, layers, scores, score)
        with counted:
            _counts(score, method, scores.about)


def _counts(score: EventScore, method: str, about: About) -> None:
    rates = score.counts
    one = About(f"event {score.event}, {method}", about.region, 1, about.simulated and score.simulated)
    downloads.figure(
        figures.confusion(rates.tp, rates.fp, rates.fn, rates.tn), "confusion", one, "Confusion matrix in pixels"
    )
    st.caption("Pixels; the shade is the share of its row.")
    st.markdown(
        f"F1 **{tables.number(rates.f1)}** · precision {tables.number(rates.precision)} · "
        f"recall {tables.number(rates.recall)} · IoU {tables.number(rates.iou)}"
    )
    if score.fallback:
        st.warning(words.plain(score.fallback), icon=":material/swap_horiz:")


def _layers(compared: Compared, event: str, region: str) -> list[Layer]:
    valid = evaluate.region_of(compared, event, region)
    classes = metrics.error_map(compared.detected, compared.truth, valid)
    return [
        Layer("hit", "Found", classes == metrics.TP, render.HIT_COLOUR),
        Layer("false", "False alarm", classes == metrics.FP, render.FALSE_COLOUR),
        Layer("miss", "Missed", classes == metrics.FN, render.MISS_COLOUR),
        Layer("ignored", "Not counted: cloud or outside", classes == metrics.IGNORED, render.CLOUD_COLOUR, False),
    ]


def _open(scores: Scores, event: str, method: str) -> _Opened:
    """Return an event opened and compared, kept so that another look runs nothing again; a press ends the opening."""
    place = st.empty()

    def make() -> _Opened:
        def progress(share: float, doing: str) -> None:
            bar.progress(min(share, 1.0), text=f"{method}: {doing}")

        case = next((one for one in scores.asked.data.cases()[0] if one.event == event), None)
        if case is None:
            raise InputError(f"Event {event} is not there any more; score these events again.")
        bar = place.progress(0.0, text=f"Opening event {event}")
        opened = case.open()
        return _Opened(opened, opened.compare(method, "auto", progress))

    try:
        return _shelf().get_or_make("\n".join((scores.asked.key, event, method)), make)
    finally:
        place.empty()


def _draw(opened: _Opened, layers: list[Layer], scores: Scores, score: EventScore) -> None:
    """Draw the pictures of the event under its errors: all the viewer has where the patch can be asked for again."""
    event, key = opened.event, f"{scores.asked.data.key}-{file_word(score.event)}-errors"
    if isinstance(event, MasksWithTruth):
        grid = event.grid or plane(event.truth.shape)
        if not grid.placed:
            st.caption("These masks do not say where they lie: a metre of the scale is one pixel.")
        viewer.show(_masks(event), grid, layers, key=key, simulated=score.simulated)
        return
    assert isinstance(event, PatchWithTruth | Shelved)  # all others have a patch
    patch = event.patch
    composition, stretch = pictures.controls(patch)
    if isinstance(event, Shelved):
        pick = views.comparison(event.spec, patch, composition, stretch, layers)
        views.pixel(event.spec, patch, pick)
        return
    panes = _encoded(key, composition, stretch, patch)
    of = pictures.change(patch)
    title = f"Difference of {of}"
    more = [Picture("change", title, f"T2 - T1 · {of} · {cached.span(patch)}", lambda: _change(key, of, patch))]
    viewer.show(
        panes, patches.grid_of(patch), layers, key=key, simulated=score.simulated, more=more, linked=True
    )  # fmt: skip


@st.cache_data(max_entries=24, show_spinner=False)
def _encoded(key: str, composition: str, stretch: str, _patch: xr.Dataset) -> tuple[Pane, Pane]:
    limits = render.stretch_for(_patch, composition, stretch)
    simulated = patches.is_simulated(_patch)
    drawn = render.pair(_patch, composition, limits)
    first, second = (
        Pane(*render.encode(one, simulated), label)
        for one, label in zip(drawn, cached.labels(_patch), strict=True)
    )  # fmt: skip
    return first, second


@st.cache_data(max_entries=24, show_spinner=False)
def _change(key: str, of: str, _patch: xr.Dataset) -> viewer.Encoded:
    picture, _ = render.change_picture(_patch, of)
    return render.encode(picture, patches.is_simulated(_patch))


def _masks(opened: MasksWithTruth) -> tuple[Pane, Pane]:
    """Return truth and prediction as pictures: there is no scene to show."""
    first, second = (
        Pane(*render.encode(render.grey(np.where(one == 1, 1.0, 0.0).astype(np.float32), 0, 1.6), False), label)
        for one, label in ((opened.truth, "truth"), (opened.predicted, "mask made elsewhere"))
    )  # fmt: skip
    return first, second
