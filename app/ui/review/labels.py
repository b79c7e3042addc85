"""Folders of labels, judged mask by mask: the label and a detection over both dates, or two masks side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from app import patches, review, truth
from app.detection import run
from app.errors import BandMissingError
from app.files import digest
from app.grid import Grid, plane
from app.pictures import render
from app.review import NAME_LENGTH, Seen, corrected, queue
from app.ui import cached, choices, link, pictures, state, viewer, words
from app.ui.editor import Score, Start
from app.ui.faults import guarded
from app.ui.review import labelled, late, login, outlining, walking
from app.ui.review.database import reviewer, reviews
from app.ui.review.labelled import Labels, OpenedLabel
from app.ui.review.outlining import Carried
from app.ui.viewer import Layer, Pane, Picture

if TYPE_CHECKING:
    import xarray as xr

WRONG = ("shifted", "incomplete", "too large", "wrong object")
_AT, _SAID = "held.labels_at", "held.labels_said"
_SKIPPED, _UNDONE = "held.labels_skipped", "held.labels_undone"
_OWN_MOST = 5
_LINKED = (choices.JUDGE, choices.LABELLED, choices.FOLDERS)


def asked() -> bool:
    """Whether the reader judges labels of a folder, which needs no event of the inventory."""
    return st.session_state[choices.JUDGE] == "labels"


def page() -> None:
    """Draw all of the page: the folders, one label with what lies beside it, and the verdicts on it."""
    picture, panel = st.container(key="wide").columns([3, 1.15])
    with panel:
        walking.switch()
        found = labelled.choose(picture)
        method = found.method or str(walking.choose_method("Prediction of"))
        login.who()
        place = st.container()
    judged = _judged(found)
    here = _here(found, judged)
    with picture:
        opened = labelled.opened(found, here, method)
        shown = pictures.controls(opened.patch) if opened.patch is not None else ("", "")
    carried = _carried(found, here, opened)
    with place:
        _judging(found, here, judged, _seen(found, here, opened, *shown), carried)
    with picture:
        _draw(found, here, opened, *shown, carried)


def _carried(found: Labels, event: str, opened: OpenedLabel) -> Carried:
    """Return the outline painted on a label, which goes along with a verdict on it."""
    grid = opened.compared.ground or plane(opened.compared.truth.shape)
    return Carried(f"label-{digest(found.key + found.subjects[event])[:20]}", grid)


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


def _seen(found: Labels, event: str, opened: OpenedLabel, composition: str, stretch: str) -> Seen:
    """Return what is judged: the label, on the event of the inventory where that has one of this id."""
    row = next((one for one in state.inventory().events if one.id == event), None)
    t1, t2 = patches.dates(opened.patch) if opened.patch is not None else ("", "")
    return Seen(
        inventory=state.inventory().name if row else found.folder[:NAME_LENGTH],
        event=event,
        source="folder",
        t1=t1,
        t2=t2,
        simulated=opened.compared.simulated,
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
        link=f"?{urlencode(link.address_of(_LINKED))}",
    )


def _judging(found: Labels, event: str, judged: set[str], seen: Seen, carried: Carried) -> None:
    done = len(judged)
    st.progress(done / len(found.cases), text=f"{done:,} of {words.counted(len(found.cases), 'label')} judged")
    st.markdown(f"**Event {words.plain(event)}** of {words.plain(found.folder)}" + (", judged" * (event in judged)))
    shown, keep = [seen.subject, _undo_name()], partial(_keep, found, event, judged, seen, carried)
    late.shows(shown)
    with st.form(f"label.{seen.subject}", enter_to_submit=False, border=False, clear_on_submit=False):
        st.pills("What is wrong? (optional)", WRONG, selection_mode="multi", key=f"label.wrong.{seen.subject}")
        st.text_input("Why (optional)", key=f"label.note.{seen.subject}", max_chars=review.NOTE_LENGTH - 100)
        pressed = _verdicts(seen, keep)
    carried.tell()
    put_off, take_back = partial(_put_off, found, event, judged), partial(_take_back, found)
    with st.container(horizontal=True, gap="small"):
        skip = st.button(
            "Skip", key=f"label.skip.{seen.subject}", shortcut="S", icon=":material/skip_next:",
            help="Look at the next one; this one comes back at the end. Key: S",
            on_click=guarded(partial(late.press, judges=False)), args=(seen.subject, "Skip", put_off),
        )  # fmt: skip
        undo = st.button(
            "Undo", key=f"label.{_undo_name()}", shortcut="U", icon=":material/undo:",
            help="Take your last verdict on a label back and go to it. Key: U",
            on_click=guarded(late.press), args=(_undo_name(), "Undo", take_back),
        )  # fmt: skip
    if said := st.session_state.pop(_SAID, ""):
        st.success(said, icon=":material/check:")
    late.tell(shown)
    if pressed:
        late.answer(partial(keep, pressed))
    elif skip:
        late.answer(put_off, judges=False)
    elif undo:
        late.answer(take_back, "There is no verdict of yours on a label of this folder to take back.")


def _verdicts(seen: Seen, keep: Callable[[str], bool]) -> str | None:
    """Draw a button a verdict, with its key; returns the one that was pressed, where nobody was called for it."""
    pressed, names, place = None, list(review.VERDICTS), st.container(key="verdicts")
    for start in range(0, len(names), 2):
        for column, name in zip(place.columns(2, gap="small"), names[start : start + 2], strict=False):
            key = str(names.index(name) + 1)
            if column.form_submit_button(
                review.VERDICTS[name], key=f"label.{name}.{seen.subject}", width="stretch", shortcut=key,
                help=f"{review.MEANINGS[name]}. Key: {key}", on_click=guarded(late.press),
                args=(seen.subject, review.VERDICTS[name], partial(keep, name)),
            ):  # fmt: skip
                pressed = name
    return pressed


def _keep(found: Labels, event: str, judged: set[str], seen: Seen, carried: Carried, verdict: str) -> bool:
    wrong, why = (st.session_state.get(f"label.{part}.{seen.subject}") for part in ("wrong", "note"))
    note = "; ".join([*(wrong or ()), *([why] if why else [])])
    made = reviews().add_pressed(review.judge(seen, reviewer(), verdict, note, geometry=carried.geometry()))
    carried.done()
    st.session_state[_SAID] = f"Kept: {made.title}, label of event **{words.plain(event)}**."
    _go_on(found, event, judged | {event})
    return True


def _put_off(found: Labels, event: str, judged: set[str]) -> bool:
    held = [one for one in st.session_state.get(_SKIPPED) or [] if one != event]
    st.session_state[_SKIPPED] = [*held, event]
    _go_on(found, event, judged)
    return True


def _undo_name() -> str:
    return f"undo.{st.session_state.get(_UNDONE, 0)}"


def _go_on(found: Labels, event: str, judged: set[str]) -> None:
    skipped = st.session_state.get(_SKIPPED) or []
    then = queue.after(list(found.cases), event, judged, skipped)
    if then is None and event in judged:
        st.session_state[_SAID] = f"{st.session_state.get(_SAID, '')} All labels are judged."
    st.session_state[_AT] = then or event


def _take_back(found: Labels) -> bool:
    """Take the reader's newest verdict on a label of the folder back and go to it; returns whether there was one."""
    events = {subject: event for event, subject in found.subjects.items()}
    mine = [one for one in review.not_taken_back(reviews().of(reviewer())) if one.kind == "mask"]
    last = next((one for one in mine if one.subject in events), None)
    if last is None:
        return False
    reviews().take_back(last, reviewer())
    st.session_state[_UNDONE] = st.session_state.get(_UNDONE, 0) + 1
    st.session_state[_AT] = events[last.subject]
    st.session_state[_SAID] = f"Taken back: {last.title}, label of event **{words.plain(last.event)}**."
    return True


