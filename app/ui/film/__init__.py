"""The film on the Patches page: every scene around the event on a time axis, each to be taken as T1 or T2."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from app.errors import ScarpError, SourceError
from app.export import animation
from app.files import file_word
from app.inventory import Event
from app.patches import PatchSpec
from app.sources import SourceInfo, choosing, scenes
from app.sources.scenes import SceneInfo
from app.ui import choices, chosen_patch, faults, keys, words
from app.ui.compare import moving
from app.ui.faults import guarded
from app.ui.film import glimpses
from app.ui.film.told import Film, can_pick, data
from app.ui.keys import KEEP

AT_FIRST = 8  # scenes nearest to the event that are looked at as soon as they are listed
_AT_ONCE = 60  # by one press of the button
_FEWEST_MOVE = 2  # scenes of a moving picture
_GIVEN_UP = 3  # looks that fail one after the other
_LISTS = 8  # lists held of a session, so that going back asks nothing
_SEASONS = {"Whole year": 183, "± 60 days": 60, "± 30 days": 30}  # short: four fields share a narrow page
_PICKED = "held.film_picked"
_OPEN = "held.film_open"  # once listed: what is drawn above it must not fold it
_TOLD = "held.film_told"  # why the last list or looks ended, told in the film and nowhere above it

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "scarp_film",
    html=(_HERE / "film.html").read_text("utf-8"),
    css=(_HERE / "film.css").read_text("utf-8"),
    js=(_HERE / "film.js").read_text("utf-8"),
)


@dataclass(frozen=True)
class _Limits:
    """Which scenes the film shows."""

    cloud_pct: float
    season_days: int


def draw(event: Event, info: SourceInfo) -> None:
    """Show the film of the chosen event where its source lists scenes."""
    if info.scenes:
        with st.expander(
            "Every scene around the event", icon=":material/movie:", expanded=st.session_state.get(_OPEN, False)
        ):
            _film(event, info)


@st.fragment
def _film(event: Event, info: SourceInfo) -> None:
    faults.show()
    if _TOLD in st.session_state:
        faults.tell(*st.session_state.pop(_TOLD))
    columns = st.columns(4)
    limits = _limits(event, columns[2:])
    try:
        first, last = _span(event, columns[:2])
        spec = _spec(event, info, first, last)
    except ScarpError as error:
        st.caption(f":orange[{words.plain(str(error))}]")
        return
    listed = _held().get(_key(spec, first, last))
    if listed is None:
        _offer(spec, first, last, info)
    else:
        _show(event, info, listed, limits)
    if st.session_state.pop(_PICKED, False):
        st.rerun()


def _span(event: Event, columns: Sequence[Any]) -> tuple[date, date]:
    """Let the reader choose from when to when; a year on either side of the event where nobody does."""
    usual = choosing.span_of(event)
    given = [
        column.date_input(title, value=day, key=f"film.{title}.{event.id}", format="YYYY-MM-DD", **KEEP) or day
        for column, title, day in zip(columns, ("Scenes from", "Scenes until"), usual, strict=True)
    ]
    return choosing.span_of(event, *given)


def _limits(event: Event, columns: Sequence[Any]) -> _Limits:
    """Let the reader leave cloudy scenes and other seasons out."""
    most = columns[0].slider(
        "Cloud at most", 0, 100, 100, 5, key="film.cloud", format="%d %%",
        help="Over the patch where a scene was looked at, else over its whole tile, as the catalogue says.", **KEEP,
    )  # fmt: skip
    season = columns[1].selectbox(
        "Season", list(_SEASONS), key="film.season", disabled=event.date is None,
        help="Within so many days of the event's day of the year, whatever the year.", **KEEP,
    )  # fmt: skip
    return _Limits(most, _SEASONS[season])


def _spec(event: Event, info: SourceInfo, first: date, last: date) -> PatchSpec:
    """Return the place over which scenes are looked at; the same whichever dates are picked."""
    t1, t2 = event.t1 or first, event.t2 or last
    if t1 >= t2:
        t1, t2 = first, max(last, first + timedelta(days=1))
    found = chosen_patch.spec_of(event, t1, t2)
    if found is None:
        raise SourceError(f"The source {info.name} lists no scenes of this event.")
    return replace(found, bands=found.bands if info.brought else info.bands, heights=False, light="")


def _key(spec: PatchSpec, first: date, last: date) -> str:
    return f"{spec.key} {first} {last}"


def _held() -> dict[str, Film]:
    found: dict[str, Film] = st.session_state.setdefault(keys.FILMS, {})
    return found


def _offer(spec: PatchSpec, first: date, last: date, info: SourceInfo) -> None:
    asks = (
        "Nothing is asked of a network." if info.local else "Asks the catalogue, and reads a small part of each scene."
    )
    st.caption(f"The days from {first} to {last} on which a satellite passed, as a film to pick T1 and T2 from. {asks}")
    if st.button("List the scenes", key="film.list", icon=":material/movie:"):
        st.session_state[_OPEN] = True
        _list(spec, first, last)
        st.rerun()


def _list(spec: PatchSpec, first: date, last: date) -> None:
    """List under a bar, and look at the scenes nearest to the event; what came before a stop stays."""
    st.button("Stop", key="film.stop", icon=":material/stop_circle:")  # any press ends this run
    bar = st.progress(0.0, text="Listing the scenes")

    def tell(share: float, doing: str) -> None:
        bar.progress(min(1.0, max(0.0, share)), text=doing)

    try:
        notes, found = [], scenes.open_scenes(spec, first, last, tell)
    except scenes.ScenesBrokenOffError as error:
        notes, found = [str(error)], error.scenes
    except ScarpError as error:
        st.session_state[_TOLD] = faults.told(error)
        return
    kept, thinned = choosing.thinned(found)
    notes += [thinned] if thinned else []
    held = _held()
    held[_key(spec, first, last)] = listed = Film(spec, first, last, kept, tuple(notes))
    while len(held) > _LISTS:
        held.pop(next(iter(held)))
    _look(listed, _nearest(listed, listed.scenes)[:AT_FIRST], bar)


def _show(event: Event, info: SourceInfo, listed: Film, limits: _Limits) -> None:
    passing = _passing(event, listed, limits)
    for note in listed.notes:
        st.caption(f":orange[:material/warning: {words.plain(note)}]")
    if not listed.scenes:
        st.caption(f"There is no scene of this place from {listed.first} to {listed.last}; choose a longer span.")
        return
    st.caption(
        f"{len(passing)} of {words.counted(len(listed.scenes), 'scene')}{', SIMULATED' if info.simulated else ''}. "
        + ("1 and 2 take the scene in focus as T1 and T2, arrows move; the marks on the axis can be dragged."
           if can_pick(info, listed) else "The dates of this source stand fast.")
    )  # fmt: skip
    _mount(data=data(event, info, listed, passing), key="film", on_pick_change=guarded(_picked))
    missing = [scene for scene in _nearest(listed, passing) if glimpses.held(listed.spec, scene) is None]
    if missing and st.button(
        f"Look at {min(len(missing), _AT_ONCE)} more", key="film.look", icon=":material/image_search:",
        help="Those nearest to the event first; what was looked at is kept.",
    ):  # fmt: skip
        st.button("Stop", key="film.stop", icon=":material/stop_circle:")
        _look(listed, missing[:_AT_ONCE], st.progress(0.0, text="Looking"))
        st.rerun()
    _offer_moving(info, listed, passing)


def _offer_moving(info: SourceInfo, listed: Film, passing: Sequence[SceneInfo]) -> None:
    """Offer those scenes in turn, as a moving picture, that pass the limits and were looked at."""
    looked = [(look, scene) for scene in passing if (look := glimpses.held(listed.spec, scene)) and look.jpeg]
    if len(looked) < _FEWEST_MOVE:
        return

    def make() -> tuple[list[animation.Still], animation.Captions]:
        from PIL import Image

        pictures = [(np.asarray(Image.open(io.BytesIO(look.jpeg)).convert("RGB")), scene) for look, scene in looked]
        return animation.of_looks(pictures, listed.spec, info.attribution.rstrip("."), info.simulated)

    simulated = "SIMULATED_" if info.simulated else ""
    name = f"{simulated}event{file_word(listed.spec.event_id)}_{listed.spec.source}_scenes"
    moving.of_looks(name, listed.spec.grid, make)


def _passing(event: Event, listed: Film, limits: _Limits) -> list[SceneInfo]:
    """Return the scenes within the limits, with what looks have found of them."""
    seen = [glimpses.seen(listed.spec, scene) for scene in listed.scenes]
    within = choosing.of_season(seen, event.date, limits.season_days) if event.date else seen
    return [scene for scene in within if 100 * choosing.cloud(scene) <= limits.cloud_pct]


def _nearest(listed: Film, some: Sequence[SceneInfo]) -> list[SceneInfo]:
    middle = listed.spec.event_date or listed.spec.t1
    return sorted(some, key=lambda scene: abs(scene.date - middle))


def _look(listed: Film, some: Sequence[SceneInfo], bar: Any) -> None:
    """Look at scenes one after the other; what was looked at before a stop or a failure stays."""
    in_a_row = 0
    for number, scene in enumerate(some):
        bar.progress(number / len(some), text=f"Looking at {scene.date}, {number + 1} of {len(some)}")
        try:
            glimpses.take(listed.spec, scene)
            in_a_row = 0
        except ScarpError as error:
            in_a_row += 1
            if in_a_row == _GIVEN_UP:
                st.session_state[_TOLD] = faults.told(error)
                return


def _picked() -> None:
    """Take a scene as T1 or T2; a span that would then run backwards is a single day again."""
    which, _, day = str(faults.sent("film", "pick") or "").partition(" ")
    if which not in ("t1", "t2"):
        return
    picked = date.fromisoformat(day)
    own, other = (choices.T1, choices.T1_FROM) if which == "t1" else (choices.T2, choices.T2_TO)
    st.session_state[own] = picked
    far = st.session_state.get(other)
    if far and (far > picked if which == "t1" else far < picked):
        st.session_state[other] = None
    st.session_state[_PICKED] = True
