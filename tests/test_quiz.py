"""A teacher's quiz: what a file may say, how answers are scored and kept, and what the class sees."""

import csv
import json
import os
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import config
from app.config import ROOT
from app.errors import InputError
from app.lessons import bench, classroom, linked, quiz
from app.lessons.course import Answer
from app.lessons.knobs import Knobs

HEAD = 'title = "T"\n[[questions]]\n'
EXAMPLE = quiz.read(ROOT / "docs" / "quiz.toml")
CLICK, CHOOSE, CUT, DRAW = EXAMPLE.questions


def test_the_example_has_a_question_of_each_kind():
    assert [one.kind for one in EXAMPLE.questions] == ["click", "choose", "cut", "draw"]
    assert CHOOSE.options[CHOOSE.right].startswith("The offset") and CHOOSE.knobs.offset


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not toml", "cannot be read as a quiz"),
        ('title = "T"', "needs 1 to 30"),
        (HEAD + 'kind = "sing"\nask = "?"', "its kind is one of"),
        (HEAD + 'kind = "click"', "needs `kind` and `ask`"),
        (HEAD + 'kind = "choose"\nask = "?"\noptions = ["a"]', "2 to 6 `options`"),
        (HEAD + 'kind = "choose"\nask = "?"\noptions = ["a", "b"]\nright = 3', "number of one of them"),
        (HEAD + 'kind = "cut"\nask = "?"\nscene = { fog = 3 }', "no knob fog"),
        (HEAD + 'kind = "cut"\nask = "?"\nscene = { haze = 300 }', "Question 1: The knob haze goes from 0 to 100"),
        (HEAD + 'kind = "cut"\nask = "?"\nscene = { haze = "much" }', "Question 1"),
        (HEAD + 'kind = "cut"\nask = "?"\nscene = 3', "Question 1"),
    ],
)
def test_a_file_that_is_no_quiz_is_a_sentence(tmp_path, text, said):
    (tmp_path / "q.toml").write_text(text, "utf-8")
    with pytest.raises(InputError, match=said):
        quiz.read(tmp_path / "q.toml")


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(InputError, match=r"no quiz at .*none\.toml; check the path"):
        quiz.read(tmp_path / "none.toml")


def test_a_threshold_is_held_against_the_best_with_small_groups_left_out_as_in_the_question():
    knobs = Knobs(how="band-difference:B11", land="fields", aside=2.0, width=100, smallest=2000)
    seen = bench.shot(knobs)
    assert bench.best_f1(seen, knobs.smallest) > 1.2 * bench.best_f1(seen)
    cuts = np.linspace(0.05, 0.3, 20)
    scores = [quiz.score(replace(CUT, knobs=knobs), Answer(knobs, float(cut))) for cut in cuts]
    reached = [bench.counts(seen, float(cut), knobs.smallest).f1 for cut in cuts]
    assert max(scores) == pytest.approx(np.nanmax(reached) / bench.best_f1(seen, knobs.smallest))


def test_answers_are_scored_by_their_kind():
    assert quiz.score(CHOOSE, Answer(CHOOSE.knobs, 0, option=2)) == 1
    assert quiz.score(CHOOSE, Answer(CHOOSE.knobs, 0, option=0)) == 0
    row, column = np.argwhere(bench.shot(CLICK.knobs).scene.truth)[5]
    assert quiz.score(CLICK, Answer(CLICK.knobs, 0, point=(column + 0.5, row + 0.5))) == 1
    assert quiz.score(CLICK, Answer(CLICK.knobs, 0, point=(0, 0))) == 0
    assert quiz.score(DRAW, Answer(DRAW.knobs, 0, outline=((0, 0), (128, 0), (128, 128), (0, 128)))) < 0.1
    cuts = [quiz.score(CUT, Answer(CUT.knobs, cut)) for cut in (0.02, 0.06, 0.4)]
    assert cuts[1] > 0.8 > cuts[0] and cuts[2] == 0
    with pytest.raises(InputError, match="another kind"):
        quiz.score(CLICK, Answer(CLICK.knobs, 0.1))


def test_answers_are_kept_by_name_the_first_counts_and_no_name_is_a_formula(tmp_path):
    table = tmp_path / "class" / "a.csv"
    right, wrong = Answer(CHOOSE.knobs, 0, option=2), Answer(CHOOSE.knobs, 0, option=0)
    quiz.keep(table, EXAMPLE, " Ada  L ", 2, wrong)
    quiz.keep(table, EXAMPLE, "Ada L", 2, right)
    quiz.keep(table, EXAMPLE, "=HYPERLINK(1)", 2, right)
    with table.open(newline="", encoding="utf-8") as held:
        rows = list(csv.DictReader(held))
    assert [row["name"] for row in rows] == ["Ada L", "Ada L", "'=HYPERLINK(1)"] and tuple(rows[0]) == quiz.COLUMNS
    with table.open("a", encoding="utf-8") as out:
        out.write(f"x,{EXAMPLE.id},broken\nx,another,Bob,2,choose,1,a\n")
    assert quiz.shares(EXAMPLE, quiz.kept(table, EXAMPLE))[1] == (2, 0.5)
    with pytest.raises(InputError, match="Type your name"):
        quiz.keep(table, EXAMPLE, "  ", 2, right)


