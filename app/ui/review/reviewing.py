"""Judging an event: one press or key a verdict, then the next event; what was said so far, and taking it back."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import streamlit as st

from app import export, review
from app.review import Seen
from app.ui import choices, faults, insides, state, widgets, words
from app.ui.faults import guarded
from app.ui.review import database, hiding, late, login, queueing, seeing, sharing
from app.ui.review.database import reviewer, reviews
from app.ui.review.outlining import Carried
from app.ui.review.queueing import Line
from app.visitors import Deed

if TYPE_CHECKING:
    import xarray as xr

    from app.patches import PatchSpec

_SAID = "held.review_said"  # what was done last, and on which event; the note of that event is emptied with it
_TOLD = "held.review_told"  # what was said of it by the run before
_SHOWN = "held.review_shown"  # which pair the page showed last, of which choices; None once it was judged
_DONE = "held.review_done"  # the pair whose press was answered before the page ran
_SINCE = "held.review_since"  # which event is looked at, and since when
_UNDONE = "held.review_undone"  # how many were taken back: the second half of a double click takes back no more
_LONGEST_S = 1800  # looked at for longer, somebody was away


def judging(seen: Seen, now: Line, carried: Carried) -> None:
    """Draw the verdicts as buttons with keys; a press keeps one on what is shown, says so and goes on.

    Of a visitor nothing is kept, so they are offered the way through the events alone.

    A press is answered before the page runs again, which then draws the next event alone; where the server was started
    anew since, nobody is called, and the button tells of the press. ``carried`` goes along with it: the outline that
    was corrected on the patch.
    """
    place = seeing.place_of(seen)
    st.session_state[_SHOWN] = seeing.patch_of(seen), seeing.chosen_now()
    answered = st.session_state.pop(_DONE, None) == seeing.patch_of(seen)
    said, of = st.session_state[_TOLD] = st.session_state.pop(_SAID, ("", ""))
    if said and of == place:
        st.session_state[f"review.note.{place}"], st.session_state[f"review.sure.{place}"] = "", None
    since = _since(place)
    role = review.DECISION if seen.event in now.apart else ""
    if database.may_judge():
        queueing.progress(now)
    login.who()
    if not database.may_judge():
        if _others(seen, now) == "skip" and not answered:
            queueing.skip(now)
            st.rerun()
        return
    if role:
        sharing.told_apart(now.apart[seen.event])
    # a form keeps what is typed in the browser with every letter: a server that ends meanwhile takes none of it away
    with st.form(f"verdict.{place}", enter_to_submit=False, border=False):
        sure, why = _fields(place)
        with st.container(key="verdicts"):
            pressed = _verdicts(seen, role, carried)
    carried.tell()
    asked = _others(seen, now)
    _below(seen, said)
    late.tell([seeing.patch_of(seen), _undo_name()])
    if pressed and not answered and _may_keep():
        with faults.shown_errors(stop=False):
            with insides.uncut():
                made = review.judge(
                    seen, reviewer(), pressed, why, confidence=sure or "", seconds=since, geometry=carried.geometry(),
                    role=role,
                )  # fmt: skip
                _keep(made, place, now, carried)
            late.answered()
            st.rerun()
    elif asked == "skip" and not answered:
        queueing.skip(now)
        st.rerun()
    elif asked == "undo":
        late.answer(_take_back, "There is no verdict of yours to take back.")


def tell_visitors() -> None:
    """Say why nothing of theirs is kept to those of whom nothing is: of whoever signed in, that they are not listed."""
    if not database.may_judge() and login.name():
        st.info(words.plain(database.refusal()), icon=":material/lock:")
    else:
        widgets.is_refused(Deed.FILES)


def history(spec: PatchSpec) -> None:
    """Show the entries on this event, those of others once one's own is in where the review is blind, and a CSV."""
    with faults.shown_errors(stop=False):
        names = seeing.inventory_name(spec), state.inventory().name
        here, every = reviews().on(seeing.subject(), *names), reviews().count()
        standing = review.not_taken_back(here)
        gone = sum(one.verdict == review.UNDONE for one in here)
        taken_back = f" and {gone:,} taken back" if gone else ""
        entries = f"{every:,} {'entry' if every == 1 else 'entries'}"  # of taking back as well
        st.markdown(f"**{words.counted(len(standing), 'verdict')} on this event{taken_back}, {entries} in all**")
        shown = sharing.visible(here)
        if shown:
            st.dataframe([_row(one) for one in shown], hide_index=True)
        if len(shown) < len(here):
            st.caption(f"{len(here) - len(shown):,} of others hidden until your verdict is in: the review is blind.")
        if every and not hiding.is_blind():
            st.download_button(
                "All verdicts (CSV)",
                lambda: export.verdicts_csv(reviews().all()),
                "scarp_verdicts.csv",
                icon=":material/download:",
                on_click="ignore",
            )


