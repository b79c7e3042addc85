"""An event changed on the Inventory page, in a real browser: still there after a reload, and in what is taken away."""

import csv
import io

import pytest

from tests.browser.conftest import Window

pytestmark = pytest.mark.browser

CSV = b"id,event_date,latitude,longitude,category,Remarks\nA,2021-05-04,46.5,11.3,slide,=1+1\nB,,45.9,10.8,fall,quiet\n"


def change(window: Window, **texts: str) -> None:
    """Fill in the form of the chosen event and save it."""
    labels = {"day": "Day, or first to last day", "name": "Your name or initials"}
    for what, text in texts.items():
        window.page.get_by_label(labels[what]).fill(text)
    window.page.get_by_role("button", name="Save the changes").click()
    window.settle()


def taken_away(window: Window) -> list[dict[str, str]]:
    window.page.get_by_role("button", name="Take it away").click()
    with window.page.expect_download() as download:
        window.page.get_by_test_id("stPopoverBody").get_by_role("button", name="CSV").click()
    data = download.value.path().read_bytes()
    assert download.value.suggested_filename == "inventory_mine.csv"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_changed_date_is_there_after_a_reload_and_in_the_table_that_is_taken_away(own_window):
    own_window.open("inventory")
    own_window.bring("mine.csv", CSV)
    own_window.page.get_by_role("button", name="Next").click()
    own_window.settle()
    own_window.page.get_by_text("Change this event").click()
    change(own_window, day="soon", name="A. Expert")
    assert "is no date Scarp can read" in own_window.alerts()
    change(own_window, day="2021-05-03 to 2021-05-05")
    own_window.page.get_by_text("Change this event · 1 change").wait_for()
    own_window.shoot("changed-event")
    own_window.page.reload()
    own_window.settle()
    assert "2021-05-03 to 2021-05-05" in own_window.text()
    first, second = taken_away(own_window)
    assert (first["event_date"], first["changed"], first["changed_by"]) == (
        "2021-05-03/2021-05-05",
        "date",
        "A. Expert",
    )
    assert '"before": "2021-05-04"' in first["change_log"] and first["Remarks"] == "'=1+1"
    assert second["event_date"] == second["changed"] == ""
