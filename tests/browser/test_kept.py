"""What a reader brought or made, in a real browser: after a reload."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window

pytestmark = pytest.mark.browser

CSV = b"id,event_date,latitude,longitude\nN1,2021-05-04,46.5,11.3\nN2,,45.9,10.8\n"
T1, T2 = "2020-05-01", "2020-09-01"


def type_date(window: Window, label: str, day: str) -> None:
    """Type a date into its parts, as a person does."""
    box = window.page.get_by_test_id("stDateInput").filter(has_text=label)
    for part, text in zip(("year", "month", "day"), day.split("-"), strict=True):
        box.get_by_role("spinbutton", name=re.compile(part)).press_sequentially(text)
    window.page.keyboard.press("Escape")  # the calendar takes the next click otherwise
    expect(window.page).to_have_url(re.compile(rf"[?&]{label.lower()}={day}"))  # the run that took it has ended
    window.settle()


def make_everything(window: Window) -> None:
    """Bring an inventory, type an event's dates, draw a box, and give a verdict with a name."""
    window.open("inventory")
    window.bring("mine.csv", CSV)
    for _ in range(2):
        window.page.get_by_role("button", name="Next").click()
        window.settle()
    window.go("Patches")
    type_date(window, "T1", T1)
    type_date(window, "T2", T2)
    window.go("Compare")
    stage = window.page.locator(".stage")
    stage.focus()
    window.page.keyboard.press("b")
    box = stage.bounding_box()
    window.page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    window.page.mouse.down()
    window.page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5, steps=4)
    window.page.mouse.up()
    expect(window.page.get_by_text("1 drawn shape")).to_be_visible()
    window.settle()
    window.go("Review")
    window.page.get_by_label("Your name or initials").fill("A. Expert")
    window.page.get_by_role("button", name="Uncertain").click()
    window.page.get_by_text("Kept: Uncertain").wait_for()
    window.settle()


def assert_everything(window: Window) -> None:
    """Go through the pages and find all of it."""
    side = window.page.get_by_test_id("stSidebar")
    expect(side.get_by_text("Event N2")).to_be_visible()
    expect(side.get_by_text(T1)).to_be_visible()
    window.go("Compare")
    expect(window.page.get_by_text("1 drawn shape")).to_be_visible()
    expect(window.page.locator(".drawn polygon.shape").first).to_be_attached()
    window.go("Review")
    expect(window.page.get_by_label("Your name or initials")).to_have_value("A. Expert")
    window.go("Inventory")
    assert "mine.csv · 2 events" in window.text() and "The link" not in window.text()


def test_everything_is_there_after_a_reload(own_window):
    make_everything(own_window)
    own_window.page.reload()
    own_window.settle()
    assert_everything(own_window)
    own_window.shoot("kept-reload")