def seen_now(spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str) -> Seen:
    """Return what is judged, and warn where it is simulated."""
    seen = seeing.seen_now(spec, patch, composition, stretch)
    if seen.simulated:
        st.caption(
            ":orange[:material/science: This scene is **SIMULATED**: a verdict on it says nothing about the real "
            "event, and is marked so.]"
        )
    return seen


def _since(place: str) -> float | None:
    """Return for how many seconds this event has been looked at, None where nobody can have looked for so long."""
    held, began = st.session_state.get(_SINCE, ("", 0.0))
    if held != place:
        began = time.monotonic()
        st.session_state[_SINCE] = place, began
    seconds = time.monotonic() - began
    return round(seconds, 2) if seconds < _LONGEST_S else None


def _fields(place: str) -> tuple[str | None, str]:
    """Draw what goes along with a verdict; returns confidence, None where none is said, and note."""
    sure = st.segmented_control("How sure? (optional)", review.CONFIDENCES, key=f"review.sure.{place}")
    why = st.text_input("Why (optional)", key=f"review.note.{place}", max_chars=review.NOTE_LENGTH)
    return sure, why


def _verdicts(seen: Seen, role: str, carried: Carried) -> str | None:
    """Draw a button a verdict, with its key; returns the one that was pressed.

    A button's name says what is shown: a press of one that showed something else keeps nothing.
    """
    pressed = None
    names = list(review.VERDICTS)
    for start in range(0, len(names), 2):
        for column, name in zip(st.columns(2, gap="small"), names[start : start + 2], strict=False):
            if column.form_submit_button(
                review.VERDICTS[name], key=f"review.{name}.{seeing.patch_of(seen)}", width="stretch",
                shortcut=str(names.index(name) + 1),
                help=f"{review.MEANINGS[name]}. Key: {names.index(name) + 1}", on_click=guarded(_press),
                args=(name, seen, role, carried),
            ):  # fmt: skip
                pressed = name
    return pressed


def _press(name: str, seen: Seen, role: str, carried: Carried) -> None:
    """Keep a verdict and go on, before the page runs; of what is shown no more, or without a name, note the press."""
    place, patch = seeing.place_of(seen), seeing.patch_of(seen)
    late.note(patch, review.VERDICTS[name])
    if not _is_shown(patch):
        _say_again()
        return
    if database.refusal():
        return
    st.session_state[_DONE] = patch
    sure, why = (st.session_state.get(f"review.{part}.{place}") or "" for part in ("sure", "note"))
    made = review.judge(
        seen, reviewer(), name, why, confidence=sure, seconds=_since(place), geometry=carried.geometry(), role=role
    )
    _keep(made, place, queueing.line(), carried)
    st.session_state[_SHOWN] = None
    late.answered()


def _is_shown(patch: str) -> bool:
    """Whether a pair is what the page showed last, and still what is chosen."""
    return st.session_state.get(_SHOWN) == (patch, seeing.chosen_now())


def _put_off(patch: str) -> None:
    late.note(patch, "Skip")
    if not _is_shown(patch):
        _say_again()
        return
    st.session_state[_SHOWN], st.session_state[_DONE] = None, patch
    queueing.skip(queueing.line())
    late.answered()


