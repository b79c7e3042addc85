"""All seven lessons as a student walks them: each question answered by doing it, first wrongly, then rightly.

They have a target of their own, `make test-lessons`; `make test` walks them without a browser.
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from app.lessons import bench, course
from app.lessons.course import CHOOSE, CLICK, CUT, DRAW, SET, Answer, Step
from app.lessons.knobs import SIDE_PX
from app.lessons.words import said, words
from app.ui import choices
from tests.browser.conftest import Window, opened_window
from tests.test_course import SETTINGS, solved

pytestmark = [pytest.mark.browser, pytest.mark.lessons, pytest.mark.usefixtures("nothing_asked_of_the_outside")]
NAMES = list(course.LESSONS)
GONE_ON_WITH = 2  # the step of each lesson that is opened by its link in another browser
SCRATCH = ((2, 2), (4, 2), (4, 4), (2, 4))  # too small for any landslide


@pytest.fixture
def quiet(window) -> Iterator[Window]:
    """The window, whose console has no error at the end either."""
    told = listened(window)
    yield window
    assert told == []


def listened(window: Window) -> list[str]:
    """Note what the console calls an error, but where Streamlit looks for its server: below the page first."""
    told: list[str] = []

    def note(one) -> None:
        if one.type == "error" and "/learn/_stcore/" not in one.location["url"]:
            told.append(f"{one.text} {one.location['url']}")

    window.page.on("console", note)
    return told


@pytest.mark.parametrize("lesson", NAMES)
def test_a_lesson_is_walked_from_its_card_to_the_next(quiet, browser, address, lesson):
    before = [(step.lesson, step.name) for name in NAMES[: NAMES.index(lesson)] for step in course.LESSONS[name]]
    quiet.open(f"learn?done={course.show_progress(before)}")
    begin(quiet, lesson)
    steps = course.LESSONS[lesson]
    for number, step in enumerate(steps, start=1):
        if number == GONE_ON_WITH:
            with opened_window(browser, address) as elsewhere:
                told = listened(elsewhere)
                elsewhere.page.goto(quiet.page.url)
                elsewhere.settle()
                walk(elsewhere, step)
                assert (elsewhere.outside, elsewhere.errors, told) == ([], [], [])
                assert done(elsewhere) == {*before, *((lesson, one.name) for one in steps[:number])}
        walk(quiet, step)
        onward(quiet, step)
    assert done(quiet) == {*before, *((lesson, step.name) for step in steps)}


def test_a_lesson_that_was_left_begins_where_it_was_left(quiet):
    quiet.open("learn?done=bands.12-season.1234")
    page = quiet.page
    assert [page.get_by_role("progressbar").nth(n).get_attribute("aria-valuenow") for n in (0, 1, 2)] == [
        "50",
        "0",
        "100",
    ]
    page.get_by_role("button", name=said("page", "resume")).click()
    page.get_by_role("heading", name=words()["lessons"]["bands"]["steps"]["find"]["title"]).wait_for()
    quiet.settle()


def begin(window: Window, lesson: str) -> None:
    """Press the button of a lesson's card."""
    window.page.locator(f".st-key-learn-begin-{lesson} button").click()
    titled(window, course.LESSONS[lesson][0])


def walk(window: Window, step: Step) -> None:
    """Answer the open step wrongly, take the hint, then answer rightly; each is told."""
    page, about = window.page, words()["lessons"][step.lesson]["steps"][step.name]
    expect(page.get_by_text(plain(about["ask"]))).to_be_visible()
    expect(page.locator(".st-key-learn-next")).to_have_count(0)
    answer(window, step, wrong(step))
    told(window, about["replies"][wrong(step).option] if step.asks == CHOOSE else about["wrong"])
    assert (step.lesson, step.name) not in done(window)
    page.get_by_role("button", name=said("page", "hint"), exact=True).click()
    expect(page.get_by_text(plain(about["hint"]))).to_be_visible()
    answer(window, step, right(step))
    told(window, about["replies"][step.right] if step.asks == CHOOSE else about["right"])
    window.until(lambda: (step.lesson, step.name) in done(window), "the address says that the step is done")


def onward(window: Window, step: Step) -> None:
    """Go on from a step that is done: to the next one, the next lesson or back to all of them."""
    steps = course.LESSONS[step.lesson]
    if step is steps[-1]:
        expect(window.page.get_by_text(said("page", "finished"))).to_be_visible()
        window.shoot(f"lesson-{step.lesson}")
    window.page.locator(".st-key-learn-next button").click()
    if step is not steps[-1]:
        titled(window, steps[steps.index(step) + 1])
    elif step.lesson != NAMES[-1]:
        titled(window, course.LESSONS[NAMES[NAMES.index(step.lesson) + 1]][0])
    else:
        expect(window.page.locator(f".st-key-learn-begin-{NAMES[0]}")).to_be_visible()


