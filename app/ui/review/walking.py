"""Polygon by polygon: a method's detections or the outlines of the truth over many events, a key a verdict on each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import patches, review, truth
from app.bands import TRUTH
from app.detection import methods, run
from app.errors import MethodError
from app.pictures import render
from app.review import Seen, corrected
from app.review import pieces as whole
from app.review.pieces import Piece
from app.ui import cached, choices, elsewhere, keys, method_list, outlined, state, widgets, words
from app.ui.choices import texts
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.review import database, late, login, queueing, seeing
from app.ui.review.database import reviewer, reviews
from app.ui.review.queueing import Line
from app.ui.review.walked import POLYGONS, TRUTH_OUTLINES, WalkAnswer, Walked
from app.ui.viewer import Aim, Layer

if TYPE_CHECKING:
    import xarray as xr

    from app.detection.run import Detection
    from app.patches import PatchSpec

_SAID = "held.walk_said"
_SKIPPED = "held.walk_skipped"  # subjects put off
_AT = "held.walk_at"  # the subject to show next, where somebody went back to it
_UNDONE = "held.walk_undone"  # how many were taken back: the second half of a double click takes back no more
_NONE = "none"  # the subject where no polygon is left
_OTHERS_COLOUR, _THIS_COLOUR = (150, 150, 160), render.AGREED_COLOUR
_MARGIN_PX, _MOST_ZOOM = 12, 24


@dataclass(frozen=True, eq=False)
class Walk:
    """What is shown of a walk: the polygon to judge, None where none is left here, and what lies over the pictures."""

    piece: Piece | None
    layers: list[Layer]
    look: Aim | None


def switch() -> bool:
    """Let the reader choose what is judged; returns whether it is walked through polygon by polygon."""
    offered = [one for one in choices.JUDGED if one != "labels" or one == st.session_state[choices.JUDGE]
               or widgets.at_this_machine()]  # fmt: skip
    st.segmented_control(
        "Judge", offered, format_func=words.titled(choices.JUDGED), key=choices.JUDGE, required=True,
        help="Whole events; the polygons that a method detects, one by one; the outlines of the truth, one by one; or "
        "the masks of a folder of labels.",
        **KEEP,
    )  # fmt: skip
    return st.session_state[choices.JUDGE] in ("polygons", "truth")


def judging(seen: Seen, now: Line, spec: PatchSpec, patch: xr.Dataset) -> Walk:
    """Draw the polygon before the reader and its keys; a press is a verdict on it."""
    of_truth = st.session_state[choices.JUDGE] == "truth"
    return _outlines(seen, now, spec, patch) if of_truth else _detections(seen, now, spec, patch)


def _outlines(seen: Seen, now: Line, spec: PatchSpec, patch: xr.Dataset) -> Walk:
    """Walk through the outlines of the truth: of the patch, or else of the inventory."""
    login.who()
    labelled = outlined.with_truth(spec, patch)
    if TRUTH not in labelled:
        st.info(
            f"The truth of event {words.plain(seen.event)} is not known here: neither the source nor the inventory has "
            "an outline of it.", icon=":material/search_off:",
        )  # fmt: skip
        _others(TRUTH_OUTLINES, None, seen, now, [])
        return Walk(None, [], None)
    every = _truth_pieces(spec.key, outlined.key_of(labelled), labelled)
    if database.may_judge():
        _correct(seen)
    return _walk(TRUTH_OUTLINES, every, seen, now, spec, patch)


@st.cache_resource(max_entries=32, show_spinner=False)  # nobody changes them
def _truth_pieces(key: str, truth_key: str, _labelled: xr.Dataset) -> list[Piece]:
    grid = patches.grid_of(_labelled)
    return whole.pieces(truth.read(_labelled)[0], np.full(grid.shape, np.nan, np.float32), grid)


def _correct(seen: Seen) -> None:
    st.button(
        "Correct the label", key=f"walk.correct.{seen.event}", icon=":material/gesture:", on_click=guarded(_edit),
        help="Draw the label of this event anew: the editor with the truth to take over.",
    )  # fmt: skip


def _edit() -> None:
    st.session_state[choices.JUDGE], st.session_state[keys.OUTLINING] = "events", True


def _detections(seen: Seen, now: Line, spec: PatchSpec, patch: xr.Dataset) -> Walk:
    """Walk through what one method detects."""
    method = choose_method("Polygons of")
    _choose_least()
    login.who()
    found = cached.detect(spec, method_list.unthresholded(method))
    found = replace(found, threshold=method_list.threshold(method, found))
    every = _pieces(spec.key, found.ran, found.model_sha256, found.threshold, st.session_state[choices.LEAST],
                    found, patch)  # fmt: skip
    if found.fallback:
        st.warning(words.plain(found.fallback), icon=":material/swap_horiz:")
    seen = replace(seen, method=found.ran, threshold=found.threshold, model_sha256=found.model_sha256)
    return _walk(POLYGONS, every, seen, now, spec, patch, found.unit)


def _walk(
    what: Walked, every: list[Piece], seen: Seen, now: Line, spec: PatchSpec, patch: xr.Dataset, unit: str = ""
) -> Walk:
    judged = _judged(what, spec)
    left = _left(every, judged)
    piece = left[0] if left else None
    shown = [piece.subject if piece else _NONE, seen.event, _undo_name()]
    late.shows(shown)
    _progress(what, every, judged, seen, now, piece, unit)
    if piece is None:
        _none_left(what, every, seen, now)
    else:
        of = replace(seen, kind=what.kind, subject=piece.subject)
        if database.may_judge():
            _verdicts(what, piece, of, spec, patch, now, last=len(left) == 1)
    _others(what, piece, seen, now, left)
    if said := st.session_state.pop(_SAID, ""):  # below the buttons, which so stay where they are
        st.success(said, icon=":material/check:")
    late.tell(shown)
    return Walk(piece, _layers(what, every, judged, piece, patches.grid_of(patch).shape), _look(piece))


def onward(now: Line) -> Line:
    """Return the queue as a walk goes through it: event after event, whatever was judged of them as a whole."""
    return replace(now, judged=set(), skipped=[])


def choose_method(label: str) -> methods.Method:
    """Let the reader choose a method with its threshold. Raises MethodError for a name that is none."""
    names = [*methods.examples(), *(f"onnx:{one}" for one in method_list.network_names()),
             *(f"{elsewhere.METHOD}:{one}" for one in method_list.file_names())]  # fmt: skip
    offered = list(dict.fromkeys([st.session_state[choices.WALKED], *map(str, method_list.held()), *names]))
    chosen = st.selectbox(
        label, offered, key=choices.WALKED, accept_new_options=True,
        help="A method with its threshold; another threshold can be typed, such as band-difference:B04:0.1.", **KEEP,
    )  # fmt: skip
    try:
        return methods.parse(texts.method(chosen))
    except ValueError as error:
        raise MethodError(str(error)) from error


def _choose_least() -> None:
    st.number_input(
        "Smallest polygon (m²)", min_value=0.0, max_value=choices.MOST_AREA_M2, step=500.0, key=choices.LEAST,
        help="Smaller ones are not shown.", **KEEP,
    )  # fmt: skip


@st.cache_resource(max_entries=32, show_spinner=False)  # nobody changes them
def _pieces(
    key: str, ran: str, network: str, threshold: float, least: float, _found: Detection, _patch: xr.Dataset
) -> list[Piece]:
    return whole.pieces(run.mask(_found), _found.score, patches.grid_of(_patch), least)


def _judged(what: Walked, spec: PatchSpec) -> dict[str, review.Verdict]:
    """Return subject -> this reader's verdict on a polygon of the event."""
    names = seeing.inventory_name(spec), state.inventory().name
    return whole.judged(reviews().on(seeing.subject(), *names), reviewer(), what.kind) if reviewer() else {}


