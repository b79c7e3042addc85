"""A teacher's quiz, of a link or a file: one question at a time, answers kept under a typed name, and the results."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from app import config
from app.lessons import bench, classroom, linked, quiz
from app.lessons.course import CHOOSE, Answer
from app.lessons.knobs import usual_cut
from app.lessons.quiz import Question, Quiz
from app.lessons.refusal import Refusal
from app.ui import choices, words
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.learn import desk, parts
from app.ui.learn.bench import told
from app.ui.learn.saying import language, said

_NAME = "learn.name"
_ANSWERED = "held.quiz_answered"  # numbers of the questions this session has answered, by quiz and name


def draw() -> None:
    """Draw the quiz of the link, or the one the class has open, or say how one is opened."""
    text = st.session_state[choices.QUIZ]
    held = linked.quiz(linked.read(text), language()) if text else classroom.CLASS.quiz
    table = classroom.table_of_links() if text else classroom.CLASS.answers
    if held is None:
        st.info(said("page", "no_quiz"), icon=":material/quiz:")
        return
    st.subheader(words.plain(held.title), anchor=False)
    if table is None:
        st.warning(said("making", "nowhere"), icon=":material/quiz:")
        return
    questions, results = st.tabs([said("page", "questions"), said("page", "results")])
    with questions:
        _question(held, table)
    with results:
        _results(held, table)


def _question(held: Quiz, table: Path) -> None:
    number = min(st.session_state[choices.STEP], len(held.questions))
    question = held.questions[number - 1]
    aside, picture = st.container(key="wide").columns([1.25, 3])
    with aside:
        st.text_input(said("page", "name"), key=_NAME, max_chars=quiz.MOST_NAME, **KEEP)
        st.caption(_where(table))
        st.progress(number / len(held.questions), text=said("page", "question", n=number, of=len(held.questions)))
        st.info(words.plain(question.ask), icon=":material/help:")
        done = number in _answered(held)
        if question.kind == CHOOSE:
            for n, option in enumerate(question.options):
                st.button(
                    words.plain(option), key=f"quiz.answer.{held.id}.{number}.{n}", width="stretch", disabled=done,
                    on_click=guarded(_take), args=(held, table, number, Answer(question.knobs, 0.0, option=n)),
                )  # fmt: skip
        if done:
            st.success(said("page", "answered"), icon=":material/check_circle:")
        _steps(number, len(held.questions))
    with picture:
        _desk(held, table, number, question, done)


def _where(table: Path) -> str:
    if classroom.CLASS.address or config.settings().shared:
        return said("page", "name_kept")
    return said("making", "kept_here", table=words.plain(str(table)))


def _steps(number: int, most: int) -> None:
    with st.container(horizontal=True):
        for word, to in (("previous_question", number - 1), ("next_question", number + 1)):
            st.button(
                said("page", word), key=f"quiz.{word}", disabled=not 1 <= to <= most, on_click=guarded(parts.go),
                args=("quiz", to),
            )  # fmt: skip


def _desk(held: Quiz, table: Path, number: int, question: Question, done: bool) -> None:
    seen = bench.shot(question.knobs)
    ask = "" if done or question.kind == CHOOSE else question.kind
    about = f"quiz {held.id} {number}"
    view = desk.DeskView(
        about, question.knobs.colours, usual_cut(question.knobs.how), question.knobs.smallest, ask=ask,
        detects=question.kind in ("cut", CHOOSE), handed=True,
    )  # fmt: skip

    def hear(sent: desk.Heard) -> None:
        if sent.about == about:
            with _told_on_a_phone():
                _take(held, table, number, Answer(question.knobs, sent.cut, point=sent.point, outline=sent.outline))
            st.toast(said("page", "answered"), icon=":material/check_circle:")

    desk.show(seen, view, simulated=question.knobs.simulated, heard=hear)
    told(question.knobs, seen)


@contextmanager
def _told_on_a_phone() -> Iterator[None]:
    """Tell a refusal over the pictures as well: its sentence stands at the top of the page, out of sight there."""
    try:
        yield
    except Refusal as error:
        st.toast(words.plain(error.told(language())), icon=":material/error:")
        raise


def _take(held: Quiz, table: Path, number: int, answer: Answer) -> None:
    if number not in _answered(held):
        if not (st.session_state.get(_NAME) or "").strip():
            raise Refusal("name")
        quiz.keep(table, held, st.session_state.get(_NAME) or "", number, answer)
        _answered(held).add(number)


def _answered(held: Quiz) -> set[int]:
    every: dict[tuple[str, str], set[int]] = st.session_state.setdefault(_ANSWERED, {})
    return every.setdefault((held.id, st.session_state.get(_NAME) or ""), set())


def _results(held: Quiz, table: Path) -> None:
    st.button(said("page", "refresh"), key="quiz.refresh", icon=":material/refresh:")  # any press reads them anew
    shares = quiz.shares(held, quiz.kept(table, held))
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
