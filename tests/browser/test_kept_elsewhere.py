"""What a reader brought or made, in a real browser: in another tab, after a server that was killed, and forgotten."""
# ruff: noqa: F811

import re
import sqlite3

import pytest

from tests.browser.conftest import Window, opened_window
from tests.browser.test_kept import assert_everything, make_everything, server, window  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


def test_everything_is_there_in_a_second_tab_and_nothing_in_another_browser(window, server, browser):
    make_everything(window)
    address = window.page.url
    page = window.page.context.new_page()
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


def test_everything_is_there_when_the_server_was_killed_and_started_again(window, server):
    make_everything(window)
    killed(window, server)
    server.start()
    window.settle()
    window.page.get_by_text("Landslide", exact=False).first.wait_for()
    assert_everything(window)
    window.go("Review")
    window.page.get_by_test_id("stRadio").get_by_text("Cannot tell", exact=True).click()
    window.page.get_by_role("button", name="Keep this verdict").click()
    window.page.get_by_text("Kept: Cannot tell.").wait_for()
    with sqlite3.connect(server.home / "review.sqlite") as held:
        told = held.execute("SELECT inventory, event, latitude FROM verdicts").fetchall()
    assert told == [("mine.csv", "N2", 45.9)] * 2


def test_what_is_kept_is_forgotten_at_the_press_of_a_button(window, server):
    make_everything(window)
    window.go("Compare")
    window.page.get_by_role("link", name="Start", exact=True).first.click()
    window.page.get_by_text("Kept for you").click()
    window.page.get_by_text("shapes drawn on 1 patch").wait_for()
    window.shoot("kept-card")
    window.page.get_by_role("button", name="Forget all of it").click()
    window.settle()
    assert "Kept for you" not in window.text()
    assert not any((server.home / "workspaces").iterdir())
    window.page.reload()
    window.settle()
    window.go("Inventory")
    assert "mine.csv" not in window.text()


def test_the_secret_that_finds_it_stands_in_no_page_address_or_log(window, server):
    make_everything(window)
    (secret,) = [one["value"] for one in window.page.context.cookies() if one["name"] == "scarp_workspace"]
    assert re.fullmatch("[0-9a-f]{32}", secret)
    for label in ("Compare", "Inventory", "Review"):
        window.go(label)
        assert secret not in window.page.content() and secret not in window.page.url
    assert secret not in server.log.read_text()
    assert not any(secret in str(path) for path in server.home.rglob("*"))
