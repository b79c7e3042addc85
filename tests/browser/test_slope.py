"""The smallest slope on Detect, moved in a real browser, and the ground's pictures in the viewer."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_walk import EVENT

pytestmark = pytest.mark.browser
RISE = "method=band-difference:B04:0.05"


def test_a_smallest_slope_moved_leaves_gentle_ground_out_and_stands_in_the_address(window):
    window.open(f"detect?event={EVENT}&{RISE}&dem=on")
    area = window.page.get_by_test_id("stMetricValue").first
    before = area.inner_text()
    slider = window.page.get_by_role("slider", name="Smallest slope")
    slider.focus()
    window.page.keyboard.press("PageUp")
    window.page.wait_for_url(re.compile(r"min_slope=\d"))
    expect(area).not_to_have_text(before)
    window.page.get_by_text(re.compile(r"on hillsides of [\d.]+° and more")).first.wait_for()
    window.page.get_by_role("tab", name=re.compile("Polygons")).click()
    window.page.get_by_text("docs/TERRAIN.md says how").first.wait_for()
    window.settle()
    window.shoot("smallest-slope")
    assert not window.errors


def test_hillshade_and_slope_are_pictures_of_the_viewer(window):
    window.open(f"compare?event={EVENT}&dem=on&mode=side&left=hillshade&right=slope")
    window.page.get_by_text("Hillshade, light 45° high").first.wait_for()
    window.page.get_by_text("Slope, 0° pale to 45° dark").first.wait_for()
    assert not window.errors
