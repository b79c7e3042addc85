"""What Learn refuses is said in the language of its page, and in English in a terminal."""

import re

import pytest
import streamlit as st

from app.config import ROOT
from app.errors import InputError
from app.lessons import linked, quiz
from app.lessons.course import Answer
from app.lessons.refusal import Refusal
from app.lessons.words import codes, words
from app.ui import choices, faults, keys, link, notes, spoken
from app.ui.learn import desk


def test_a_refusal_is_english_as_a_text_and_told_in_the_language_asked_for():
    with pytest.raises(InputError, match="is not the link of a quiz") as refused:
        linked.read("?")
    assert refused.value.told("de").startswith("Das ist kein Link eines Quiz")
    assert refused.value.told("it").startswith("Questo non è il link di un quiz")
    assert str(refused.value) == refused.value.told()


def test_every_refusal_that_the_code_names_is_among_the_words():
    code = "".join(
        path.read_text("utf-8") for part in ("lessons", "ui") for path in (ROOT / "app" / part).rglob("*.py")
    )
    named = set(re.findall(r'Refusal\(\s*"(\w+)"', code)) | {"no_scene", "no_kind"}
    assert len(named) > 8 and named <= set(words()["refused"])


@pytest.fixture
def german(monkeypatch):
    """A session whose Learn page speaks German; the page it is on can be set in it."""
    held = {choices.LANG: "de", keys.PAGE: spoken.LEARN}
    monkeypatch.setattr(st, "session_state", held)
    return held


def test_a_page_tells_a_refusal_and_what_it_has_no_sentence_for_in_its_language(german):
    with pytest.raises(Refusal) as refused:
        desk.read({"cut": "?"}, (4, 4))
    assert faults.told(refused.value)[1] == "Der Browser hat eine Antwort geschickt, die sich nicht lesen lässt; " \
        "lade die Seite neu."  # fmt: skip
    assert faults.told(RuntimeError("?"))[1].startswith("Etwas ging schief")
    german[keys.PAGE] = "Inventory"
    assert faults.told(RuntimeError("?"))[1] == faults.WORDLESS


@pytest.mark.parametrize("language", codes())
def test_what_a_link_says_wrongly_is_told_in_the_language_it_asks_for(german, monkeypatch, language):
    monkeypatch.setattr(st, "query_params", {"lang": language})
    link._adopt_each({"quiz": "?", "haze": "500"})
    of_quiz, of_haze = notes.take()
    assert Refusal("quiz_none").told(language).rstrip(".") in of_quiz and re.search('["„«]haze["“»]', of_haze)
    assert (
        ("was ignored" in of_quiz)
        == ("was ignored" in of_haze)
        == ("between 0 and 100" in of_haze)
        == (language == "en")
    )


def test_a_table_that_cannot_be_written_is_told_and_the_answer_may_be_given_again(tmp_path):
    held = linked.quiz(linked.read(linked.write(linked.parse("offset.7.choose"))))
    with pytest.raises(InputError, match=r"answers\.csv, cannot be written, so this answer was not kept"):
        (tmp_path / "answers.csv").mkdir()
        quiz.keep(tmp_path / "answers.csv", held, "Ada", 1, Answer(held.questions[0].knobs, 0, option=0))
