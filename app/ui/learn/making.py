"""Making a quiz: scenes set beforehand, what is asked of each, and the link that carries all of it."""

from urllib.parse import urlencode

import streamlit as st

from app.lessons import bench, classroom, linked
from app.lessons.knobs import usual_cut
from app.lessons.linked import LinkedQuestion
from app.lessons.quiz import MOST_QUESTIONS
from app.lessons.refusal import Refusal
from app.ui import choices, share
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.learn import desk
from app.ui.learn.bench import told
from app.ui.learn.saying import language, said, words
from app.ui.words import plain, titled

_SCENE, _NUMBER, _KIND = "learn.make.scene", "learn.make.number", "learn.make.kind"


def draw() -> None:
    """Draw what a teacher chooses, the scene chosen, the questions so far and their link."""
    st.markdown(said("making", "about"))
    asked = linked.parse(st.session_state[choices.MAKE])
    aside, picture = st.container(key="wide").columns([1.25, 3])
    with aside:
        chosen = _choose(full=len(asked) >= MOST_QUESTIONS)
        _listed(asked)
    with picture:
        seen = bench.shot(chosen.knobs)
        view = desk.DeskView(
            f"make {linked.show([chosen])}", chosen.knobs.colours, usual_cut(chosen.knobs.how), known=True
        )
        desk.show(seen, view, simulated=True)
        told(chosen.knobs, seen)
    if asked:
        _link(asked)


def _choose(full: bool) -> LinkedQuestion:
    st.text_input(said("making", "title"), key=choices.TITLE, max_chars=linked.MOST_TITLE, **KEEP)
    titles = {name: words()["traps"][name]["title"] for name in linked.SCENES}
    scene = st.selectbox(
        said("making", "scene"), linked.SCENES, key=_SCENE, format_func=titled(titles),
        help=said("traps", st.session_state.get(_SCENE, linked.SCENES[0]), "answer"), **KEEP,
    )  # fmt: skip
    about = words()["knobs"]["scene"]
    number = st.number_input(about["label"], 0, 99, step=1, key=_NUMBER, help=about["help"], **KEEP)
    kind = st.selectbox(
        said("making", "kind"), linked.KINDS, key=_KIND, format_func=titled(words()["kinds"]), **KEEP
    )  # fmt: skip
    chosen = LinkedQuestion(scene, int(number), kind)
    st.button(
        said("making", "add"), key="learn.make.add", type="primary", icon=":material/add:", disabled=full,
        on_click=guarded(_add), args=(chosen,),
    )  # fmt: skip
    if full:
        st.caption(said("making", "full"))
    return chosen


def _add(chosen: LinkedQuestion) -> None:
    asked = linked.parse(st.session_state[choices.MAKE])
    if len(asked) < MOST_QUESTIONS:
        st.session_state[choices.MAKE] = linked.show([*asked, chosen])


def _remove(number: int) -> None:
    asked = linked.parse(st.session_state[choices.MAKE])
    st.session_state[choices.MAKE] = linked.show(one for n, one in enumerate(asked, start=1) if n != number)


def _listed(asked: tuple[LinkedQuestion, ...]) -> None:
    if not asked:
        st.caption(said("making", "none"))
    for n, one in enumerate(asked, start=1):
        scene = said("traps", one.scene, "title")
        with st.container(gap=None):
            st.markdown(
                said("making", "line", n=n, scene=f"**{scene}**", number=one.number, kind=said("kinds", one.kind))
            )
            st.button(
                said("making", "remove", n=n), key=f"learn.make.remove.{n}", icon=":material/close:", type="tertiary",
                on_click=guarded(_remove), args=(n,),
            )  # fmt: skip


def _link(asked: tuple[LinkedQuestion, ...]) -> None:
    try:
        text = linked.write(asked, st.session_state[choices.TITLE])
    except Refusal as error:  # of a title that a link brought
        st.warning(plain(error.told(language())))
        return
    spoken = {choices.LANG: language()} if language() != choices.DEFAULTS[choices.LANG] else {}
    query = urlencode({choices.LEARN: "quiz", **spoken, choices.QUIZ: text})
    st.markdown(f"**{said('making', 'link')}**")
    share.address(f"?{query}", language())
    address = classroom.CLASS.address
    if address:
        with st.expander(said("making", "code"), icon=":material/qr_code:"):
            st.image(classroom.as_png(f"{address}?{query}"), caption=f"{address}?{query}")