def titled(window: Window, step: Step) -> None:
    """Wait until a step is open."""
    title = words()["lessons"][step.lesson]["steps"][step.name]["title"]
    expect(window.page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    window.settle()


def told(window: Window, text: str) -> None:
    """Wait for a reply, whatever figures it names."""
    pattern = ".+".join(re.escape(part) for part in re.split(r"\{[^}]*\}", plain(text)))
    reply = window.page.get_by_test_id("stAlert").filter(has_text=re.compile(pattern))
    expect(reply.first).to_be_visible()


def plain(text: str) -> str:
    return text.replace("*", "")


def done(window: Window) -> set[tuple[str, str]]:
    return set(course.read_progress(asked(window).get(choices.DONE, "")))


# --- answers --------------------------------------------------------------------------------


def wrong(step: Step) -> Answer:
    """Return an answer that is not right, nor would be a pixel beside: as the step begins, where that can be."""
    begun = Answer(step.knobs, step.start)
    if step.asks == CHOOSE:
        return Answer(step.knobs, step.start, option=(step.right + 1) % 3)
    if step.asks == DRAW:
        return Answer(step.knobs, step.start, outline=SCRATCH)
    return Answer(step.knobs, step.start, point=spot(step, False)) if step.asks == CLICK else begun


def right(step: Step) -> Answer:
    """Return an answer that is right, as one a pixel beside would be."""
    return Answer(step.knobs, step.start, point=spot(step, True)) if step.asks == CLICK else solved(step)


def spot(step: Step, is_right: bool) -> tuple[float, float]:
    """Return the middle of a pixel that is right or wrong, and its neighbours with it."""

    def judged(column: int, row: int) -> bool:
        return course.judge(step, Answer(step.knobs, step.start, point=(column + 0.5, row + 0.5))).right

    around = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    inner = range(2, SIDE_PX - 2, 3)
    return next(
        (column + 0.5, row + 0.5)
        for row in inner for column in inner
        if all(judged(column + x, row + y) is is_right for x, y in around)
    )  # fmt: skip


def answer(window: Window, step: Step, given: Answer) -> None:
    """Give an answer as a hand does."""
    page = window.page
    if step.asks == CHOOSE:
        page.locator(f".st-key-learn-option-{step.lesson}-{step.name}-{given.option} button").click()
    elif step.asks == CLICK:
        page.mouse.click(*places(window, [given.point])[0])
    elif step.asks == DRAW:
        draw(window, list(given.outline))
    else:
        if step.asks == SET and given.knobs != step.knobs:
            turn(window, SETTINGS[step.lesson, step.name][0])
        if given.cut != step.start:
            move(window, bench.shot(given.knobs).step_of(given.cut))
        pressed = page.locator("button.cutting") if step.asks == CUT else page.locator(".st-key-learn-check button")
        pressed.click()


def places(window: Window, pixels: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return where pixels of the image after lie in the window."""
    stage = window.page.locator(".after .stage")
    stage.scroll_into_view_if_needed()
    window.settle()
    box = stage.bounding_box()
    return [(box["x"] + box["width"] * x / SIDE_PX, box["y"] + box["height"] * y / SIDE_PX) for x, y in pixels]


def draw(window: Window, outline: list[tuple[float, float]]) -> None:
    """Draw an outline in one stroke."""
    first, *others = places(window, outline)
    mouse = window.page.mouse
    mouse.move(*first)
    mouse.down()
    for place in others:
        mouse.move(*place)
    mouse.up()


def turn(window: Window, knobs: dict[str, object]) -> None:
    """Turn knobs: a list by choosing, a slider by the keyboard."""
    for name, value in knobs.items():
        about = words()["knobs"][name]
        if name == choices.DAYS:
            slide(window, about["label"], int(value))
        else:
            field = window.page.get_by_role("combobox", name=about["label"])
            field.click()
            field.fill(about["options"][value])
            window.page.get_by_role("option", name=about["options"][value], exact=True).click()
        usual = str(choices.DEFAULTS[name])  # which an address leaves out
        window.until(lambda: asked(window).get(name, usual) == str(value), f"{name} is {value}")  # noqa: B023
        window.settle()


def asked(window: Window) -> dict[str, str]:
    """Return what stands in the address."""
    return {name: said[0] for name, said in parse_qs(urlsplit(window.page.url).query).items()}


def slide(window: Window, label: str, value: int) -> None:
    """Press keys until a slider stands where it shall: an answer of the server's on its way may undo one of them."""
    thumb = window.page.get_by_role("slider", name=label)

    def stands() -> bool:
        now = int(thumb.input_value())
        if now != value:
            thumb.press("ArrowRight" if now < value else "ArrowLeft")
        return now == value == int(asked(window).get(choices.DAYS, choices.DEFAULTS[choices.DAYS]))

    window.until(stands, f"{label} is {value}")


def move(window: Window, step: int) -> None:
    """Drag the threshold near a step of its scores, and press keys for the rest."""
    slider = window.page.locator(".cut input")
    slider.scroll_into_view_if_needed()
    box, mouse = slider.bounding_box(), window.page.mouse
    at = (int(slider.input_value()) - 1) / (bench.STEPS - 1)
    middle = box["y"] + box["height"] / 2
    mouse.move(box["x"] + 8 + at * (box["width"] - 16), middle)
    mouse.down()
    mouse.move(box["x"] + 8 + (step - 1) / (bench.STEPS - 1) * (box["width"] - 16), middle, steps=4)
    mouse.up()
    off = step - int(slider.input_value())
    for _ in range(abs(off)):
        slider.press("ArrowRight" if off > 0 else "ArrowLeft")
    assert int(slider.input_value()) == step