def _say_again() -> None:
    """Have what was done last told again: the press that came too late takes the page's word of it away."""
    if _SAID not in st.session_state and _TOLD in st.session_state:
        st.session_state[_SAID] = st.session_state[_TOLD][0], ""


def _others(seen: Seen, now: Line) -> str:
    """Draw the buttons that judge nothing; returns which was pressed, empty for none."""
    late.shows([_undo_name()])
    undo = False
    with st.container(horizontal=True, gap="small"):
        skip = st.button(
            "Skip", key=f"review.skip.{seeing.patch_of(seen)}", shortcut="S", icon=":material/skip_next:",
            disabled=now.after(seen.event) is None, on_click=guarded(_put_off), args=(seeing.patch_of(seen),),
            help="Look at the next one; this one comes back at the end. Key: S",
        )  # fmt: skip
        if database.may_judge():
            undo = st.button(
                "Undo", key=f"review.{_undo_name()}", shortcut="U", icon=":material/undo:",
                help="Take your last verdict back and go to its event. The entry stays and no longer counts. Key: U",
                on_click=guarded(late.press), args=(_undo_name(), "Undo", _take_back),
            )  # fmt: skip
        queueing.panel(now)
    return "skip" if skip else "undo" if undo else ""


def _below(seen: Seen, said: str) -> None:
    """Say what was done last and what is kept: below the buttons, which so stay where they are."""
    if said:
        st.success(said, icon=":material/check:")
    st.caption(f"Kept as: {seeing.named(seen)}")


def _may_keep() -> bool:
    why_not = database.refusal()
    if why_not:
        st.error(words.plain(why_not), icon=":material/error:")
    return not why_not


def _keep(made: review.Verdict, place: str, now: Line, carried: Carried) -> None:
    """Store a verdict and choose the event that comes next. Raises ReviewError where it cannot be stored."""
    reviews().add_pressed(made)
    carried.done()
    did, outline = "Decided" if made.role else "Kept", ", with the corrected outline" if made.geometry else ""
    st.session_state[_SAID] = f"{did}: {made.title}, event **{words.plain(made.event)}**{outline}.", place
    _look_anew()
    is_listed = made.event in now.order and made.event == st.session_state.get(choices.EVENT)
    if is_listed and not queueing.go_on(now, judged_too=True):
        said = f"{st.session_state[_SAID][0]} That was the last one: all are judged."
        st.session_state[_SAID] = said, place


def _undo_name() -> str:
    return f"undo.{st.session_state.get(_UNDONE, 0)}"


def _take_back() -> bool:
    """Take the reader's newest verdict back, also one of before a reload or in another tab; returns whether any was."""
    mine = [one for one in review.not_taken_back(reviews().of(reviewer())) if one.kind == "event"]
    if not mine:
        return False
    last = mine[0]
    reviews().take_back(last, reviewer())
    st.session_state[_UNDONE] = st.session_state.get(_UNDONE, 0) + 1
    st.session_state[_SAID] = f"Taken back: {last.title}, event **{words.plain(last.event)}**.", ""
    _look_anew()
    if any(one.id == last.event and review.is_on(last, one, state.inventory().name)
           for one in state.inventory().events):  # fmt: skip
        state.choose_event(last.event)
    return True


def _look_anew() -> None:
    st.session_state.pop(_SINCE, None)


def _row(one: review.Verdict) -> dict[str, object]:
    """Return an entry as the table shows it, an odd row of the database marked."""
    shown = asdict(one)
    return {
        "verdict": one.title,
        "reviewer": one.reviewer,
        "note": one.note,
        "when (UTC)": f"{one.made_at:%Y-%m-%d %H:%M}" if one.made_at else "not known",
        "source": one.source + (" · SIMULATED" if one.simulated else ""),
        "T1": one.t1,
        "T2": one.t2,
        "inventory": one.inventory,
        **({"judged": review.KINDS.get(one.kind, one.kind)} if one.kind != "event" else {}),
        **({"outline": "corrected"} if one.geometry and one.kind == "event" else {}),
        **{name: shown[name] for name in ("confidence", "role", "odd") if shown[name]},
    }
