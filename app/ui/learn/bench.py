"""The bench: a scene, every knob beside it, and the answer when it is asked for."""

from dataclasses import replace

import streamlit as st

from app.lessons import bench
from app.lessons.knobs import TRAPS, Knobs, usual_cut
from app.lessons.words import ENGLISH
from app.ui import choices, keys
from app.ui.choices import texts
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.learn import desk, parts, turning
from app.ui.learn.saying import language, said, words
from app.ui.words import plain

_PARTS = {  # folded, not tabs: in a narrow column the last of these were out of sight
    "knobs_method": ("how", "colours", "smallest"),
    "knobs_ground": ("land", "scene", "month", "days", "harvest"),
    "knobs_sky": ("haze", "cloud", "missed", "aside", "offset"),
    "knobs_slides": ("scars", "width", "faint"),
}
_ALWAYS = {"how", "colours", "smallest", "land"}  # knobs that turn with the real pair as well
_TRAP = "learn.trap"


def draw() -> None:
    """Draw the bench."""
    _scenes()
    picture, aside = st.container(key="bench").columns([3.1, 1.1])
    with aside:
        _turns(parts.knobs().simulated)
    knobs = parts.knobs()
    seen = bench.shot(knobs)
    with picture:
        known = _answer(knobs)
        view = desk.DeskView(
            f"bench {st.session_state.get(keys.LEARN_TURN, 0)} {knobs.how}", knobs.colours, parts.cut(),
            knobs.smallest, known, offered=True,
        )  # fmt: skip
        desk.show(seen, view, simulated=knobs.simulated)
        told(knobs, seen)


def told(knobs: Knobs, seen: bench.Shot) -> None:
    """Say what a scene is: its dates and sun, and that it is simulated, or that it is real."""
    if knobs.simulated:
        t1, t2 = knobs.dates
        sun1, sun2 = seen.scene.sun_deg
        st.caption(f"{said('page', 'dates', t1=t1, t2=t2, sun1=sun1, sun2=sun2)} {said('page', 'simulated')}")
    else:
        t1, t2 = (one.astype("datetime64[D]") for one in seen.scene.patch["time"].values)
        st.caption(said("page", "real", t1=t1, t2=t2))
    if seen.ran != knobs.how:
        names = words()["knobs"]["how"]["options"]
        st.warning(said("page", "instead", asked=names[knobs.how], ran=names[seen.ran]), icon=":material/swap_horiz:")
    if seen.instead:
        first = "" if language() == ENGLISH else f"{said('refused', 'network')} "
        st.warning(first + plain(seen.instead), icon=":material/swap_horiz:")


def _scenes() -> None:
    """Offer the scenes set beforehand; the one that is on stays marked until a knob is turned."""
    titles = {name: about["title"] for name, about in words()["traps"].items()}
    key = _marked(_trap())
    st.pills(
        said("page", "start_scene"), list(TRAPS), key=key, format_func=titles.__getitem__,
        on_change=guarded(_take), args=(key,), **KEEP,
    )  # fmt: skip


def _marked(trap: str | None) -> str:
    """Mark a scene, or none; returns the key of the pills, another one where a knob has changed the mark.

    A second press may come from a browser that has not heard of that yet: under the old key its mark is no choice.
    """
    times, before = st.session_state.get(keys.LEARN_MARKED, (0, trap))
    times += before != trap
    st.session_state[keys.LEARN_MARKED] = times, trap
    st.session_state[f"{_TRAP}.{times}"] = trap
    return f"{_TRAP}.{times}"


def _trap() -> str | None:
    held = _but_looks(parts.knobs())
    return next((name for name, one in TRAPS.items() if _but_looks(one) == held), None)


def _but_looks(knobs: Knobs) -> Knobs:
    return replace(knobs, how=Knobs().how, colours=Knobs().colours, smallest=0)


def _take(key: str) -> None:
    name = st.session_state.get(key)
    if name is not None:
        times, _ = st.session_state[keys.LEARN_MARKED]
        st.session_state[keys.LEARN_MARKED] = times, name  # the same pills go on, with the focus they have
        parts.turn(TRAPS[name], usual_cut(TRAPS[name].how))
        st.session_state[choices.ANSWER] = texts.OFF


def _turns(simulated: bool) -> None:
    for word, names in _PARTS.items():
        with st.expander(said("page", word), expanded=word == "knobs_method"):
            for name in names:
                turning.knob(name, disabled=not simulated and name not in _ALWAYS)
            if not simulated and not _ALWAYS & set(names):
                st.caption(said("page", "fixed"))


def _answer(knobs: Knobs) -> bool:
    """Let the reader ask for the answer; returns whether it is shown."""
    trap = _trap()
    with st.container(horizontal=True, vertical_alignment="center"):
        known = parts.switch(said("page", "truth"), choices.ANSWER)
        about = words()["traps"].get(trap, {})
        if about:
            st.markdown(about["answer"] if known else about["about"])
    return known
