"""The lessons: an overview with what is done, and one step at a time with its scene, question, hint and reply."""

import streamlit as st

from app.lessons import bench, classroom, course
from app.lessons.course import CHOOSE, SET, Answer, Judgement, Step
from app.ui import choices, keys
from app.ui.faults import guarded
from app.ui.learn import desk, parts, turning
from app.ui.learn.bench import told
from app.ui.learn.saying import filled, said, words

_A_ROW = 3
_ICONS = {True: ":material/check_circle:", False: ":material/replay:"}  # of an answer that is right


def overview() -> None:
    """Draw a card a lesson, with how much of it is done."""
    _way_in()
    done = _done()
    lessons = list(course.LESSONS.items())
    for start in range(0, len(lessons), _A_ROW):
        for column, (number, (name, steps)) in zip(
            st.columns(_A_ROW), enumerate(lessons[start : start + _A_ROW], start=start + 1), strict=False
        ):
            with column.container(border=True, height="stretch"):
                _card(number, name, steps, done)
    st.caption(said("page", "keep") + " " + said("page", "simulated"))


def _way_in() -> None:
    """Show the address of the class with its code, large enough for a phone at the back of a room."""
    address = classroom.CLASS.address
    if address:
        with st.expander(said("page", "way_in"), icon=":material/qr_code:", expanded=False):
            st.subheader(address, anchor=False)
            st.image(classroom.as_png(address), caption=address)


def _card(number: int, name: str, steps: tuple[Step, ...], done: frozenset[tuple[str, str]]) -> None:
    about = words()["lessons"][name]
    solved = [(name, step.name) in done for step in steps]
    st.subheader(f"{number}. {about['title']}", anchor=False)
    st.markdown(about["about"])
    st.progress(sum(solved) / len(steps), text=said("page", "done", done=sum(solved), steps=len(steps)))
    open_at = solved.index(False) + 1 if not all(solved) else 1
    word = "again" if all(solved) else "resume" if any(solved) else "begin"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            said("page", word), key=f"learn.begin.{name}", on_click=guarded(parts.go), args=(name, open_at),
            type="secondary" if all(solved) else "primary",
        )  # fmt: skip
        st.caption(said("page", "minutes", minutes=about["minutes"]))


def lesson() -> None:
    """Draw the step of the lesson that is open."""
    name = st.session_state[choices.LEARN]
    steps = course.LESSONS[name]
    number = min(st.session_state[choices.STEP], len(steps))
    step = steps[number - 1]
    _set_scene(step)
    about = words()["lessons"][name]
    st.subheader(about["title"], anchor=False)
    st.progress(number / len(steps), text=said("page", "step", step=number, steps=len(steps)))
    aside, picture = st.container(key="wide").columns([1.25, 3])
    with aside:
        _question(step)
        for knob in step.free:
            turning.knob(knob)
        _replies(step, number)
    with picture:
        _desk(step)


def _set_scene(step: Step) -> None:
    """Set the scene of a step that was not open before; what a link says of its knobs stands."""
    at = (step.lesson, step.name)
    before = st.session_state.get(keys.LEARN_AT)
    if before == at:
        return
    st.session_state[keys.LEARN_AT] = at
    linked = before is None and any(name in st.query_params for name in (*parts.KNOBS, choices.CUT))
    if not linked:
        parts.turn(step.knobs, step.start)


def _words(step: Step) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = words()["lessons"][step.lesson]["steps"][step.name]
    return found


def _question(step: Step) -> None:
    about = _words(step)
    st.markdown(f"#### {about['title']}\n\n{about['text']}")
    st.info(about["ask"], icon=":material/help:")
    if step.asks == CHOOSE:
        for n, option in enumerate(about["options"]):
            st.button(
                option, key=f"learn.option.{step.lesson}.{step.name}.{n}", width="stretch",
                on_click=guarded(_take), args=(step, n),
            )  # fmt: skip


