"""``quiz``: a link that opens what was asked for, and the answers of one quiz out of every table that was handed in."""

import csv

import pytest

from app.__main__ import main
from app.lessons import classroom, linked, quiz
from app.lessons.course import Answer

TEXT = linked.write(linked.parse("offset.7.choose"))


def test_a_link_is_made_and_says_what_it_asks(capsys):
    assert main(["quiz", "make", "haze.3.draw", "offset.7.choose", "--title", "T", "--lang", "de"]) == 0
    link = capsys.readouterr().out.strip()
    assert link.startswith("http://127.0.0.1:8501/learn?learn=quiz&lang=de&quiz=") and "haze" not in link
    assert main(["quiz", "show", link]) == 0
    told = capsys.readouterr().out
    assert "1. Haze, scene number 3: Draw around a landslide" in told and "Forgotten offset /" in told


def test_answers_of_one_quiz_are_taken_out_of_several_tables(tmp_path, monkeypatch, capsys):
    held, other = linked.quiz(linked.read(TEXT)), linked.quiz(linked.read(linked.write(linked.parse("haze.1.choose"))))
    for table, name in (("a.csv", "Ada"), ("b.csv", "Bo")):
        quiz.keep(tmp_path / table, held, name, 1, Answer(held.questions[0].knobs, 0, option=held.questions[0].right))
        quiz.keep(tmp_path / table, other, name, 1, Answer(other.questions[0].knobs, 0, option=0))
    tables = ["--table", str(tmp_path / "a.csv"), "--table", str(tmp_path / "b.csv")]
    assert main(["quiz", "answers", TEXT, *tables, "--out", str(tmp_path / "all.csv")]) == 0
    with (tmp_path / "all.csv").open(newline="", encoding="utf-8") as found:
        rows = list(csv.DictReader(found))
    assert [(row["name"], row["score"], row["answer"]) for row in rows] == [
        ("Ada", "1.000", "Forgotten offset"), ("Bo", "1.000", "Forgotten offset"),
    ]  # fmt: skip
    before = (tmp_path / "a.csv").read_bytes()
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    assert main(["quiz", "answers", TEXT, *tables, "--out", str(tmp_path / "link.csv")]) == 2
    assert "those of other quizzes would be lost" in capsys.readouterr().err
    assert (tmp_path / "a.csv").read_bytes() == before
    (tmp_path / "a.csv").rename(tmp_path / classroom.ANSWERS)
    monkeypatch.setenv("SCARP_HOME", str(tmp_path))
    classroom.config.settings.cache_clear()
    assert main(["quiz", "answers", TEXT]) == 0
    assert capsys.readouterr().out.count("Ada") == 1
    classroom.config.settings.cache_clear()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["make", "fog.1.draw"], "There is no scene 'fog'"),
        (["make", "haze.1.draw", "--lang", "fr"], "no lessons in 'fr'"),
        (["make", "haze.1.draw", "--out", "x"], "--table and --out belong"),
        (["show", "nonsense"], "Ask for it again"),
        (["show", "a", "b"], "takes one link"),
        (["show", "a", "--title", "b"], "--title and --address belong"),
        (["answers", "a", "--lang", "de"], "--lang belongs"),
        (["answers", TEXT, "--table", "none.csv"], "no table of answers at none.csv"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_a_sentence(given, said, capsys):
    assert main(["quiz", *given]) == 2
    assert said in capsys.readouterr().err