def _left(every: list[Piece], judged: dict[str, review.Verdict]) -> list[Piece]:
    """Return the polygons that are not judged, those put off last; the one somebody went back to first."""
    skipped, at = st.session_state.get(_SKIPPED) or [], st.session_state.get(_AT)
    waiting = [one for one in every if one.subject not in judged]
    return sorted(
        waiting,
        key=lambda one: (one.subject != at, skipped.index(one.subject) + 1 if one.subject in skipped else 0),
    )


def _progress(
    what: Walked,
    every: list[Piece],
    judged: dict[str, review.Verdict],
    seen: Seen,
    now: Line,
    piece: Piece | None,
    unit: str,
) -> None:
    done = sum(one.subject in judged for one in every)
    at = f"event {now.order.index(seen.event) + 1:,} of {len(now.order):,}" if seen.event in now.order else "one event"
    if every:
        st.progress(done / len(every), text=f"{done:,} of {words.counted(len(every), what.one)} judged here, {at}")
    if len(every) >= whole.MOST:
        st.caption(f"The {whole.MOST} largest are gone through; smaller ones are left out, and none of them is kept.")
    if piece is not None:
        score = f", mean score {piece.score:.3f} {unit}" if np.isfinite(piece.score) else ""
        st.markdown(f"**{piece.area_m2:,.0f} m²**, {words.counted(piece.pixels, 'pixel')}{score}")


