"""A teacher's quiz: one question at a time, answers kept under a typed name, and the class's results as a picture."""

import plotly.graph_objects as go
import streamlit as st

from app.errors import InputError
from app.lessons import bench, classroom, quiz
from app.lessons.course import CHOOSE, Answer
from app.lessons.knobs import usual_cut
from app.lessons.quiz import Question, Quiz
from app.ui import choices, words
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.learn import desk, parts
from app.ui.learn.bench import told
from app.ui.learn.saying import said

_NAME = "learn.name"
_ANSWERED = "held.quiz_answered"  # numbers of the questions this session has answered, by quiz and name


def draw() -> None:
    """Draw the quiz that is open, or say how one is opened."""
    held = classroom.CLASS.quiz
    if held is None:
        st.info(said("page", "no_quiz"), icon=":material/quiz:")
        return
    st.subheader(words.plain(held.title), anchor=False)
    questions, results = st.tabs([said("page", "questions"), said("page", "results")])
    with questions:
        _question(held)
    with results:
        _results(held)


def _question(held: Quiz) -> None:
    number = min(st.session_state[choices.STEP], len(held.questions))
    question = held.questions[number - 1]
    aside, picture = st.container(key="wide").columns([1.25, 3])
    with aside:
        st.text_input(said("page", "name"), key=_NAME, max_chars=quiz.MOST_NAME, **KEEP)
        st.caption(said("page", "name_kept"))
        st.progress(number / len(held.questions), text=said("page", "question", n=number, of=len(held.questions)))
        st.info(words.plain(question.ask), icon=":material/help:")
        done = number in _answered(held)
        if question.kind == CHOOSE:
            for n, option in enumerate(question.options):
                st.button(
                    words.plain(option), key=f"quiz.{held.id}.{number}.{n}", width="stretch", disabled=done,
                    on_click=guarded(_take), args=(held, number, Answer(question.knobs, 0.0, option=n)),
                )  # fmt: skip
        if done:
            st.success(said("page", "answered"), icon=":material/check_circle:")
        _steps(number, len(held.questions))
    with picture:
        _desk(held, number, question, done)


def _steps(number: int, most: int) -> None:
    with st.container(horizontal=True):
        for word, to in (("previous_question", number - 1), ("next_question", number + 1)):
            st.button(
                said("page", word), key=f"quiz.{word}", disabled=not 1 <= to <= most, on_click=guarded(parts.go),
                args=("quiz", to),
            )  # fmt: skip


def _desk(held: Quiz, number: int, question: Question, done: bool) -> None:
    seen = bench.shot(question.knobs)
    ask = "" if done or question.kind == CHOOSE else question.kind
    about = f"quiz {held.id} {number}"
    view = desk.DeskView(
        about, question.knobs.colours, usual_cut(question.knobs.how), question.knobs.smallest, ask=ask,
        detects=question.kind in ("cut", CHOOSE),
    )  # fmt: skip

    def hear(sent: desk.Heard) -> None:
        if sent.about == about:
            _take(held, number, Answer(question.knobs, sent.cut, point=sent.point, outline=sent.outline))

    desk.show(seen, view, simulated=question.knobs.simulated, heard=hear)
    told(question.knobs, seen)


def _take(held: Quiz, number: int, answer: Answer) -> None:
    if number not in _answered(held):
        if not (st.session_state.get(_NAME) or "").strip():
            raise InputError(said("page", "name_first"))
        quiz.keep(classroom.CLASS.answers, held, st.session_state.get(_NAME) or "", number, answer)
        _answered(held).add(number)


def _answered(held: Quiz) -> set[int]:
    every: dict[tuple[str, str], set[int]] = st.session_state.setdefault(_ANSWERED, {})
    return every.setdefault((held.id, st.session_state.get(_NAME) or ""), set())


def _results(held: Quiz) -> None:
    st.button(said("page", "refresh"), key="quiz.refresh", icon=":material/refresh:")  # any press reads them anew
    shares = quiz.shares(held, quiz.kept(classroom.CLASS.answers, held))
    names = [f"{n}" for n in range(1, len(shares) + 1)]
    figure = go.Figure(
        go.Bar(
            x=names, y=[100 * mean if count else 0 for count, mean in shares], marker_color="#2b7fae",
            text=[said("page", "answers", n=count) for count, _ in shares], textposition="outside",
        )
    )  # fmt: skip
    figure.update_layout(height=380, margin={"l": 8, "r": 8, "t": 30, "b": 8})
    figure.update_yaxes(title=said("page", "mean"), range=[0, 112])
    figure.update_xaxes(title=said("page", "question_axis"), type="category")
    st.plotly_chart(figure, key="quiz.results")
    for number, question in enumerate(held.questions, start=1):
        st.caption(f"{number}. {words.plain(question.ask)}")
