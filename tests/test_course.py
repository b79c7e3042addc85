"""The lessons: every step can be solved, as it begins it is not, and wrong answers are told so."""

import string
from dataclasses import replace

import numpy as np
import pytest

from app.errors import InputError
from app.lessons import bench, course
from app.lessons import words as lessons_words
from app.lessons.course import CHOOSE, CLICK, CUT, DRAW, SET, Answer, Step
from app.lessons.words import filled, languages, words, written

STEPS = [step for steps in course.LESSONS.values() for step in steps]
named = pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.lesson}.{step.name}")
# what a reader would set where a step asks for that
SETTINGS = {
    ("bands", "infrared"): ({"colours": "false-colour"}, None),
    ("season", "same"): ({"days": 365}, None),
    ("cloud", "haze"): ({"how": "band-difference:B12"}, 0.05),
    ("light", "sun"): ({"days": 365}, None),
    ("networks", "run"): ({"how": "onnx:bit"}, 0.2),
    ("networks", "faint"): ({"how": "index-drop:NDVI"}, 0.2),
}


def begun(step: Step, **more) -> Answer:
    return Answer(step.knobs, step.start, **more)


def solved(step: Step) -> Answer:
    """Return an answer that a reader finds."""
    if step.asks == CHOOSE:
        return begun(step, option=step.right)
    if step.asks == SET:
        knobs, cut = SETTINGS[step.lesson, step.name]
        return Answer(replace(step.knobs, **knobs), step.start if cut is None else cut)
    if step.asks == CUT:
        seen = bench.shot(step.knobs)
        cuts = [bench.cut_of(n, seen.highest) for n in range(1, bench.STEPS + 1)]
        return next(a for a in (Answer(step.knobs, cut) for cut in cuts) if course.judge(step, a).right)
    truth = bench.shot(step.knobs).scene.truth
    if step.asks == DRAW:
        return begun(step, outline=_around(truth))
    spots = np.argwhere(np.ones_like(truth))[::7]
    clicks = (begun(step, point=(column + 0.5, row + 0.5)) for row, column in spots)
    return next(click for click in clicks if course.judge(step, click).right)


def _around(truth: np.ndarray) -> tuple[tuple[float, float], ...]:
    from scipy.ndimage import label
    from skimage.measure import find_contours

    labels, _ = label(truth, np.ones((3, 3)))
    largest = labels == 1 + int(np.argmax(np.bincount(labels.ravel())[1:]))
    contour = max(find_contours(np.pad(largest, 1).astype(float), 0.5), key=len) - 1
    return tuple((column + 0.5, row + 0.5) for row, column in contour)


@named
def test_a_step_can_be_solved_and_its_reply_can_be_said(step):
    judged = course.judge(step, solved(step))
    assert judged.right
    if step.asks != CHOOSE:
        about = words()["lessons"][step.lesson]["steps"][step.name]
        for text in (about["right"], about["wrong"]):
            assert "{" not in text.format(**judged.figures)


@named
def test_a_wrong_answer_is_told_so(step):
    if step.asks == CHOOSE:
        options = words()["lessons"][step.lesson]["steps"][step.name]["options"]
        wrong = [begun(step, option=n) for n in range(len(options)) if n != step.right]
    elif step.asks == CLICK:
        wrong = [begun(step, point=(0.5, 0.5))]
    elif step.asks == DRAW:
        wrong = [begun(step, outline=((0, 0), (128, 0), (128, 128), (0, 128))), begun(step, outline=((1, 1), (2, 2)))]
    else:
        wrong = [begun(step)]
    assert wrong and not any(course.judge(step, answer).right for answer in wrong)


def test_an_answer_of_another_kind_is_refused():
    step = course.LESSONS["bands"][0]
    with pytest.raises(InputError, match="another kind"):
        course.judge(step, begun(step, point=(1, 1)))


def test_hits_are_not_shown_where_a_step_asks_to_find_a_landslide():
    for step in STEPS:
        if (step.lesson, step.name) in (("bands", "find"), ("numbers", "draw"), ("cloud", "click")):
            assert not step.known


def test_progress_comes_back_from_its_text_and_nonsense_is_nothing():
    done = {("bands", "look"), ("numbers", "objects"), ("numbers", "draw")}
    text = course.show_progress(done)
    assert course.read_progress(text) == done and text == "bands.1-numbers.45"
    assert course.read_progress("bands.9-x.1-season-..-²") == frozenset()
    every = course.show_progress((step.lesson, step.name) for step in STEPS)
    assert len(every) < 200 and len(course.read_progress(every)) == len(STEPS)


def test_english_german_and_italian_are_there():
    assert languages() == {"en": "English", "de": "Deutsch", "it": "Italiano"} and next(iter(languages())) == "en"


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_language_has_all_words_of_its_own_and_names_the_same_figures_as_english(language):
    english, other = _flat(written("en")), _flat(written(language))  # not `words`, which fills up from English
    assert set(english) == set(other)
    assert {name for name in english if _fields(english[name]) != _fields(other[name])} == set()
    assert all(other.values())


def test_what_a_language_lacks_is_said_in_english_and_figures_are_written_as_it_does(monkeypatch):
    files = {
        "en": {"decimal": ".", "page": {"a": "A", "b": ["1", "2"]}},
        "de": {"decimal": ",", "page": {"b": ["eins"]}},
    }
    monkeypatch.setattr(lessons_words, "written", files.__getitem__)
    monkeypatch.setattr(lessons_words, "words", lessons_words.words.__wrapped__)
    assert lessons_words.words("de") == {"decimal": ",", "page": {"a": "A", "b": ["1", "2"]}}
    assert filled("{f1:.2f} of {n}. {name}", "de", f1=0.5, n=3, name="x.y") == "0,50 of 3. x.y"


def test_every_lesson_and_step_has_its_words_and_no_others_are_there():
    held = words()["lessons"]
    assert list(held) == list(course.LESSONS)
    for lesson, steps in course.LESSONS.items():
        assert list(held[lesson]["steps"]) == [step.name for step in steps]
        for step in steps:
            about = held[lesson]["steps"][step.name]
            needed = {"title", "text", "ask", "hint"}
            assert set(about) == needed | ({"options", "replies"} if step.asks == CHOOSE else {"right", "wrong"})
            assert len(about.get("options", ())) == len(about.get("replies", ()))


def test_a_language_without_a_file_is_refused():
    for name in ("xx", "../en", ""):
        with pytest.raises(InputError, match="no lessons"):
            words(name)


def _flat(held, at: str = "") -> dict[str, str]:
    if isinstance(held, dict):
        return {name: text for key, value in held.items() for name, text in _flat(value, f"{at}.{key}").items()}
    if isinstance(held, list):
        return {name: text for n, value in enumerate(held) for name, text in _flat(value, f"{at}.{n}").items()}
    return {at: str(held)}


def _fields(text: str) -> set[tuple[str, str]]:
    return {(name, how) for _, name, how, _ in string.Formatter().parse(text) if name}
