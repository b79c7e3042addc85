"""The labels of folders on the Review page: which there are, and one opened with what lies beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import datasets
from app.detection import methods as naming
from app.detection import run
from app.files import at_home, digest
from app.pictures import render
from app.scoring.evaluate import Case, Compared, PatchWithTruth
from app.ui import choices, kept, keys, state, viewer, words, workspace
from app.ui.keys import KEEP
from app.ui.metrics import data
from app.ui.shelf import Shelf
from app.ui.viewer import Pane

if TYPE_CHECKING:
    import xarray as xr
    from streamlit.delta_generator import DeltaGenerator

PAIRS, MASKS = "folder", "masks"
_TYPED = {PAIRS: (keys.FOLDER,), MASKS: (keys.MASKS, keys.TRUTHS)}
_NAMED = "held.labels_named"  # the folders that are open, as links name them
TITLES = {PAIRS: "Labelled pairs", MASKS: "Two folders"}
_WILL_SHOW = {
    PAIRS: (
        "**Here both dates of one event will lie, with its label and what a method detects drawn over them.** A press "
        "or key says whether the label is right, then the next one comes; what is wrong can be said, and a better "
        "outline drawn.\n\nName a folder of labelled pairs in the layout of GLaD4CD: in it VALIDATION or TEST, and in "
        "that the folders A (before), B (after) and LABEL, with files named by event."
    ),
    MASKS: (
        "**Here two masks of one event will lie side by side: what was made elsewhere, and the truth.** One press or "
        "key says whether the truth is right, then the next one comes.\n\nName two folders of masks, images with the "
        "names of their events, such as 171.tif."
    ),
}
_BYTES = 300_000_000
_BACKGROUND, _MARKED, _UNKNOWN = (38, 38, 42), (225, 225, 220), (120, 120, 120)
PREDICTED_COLOUR = render.METHOD_COLOURS[0]


@dataclass(frozen=True)
class Labels:
    """The labels of a folder in their order, what names each, and what opens it with what lies beside it."""

    folder: str
    key: str
    cases: dict[str, Case]  # event -> what opens its files
    subjects: dict[str, str]  # event -> what its label is called and holds
    method: str = ""  # what lies beside the labels, where that is given: masks made elsewhere


@dataclass(frozen=True, eq=False)
class OpenedLabel:
    """One label beside a detection, and the pictures of both dates; None where the folders hold masks alone."""

    patch: xr.Dataset | None
    compared: Compared
    notes: tuple[str, ...]

    @property
    def nbytes(self) -> int:
        """What it takes in memory."""
        return self.compared.detected.nbytes * 3 + (self.patch.nbytes if self.patch is not None else 0)


def choose(pictures: DeltaGenerator) -> Labels:
    """Let the reader name folders, the same as on the Metrics page; ends the page without them.

    What will stand there, and what to name, is then said where the ``pictures`` of a label come.
    """
    kind = st.segmented_control(
        "Labels of", list(TITLES), format_func=words.titled(TITLES), key=choices.LABELLED, required=True,
        help="Pairs of images with a label each, or a folder of masks beside another one: predictions and truth.",
        **KEEP,
    )  # fmt: skip
    assert kind is not None  # one is always chosen
    _take_up(kind)
    found = _masks(pictures) if kind == MASKS else _pairs(pictures)
    _name(kind)
    return found


def _take_up(kind: str) -> None:
    """Take up the folders that a link names, where this browser has opened them before."""
    token = st.session_state.get(choices.FOLDERS)
    if not token or token == st.session_state.get(_NAMED):
        return
    st.session_state[_NAMED] = token
    held = workspace.current().held(f"{kept.FOLDERS}.{token}")
    paths = held.get("paths") if isinstance(held, dict) and held.get("kind") == kind else None
    if not isinstance(paths, list) or len(paths) != len(_TYPED[kind]) or not all(isinstance(one, str) for one in paths):
        st.caption("The link names folders that this browser does not know; give their path.")
        return
    for name, path in zip(_TYPED[kind], paths, strict=True):
        st.session_state[name] = path


def _name(kind: str) -> None:
    """Give the folders that are open a name for a link, which this browser alone knows."""
    paths = [st.session_state[name] for name in _TYPED[kind]]
    token = digest("\n".join((kind, *paths)))[:12]
    if token != st.session_state.get(_NAMED) or st.session_state.get(choices.FOLDERS) != token:
        st.session_state[_NAMED] = st.session_state[choices.FOLDERS] = token
        workspace.keep(f"{kept.FOLDERS}.{token}", {"kind": kind, "paths": paths})


def _pairs(pictures: DeltaGenerator) -> Labels:
    text = st.text_input("Folder with VALIDATION or TEST (A, B, LABEL)", key=keys.FOLDER, **KEEP)
    _wait_for(pictures, PAIRS, text)
    made = data.folder(text)  # refuses what is no folder of this reader's
    path = at_home(text)
    pairs, faults = datasets.labelled_pairs(path, {one.id for one in state.inventory().events})
    _tell(faults)
    return _labels(path.name, made, ((one.event, one.label) for one in pairs))


def _masks(pictures: DeltaGenerator) -> Labels:
    predicted = st.text_input("Folder of masks made elsewhere, named by event", key=keys.MASKS, **KEEP)
    truths = st.text_input("Folder of the truth, which is judged", key=keys.TRUTHS, **KEEP)
    _wait_for(pictures, MASKS, predicted, truths)
    made = data.masks(predicted, truths)
    path = at_home(truths)
    pairs, faults = datasets.mask_pairs(at_home(predicted), path, {one.id for one in state.inventory().events})
    _tell(faults)
    return _labels(path.name, made, ((one.event, one.truth) for one in pairs))


def _labels(folder: str, made: data.Data, files: Iterable[tuple[str, Path]]) -> Labels:
    cases = {one.event: one for one in made.cases()[0]}
    subjects = {event: _subject(label) for event, label in files if event in cases}
    return Labels(folder, made.key, cases, subjects, *made.methods[:1])


def _wait_for(pictures: DeltaGenerator, kind: str, *texts: str) -> None:
    if not all((text or "").strip() for text in texts):
        pictures.info(_WILL_SHOW[kind], icon=":material/fact_check:")
        st.info("Give the path of a folder on this machine.", icon=":material/folder_open:")
        st.stop()


def _tell(faults: list[tuple[str, str]]) -> None:
    if faults:
        with st.expander(f"Not to be judged ({len(faults)})", icon=":material/warning:"):
            for event, reason in faults[:30]:
                st.caption(words.plain(f"Event {event}: {reason}"))


def _subject(label: Path) -> str:
    held = label.stat()
    return f"{label.name[:100]} {_digest(str(label), held.st_mtime_ns, held.st_size)}"


@st.cache_data(max_entries=20_000, show_spinner=False)
def _digest(label: str, changed: int, size: int) -> str:
    return digest(Path(label).read_bytes())[:20]


def opened(found: Labels, event: str, method: str) -> OpenedLabel:
    """Return one label with what lies beside it, from the shelf where it was opened before."""
    place = st.empty()

    def make() -> OpenedLabel:
        bar = place.progress(0.0, text=f"Opening event {event}")
        held = found.cases[event].open()
        compared = held.compare(method, "auto", lambda share, doing: bar.progress(min(share, 1.0), text=doing))
        return OpenedLabel(held.patch if isinstance(held, PatchWithTruth) else None, compared, held.notes)

    # readers may have different networks of one name; masks made elsewhere are in the key of the folders
    own = "" if found.method else run.file_state(naming.parse(method))
    try:
        return _shelf().get_or_make(f"{found.key} {found.subjects[event]} {method} {own}", make)
    finally:
        place.empty()


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf[OpenedLabel]:
    return Shelf(_BYTES, lambda one: one.nbytes)


@st.cache_data(max_entries=24, show_spinner=False)
def mask_panes(key: str, _of: Compared) -> tuple[Pane, Pane]:
    """Return the prediction and the truth as pictures; ``key`` names them. What either does not know is grey."""
    return _pane(_of.detected, _of, "Prediction"), _pane(_of.truth, _of, "Truth")


def _pane(mask: np.ndarray, of: Compared, label: str) -> Pane:
    picture = np.where(of.valid[..., None], np.array(_BACKGROUND, np.uint8), np.array(_UNKNOWN, np.uint8))
    picture = np.where(mask[..., None], np.array(_MARKED, np.uint8), picture)
    return Pane(*render.encode(picture, of.simulated), label)


def mask_layers(of: Compared) -> list[viewer.Layer]:
    """Return where prediction and truth agree and where one stands alone, over pixels that both know."""
    return [
        viewer.Layer("both", "Both", of.detected & of.truth & of.valid, render.HIT_COLOUR, opacity=60),
        viewer.Layer("predicted", "Prediction alone", of.detected & ~of.truth & of.valid, render.FALSE_COLOUR),
        viewer.Layer("truth", "Truth alone", of.truth & ~of.detected & of.valid, render.MISS_COLOUR),
    ]