def _draw(found: Labels, event: str, opened: OpenedLabel, composition: str, stretch: str, carried: Carried) -> None:
    """Draw both dates, or both masks, with the label and what lies beside it; or the editor on them."""
    of = opened.compared
    panes = (
        _panes(carried.key, composition, stretch, opened.patch) if opened.patch is not None
        else labelled.mask_panes(f"{carried.key} {found.method}", of)
    )  # fmt: skip
    if outlining.switch():
        outlining.edit(
            carried, panes, lambda: _starts(found, event, opened, carried.grid), lambda: _scores(opened),
            simulated=of.simulated,
        )  # fmt: skip
    else:
        viewer.show(
            panes, carried.grid, _layers(opened), key=carried.key, simulated=of.simulated, linked=True,
            more=_change(carried.key, opened.patch) if opened.patch is not None else (),
        )  # fmt: skip
    if of.fallback:
        st.warning(words.plain(of.fallback), icon=":material/swap_horiz:")
    marked, found_there, both = int(of.truth.sum()), int(of.detected.sum()), int((of.truth & of.detected).sum())
    st.caption(
        f"Label {marked:,} pixels; {words.plain(of.ran)} detects {found_there:,}, of them {both:,} in the label."
    )
    for note in opened.notes[:3]:
        st.caption(words.plain(note))


