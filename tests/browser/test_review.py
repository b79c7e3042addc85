"""Verdicts in a real browser: a key each and the next event; a server killed in between takes nothing away."""

import sqlite3

import pytest

from app.review import VERDICTS
from tests.browser.conftest import Server

pytestmark = pytest.mark.browser

LIST = "\n".join([
    "id,latitude,longitude,event_date,pre2,post1",
    *(f"e{n},{46 + n / 20},{11 + n / 20},2021-07-01,2021-06-01,2021-08-01" for n in range(20)), "",
]).encode()  # fmt: skip
OWN = b"id,latitude,longitude,event_date,pre2,post1\nx7,46.5,11.3,2021-07-01,2021-06-01,2021-08-01\n"
NAME, WHY = "Your name or initials", "Why (optional)"


def stored(server: Server) -> list[tuple]:
    """Return what the database holds, none where nothing was ever kept."""
    with sqlite3.connect(server.home / "review.sqlite") as held:
        return held.execute(
            "SELECT inventory, event, latitude, event_date, verdict, note FROM verdicts ORDER BY id"
        ).fetchall()


def fill(window) -> None:
    window.page.get_by_label(NAME).fill("A. Expert")
    window.page.get_by_label(WHY).fill("half in shadow")


def wait_for_event(window, told: str) -> None:
    window.page.get_by_text(told).wait_for()
    window.settle()


def restarted(window, server) -> None:
    window.settle()  # a run that is cut off is asked for again on its own, in the midst of what the test does next
    server.kill()
    window.page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testConnectionState !== 'CONNECTED'"
    )
    server.start()
    window.settle()


def test_events_are_judged_by_keys_alone_and_a_killed_server_takes_nothing_away(own_window, server):
    """Nothing is kept by Enter or by what is typed into a box; a key is a verdict, and the next event is there."""
    own_window.open("review?event=171")
    fill(own_window)
    for box in (NAME, WHY):
        own_window.page.get_by_label(box).press("Enter")
    own_window.page.get_by_label(WHY).press("End")
    own_window.page.get_by_label(WHY).type(" 12")  # a digit in a box is no key
    own_window.page.get_by_label(WHY).press("Enter")
    own_window.settle()
    assert "0 of 10 events judged" in own_window.text() and stored(server) == []
    own_window.shoot("review")
    own_window.page.get_by_label(WHY).press("Escape")
    own_window.page.get_by_label(WHY).evaluate("box => box.blur()")
    own_window.page.keyboard.press("4")
    wait_for_event(own_window, "1 of 10 events judged")
    assert own_window.page.get_by_label(WHY).input_value() == ""
    restarted(own_window, server)
    own_window.page.keyboard.press("8")
    wait_for_event(own_window, "2 of 10 events judged")
    own_window.page.keyboard.press("u")
    wait_for_event(own_window, "Taken back: Bad label")
    assert "1 of 10 events judged" in own_window.text()
    own_window.page.keyboard.press("1")
    wait_for_event(own_window, "2 of 10 events judged")
    own_window.shoot("review-kept")
    told = stored(server)
    assert [one[4] for one in told] == ["uncertain", "bad-label", "undone", "confirmed"]
    assert told[0][:2] == ("The built-in list", "171") and told[0][5] == "half in shadow 12"
    assert told[1][1] == told[2][1] == told[3][1] != "171"


def test_a_server_killed_before_a_press_stores_what_is_shown_and_loses_nothing_typed(own_window, server):
    own_window.open("inventory")
    own_window.bring("mine.csv", OWN)
    own_window.page.get_by_role("button", name="Next").click()
    own_window.settle()
    own_window.go("Review")
    fill(own_window)
    restarted(own_window, server)
    shown = own_window.text()
    own_window.page.get_by_role("button", name="Uncertain").dblclick()
    own_window.page.get_by_text("Kept: Uncertain").wait_for()
    ((inventory, event, latitude, when, verdict, note),) = stored(server)
    assert (event, verdict, note, latitude, when) == ("x7", "uncertain", "half in shadow", 46.5, "2021-07-01")
    assert f"event {event} of {inventory}" in shown and f"{latitude:.5f}" in shown and when in shown


def test_twenty_events_are_judged_by_keyboard_with_the_server_killed_in_the_middle(own_window, server):
    """Every key is kept once, on the event that was shown, in the order of the list, and what was typed stays."""
    own_window.open("inventory")
    own_window.bring("twenty.csv", LIST)
    own_window.page.get_by_role("button", name="Next").click()
    own_window.settle()
    own_window.go("Review")
    own_window.page.get_by_label(NAME).fill("A. Expert")
    own_window.page.get_by_label(NAME).evaluate("box => box.blur()")
    for n in range(20):
        if n == 10:
            own_window.page.get_by_label(WHY).fill("typed before it was killed")
            own_window.page.get_by_label(WHY).evaluate("box => box.blur()")
            restarted(own_window, server)
        own_window.page.keyboard.press(str(n % 8 + 1))
        own_window.page.get_by_text(f"{n + 1} of 20 events judged").wait_for()
        # what is said of it stands below the buttons: those of the event before hear no key any more
        own_window.page.get_by_test_id("stAlert").filter(has_text=f"event e{n}.").wait_for()
        if n % 5 == 4:
            own_window.settle()
    assert "all are judged" in own_window.text()
    told = stored(server)
    assert [(one[1], one[4]) for one in told] == [(f"e{n}", list(VERDICTS)[n % 8]) for n in range(20)]
    assert [one[5] for one in told if one[5]] == ["typed before it was killed"] and told[10][5]