@pytest.fixture
def opened(tmp_path, monkeypatch) -> AppTest:
    monkeypatch.setattr(classroom, "CLASS", classroom.Class("", EXAMPLE, tmp_path / "answers.csv"))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    app.query_params["learn"], app.query_params["step"] = "quiz", "2"
    return app.switch_page("pages/learn.py").run()


def desk(app: AppTest) -> dict:
    (mounted,) = [one for one in app.get("bidi_component") if one.proto.component_name == "scarp_desk"]
    return json.loads(mounted.proto.json)


def test_a_student_answers_once_under_a_name_and_is_not_told_the_truth(opened, tmp_path):
    key = f"quiz.answer.{EXAMPLE.id}.2"
    opened.button(key=f"{key}.2").click().run()
    assert "Type your name first" in opened.error[0].value and not (tmp_path / "answers.csv").exists()
    opened.text_input(key="learn.name").set_value("Ada").run()
    opened.button(key=f"{key}.0").click().run()
    assert not opened.exception and opened.button(key=f"{key}.2").disabled
    assert "Your answer is kept" in opened.success[0].value
    assert desk(opened)["truth"] == "" and desk(opened)["ask"] == ""
    assert "ask for the answer" not in desk(opened)["words"]["unknown"]  # there is none to ask for
    assert [one.name for one in quiz.kept(tmp_path / "answers.csv", EXAMPLE)] == ["Ada"]
    opened.button(key="quiz.next_question").click().run()
    assert desk(opened)["ask"] == "cut" and desk(opened)["handed"]  # no slip of a finger is an answer


@pytest.mark.skipif(os.name == "nt", reason="files have no such modes")
def test_nobody_else_on_the_machine_reads_the_names_of_a_class_in_a_table_of_before_either(tmp_path):
    (tmp_path / "old.csv").touch(mode=0o644)
    for name in ("new.csv", "old.csv"):
        quiz.keep(tmp_path / name, EXAMPLE, "Ada", 2, Answer(CHOOSE.knobs, 0, option=2))
        assert (tmp_path / name).stat().st_mode & 0o007 == 0


def test_a_table_that_is_full_takes_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(quiz, "MOST_TABLE_BYTES", 10)
    quiz.keep(tmp_path / "a.csv", EXAMPLE, "Ada", 2, Answer(CHOOSE.knobs, 0, option=2))
    with pytest.raises(InputError, match=r"a\.csv, is full"):
        quiz.keep(tmp_path / "a.csv", EXAMPLE, "Bo", 2, Answer(CHOOSE.knobs, 0, option=2))


TEXT = linked.write(linked.parse("offset.7.choose-plain.4.click"), "Quiz <b>1</b>")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(classroom, "CLASS", classroom.Class())
    monkeypatch.setenv("SCARP_HOME", str(tmp_path))
    config.settings.cache_clear()
    yield tmp_path
    config.settings.cache_clear()


def learning(**address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    for name, text in address.items():
        app.query_params[name] = text
    return app.switch_page("pages/learn.py").run()


def test_a_quiz_of_a_link_is_answered_in_its_language_and_kept_without_a_file_of_its_own(home):
    app, held = learning(learn="quiz", quiz=TEXT, lang="de"), linked.quiz(linked.read(TEXT), "de")
    assert not app.exception and desk(app)["truth"] == "" and "Frage 1 von 2" in app.get("progress")[0].proto.text
    app.text_input(key="learn.name").set_value("Ada").run()
    app.button(key=f"quiz.answer.{held.id}.1.{held.questions[0].right}").click().run()
    assert not app.exception and not app.error
    assert [(one.name, one.score) for one in quiz.kept(home / classroom.ANSWERS, held)] == [("Ada", 1.0)]
    assert app.query_params["quiz"] in (TEXT, [TEXT])


def test_a_shared_scarp_without_a_class_keeps_no_answers_and_a_broken_link_opens_the_page(home, monkeypatch):
    monkeypatch.setenv("SCARP_SHARED", "on")
    config.settings.cache_clear()
    assert classroom.table_of_links() is None
    app = learning(learn="quiz", quiz=TEXT)
    assert "Nobody collects answers here" in app.warning[0].value and not app.text_input
    broken = learning(learn="quiz", quiz=TEXT[:-2])
    assert not broken.exception and "was cut or changed" in broken.warning[0].value


def test_a_teacher_makes_a_quiz_on_the_page_and_its_link_holds_what_was_chosen(home):
    app = learning(learn="make", title="T" * 100, make="plain.7.cut")
    assert "A title has at most" in app.warning[0].value
    app.selectbox(key="learn.make.scene").set_value("haze").run()
    app.selectbox(key="learn.make.kind").set_value("draw").run()
    app.text_input(key="title").set_value("Mine").run()
    app.button(key="learn.make.add").click().run()
    app.button(key="learn.make.remove.1").click().run()
    assert not app.exception and app.query_params["make"] in ("haze.0.draw", ["haze.0.draw"])
    (shared,) = [one for one in app.get("bidi_component") if "learn=quiz" in one.proto.json]
    found = linked.of_address(json.loads(shared.proto.json)["query"])
    assert found.title == "Mine" and linked.show(found.asked) == "haze.0.draw"
