"""A batch begun on the Inventory page: it outlives its tab and its server, is followed by its folder, and ended."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LONG_WORK_MS, opened_window

pytestmark = pytest.mark.browser


def open_panel(window) -> None:
    window.open("inventory")
    window.page.get_by_text("Batch · methods on").scroll_into_view_if_needed()
    if not window.page.get_by_role("button", name=re.compile("Run 10 events")).is_visible():
        window.page.get_by_text("Batch · methods on").click()
    window.settle()


def test_a_batch_outlives_its_tab_and_its_server_and_is_found_again(browser, server):
    with opened_window(browser, server.address) as window:
        open_panel(window)
        window.shoot("batch-new")
        window.page.get_by_role("button", name="Run 10 events").click()
        window.page.get_by_text(re.compile(r"\d+ of 10 events:")).wait_for()
    server.kill()
    server.start()
    with opened_window(browser, server.address) as window:
        open_panel(window)
        window.page.get_by_role("button", name="Follow another batch").click()
        window.page.get_by_role("button", name="The_built-in_list").click()
        expect(window.page.get_by_label("Folder of a batch")).to_have_count(0)  # it would cover what was chosen
        window.page.get_by_text("10 of 10 events: 10 done").wait_for(timeout=LONG_WORK_MS)
        window.settle()
        expect(window.page.get_by_text("SIMULATED scenes are among the events.")).to_be_visible()
        window.shoot("batch-over")
        assert window.outside == [] and window.errors == []


def test_a_batch_is_ended_with_its_button_and_gone_on_with(browser, server):
    with opened_window(browser, server.address) as window:
        open_panel(window)
        window.page.get_by_role("button", name="Run 10 events").click()
        window.page.get_by_role("button", name="Stop", exact=True).click()
        window.page.get_by_text("It was stopped. Run it again to go on.").wait_for()
        window.settle()
        window.shoot("batch-stopped")
        window.page.get_by_role("button", name="Run 10 events").click()
        window.page.get_by_text("10 of 10 events: 10 done").wait_for(timeout=LONG_WORK_MS)
