"""A folder of labels, judged mask by mask: the label and a method's detection over both dates, one key a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import datasets, patches, review, truth
from app.files import at_home, digest
from app.pictures import render
from app.review import NAME_LENGTH, Seen, queue
from app.scoring.evaluate import Case, Compared, PatchWithTruth
from app.ui import cached, choices, keys, pictures, state, viewer, words
from app.ui.metrics import data
from app.ui.review import database, login, walking
from app.ui.review.database import reviewer, reviews
from app.ui.shelf import Shelf
from app.ui.viewer import Layer, Pane, Picture

if TYPE_CHECKING:
    import xarray as xr

WRONG = ("shifted", "incomplete", "too large", "wrong object")
_AT, _SAID = "held.labels_at", "held.labels_said"
_SKIPPED = "held.labels_skipped"
_BYTES = 300_000_000
_PREDICTED_COLOUR = render.METHOD_COLOURS[0]


@dataclass(frozen=True)
class Labels:
    """The labelled pairs of a folder in their order, and what names each label."""

    folder: str
    key: str
    cases: dict[str, Case]  # event -> what opens its files
    subjects: dict[str, str]  # event -> what its label is called and holds


@dataclass(frozen=True, eq=False)
class _Opened:
    patch: xr.Dataset
    compared: Compared
    notes: tuple[str, ...]

    @property
    def nbytes(self) -> int:
        return self.patch.nbytes + self.compared.detected.nbytes


def asked() -> bool:
    """Whether the reader judges labels of a folder, which needs no event of the inventory."""
    return st.session_state[choices.JUDGE] == "labels"


def page() -> None:
    """Draw all of the page: the folder, one label over its pictures, and the verdicts on it."""
    picture, panel = st.container(key="wide").columns([3, 1.15])
    with panel:
        walking.switch()
        found = _folder()
        method = walking.choose_method("Prediction of")
        login.who()
        place = st.container()
    judged = _judged(found)
    here = _here(found, judged)
    with picture:
        opened = _open(found, here, str(method))
        composition, stretch = pictures.controls(opened.patch)
    with place:
        _judging(found, here, judged, _seen(found, here, opened, composition, stretch))
    with picture:
        _draw(found, here, opened, composition, stretch)


def _folder() -> Labels:
    """Let the reader name the folder, the same as on the Metrics page; ends the page without one."""
    text = st.text_input("Folder with VALIDATION or TEST (A, B, LABEL)", key=keys.FOLDER, **keys.KEEP)
    if not (text or "").strip():
        st.info("Give the path of a folder on this machine.", icon=":material/folder_open:")
        st.stop()
    made = data.folder(text)  # refuses what is no folder of this reader's
    path = at_home(text)
    pairs, faults = datasets.labelled_pairs(path, {one.id for one in state.inventory().events})
    if faults:
        with st.expander(f"Not to be judged ({len(faults)})", icon=":material/warning:"):
            for event, reason in faults[:30]:
                st.caption(words.plain(f"Event {event}: {reason}"))
    cases = {one.event: one for one in made.cases()[0]}
    return Labels(path.name, made.key, cases, {one.event: _subject(one.label) for one in pairs if one.event in cases})


def _subject(label: Path) -> str:
    held = label.stat()
    return f"{label.name[:100]} {_digest(str(label), held.st_mtime_ns, held.st_size)}"


@st.cache_data(max_entries=20_000, show_spinner=False)
def _digest(label: str, changed: int, size: int) -> str:
    return digest(Path(label).read_bytes())[:20]


def _judged(found: Labels) -> set[str]:
    """Return the events whose label this reader has judged, as it is now."""
    if not reviewer():
        return set()
    mine = {one.subject for one in review.not_taken_back(reviews().of(reviewer())) if one.kind == "mask"}
    return {event for event, subject in found.subjects.items() if subject in mine}


def _here(found: Labels, judged: set[str]) -> str:
    """Return the event that is shown: the one gone to, else the first that is not judged, else the first."""
    at = st.session_state.get(_AT)
    if at in found.cases:
        return at
    return next((one for one in found.cases if one not in judged), next(iter(found.cases)))


def _open(found: Labels, event: str, method: str) -> _Opened:
    place = st.empty()

    def make() -> _Opened:
        bar = place.progress(0.0, text=f"Opening event {event}")
        opened = found.cases[event].open()
        assert isinstance(opened, PatchWithTruth)  # as all of such a folder are
        compared = opened.compare(method, "auto", lambda share, doing: bar.progress(min(share, 1.0), text=doing))
        return _Opened(opened.patch, compared, opened.notes)

    try:
        return _shelf().get_or_make(f"{found.key} {found.subjects[event]} {method}", make)
    finally:
        place.empty()


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf[_Opened]:
    return Shelf(_BYTES, lambda opened: opened.nbytes)


def _seen(found: Labels, event: str, opened: _Opened, composition: str, stretch: str) -> Seen:
    """Return what is judged: the label, on the event of the inventory where that has one of this id."""
    row = next((one for one in state.inventory().events if one.id == event), None)
    t1, t2 = patches.dates(opened.patch)
    return Seen(
        inventory=state.inventory().name if row else found.folder[:NAME_LENGTH],
        event=event,
        source="folder",
        t1=t1,
        t2=t2,
        simulated=patches.is_simulated(opened.patch),
        latitude=row.latitude if row else None,
        longitude=row.longitude if row else None,
        event_date=str(row.date or "") if row else "",
        inventory_id=state.inventory().identity if row else "",
        kind="mask",
        subject=found.subjects[event],
        composition=composition,
        stretch=stretch,
        method=opened.compared.ran,
        threshold=opened.compared.threshold if np.isfinite(opened.compared.threshold) else None,
        link="?judge=labels",
    )


def _judging(found: Labels, event: str, judged: set[str], seen: Seen) -> None:
    done = len(judged)
    st.progress(done / len(found.cases), text=f"{done:,} of {words.counted(len(found.cases), 'label')} judged")
    st.markdown(f"**Event {words.plain(event)}** of {words.plain(found.folder)}" + (", judged" * (event in judged)))
    with st.form(f"label.{seen.subject}", enter_to_submit=False, border=False, clear_on_submit=False):
        wrong = st.pills("What is wrong? (optional)", WRONG, selection_mode="multi", key=f"label.wrong.{seen.subject}")
        why = st.text_input("Why (optional)", key=f"label.note.{seen.subject}", max_chars=review.NOTE_LENGTH - 100)
        pressed = _verdicts(seen)
    with st.container(horizontal=True, gap="small"):
        skip = st.button("Skip", key=f"label.skip.{seen.subject}", shortcut="S", icon=":material/skip_next:",
                         help="Look at the next one; this one comes back at the end. Key: S")  # fmt: skip
        undo = st.button("Undo", key="label.undo", shortcut="U", icon=":material/undo:",
                         help="Take your last verdict on a label back and go to it. Key: U")  # fmt: skip
    if said := st.session_state.pop(_SAID, ""):
        st.success(said, icon=":material/check:")
    if (pressed or undo) and (why_not := database.refusal()):
        st.error(words.plain(why_not), icon=":material/error:")
    elif pressed:
        made = reviews().add(review.judge(seen, reviewer(), pressed, "; ".join([*wrong, *([why] if why else [])])))
        st.session_state[_SAID] = f"Kept: {made.title}, label of event **{words.plain(event)}**."
        _go_on(found, event, judged | {event})
    elif skip:
        held = [one for one in st.session_state.get(_SKIPPED) or [] if one != event]
        st.session_state[_SKIPPED] = [*held, event]
        _go_on(found, event, judged)
    elif undo:
        _take_back(found)


def _verdicts(seen: Seen) -> str | None:
    """Draw a button a verdict, with its key; returns the one that was pressed."""
    pressed, names = None, list(review.VERDICTS)
    for start in range(0, len(names), 2):
        for column, name in zip(st.columns(2, gap="small"), names[start : start + 2], strict=False):
            key = str(names.index(name) + 1)
            if column.form_submit_button(
                review.VERDICTS[name], key=f"label.{name}.{seen.subject}", width="stretch", shortcut=key,
                help=f"{review.MEANINGS[name]}. Key: {key}",
            ):  # fmt: skip
                pressed = name
    return pressed


def _go_on(found: Labels, event: str, judged: set[str]) -> None:
    skipped = st.session_state.get(_SKIPPED) or []
    then = queue.after(list(found.cases), event, judged, skipped)
    if then is None and event in judged:
        st.session_state[_SAID] = f"{st.session_state.get(_SAID, '')} All labels are judged."
    st.session_state[_AT] = then or event
    st.rerun()


def _take_back(found: Labels) -> None:
    events = {subject: event for event, subject in found.subjects.items()}
    mine = [one for one in review.not_taken_back(reviews().of(reviewer())) if one.kind == "mask"]
    last = next((one for one in mine if one.subject in events), None)
    if last is None:
        st.warning("There is no verdict of yours on a label of this folder to take back.", icon=":material/undo:")
        return
    reviews().take_back(last, reviewer())
    st.session_state[_AT] = events[last.subject]
    st.session_state[_SAID] = f"Taken back: {last.title}, label of event **{words.plain(last.event)}**."
    st.rerun()


def _draw(found: Labels, event: str, opened: _Opened, composition: str, stretch: str) -> None:
    """Draw both dates with the label and the detection over them, both switched on."""
    patch, key = opened.patch, f"label-{digest(found.key + found.subjects[event])[:20]}"
    labelled, known = truth.read(patch)
    layers = [
        Layer("truth", "Label", labelled, render.TRUTH_COLOUR),
        Layer("predicted", "Detected", opened.compared.detected, _PREDICTED_COLOUR),
        Layer("unknown", "Not known in the label", ~known, render.CLOUD_COLOUR, False),
    ]
    of = pictures.change(patch)
    title = f"T2 - T1 · {of} · {cached.span(patch)}"
    viewer.show(
        _panes(key, composition, stretch, patch), patches.grid_of(patch), layers, key=key,
        simulated=patches.is_simulated(patch), linked=True,
        more=[Picture("change", f"Difference of {of}", title, lambda: _change(key, of, patch))],
    )  # fmt: skip
    if opened.compared.fallback:
        st.warning(words.plain(opened.compared.fallback), icon=":material/swap_horiz:")
    marked, found_there = int(labelled.sum()), int(opened.compared.detected.sum())
    both = int((labelled & opened.compared.detected).sum())
    st.caption(
        f"Label {marked:,} pixels; {words.plain(opened.compared.ran)} detects {found_there:,}, of them {both:,} in the "
        "label."
    )
    for note in opened.notes[:3]:
        st.caption(words.plain(note))


@st.cache_data(max_entries=24, show_spinner=False)
def _panes(key: str, composition: str, stretch: str, _patch: xr.Dataset) -> tuple[Pane, Pane]:
    limits, simulated = render.stretch_for(_patch, composition, stretch), patches.is_simulated(_patch)
    drawn = zip(render.pair(_patch, composition, limits), cached.labels(_patch), strict=True)
    first, second = (Pane(*render.encode(one, simulated), label) for one, label in drawn)
    return first, second


@st.cache_data(max_entries=24, show_spinner=False)
def _change(key: str, of: str, _patch: xr.Dataset) -> viewer.Encoded:
    return render.encode(render.change_picture(_patch, of)[0], patches.is_simulated(_patch))
