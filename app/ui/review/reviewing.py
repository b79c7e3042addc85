"""The form of a verdict, and the verdicts given so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import config, export, patches, review
from app.errors import ReviewError
from app.files import digest
from app.patches import PatchSpec
from app.review import NAME_LENGTH, Seen
from app.ui import cached, keys, state, words

if TYPE_CHECKING:
    import xarray as xr

    from app.inventory import Event

_BY_LINK = "The link"  # the name that state.use_place gives
_GIVEN = "held.review_given"  # what the form held at the last run, and for which event
_SAID = "held.review_said"  # that a verdict was kept, until it is shown; the form is emptied with it


def form(spec: PatchSpec, patch: xr.Dataset) -> None:
    """Draw the form; pressing the button stores the verdict on what the form shows, and says so."""
    seen = seen_now(spec, patch)
    if seen.simulated:
        st.warning(
            "This scene is SIMULATED: a verdict on it says nothing about the real event, and is marked so.",
            icon=":material/science:",
        )
    place = _digest(seen.event, seen.latitude, seen.longitude)
    said = st.session_state.pop(_SAID, "")
    answer, note = f"review.answer.{place}", f"review.note.{place}"
    if said:
        st.session_state[answer], st.session_state[note] = None, ""
    with st.form(f"verdict.{place}", enter_to_submit=False):
        verdict, why = _fields(answer, note)
        st.caption(f"Kept as: {_named(seen)}")
        # its name says what the form shows: a press of one that showed something else keeps nothing
        pressed = st.form_submit_button(
            "Keep this verdict", key=f"review.keep.{_digest(seen)}", type="primary", icon=":material/gavel:"
        )
    arrived = _arrived(place, verdict, why)
    if said:  # a press that comes now is the second half of a double click
        st.success(said, icon=":material/check:")
    else:
        _answer(seen, verdict, why, pressed, arrived)


def history(spec: PatchSpec) -> None:
    """Show the verdicts on this event and offer all of them as CSV."""
    with state.shown_errors(stop=False):
        names = _inventory_name(spec), state.inventory().name
        here, every = reviews().on(_subject(), *names), reviews().count()
        st.markdown(f"**{words.counted(len(here), 'verdict')} on this event, {every:,} in all**")
        if here:
            st.dataframe([_row(one) for one in here], hide_index=True)
        if every:
            st.download_button(
                "All verdicts (CSV)",
                lambda: export.verdicts_csv(reviews().all()),
                "scarp_verdicts.csv",
                icon=":material/download:",
                on_click="ignore",
            )


@st.cache_resource(show_spinner=False)
def _reviews(database_url: str) -> review.Reviews:
    return review.Reviews(database_url)


def reviews() -> review.Reviews:
    """Return this installation's review database."""
    return _reviews(config.settings().database_url)


def seen_now(spec: PatchSpec, patch: xr.Dataset) -> Seen:
    """Return what the reader has before them, as a verdict on it is kept."""
    event = _subject()
    own = cached.source_info(spec.source).event is not None
    days = zip(patches.dates(patch), (spec.t1, spec.t2), strict=True)
    t1, t2 = (str(asked) if held == "NaT" else held for held, asked in days)
    return Seen(
        inventory=_inventory_name(spec),
        event=event.id,
        source=spec.source,
        t1=t1,
        t2=t2,
        simulated=patches.is_simulated(patch),
        latitude=event.latitude,
        longitude=event.longitude,
        event_date=str(event.date or ""),
        inventory_id=spec.source if own else state.inventory().identity,
    )


def _subject() -> Event:
    found = state.subject()
    if found is None:
        raise ReviewError("No event is chosen, so there is nothing to judge. Choose one in the inventory.")
    return found


def _inventory_name(spec: PatchSpec) -> str:
    """Return what the verdicts are kept under: the inventory, or the source where it has a place of its own."""
    info = cached.source_info(spec.source)
    return (info.title if info.event is not None else state.inventory().name)[:NAME_LENGTH]


def _fields(answer: str, note: str) -> tuple[str | None, str]:
    """Draw what the reader fills in; returns verdict, None where none is chosen, and note."""
    verdict = st.radio(
        "What do you see?", list(review.VERDICTS), index=None, key=answer, format_func=review.VERDICTS.get,
        captions=list(review.MEANINGS.values()), horizontal=True,
    )  # fmt: skip
    who, why = st.columns([1, 3], vertical_alignment="bottom")
    who.text_input("Your name or initials", key=keys.REVIEWER, max_chars=100, persist_state="session")
    return verdict, why.text_input("Why (optional)", key=note, max_chars=review.NOTE_LENGTH)


def _arrived(place: str, verdict: str | None, note: str) -> bool:
    """Whether the form was sent with something new in it: it is only sent with a press of its button."""
    given, before = (place, verdict, note), st.session_state.get(_GIVEN)
    st.session_state[_GIVEN] = given
    return bool(verdict or note) and given != before


def _answer(seen: Seen, verdict: str | None, note: str, pressed: bool, arrived: bool) -> None:
    """Keep the verdict, or say why not; what was typed stays unless it was kept."""
    if pressed:
        missing = _missing(verdict)
        if missing:
            st.error(f"Not kept yet. {' '.join(missing)}", icon=":material/error:")
        else:
            with state.shown_errors(stop=False):
                _keep(seen, str(verdict), note)
    elif arrived:
        st.warning(
            "Nothing was kept: what the form was filled in for is not what is shown now (another event, pair or "
            "inventory was opened, or Scarp was started again). Look at the pictures, then press Keep again.",
            icon=":material/sync_problem:",
        )


def _missing(verdict: str | None) -> list[str]:
    named = (st.session_state.get(keys.REVIEWER) or "").strip()
    return [
        sentence
        for there, sentence in (
            (verdict, "Choose what you see."),
            (named, "Give your name or initials, so that the verdict has an author."),
        )
        if not there
    ]


def _keep(seen: Seen, verdict: str, note: str) -> None:
    made = review.judge(seen, st.session_state[keys.REVIEWER], verdict, note)
    with st.spinner("Keeping the verdict"):
        reviews().add(made)
    st.session_state[_SAID] = f"Kept: {made.title}. {_named(seen)}"
    st.rerun()


def _named(seen: Seen) -> str:
    """Return what a verdict is kept under, as Markdown."""
    of = f"event **{words.plain(seen.event)}** of **{words.plain(seen.inventory)}**"
    if seen.inventory == _BY_LINK:
        of += ", whose inventory is not here"
    elif seen.inventory_id == seen.source:
        of = f"**{words.plain(seen.inventory)}**, which has a place of its own"
    parts = [
        of,
        f"{seen.latitude:.5f}, {seen.longitude:.5f}",
        seen.event_date or "date not known",
        f"T1 {seen.t1}, T2 {seen.t2}",
        seen.source + (", SIMULATED" if seen.simulated else ""),
    ]
    return " · ".join(parts)


def _digest(*parts: object) -> str:
    return digest(repr(parts))[:12]


def _row(one: review.Verdict) -> dict[str, object]:
    """Return a verdict as the table shows it, an odd row of the database marked."""
    return {
        "verdict": one.title,
        "reviewer": one.reviewer,
        "note": one.note,
        "when (UTC)": f"{one.made_at:%Y-%m-%d %H:%M}" if one.made_at else "not known",
        "source": one.source + (" · SIMULATED" if one.simulated else ""),
        "T1": one.t1,
        "T2": one.t2,
        "inventory": one.inventory,
        **({"odd": one.odd} if one.odd else {}),
    }
