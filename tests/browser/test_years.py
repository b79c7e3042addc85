"""Over the years in a real browser: a felled patch and standing forest followed, a dot clicked and its scene taken."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_viewer import spot, stage

pytestmark = pytest.mark.browser


def followed(window):
    window.open("compare?source=sample&t1=2017-07-11&t2=2019-07-06")
    follow = window.page.get_by_role("button", name="Follow over the years")
    if follow.count():  # else the server still has the scenes open, from another test
        follow.click()
    window.page.get_by_text("Dots: clear scenes").wait_for()
    window.settle()


def test_a_felled_patch_is_followed_and_a_clicked_dot_becomes_t2(window):
    followed(window)
    stage(window).scroll_into_view_if_needed()
    window.page.mouse.click(*spot(window, 0.58, 0.5))
    window.page.get_by_text(re.compile(r"^Pixel column \d+")).first.wait_for()
    window.settle()
    chart = window.page.locator(".st-key-figure-years")
    chart.scroll_into_view_if_needed()
    window.shoot("years")
    dots = chart.locator(".scatterlayer .trace").first.locator(".points path")
    dots.nth(9).click(force=True)
    window.settle()
    taken = window.page.get_by_role("button", name="Take as T2")
    taken.scroll_into_view_if_needed()
    expect(taken).to_be_enabled()
    taken.click()
    window.page.wait_for_url(re.compile(r"t2=20(17|18)-\d\d-\d\d"))
    window.settle()
    window.page.get_by_text(re.compile(r"^Pixel column \d+")).first.wait_for()  # it went along
    window.page.get_by_role("button", name="Map of when it changed").click()
    window.page.get_by_text("pixels with dates enough show a break").wait_for()
    window.settle()
    window.page.locator(".st-key-figure-years-map").scroll_into_view_if_needed()
    window.shoot("years-map")
    assert not window.errors
    assert not window.outside


def test_the_years_fit_a_smaller_window(window):
    window.page.set_viewport_size({"width": 900, "height": 900})
    followed(window)
    for width in (900, 390):
        window.page.set_viewport_size({"width": width, "height": 900})
        window.settle()
        window.page.locator(".st-key-figure-years").scroll_into_view_if_needed()
        window.shoot(f"years-{width}")
        assert window.page.evaluate("document.documentElement.scrollWidth") <= width
    assert not window.errors
