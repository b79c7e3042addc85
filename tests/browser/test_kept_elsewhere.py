"""What a reader brought or made, in a real browser: in another tab, after a server that was killed, and forgotten."""

import re
import sqlite3

import pytest

from tests.browser.conftest import Window, opened_window
from tests.browser.test_kept import assert_everything, make_everything

pytestmark = pytest.mark.browser


def test_everything_is_there_in_a_second_tab_and_nothing_in_another_browser(own_window, server, browser):
    make_everything(own_window)
    address = own_window.page.url
    page = own_window.page.context.new_page()
    tab = Window(page, server.address)
    page.goto(address)
    tab.settle()
    assert_everything(tab)
    with opened_window(browser, server.address) as other:
        other.open("inventory")
        assert "mine.csv" not in other.text() and "10 events" in other.text()
        other.open()
        assert "Kept for you" not in other.text()


def killed(window, server):
    """Kill the server and wait until the browser has noticed."""
    server.kill()
    window.page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testConnectionState !== 'CONNECTED'"
    )


def test_everything_is_there_when_the_server_was_killed_and_started_again(own_window, server):
    make_everything(own_window)
    killed(own_window, server)
    server.start()
    own_window.settle()
    own_window.page.get_by_text("Landslide", exact=False).first.wait_for()
    assert_everything(own_window)
    own_window.go("Review")
    own_window.page.get_by_role("button", name="Confirmed").click()  # the same again may be half of a double click
    own_window.page.get_by_text("Kept: Confirmed").wait_for()
    with sqlite3.connect(server.home / "review.sqlite") as held:
        told = held.execute("SELECT inventory, event, latitude FROM verdicts").fetchall()
    assert told == [("mine.csv", "N2", 45.9)] * 2


def test_what_is_kept_is_forgotten_at_the_press_of_a_button(own_window, server):
    make_everything(own_window)
    own_window.go("Compare")
    own_window.page.get_by_role("link", name="Start", exact=True).first.click()
    own_window.page.get_by_text("Kept for you").click()
    own_window.page.get_by_text("shapes drawn on 1 patch").wait_for()
    own_window.shoot("kept-card")
    own_window.page.get_by_role("button", name="Forget all of it").click()
    own_window.settle()
    assert "Kept for you" not in own_window.text()
    own_window.until(lambda: not any((server.home / "workspaces").iterdir()), "nothing is kept")
    own_window.page.reload()
    own_window.settle()
    own_window.go("Inventory")
    assert "mine.csv" not in own_window.text()


def test_the_secret_that_finds_it_stands_in_no_page_address_or_log(own_window, server):
    make_everything(own_window)
    (secret,) = [one["value"] for one in own_window.page.context.cookies() if one["name"] == "scarp_workspace"]
    assert re.fullmatch("[0-9a-f]{32}", secret)
    for label in ("Compare", "Inventory", "Review"):
        own_window.go(label)
        assert secret not in own_window.page.content() and secret not in own_window.page.url
    assert secret not in server.log.read_text()
    assert not any(secret in str(path) for path in server.home.rglob("*"))