def _none_left(what: Walked, every: list[Piece], seen: Seen, now: Line) -> None:
    said = f"Every {what.one} here is judged." if every else what.none_here
    more = "" if _next_event(seen, now) else " It is the last event of the queue."
    st.info(f"{said}{more}", icon=":material/done_all:" if every else ":material/search_off:")


def _verdicts(
    what: Walked, piece: Piece, seen: Seen, spec: PatchSpec, patch: xr.Dataset, now: Line, *, last: bool
) -> None:
    """Draw the buttons; a button's key names the polygon, so that a press of one that showed another is none."""
    keyed, place = list(enumerate(what.answers, 1)), st.container(key="verdicts")
    for start in range(0, len(keyed), 2):
        for column, (n, answer) in zip(place.columns(2, gap="small"), keyed[start : start + 2], strict=True):
            keep = partial(_keep, answer, piece, seen, spec, patch, now, last=last)
            if column.button(
                answer.title, key=f"walk.{n}.{piece.subject}", shortcut=str(n), icon=answer.icon, width="stretch",
                help=f"{answer.help or review.MEANINGS[answer.verdict]}. Key: {n}", on_click=guarded(late.press),
                args=(piece.subject, answer.title, keep),
            ):  # fmt: skip
                late.answer(keep)


def _keep(
    answer: WalkAnswer, piece: Piece, seen: Seen, spec: PatchSpec, patch: xr.Dataset, now: Line, *, last: bool
) -> bool:
    geometry = corrected.geometry_of(piece.mask, patches.grid_of(patch), spec)
    reviews().add_pressed(review.judge(seen, reviewer(), answer.verdict, answer.note, geometry=geometry))
    then = _next_event(seen, now) if last else None
    st.session_state[_SAID] = f"{answer.said}: {piece.area_m2:,.0f} m², event **{words.plain(seen.event)}**."
    st.session_state[_AT] = None
    if then is not None:
        state.choose_event(then)
    return True


def _next_event(seen: Seen, now: Line) -> str | None:
    """Return the event after this one in the queue, None after the last."""
    at = now.order.index(seen.event) + 1 if seen.event in now.order else 0
    return now.order[at] if at < len(now.order) else None