def _replies(step: Step, number: int) -> None:
    """Show what was said of the last answer, the way on, and the hint."""
    at, judged, reply = st.session_state.get(keys.LEARN_SAID) or (None, None, "")
    here = at == (step.lesson, step.name)
    if step.asks == SET:
        st.button(said("desk", "check"), key="learn.check", type="primary", on_click=guarded(_take), args=(step,))
    if here and judged is not None:
        (st.success if judged.right else st.warning)(reply, icon=_ICONS[judged.right])
    solved = (step.lesson, step.name) in _done()
    with st.container(horizontal=True):
        if solved:
            _onward(step, number)
        st.button(
            said("page", "hint"), key="learn.hint", icon=":material/lightbulb:", on_click=guarded(_hint), args=(step,)
        )
        st.button(said("page", "reset"), key="learn.reset", icon=":material/refresh:", on_click=guarded(parts.turn),
                  args=(step.knobs, step.start))  # fmt: skip
    if st.session_state.get(keys.LEARN_HINT) == (step.lesson, step.name):
        st.caption(f":material/lightbulb: {_words(step)['hint']}")


def _onward(step: Step, number: int) -> None:
    names = list(course.LESSONS)
    last = number == len(course.LESSONS[step.lesson])
    following = names[names.index(step.lesson) + 1 :]
    if not last:
        label, where = said("page", "next"), (step.lesson, number + 1)
    elif following:
        title = said("lessons", following[0], "title")
        label, where = said("page", "next_lesson", title=title), (following[0], 1)
    else:
        label, where = said("page", "back"), ("course", 1)
    if last:
        st.success(said("page", "finished"), icon=":material/celebration:")
    st.button(label, key="learn.next", type="primary", on_click=guarded(parts.go), args=where)


def _hint(step: Step) -> None:
    st.session_state[keys.LEARN_HINT] = (step.lesson, step.name)


def _desk(step: Step) -> None:
    knobs = parts.knobs()
    seen = bench.shot(knobs)
    about = f"{step.lesson} {step.name} {st.session_state.get(keys.LEARN_TURN, 0)} {knobs.how}"
    asked = step.asks if step.asks not in (CHOOSE, SET) else ""
    view = desk.DeskView(about, knobs.colours, parts.cut(), knobs.smallest, step.known, asked, detects=step.detects)
    desk.show(seen, view, simulated=knobs.simulated, heard=lambda sent: _hear(step, about, sent))
    told(knobs, seen)


def _hear(step: Step, about: str, sent: desk.Heard) -> None:
    if sent.about == about:  # what a browser sends late is of another scene
        st.session_state[choices.CUT] = sent.cut
        right = _judge(step, Answer(parts.knobs(), sent.cut, point=sent.point, outline=sent.outline))
        # on a phone the reply, under the question, is out of sight where the picture was clicked
        st.toast(said("page", "right" if right else "not_yet"), icon=_ICONS[right])


def _take(step: Step, option: int | None = None) -> None:
    _judge(step, Answer(parts.knobs(), _browsers_cut(), option))


def _browsers_cut() -> float:
    """Return the threshold as the browser wrote it into the address, where it did."""
    try:
        return choices.TABLE[choices.CUT].parse(st.query_params[choices.CUT])
    except (KeyError, ValueError):
        return parts.cut()


def _judge(step: Step, answer: Answer) -> bool:
    judged = course.judge(step, answer)
    st.session_state[keys.LEARN_SAID] = ((step.lesson, step.name), judged, _reply(step, answer, judged))
    if judged.right:
        held = _done() | {(step.lesson, step.name)}
        st.session_state[choices.DONE] = course.show_progress(held)
    return judged.right


def _reply(step: Step, answer: Answer, judged: Judgement) -> str:
    about = _words(step)
    if step.asks == CHOOSE and answer.option is not None:
        return str(about["replies"][answer.option])
    return filled(str(about["right" if judged.right else "wrong"]), **judged.figures)


def _done() -> frozenset[tuple[str, str]]:
    return course.read_progress(st.session_state[choices.DONE])