def _layers(opened: OpenedLabel) -> list[Layer]:
    if opened.patch is None:
        return labelled.mask_layers(opened.compared)
    marked, known = truth.read(opened.patch)
    return [
        Layer("truth", "Label", marked, render.TRUTH_COLOUR),
        Layer("predicted", "Detected", opened.compared.detected, labelled.PREDICTED_COLOUR),
        Layer("unknown", "Not known in the label", ~known, render.CLOUD_COLOUR, False),
    ]


def _starts(found: Labels, event: str, opened: OpenedLabel, grid: Grid) -> list[Start]:
    """Return what may be taken over: the label, what lies beside it, and what the reader kept of it before."""
    of = opened.compared
    mine = [
        one for one in reviews().of(reviewer())
        if one.kind == "mask" and one.subject == found.subjects[event] and corrected.holds_mask(one.geometry)
    ] if reviewer() else []  # fmt: skip
    own = [
        Start(f"own.{n}", f"Yours of {one.made_at:%Y-%m-%d %H:%M}", corrected.mask_of(one.geometry, grid)[0])
        for n, one in enumerate(mine[:_OWN_MOST]) if one.made_at and not one.odd
    ]  # fmt: skip
    return [Start("truth", "The label", of.truth), Start("predicted", f"Detected: {of.ran}", of.detected), *own]


def _scores(opened: OpenedLabel) -> list[Score]:
    """Return what the editor can snap to: the score of what lies beside, and the difference of B04."""
    of = opened.compared
    found = [Score("ran", of.ran, of.score)] if of.score is not None else []
    if opened.patch is None or of.ran.startswith("band-difference:B04"):
        return found
    try:
        return [*found, Score("b04", "Difference of B04", run.detect(opened.patch, "band-difference:B04:0.05").score)]
    except BandMissingError:
        return found


@st.cache_data(max_entries=24, show_spinner=False)
def _panes(key: str, composition: str, stretch: str, _patch: xr.Dataset) -> tuple[Pane, Pane]:
    limits, simulated = render.stretch_for(_patch, composition, stretch), patches.is_simulated(_patch)
    drawn = zip(render.pair(_patch, composition, limits), cached.labels(_patch), strict=True)
    first, second = (Pane(*render.encode(one, simulated), label) for one, label in drawn)
    return first, second


def _change(key: str, patch: xr.Dataset) -> list[Picture]:
    of = pictures.change(patch)
    title = f"T2 - T1 · {of} · {cached.span(patch)}"
    return [Picture("change", f"Difference of {of}", title, lambda: _encoded(key, of, patch))]


@st.cache_data(max_entries=24, show_spinner=False)
def _encoded(key: str, of: str, _patch: xr.Dataset) -> viewer.Encoded:
    return render.encode(render.change_picture(_patch, of)[0], patches.is_simulated(_patch))