def _others(what: Walked, piece: Piece | None, seen: Seen, now: Line, left: list[Piece]) -> None:
    named = piece.subject if piece else _NONE
    put_off, go_on, take_back = partial(_put_off, named), partial(_go_on, seen, now), partial(_take_back, what)
    undo = False
    with st.container(horizontal=True, gap="small"):
        skip = st.button(
            "Skip", key=f"walk.skip.{named}", shortcut="S", icon=":material/skip_next:", disabled=len(left) < 2,
            help=f"Look at the next {what.one}; this one comes back at the end. Key: S",
            on_click=guarded(partial(late.press, judges=False)), args=(named, "Skip", put_off),
        )  # fmt: skip
        if database.may_judge():
            undo = st.button(
                "Undo", key=f"walk.{_undo_name()}", shortcut="U", icon=":material/undo:",
                help=f"Take your last verdict on {_an(what.one)} back and go to it. Key: U",
                on_click=guarded(late.press), args=(_undo_name(), "Undo", take_back),
            )  # fmt: skip
        further = st.button(
            "Next event", key=f"walk.next.{seen.event}", shortcut="E", icon=":material/arrow_forward:",
            disabled=_next_event(seen, now) is None, help="Leave what is not judged here. Key: E",
            on_click=guarded(partial(late.press, judges=False)), args=(seen.event, "Next event", go_on),
        )  # fmt: skip
        queueing.panel(now)
    if skip or further:
        late.answer(put_off if skip else go_on, judges=False)
    if undo:
        late.answer(take_back, f"There is no verdict of yours on {_an(what.one)} to take back.")


def _put_off(subject: str) -> bool:
    held = [one for one in st.session_state.get(_SKIPPED) or [] if one != subject]
    st.session_state[_SKIPPED], st.session_state[_AT] = [*held, subject], None
    return True


def _go_on(seen: Seen, now: Line) -> bool:
    state.choose_event(_next_event(seen, now))
    return True


def _undo_name() -> str:
    return f"undo.{st.session_state.get(_UNDONE, 0)}"


def _an(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _take_back(what: Walked) -> bool:
    """Take the reader's newest verdict of this kind back and go to it; returns whether there was one."""
    mine = [one for one in review.not_taken_back(reviews().of(reviewer())) if one.kind == what.kind]
    if not mine:
        return False
    last = mine[0]
    reviews().take_back(last, reviewer())
    st.session_state[_UNDONE] = st.session_state.get(_UNDONE, 0) + 1
    st.session_state[_AT] = last.subject
    st.session_state[_SAID] = f"Taken back: {last.title}, event **{words.plain(last.event)}**."
    if any(one.id == last.event and review.is_on(last, one, state.inventory().name)
           for one in state.inventory().events):  # fmt: skip
        state.choose_event(last.event)
    return True


def _layers(
    what: Walked,
    every: list[Piece],
    judged: dict[str, review.Verdict],
    piece: Piece | None,
    shape: tuple[int, int],
) -> list[Layer]:
    def together(wanted: list[Piece]) -> np.ndarray:
        return np.isin(wanted[0].labels, [one.number for one in wanted]) if wanted else np.zeros(shape, bool)

    kept = [one for one in every if one.subject in judged and judged[one.subject].meaning == "confirmed"]
    others = [one for one in every if one.subject not in judged and one is not piece]
    return [
        Layer("polygon", f"This {what.one}", together([piece] if piece else []), _THIS_COLOUR, opacity=60),
        Layer("kept", "Kept here", together(kept), render.HIT_COLOUR, opacity=60),
        Layer("waiting", "Not judged yet", together(others), _OTHERS_COLOUR, opacity=40),
    ]


def _look(piece: Piece | None) -> Aim | None:
    """Return where to look: the polygon in the middle with ground around it."""
    if piece is None:
        return None
    rows, columns = np.nonzero(piece.mask)
    height, width = piece.labels.shape
    tall, wide = np.ptp(rows) + 1 + 2 * _MARGIN_PX, np.ptp(columns) + 1 + 2 * _MARGIN_PX
    zoom = min(_MOST_ZOOM, max(1.0, 1 / max(tall / height, wide / width)))
    return Aim(
        piece.subject, float(columns.min() + columns.max() + 1) / 2, float(rows.min() + rows.max() + 1) / 2, zoom
    )
