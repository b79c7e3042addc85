"""A verdict in a real browser: no key keeps one by itself, and a server killed in between takes nothing away."""

import sqlite3

import pytest

from tests.browser.conftest import Server

pytestmark = pytest.mark.browser

OWN = b"id,latitude,longitude,event_date,pre2,post1\nx7,46.5,11.3,2021-07-01,2021-06-01,2021-08-01\n"
NAME, WHY, KEEP = "Your name or initials", "Why (optional)", "Keep this verdict"


def stored(server: Server) -> list[tuple]:
    """Return what the database holds, none where nothing was ever kept."""
    with sqlite3.connect(server.home / "review.sqlite") as held:
        return held.execute("SELECT inventory, event, latitude, event_date, verdict, note FROM verdicts").fetchall()


def fill(window) -> None:
    window.page.get_by_text("Uncertain", exact=True).click()
    window.page.get_by_label(NAME).fill("A. Expert")
    window.page.get_by_label(WHY).fill("half in shadow")


def keep(window) -> None:
    window.page.get_by_role("button", name=KEEP).click()


def test_enter_in_a_text_box_keeps_nothing_and_keep_empties_the_form_but_for_the_name(own_window, server):
    own_window.open("review?event=171")
    assert not own_window.page.locator("input[type=radio]:checked").count()
    fill(own_window)
    for box in (NAME, WHY):
        own_window.page.get_by_label(box).press("Enter")
    own_window.settle()
    assert "0 verdicts on this event" in own_window.text() and stored(server) == []
    own_window.page.get_by_role("button", name=KEEP).dblclick()
    own_window.page.get_by_text("Kept: Uncertain.").wait_for()
    own_window.settle()
    assert "Not kept yet" not in own_window.text() and "1 verdict on this event, 1 in all" in own_window.text()
    assert [one[:2] + one[4:] for one in stored(server)] == [
        ("The built-in list", "171", "uncertain", "half in shadow")
    ]
    assert not own_window.page.locator("input[type=radio]:checked").count()
    assert own_window.page.get_by_label(WHY).input_value() == ""
    assert own_window.page.get_by_label(NAME).input_value() == "A. Expert"
    own_window.shoot("review-kept")


def restarted(window, server) -> None:
    server.kill()
    window.page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testConnectionState !== 'CONNECTED'"
    )
    server.start()
    window.settle()


@pytest.mark.parametrize("own", [False, True], ids=["built in", "a file's"])
def test_a_server_killed_in_the_middle_of_a_review_stores_what_is_shown_and_loses_nothing_typed(
    own_window, server, own
):
    if own:
        own_window.open("inventory")
        own_window.bring("mine.csv", OWN)
        own_window.page.get_by_role("button", name="Next").click()
        own_window.settle()
        own_window.go("Review")
    else:
        own_window.open("review?event=171")
    fill(own_window)
    restarted(own_window, server)
    shown = own_window.text()
    keep(own_window)
    own_window.page.get_by_text("Kept: Uncertain.").wait_for()
    ((inventory, event, latitude, when, verdict, note),) = stored(server)
    assert (event, verdict, note) == ("x7" if own else "171", "uncertain", "half in shadow")
    assert f"event {event} of {inventory}" in shown and f"{latitude:.5f}" in shown and when in shown
    assert (latitude, when) == (46.5, "2021-07-01") if own else inventory == "The built-in list"
