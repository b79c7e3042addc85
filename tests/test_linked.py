"""A quiz that a link carries: it comes back whole, says nothing to who reads it, and no other text is taken for one."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.lessons import linked, quiz
from app.lessons.knobs import TRAPS
from app.lessons.linked import KINDS, SCENES, LinkedQuestion
from app.lessons.words import words

ASKED = linked.parse("haze.3.draw-plain.4.cut-offset.7.choose-light.99.click")
TEXT = linked.write(ASKED, "Übung 1")
asked = st.builds(LinkedQuestion, st.sampled_from(SCENES), st.integers(0, 99), st.sampled_from(KINDS))


@given(st.lists(asked, min_size=1, max_size=quiz.MOST_QUESTIONS), st.text("aß é1", max_size=linked.MOST_TITLE))
@settings(deadline=None, max_examples=50)
def test_a_quiz_comes_back_from_its_link_and_from_its_plain_text(held, title):
    text = linked.write(held, title)
    found = linked.read(text)
    assert found.asked == tuple(held) == linked.parse(linked.show(held)) and found.title == " ".join(title.split())
    assert len(text) <= linked.MOST_LETTERS


def test_the_largest_quiz_fits_into_a_link():
    assert len(linked.write([ASKED[0]] * quiz.MOST_QUESTIONS, "漢" * linked.MOST_TITLE)) <= linked.MOST_LETTERS


def test_neither_scenes_nor_kinds_nor_the_title_can_be_read_in_a_link():
    data = base64.urlsafe_b64decode(TEXT + "=" * (-len(TEXT) % 4))
    others = [linked.write([LinkedQuestion(scene, 3, "draw")]) for scene in SCENES]
    assert b"bung" not in data and not any(name in TEXT for name in (*SCENES, *KINDS))
    assert len({other[:6] for other in others}) == len(SCENES)  # nor does the same place mean the same


@pytest.mark.parametrize("text", ["", "x" * 501, "haze.3.draw", "é" * 20, TEXT[:-3], TEXT + "AAAA", "A" * 40, "-"])
def test_what_is_no_whole_link_is_a_sentence(text):
    with pytest.raises(InputError, match="Ask for it again"):
        linked.read(text)


def test_a_link_in_which_one_letter_was_changed_is_refused():
    for n in range(len(TEXT)):
        with pytest.raises(InputError, match="Ask for it again"):
            linked.read(TEXT[:n] + ("A" if TEXT[n] != "A" else "B") + TEXT[n + 1 :])


@given(st.binary(max_size=80))
@settings(deadline=None, max_examples=50)
def test_bytes_that_check_out_and_say_nonsense_are_refused(body):
    check = linked.sha256(body).digest()[:4]
    text = base64.urlsafe_b64encode(check + linked._covered(body, check)).rstrip(b"=").decode()
    try:
        found = linked.read(text)
    except InputError:
        return
    assert linked.write(found.asked, found.title) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fog.3.draw", "no scene 'fog'"), ("real.3.draw", "no scene 'real'"), ("haze.3.sing", "no kind of question"),
        ("haze.100.draw", "goes from 0 to 99"), ("haze.x.draw", "write SCENE.NUMBER.KIND"), ("haze", "write SCENE"),
        ("-".join(["haze.3.draw"] * 31), "1 to 30 questions"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_a_sentence(text, said):
    with pytest.raises(InputError, match=said):
        linked.parse(text)


@pytest.mark.parametrize("title", ["x" * 61, "a\x00b", "a‮b"])
def test_a_title_that_cannot_be_shown_is_refused(title):
    with pytest.raises(InputError, match="A title has at most"):
        linked.write(ASKED, title)


def test_what_links_number_is_never_counted_anew():
    """Links that were handed out would mean other scenes."""
    assert SCENES == ("plain", "season", "fields", "cloud", "haze", "aside", "light", "faint", "offset")
    assert KINDS == ("choose", "click", "cut", "draw") and {*SCENES, "real"} == set(TRAPS)
    assert linked.read("_w483NxBywDbKxZ-nv06MevoRM8a_A").asked == ASKED


def test_a_choice_offers_its_scene_once_among_others_the_same_for_everybody_in_any_language():
    (one,) = linked.quiz(linked.read(linked.write([LinkedQuestion("offset", 7, "choose")])), "de").questions
    (other,) = linked.quiz(linked.read(linked.write([LinkedQuestion("offset", 7, "choose")]))).questions
    assert one.right == other.right and len(set(one.options)) == linked.OPTIONS
    assert one.options[one.right] == words("de")["traps"]["offset"]["title"]
    many = linked.quiz(linked.Linked("", tuple(LinkedQuestion("haze", n, "choose") for n in range(9)), ""))
    assert len({one.right for one in many.questions}) > 2


def test_a_quiz_is_found_in_a_whole_address():
    assert linked.of_address(f"http://10.0.0.1:8501/learn?learn=quiz&quiz={TEXT}&lang=de").asked == ASKED
    assert linked.of_address(f" {TEXT} ").title == "Übung 1"
