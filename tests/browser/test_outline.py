"""An outline is corrected in a real browser: painted, erased, undone, and there after a reload and in another tab."""

import json
import re
import sqlite3
from uuid import uuid4

import pytest

from tests.browser.conftest import Server, Window

pytestmark = pytest.mark.browser

TOLD = ".editor .told"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server for all tests of this module: what is drawn is a window's own, what is kept a reviewer's."""
    made = Server(tmp_path_factory.mktemp("home"))
    made.start()
    yield made
    made.kill()


@pytest.fixture
def reviewer() -> str:
    """A name that no other test has judged under, nor an earlier try of this one."""
    return f"Expert {uuid4().hex[:8]}"


def opened(window: Window) -> None:
    window.open("review?event=171")
    correct(window)


def correct(window: Window) -> None:
    window.page.get_by_text("Correct an outline", exact=True).click()
    window.page.locator(".editor .stage").wait_for()
    window.settle()


def told(window: Window) -> tuple[int, int]:
    """Return how many objects and pixels the editor says are marked."""
    text = window.page.locator(TOLD).inner_text()
    found = re.match(r"(\d+) objects?, ([\d,]+) pixels, ([\d,]+) m²", text)
    return (int(found[1]), int(found[2].replace(",", ""))) if found else (0, 0)


def tool(window: Window, name: str) -> None:
    window.page.locator(".editor").get_by_role("radio", name=name, exact=True).click()


def button(window: Window, name: str):
    return window.page.locator(".editor").get_by_role("button", name=name, exact=True)


def drag(window: Window, *places: tuple[float, float]) -> None:
    """Drag over places of the stage, each as shares of its width and height."""
    box = window.page.locator(".editor .stage").bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    window.page.mouse.move(*points[0])
    window.page.mouse.down()
    for point in points[1:]:
        window.page.mouse.move(*point, steps=8)
    window.page.mouse.up()


def stored(server: Server, reviewer: str) -> list[tuple[str, str, str]]:
    asked = "SELECT event, verdict, geometry FROM verdicts WHERE reviewer = ? ORDER BY id"
    with sqlite3.connect(server.home / "review.sqlite") as held:
        return held.execute(asked, [reviewer]).fetchall()


def test_an_outline_is_painted_erased_undone_and_survives_reload_tab_and_verdict(own_window, server, reviewer):
    opened(own_window)
    drag(own_window, (0.4, 0.4), (0.6, 0.4))
    objects, painted = told(own_window)
    assert objects == 1 and painted > 50
    tool(own_window, "Eraser")
    drag(own_window, (0.5, 0.3), (0.5, 0.5))
    assert told(own_window)[0] == 2 and told(own_window)[1] < painted
    own_window.shoot("outline-brush-eraser")
    button(own_window, "Undo").click()
    assert told(own_window) == (1, painted)
    button(own_window, "Redo").click()
    assert told(own_window)[0] == 2
    own_window.page.locator(".editor .stage").press("Control+z")
    assert told(own_window) == (1, painted)
    own_window.settle()

    other = Window(own_window.page.context.new_page(), own_window.address)
    opened(other)
    assert told(other) == (1, painted)
    tool(other, "Merge")
    drag(other, (0.6, 0.4), (0.6, 0.6))
    more = told(other)
    assert more[0] == 1 and more[1] > painted
    other.settle()
    own_window.page.bring_to_front()
    own_window.page.reload()
    own_window.settle()
    own_window.page.get_by_text("Your corrected outline goes along").wait_for()
    correct(own_window)
    assert told(own_window) == more

    own_window.page.get_by_label("Your name or initials").fill(reviewer)
    own_window.page.get_by_role("button", name="Bad label").click()
    own_window.page.get_by_text("with the corrected outline").wait_for()
    own_window.settle()
    ((event, verdict, geometry),) = stored(server, reviewer)
    held = json.loads(geometry)
    assert (event, verdict, held["type"]) == ("171", "bad-label", "MultiPolygon")
    assert len(held["coordinates"]) == 1 and held["grid"]["width"] > 0
    own_window.shoot("outline-kept")


def test_every_tool_does_what_it_says(own_window):
    opened(own_window)
    drag(own_window, (0.35, 0.5), (0.65, 0.5))
    tool(own_window, "Split")
    drag(own_window, (0.5, 0.4), (0.5, 0.6))
    assert told(own_window)[0] == 2
    tool(own_window, "Merge")
    drag(own_window, (0.45, 0.5), (0.55, 0.5))
    assert told(own_window)[0] == 1
    button(own_window, "Discard").click()
    assert told(own_window) == (0, 0)
    tool(own_window, "Brush")
    drag(own_window, (0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6), (0.4, 0.4))
    _, ring = told(own_window)
    button(own_window, "Fill holes").click()
    _, full = told(own_window)
    assert full > 2 * ring
    tool(own_window, "Corners")
    drag(own_window, (0.5, 0.5), (0.5, 0.5))
    assert own_window.page.locator(".editor .hand circle").count() >= 6
    own_window.shoot("outline-corners")
    box = own_window.page.locator(".editor .hand circle:not(.middle)").first.bounding_box()
    own_window.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    own_window.page.mouse.down()
    own_window.page.mouse.move(box["x"] - 80, box["y"] - 80, steps=5)
    own_window.page.mouse.up()
    assert told(own_window)[1] != full
    tool(own_window, "Polygon")
    stage = own_window.page.locator(".editor .stage").bounding_box()
    for x, y in ((0.26, 0.1), (0.32, 0.1), (0.32, 0.2)):
        own_window.page.mouse.click(stage["x"] + x * stage["width"], stage["y"] + y * stage["height"])
    button(own_window, "Finish").click()
    assert told(own_window)[0] == 2
    tool(own_window, "Snap")
    own_window.settle()
    before, stage = told(own_window), own_window.page.locator(".editor .stage").bounding_box()
    there = (stage["x"] + 0.7 * stage["width"], stage["y"] + 0.75 * stage["height"])
    readout = own_window.page.locator(".editor .readout", has_text="threshold of a click")

    def scored() -> bool:  # a hand that rests is told nothing of a score that comes later
        own_window.page.mouse.move(there[0] - 3, there[1])
        own_window.page.mouse.move(*there)
        return readout.count() == 1

    own_window.until(scored, "the score is here")
    own_window.shoot("outline-snap")
    own_window.page.mouse.click(*there)
    assert told(own_window)[1] > before[1]


def test_an_outline_is_corrected_by_keys_alone(own_window):
    opened(own_window)
    stage = own_window.page.locator(".editor .stage")
    stage.focus()
    for key in ("b", "]", "Enter", "ArrowRight", "ArrowRight", "Enter"):
        stage.press(key)
    objects, pixels = told(own_window)
    assert objects == 1 and pixels > 10
    for key in ("e", "[", "[", "[", "Enter"):
        stage.press(key)
    assert told(own_window)[1] == pixels - 1
    stage.press("Control+z")
    assert told(own_window)[1] == pixels
    own_window.settle()
    assert "0 of 10 events judged" in own_window.text()  # the keys of the page did not hear


def test_the_editor_fits_a_phone_and_a_tablet(own_window):
    opened(own_window)
    drag(own_window, (0.4, 0.4), (0.6, 0.5))
    for width in (1400, 900, 390):
        own_window.page.set_viewport_size({"width": width, "height": 900})
        own_window.settle()
        wide = own_window.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert wide <= width
        own_window.page.locator(".editor .stage").scroll_into_view_if_needed()
        own_window.shoot(f"outline-{width}")


def test_polygons_are_kept_and_dropped_by_a_key_each_with_the_picture_on_each(own_window, server, reviewer):
    own_window.open("review?event=171&judge=polygons&least=3000")
    own_window.page.get_by_label("Your name or initials").fill(reviewer)
    own_window.page.get_by_label("Your name or initials").press("Enter")
    own_window.settle()
    own_window.page.evaluate("document.activeElement.blur()")
    world = own_window.page.locator(".viewer .world").first
    first = world.evaluate("one => one.style.transform")
    assert float(first.split("scale(")[1].rstrip(")")) > 1
    own_window.shoot("polygon-1400")
    own_window.page.keyboard.press("1")
    own_window.page.get_by_text("Kept: ").wait_for()
    own_window.settle()
    assert world.evaluate("one => one.style.transform") != first
    own_window.page.keyboard.press("2")
    own_window.page.get_by_text("Dropped: ").wait_for()
    own_window.settle()
    assert [one[1] for one in stored(server, reviewer)] == ["confirmed", "rejected"]
    own_window.page.keyboard.press("u")
    own_window.page.get_by_text("Taken back: Rejected").wait_for()
    own_window.settle()
    for width in (900, 390):
        own_window.page.set_viewport_size({"width": width, "height": 900})
        own_window.settle()
        wide = own_window.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert wide <= width
        own_window.shoot(f"polygon-{width}")


def test_a_folder_named_on_metrics_is_judged_label_by_label_on_review(own_window, server, reviewer, tmp_path):
    from app.inventory import builtin
    from tests import glad_folder

    glad_folder.write(tmp_path / "labels", builtin(), ("171", "172"))
    own_window.open("metrics?data=folder")
    own_window.page.get_by_label("Folder with VALIDATION or TEST").fill(str(tmp_path / "labels"))
    own_window.page.get_by_label("Folder with VALIDATION or TEST").press("Enter")
    own_window.page.get_by_role("link", name="Judge these labels").click()
    own_window.page.get_by_text("0 of 2 labels judged").wait_for()
    own_window.page.get_by_label("Your name or initials").fill(reviewer)
    own_window.page.get_by_label("Your name or initials").press("Enter")
    own_window.settle()
    own_window.page.get_by_role("button", name="shifted").click()
    own_window.page.evaluate("document.activeElement.blur()")
    own_window.shoot("labels-1400")
    own_window.page.keyboard.press("8")
    own_window.page.get_by_text("1 of 2 labels judged").wait_for()
    own_window.settle()
    ((event, verdict, _),) = stored(server, reviewer)
    assert (event, verdict) == ("171", "bad-label")
    for width in (900, 390):
        own_window.page.set_viewport_size({"width": width, "height": 900})
        own_window.settle()
        own_window.shoot(f"labels-{width}")
